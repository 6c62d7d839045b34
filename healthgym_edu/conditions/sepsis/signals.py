"""What can be measured of a patient besides pressures: one table, one formula.

Each *signal* is a standard normal score: what organs and age make of it (`pulls`, correlations
with the drivers), what is the patient's own, and what drifts from block to block; the last two are
correlated between signals (`TOGETHER`), because sodium goes with chloride whatever the organs do.
A value is ``typical + spread * score``, or ``typical * exp(spread * score)`` with a
spread that is larger by the share ``skew`` above the median.

Names in small letters are no columns but parts of some: ``pulse`` is the pulse pressure, ``form``
the share of it below the mean pressure, ``base`` bicarbonate before lactate uses some up, ``gap``
what sodium less chloride adds to its mean, ``tone`` the drift of resistance, ``lactate`` the drift
of what is produced.  INR and CO2 are deviations from what `care` computes.

Typical values and spreads are calibrated to the quartiles of the real columns; pulls and
correlations to the real correlations (``targets/sepsis.json``); memories are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

DRIVERS = (
    "severity", "kidney", "liver", "clotting", "lung", "brain", "dilution", "inflammation",
    "ventilated", "age", "female", "readmitted",
)  # fmt: skip
"""What pulls signals: scores of about mean 0 and SD 1, but dilution, which is litres retained."""


@dataclass(frozen=True)
class Signal:
    """One signal: its distribution, how long a deviation lasts, and what pulls it."""

    name: str
    typical: float
    spread: float
    skew: float | None = None  # None: the value is normal; else log-normal, skewed by so much
    own: float = 0.7  # share of the variance left by the drivers that is the patient's own
    memory: float = 0.9  # of a deviation after four hours
    pulls: dict[str, float] = field(default_factory=dict)
    deadly: float = 0.0  # log-odds of death by day 90 for a score of 1, organs apart


def _log(name: str, typical: float, spread: float, skew: float | None = 0.0, **more) -> Signal:
    pulls = {key: more.pop(key) for key in DRIVERS if key in more}
    return Signal(name, typical, spread, skew, pulls=pulls, **more)


def _normal(name: str, typical: float, spread: float, **more) -> Signal:
    return _log(name, typical, spread, None, **more)


SIGNALS = (
    # log-normal ones must come first: `values` cuts here
    _log("HR", 86.0, 0.19, own=0.5, memory=0.6, severity=0.15, age=-0.24, inflammation=0.25),
    _log("RR", 19.9, 0.25, own=0.4, memory=0.5, severity=0.10, lung=0.10, inflammation=0.20),
    _log("pulse", 63.0, 0.31, own=0.4, memory=0.55, age=0.20),
    _log("form", 0.33, 0.24, own=0.4, memory=0.5, age=0.15),
    _log("K", 4.05, 0.125, own=0.35, memory=0.75, kidney=0.36),
    _log("Glucose", 128.0, 0.28, 0.15, own=0.4, memory=0.7, severity=0.08),
    _log("BUN", 22.3, 0.68, own=0.75, kidney=0.68, age=0.18),
    _log("Creatinine", 0.95, 0.58, 0.13, own=0.8, kidney=0.86, female=-0.12, readmitted=0.10),
    _log("Mg", 2.02, 0.15, own=0.4, memory=0.8, kidney=0.26),
    _log("SGOT", 38.0, 0.85, 0.12, own=0.6, memory=0.8, liver=0.90),
    _log("SGPT", 30.0, 0.85, 0.12, own=0.6, memory=0.8, liver=0.90),
    _log("TotalBili", 0.8, 0.75, 0.3, own=0.9, liver=0.15, clotting=0.2, deadly=0.35),
    _log("WbcCount", 10.6, 0.50, own=0.75, memory=0.85, inflammation=0.3),
    _log("PlateletsCount", 198.0, 0.55, own=0.85, clotting=-0.15, dilution=-0.08,
         deadly=-0.35),
    _log("PaO2", 107.0, 0.42, 0.4, own=0.5, memory=0.6, lung=-0.15, ventilated=0.05),
    _log("FiO2", 0.41, 0.25, 0.45, own=0.5, memory=0.8, lung=0.50, ventilated=0.14),
    _log("PaCO2", 40.0, 0.215, own=0.62, memory=0.75, lung=0.10),
    _log("lactate", 1.0, 0.46, own=0.5, memory=0.85, liver=0.2),
    _log("urine", 205.0, 0.78, own=0.40, memory=0.5, kidney=-0.30, age=-0.15, readmitted=-0.12),
    _log("PTT", 34.0, 0.235, 0.55, own=0.8, clotting=0.62),
    _log("PT", 14.2, 0.13, 1.15, own=0.85, clotting=0.70),
    # normal
    _normal("tone", 0.0, 1.0, own=0.0, memory=0.55),
    _normal("Na", 138.7, 4.5, own=0.75, ventilated=0.14),
    _normal("gap", 0.0, 3.0, own=0.40, memory=0.7, kidney=0.2),
    _normal("base", 24.6, 4.4, own=0.55, memory=0.75, severity=-0.10, kidney=-0.12),
    _normal("Ca", 8.3, 0.72, own=0.65, dilution=-0.14),
    _normal("IonisedCa", 1.127, 0.079, own=0.5, memory=0.8),
    _normal("Albumin", 2.98, 0.72, own=0.9, dilution=-0.06, clotting=-0.08),
    _normal("Hb", 10.3, 1.75, own=0.8, dilution=-0.12, female=-0.10, readmitted=-0.13),
    _normal("Temp", 37.05, 0.75, own=0.4, memory=0.7, inflammation=0.35, ventilated=0.20,
            age=-0.15, kidney=-0.10),
    _normal("SpO2", 97.2, 2.25, own=0.45, memory=0.6, ventilated=0.24, lung=-0.30),
    _normal("INR", 0.0, 1.0, own=0.3, memory=0.3),
    _normal("CO2", 0.0, 2.0, own=0.0, memory=0.0),
    _normal("GCS", 0.0, 1.0, own=0.5, memory=0.7, brain=-0.88, deadly=-0.1),
)  # fmt: skip

NAMES = tuple(signal.name for signal in SIGNALS)
DRIVER = {name: k for k, name in enumerate(DRIVERS)}
INDEX = {name: k for k, name in enumerate(NAMES)}
N_LOG = sum(signal.skew is not None for signal in SIGNALS)
assert all(signal.skew is not None for signal in SIGNALS[:N_LOG])

OWN_TOGETHER = {
    ("Na", "base"): 0.15, ("PaCO2", "base"): 0.72, ("SGOT", "SGPT"): 0.5,
    ("WbcCount", "PlateletsCount"): 0.25, ("Ca", "IonisedCa"): 0.35, ("Ca", "Albumin"): 0.30,
    ("Hb", "Albumin"): 0.25, ("HR", "RR"): 0.25, ("BUN", "Creatinine"): 0.3, ("BUN", "Mg"): 0.25,
    ("Hb", "SpO2"): -0.2, ("RR", "SpO2"): -0.2, ("Hb", "BUN"): -0.15, ("Hb", "PT"): -0.15,
    ("K", "base"): -0.15, ("K", "Na"): -0.2, ("PTT", "PT"): 0.3, ("Ca", "base"): 0.15,
    ("PaO2", "SpO2"): 0.15,
}  # fmt: skip
"""Correlations of what is the patient's own."""

DRIFT_TOGETHER = {
    ("HR", "RR"): 0.35, ("HR", "Temp"): 0.2, ("HR", "tone"): 0.2, ("RR", "tone"): 0.1,
    ("PaCO2", "base"): 0.65, ("SGOT", "SGPT"): 0.5, ("SGOT", "TotalBili"): 0.1,
    ("WbcCount", "PlateletsCount"): 0.25, ("Hb", "PlateletsCount"): 0.12,
    ("Hb", "WbcCount"): 0.1, ("Ca", "Mg"): 0.2, ("K", "Mg"): 0.25, ("BUN", "K"): 0.3,
    ("PTT", "PT"): 0.1, ("K", "Ca"): 0.2,
    ("gap", "Hb"): 0.3, ("gap", "Ca"): 0.35, ("gap", "PlateletsCount"): 0.3, ("gap", "Mg"): 0.25,
    ("gap", "Creatinine"): 0.3, ("Hb", "Ca"): 0.2, ("PaO2", "SpO2"): 0.25,
    ("Ca", "PlateletsCount"): 0.2,
    ("PlateletsCount", "Mg"): 0.2, ("PlateletsCount", "Creatinine"): 0.2, ("PT", "Hb"): -0.15,
    ("PTT", "Hb"): -0.15,
}  # fmt: skip
"""Correlations of what drifts."""


def root(pairs: dict[tuple[str, str], float]) -> np.ndarray:
    """Return a matrix that turns independent scores (rows) into correlated ones."""
    matrix = np.eye(len(NAMES))
    for (one, other), r in pairs.items():
        matrix[INDEX[one], INDEX[other]] = matrix[INDEX[other], INDEX[one]] = r
    return np.linalg.cholesky(matrix).T


DEADLY = np.array([signal.deadly for signal in SIGNALS])
PULLS = np.array([[signal.pulls.get(driver, 0.0) for signal in SIGNALS] for driver in DRIVERS])
PULLED_BY = [[(k, w) for k, w in enumerate(column) if w] for column in PULLS.T.tolist()]
"""For each signal the positions of its drivers, and their weights."""

_rest = np.sqrt(1 - (PULLS**2).sum(axis=0))
_own = np.array([signal.own for signal in SIGNALS])
OWN = root(OWN_TOGETHER) * (_rest * np.sqrt(_own))
"""From independent scores to what is the patient's own, shape (n_signals, n_signals)."""

MEMORY = np.array([signal.memory for signal in SIGNALS])
DRIFT = root(DRIFT_TOGETHER) * (_rest * np.sqrt(1 - _own))
"""From independent scores to a drift after long, shape (n_signals, n_signals)."""

STEP = DRIFT * np.sqrt(1 - MEMORY**2)
"""From independent scores to the change of a drift in four hours."""

_TYPICAL = np.array([signal.typical for signal in SIGNALS])
_SPREAD = np.array([signal.spread for signal in SIGNALS])
_UPWARD = _SPREAD * [1 + (signal.skew or 0.0) for signal in SIGNALS]


def values(scores: np.ndarray) -> np.ndarray:
    """Turn scores into values in their units, shape (n, n_signals) both."""
    scores = scores.clip(-4.0, 4.0)
    moved = scores * _UPWARD  # the larger product: the wider spread above the median alone
    np.maximum(moved, np.multiply(scores, _SPREAD, out=scores), out=moved)
    grown = np.exp(moved)
    grown *= _TYPICAL
    np.add(moved[:, N_LOG:], _TYPICAL[N_LOG:], out=grown[:, N_LOG:])
    return grown
