"""The clinician's liking of each regimen in 2013 (log-odds), ordered as REGIMENS.

Written by ``tools/fit_art_preferences.py``: the values with which the simulated cohort spends
``regimens.SHARE`` of its treated months on each regimen.
"""

from __future__ import annotations

import numpy as np

PREFERENCE = np.array([
    -3.696,  # FTC + TDF + EFV
    -2.363,  # FTC + TDF + RPV
    -6.811,  # FTC + TDF + NVP
    -4.380,  # FTC + TDF + DTG
    -6.324,  # FTC + TDF + RAL
    -3.325,  # FTC + TDF + EVG + pk-En
    -9.395,  # FTC + TDF + LPV
    -1.962,  # 3TC + ABC + DTG
    -5.770,  # 3TC + ABC + EFV
    -5.873,  # 3TC + ABC + NVP
    -5.047,  # 3TC + ABC + RPV
    -6.137,  # 3TC + ABC + RAL
    -6.136,  # 3TC + ABC + ATV
    -8.432,  # 3TC + ABC + LPV
    -7.100,  # 3TC + ABC + DRV + pk-En
    0.000,  # FTC + TAF + EVG + pk-En
    -1.477,  # FTC + TAF + RPV
    -4.562,  # FTC + TAF + DTG
    -5.810,  # FTC + TAF + DRV + pk-En
    -5.215,  # DRV + FTC + TDF + RTVB
    -5.830,  # DRV + FTC + TDF + RTV
    -9.373,  # DRV + FTC + TDF + pk-En
    -7.405,  # DRV + FTC + TDF + RAL + RTVB
    -7.262,  # FTC + RTVB + TDF + ATV
    -5.959,  # FTC + RTVB + TDF + DRV
    -6.449,  # Other + EFV
    -8.453,  # Other + NVP
    -4.073,  # Other + DTG
    -12.230,  # Other + LPV
    -6.632,  # Other + DTG + DRV + pk-En
])  # fmt: skip
