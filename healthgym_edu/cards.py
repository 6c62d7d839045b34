"""Result cards: a claim, its interval, the truth beside it, and a verdict, as a figure and as JSON.

An estimate that is told without its uncertainty cannot be judged, and one without its cohort and
seed cannot be computed again.  A card holds all of it.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .data import Cohort
from .errors import ArgumentError
from .files import writing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Card", "card"]

_SIZE = 7.2, 1.7  # inches
_DPI = 152  # shown at half its size, so that it is sharp on a dense screen


@dataclass(frozen=True)
class Card:
    """One estimate, ready to be shown, saved and computed again; made by `card`.

    Attributes
    ----------
    claim : str
        What is estimated, in words.
    estimate, lower, upper : float
        The estimate and its interval, in `unit`.
    level : float
        Coverage that the interval aims at, such as 0.95.
    truth : float or None
        What the simulator knows, in `unit`.
    unit : str
        Of all the numbers.
    recipe : dict
        Where the numbers come from: condition, source, number of patients and seed of the cohort.
    """

    claim: str
    estimate: float
    lower: float
    upper: float
    level: float
    truth: float | None
    unit: str
    recipe: dict[str, Any]
    none: float = 0.0
    """Where there is no effect: 0 for a difference, 1 for a ratio."""

    @property
    def verdict(self) -> str:
        """Whether the interval holds the truth; where it does not, by how much it misses it."""
        if self.truth is None:
            return "The truth is not known here."
        if self.lower <= self.truth <= self.upper:
            return f"The interval holds the truth, {self._said(self.truth)}."
        missed = max(self.lower - self.truth, self.truth - self.upper)
        by = f"{missed:.2g}" if missed < 99.5 else f"{missed:,.0f}"
        told = f"The interval misses the truth, {self._said(self.truth)}, by {by}"
        lower, upper, true = (end - self.none for end in (self.lower, self.upper, self.truth))
        if lower * true < 0 and upper * true < 0:
            wrong = (
                "has the wrong sign" if self.none == 0 else f"is on the wrong side of {self.none:g}"
            )
            return f"{told}, and {wrong}."
        return f"{told}."

    @property
    def sentence(self) -> str:
        """All of the card in words: what a reader of the screen hears in place of the figure."""
        return (
            f"{self.claim}: {self._said(self.estimate)} ({self.level:.0%} interval "
            f"{self._number(self.lower)} to {self._number(self.upper)}). {self.verdict}"
        )

    def figure(self) -> Figure:
        """Draw the estimate as a point, its interval as a line, and the truth as a diamond."""
        from matplotlib.figure import Figure

        fig = Figure(figsize=_SIZE, dpi=_DPI / 2, layout="constrained")
        ax = fig.add_subplot()
        ax.plot([self.lower, self.upper], [0, 0], color="C0", ls="-", lw=4, solid_capstyle="butt")
        ax.plot(self.estimate, 0, "o", color="C0", ms=9)
        self._write(ax, self.estimate, f"estimate {self._number(self.estimate)}", "C0", up=True)
        if self.truth is not None:
            ax.plot(self.truth, 0, "D", color="black", mfc="white", mew=2, ms=9)
            self._write(ax, self.truth, f"truth {self._number(self.truth)}", "black", up=False)
        else:
            told = ax.text(1, 0.98, "truth not known", ha="right", va="top", transform=ax.transAxes)
            told.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0})
        ax.axvline(self.none, color="black", lw=1, ls=":")
        ends = [
            self.none,
            self.lower,
            self.upper,
            self.estimate if self.truth is None else self.truth,
        ]
        room = 0.12 * (max(ends) - min(ends) or 1.0)
        ax.set(xlim=(min(ends) - room, max(ends) + room), ylim=(-1, 1), yticks=[])
        ax.set_xlabel(self.unit)
        ax.spines[["left", "top", "right"]].set_visible(False)
        ax.grid(False)
        fig.suptitle(self.claim, x=0.01, ha="left", fontsize=11, fontweight="bold")
        return fig

    def to_json(self) -> str:
        """Return the card with all that is needed to compute it again, as JSON."""
        told = {
            "claim": self.claim,
            "unit": self.unit,
            "estimate": self.estimate,
            "interval": [self.lower, self.upper],
            "level": self.level,
            "no effect": self.none,
            "truth": self.truth,
            "verdict": self.verdict,
            "cohort": self.recipe,
            "healthgym_edu": __version__,
        }
        return json.dumps(told, indent=1, ensure_ascii=False)

    def save(self, path: str | PathLike[str], overwrite: bool = False) -> Path:
        """Write the card to ``name.json`` or, as a picture, to ``name.png``.

        Raises
        ------
        ArgumentError
            For another ending.
        SourceError
            When the file exists already or cannot be written.
        """
        path = Path(path)
        if path.suffix not in (".json", ".png"):
            raise ArgumentError(f"A card is saved as .json or .png, found {path.name!r}.")
        content = (self.to_json() + "\n").encode() if path.suffix == ".json" else self._png()
        with writing(path, overwrite) as stream:
            stream.write(content)
        return path

    def __str__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the figure in a notebook, and the sentence where there are no figures."""
        width, height = (round(inches * _DPI / 2) for inches in _SIZE)
        bundle = {"text/plain": self.sentence, "image/png": self._png()}
        return bundle, {"image/png": {"width": width, "height": height, "alt": self.sentence}}

    def _png(self) -> bytes:
        drawn = io.BytesIO()
        self.figure().savefig(drawn, format="png", dpi=_DPI)
        return drawn.getvalue()

    def _number(self, value: float) -> str:
        """Write a number with as many digits as the width of the interval makes sensible."""
        width = self.upper - self.lower or abs(self.estimate) or 1.0
        digits = min(max(0, 1 - math.floor(math.log10(width))), 6)
        return f"{value:,.{digits}f}".replace("-", "−")

    def _said(self, value: float) -> str:
        return f"{self._number(value)} {self.unit}".strip()

    def _write(self, ax: Any, x: float, text: str, color: str, *, up: bool) -> None:
        away, side = (12, "bottom") if up else (-12, "top")
        look = {"ha": "center", "va": side, "color": color, "fontsize": 10}
        look["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        ax.annotate(text, (x, 0), (0, away), textcoords="offset points", **look)


def card(
    claim: str,
    *,
    estimate: float,
    interval: tuple[float, float],
    truth: float | None = None,
    unit: str = "",
    cohort: Cohort | None = None,
    level: float = 0.95,
    none: float = 0.0,
) -> Card:
    """Make the result card of an estimate.

    Parameters
    ----------
    claim : str
        What is estimated, in words: ``"Deaths avoided by a large infusion"``.
    estimate : float
        In `unit`.
    interval : (float, float)
        Its lower and its upper end.
    truth : float, optional
        What the simulator knows, from twins or a simulated trial.
    unit : str
        Such as ``"in 100 patients"`` or ``"mmHg"``.
    cohort : Cohort, optional
        The records from which the estimate was computed; its source and seed are kept.
    level : float
        Coverage that the interval aims at.
    none : float
        Where there is no effect: 0 for a difference, 1 for a ratio.

    Returns
    -------
    Card
        In a notebook it shows itself as a figure; ``card.save("name.json")`` keeps it.

    Raises
    ------
    ArgumentError
        No claim, a number that is missing or infinite, or an estimate outside its own interval.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> icu = hg.load_cohort("sepsis", n_patients=50)
    >>> print(hg.card("Deaths avoided", estimate=1.2, interval=(-0.5, 2.9), truth=0.2,
    ...               unit="in 100 patients", cohort=icu))
    Deaths avoided: 1.2 in 100 patients (95% interval −0.5 to 2.9). The interval holds the truth, \
0.2 in 100 patients.
    """
    if not isinstance(claim, str) or not claim.strip():
        raise ArgumentError(f"A card needs a claim in words, found {claim!r}.")
    lower, upper = interval
    told = {"estimate": estimate, "lower end": lower, "upper end": upper}
    if truth is not None:
        told["truth"] = truth
    for name, value in told.items():
        if not isinstance(value, Real) or not math.isfinite(value):
            raise ArgumentError(f"The {name} of a card is one finite number, found {value!r}.")
    if not lower <= estimate <= upper:
        raise ArgumentError(
            f"The estimate, {estimate:g}, lies outside its own interval, {lower:g} to {upper:g}. "
            "Give interval=(lower, upper), in the unit of the estimate."
        )
    if not 0 < level < 1:
        raise ArgumentError(f"level is a share between 0 and 1, such as 0.95; found {level!r}.")
    recipe: dict[str, Any] = {}
    if cohort is not None:
        recipe = {"condition": cohort.condition, "source": cohort.source}
        recipe |= {"n_patients": len(cohort), "seed": cohort.seed}
    known = None if truth is None else float(truth)
    numbers = (float(estimate), float(lower), float(upper), float(level), known)
    return Card(claim.strip(), *numbers, unit, recipe, float(none))
