"""The clinician's liking of each regimen in 2013 (log-odds), ordered as REGIMENS.

Written by ``tools/fit_art_preferences.py``: the values with which the simulated cohort spends
``regimens.SHARE`` of its treated months on each regimen.
"""

from __future__ import annotations

import numpy as np

PREFERENCE = np.array([
    -3.984,  # FTC + TDF + EFV
    -2.592,  # FTC + TDF + RPV
    -7.189,  # FTC + TDF + NVP
    -4.564,  # FTC + TDF + DTG
    -6.699,  # FTC + TDF + RAL
    -3.569,  # FTC + TDF + EVG + pk-En
    -9.639,  # FTC + TDF + LPV
    -2.034,  # 3TC + ABC + DTG
    -6.045,  # 3TC + ABC + EFV
    -6.132,  # 3TC + ABC + NVP
    -5.305,  # 3TC + ABC + RPV
    -6.454,  # 3TC + ABC + RAL
    -6.474,  # 3TC + ABC + ATV
    -8.731,  # 3TC + ABC + LPV
    -7.495,  # 3TC + ABC + DRV + pk-En
    0.000,  # FTC + TAF + EVG + pk-En
    -1.540,  # FTC + TAF + RPV
    -4.526,  # FTC + TAF + DTG
    -6.267,  # FTC + TAF + DRV + pk-En
    -5.676,  # DRV + FTC + TDF + RTVB
    -6.264,  # DRV + FTC + TDF + RTV
    -13.037,  # DRV + FTC + TDF + pk-En
    -8.172,  # DRV + FTC + TDF + RAL + RTVB
    -7.383,  # FTC + RTVB + TDF + ATV
    -6.486,  # FTC + RTVB + TDF + DRV
    -6.752,  # Other + EFV
    -8.880,  # Other + NVP
    -4.168,  # Other + DTG
    -14.920,  # Other + LPV
    -6.450,  # Other + DTG + DRV + pk-En
])  # fmt: skip
