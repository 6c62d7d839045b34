"""The regimens of the ART cohort: what they contain and what each drug class brings.

A regimen is one row of the five published drug columns.  All thirty obey pharmacology: no
two integrase inhibitors, EVG always with the pharmacokinetic enhancer cobicistat, DRV always
with a booster (``RTVB``, ``RTV``, the ritonavir inside the base ``FTC + RTVB + TDF``, or
cobicistat), LPV co-formulated with ritonavir, and ATV either boosted (``FTC + RTVB + TDF``)
or, with 3TC + ABC, unboosted, which its American label allows.

Regimens differ by their third agent; backbones do equally well here (assumed).

``SHARE`` is the share of patient-months each regimen should hold.  It was found by least
squares so that the thirty regimens together reproduce the EuResist marginals of the five
columns and the correlations between them (published_facts: real EuResist, digitised), with a
penalty for leaving common practice.  ``PREFERENCE`` is what the clinician must like for those
shares to come out of the mechanism (``tools/fit_art_preferences.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NO_TREATMENT = "No treatment"
THIRD_AGENTS = ("NVP", "EFV", "RPV", "DTG", "RAL", "EVG", "DRV", "ATV", "LPV")
STRENGTH = ("DTG", "DRV", "ATV", "LPV", "RAL", "EVG", "RPV", "EFV", "NVP")
"""Third agents from the highest barrier to resistance to the lowest (assumed order)."""


@dataclass(frozen=True)
class Regimen:
    """One combination of the five published drug columns (labels), and its third agent."""

    base: str
    ini: str = "Not Applied"
    nnrti: str = "Not Applied"
    pi: str = "Not Applied"
    enhancer: bool = False

    @property
    def agent(self) -> str:
        """The drug that decides potency, barrier and tolerability; of two the stronger."""
        drugs = {self.ini, self.nnrti, self.pi} | ({"DRV"} if "DRV" in self.base else set())
        return next(drug for drug in STRENGTH if drug in drugs)

    @property
    def name(self) -> str:
        """How the regimen is called, for instance ``3TC + ABC + DTG``."""
        extras = [d for d in (self.ini, self.nnrti, self.pi) if d != "Not Applied"]
        return " + ".join([self.base, *extras, *(["pk-En"] if self.enhancer else [])])


TDF, ABC, TAF = "FTC + TDF", "3TC + ABC", "FTC + TAF"
DRV_TDF, RTVB_TDF, OTHER = "DRV + FTC + TDF", "FTC + RTVB + TDF", "Other"

BACKBONE = {DRV_TDF: TDF, RTVB_TDF: TDF}
"""The two NRTIs of bases that name a protease inhibitor or its booster, too."""

_CATALOGUE: tuple[tuple[Regimen, float], ...] = (
    (Regimen(TDF, nnrti="EFV"), 0.1788),
    (Regimen(TDF, nnrti="RPV"), 0.1627),
    (Regimen(TDF, nnrti="NVP"), 0.0091),
    (Regimen(TDF, ini="DTG"), 0.0432),
    (Regimen(TDF, ini="RAL"), 0.0259),
    (Regimen(TDF, ini="EVG", enhancer=True), 0.0357),
    (Regimen(TDF, pi="LPV"), 0.0163),
    (Regimen(ABC, ini="DTG"), 0.1441),
    (Regimen(ABC, nnrti="EFV"), 0.0209),
    (Regimen(ABC, nnrti="NVP"), 0.0187),
    (Regimen(ABC, nnrti="RPV"), 0.0100),
    (Regimen(ABC, ini="RAL"), 0.0144),
    (Regimen(ABC, pi="ATV"), 0.0383),
    (Regimen(ABC, pi="LPV"), 0.0059),
    (Regimen(ABC, pi="DRV", enhancer=True), 0.0147),
    (Regimen(TAF, ini="EVG", enhancer=True), 0.0549),
    (Regimen(TAF, nnrti="RPV"), 0.0166),
    (Regimen(TAF, ini="DTG"), 0.0082),
    (Regimen(TAF, pi="DRV", enhancer=True), 0.0015),
    (Regimen(DRV_TDF, pi="RTVB"), 0.0656),
    (Regimen(DRV_TDF, pi="RTV"), 0.0346),
    (Regimen(DRV_TDF, enhancer=True), 0.0015),
    (Regimen(DRV_TDF, ini="RAL", pi="RTVB"), 0.0061),
    (Regimen(RTVB_TDF, pi="ATV"), 0.0140),
    (Regimen(RTVB_TDF, pi="DRV"), 0.0312),
    (Regimen(OTHER, nnrti="EFV"), 0.0094),
    (Regimen(OTHER, nnrti="NVP"), 0.0015),
    (Regimen(OTHER, ini="DTG"), 0.0132),
    (Regimen(OTHER, pi="LPV"), 0.0015),
    (Regimen(OTHER, ini="DTG", pi="DRV", enhancer=True), 0.0015),
)

REGIMENS: tuple[Regimen, ...] = tuple(regimen for regimen, _ in _CATALOGUE)
SHARE = np.array([share for _, share in _CATALOGUE])
SHARE = SHARE / SHARE.sum()
ACTIONS: tuple[str, ...] = (NO_TREATMENT, *(regimen.name for regimen in REGIMENS))
"""Action 0 is no treatment; action *k* is regimen ``REGIMENS[k - 1]``."""

AGENT = np.array([THIRD_AGENTS.index(regimen.agent) for regimen in REGIMENS])
"""Position of each regimen's third agent in ``THIRD_AGENTS``, shape (30,)."""

CLASS_OF = {"NVP": "NNRTI", "EFV": "NNRTI", "RPV": "NNRTI", "DTG": "INI", "RAL": "INI",
            "EVG": "INI", "DRV": "PI", "ATV": "PI", "LPV": "PI"}  # fmt: skip

HIGH_BARRIER = ("DTG", "DRV", "ATV", "LPV")
"""Third agents to which resistance is rare: protease inhibitors and dolutegravir."""


@dataclass(frozen=True)
class Agent:
    """What a third agent brings.

    ``long_lived`` and ``slow_decay`` describe the second phase of viral decay: the share of
    plasma virus that comes from long-lived cells, and its decay per day.  ``forgiveness`` is
    the adherence above which nothing is lost.  ``resistance`` is the highest monthly hazard
    of resistance, ``loss`` the share of the drug's effect that resistance takes.
    ``intolerance`` is the monthly hazard of a side effect that makes people stop.
    """

    available: float  # calendar year of the European authorisation; assumed
    long_lived: float
    slow_decay: float  # per day
    forgiveness: float
    resistance: float  # per month
    loss: float
    intolerance: float  # per month
    fashion: float  # yearly change of the log-odds of being chosen


# long_lived, slow_decay: RAL d2 0.070/day (ACTG A5248) and 70 % less second-phase viraemia than
# EFV (Antivir Ther 2009); day-28 drops of 2.59 (EFV), 2.42 (LPV) and 2.13 log10 (ATV) (2009.0177).
# resistance: NNRTI hazard several times that of boosted PI (HOMER 2008; OFID 2021); the levels are
# assumed.  intolerance: 48-week stopping 2 % DTG, 10 % EFV (SINGLE); HIV-TR 2011-17 ratios for the
# classes; the rest assumed.  available: from memory, so assumed.  fashion: assumed.
AGENTS: dict[str, Agent] = {
    "NVP": Agent(1998.0, 0.0060, 0.034, 0.88, 0.070, 0.92, 0.0085, -0.210),
    "EFV": Agent(1999.0, 0.0060, 0.034, 0.86, 0.060, 0.92, 0.0107, -0.175),
    "RPV": Agent(2011.9, 0.0055, 0.036, 0.87, 0.055, 0.90, 0.0035, 0.070),
    "DTG": Agent(2014.1, 0.0028, 0.072, 0.72, 0.003, 0.30, 0.0023, 0.245),
    "RAL": Agent(2008.0, 0.0035, 0.070, 0.87, 0.040, 0.85, 0.0022, -0.035),
    "EVG": Agent(2013.4, 0.0032, 0.068, 0.83, 0.035, 0.85, 0.0040, 0.105),
    "DRV": Agent(2007.0, 0.0090, 0.038, 0.74, 0.003, 0.35, 0.0030, 0.000),
    "ATV": Agent(2004.0, 0.0110, 0.034, 0.76, 0.004, 0.35, 0.0080, -0.105),
    "LPV": Agent(2001.0, 0.0090, 0.036, 0.76, 0.004, 0.35, 0.0090, -0.210),
}
"""Third agents by name; see :class:`Agent`."""

TAF_AVAILABLE = 2015.9
TAF_FASHION = 0.175


def per_regimen(field: str) -> np.ndarray:
    """Return one field of :class:`Agent` for every regimen, shape (30,)."""
    return np.array([getattr(AGENTS[THIRD_AGENTS[a]], field) for a in AGENT], dtype=float)


def columns_of(regimen: Regimen) -> tuple[str, str, str, str, bool]:
    """Return the five published drug columns of a regimen, in file order."""
    return regimen.base, regimen.ini, regimen.nnrti, regimen.pi, regimen.enhancer
