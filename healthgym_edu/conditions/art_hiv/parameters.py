"""Every constant of the ART mechanism, with its source or the word "assumed".

Change one with ``dataclasses.replace(Parameters(), name=value)`` and simulate again: that is
how the calibration was done and how an exercise can ask "what if?".

Known limits.  The released file has more low-level viraemia than clinics of those years saw
(upper quartile of VL 778 copies/mL), so adherence here is poorer than in European cohorts and
failure more frequent.  It also has 63.8 % of people changing regimen in five years; with that, 19 %
change in the first year where HIV-TR counted 11.6 %.  Both follow the released file because that is
what learners will meet.  Nobody dies or leaves for good, as in that file.  Drugs restore CD4 cells
through the virus alone: SINGLE counted 59 cells/uL more under DTG than under EFV at week 48, and
here those who are suppressed gain as many under one as under the other.
"""

from __future__ import annotations

from dataclasses import dataclass

DAYS_PER_MONTH = 365.25 / 12
DETECTION_LIMIT = 50.0
"""copies/mL: below it a viral load counts as suppressed (the limit of the trials cited here)."""

FAILURE_LIMIT = 200.0
"""copies/mL: two consecutive results above it are virological failure (DHHS, ACTG)."""


@dataclass(frozen=True)
class Parameters:
    """Constants of the ART mechanism.  Rates are per month unless the comment says otherwise."""

    # --- who enters: EuResist marginals of Gender and Ethnic (published_facts, real EuResist)
    ethnicity: tuple[float, ...] = (0.0423, 0.1354, 0.3291, 0.4932)
    female_by_ethnicity: tuple[float, ...] = (0.38, 0.64, 0.135, 0.153)  # r(Gender, Ethnic) -0.30
    age_mean: float = 39.0  # years; assumed
    age_sd: float = 10.5  # years; assumed
    age_range: tuple[float, float] = (18.0, 78.0)  # years; assumed
    naive_share: float = 0.57  # not yet treated at month 0; assumed
    years_treated: float = 4.0  # mean years on ART of the already treated; assumed
    oldest_regimen: float = 2003.0  # calendar year: nobody still takes what was older; assumed
    transmitted_nnrti: float = 0.05  # resistant before any treatment; SPREAD Europe 8-10 % in all
    transmitted_nrti: float = 0.04  # others than these; the split between the two is assumed
    past_resistance_nrti: float = 0.010  # per year treated before entry; assumed
    past_resistance_nnrti: float = 0.008  # per year treated before entry; assumed
    past_recovery_uncontrolled: float = 0.35  # share of CD4 recovery without control; assumed

    # --- virus.  ClinSurv Germany 2005-17: 65,000 (13,903-213,000) copies/mL at start of ART
    setpoint_mean: float = 4.78  # log10 copies/mL
    setpoint_sd: float = 0.85  # log10
    setpoint_range: tuple[float, float] = (2.5, 6.3)  # log10; assumed
    setpoint_female: float = -0.20  # log10; assumed
    fast_decay: float = 0.60  # per day; ACTG A5166s 0.56-0.67, A5248 0.563
    residual_mean: float = 1.21  # log10 copies/mL under full suppression; calibrated
    residual_sd: float = 0.21  # between patients, log10; calibrated
    residual_adherence: float = 3.4  # log10 gained per unit of effect lost; calibrated
    rebound: float = 4.3  # log10 per month (+1 log10 a week); assumed
    partial_suppression: float = 2.0  # log10 below set-point at the critical effect; assumed
    critical_effect: float = 0.55  # effect below which virus grows; assumed
    least_control: float = 0.05  # share of the full decay just above the critical effect; assumed
    backbone_weight: float = 0.35  # share of the effect that the NRTI backbone gives; assumed
    backbone_loss: float = 0.40  # share of the backbone's effect that resistance takes; assumed
    backbone_loss_weak: float = 0.70  # the same beside a drug with a low barrier; assumed
    weak_after_nrti: float = 3.0  # hazard of its resistance where the backbone's is lost; assumed
    backbone_resistance: float = 0.020  # highest hazard; assumed (HOMER: 3TC about half of NNRTI)
    replication_range: tuple[float, float] = (1.7, 3.7)  # log10 VL: no to full selection; assumed
    # RPV as a first regimen with a set-point above its limit: ECHO and THRIVE, 10 points fewer
    # suppressed than with EFV above 100,000 copies/mL; how it comes about is assumed
    rilpivirine_forgiveness: float = 0.08  # more adherence is needed
    rilpivirine_long_lived: float = 1.5  # times as much virus from long-lived cells
    blip: float = 0.03  # share of tests with a blip; 2-5 % (assumed range of field studies)
    blip_mean: float = 2.0  # log10 copies/mL; usually < 500 (BMC Infect Dis 2016)
    blip_sd: float = 0.30  # log10; assumed
    blip_below: float = 2.5  # log10: above it a blip would not be noticed; assumed
    assay_sd: float = 0.20  # log10; assumed

    # --- adherence: logit of the share of doses taken
    adherence_mean: float = 1.78  # logit; calibrated (half take more than 90 %)
    adherence_sd: float = 1.8  # between patients, logit; assumed
    adherence_drift: float = 0.5  # within patients, logit; assumed
    adherence_memory: float = 0.90  # from one month to the next; assumed
    adherence_intolerance: float = -0.8  # logit, while a side effect lasts; assumed
    support: float = 1.0  # logit at once, by help with adherence at a confirmed failure; assumed
    support_lasting: float = 0.7  # logit for good, by the same; assumed
    support_most: int = 3  # times that help still helps; assumed
    disengage: float = 0.0041  # leaving care; COHERE 2019: failure or interruption 4-9/100 PY
    disengage_adherence: float = -0.75  # log hazard per SD of adherence; assumed
    reengage: float = 0.08  # returning to care; assumed

    # --- side effects: hazards by drug in regimens.AGENTS
    intolerance_months: tuple[int, ...] = (3, 12)  # months on a drug at which the hazard falls
    intolerance_shares: tuple[float, ...] = (2.3, 0.36, 0.6)  # of the hazard; SINGLE weeks 48, 144
    toxicity: float = 2.75  # hazard in clinics relative to trials (1 there); assumed
    intolerance_fades: float = 0.04  # side effects that pass by themselves; assumed

    # --- CD4.  ClinSurv at start of ART: 241 (111-369); quartiles of the cohort are calibrated
    cd4_root_mean: float = 17.8  # square root of cells/uL before treatment; calibrated
    cd4_root_sd: float = 6.0  # calibrated
    cd4_root_range: tuple[float, float] = (2.0, 33.0)  # assumed
    cd4_root_by_ethnicity: tuple[float, ...] = (-0.6, -2.6, -0.3, 0.8)  # r(Ethnic, CD4) +0.10
    cd4_setpoint: float = -0.15  # correlation with set-point before treatment; assumed
    cd4_fast: float = 112.0  # cells/uL regained in the first months (PMC3037838: 93-151 in 6)
    cd4_fast_up: float = 2.0  # months to half of it; assumed
    cd4_fast_down: float = 2.0  # months to lose half of it off treatment; assumed
    cd4_slow: float = 0.0068  # share of the way to the ceiling; PMC3037838: 22-36 cells a year
    cd4_ceiling: float = 330.0  # cells/uL above the lowest count; assumed
    cd4_ceiling_least: float = 40.0  # cells/uL; assumed
    cd4_ceiling_nadir: float = 0.25  # per cell of nadir above 250; direction Kelley 2009
    cd4_ceiling_nadir_at: float = 250.0  # cells/uL at which cd4_ceiling holds; assumed
    cd4_ceiling_age: float = -3.0  # cells/uL per year of age above 40; assumed
    cd4_ceiling_age_at: float = 40.0  # years at which cd4_ceiling holds; assumed
    cd4_recovery_sd: float = 0.42  # between patients, log; assumed
    cd4_recovery_female: float = 1.25  # PMC5055355: 1.25-1.28
    cd4_loss: float = 4.2  # cells/uL while viraemic; ATHENA: 27-55 a year
    cd4_loss_full: float = 150.0  # cells/uL: below it the loss shrinks with the count; assumed
    cd4_viraemia_range: tuple[float, float] = (2.3, 4.5)  # log10 VL: no to full harm; assumed
    cd4_fluctuation: float = 0.13  # log, month to month; with the next two 17 % (Gordon 2015)
    cd4_assay: float = 0.06  # log, shared by count and percentage; assumed
    cd4_percent_noise: float = 0.07  # log, of the percentage alone; 10 % in all (Gordon 2015)
    lymphocytes_mean: float = 1850.0  # cells/uL; CD4 500 goes with about 26 % (staging), assumed
    lymphocytes_sd: float = 0.31  # between patients, log; r(CD4, Rel CD4) 0.52
    lymphocytes_cd4: float = 0.38  # log lymphocytes per log CD4; assumed
    lymphocytes_at: float = 450.0  # cells/uL of CD4 at which lymphocytes_mean holds; assumed
    lymphocytes_memory: float = 0.75  # of the fluctuation; assumed
    highest_cd4: float = 3000.0  # cells/uL; reached by nobody, approached softly
    highest_percent: float = 62.5  # per cent; the same

    # --- care.  Visits at months 0, 1, 3, 6, then as guidelines monitor; at most 15 decisions
    most_decisions: int = 15
    early_visits: tuple[int, ...] = (0, 1, 3, 6)
    visit_interval: int = 5  # months, suppressed; DHHS 3-6
    visit_interval_viraemic: int = 3  # months; DHHS
    visit_interval_untreated: int = 5  # months; assumed
    visit_jitter: int = 2  # months later at most, drawn evenly; assumed
    viraemic_above: float = 200.0  # copies/mL: seen again sooner; DHHS
    vl_at_visit: float = 0.96  # VL measured at a visit; with the next three: EuResist rates
    cd4_with_vl: float = 0.82  # CD4 measured where VL is; EuResist 21.5 %, r(flags) 0.85
    cd4_without_vl: float = 0.018  # and where it is not
    laboratory_draw: float = 0.062  # blood drawn in a month without a decision; EuResist 24.0 %
    recorded_on_treatment: float = 0.965  # recording noise of Drug (M); EuResist 88.3 %
    genotyped_at_entry: float = 0.9  # share of people; IAS-USA: everybody
    genotyped_above: float = 2.7  # log10 VL: on treatment every result above it is genotyped
    recorded_off_treatment: float = 0.08  # assumed

    # --- the clinician (log-odds added to a regimen's score; assumed unless a source is named)
    least_first: float = 0.03  # shared among all that is conceivable as a first regimen
    least_later: float = 0.005  # shared among all that is conceivable afterwards
    alternatives_stable: int = 4  # usual alternatives to a regimen that works
    alternatives_failing: int = 5  # at a failure without resistance: adherence is what it lacks
    alternatives: int = 14  # usual alternatives otherwise
    stay: float = 4.3  # keeping a regimen that works; calibrated to 63.8 % changing
    stay_unsettled: float = 3.0  # more, before `settled` or after a failure
    settled: int = 3  # results below 50 in a row after which a change may be thought of
    stay_failing: float = 7.0  # keeping a failing one, with help to take it
    stay_failing_barrier: float = 7.5  # the same, of a drug with a high barrier
    stay_failing_resistant: float = 0.0  # keeping one whose resistance was seen
    stay_intolerable: float = 0.0  # keeping one with a side effect
    outdated_at_most: float = 2.5  # how far an outdated regimen in use may fall behind the best
    other_family: float = -5.5  # changing both the base and the third agent
    related: float = -3.5  # the same, if the backbone stays and there is a side effect
    same_drugs: float = -4.0  # another name of the same backbone and third agent
    planned: float = 1.8  # the regimen planned when the person entered care
    insight: tuple[float, float, float] = (
        0.0,
        -0.9,
        -1.8,
    )  # high barriers, per SD of hidden adherence: not, confounded, strongly
    indication: float = 1.9  # high barriers for the naive beyond the next two; DHHS
    indication_vl: float = 5.0  # log10 copies/mL
    indication_cd4: float = 200.0  # cells/uL
    adoption: float = -1.5  # a drug on the day of its licence
    adoption_years: float = 1.5  # until two thirds of this are gone
    leave_intolerable: float = -4.0  # third agents given up because of side effects
    leave_failing: float = -3.0  # the failing class, where its barrier to resistance is low
    barrier_after_failure: float = 1.2  # boosted PI and DTG after failure
    resisted: float = -5.0  # low barriers of a class whose resistance was seen; IAS-USA
    resisted_backbone: float = -4.0  # low barriers where the backbone's was seen; IAS-USA
    failed_before: float = -2.0  # low barriers after a failure
    weaker: float = -2.0  # from a high barrier to a low one without a side effect
    failing_after: int = 6  # months on a regimen before results count as its failure
    protease_women: float = 0.5  # pregnancy guidance before efavirenz_women_until
    efavirenz_women: float = -0.4  # the same
    efavirenz_women_until: float = 2016.0  # calendar year
    rilpivirine_high: float = -1.7  # above rilpivirine_limit; its label
    rilpivirine_limit: float = 5.0  # log10 copies/mL; its label
    nevirapine_women: float = 250.0  # cells/uL of CD4 above which it is not begun; its label
    nevirapine_men: float = 400.0  # the same
    deferral: float = 1.5  # waiting above the guideline's CD4 threshold
    deferral_below: float = -3.0  # waiting below it
    treat_below_350_until: float = 2012.0  # guideline: start below 350 until then
    treat_below_500_until: float = 2015.5  # start below 500 until then, everybody after (START)
