"""A game: treat simulated patients by hand, then see what others would have made of them.

    ward = hg.on_call("sepsis")
    ward.play()                  # buttons, in Jupyter; else:
    ward.treat("fluid 181-530, vasopressor 0")

Everybody's chance is drawn beforehand, so the same patients can be treated again by clinicians, by
the guideline and by an agent: twins.  Nobody here is real, and nothing learned here treats anybody.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .conditions import get_mechanism
from .data import Cohort, simulate
from .engine import BLOCK, Chooser, ComposedPolicy, Mechanism, Policy, resolve_policy, with_actions
from .errors import ArgumentError, require_known, require_whole
from .plots import round_chart, twin_plot
from .plots.sliding import somebody_can_slide

YOU = "you"
OTHERS: dict[str, Policy] = {"clinicians": "clinician", "guideline": "protocol"}


def on_call(
    condition: str,
    patients: int = 10,
    decisions: int = 12,
    seed: int = 2026,
    actions: str | None = None,
) -> OnCall:
    """Begin a shift: some simulated patients, one after the other.

    Parameters
    ----------
    condition : str
        ``"sepsis"`` or ``"hypotension"``, or another one whose actions have two parts.
    patients : int
        How many, 1 to 100.
    decisions : int
        How many decisions are yours for each; then clinicians go on.
    seed : int
        Other patients with another seed.
    actions : str, optional
        Another set of actions of the condition, such as ``"relative"`` of sepsis.

    Returns
    -------
    OnCall

    Raises
    ------
    ArgumentError
        Another condition, or numbers that cannot be used.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> ward = hg.on_call("hypotension", patients=2, decisions=2)
    >>> ward = ward.treat("fluid 250, vasopressor 0").hand_over("protocol")
    >>> ward.score().index.tolist()
    ['you', 'clinicians', 'guideline']
    """
    return OnCall(condition, patients, decisions, seed, actions)


@dataclass(frozen=True)
class _Shift(ComposedPolicy):
    """What was ordered for the first patients, then somebody, and in the end clinicians."""

    orders: tuple[tuple[int, ...], ...]
    then: Policy
    until: int  # so many decisions of each patient belong to the shift

    def chooser(self, mechanism: Mechanism) -> Chooser:
        most = max(map(len, self.orders), default=0)
        table = np.full((BLOCK, most + 1), -1)
        for who, orders in enumerate(self.orders):
            table[who, : len(orders)] = orders
        then = resolve_policy(mechanism, self.then)

        def choose(state: Any) -> np.ndarray:
            probability = np.array(mechanism.clinician(state))
            early = state.decisions < self.until
            if early.any():
                probability[early] = then(state.those(early))
            ordered = table[state.noise.patients, np.minimum(state.decisions, most)]
            given = np.flatnonzero(ordered >= 0)
            probability[given] = np.eye(len(mechanism.actions))[ordered[given]]
            return probability

        return choose


class OnCall:
    """A shift in which you decide; see `on_call`.

    Attributes
    ----------
    patient, decision : int
        Who waits, from 0, and which decision is due.
    over : bool
        Whether everybody was treated.
    actions : tuple of str
        What can be ordered.
    """

    def __init__(
        self, condition: str, patients: int, decisions: int, seed: int, actions: str | None
    ):
        usual = get_mechanism(condition)
        self.mechanism = usual if actions is None else with_actions(usual, actions)
        self.patients = require_whole("patients", patients, 1, 100)
        self.decisions = require_whole("decisions", decisions, 1, self.mechanism.most_decisions)
        self.seed = require_whole("seed", seed, 0)
        self.actions = self.mechanism.actions
        pairs = [tuple(label.split(", ")) for label in self.actions]
        if any(len(pair) != 2 for pair in pairs) or not self.mechanism.bedside:
            raise ArgumentError(
                f"The actions of {condition} cannot be ordered at a bedside in two parts. Take "
                "'sepsis' or 'hypotension'."
            )
        self.parts = [_part([pair[k] for pair in pairs]) for k in (0, 1)]
        self.orders: list[list[int]] = [[] for _ in range(self.patients)]
        self._advance()

    @property
    def over(self) -> bool:
        """Whether everybody was treated."""
        return self.patient == self.patients

    @property
    def decision(self) -> int:
        """Which decision is due, from 0."""
        return 0 if self.over else len(self.orders[self.patient])

    def treat(self, action: str | int) -> OnCall:
        """Order a treatment for the patient who waits.

        Parameters
        ----------
        action : str or int
            A label among `actions`, or its position.

        Returns
        -------
        OnCall
            Itself; shown in Jupyter, the chart with what happened since.

        Raises
        ------
        ArgumentError
            The shift is over, or there is no such action.
        """
        if self.over:
            raise ArgumentError("The shift is over; look at score(), or begin another one.")
        if isinstance(action, str):
            require_known("action", action, self.actions)
            action = self.actions.index(action)
        self.orders[self.patient].append(require_whole("action", action, 0, len(self.actions) - 1))
        self._advance()
        return self

    def hand_over(self, policy: Policy = "clinician") -> OnCall:
        """Let somebody else make all the decisions that are left."""
        made = self._treated(policy).decisions
        assert made is not None  # of a simulated cohort
        for who in range(self.patient, self.patients):
            mine = made.loc[made[self.mechanism.schema.id] == who, "action"].cat.codes
            self.orders[who] = mine.tolist()[: self.decisions]
        self._advance()
        return self

    def view(self) -> pd.DataFrame:
        """Return what was in view at each decision so far, the one that is due last."""
        seen = self._now.seen
        assert seen is not None  # of a simulated cohort
        mine = seen[seen[self.mechanism.schema.id] == self.patient]
        return mine.iloc[: self.decision + 1].reset_index(drop=True)

    def chart(self) -> Figure:
        """Draw the patient who waits, up to now."""
        if self.over:
            raise ArgumentError("The shift is over: nobody waits. Look at score().")
        n_second = len(self.parts[1][1])
        levels = [divmod(action, n_second) for action in self.orders[self.patient]]
        title = (
            f"Patient {self.patient + 1} of {self.patients}, "
            f"decision {self.decision + 1} of {self.decisions}"
        )
        look = self.view(), self.mechanism.schema, self.mechanism.bedside, levels, self.parts
        return round_chart(*look, title, self._until())

    def score(self, others: Mapping[str, Policy] | None = None) -> pd.DataFrame:
        """Compare what became of the patients with what others would have made of them.

        Parameters
        ----------
        others : mapping of str to policy, optional
            Beside clinicians and the guideline, such as ``{"agent": agent}``: each makes the
            decisions that were yours.

        Returns
        -------
        DataFrame
            By who decided: mean ``return`` of the patients treated so far (more is better), and
            how many ``died``.
        """
        done = self.patient
        if not done:
            raise ArgumentError("Nobody was treated to the end yet.")
        rows = {}
        for name, cohort in self.twins(others).items():
            assert cohort.decisions is not None
            who = cohort.decisions[cohort.schema.id] < done
            total = cohort.decisions[who]["reward"].sum() / done
            death = [column for column in cohort.patients if column.startswith("Died")][-1]
            rows[name] = {"return": total, "died": int(cohort.patients[death][:done].sum())}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("who decided")

    def twins(self, others: Mapping[str, Policy] | None = None) -> dict[str, Cohort]:
        """Return the same patients as you, clinicians, the guideline and others treat them."""
        policies = {**OTHERS, **(others or {})}
        made = {YOU: self._now}
        for name, policy in policies.items():
            shift = _Shift((), policy, self.decisions)
            made[name] = self._lived(shift)
        return made

    def twin_chart(
        self, patient: int, others: Mapping[str, Policy] | None = None, ax: Axes | None = None
    ) -> Axes:
        """Draw a patient's course as you and others treated it; ``patient`` counts from 1."""
        who = require_whole("patient", patient, 1, max(1, self.patient)) - 1
        name = self.mechanism.bedside[0]
        return twin_plot(self.twins(others), who, name, strong=YOU, ax=ax)

    def play(self) -> Any:
        """Return buttons for the shift; itself where nobody could press them."""
        return _buttons(self) if somebody_can_slide() else self

    def __repr__(self) -> str:
        if self.over:
            return f"A shift of {self.patients} patients, over.\n{self.score().round(2)}"
        now = self.view().iloc[-1]
        told = ", ".join(f"{name} {now[name]:.0f}" for name in self.mechanism.bedside)
        return (
            f"Patient {self.patient + 1} of {self.patients}, decision {self.decision + 1} of "
            f"{self.decisions}: {told}. What do you order? For instance "
            f"ward.treat({self.actions[0]!r})"
        )

    def _repr_html_(self) -> str:
        if self.over:
            return f"<p>The shift is over.</p>{self.score().round(2).to_html()}"
        return f'<img alt="{self!r}" src="data:image/png;base64,{_picture(self.chart())}">'

    def _advance(self) -> None:
        """Go on to the next patient where nothing is left to decide for this one."""
        self._now = self._treated()
        assert self._now.decisions is not None
        due = self._now.decisions.groupby(self.mechanism.schema.id).size()
        open_ = [
            len(orders) < min(self.decisions, due.get(who, 0))
            for who, orders in enumerate(self.orders)
        ]
        self.patient = open_.index(True) if any(open_) else self.patients

    def _until(self) -> int | None:
        """Return the step of the first decision that is not yours, the latest of the patients."""
        seen, schema = self._now.seen, self.mechanism.schema
        assert seen is not None  # of a simulated cohort
        steps = seen.groupby(schema.id)[schema.step].nth(self.decisions)
        return int(steps.max()) if len(steps) else None

    def _treated(self, then: Policy = "clinician") -> Cohort:
        """Return the patients as they were treated so far, and by somebody else from then on."""
        orders = tuple(map(tuple, self.orders))
        policy = _Shift(orders, then, self.decisions)
        return self._lived(policy)

    def _lived(self, policy: Policy) -> Cohort:
        more = {"actions": self.mechanism.action_set}
        return simulate(self.mechanism.condition, self.patients, policy, self.seed, **more)


def _part(labels: list[str]) -> tuple[str, list[str]]:
    """Return the name of a part of an order, and its levels."""
    name = labels[0].split(" ")[0]
    return name, list(dict.fromkeys(label.removeprefix(f"{name} ") for label in labels))


def _picture(figure: Figure) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=90)
    plt.close(figure)
    return base64.b64encode(stream.getvalue()).decode()


def _buttons(ward: OnCall) -> Any:
    """Return the chart with a row of buttons for each part of an order."""
    import ipywidgets as widgets
    from IPython.display import display

    picture = widgets.Output()
    levels = [
        widgets.ToggleButtons(
            options=[(label, place) for place, label in enumerate(labels)],
            description=name,
            style={"button_width": "auto"},
        )
        for name, labels in ward.parts
    ]
    give = widgets.Button(description="Give", button_style="primary")

    def show() -> None:
        with picture:
            picture.clear_output(wait=True)
            if ward.over:
                display(ward)
                return
            figure = ward.chart()
            display(figure)
            plt.close(figure)

    def order(_: Any) -> None:
        first, second = (buttons.value for buttons in levels)
        ward.treat(first * len(ward.parts[1][1]) + second)
        give.disabled = ward.over
        show()

    give.on_click(order)
    show()
    return widgets.VBox([picture, *levels, give])
