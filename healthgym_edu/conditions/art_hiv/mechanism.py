"""What the virus, the immune system and the person do in one month.

Viral decay has two phases (A5248, A5166s): virus from short-lived cells falls at
``fast_decay``; virus from long-lived cells, a regimen-dependent share, falls slowly; and a
residual level remains.  The *effect* of a regimen, between 0 and 1, is what its backbone and
third agent give after adherence and resistance took their part.  Above a critical effect the
virus falls, below it the virus rebounds by one log10 a week towards a partly suppressed
set-point.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from ...simulator.numbers import as_array, between, maximum, minimum, where, within
from .parameters import DAYS_PER_MONTH, Parameters
from .regimens import AGENT, CLASS_OF, THIRD_AGENTS, per_regimen
from .state import State

FORGIVENESS = per_regimen("forgiveness")
LOSS = per_regimen("loss")
LONG_LIVED = per_regimen("long_lived")
SLOW_DECAY = per_regimen("slow_decay")
RESISTANCE = per_regimen("resistance")
INTOLERANCE = per_regimen("intolerance")
CLASSES = ("NNRTI", "INI", "PI")
CLASS = np.array([CLASSES.index(CLASS_OF[THIRD_AGENTS[a]]) for a in AGENT])


def adherence(state: State, p: Parameters) -> np.ndarray:
    """Share of doses taken this month, 0 to 1; 0 when out of care or without a regimen."""
    logit = state.adherence_mean + state.adherence_drift
    logit = logit + where(state.intolerant, p.adherence_intolerance, 0.0)
    changed = state.months_treated > state.months_on_agent  # not the first drug
    unused = changed & (state.months_on_agent < p.adherence_new_months)
    logit = logit + where(unused, p.adherence_new, 0.0)
    return where(state.treated, 1 / (1 + np.exp(-logit)), 0.0)


def effect(state: State, p: Parameters) -> np.ndarray:
    """Effect of the regimen after adherence and resistance, 0 to 1, shape (n,)."""
    regimen = maximum(state.regimen, 0)
    taken = minimum(1.0, adherence(state, p) / FORGIVENESS[regimen])
    resistant = state.resistant
    of_ini = where(CLASS[regimen] == CLASSES.index("INI"), resistant["INI"], resistant["PI"])
    of_agent = where(CLASS[regimen] == CLASSES.index("NNRTI"), resistant["NNRTI"], of_ini)
    agent_lost = where(of_agent, LOSS[regimen], 0.0)
    backbone = p.backbone_weight * (1 - where(resistant["NRTI"], p.backbone_loss, 0.0))
    agent = (1 - p.backbone_weight) * (1 - agent_lost)
    return where(state.treated, taken * (backbone + agent), 0.0)


def floor(state: State, p: Parameters, value: np.ndarray) -> np.ndarray:
    """Residual viral load, log10 copies/mL, under an effect above the critical one."""
    return minimum(state.residual + p.residual_adherence * (1 - value), state.setpoint)


def rebound_target(state: State, p: Parameters, value: np.ndarray) -> np.ndarray:
    """Where uncontrolled virus goes, log10 copies/mL: below the set-point while some drug works."""
    return state.setpoint - p.partial_suppression * minimum(value / p.critical_effect, 1.0)


def move_virus(state: State, p: Parameters) -> None:
    """Advance the two pools of virus by a month."""
    regimen = maximum(state.regimen, 0)
    value = effect(state, p)
    controlled = value > p.critical_effect
    control = within((value - p.critical_effect) / (1 - p.critical_effect), p.least_control, 1.0)

    produced = maximum(state.long_lived, LONG_LIVED[regimen] * state.short_lived)
    falling_long = produced * np.exp(-SLOW_DECAY[regimen] * DAYS_PER_MONTH * control)
    falling_short = state.short_lived * np.exp(-p.fast_decay * DAYS_PER_MONTH * control)

    target = 10 ** rebound_target(state, p, value)
    rising = minimum(target, 10 ** (np.log10(state.viral_load) + p.rebound))
    # virus that was above the target of a partly working regimen falls to it
    state.short_lived = where(controlled, falling_short, rising)
    state.long_lived = where(controlled, falling_long, 0.0)
    residual = where(controlled, 10 ** floor(state, p, value), 0.0)
    state.viral_load = state.short_lived + state.long_lived + residual


def move_cells(state: State, p: Parameters) -> None:
    """Advance CD4: a fast part that follows suppression, a slow pool that follows the years."""
    viraemia = between(np.log10(state.viral_load), p.cd4_viraemia_range)
    goal = p.cd4_fast * np.sqrt(state.recovery) * (1 - viraemia)
    half_life = where(goal > state.cd4_fast, p.cd4_fast_up, p.cd4_fast_down)
    state.cd4_fast = state.cd4_fast + (goal - state.cd4_fast) * (1 - 2 ** (-1 / half_life))
    gain = p.cd4_slow * maximum(ceiling(state, p) - state.cd4_pool, 0.0) * (1 - viraemia)
    loss = p.cd4_loss * viraemia * minimum(1.0, state.cd4_pool / p.cd4_loss_full)
    state.cd4_pool = maximum(state.cd4_pool + gain - loss, 4.0)
    state.nadir = minimum(state.nadir, state.cd4_pool)


def ceiling(state: State, p: Parameters) -> np.ndarray:
    """CD4 pool that long suppression leads to, cells/uL: depends on nadir and age."""
    gain = p.cd4_ceiling + p.cd4_ceiling_nadir * (state.nadir - p.cd4_ceiling_nadir_at)
    gain = gain + p.cd4_ceiling_age * (state.age - p.cd4_ceiling_age_at)
    return state.nadir + maximum(gain, p.cd4_ceiling_least) * state.recovery


def select_resistance(state: State, p: Parameters) -> None:
    """Draw resistance: likeliest at intermediate adherence while virus replicates."""
    share = adherence(state, p)
    bell = 6.75 * share**2 * (1 - share)  # 1 at two thirds of doses, 0 at none and at all
    replication = between(np.log10(state.viral_load), p.replication_range)
    risk = where(state.treated, bell * replication, 0.0)
    regimen = maximum(state.regimen, 0)
    hit = state.noise.at("resistance_agent", state.step) < RESISTANCE[regimen] * risk
    for position, name in enumerate(CLASSES):
        state.resistant[name] = state.resistant[name] | (hit & (CLASS[regimen] == position))
    backbone = state.noise.at("resistance_backbone", state.step) < p.backbone_resistance * risk
    state.resistant["NRTI"] = state.resistant["NRTI"] | backbone


def live_a_month(state: State, p: Parameters) -> None:
    """Advance side effects, engagement in care and adherence by a month."""
    step = state.step
    regimen = maximum(state.regimen, 0)
    phase = as_array(p.intolerance_months).searchsorted(state.months_on_agent, side="right")
    hazard = INTOLERANCE[regimen] * as_array(p.intolerance_shares)[phase]
    side_effect = state.treated & (state.noise.at("intolerance", step) < hazard)
    fades = state.noise.at("fading", step) < p.intolerance_fades
    state.intolerant = (state.intolerant & ~fades) | side_effect

    leaving = p.disengage * np.exp(p.disengage_adherence * state.noise["adherence"])
    stays = state.engaged & (state.noise.at("disengage", step) >= leaving)
    returns = ~state.engaged & (state.noise.at("reengage", step) < p.reengage)
    state.next_visit = where(returns, step + 1, state.next_visit)
    state.engaged = stays | returns

    memory = p.adherence_memory
    fresh = p.adherence_drift * sqrt(1 - memory**2) * state.noise.at("adherence", step)
    state.adherence_drift = memory * state.adherence_drift + fresh
    fluctuation = sqrt(1 - p.lymphocytes_memory**2) * state.noise.at("fluctuation", step)
    state.fluctuation = p.lymphocytes_memory * state.fluctuation + fluctuation
