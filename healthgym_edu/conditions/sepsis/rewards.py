"""What a block of four hours is worth: published rewards, and the reward of the course.

All look at true values of the block that the treatment led to, not at what was measured.

**published**: 1 for being alive on day 90, -1 for death, paid when the patient dies or the stay
ends (AI Clinician, Komorowski 2018, where it is 100).  Treatment costs nothing in it.

**shaped**: -0.025 where SOFA stays and is not 0, -0.125 for each point it rises, -2 tanh of the
rise of lactate, and 15 or -15 at the end (Raghu 2017, as in their code).

**course** (assumed weights):

* risk: twice the fall, in the block, of the risk of death by day 90.  Only a simulation knows it.
  Whether the patient then dies is chance, and how sick the patient came no policy can change: both
  would drown the differences between policies.
* death in the stay: a risk of 1, and -0.33 for every block not lived.  That is more than the worst
  block of a living patient can cost, so that dying early is never the better way.
* pressure: what a mean pressure is worth by Gottesman 2020, down to 55 mmHg (-0.15 there, -0.05 at
  60, 0 from 65).
* treatment: -0.02 for each level of vasopressor and -0.02 for 500 mL: less than what they do where
  they are needed.
"""

from __future__ import annotations

import numpy as np

from .care import COLUMN, sofa_of
from .parameters import N_BLOCKS, Parameters
from .physiology import SepsisState, dies_late

PRESSURES, WORTH = np.array([55.0, 60.0, 65.0]), np.array([-0.15, -0.05, 0.0])
VASOPRESSOR = -0.02
LITRE = -0.04
BLOCK_NOT_LIVED = -0.33
SAME_SOFA, SOFA_POINT, LACTATE, SHAPED_END = -0.1 / 4, -0.5 / 4, -2.0, 15.0


def published(state: SepsisState, p: Parameters) -> np.ndarray:
    """Return 1 or -1 in the block in which it is settled whether somebody lives, else 0."""
    died = state.death_step == state.step - 1
    leaves = state.alive & (state.step == N_BLOCKS)
    if not leaves.any():
        return np.where(died, -1.0, 0.0)
    return np.where(leaves, np.where(dies_late(state, p), -1.0, 1.0), np.where(died, -1.0, 0.0))


def shaped(state: SepsisState, p: Parameters) -> np.ndarray:
    """Return the shaped reward of the block just lived, shape (n,)."""
    day, lactate = state.urine_day, COLUMN["Lactate"]
    after = sofa_of(state.truth, state.ventilated, state.dose, day[:, :6])
    before = sofa_of(state.truth_before, state.ventilated_before, state.dose_before, day[:, 1:])
    worth = SOFA_POINT * (after - before)
    worth = worth + np.where((after == before) & (after > 0), SAME_SOFA, 0.0)
    rise = state.truth[:, lactate] - state.truth_before[:, lactate]
    end = SHAPED_END * published(state, p)
    return end + np.where(state.alive, worth + LACTATE * np.tanh(rise), 0.0)


def course(state: SepsisState, p: Parameters) -> np.ndarray:
    """Return the course reward of the block just lived, shape (n,)."""
    pressure = np.interp(state.truth[:, COLUMN["MeanBP"]], PRESSURES, WORTH)
    worth = VASOPRESSOR * state.vasopressor + LITRE * state.fluid_ml / 1000
    worth = worth + 2 * (state.risk_before - state.risk)
    died = state.death_step == state.step - 1
    lost = BLOCK_NOT_LIVED * (N_BLOCKS - state.step)
    return np.where(state.alive, worth + pressure, np.where(died, worth + lost, 0.0))


REWARDS = {"course": course, "published": published, "shaped": shaped}
