"""A report card of a synthetic cohort: one figure, one page, one plain sentence a judgement."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .._version import __version__
from ..data import Cohort
from ..errors import ArgumentError
from ..files import writing
from .fidelity import fidelity
from .judging import JUDGES
from .privacy import privacy
from .utility import utility

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORST = 12  # rows of a table on the page
NOBODY_PROUD = (
    "A word of caution: two independent draws of the same 2,000 people score .99 in SDMetrics' "
    "Quality Report (ART .986, sepsis .989, hypotension .994), and columns that have nothing to do "
    "with each other still .83 to .89. A score of .95 there is no praise."
)
STYLE = """
body { font-family: system-ui, sans-serif; line-height: 1.5; color: #1F2D3A; margin: 0 auto;
  max-width: 52rem; padding: 1rem; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
.wide { overflow-x: auto; }
th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid #D3D9DE; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.picture { overflow-x: auto; }
@media (max-width: 600px) { .picture img { max-width: none; width: 560px; } }
.verdict { font-size: 1.1rem; border-left: 4px solid #0072B2; padding-left: 0.8rem; }
"""


@dataclass(frozen=True)
class Report:
    """What was found about a synthetic cohort; made by `report`.

    Attributes
    ----------
    title : str
    fidelity, utility : DataFrame
    privacy : DataFrame or None
        None where there was no holdout.
    sentences : dict of str to str
        One plain sentence for each of ``"fidelity"``, ``"utility"``, ``"privacy"``.
    """

    title: str
    fidelity: pd.DataFrame
    utility: pd.DataFrame | None
    privacy: pd.DataFrame | None
    sentences: dict[str, str]

    def figures(self) -> dict[str, Figure]:
        """Draw what was found, one figure a judgement."""
        from ..plots import fidelity_plot, privacy_plot, utility_plot

        axes: dict[str, Axes] = {}
        if self.utility is not None and (self.utility["metric"] == "AUROC on real people").any():
            axes["utility"] = utility_plot(self.utility)
        if self.privacy is not None:
            axes["privacy"] = privacy_plot(self.privacy)
        drawn = {"fidelity": fidelity_plot(self.fidelity)}
        for name, ax in axes.items():
            figure = ax.get_figure(root=True)
            assert figure is not None
            drawn[name] = figure
        return drawn

    def html(self) -> str:
        """Return the page, which opens by itself: pictures are in it, and have words for those
        who do not see them."""
        import matplotlib.pyplot as plt

        drawn = self.figures()
        tables = {"fidelity": self._worst(), "utility": self.utility, "privacy": self.privacy}
        parts = []
        for name, sentence in self.sentences.items():
            parts.append(f"<h2>{name.capitalize()}</h2>")
            parts.append(f'<p class="verdict">{html.escape(sentence)}</p>')
            if name in drawn:
                parts.append(_picture(drawn[name], sentence))
            if name == "fidelity":
                parts.append(f"<p>{NOBODY_PROUD}</p><h3>Where it differs most, beyond chance</h3>")
            table = tables[name]
            if table is not None:
                parts.append(f'<div class="wide">{_table(table)}</div>')
        for figure in drawn.values():
            plt.close(figure)
        title = html.escape(self.title)
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>"
            "<p>Each number stands between the best and the worst that can be expected: two fresh "
            "draws of the same people, and columns that have nothing to do with each other. For "
            "learning and for testing methods; nothing here treats anybody.</p>"
            f"{''.join(parts)}<p><small>healthgym_edu {__version__}</small></p></body></html>\n"
        )

    def save(self, path: str | PathLike[str], overwrite: bool = False) -> Path:
        """Write the page to a file.

        Raises
        ------
        SourceError
            The file exists already or cannot be written.
        """
        path = Path(path)
        with writing(path, overwrite) as stream:
            stream.write(self.html().encode())
        return path

    def __str__(self) -> str:
        return "\n".join(f"{name.capitalize()}: {told}" for name, told in self.sentences.items())

    def _worst(self) -> pd.DataFrame:
        """Numbers that are farther from the ideal than chance explains, the farthest first."""
        table = self.fidelity.dropna(subset="value")
        off = (table["value"] - table["ideal"]).abs()
        usual = (table["ceiling"] - table["ideal"]).abs().fillna(0)
        reach = (table["upper"] - table["lower"]).fillna(usual).clip(lower=1e-3)
        order = ((off - usual) / reach).sort_values(ascending=False).index
        return table.loc[order].head(WORST)


def report(
    train: Cohort,
    synthetic: Cohort,
    holdout: Cohort | None = None,
    *,
    judges: Iterable[str] = tuple(JUDGES),
    replicates: int = 100,
    seed: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Judge a synthetic cohort: fidelity, utility and privacy, in one report.

    Parameters
    ----------
    train : Cohort
        Whom the generator learned from.
    synthetic : Cohort
    holdout : Cohort, optional
        People whom it has not met. Without them fidelity is that to the train part, utility
        cannot be tried on people whom nobody has met, and privacy cannot be judged; the report
        says so.
    judges : iterable of str
        As for `fidelity`; at least one.
    replicates, seed : int
        Bootstrap by patient.
    progress : callable, optional
        Is told what is being done.

    Returns
    -------
    Report
        ``print(report)`` shows the sentences; ``report.save("report.html")`` the page.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train, holdout = hg.load_cohort("hypotension", n_patients=200).split(0.5)
    >>> made = train.fresh(100, seed=8)
    >>> card = hg.evaluation.report(train, made, holdout, judges=["P"], replicates=0)
    >>> sorted(card.sentences)
    ['fidelity', 'privacy', 'utility']
    """
    asked = tuple(judges)
    if not asked:
        raise ArgumentError(f"A report needs a judge: one of {', '.join(map(repr, JUDGES))}.")
    say = progress or (lambda told: None)
    real = train if holdout is None else holdout
    say("fidelity")
    found = fidelity(real, synthetic, judges=asked, replicates=replicates, seed=seed)
    told = {"fidelity": _of_fidelity(found)}
    useful = secret = None
    if holdout is None:
        told["utility"] = told["privacy"] = (
            "Not judged: that takes people whom the generator has not met. Hold some back with "
            "cohort.split() before you train, and pass them as holdout."
        )
    else:
        asked_for: dict[str, Any] = {"replicates": replicates, "seed": seed}
        say("utility")
        try:
            useful = utility(train, synthetic, holdout, **asked_for)
            told["utility"] = _of_utility(useful)
        except ArgumentError as error:  # too few people, no task: the page says so
            told["utility"] = f"Not judged. {error}"
        say("privacy")
        try:
            secret = privacy(train, synthetic, holdout, **asked_for)
            told["privacy"] = _of_privacy(secret)
        except ArgumentError as error:
            told["privacy"] = f"Not judged. {error}"
    title = f"Report on {synthetic.source}: {len(synthetic):,} patients, {synthetic.schema.title}"
    return Report(title, found, useful, secret, told)


def _of_fidelity(table: pd.DataFrame) -> str:
    judged = table[table["metric"].isin(JUDGES.values())].set_index("metric")
    hardest = judged["value"].idxmax()
    value, ceiling = judged.loc[hardest, "value"], judged.loc[hardest, "ceiling"]
    name = hardest.removeprefix("AUC of ").removeprefix("a ")
    if value < ceiling + 0.05:
        return (
            f"No judge tells these patients from real ones better than two fresh draws from each "
            f"other (the best of them, {name}: {value:.2f}; fresh draws {ceiling:.2f})."
        )
    return (
        f"{name[0].upper()}{name[1:]} picks the synthetic one of a pair in {value:.0%} of pairs; "
        f"of two fresh draws it would in {ceiling:.0%}, and by guessing in half."
    )


def _of_utility(table: pd.DataFrame) -> str:
    first = table.iloc[0]
    worst = table[table["metric"] == "AUROC, worst group"]
    told = (
        f'A model for "{first["question"]}" that learned on synthetic people has an AUROC of '
        f"{first['synthetic']:.2f} on real ones; learned on real people, {first['real']:.2f}."
    )
    if len(worst):
        one = worst.iloc[0]
        told += f" The group that loses most is {one['group']} ({one['difference']:+.2f})."
    return told


def _of_privacy(table: pd.DataFrame) -> str:
    rows = table.set_index(["attack", "metric"])["value"]
    found = rows.xs("found at 1 % false alarms", level="metric").max()
    auc = rows.xs("AUC", level="metric").max()
    near = rows["copies", "exact and near copies"]
    copies = f" {near:,.0f} synthetic patients are copies of one, or nearly." if near else ""
    if auc < 0.55 and found < 0.03 and not near:
        return (
            "No attack that was tried finds the people it was made from (best AUROC "
            f"{auc:.2f}, {found:.1%} named at 1 % false alarms). Others may."
        )
    return (
        f"People it was made from can be found: the best attack has an AUROC of {auc:.2f} and "
        f"names {found:.0%} of them at 1 % false alarms.{copies} Do not release it."
    )


def _picture(figure: Figure, words: str) -> str:
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=130, bbox_inches="tight")
    data = base64.b64encode(drawn.getvalue()).decode()
    source = f"data:image/png;base64,{data}"
    return f'<p class="picture"><img alt="{html.escape(words)}" src="{source}"></p>'


def _table(table: pd.DataFrame) -> str:
    """A table as HTML, numbers with three digits, in columns that line up."""
    table = table.dropna(axis=1, how="all")
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in table.columns)
    rows = []
    for row in table.itertuples(index=False):
        cells = []
        for value in row:
            if isinstance(value, str):
                cells.append(f"<td>{html.escape(value)}</td>")
            else:
                told = "" if pd.isna(value) else f"{value:,.3g}"
                cells.append(f'<td class="number">{told.replace("-", "−")}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
