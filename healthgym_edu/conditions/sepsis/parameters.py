"""The constants of body, people and clinician in sepsis, with their source or the word "assumed".

The tables of signals, panels and rewards stand with them, in `signals`, `care` and `rewards`.

"Calibrated" means: chosen so that the cohort resembles the real columns of the published figures
(``targets/sepsis.json``).  Change one with ``dataclasses.replace(Parameters(), name=value)``.
Doses, responses and harms are those of a teaching model and say nothing about what to give a
patient.

Known limits.  Survivors recover less within the 80 hours than real ones (lactate above 2 mmol/L
falls by about a tenth in a day), antibiotics are not a choice, and oxygenation hangs together as
loosely as in the real columns.  The real cohort's deaths were never published: a fifth by day 90 is
that of other cohorts, how many of them fall into the 80 hours is assumed.  Ages pile up at the
oldest, as in the source database, which hides ages above 89.
"""

from __future__ import annotations

from dataclasses import dataclass

N_BLOCKS = 20
"""Blocks of four hours in a stay."""

VENTILATED_SHARE = 0.374
"""Share of blocks with a tube; published."""

FLUID_EDGES = (0.0, 0.0, 50.0, 180.0, 530.0, 1300.0)
"""mL in four hours: level 0 is none, level k lies above edge k and up to edge k + 1 (AI Clinician,
Komorowski 2018; printed bins of sepsisrl 50, 180.4, 529.8); the highest edge is assumed."""

DOSE_EDGES = (0.0, 0.0, 0.08, 0.22, 0.45, 0.9)
"""mcg/kg/min as noradrenaline, the same way (printed bins of sepsisrl 0.08, 0.225, 0.45)."""

LEAST_DOSE = 0.01
"""mcg/kg/min; assumed."""

DECILES = {
    "SpO2": (94.3, 95.3, 96.05, 96.65, 97.2, 97.75, 98.4, 99.1, 100.0),
    "Temp": (36.15, 36.45, 36.7, 36.9, 37.1, 37.3, 37.5, 37.75, 38.05),
    "PTT": (24.4, 27.3, 29.4, 31.4, 33.4, 36.4, 40.4, 45.6, 53.1),
    "PT": (11.9, 12.6, 13.15, 13.6, 14.05, 15.0, 16.2, 17.7, 20.0),
    "INR": (0.95, 1.05, 1.15, 1.15, 1.25, 1.35, 1.45, 1.55, 1.75),
}
"""Where the next class begins: %, degrees Celsius, s, s, none.  The real cuts were never published;
these are deciles of this mechanism's own records, INR at its real shares."""

RANGES = {
    "MeanBP": (25.0, 180.0), "SysBP": (25.0, 290.0), "HCO3": (5.0, 50.0),
    "PaO2": (25.0, 550.0), "FiO2": (0.21, 1.0), "Lactate": (0.3, 25.0), "Output4H": (0.0, 4000.0),
}  # fmt: skip
"""Values are kept within these; assumed."""

USUAL_PRESSURE = 77.0
"""mmHg: median of the real mean pressures."""

USUAL_LACTATE = 1.5
"""mmol/L: no harm below; about the median of the real values."""

MEDIANS = {
    "HR": 86.0, "SysBP": 118.0, "MeanBP": 77.0, "DiaBP": 56.5, "RR": 19.8, "SpO2": 4, "Temp": 4,
    "GCS": 11, "FiO2": 0.42, "K": 4.03, "Na": 138.7, "Cl": 104.7, "HCO3": 24.3, "Glucose": 128.3,
    "BUN": 22.9, "Creatinine": 0.98, "Mg": 2.02, "Ca": 8.29, "Hb": 10.15, "WbcCount": 10.6,
    "PlateletsCount": 199.0, "PTT": 4, "PT": 4, "INR": 4, "SGOT": 38.0, "SGPT": 29.0,
    "TotalBili": 0.8, "Albumin": 2.98, "pH": 7.397, "PaCO2": 40.0, "PaO2": 106.4, "BE": 0.2,
    "CO2": 25.4, "IonisedCa": 1.127, "Lactate": 1.6, "Output4H": 200.0,
}  # fmt: skip
"""What the record shows before a first measurement: the population median (published medians; SGOT,
SGPT and TotalBili assumed, their real columns are unreliable).  Classes and GCS by position, from
0: 4 is class C5, a GCS of 11 is 14 points."""


@dataclass(frozen=True)
class Parameters:
    """Constants of the sepsis mechanism.  Rates are per block of four hours."""

    # --- who comes
    age_median: float = 66.5  # years; calibrated
    age_spread: float = 17.0  # calibrated
    age_range: tuple[float, float] = (18.0, 93.0)
    female: float = 0.449  # published
    readmitted: float = 0.339  # published
    ventilated_start: float = -0.55  # logit; calibrated to 37 % of blocks
    ventilated_severity: float = 0.5  # logit per SD; assumed

    # --- severity and infection
    level_weight: float = 0.8  # own level per SD of the severity drawn for the patient; assumed
    peak: float = 0.5  # SD above the severity drawn, when patients come; assumed
    severity_memory: float = 0.88  # assumed
    severity_step: float = 0.26  # SD of a block's change; assumed
    infection_weight: float = 2.0  # of the infection in the severity it draws to; assumed
    infection_control: float = 0.06  # share of the infection cleared, median; assumed
    infection_control_sd: float = 1.0  # between patients, log; assumed
    harm: float = 0.28  # severity gained in a block of full ischaemia; assumed

    # --- circulation: MAP = cardiac output x resistance / 80 + CVP
    output_mean: float = 5.8  # L/min
    output_sd: float = 0.18  # between patients, log; assumed
    resistance_mean: float = 940.0  # dyn s/cm5; calibrated to the median MAP
    resistance_sd: float = 0.11  # between patients beyond output, log; calibrated
    resistance_output: float = -0.85  # high output goes with low resistance; assumed
    resistance_age: float = -0.030  # log per SD of age; r(Age, MeanBP) -0.17
    vasoplegia: float = 0.060  # log resistance lost per SD of severity; calibrated
    depression: float = 0.015  # log output lost per SD of severity; assumed
    cvp_rest: float = 7.0  # mmHg
    cvp_volume: float = 3.0  # mmHg at full filling; assumed
    tone_sd: float = 0.14  # drift from block to block, log; calibrated
    preload_keep: float = 0.15  # of a fluid's effect four hours later (0.55 an hour; field notes)
    preload_gain: float = 0.16  # of output, full response (field notes)
    preload_scale: float = 500.0  # mL; assumed
    response: tuple[float, float] = (0.0, 1.5)  # logit of response: half respond; assumed
    deficit_start: float = 0.5  # L, exponential; assumed
    deficit_loss: float = 0.05  # log output lost per litre lacking; assumed
    losses: float = 0.03  # L lost in a block without leak; assumed
    leak: float = 0.13  # L more per SD of severity above -1; assumed
    most_deficit: float = 3.0  # L; assumed
    emax: float = 0.55  # resistance gained, largest; assumed
    ec50: float = 0.16  # mcg/kg/min, median; assumed
    ec50_sd: float = 0.45  # between patients, log (CV 35-60 %, Beloeil 2005)
    ec50_severity: float = 0.15  # log per SD of severity; assumed

    # --- what treatment and low pressure do
    ischaemia_range: tuple[float, float] = (65.0, 51.0)  # mmHg: none, full; assumed
    hypovolaemia: float = 0.08  # ischaemia per litre lacking above one; assumed
    squeeze: float = 0.15  # ischaemia of a dose of 1 mcg/kg/min; assumed
    squeeze_high: float = 2.0  # the same above squeeze_range, at the full effect; assumed
    squeeze_range: tuple[float, float] = (88.0, 106.0)  # mmHg: more than needed; assumed
    retained_keep: float = 0.94  # of fluid beyond need after a block; assumed
    dilution_scale: float = 1.0  # L of retained fluid for one SD of dilution; assumed
    organ_reserve: float = 0.3  # SD: so that organs are about 0 in the mean over the stay
    organ_heal: float = 0.12  # way back to the patient's own level; assumed
    organ_step: tuple[float, ...] = (0.28, 0.20, 0.20, 0.30, 0.34)  # SD a block; assumed
    organ_severity: tuple[float, ...] = (0.35, 0.33, 0.33, 0.42, 0.40)  # correlation; assumed
    organ_ischaemia: tuple[float, ...] = (0.15, 0.10, 0.08, 0.08, 0.08)  # SD under full ischaemia
    lung_overload: float = 0.035  # SD per litre retained; assumed
    inflammation_severity: float = 0.35  # correlation; assumed
    lactate_rest: float = 1.55  # mmol/L; calibrated
    lactate_severity: float = 0.16  # log production per SD; calibrated
    lactate_ischaemia: float = 0.3  # log production under full ischaemia; assumed
    lactate_clearance: float = 0.55  # half gone in about 3.5 h; assumed
    lactate_acid: float = 0.5  # meq/L of bicarbonate used up by each mmol/L above 1.5; assumed
    gap_share: float = 0.62  # chloride lost for a meq/L of bicarbonate gained; calibrated
    base_mean: float = 24.3  # meq/L of bicarbonate at which the gap is gap_mean; calibrated
    gap_mean: float = 34.0  # meq/L, Na - Cl (not the anion gap, which is about 10); calibrated
    urine_lost: float = 15.0  # mL that never reach the bag; calibrated
    urine_pressure: float = 0.3  # log per log MAP; calibrated
    urine_volume: float = 0.25  # log at full filling; calibrated
    inr_one: float = 11.4  # s of PT at an INR of 1; calibrated to the shares of INR
    inr_noise: float = 0.045  # log; calibrated to r(PT, INR) 0.95

    # --- breathing and consciousness
    intubate: float = -4.2  # logit at severity 0; assumed
    intubate_severity: float = 0.8
    intubate_lung: float = 0.4  # logit per SD of lung injury; assumed
    extubate: float = -3.1  # logit; assumed
    extubate_severity: float = -0.5
    extubate_lung: float = -0.4  # logit per SD of lung injury; assumed
    gcs_shares: tuple[float, ...] = (0.047, 0.008, 0.009, 0.038, 0.031, 0.031, 0.046, 0.067, 0.072,
                                     0.032, 0.036, 0.128, 0.455)  # fmt: skip
    """Shares of 3 to 15 points; published."""
    gcs_tube: tuple[float, ...] = (0.60, 0.60, 0.60, 0.60, 0.60, 0.60, 0.60, 0.60, 0.60, 0.45, 0.35,
                                   0.25, 0.22)  # fmt: skip
    """Chance of a tube at each of them; calibrated to r(GCS, Mech) -0.48."""

    # --- before the first row
    fluid_before: tuple[float, ...] = (-1.15, -0.6, -0.1, 0.5)
    """Cuts of the score of InputTotal: above cut k the last fluid before arrival was of level k or
    more; calibrated."""
    pressor_before: tuple[float, float] = (66.0, 4.0)  # mmHg: below 66 a vasopressor is running
    # already, one level higher for every 4 mmHg; assumed
    input_before: tuple[float, float] = (3000.0, 1.15)  # mL, median and log SD; calibrated (mean)
    output_before: tuple[float, float] = (350.0, 1.7)  # mL; the same
    before_tube: float = 0.7  # log of the urine so far, with a tube; r(Mech, OutputTotal) 0.20
    before_together: float = 0.4  # correlation of the two; assumed

    # --- death: logit of the hazard, and after the stay
    death_base: float = -8.2  # calibrated: about 6 % within 80 hours (assumed)
    death_severity: float = 0.9  # per SD
    death_ischaemia: float = 3.2  # under full ischaemia
    death_squeezed: float = 1.0  # under full squeezing
    death_retained: float = 0.22  # per litre beyond need
    death_organs: float = 1.3  # per SD of the mean organ
    death_age: float = 0.25  # per SD
    late_base: float = -3.05  # logit of death from the end of the stay to day 90; calibrated
    late_severity: float = 1.1
    late_organs: float = 1.6  # per SD of the mean organ
    late_age: float = 0.5
    late_retained: float = 0.08
    late_lactate: float = 0.35  # per mmol/L above 1.5

    # --- what is measured: log-odds; see `care.PANELS`
    recent_now: float = 0.6  # weight of the present block in the MAP that guides treatment
    sick_pressure: float = 65.0  # mmHg: below it a point of looking sick
    sick_low: float = 1.0  # points, assumed as those that follow
    sick_lactate: float = 1.0  # 2 mmol/L or more
    sick_coma: float = 0.5  # a GCS below 12
    sick_vasopressor: float = 0.6  # per level
    sick_most: float = 3.0  # points

    # --- the clinician (log-odds; assumed, levels calibrated to the treatment mix)
    least_probability: float = 0.10  # of 1 / K for each of K conceivable actions
    dangerous: float = 55.0  # mmHg: two levels up are open, and none down
    ample: float = 82.0  # mmHg: two levels down are open
    target: float = 65.0  # mmHg (Surviving Sepsis Campaign)
    comfortable: float = 78.0  # mmHg: no reason to treat more
    start_below: float = 70.0  # mmHg: a vasopressor may be started
    start: float = -2.5  # a vasopressor at the target
    start_pressure: float = 0.3  # per mmHg below it
    step_up: float = -0.5  # each level more, at the target
    step_down: float = -1.2  # each level less
    step_pressure: float = 0.13  # per mmHg below it
    down_pressure: float = 0.25  # per mmHg above it, each level less
    vent_dose: float = 0.9  # a vasopressor, with a tube
    habit_dose: float = 1.4  # keeping the last level
    fluid_levels: tuple[float, ...] = (-0.35, -0.1, 0.1, 0.4, 0.95)  # levels 0 to 4; calibrated
    fluid_pressure: float = 0.035  # per level and mmHg below the target
    fluid_lactate: float = 0.15  # per level, lactate of 2 mmol/L or more
    fluid_urine: float = 0.10  # per level, urine below 84 mL (500 mL a day)
    fluid_vent: float = 0.12  # per level, with a tube
    fluid_dose: float = 0.12  # per level of each
    fluid_balance: float = -0.10  # per level and litre in hand
    habit_fluid: float = 0.6  # each level away from the last one costs so much
    insight: tuple[float, ...] = (
        0.0,
        0.9,
        2.0,
    )  # per SD of hidden severity: not, confounded, strongly
