"""The clinician's liking of each regimen in 2013 (log-odds), in the order of ``REGIMENS``.

Written by ``tools/fit_art_preferences.py``: the values with which the simulated cohort spends
``regimens.SHARE`` of its treated months on each regimen.
"""

from __future__ import annotations

import numpy as np

PREFERENCE = np.array([
    -0.417,  # FTC + TDF + EFV
    0.000,  # FTC + TDF + RPV
    -3.722,  # FTC + TDF + NVP
    -2.276,  # FTC + TDF + DTG
    -2.742,  # FTC + TDF + RAL
    -1.907,  # FTC + TDF + EVG + pk-En
    -3.611,  # FTC + TDF + LPV
    -0.828,  # 3TC + ABC + DTG
    -2.809,  # 3TC + ABC + EFV
    -3.023,  # 3TC + ABC + NVP
    -3.248,  # 3TC + ABC + RPV
    -3.129,  # 3TC + ABC + RAL
    -2.458,  # 3TC + ABC + ATV
    -4.248,  # 3TC + ABC + LPV
    -3.357,  # 3TC + ABC + DRV + pk-En
    -1.033,  # FTC + TAF + EVG + pk-En
    -2.196,  # FTC + TAF + RPV
    -4.746,  # FTC + TAF + DTG
    -4.280,  # FTC + TAF + DRV + pk-En
    -1.722,  # DRV + FTC + TDF + RTVB
    -2.419,  # DRV + FTC + TDF + RTV
    -4.486,  # DRV + FTC + TDF + pk-En
    -3.446,  # DRV + FTC + TDF + RAL + RTVB
    -3.389,  # FTC + RTVB + TDF + ATV
    -2.539,  # FTC + RTVB + TDF + DRV
    -3.432,  # Other + EFV
    -4.937,  # Other + NVP
    -3.499,  # Other + DTG
    -5.272,  # Other + LPV
    -4.750,  # Other + DTG + DRV + pk-En
])  # fmt: skip
