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

import numpy as np

from . import signals
from .parameters import DECILES, MEDIANS, Parameters
from .physiology import filling, logistic, mean_pressure, scores
from .signals import INDEX
from .sofa import sofa_parts
from .state import State

PANELS = {
    # name: values, parent panel, log-odds: base, morning, tube, each point of looking sick, habit
    "charted": (("HR", "SysBP", "MeanBP", "DiaBP", "RR", "SpO2", "Temp", "Output4H"), None,
                (9.0, 0.0, 0.0, 0.0, 0.0)),
    "coma": (("GCS",), None, (2.6, 0.0, 0.3, 0.0, 0.0)),
    "device": (("FiO2",), None, (-0.6, 0.0, 2.0, 0.3, 0.0)),
    "chemistry": (("K", "Na", "Cl", "HCO3", "Glucose", "BUN", "Creatinine"), None,
                  (-1.6, 3.2, 0.2, 0.35, 0.2)),
    "minerals": (("Ca", "Mg"), "chemistry", (1.3, 0.4, 0.0, 0.0, 0.0)),
    "count": (("Hb", "WbcCount", "PlateletsCount"), "chemistry", (1.3, 0.8, 0.0, 0.0, 0.0)),
    "clotting": (("PTT", "PT", "INR"), "chemistry", (-0.1, 0.9, 0.0, 0.2, 0.3)),
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
_CUTS = {name: np.array(cuts) for name, cuts in DECILES.items()}
_SAME = tuple(name for name in VALUES if name in INDEX and name not in (*CLASSES, "GCS"))
_TO, _FROM = np.array([COLUMN[n] for n in _SAME]), np.array([INDEX[n] for n in _SAME])
_CLASS_COLUMNS = np.array([COLUMN[name] for name in CLASSES])
COMA = 9
"""Position of 12 points on the Glasgow Coma Scale."""


def look(state: State, p: Parameters) -> None:
    """Find the true values of a block that begins, and the urine of the one before."""
    state.lactate_before = state.truth[:, COLUMN["Lactate"]]
    state.truth = true_values(state, p)
    urine = state.truth[:, COLUMN["Output4H"]]
    state.urine_day = np.concatenate([urine[:, None], state.urine_day[:, :-1]], axis=1)
    state.output_total = state.output_total + urine
    state.balance = state.balance - urine / 1000
    state.sofa_before, state.sofa = state.sofa, sofa_of(state, state.truth)


def sofa_of(state: State, values: np.ndarray) -> np.ndarray:
    """SOFA score of values (true or on record), with the last dose, shape (n,)."""
    of = {name: values[:, COLUMN[name]] for name in _SOFA_VALUES}
    return sofa_parts(
        of["PaO2"] / of["FiO2"],
        state.ventilated,
        of["PlateletsCount"],
        of["TotalBili"],
        of["MeanBP"],
        state.dose,
        of["GCS"] + 3,
        of["Creatinine"],
        state.urine_day.sum(axis=1),
    ).sum(axis=1)


_SOFA_VALUES = ("PaO2", "FiO2", "PlateletsCount", "TotalBili", "MeanBP", "GCS", "Creatinine")


def measure(state: State, p: Parameters) -> None:
    """Chart and draw: what is measured, what the record shows."""
    sick = looking_sick(state, p)
    morning = (state.clock + state.step) % 6 == 1
    tube, habit = state.ventilated, state.noise["habit"]
    odds = _BASE + np.stack([morning, tube, sick, habit], axis=1) @ _STACKED
    drawn = state.noise.at("panels", state.step) < logistic(odds)
    state.measured = drawn & drawn[:, _PARENT]
    state.shown = np.where(state.measured[:, _PANEL_OF], state.truth, state.shown)
    seen = state.shown[:, COLUMN["MeanBP"]]
    before = np.where(np.isnan(state.recent), seen, state.recent)
    state.recent = before + p.recent_now * (seen - before)


_STACKED = np.stack([_MORNING, _TUBE, _SICK, _HABIT])


def looking_sick(state: State, p: Parameters) -> np.ndarray:
    """Points for low pressure, vasopressors, coma and lactate, all on record, 0 to 3."""
    low = state.recent < p.sick_pressure
    high = state.shown[:, COLUMN["Lactate"]] >= 2
    coma = state.shown[:, COLUMN["GCS"]] < COMA
    points = 1.0 * low + high + 0.5 * coma + 0.6 * state.vasopressor
    return np.minimum(points, p.sick_most)


def true_values(state: State, p: Parameters) -> np.ndarray:
    """Return the values of this block, shape (n, n_values), classes as positions."""
    score = scores(state)
    signal = signals.values(score)
    full = filling(state, p)
    truth = np.empty((len(state.alive), len(VALUES)))
    truth[:, _TO] = signal[:, _FROM]

    def put(name: str, values: np.ndarray) -> None:
        truth[:, COLUMN[name]] = values

    def of(name: str) -> np.ndarray:
        return signal[:, INDEX[name]]

    mean = mean_pressure(state, of("tone"), full, p)
    pulse = of("pulse") * np.sqrt(mean / 77)
    form = np.minimum(of("form"), 0.6)
    put("MeanBP", mean)
    put("SysBP", mean + (1 - form) * pulse)
    put("DiaBP", np.maximum(mean - form * pulse, 0.3 * mean))
    _acid_base(state, of, put, p)
    log_flow = p.urine_pressure * np.log(mean / 77) + p.urine_volume * full
    put("Output4H", np.minimum(np.round(of("urine") * np.exp(log_flow)), 4000.0))
    put("FiO2", np.minimum(np.maximum(of("FiO2"), 0.21), 1.0))
    put("PaO2", np.minimum(np.maximum(of("PaO2"), 25.0), 550.0))
    put("Lactate", np.minimum(np.maximum(state.lactate, 0.3), 25.0))
    put("GCS", _coma_score(state, score[:, INDEX["GCS"]], p))
    clotting = np.round((of("PT") / 11.4) ** 1.05 * np.exp(p.inr_noise * of("INR")), 1)
    underlying = {
        "SpO2": np.minimum(of("SpO2"), 100.0),
        "Temp": of("Temp"),
        "PTT": of("PTT"),
        "PT": of("PT"),
        "INR": clotting,
    }
    for name, values in underlying.items():
        put(name, np.searchsorted(_CUTS[name], values, side="right"))
    return truth


def _acid_base(state: State, of, put, p: Parameters) -> None:
    """Bicarbonate, carbon dioxide, pH, base excess and chloride, which hang together."""
    acid = p.lactate_acid * np.maximum(state.lactate - 1.5, 0)
    bicarbonate = np.minimum(np.maximum(of("base") - acid, 5.0), 50.0)
    carbon = of("PaCO2")
    ph = 6.1 + np.log10(bicarbonate / (0.0307 * carbon))
    put("HCO3", bicarbonate)
    put("PaCO2", carbon)
    put("pH", ph)
    put("BE", 0.93 * (bicarbonate - 24.4 + 14.8 * (ph - 7.4)))
    put("CO2", bicarbonate + 0.0307 * carbon + of("CO2"))
    gap = of("gap") + p.gap_share * (bicarbonate - 24.3)
    put("Cl", of("Na") - 34.0 - gap)


def _coma_score(state: State, score: np.ndarray, p: Parameters) -> np.ndarray:
    """Position of the Glasgow Coma Scale, 0 (3 points) to 12 (15 points)."""
    rank = logistic(score * (1.5976 + 0.070565992 * score**2))  # normal rank (Bowling 2009)
    shares = np.array(p.gcs_shares)
    with_tube = shares * np.array(p.gcs_tube)
    tube = np.searchsorted(_inner_cuts(with_tube), rank)
    return np.where(state.ventilated, tube, np.searchsorted(_inner_cuts(shares - with_tube), rank))


def _inner_cuts(shares: np.ndarray) -> np.ndarray:
    """Cumulative shares between classes."""
    return np.cumsum(shares / shares.sum())[:-1]


def record(state: State) -> dict[str, np.ndarray]:
    """Return the block: true values, treatment, and which panels were measured."""
    panels = {f"measured {name}": state.measured[:, k] for k, name in enumerate(_PANEL_NAMES)}
    return {
        **{name: state.truth[:, k] for name, k in COLUMN.items()},
        **{name: values & state.alive for name, values in panels.items()},
        "Age": state.age,
        "Gender": state.female,
        "ReAd": state.readmitted,
        "Mech": state.ventilated,
        "InputTotal": state.input_total,
        "Input4H": state.fluid_ml,
        "MaxVaso": state.dose,
        "OutputTotal": state.output_total,
    }


def values_only(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Leave out which panels were measured: the published file does not say."""
    return {name: v for name, v in columns.items() if not name.startswith("measured ")}


def carry(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Replace what was not measured: carried forward, then back, then the population median.

    Parameters
    ----------
    columns : dict of str to ndarray, shape (n, 20)
        True values, and which panels were measured, False after death.
    """
    shown = values_only(columns)
    for panel, (names, *_) in PANELS.items():
        measured = columns[f"measured {panel}"]
        last = np.maximum.accumulate(np.where(measured, np.arange(measured.shape[1]), -1), axis=1)
        chosen = np.where(last < 0, measured.argmax(axis=1)[:, None], last)
        ever = measured.any(axis=1)[:, None]
        for name in names:
            values = np.take_along_axis(columns[name], chosen, axis=1)
            shown[name] = np.where(ever, values, MEDIANS[name])
    return shown
