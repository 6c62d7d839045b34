"""Who the people are at month 0: starters, and those who come already treated."""

from __future__ import annotations

import numpy as np

from ...engine import Noise, sample_actions
from .clinician import guideline_scores
from .parameters import Parameters
from .physiology import ArtState, ceiling, effect, floor, rebound_target
from .regimens import THIRD_AGENTS


def start(noise: Noise, p: Parameters, entry: tuple[int, int]) -> ArtState:
    """Return the people at month 0, before their first visit."""
    n = len(noise["age"])
    ethnicity = np.searchsorted(np.cumsum(p.ethnicity)[:-1], noise["ethnicity"], side="right")
    female = noise["sex"] < np.asarray(p.female_by_ethnicity)[ethnicity]
    age = np.clip(p.age_mean + p.age_sd * noise["age"], *p.age_range)
    first, last = entry
    entry_year = first + (last + 1 - first) * noise["entry"]
    naive = noise["naive"] < p.naive_share
    years = np.where(naive, 0.0, -p.years_treated * np.log1p(-noise["years_treated"]) + 0.5)

    setpoint = p.setpoint_mean + p.setpoint_sd * noise["setpoint"] + p.setpoint_female * female
    setpoint = np.clip(setpoint, *p.setpoint_range)
    root = (
        p.cd4_root_mean
        + np.asarray(p.cd4_root_by_ethnicity)[ethnicity]
        + p.cd4_root_sd
        * (p.cd4_setpoint * noise["setpoint"] + np.sqrt(1 - p.cd4_setpoint**2) * noise["cd4"])
    )
    presentation = np.clip(root, *p.cd4_root_range) ** 2

    planned_in = np.maximum(entry_year - years / 2, p.oldest_regimen)
    weights = np.exp(guideline_scores(planned_in, female, p))
    planned = sample_actions(weights, noise["planned"])
    engaged = naive | (noise["engaged"] > p.disengage / (p.disengage + p.reengage))
    first_visit = np.where(naive, 0, np.floor(noise["first_visit"] * p.visit_interval))
    never = np.zeros(n, dtype=bool)
    # of the naive one draw, from both of its ends: nobody was infected with both
    acquired = {
        "NRTI": noise["resistance"] < p.past_resistance_nrti * years,
        "NNRTI": noise["resistance"] < p.past_resistance_nnrti * years,
    }
    transmitted = {
        "NRTI": noise["resistance"] < p.transmitted_nrti,
        "NNRTI": noise["resistance"] > 1 - p.transmitted_nnrti,
    }
    resistant = {
        name: np.where(naive, transmitted[name], acquired[name]) for name in ("NRTI", "NNRTI")
    } | {"INI": never, "PI": never}
    state = ArtState.begin(
        noise,
        female=female,
        ethnicity=ethnicity,
        age=age,
        entry_year=entry_year,
        naive=naive,
        setpoint=setpoint,
        residual=p.residual_mean + p.residual_sd * noise["residual"],
        recovery=np.exp(p.cd4_recovery_sd * noise["recovery"])
        * np.where(female, p.cd4_recovery_female, 1.0),
        lymphocytes=p.lymphocytes_mean * np.exp(p.lymphocytes_sd * noise["lymphocytes"]),
        short_lived=10**setpoint,
        viral_load=10**setpoint,
        nadir=presentation,
        cd4_pool=presentation,
        fluctuation=noise["fluctuation_start"],
        planned=planned,
        regimen=np.where(naive, -1, planned),
        last_regimen=np.where(naive, -1, planned),
        months_treated=np.where(naive, -1, np.rint(12 * years)).astype(np.int64),
        months_on_agent=np.where(naive, 0, np.rint(6 * years)).astype(np.int64),
        failures=np.zeros(n, dtype=np.int64),
        ever_failed=never,
        suppressed=np.zeros(n, dtype=np.int64),
        supported=np.zeros(n, dtype=np.int64),
        adherence_mean=p.adherence_mean + p.adherence_sd * noise["adherence"],
        adherence_drift=p.adherence_drift * noise["adherence_start"],
        engaged=engaged,
        resistant=resistant,
        genotype={
            name: one & (noise["genotype"] < p.genotyped_at_entry)
            for name, one in resistant.items()
        },
        intolerant=never,
        not_tolerated=np.zeros((n, len(THIRD_AGENTS)), dtype=bool),
        visit=never,
        next_visit=first_visit.astype(np.int64),
        last_vl=np.full(n, np.nan),
        last_cd4=np.full(n, np.nan),
        results=dict.fromkeys(("log_vl", "cd4", "cd4_percent"), np.zeros(n))
        | dict.fromkeys(("vl_measured", "cd4_measured", "drug_recorded"), never),
    )
    _settle_treated(state, p, years)
    return state


def _settle_treated(state: ArtState, p: Parameters, years: np.ndarray) -> None:
    """Bring those who came already treated to where their years of treatment led them."""
    value = effect(state, p)
    controlled = ~state.naive & (value > p.critical_effect)
    target = 10 ** np.where(state.naive, state.setpoint, rebound_target(state, p, value))
    state.short_lived = np.where(controlled, 0.0, target)
    state.viral_load = np.where(controlled, 10 ** floor(state, p, value), target)
    gained = (ceiling(state, p) - state.cd4_pool) * -np.expm1(-12 * years * p.cd4_slow)
    share = np.where(state.naive, 0.0, np.where(controlled, 1.0, p.past_recovery_uncontrolled))
    state.cd4_pool = state.cd4_pool + np.maximum(gained, 0.0) * share
    state.cd4_fast = p.cd4_fast * state.recovery**0.5 * np.where(controlled, 1.0, 0.0)
