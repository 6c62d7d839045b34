"""What the virus, the immune system and the person do in one month.

Viral decay has two phases (A5248, A5166s): virus from short-lived cells falls at
``fast_decay``; virus from long-lived cells, a regimen-dependent share, falls slowly; and a
residual level remains.  The *effect* of a regimen, between 0 and 1, is what its backbone and
third agent give after adherence and resistance took their part.  Above a critical effect the
virus falls, below it the virus rebounds by one log10 a week towards a partly suppressed
set-point.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from ...engine import Columns, State, between
from .parameters import DAYS_PER_MONTH, Parameters
from .regimens import AGENT, CLASS_OF, HIGH_BARRIER, THIRD_AGENTS, per_regimen

FORGIVENESS = per_regimen("forgiveness")
LOSS = per_regimen("loss")
LONG_LIVED = per_regimen("long_lived")
SLOW_DECAY = per_regimen("slow_decay")
RESISTANCE = per_regimen("resistance")
INTOLERANCE = per_regimen("intolerance")
CLASSES = ("NNRTI", "INI", "PI")
CLASS = np.array([CLASSES.index(CLASS_OF[THIRD_AGENTS[a]]) for a in AGENT])
BARRIER = np.isin(AGENT, [THIRD_AGENTS.index(name) for name in HIGH_BARRIER])
RPV = np.array([THIRD_AGENTS[a] == "RPV" for a in AGENT])


@dataclass
class ArtState(State):
    """Everything the mechanism knows about n people in one month; arrays have shape (n,)."""

    # who they are
    female: np.ndarray
    ethnicity: np.ndarray  # position in the schema's labels
    age: np.ndarray  # years at month 0
    entry_year: np.ndarray  # calendar year of month 0, with fraction
    naive: np.ndarray  # not treated before month 0
    setpoint: np.ndarray  # log10 copies/mL
    residual: np.ndarray  # log10 copies/mL under full suppression
    recovery: np.ndarray  # factor of CD4 recovery
    lymphocytes: np.ndarray  # cells/uL at a CD4 count of 450
    # virus and cells
    short_lived: np.ndarray  # copies/mL from short-lived infected cells
    long_lived: np.ndarray  # copies/mL from long-lived infected cells
    viral_load: np.ndarray  # copies/mL, true
    nadir: np.ndarray  # lowest CD4 pool, cells/uL
    cd4_pool: np.ndarray  # cells/uL, slow part
    cd4_fast: np.ndarray  # cells/uL, regained in the first months
    fluctuation: np.ndarray  # lymphocyte fluctuation, standard normal
    # treatment
    planned: np.ndarray  # position in REGIMENS of what was planned when care began
    regimen: np.ndarray  # position in REGIMENS, -1 none
    last_regimen: np.ndarray  # the one taken before a pause, -1 never treated
    months_treated: np.ndarray  # since ART began, -1 before
    months_on_agent: np.ndarray  # since the third agent was taken up
    failures: np.ndarray  # consecutive results above the failure limit on the third agent
    ever_failed: np.ndarray  # whether a failure was ever confirmed
    suppressed: np.ndarray  # consecutive results below the detection limit
    supported: np.ndarray  # how often help with adherence was given
    adherence_mean: np.ndarray  # logit
    adherence_drift: np.ndarray  # logit
    engaged: np.ndarray  # in care
    resistant: Columns  # by class: NRTI, NNRTI, INI, PI
    genotype: Columns  # resistance that the clinic has seen, by class
    intolerant: np.ndarray  # a side effect of the regimen in use
    not_tolerated: np.ndarray  # (n, 9) third agents given up because of side effects
    # care
    visit: np.ndarray
    next_visit: np.ndarray
    last_vl: np.ndarray  # log10 of the last measured VL, nan before the first
    last_cd4: np.ndarray
    results: Columns  # this month's laboratory values and flags

    @property
    def treated(self) -> np.ndarray:
        """Taking a regimen this month: prescribed one and in care."""
        return (self.regimen >= 0) & self.engaged

    @property
    def on_file(self) -> np.ndarray:
        """The last regimen, or the planned one of people never treated (position)."""
        return np.where(self.last_regimen < 0, self.planned, self.last_regimen)

    @property
    def year(self) -> np.ndarray:
        """Calendar year of this month."""
        return self.entry_year + self.step / 12


def adherence(state: ArtState, p: Parameters) -> np.ndarray:
    """Share of doses taken this month, 0 to 1; 0 when out of care or without a regimen."""
    logit = state.adherence_mean + state.adherence_drift
    logit = logit + np.where(state.intolerant, p.adherence_intolerance, 0.0)
    return np.where(state.treated, 1 / (1 + np.exp(-logit)), 0.0)


def overtaxed(state: ArtState, p: Parameters) -> np.ndarray:
    """Whether rilpivirine is the first regimen of a person with too much virus for it."""
    first = state.months_treated <= state.months_on_agent
    return RPV[np.maximum(state.regimen, 0)] & first & (state.setpoint > p.rilpivirine_limit)


def effect(state: ArtState, p: Parameters) -> np.ndarray:
    """Effect of the regimen after adherence and resistance, 0 to 1, shape (n,)."""
    regimen = np.maximum(state.regimen, 0)
    needed = FORGIVENESS[regimen] + p.rilpivirine_forgiveness * overtaxed(state, p)
    taken = np.minimum(1.0, adherence(state, p) / needed)
    resistant = state.resistant
    of_ini = np.where(CLASS[regimen] == CLASSES.index("INI"), resistant["INI"], resistant["PI"])
    of_agent = np.where(CLASS[regimen] == CLASSES.index("NNRTI"), resistant["NNRTI"], of_ini)
    agent_lost = np.where(of_agent, LOSS[regimen], 0.0)
    loss = np.where(BARRIER[regimen], p.backbone_loss, p.backbone_loss_weak)
    backbone = p.backbone_weight * (1 - np.where(resistant["NRTI"], loss, 0.0))
    agent = (1 - p.backbone_weight) * (1 - agent_lost)
    return np.where(state.treated, taken * (backbone + agent), 0.0)


def floor(state: ArtState, p: Parameters, value: np.ndarray) -> np.ndarray:
    """Residual viral load, log10 copies/mL, under an effect above the critical one."""
    return np.minimum(state.residual + p.residual_adherence * (1 - value), state.setpoint)


def rebound_target(state: ArtState, p: Parameters, value: np.ndarray) -> np.ndarray:
    """Where uncontrolled virus goes, log10 copies/mL: below the set-point while some drug works."""
    return state.setpoint - p.partial_suppression * np.minimum(value / p.critical_effect, 1.0)


def move_virus(state: ArtState, p: Parameters) -> None:
    """Advance the two pools of virus by a month."""
    regimen = np.maximum(state.regimen, 0)
    value = effect(state, p)
    controlled = value > p.critical_effect
    control = np.clip((value - p.critical_effect) / (1 - p.critical_effect), p.least_control, 1.0)

    long_lived = LONG_LIVED[regimen] * np.where(overtaxed(state, p), p.rilpivirine_long_lived, 1.0)
    produced = np.maximum(state.long_lived, long_lived * state.short_lived)
    falling_long = produced * np.exp(-SLOW_DECAY[regimen] * DAYS_PER_MONTH * control)
    falling_short = state.short_lived * np.exp(-p.fast_decay * DAYS_PER_MONTH * control)

    target = 10 ** rebound_target(state, p, value)
    rising = np.minimum(target, 10 ** (np.log10(state.viral_load) + p.rebound))
    # virus that was above the target of a partly working regimen falls to it
    state.short_lived = np.where(controlled, falling_short, rising)
    state.long_lived = np.where(controlled, falling_long, 0.0)
    residual = np.where(controlled, 10 ** floor(state, p, value), 0.0)
    state.viral_load = state.short_lived + state.long_lived + residual


def move_cells(state: ArtState, p: Parameters) -> None:
    """Advance CD4: a fast part that follows suppression, a slow pool that follows the years."""
    viraemia = between(np.log10(state.viral_load), p.cd4_viraemia_range)
    goal = p.cd4_fast * np.sqrt(state.recovery) * (1 - viraemia)
    half_life = np.where(goal > state.cd4_fast, p.cd4_fast_up, p.cd4_fast_down)
    state.cd4_fast = state.cd4_fast + (goal - state.cd4_fast) * (1 - 2 ** (-1 / half_life))
    gain = p.cd4_slow * np.maximum(ceiling(state, p) - state.cd4_pool, 0.0) * (1 - viraemia)
    loss = p.cd4_loss * viraemia * np.minimum(1.0, state.cd4_pool / p.cd4_loss_full)
    state.cd4_pool = np.maximum(state.cd4_pool + gain - loss, 4.0)
    state.nadir = np.minimum(state.nadir, state.cd4_pool)


def ceiling(state: ArtState, p: Parameters) -> np.ndarray:
    """CD4 pool that long suppression leads to, cells/uL: depends on nadir and age."""
    gain = p.cd4_ceiling + p.cd4_ceiling_nadir * (state.nadir - p.cd4_ceiling_nadir_at)
    gain = gain + p.cd4_ceiling_age * (state.age - p.cd4_ceiling_age_at)
    return state.nadir + np.maximum(gain, p.cd4_ceiling_least) * state.recovery


def select_resistance(state: ArtState, p: Parameters) -> None:
    """Draw resistance: likeliest at intermediate adherence while virus replicates."""
    share = adherence(state, p)
    bell = 6.75 * share**2 * (1 - share)  # 1 at two thirds of doses, 0 at none and at all
    replication = between(np.log10(state.viral_load), p.replication_range)
    risk = np.where(state.treated, bell * replication, 0.0)
    regimen = np.maximum(state.regimen, 0)
    alone = state.resistant["NRTI"] & ~BARRIER[regimen]
    own = RESISTANCE[regimen] * np.where(alone, p.weak_after_nrti, 1.0)
    hit = state.at("resistance_agent") < own * risk
    drawn = {name: hit & (CLASS[regimen] == position) for position, name in enumerate(CLASSES)}
    drawn["NRTI"] = state.at("resistance_backbone") < p.backbone_resistance * risk
    state.resistant = {name: before | drawn[name] for name, before in state.resistant.items()}


def live_a_month(state: ArtState, p: Parameters) -> None:
    """Advance side effects, engagement in care and adherence by a month."""
    regimen = np.maximum(state.regimen, 0)
    phase = np.searchsorted(p.intolerance_months, state.months_on_agent, side="right")
    hazard = p.toxicity * INTOLERANCE[regimen] * np.array(p.intolerance_shares)[phase]
    side_effect = state.treated & (state.at("intolerance") < hazard)
    fades = state.at("fading") < p.intolerance_fades
    state.intolerant = (state.intolerant & ~fades) | side_effect

    leaving = p.disengage * np.exp(p.disengage_adherence * state.noise["adherence"])
    stays = state.engaged & (state.at("disengage") >= leaving)
    returns = ~state.engaged & (state.at("reengage") < p.reengage)
    state.next_visit = np.where(returns, state.step + 1, state.next_visit)
    state.engaged = stays | returns

    memory = p.adherence_memory
    fresh = p.adherence_drift * sqrt(1 - memory**2) * state.at("adherence")
    state.adherence_drift = memory * state.adherence_drift + fresh
    fluctuation = sqrt(1 - p.lymphocytes_memory**2) * state.at("fluctuation")
    state.fluctuation = p.lymphocytes_memory * state.fluctuation + fluctuation
