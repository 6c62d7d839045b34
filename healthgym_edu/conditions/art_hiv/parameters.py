"""Every constant of the ART mechanism, with its source or the word "assumed".

Change one with ``dataclasses.replace(Parameters(), name=value)`` and simulate again: that is
how the calibration was done and how an exercise can ask "what if?".
"""

from __future__ import annotations

from dataclasses import dataclass

DAYS_PER_MONTH = 365.25 / 12
DETECTION_LIMIT = 50.0
"""copies/mL: below it a viral load counts as suppressed (the limit of the trials cited here)."""

FAILURE_LIMIT = 1000.0
"""copies/mL: two consecutive results above it are virological failure (WHO)."""


@dataclass(frozen=True)
class Parameters:
    """Constants of the ART simulator.  Rates are per month unless the comment says otherwise."""

    # Who enters.  EuResist marginals of Gender and Ethnic (published_facts, real EuResist).
    female_by_ethnicity: tuple[float, ...] = (0.38, 0.64, 0.135, 0.153)
    ethnicity: tuple[float, ...] = (0.0423, 0.1354, 0.3291, 0.4932)
    age_mean: float = 39.0  # years; assumed
    age_sd: float = 10.5  # years; assumed
    naive_share: float = 0.55  # not yet treated at month 0; assumed
    entry_years: tuple[int, int] = (2009, 2016)  # first month of follow-up; assumed
    years_treated: float = 4.0  # mean years on ART of the already treated; assumed

    # Virus.  ClinSurv Germany 2005-17: 65,000 (13,903-213,000) copies/mL at start of ART.
    setpoint_mean: float = 4.78  # log10 copies/mL
    setpoint_sd: float = 0.85  # log10
    setpoint_female: float = -0.20  # log10; assumed
    fast_decay: float = 0.60  # per day; ACTG A5166s 0.56-0.67, A5248 0.563
    residual_mean: float = 1.21  # log10 copies/mL under full suppression; assumed
    residual_sd: float = 0.21  # between patients, log10; assumed
    residual_adherence: float = 2.9  # log10 gained per unit of effect lost; assumed
    rebound: float = 4.3  # log10 per month (+1 log10 per week); field notes, assumed
    partial_suppression: float = 2.0  # log10 below set-point at the critical effect; assumed
    critical_effect: float = 0.55  # effect below which virus grows; assumed
    backbone_weight: float = 0.35  # share of the effect that the NRTI backbone gives; assumed
    backbone_loss: float = 0.40  # share of the backbone's effect that resistance takes; assumed
    backbone_resistance: float = 0.020  # highest monthly hazard; HOMER ratio 3.0 to 6.0
    blip: float = 0.03  # share of tests with a blip; 2-5 % (field notes 3a)
    blip_mean: float = 2.0  # log10 copies/mL; usually < 500 (BMC Infect Dis 2016)
    blip_sd: float = 0.30  # log10
    assay_sd: float = 0.20  # log10; field notes 3a

    # Adherence: logit of the share of doses taken.
    adherence_mean: float = 2.17  # logit; assumed (half take more than 97 %)
    adherence_sd: float = 1.6  # between patients, logit; assumed
    adherence_drift: float = 1.0  # within patients, logit; assumed
    adherence_memory: float = 0.90  # from one month to the next; assumed
    adherence_intolerance: float = -1.2  # logit, while a side effect lasts; assumed
    disengage: float = 0.0034  # leaving care; COHERE 2019: failure or interruption 4-9/100 PY
    disengage_adherence: float = -0.75  # log hazard per SD of adherence; assumed
    reengage: float = 0.10  # returning to care; assumed

    # CD4.  Presentation: ClinSurv 241 (111-369) at start; see calibration for the cohort.
    cd4_root_mean: float = 17.8  # square root of cells/uL before treatment; ClinSurv, adjusted
    cd4_root_sd: float = 6.0
    cd4_root_by_ethnicity: tuple[float, ...] = (-0.6, -2.6, -0.3, 0.8)  # assumed
    cd4_setpoint: float = -0.15  # correlation of CD4 with set-point before treatment; assumed
    cd4_fast: float = 112.0  # cells/uL regained in the first months (PMC3037838: 93-151 in 6)
    cd4_fast_up: float = 2.0  # months to half of it; Tanzania 3.6-5.7 for the whole recovery
    cd4_fast_down: float = 2.0  # months to lose half of it off treatment; assumed
    cd4_slow: float = 0.0068  # share of the way to the ceiling per month (22-36 cells/year)
    cd4_ceiling: float = 330.0  # cells/uL above the lowest count; Kelley 2009
    cd4_ceiling_nadir: float = 0.25  # the lower the start, the lower the ceiling; Kelley 2009
    cd4_ceiling_age: float = -3.0  # cells/uL per year of age above 40; assumed
    cd4_recovery_sd: float = 0.45  # between patients, log; assumed
    cd4_recovery_female: float = 1.25  # PMC5055355: 1.25-1.28
    cd4_loss: float = 4.2  # cells/uL per month untreated; ATHENA: 27-55 a year
    cd4_fluctuation: float = 0.06  # log, month to month; assumed
    cd4_assay: float = 0.05  # log; assumed
    lymphocytes_mean: float = 1850.0  # cells/uL; CD4 500 goes with about 26 % (staging)
    lymphocytes_sd: float = 0.38  # between patients, log; assumed
    lymphocytes_cd4: float = 0.35  # log lymphocytes per log CD4; assumed
    lymphocytes_memory: float = 0.75  # of the fluctuation; assumed

    # Care.  Visits at months 0, 1, 3, 6, then as guidelines monitor; at most 15 decisions.
    most_decisions: int = 15
    early_visits: tuple[int, ...] = (0, 1, 3, 6)
    visit_interval: int = 5  # months, suppressed; 3-6 (DHHS)
    visit_interval_viraemic: int = 3  # months; DHHS
    visit_interval_untreated: int = 5  # months; assumed
    vl_at_visit: float = 0.96  # VL measured at a visit; with the two below: EuResist 24.0 %
    cd4_with_vl: float = 0.82  # from EuResist rates 24.0, 21.5 % and correlation 0.85
    cd4_without_vl: float = 0.018
    laboratory_draw: float = 0.045  # blood drawn in a month without a decision; assumed
    recorded_on_treatment: float = 0.958  # recording noise of Drug (M); assumed
    recorded_off_treatment: float = 0.02  # assumed

    # The clinician.
    least_probability: float = 0.005  # every admissible action's probability, at least
    stay: float = 7.2  # log-odds of keeping a regimen that works; calibrated to 63.8 % changing
    leave_intolerable: float = -3.0  # log-odds added to regimens with the offending drug; assumed
    leave_failing: float = -3.0  # log-odds added to the failing class; assumed
    barrier_after_failure: float = 1.2  # log-odds for boosted PI and DTG after failure; assumed
    protease_women: float = 0.5  # log-odds; pregnancy guidance of the years before 2016
    efavirenz_women: float = -0.4  # log-odds; same
    rilpivirine_high_viral_load: float = -1.5  # log-odds above 100,000 copies/mL; its licence
    deferral: float = 2.6  # log-odds of waiting above the guideline's CD4 threshold; assumed
    deferral_below: float = -2.5  # log-odds of waiting below it; assumed
    alternatives_stable: int = 6  # admissible alternatives to a regimen that works
    alternatives: int = 14  # admissible alternatives otherwise
