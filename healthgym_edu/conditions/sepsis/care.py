"""What the ward sees: this block's values, which are measured, what the record shows.

Vital signs and urine are charted in every block; bloods are drawn in the morning, and more often
from patients who look sick on the record; blood gases go with a tube.  What is not measured is
carried forward, then back from the first measurement, then set to the population median, as in
the published files.  Carrying back uses the future, so the clinician never sees it: at the bedside
an unknown value is the median until it is measured.

In truth derived values agree: the mean pressure lies between the others, pH follows bicarbonate and
carbon dioxide (Henderson-Hasselbalch), base excess follows pH and bicarbonate (Van Slyke), INR
follows PT.  On the record they agree only where they were measured together.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ...engine import Columns, carried, logistic, normal_rank, position
from . import signals, sofa
from .parameters import DECILES, MEDIANS, RANGES, USUAL_LACTATE, USUAL_PRESSURE, Parameters
from .physiology import SepsisState, filling, mean_pressure, scores
from .signals import INDEX

PANELS = {
    # name: values, parent panel, log-odds: base, morning, tube, point of looking sick, own habit
    "charted": (("HR", "SysBP", "MeanBP", "DiaBP", "RR", "SpO2", "Temp", "Output4H"), None,
                (9.0, 0.0, 0.0, 0.0, 0.0)),
    "coma": (("GCS",), None, (2.6, 0.0, 0.3, 0.0, 0.0)),
    "device": (("FiO2",), None, (-0.6, 0.0, 2.0, 0.3, 0.0)),
    "chemistry": (("K", "Na", "Cl", "HCO3", "Glucose", "BUN", "Creatinine"), None,
                  (-1.6, 3.2, 0.2, 0.35, 0.2)),
    "minerals": (("Ca", "Mg"), "chemistry", (1.3, 0.4, 0.0, 0.0, 0.0)),
    "count": (("Hb", "WbcCount", "PlateletsCount"), "chemistry", (1.3, 0.8, 0.0, 0.0, 0.0)),
    "clotting": (("PTT", "PT", "INR"), "chemistry", (0.4, 0.9, 0.0, 0.2, 0.3)),
    "liver": (("SGOT", "SGPT", "TotalBili"), "chemistry", (-0.6, 0.8, 0.0, 0.3, 0.4)),
    "albumin": (("Albumin",), "chemistry", (-1.2, 0.9, 0.0, 0.1, 0.4)),
    "gas": (("pH", "PaCO2", "PaO2", "BE"), None, (-2.1, 0.3, 1.8, 0.5, 0.6)),
    "total CO2": (("CO2",), None, (-1.6, 0.3, 1.0, 0.4, 0.4)),
    "ionised": (("IonisedCa",), "gas", (0.2, 0.0, 0.0, 0.0, 0.0)),
    "lactate": (("Lactate",), None, (-1.5, 0.3, 0.8, 0.6, 0.4)),
}  # fmt: skip
"""What is measured together; log-odds calibrated to the spread of the real columns, or assumed."""

VALUES = tuple(name for names, *_ in PANELS.values() for name in names)
COLUMN = {name: k for k, name in enumerate(VALUES)}
CLASSES = tuple(DECILES)
MEDIAN_ROW = np.array([float(MEDIANS[name]) for name in VALUES])

_PANEL_NAMES = tuple(PANELS)
_PANEL_OF = np.array([_PANEL_NAMES.index(p) for p, (names, *_) in PANELS.items() for _ in names])
_PARENT = np.array([_PANEL_NAMES.index(parent or p) for p, (_, parent, _) in PANELS.items()])
_BASE, _MORNING, _TUBE, _SICK, _HABIT = np.array([odds for *_, odds in PANELS.values()]).T
_REASONS = np.stack([_MORNING, _TUBE, _SICK, _HABIT])
_USED = {name: INDEX[name] for name in (
    "pulse", "form", "base", "PaCO2", "gap", "Na", "CO2", "urine", "FiO2", "PaO2", "PT", "INR",
    "SpO2", "Temp", "PTT")}  # fmt: skip
_SAME = tuple(name for name in VALUES if name in INDEX and name not in (*CLASSES, "GCS"))
# the signal that a value is copied from; 0 stands in for values that are computed
_SOURCE = np.array([INDEX[name] if name in _SAME else 0 for name in VALUES])
_A_DAY = np.ones(6)
COMA = 9
"""Position of 12 points on the Glasgow Coma Scale."""


def look(state: SepsisState, p: Parameters) -> None:
    """Find the true values of a block that begins; its urine is that of the four hours before."""
    state.truth_before, state.truth = state.truth, true_values(state, p)
    urine = state.truth[:, COLUMN["Output4H"]]
    day = np.empty_like(state.urine_day)
    day[:, 1:], day[:, 0] = state.urine_day[:, :-1], urine
    state.urine_day = day
    state.output_total = state.output_total + urine
    state.balance = state.balance - urine / 1000


def sofa_of(values: np.ndarray, ventilated: np.ndarray, dose: np.ndarray, urine: np.ndarray):
    """SOFA score of values (true or on record), shape (n,); ``urine`` of the last six blocks."""
    known = {name: values[:, COLUMN[name]] for name in sofa.COLUMNS}
    gcs = values[:, COLUMN["GCS"]] + 3
    return sum(sofa.sofa_points(known, gcs, dose, urine @ _A_DAY, ventilated))


def measure(state: SepsisState, p: Parameters) -> None:
    """Chart and draw: what is measured, what the record shows."""
    sick = looking_sick(state, p)
    morning = (state.clock + state.step) % 6 == 1
    reasons = np.array([morning, state.ventilated, sick, state.noise["habit"]])
    drawn = state.at("panels") < logistic(_BASE + reasons.T @ _REASONS)
    state.measured = drawn & drawn[:, _PARENT]
    state.shown = np.where(state.measured[:, _PANEL_OF], state.truth, state.shown)
    seen = state.shown[:, COLUMN["MeanBP"]]
    before = np.where(np.isnan(state.recent), seen, state.recent)
    state.recent = before + p.recent_now * (seen - before)
    state.sofa = sofa_of(state.shown, state.ventilated, state.dose, state.urine_day[:, :6])


def looking_sick(state: SepsisState, p: Parameters) -> np.ndarray:
    """Points for low pressure, vasopressors, coma and lactate, all on record, 0 to 3."""
    shown = state.shown.T
    points = p.sick_low * (state.recent < p.sick_pressure)
    points = points + p.sick_lactate * (shown[COLUMN["Lactate"]] >= 2)
    points = points + p.sick_coma * (shown[COLUMN["GCS"]] < COMA)
    return np.minimum(points + p.sick_vasopressor * state.vasopressor, p.sick_most)


def true_values(state: SepsisState, p: Parameters) -> np.ndarray:
    """Return the values of this block, shape (n, n_values), classes as positions."""
    score = scores(state)
    signal = signals.values(score)
    full = filling(state, p)
    truth = signal.take(_SOURCE, axis=-1)
    # `out` is a view: to write a row of it fills a column of `truth`
    out, of = truth.T, {name: signal[:, k] for name, k in _USED.items()}

    mean = mean_pressure(state, full, p)
    pulse, form = of["pulse"] * np.sqrt(mean / USUAL_PRESSURE), np.minimum(of["form"], 0.6)
    out[COLUMN["MeanBP"]] = mean
    out[COLUMN["SysBP"]] = np.minimum(mean + (1 - form) * pulse, RANGES["SysBP"][1])
    out[COLUMN["DiaBP"]] = np.maximum(mean - form * pulse, 0.3 * mean)
    _acid_base(state, of, out, p)
    log_flow = p.urine_pressure * np.log(mean / USUAL_PRESSURE) + p.urine_volume * full
    out[COLUMN["Output4H"]] = np.clip(
        np.rint(of["urine"] * np.exp(log_flow) - p.urine_lost), *RANGES["Output4H"]
    )
    out[COLUMN["FiO2"]] = oxygen = np.clip(of["FiO2"], *RANGES["FiO2"])
    alveolar = 713 * oxygen - of["PaCO2"] / 0.8  # mmHg: the alveolar gas equation
    out[COLUMN["PaO2"]] = np.clip(np.minimum(of["PaO2"], 0.95 * alveolar), *RANGES["PaO2"])
    out[COLUMN["Lactate"]] = np.clip(state.lactate, *RANGES["Lactate"])
    out[COLUMN["GCS"]] = _coma_score(state, score[:, INDEX["GCS"]], p)
    ratio = np.rint(10 * of["PT"] / p.inr_one * np.exp(p.inr_noise * of["INR"])) / 10
    classed = (np.minimum(of["SpO2"], 100.0), of["Temp"], of["PTT"], of["PT"], ratio)
    for name, values in zip(CLASSES, classed, strict=True):
        out[COLUMN[name]] = position(DECILES[name], values)
    return truth


def _acid_base(state: SepsisState, of: dict, out: np.ndarray, p: Parameters) -> None:
    """Bicarbonate, carbon dioxide, pH, base excess and chloride, which hang together."""
    acid = p.lactate_acid * np.maximum(state.lactate - USUAL_LACTATE, 0.0)
    bicarbonate, carbon = np.clip(of["base"] - acid, *RANGES["HCO3"]), of["PaCO2"]
    dissolved = 0.0307 * carbon  # mmol/L
    ph = 6.1 + np.log10(bicarbonate / dissolved)  # Henderson-Hasselbalch
    gap = of["gap"] + p.gap_share * (of["base"] - p.base_mean)
    out[COLUMN["HCO3"]] = bicarbonate
    out[COLUMN["PaCO2"]] = carbon
    out[COLUMN["pH"]] = ph
    out[COLUMN["BE"]] = 0.93 * (bicarbonate - 24.4 + 14.8 * (ph - 7.4))  # Van Slyke
    out[COLUMN["CO2"]] = bicarbonate + dissolved + of["CO2"]
    out[COLUMN["Cl"]] = of["Na"] - p.gap_mean - gap


def _coma_score(state: SepsisState, score: np.ndarray, p: Parameters) -> np.ndarray:
    """Position of the Glasgow Coma Scale, 0 (3 points) to 12 (15 points)."""
    rank = normal_rank(score)
    tube, free = _coma_cuts(p.gcs_shares, p.gcs_tube)
    return np.where(state.ventilated, position(tube, rank), position(free, rank))


@cache
def _coma_cuts(shares: tuple[float, ...], tube: tuple[float, ...]) -> list[tuple[float, ...]]:
    """Cumulative shares between the classes, with a tube and without."""
    both = np.array(shares) * [tube, 1 - np.array(tube)]
    return [tuple(np.cumsum(row / row.sum())[:-1].tolist()) for row in both]


def record(state: SepsisState) -> Columns:
    """Return the block: true values, treatment, and which panels were measured."""
    return {
        **{name: state.truth[:, k] for name, k in COLUMN.items()},
        **{f"measured {name}": state.measured[:, k] for k, name in enumerate(PANELS)},
        "Age": state.age,
        "Gender": state.female,
        "ReAd": state.readmitted,
        "Mech": state.ventilated,
        "InputTotal": state.input_total,
        "Input4H": state.fluid_ml,
        "MaxVaso": state.dose,
        "OutputTotal": state.output_total,
    }


def values_only(columns: Columns) -> Columns:
    """Leave out which panels were measured: the published file does not say."""
    return {name: v for name, v in columns.items() if not name.startswith("measured ")}


def carry(columns: Columns) -> Columns:
    """Replace what was not measured: carried forward, then back, then the population median."""
    shown = values_only(columns)
    for panel, (names, *_) in PANELS.items():
        for name in names:
            shown[name] = carried(columns[name], columns[f"measured {panel}"], MEDIANS[name])
    return shown
