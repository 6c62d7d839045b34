"""What the clinic sees: laboratory values, measured flags, visits, and the records."""

from __future__ import annotations

import numpy as np

from ...engine import Columns
from ...schema import Schema
from .parameters import DETECTION_LIMIT, FAILURE_LIMIT, Parameters
from .physiology import ArtState
from .regimens import DRV_TDF, REGIMENS, RTVB_TDF, columns_of


def laboratory(state: ArtState, p: Parameters) -> Columns:
    """Return what the laboratory would report this month: VL (copies/mL), CD4, CD4 per cent."""
    log_vl = np.log10(state.viral_load) + p.assay_sd * state.at("vl_assay")
    blip = state.treated & (state.at("blip") < p.blip) & (log_vl < p.blip_below)
    blip_size = p.blip_mean + p.blip_sd * state.at("blip_size")
    log_vl = np.where(blip, np.maximum(blip_size, log_vl), log_vl)
    log_vl = np.clip(log_vl, -1.0, 7.0)

    cd4 = state.cd4_pool + state.cd4_fast
    assay = p.cd4_assay * state.at("cd4_assay")
    count = cd4 * np.exp(p.cd4_fluctuation * state.fluctuation + assay)
    lymphocytes = state.lymphocytes * (cd4 / p.lymphocytes_at) ** p.lymphocytes_cd4
    own = p.cd4_percent_noise * state.at("cd4_percent_assay")
    percent = 100 * cd4 / lymphocytes * np.exp(assay + own)
    return {
        "log_vl": log_vl,
        "cd4": _approach(np.maximum(count, 1.0), p.highest_cd4),
        "cd4_percent": _approach(percent, p.highest_percent),
    }


def _approach(value: np.ndarray, limit: float) -> np.ndarray:
    """Leave small values alone and let large ones approach a limit without reaching it."""
    return value / (1 + (value / limit) ** 8) ** 0.125


def measure(state: ArtState, p: Parameters) -> None:
    """Hold this month's visits and draw blood; keep what the clinic then knows."""
    state.visit = state.engaged & (state.step >= state.next_visit)
    extra = ~state.visit & (state.at("extra_draw") < p.laboratory_draw)
    vl_drawn = (state.visit & (state.at("vl_drawn") < p.vl_at_visit)) | extra
    with_vl = np.where(vl_drawn, p.cd4_with_vl, p.cd4_without_vl)
    cd4_drawn = state.at("cd4_drawn") < with_vl
    recorded = np.where(state.treated, p.recorded_on_treatment, p.recorded_off_treatment)

    results = laboratory(state, p)
    state.results = results | {
        "vl_measured": vl_drawn,
        "cd4_measured": cd4_drawn,
        "drug_recorded": state.at("recording") < recorded,
    }
    high = results["log_vl"] > np.log10(FAILURE_LIMIT)
    late = state.treated & (state.months_on_agent >= p.failing_after)
    failures = np.where(high & late, state.failures + 1, 0)
    state.failures = np.where(vl_drawn, failures, state.failures)
    confirmed = vl_drawn & high & late & (state.failures >= 2)
    state.ever_failed = state.ever_failed | confirmed
    viraemic = vl_drawn & state.treated & (results["log_vl"] > p.genotyped_above)
    _genotype(state, confirmed | viraemic)
    low = results["log_vl"] < np.log10(DETECTION_LIMIT)
    state.suppressed = np.where(vl_drawn, np.where(low, state.suppressed + 1, 0), state.suppressed)
    state.last_vl = np.where(vl_drawn, results["log_vl"], state.last_vl)
    state.last_cd4 = np.where(cd4_drawn, results["cd4"], state.last_cd4)


def _genotype(state: ArtState, tested: np.ndarray) -> None:
    """Find out which resistance those who are tested have."""
    state.genotype = {
        name: seen | (tested & state.resistant[name]) for name, seen in state.genotype.items()
    }


def schedule(state: ArtState, p: Parameters) -> None:
    """Fix the next visit of those who came: 0, 1, 3 and 6 months into ART, then as monitored."""
    since = np.maximum(state.months_treated, 0)
    early = np.searchsorted(p.early_visits, since, side="right")
    early_gap = np.array((*p.early_visits, 10**6))[early] - since
    viraemic = ~(state.last_vl < np.log10(p.viraemic_above))
    later = np.where(viraemic, p.visit_interval_viraemic, p.visit_interval)
    jitter = np.floor((p.visit_jitter + 1) * state.at("visit"))
    later = later + jitter.astype(np.int64)
    on_treatment = np.minimum(early_gap, later)
    gap = np.where(state.regimen >= 0, on_treatment, p.visit_interval_untreated)
    state.next_visit = np.where(state.visit, state.step + gap, state.next_visit)


def record(state: ArtState) -> Columns:
    """Return the month as the record shows it (regimen still as its position)."""
    results = state.results
    return {
        "VL": 10 ** results["log_vl"],
        "CD4": results["cd4"],
        "Rel CD4": results["cd4_percent"],
        "Gender": state.female.astype(np.int8),
        "Ethnic": state.ethnicity.astype(np.int8),
        "regimen": state.on_file.astype(np.int8),
        "VL (M)": results["vl_measured"],
        "CD4 (M)": results["cd4_measured"],
        "Drug (M)": results["drug_recorded"],
    }


def dispense(columns: Columns, schema: Schema) -> Columns:
    """Turn the regimen decided on, shape (n, 60), into the five published columns.

    The published file has no "no regimen": where nothing is taken the columns hold the last
    regimen (the planned one before ART begins), while ``Drug (M)`` says that none was recorded.

    The columns follow what was dispensed.  In the month of a change the new third agent is on
    record beside the old one, which people finish, and the base is still the old one.  An
    enhancer is on record wherever a drug on record needs one.
    """
    columns = dict(columns)
    now = columns.pop("regimen").astype(np.int64)
    before = np.concatenate([now[:, :1], now[:, :-1]], axis=1)
    base, ini, nnrti, pi = (_codes(schema, name, k) for k, name in enumerate(_DRUG_COLUMNS))
    drv = schema["Base Drug Combo"].labels.index(DRV_TDF)
    # never two protease inhibitors, and no booster before what it boosts
    another_pi = (np.isin(now, _OTHER_PI) & (base[before] == drv)) | (base[now] == drv)
    shown = {"Base Drug Combo": np.where(another_pi, base[now], base[before])}
    for name, codes in (("Comp. INI", ini), ("Comp. NNRTI", nnrti), ("Extra PI", pi)):
        nothing = schema[name].labels.index("Not Applied")
        kept = (codes[now] == nothing) & ~((name == "Extra PI") & another_pi)
        shown[name] = np.where(kept, codes[before], codes[now])

    def has(name: str, *labels: str) -> np.ndarray:
        return np.isin(shown[name], [schema[name].labels.index(label) for label in labels])

    drv_in_base, rtv = has("Base Drug Combo", DRV_TDF), has("Extra PI", "RTVB", "RTV")
    rtv_in_base = has("Base Drug Combo", RTVB_TDF)
    shown["Extra pk-En"] = (
        has("Comp. INI", "EVG") | (has("Extra PI", "DRV") & ~rtv_in_base) | (drv_in_base & ~rtv)
    )
    return columns | shown


_OTHER_PI = [k for k, r in enumerate(REGIMENS) if r.pi in ("DRV", "ATV", "LPV")]
_DRUG_COLUMNS = ("Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI")


def _codes(schema: Schema, name: str, position: int) -> np.ndarray:
    """Position among the column's labels for each regimen, shape (30,)."""
    labels = list(schema[name].labels)
    return np.array([labels.index(columns_of(r)[position]) for r in REGIMENS], dtype=np.int8)
