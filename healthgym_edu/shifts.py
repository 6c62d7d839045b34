"""A game: treat simulated patients by hand, then see what others would have made of them.

    ward = hg.on_call("sepsis")
    ward.play()                  # buttons, in Jupyter; else:
    ward.treat("fluid 181-530, vasopressor 0")

Everybody's chance is drawn beforehand, so the same patients can be treated again by clinicians, by
the guideline and by an agent: twins.  Nobody here is real, and nothing learned here treats anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .conditions import get_mechanism
from .data import Cohort, simulate
from .engine import BLOCK, Chooser, ComposedPolicy, Mechanism, Policy, resolve_policy, with_actions
from .engine.ward import Ward
from .errors import ArgumentError, require_known, require_whole
from .plots import round_chart, twin_plot
from .plots.ordering import figure_html, order_buttons
from .plots.sliding import somebody_can_slide
from .plots.spoken import death_of, ending, goals_of, parts_of, ran, units_of, usual

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
    parts : list of (str, list of str)
        The two parts of an order, each with its levels.
    units : dict of str to str
        In what the levels of a part count, where they are amounts.
    watchers : list of callable
        Called whenever something was ordered, without arguments.
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
        self.parts = parts_of(self.actions)
        self.units = units_of(self.parts, self.mechanism.action_unit)
        self._death, self._words = death_of(self.mechanism.schema)
        self.orders: list[list[int]] = [[] for _ in range(self.patients)]
        self.watchers: list[Callable[[], None]] = []
        everybody = np.arange(self.patients)
        self._beds = Ward(self.mechanism, self.patients)
        self._beds.admit(everybody, self.seed, everybody)
        self._seen = [[self._look(who)] for who in range(self.patients)]
        self._ends: list[str] = []
        self._kept: tuple[Any, Cohort] | None = None

    @property
    def patient(self) -> int:
        """Who waits, from 0; as many as there are, if nobody does."""
        open_ = (np.array([*map(len, self.orders)]) < self.decisions) & ~self._beds.over
        return int(np.argmax(open_)) if open_.any() else self.patients

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
        self._give(self.patient, require_whole("action", action, 0, len(self.actions) - 1))
        return self._told()

    def hand_over(self, policy: Policy = "clinician", everybody: bool = True) -> OnCall:
        """Let somebody else make the decisions that are left, or only those of who waits."""
        made = self._treated(policy).decisions
        assert made is not None  # of a simulated cohort
        for who in range(self.patient, self.patients)[: None if everybody else 1]:
            mine = made.loc[made[self.mechanism.schema.id] == who, "action"].cat.codes
            for action in mine.tolist()[len(self.orders[who]) : self.decisions]:
                self._give(who, action)
        return self._told()

    def view(self) -> pd.DataFrame:
        """Return what was in view at each decision so far, the one that is due last."""
        schema = self.mechanism.schema
        rows = [] if self.over else self._seen[self.patient]
        table = pd.DataFrame([seen for _, seen in rows], columns=self.mechanism.observation_names)
        table.insert(0, schema.step, np.array([step for step, _ in rows], dtype=int))
        table.insert(0, schema.id, self.patient)
        return table

    def usual(self) -> tuple[int, ...]:
        """Return the order that changes nothing, a place for each part."""
        return usual(self.view(), self._ordered(), self.mechanism, self.parts)

    def chart(self) -> Figure:
        """Draw the patient who waits, up to now."""
        if self.over:
            raise ArgumentError("The shift is over: nobody waits. Look at score().")
        title = (
            f"Patient {self.patient + 1} of {self.patients}, "
            f"decision {self.decision + 1} of {self.decisions}"
        )
        mechanism = self.mechanism
        levels, parts, first = ran(self.view(), self._ordered(), mechanism, self.parts)
        until = -(-self.decisions * mechanism.n_steps // mechanism.most_decisions)
        look = self.view(), mechanism.schema, mechanism.bedside, levels, parts, title, until
        units = units_of(parts, mechanism.action_unit)
        return round_chart(*look, goals_of(mechanism), units, first)

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
            rows[name] = {"return": total, "died": int(cohort.patients[self._death][:done].sum())}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("who decided")

    def twins(self, others: Mapping[str, Policy] | None = None) -> dict[str, Cohort]:
        """Return the same patients as you, clinicians, the guideline and others treat them."""
        policies = {**OTHERS, **(others or {})}
        made = {YOU: self._treated()}
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
        goal, _ = goals_of(self.mechanism).get(name, (None, ""))
        title = f"Patient {patient}"  # one more than in the tables
        return twin_plot(self.twins(others), who, name, goal, YOU, ax, title)

    def told(self) -> list[str]:
        """Return a sentence for each patient treated so far: what became of them."""
        for who in range(len(self._ends), self.patient):  # whatever happens to others, it stays
            lived = self._treated()
            assert lived.decisions is not None
            paid = lived.decisions.loc[lived.decisions[lived.schema.id] == who, "reward"].sum()
            became = ending(self._words, lived.patients[self._death].iloc[who])
            self._ends.append(f"Patient {who + 1}: {became}, return {paid:.2f}.")
        return list(self._ends)

    def play(self) -> Any:
        """Return buttons for the shift; itself where nobody could press them."""
        return order_buttons(self) if somebody_can_slide() else self

    def __repr__(self) -> str:
        if self.over:
            return f"A shift of {self.patients} patients, over.\n{self._final()}"
        now = self.view().iloc[-1]
        told = ", ".join(f"{name} {now[name]:.0f}" for name in self.mechanism.bedside)
        return (
            f"Patient {self.patient + 1} of {self.patients}, decision {self.decision + 1} of "
            f"{self.decisions}: {told}. What do you order? For instance "
            f"ward.treat({self.actions[0]!r})"
        )

    def _repr_html_(self) -> str:
        return self.picture() + "".join(f"<p>{line}</p>" for line in self.told())

    def picture(self) -> str:
        """Return the chart as HTML; of a shift that is over, the score."""
        if not self.over:
            return figure_html(self.chart(), repr(self))
        words = "The return is a score of a patient's course, here the mean of all."
        look = {"index": False, "border": 0, "float_format": "%.2f", "col_space": 170}
        table = self._final().reset_index().to_html(justify="left", **look)
        return f"<p><b>The shift is over.</b> {words}</p>{table}"

    def _final(self) -> pd.DataFrame:
        """Return the score under words that explain themselves."""
        words = {"return": "return (higher is better)", "died": f"{self._words}, of {self.patient}"}
        return self.score().round(2).rename(columns=words)

    def _ordered(self) -> list[tuple[int, int]]:
        """Return what was ordered for the patient who waits: a place for each part."""
        orders = [] if self.over else self.orders[self.patient]
        return [divmod(action, len(self.parts[1][1])) for action in orders]

    def _look(self, who: int) -> tuple[int, np.ndarray]:
        return int(self._beds.state.step[who]), self._beds.observation[who].copy()

    def _give(self, who: int, action: int) -> None:
        self._beds.treat(np.array([who]), np.array([action]))
        self.orders[who].append(action)
        self._seen[who].append(self._look(who))

    def _told(self) -> OnCall:
        for show in self.watchers:
            show()
        return self

    def _treated(self, then: Policy = "clinician") -> Cohort:
        """Return the patients as they were treated so far, and by somebody else from then on."""
        policy = _Shift(tuple(map(tuple, self.orders)), then, self.decisions)
        if then != "clinician":
            return self._lived(policy)
        if self._kept is None or self._kept[0] != policy:
            self._kept = policy, self._lived(policy)
        return self._kept[1]

    def _lived(self, policy: Policy) -> Cohort:
        more = {"actions": self.mechanism.action_set}
        return simulate(self.mechanism.condition, self.patients, policy, self.seed, **more)
