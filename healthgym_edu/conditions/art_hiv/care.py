"""What the clinic sees: laboratory values, measured flags, visits, and the records."""

from __future__ import annotations

import numpy as np

from .parameters import Parameters
from .regimens import REGIMENS, RTVB_TDF, columns_of
from .state import State

HIGHEST_CD4 = 3000.0  # cells/uL
HIGHEST_CD4_PERCENT = 75.0


def laboratory(state: State, p: Parameters) -> dict[str, np.ndarray]:
    """Return what the laboratory would report this month: VL (copies/mL), CD4, CD4 per cent."""
    at = state.noise.at
    step = state.step
    log_vl = np.log10(state.viral_load) + p.assay_sd * at("vl_assay", step)
    blip = state.treated & (at("blip", step) < p.blip) & (log_vl < 2.5)
    blip_size = p.blip_mean + p.blip_sd * at("blip_size", step)
    log_vl = np.where(blip, np.maximum(blip_size, log_vl), log_vl)
    log_vl = np.clip(log_vl, -1.0, 7.0)

    cd4 = state.cd4_pool + state.cd4_fast
    lymphocytes = state.lymphocytes * (cd4 / 450.0) ** p.lymphocytes_cd4
    percent = 100 * cd4 / lymphocytes * np.exp(p.cd4_assay * at("cd4_percent_assay", step))
    wobble = p.cd4_fluctuation * state.fluctuation + p.cd4_assay * at("cd4_assay", step)
    count = cd4 * np.exp(wobble)
    return {
        "log_vl": log_vl,
        "cd4": np.clip(count, 1.0, HIGHEST_CD4),
        "cd4_percent": percent / (1 + (percent / HIGHEST_CD4_PERCENT) ** 4) ** 0.25,
    }


def measure(state: State, p: Parameters) -> None:
    """Hold this month's visits and draw blood; keep what the clinic then knows."""
    at, step = state.noise.at, state.step
    state.visit = state.engaged & (step >= state.next_visit)
    extra = ~state.visit & (at("extra_draw", step) < p.laboratory_draw)
    vl_drawn = (state.visit & (at("vl_drawn", step) < p.vl_at_visit)) | extra
    with_vl = np.where(vl_drawn, p.cd4_with_vl, p.cd4_without_vl)
    cd4_drawn = at("cd4_drawn", step) < with_vl
    recorded = np.where(state.treated, p.recorded_on_treatment, p.recorded_off_treatment)

    results = laboratory(state, p)
    state.results = results | {
        "vl_measured": vl_drawn,
        "cd4_measured": cd4_drawn,
        "drug_recorded": at("recording", step) < recorded,
    }
    state.previous_vl = np.where(vl_drawn, state.last_vl, state.previous_vl)
    state.last_vl = np.where(vl_drawn, results["log_vl"], state.last_vl)
    state.last_cd4 = np.where(cd4_drawn, results["cd4"], state.last_cd4)


def schedule(state: State, p: Parameters) -> None:
    """Fix the next visit of those who came: 0, 1, 3 and 6 months into ART, then as monitored."""
    since = np.maximum(state.months_treated, 0)
    early = np.searchsorted(p.early_visits, since, side="right")
    early_gap = np.asarray((*p.early_visits, 10**6))[early] - since
    viraemic = ~(state.last_vl < np.log10(200.0))
    later = np.where(viraemic, p.visit_interval_viraemic, p.visit_interval)
    later = later + (state.noise.at("visit", state.step) < 0.5)
    on_treatment = np.minimum(early_gap, later)
    gap = np.where(state.regimen >= 0, on_treatment, p.visit_interval_untreated)
    state.next_visit = np.where(state.visit, state.step + gap, state.next_visit)


def record(state: State) -> dict[str, np.ndarray]:
    """Return the month as the record shows it (regimen still as its position)."""
    results = state.results
    return {
        "VL": 10 ** results["log_vl"],
        "CD4": results["cd4"],
        "Rel CD4": results["cd4_percent"],
        "Gender": state.female.astype(np.int8),
        "Ethnic": state.ethnicity.astype(np.int8),
        "regimen": state.last_regimen.astype(np.int8),
        "VL (M)": results["vl_measured"],
        "CD4 (M)": results["cd4_measured"],
        "Drug (M)": results["drug_recorded"],
    }


def fill_regimens(columns: dict[str, np.ndarray], schema, planned: int) -> dict[str, np.ndarray]:
    """Turn the regimen, shape (n, 60), into the five published columns.

    The published file has no "no regimen": where nothing is taken the columns hold the last
    regimen, or the first one to come (and ``planned`` for people never treated), while
    ``Drug (M)`` says that none was recorded.

    The columns follow what was dispensed, not what was decided: a new third agent shows at
    once, a new base one refill later, and a drug that was stopped stays until its supply has
    run out, two months later.  A base that boosts the old protease inhibitor stays as long,
    and EVG shows with the base of its fixed-dose pill, after its enhancer.
    """
    columns = dict(columns)
    regimen = columns.pop("regimen").astype(np.int64)
    began = regimen >= 0
    first = np.where(
        began.any(axis=1), regimen[np.arange(len(regimen)), began.argmax(axis=1)], planned
    )
    regimen = np.where(began, regimen, first[:, None])
    one, two = _earlier(regimen, 1), _earlier(regimen, 2)
    boosting = _NEEDS_BASE[two] & (_PI[regimen] == _NO_PI)
    base = np.where(boosting, two, one)
    columns["Base Drug Combo"] = _codes(schema, "Base Drug Combo", 0)[base]
    newest = np.where(_ENHANCED_INI[regimen], one, regimen)
    for position, name in enumerate(("Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"), 1):
        codes = _codes(schema, name, position)
        nothing = schema[name].labels.index("Not Applied") if position < 4 else 0
        value = codes[two]
        for later in (one, newest if name == "Comp. INI" else regimen):
            value = np.where(codes[later] != nothing, codes[later], value)
        columns[name] = value
    return columns


def _earlier(regimen: np.ndarray, months: int) -> np.ndarray:
    """The regimen some months ago; before month 0 the first one."""
    return np.concatenate([np.repeat(regimen[:, :1], months, axis=1), regimen[:, :-months]], axis=1)


def _codes(schema, name: str, position: int) -> np.ndarray:
    labels = list(schema[name].labels)
    return np.array([labels.index(columns_of(r)[position]) for r in REGIMENS], dtype=np.int8)


_PI = np.array([r.pi for r in REGIMENS])
_ENHANCED_INI = np.array([r.ini == "EVG" for r in REGIMENS])
_NO_PI = "Not Applied"
_NEEDS_BASE = np.array([r.base == RTVB_TDF for r in REGIMENS])
