"""A simulated randomised trial: the same mechanism, without the clinician's choices.

Everyone is naive and assigned a regimen.  Adherence is that of trial participants.  A side
effect makes people stop at their next visit, some withdraw, and whoever stopped counts as a
failure (the FDA snapshot), so the trial answers what the regimen does to those assigned to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...engine import Mechanism, simulate_tables
from ...errors import require_known
from .parameters import DETECTION_LIMIT, Parameters

WEEK_48 = 11
"""Month closest to week 48 (week 47.8)."""


def trial_parameters(parameters: Parameters) -> Parameters:
    """Return the constants of a trial: naive people, trial-like adherence, 3-monthly visits.

    Baseline follows SINGLE (log10 VL about 4.7, CD4 about 340); adherence, withdrawal for other
    reasons (about 3 % a year) and visits are assumed.
    """
    return replace(
        parameters,
        naive_share=1.0, setpoint_mean=4.72, setpoint_sd=0.65,
        adherence_mean=4.7, adherence_sd=0.8, adherence_drift=0.6, disengage=0.0025, reengage=0.0,
        visit_interval=3, visit_interval_untreated=3, vl_at_visit=1.0,
        toxicity=1.0, transmitted_nrti=0.0, transmitted_nnrti=0.0,
    )  # fmt: skip


@dataclass(frozen=True)
class AssignedRegimen:
    """A policy: the assigned regimen until a side effect, then no treatment."""

    mechanism: Mechanism
    action: int

    def __call__(self, observations: np.ndarray) -> np.ndarray:
        """Return action probabilities, shape (k, n_actions)."""
        seen = dict(zip(self.mechanism.observation_names, observations.T, strict=True))
        stopped = (seen["treated before"] > 0) & (seen["regimen"] == 0)
        stop = stopped | (seen["intolerance"] > 0)
        return np.eye(len(self.mechanism.actions))[np.where(stop, 0, self.action)]


@dataclass(frozen=True)
class TrialArm:
    """Results of one arm.

    Attributes
    ----------
    regimen : str
        What was assigned.
    frame : DataFrame
        The records, one row per person and month.
    on_assigned : ndarray of bool, shape (n, 60)
        Still prescribed the assigned regimen.
    """

    regimen: str
    frame: pd.DataFrame
    on_assigned: np.ndarray

    @property
    def viral_load(self) -> np.ndarray:
        """Copies/mL, shape (n, 60)."""
        return self.frame["VL"].to_numpy().reshape(len(self.on_assigned), -1)

    @property
    def suppressed(self) -> np.ndarray:
        """Below the detection limit, shape (n, 60)."""
        return self.viral_load < DETECTION_LIMIT

    def snapshot(self, month: int = WEEK_48) -> float:
        """Share suppressed and still on the assigned regimen (FDA snapshot)."""
        return float((self.suppressed & self.on_assigned)[:, month].mean())

    def stopped(self, month: int = WEEK_48) -> float:
        """Share who stopped because of a side effect by ``month``."""
        return float(1 - self.on_assigned[:, month].mean())

    def median_time_to_suppression(self) -> float:
        """Median months from start to the first VL below the limit (nan if not reached)."""
        first = np.where(self.suppressed.any(axis=1), self.suppressed.argmax(axis=1), np.inf)
        return float(np.median(first))

    def cd4_gain(self, start: int, end: int) -> float:
        """Mean CD4 change from ``start`` to ``end`` among those suppressed at ``end``."""
        cd4 = self.frame["CD4"].to_numpy().reshape(self.on_assigned.shape)
        kept = (self.suppressed & self.on_assigned)[:, end]
        return float((cd4[kept, end] - cd4[kept, start]).mean())


def snapshot_trial(
    mechanism: Any,
    regimens: tuple[str, ...] = ("3TC + ABC + DTG", "FTC + TDF + EFV"),
    n_per_arm: int = 2000,
    seed: int = 0,
) -> dict[str, TrialArm]:
    """Randomise naive people to regimens; arms are independent people.

    Parameters
    ----------
    mechanism : Mechanism
        That of ART; its parameters are changed to those of a trial.

    Raises
    ------
    ArgumentError
        If a regimen is not among the mechanism's actions.
    """
    mechanism = replace(mechanism, parameters=trial_parameters(mechanism.parameters))
    for name in regimens:
        require_known("regimen", name, mechanism.actions[1:])
    arms = {}
    for arm, name in enumerate(regimens):
        policy = AssignedRegimen(mechanism, mechanism.actions.index(name))
        seeds = np.random.SeedSequence(seed, spawn_key=(arm,))
        run = simulate_tables(mechanism, n_per_arm, policy, int(seeds.generate_state(1)[0]))
        stops = run.decisions[run.decisions["action"] == mechanism.actions[0]]
        first_stop = stops.groupby("PatientID")["Timestep"].min()
        first_stop = first_stop.reindex(run.patients.index).fillna(np.inf).to_numpy()
        months = np.arange(mechanism.n_steps)
        arms[name] = TrialArm(name, run.frame, months < first_stop[:, None])
    return arms


def trial_results(mechanism: Mechanism, seed: int = 0, n_per_arm: int = 3000) -> dict[str, float]:
    """Return the figures of the simulated trial that calibration holds against published ones."""
    dtg, efv = snapshot_trial(mechanism, n_per_arm=n_per_arm, seed=seed).values()
    results = {}
    for name, arm in (("DTG", dtg), ("EFV", efv)):
        results[f"median months to VL < 50, {name}"] = arm.median_time_to_suppression()
        results[f"week-48 suppression (snapshot), {name}"] = arm.snapshot()
        results[f"stopped for adverse events by week 48, {name}"] = arm.stopped()
    results["CD4 gain, months 0-6"] = (dtg.cd4_gain(0, 6) + efv.cd4_gain(0, 6)) / 2
    later = (dtg.cd4_gain(12, 48) + efv.cd4_gain(12, 48)) / 2
    results["CD4 gain per year, months 12-48"] = later / 3
    return results
