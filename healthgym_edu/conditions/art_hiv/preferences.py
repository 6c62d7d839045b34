"""The clinician's liking of each regimen in 2013 (log-odds), ordered as REGIMENS.

Written by ``tools/fit_art_preferences.py``: the values with which the simulated cohort spends
``regimens.SHARE`` of its treated months on each regimen.
"""

from __future__ import annotations

import numpy as np

PREFERENCE = np.array([
    -3.775,  # FTC + TDF + EFV
    -2.309,  # FTC + TDF + RPV
    -7.397,  # FTC + TDF + NVP
    -4.381,  # FTC + TDF + DTG
    -6.165,  # FTC + TDF + RAL
    -3.302,  # FTC + TDF + EVG + pk-En
    -8.899,  # FTC + TDF + LPV
    -1.876,  # 3TC + ABC + DTG
    -5.877,  # 3TC + ABC + EFV
    -6.217,  # 3TC + ABC + NVP
    -5.124,  # 3TC + ABC + RPV
    -6.074,  # 3TC + ABC + RAL
    -6.090,  # 3TC + ABC + ATV
    -8.124,  # 3TC + ABC + LPV
    -6.974,  # 3TC + ABC + DRV + pk-En
    0.000,  # FTC + TAF + EVG + pk-En
    -1.504,  # FTC + TAF + RPV
    -4.834,  # FTC + TAF + DTG
    -5.947,  # FTC + TAF + DRV + pk-En
    -5.117,  # DRV + FTC + TDF + RTVB
    -5.744,  # DRV + FTC + TDF + RTV
    -8.179,  # DRV + FTC + TDF + pk-En
    -7.228,  # DRV + FTC + TDF + RAL + RTVB
    -7.075,  # FTC + RTVB + TDF + ATV
    -5.915,  # FTC + RTVB + TDF + DRV
    -6.417,  # Other + EFV
    -8.428,  # Other + NVP
    -4.031,  # Other + DTG
    -9.858,  # Other + LPV
    -6.113,  # Other + DTG + DRV + pk-En
])  # fmt: skip
