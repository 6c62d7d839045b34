"""Sepsis worked out by hand, for the tests: the score in plain words, patients block by block."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from healthgym_edu.conditions.sepsis import Sepsis
from healthgym_edu.engine import BLOCK, live_block

SIM = Sepsis()
TRUE = replace(SIM, carried=False)
EVERYBODY = np.arange(BLOCK)
SEEN = {name: k for k, name in enumerate(SIM.observation_names)}


def taken(cohort, n=BLOCK):
    """Actions of the first n patients, shape (n, 20), none after death."""
    code = cohort.decisions["action"].cat.codes
    table = cohort.decisions.assign(code=code).pivot(
        index="PatientID", columns="Timepoints", values="code"
    )
    return table.fillna(0).to_numpy(dtype=int)[:n]


def replayed(cohort, noise):
    """Live the recorded treatments again: what is known of each block, one dict a block.

    All hold one row per patient, 0 and False where nobody lived.
    """
    actions, blocks = taken(cohort), [{} for _ in range(SIM.n_steps)]

    def keep(state, block, **known):
        for name, values in known.items():
            everybody = np.zeros((BLOCK, *values.shape[1:]), dtype=values.dtype)
            everybody[state.noise.patients] = values
            blocks[block][name] = everybody

    class Replay(Sepsis):
        """Sepsis of this noise; every reward is kept."""

        def draw(self, block, seed):
            return noise

        def reward(self, state, name="course"):
            paid = {name: super(Replay, self).reward(state, name) for name in self.rewards}
            keep(state, state.step[0] - 1, **paid)
            return paid[name]

    def as_recorded(state):
        block, patients = state.step[0], state.noise.patients
        keep(state, block, probability=SIM.clinician(state), seen=SIM.observe(state))
        keep(state, block, **{"dose before": state.dose})
        return np.eye(len(SIM.actions))[actions[patients, block]]

    def look(rows, state):
        assert (rows == state.noise.patients).all()
        keep(state, state.step[0], alive=state.alive, **SIM.record(state))

    live_block(Replay(), 0, 0, as_recorded, watch=look)
    return blocks


def shift(values, by=1):
    """Values of the patient's block before, where there is one."""
    return values.groupby(values.index.get_level_values(0)).shift(by)


def indexed(frame):
    """Return the table by patient and block."""
    return frame.set_index(["PatientID", "Timepoints"])


def coded(column):
    """Return classes as positions."""
    return column.cat.codes.astype(float) if column.dtype == "category" else column.astype(float)


def score_of(row, urine, needs_machine=True, platelets_equal=False):
    """SOFA of a row, written down as people say it; two wrong ways to read the table."""
    ratio, points = row["PaO2"] / row["FiO2"], 0
    for limit in (400, 300, *((200, 100) if row["Mech"] or not needs_machine else ())):
        points += ratio < limit
    for limit in (150, 100, 50, 20):
        points += row["PlateletsCount"] < limit or (
            platelets_equal and round(row["PlateletsCount"]) == limit
        )
    points += sum(row["TotalBili"] >= limit for limit in (1.2, 2, 6, 12))
    if row["MaxVaso"] > 0.1:
        points += 4
    elif row["MaxVaso"] > 0:
        points += 3
    else:
        points += row["MeanBP"] < 70
    points += sum(int(row["GCS"]) < limit for limit in (15, 13, 10, 6))
    by_creatinine = sum(row["Creatinine"] >= limit for limit in (1.2, 2, 3.5, 5))
    by_urine = 0 if np.isnan(urine) else 4 if urine < 200 else 3 if urine < 500 else 0
    return points + max(by_creatinine, by_urine)


def urine_of_a_day(frame):
    """Return the sum of six blocks; nan before."""
    return frame["Output4H"].groupby(frame["PatientID"]).rolling(6).sum().to_numpy()


def sick_by(by=0.0):
    """Return patients at their first decision, so much sicker than the record can show."""
    state = SIM.start(SIM.draw(0, 3))
    SIM.measure(state)
    state.severity = state.severity + by
    return state
