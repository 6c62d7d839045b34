"""Every constant of the hypotension mechanism, with its source or the word "assumed".

"Calibrated" means: chosen so that the cohort resembles the real columns of the published figures
(``targets/hypotension.json``).  Change one with ``dataclasses.replace(Parameters(), name=value)``.

Known limits.  Real patients had to stay 24 hours and to have seven MAP readings of 65 mmHg or
less; here everybody enters with low-set pressure instead, and some die in the first day.  How many
of the real patients died was never published: the death rate is assumed.  Doses, responses and
harms are those of a teaching model and say nothing about what to give a patient.
"""

from __future__ import annotations

from dataclasses import dataclass

HOURS_PER_BLOCK = 4
"""Decisions are four hours apart: 12 in a stay."""

FLUID_ML = (0.0, 250.0, 500.0, 1000.0)
"""mL given by each fluid level: the lower edges of the published bins."""

DOSES = (0.0, 0.07, 0.22, 0.45)
"""mcg/kg/min of noradrenaline held for the block: within the published bins, (0, 8.4), [8.4,
20.28) and above 20.28 mcg/kg per hour; assumed within them."""

MEDIANS = {
    "urine": 81.0,  # published median of hours
    "ALT": 32.0,  # assumed (the real column is unreliable)
    "AST": 46.0,  # assumed (the same)
    "PO2": 101.1,  # published median, where the spike is
    "lactic_acid": 1.73,  # published median 1.70, mode 1.83: where the spike is
    "serum_creatinine": 1.1,  # published median
    "FiO2": 4,  # position of 0.5; published
    "GCS_total": 12,  # position of 15; published
}
"""What the table shows of somebody never measured: the population median."""

PULSES, FORMS = (12.0, 130.0), (0.03, 0.75)
"""Least and largest pulse, mmHg, and share of it below the mean."""

RANGES = {
    "MAP": (20.0, 180.0),
    "diastolic_bp": (5.0, 180.0),  # at least a quarter of the mean
    "systolic_bp": (20.0, 310.0),  # the mean and at most 97 % of the pulse
    "urine": (0.0, 2000.0),
    "ALT": (0.0, 10_000.0),
    "AST": (0.0, 10_000.0),
    "PO2": (28.0, 550.0),
    "lactic_acid": (0.3, 25.0),
    "serum_creatinine": (0.15, 15.0),
    "FiO2": (0, 9),
    "GCS_total": (3, 15),
}
"""Least and largest value that a bedside monitor or a laboratory reports here."""


@dataclass(frozen=True)
class Parameters:
    """Constants of the hypotension mechanism.  Rates are per hour unless a comment differs."""

    # --- severity: standard normal at entry
    severity_memory: float = 0.97  # pull back to the patient's own level; assumed
    severity_step: float = 0.20  # SD of an hour's change; assumed
    severity_harm: float = 0.035  # rise in an hour of full ischaemia; assumed
    severity_recovery: float = 0.004  # fall of the own level with treated time; assumed

    # --- circulation: MAP = cardiac output x resistance / 80 + CVP
    output_mean: float = 5.5  # L/min; adult at rest
    output_sd: float = 0.18  # between patients, log; assumed
    resistance_mean: float = 878  # dyn s/cm5; low-normal, calibrated to the median MAP
    resistance_sd: float = 0.135  # between patients beyond output, log; calibrated to MAP
    resistance_output: float = -0.85  # high output goes with low resistance; assumed
    vasoplegia: float = 0.045  # log resistance lost per SD of severity; calibrated
    sedation: float = 0.04  # log resistance lost to the sedation that a tube needs; assumed
    depression: float = 0.020  # log output lost per SD of severity; assumed
    cvp_rest: float = 6.0  # mmHg; normal 2-8
    cvp_volume: float = 3.0  # mmHg at full filling; assumed
    tone_memory: float = 0.88  # of the hour-to-hour drift; assumed
    tone_sd: float = 0.10  # of the drift, log MAP; calibrated
    minimum_sd: float = 0.065  # hour's lowest value around its level, log MAP; calibrated
    preload_keep: float = 0.55  # of a bolus's effect an hour later (Glassford 2014; field notes)
    preload_gain: float = 0.16  # of output, full response: 10 mmHg (field notes)
    preload_scale: float = 400.0  # mL; field notes
    deficit_mean: float = 0.5  # L, exponential; assumed
    deficit_loss: float = 0.07  # log output lost per litre lacking; assumed
    deficit_filled: float = 0.5  # share of a bolus that stays where it is needed; assumed
    preload_shape: tuple[float, float] = (0.0, 1.5)  # logit of response: half respond; assumed
    emax: float = 0.55  # resistance gained, largest; assumed
    ec50: float = 0.16  # mcg/kg/min, median; assumed
    ec50_sd: float = 0.45  # between patients, log (CV 35-60 %, Beloeil 2005)
    ec50_severity: float = 0.15  # log, per SD of severity: less response; assumed
    onset: float = 0.85  # share of the way to a new dose's effect in an hour; assumed

    # --- pulse: systolic and diastolic around the mean
    pulse_mean: float = 51.0  # mmHg; calibrated
    pulse_sd: float = 0.22  # between patients, log; calibrated
    pulse_hour_sd: float = 0.17  # hour to hour, log; calibrated
    pulse_severity: float = -0.05  # log per SD: smaller strokes; assumed
    form_mean: float = 0.245  # share of the pulse below the mean; calibrated (hourly minima)
    form_sd: float = 0.22  # between patients, log; calibrated
    form_hour_sd: float = 0.24  # hour to hour, log; calibrated
    form_pressure: float = 0.85  # log per log MAP; calibrated to r(MAP, diastolic)

    # --- perfusion and ischaemia
    ischaemia_range: tuple[float, float] = (65.0, 40.0)  # mmHg: none, full (Gottesman 2020)
    squeeze: float = 0.4  # ischaemia of the largest dose above squeeze_from; assumed
    squeeze_high: float = 0.9  # on any dose at the upper end of squeeze_range; assumed
    squeeze_range: tuple[float, float] = (73.0, 93.0)  # mmHg: more than needed; assumed
    squeeze_from: float = 0.20  # mcg/kg/min; assumed

    # --- kidneys
    urine_mean: float = 80.0  # mL/h; calibrated
    urine_sd: float = 0.62  # between patients, log; calibrated
    urine_hour_sd: float = 0.45  # hour to hour, log; calibrated
    urine_memory: float = 0.5  # of the hourly deviation; assumed
    urine_pressure: float = 0.5  # log per log MAP; assumed
    urine_volume: float = 0.10  # log at full filling; assumed
    urine_kidney: float = -0.38  # log per log creatinine; calibrated
    urine_severity: float = -0.10  # log per SD; assumed
    creatinine_mean: float = 1.02  # mg/dL; calibrated
    creatinine_sd: float = 0.60  # log; calibrated
    creatinine_skew: float = 0.10  # log, of the squared deviation; calibrated
    creatinine_severity: float = 0.10  # log per SD; assumed
    creatinine_ischaemia: float = 0.025  # log rise in an hour of full ischaemia; assumed
    creatinine_drift: float = 0.00075  # log rise per SD of severity; assumed
    creatinine_oliguria: float = 0.020  # log rise an hour per log of urine below the next; assumed
    oliguria: float = 30.0  # mL/h; assumed (KDIGO: 0.5 mL/kg/h)
    creatinine_chronic: float = 0.4  # share of the deviation at admission that stays; assumed
    creatinine_recovery: float = 0.012  # share of the rest that is gone in an hour; assumed

    # --- lactate: production / clearance
    lactate_rest: float = 1.26  # mmol/L: production at rest over clearance; calibrated
    lactate_sd: float = 0.26  # between patients, log; calibrated
    lactate_severity: float = 0.19  # log production per SD; calibrated
    lactate_ischaemia: float = 0.3  # log production under full ischaemia; assumed
    lactate_liver: float = 0.19  # log, clearance lost per SD of liver injury; calibrated
    lactate_clearance: float = 0.20  # half gone in about 3.5 h; assumed

    # --- liver: SD of injury
    liver_severity: float = 0.35  # correlation with severity; assumed
    liver_ischaemia: float = 0.030  # rise under full ischaemia; assumed
    liver_recovery: float = 0.008  # share of an injury that heals in an hour; assumed
    liver_most: float = 3.2  # beyond it enzymes rise no further; assumed
    enzyme_scale: float = 0.62  # log enzyme per SD of injury; calibrated
    enzyme_upward: float = 0.2  # more so upwards; calibrated
    alt_mean: float = 27.0  # IU/L; normal below 40
    ast_mean: float = 37.0  # IU/L; normal below 40, critically ill higher; assumed
    alt_own: float = 0.36  # log, of ALT alone; calibrated to r(AST, ALT)
    ast_own: float = 0.36  # log, of AST alone; the same
    ast_severity: float = 0.16  # log per SD: muscle and shock; calibrated

    # --- lungs and breathing
    ventilated_start: float = -0.85  # logit; calibrated to a GCS below 12
    ventilated_severity: float = 0.85  # logit per SD; calibrated
    intubate: float = -6.3  # logit at severity 0; assumed
    intubate_severity: float = 0.9  # logit per SD; assumed
    extubate: float = 0.011  # at severity 0; assumed
    extubate_severity: float = -0.5  # log per SD; assumed
    oxygen_share: float = 0.28  # on oxygen without a tube; calibrated
    lung_sd: float = 1.0  # lung injury, SD; a scale
    lung_severity: float = 0.4  # correlation with severity; assumed
    lung_overload: float = 0.10  # SD per litre retained; assumed
    retained_keep: float = 0.985  # of fluid, from hour to hour; assumed
    fio2_cuts: tuple[float, ...] = (-2.4, -2.1, -1.15, -0.15, 0.62, 0.83, 1.0, 1.1, 1.2)
    """SD of oxygen need at which the next FiO2 class begins; calibrated to the real shares."""
    fio2_weight: float = 0.55  # of lung injury in oxygen need; assumed
    need_memory: float = 0.9  # of the hourly change of oxygen need; assumed
    po2_mean: float = 97.0  # mmHg; calibrated
    po2_ventilated: float = 0.17  # log; r(GCS, PO2) -0.18
    po2_sd: float = 0.22  # between patients, log; calibrated
    po2_hour_sd: float = 0.25  # from one gas to the next, log; calibrated
    po2_lung: float = -0.05  # log per SD; assumed

    # --- consciousness: cuts of a normal score
    gcs_memory: float = 0.95  # assumed
    gcs_severity: float = 0.35  # correlation with severity; assumed
    gcs_tube: tuple[float, ...] = (0.155, 0.025, 0.015, 0.08, 0.12, 0.135, 0.125, 0.22, 0.125)
    """Shares of 3 to 11 points with a tube, which allows no more; real shares of those classes."""
    gcs_free: tuple[float, ...] = (0.004, 0.010, 0.017, 0.046, 0.163, 0.760)
    """Shares of 8 (or less) and 11 to 15 points without a tube; real shares (10 omitted)."""

    # --- death: logit of the hazard (rate assumed; the file has no outcome)
    death_base: float = -8.1  # about 6 % in 48 hours
    death_severity: float = 0.95  # per SD; assumed
    death_ischaemia: float = 2.0  # under full ischaemia; assumed
    death_ventilated: float = 0.9  # with a tube; assumed
    death_lactate: float = 0.22  # per mmol/L above 2; assumed
    death_retained: float = 0.12  # per litre beyond need: overload; assumed
    death_squeezed: float = 1.0  # under full squeezing: arrhythmia, ischaemia; assumed

    # --- what is measured (rates calibrated to the real flags and their correlations)
    round_hours: int = 4  # nurses chart everything at rounds; assumed
    gcs_round: float = 0.66
    gcs_between: float = 0.072
    urine_round: float = 0.60
    urine_between: float = 0.36
    urine_ventilated: float = 0.17
    urine_kidney_failure: float = -0.15  # above 2 mg/dL
    fio2_ventilated: float = 0.29
    fio2_oxygen: float = 0.085
    fio2_room: float = 0.002
    fio2_round: float = 2.6  # factor at rounds
    fio2_off_round: float = 0.5  # factor between them
    chemistry_morning: float = 0.75  # in the morning hour of the laboratory
    chemistry_between: float = 0.030
    sick_pressure: float = 60.0  # mmHg over the last hours: below it a point of looking sick
    sick_vasopressor: float = 0.8  # points per level
    sick_coma: float = 0.5  # points for a GCS below 12
    sick_lactate: float = 0.5  # points for lactate of 2 mmol/L or more
    sick_most: float = 3.0  # points
    recent_now: float = 0.4  # weight of the present hour in the MAP of the last hours
    chemistry_sick: float = 0.3  # log-odds per point of looking sick
    liver_with_chemistry: float = 0.27
    liver_first_day: float = 1.25  # factor on the first day
    gas_base: float = -4.65  # log-odds, breathing freely
    gas_ventilated: float = 2.1
    gas_chemistry: float = 0.9  # with other bloods
    gas_sick: float = 0.60  # per point of looking sick
    gas_habit: float = 0.85  # between patients, log-odds
    po2_in_gas: float = 0.77
    lactate_in_gas: float = 0.60
    lactate_alone: float = -4.9  # log-odds without a gas
    lactate_chemistry: float = 2.0  # log-odds with other chemistry

    # --- the clinician (log-odds; assumed, levels calibrated to treated hours)
    least_probability: float = 0.10  # of 1 / K for each of K conceivable actions
    dangerous: float = 55.0  # mmHg: two levels up are open, and no level down; assumed
    ample: float = 80.0  # mmHg: two levels down are open; assumed
    target: float = 65.0  # mmHg (Surviving Sepsis Campaign)
    comfortable: float = 72.0  # mmHg: no reason to treat more; assumed
    start_below: float = 64.0  # mmHg: a vasopressor may be started, GCS below 12; assumed
    start_below_awake: float = 60.0  # mmHg: the same, GCS 12 or more (fluid first); assumed
    start: float = -5.4  # a vasopressor at the target; calibrated
    start_pressure: float = 0.22  # per mmHg below it
    step_up: float = -1.4  # each level more than now, at the target
    step_down: float = -0.6  # each level less than now, at the target
    step_pressure: float = 0.16  # per mmHg
    start_coma: float = 2.5  # recorded GCS below 12: a tube, sedation, a central line
    step_up_coma: float = 1.3  # each level more, the same
    wean_awake: float = 1.6  # each level less, where the GCS on record is 12 or more
    habit: float = 1.6  # keeping the last dose
    bolus: float = -3.0  # any bolus, at the target
    bolus_pressure: float = 0.09  # per mmHg below it
    bolus_urine: float = 0.5  # urine below 30 mL
    bolus_lactate: float = 0.3  # lactate of 2 mmol/L or more
    bolus_again: float = -0.5  # per litre in the last day or so
    bolus_size: tuple[float, ...] = (-0.9, 0.35, 0.3)  # 250, 500, 1000 mL
    bolus_large: float = 0.03  # 1000 mL, per mmHg below the target
    insight: tuple[float, ...] = (
        0.0,
        0.9,
        2.0,
    )  # per SD of hidden severity: not, confounded, strongly
