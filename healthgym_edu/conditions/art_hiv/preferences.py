"""The clinician's liking of each regimen in 2013 (log-odds), ordered as REGIMENS.

Written by ``tools/fit_art_preferences.py``: the values with which the simulated cohort spends
``regimens.SHARE`` of its treated months on each regimen.
"""

from __future__ import annotations

import numpy as np

PREFERENCE = np.array([
    -1.013,  # FTC + TDF + EFV
    -0.198,  # FTC + TDF + RPV
    -3.846,  # FTC + TDF + NVP
    -1.881,  # FTC + TDF + DTG
    -2.646,  # FTC + TDF + RAL
    -1.392,  # FTC + TDF + EVG + pk-En
    -3.892,  # FTC + TDF + LPV
    -0.242,  # 3TC + ABC + DTG
    -3.035,  # 3TC + ABC + EFV
    -3.310,  # 3TC + ABC + NVP
    -2.660,  # 3TC + ABC + RPV
    -3.143,  # 3TC + ABC + RAL
    -2.694,  # 3TC + ABC + ATV
    -4.351,  # 3TC + ABC + LPV
    -3.361,  # 3TC + ABC + DRV + pk-En
    0.000,  # FTC + TAF + EVG + pk-En
    -0.965,  # FTC + TAF + RPV
    -3.396,  # FTC + TAF + DTG
    -3.298,  # FTC + TAF + DRV + pk-En
    -1.922,  # DRV + FTC + TDF + RTVB
    -2.442,  # DRV + FTC + TDF + RTV
    -4.466,  # DRV + FTC + TDF + pk-En
    -3.613,  # DRV + FTC + TDF + RAL + RTVB
    -3.381,  # FTC + RTVB + TDF + ATV
    -2.630,  # FTC + RTVB + TDF + DRV
    -3.551,  # Other + EFV
    -5.042,  # Other + NVP
    -2.273,  # Other + DTG
    -5.357,  # Other + LPV
    -4.110,  # Other + DTG + DRV + pk-En
])  # fmt: skip
