"""The 44 clinical columns of the published Health Gym file on sepsis.

Source: figures and code of the official Health Gym repository, which give names, codes and units;
the order is that of its reading code, because the file itself is credentialed.  SpO2, Temp, PTT, PT
and INR are published as *decile classes* C1 to C10 of values that were never published; the
mechanism knows the values (`parameters.DECILES` holds its own cuts) and the table shows the class.
INR is reported in tenths, so no value falls into its fourth class.  The file has neither flags nor
an outcome; simulated patients may die, and then have fewer rows.
"""

from __future__ import annotations

from typing import Any

from ...schema import Schema, Variable

YES_NO: dict[str, Any] = {"labels": (False, True), "codes": (0, 1)}
GCS_LABELS = tuple(str(points) for points in range(3, 16))
DECILE_LABELS = tuple(f"C{k}" for k in range(1, 11))


def _numeric(name: str, words: str, unit: str, high: float, decimals: int, **more: Any) -> Variable:
    more = {"low": 0.0, "title": words.split(":")[0], "decimals": decimals, **more}
    return Variable(name, "numeric", f"{words}.", unit=unit, high=high, **more)


def _deciles(name: str, words: str, short: str) -> Variable:
    text = f"{words}, as a class: C1 the lowest tenth of all values, C10 the highest."
    title = f"{short} (class C1 to C10)"
    codes = tuple(range(10))
    return Variable(name, "categorical", text, "", DECILE_LABELS, codes, title=title, short=short)


SCHEMA = Schema(
    condition="sepsis",
    title="Sepsis in intensive care",
    n_steps=20, step_unit="4-hour block", hours=4,
    index_column=True,
    on_request="C001_FakeSepsis.csv",
    patients=(
        Variable("Died in stay", "binary", "Whether the patient died in the 80 hours.", **YES_NO,
                 title="Died in the stay"),
        Variable("Died in 90 days", "binary", "Whether the patient died by day 90.", **YES_NO),
        Variable("Block of death", "step", "Last block lived; none in survivors.", "4-hour block"),
    ),
    equal_length=False,  # the published file is full; simulated patients may die
    variables=(
        Variable("PatientID", "id", "Number of the patient, from 0 in the published file."),
        Variable("Timepoints", "step", "Block of four hours, from 0.", unit="4-hour block"),
        _numeric("Age", "Age", "years", 120.0, 1, static=True),
        _numeric("HR", "Heart rate", "beats/min", 300.0, 1),
        _numeric("SysBP", "Systolic blood pressure", "mmHg", 300.0, 1, title="Systolic pressure"),
        _numeric("MeanBP", "Mean arterial pressure", "mmHg", 300.0, 1, shown=(40.0, 110.0),
                 short="Mean pressure"),
        _numeric("DiaBP", "Diastolic blood pressure", "mmHg", 300.0, 1, title="Diastolic pressure"),
        _numeric("RR", "Respiratory rate", "breaths/min", 100.0, 1),
        _numeric("K", "Potassium in blood", "meq/L", 15.0, 2),
        _numeric("Na", "Sodium in blood", "meq/L", 200.0, 1),
        _numeric("Cl", "Chloride in blood", "meq/L", 170.0, 1),
        _numeric("Ca", "Calcium in blood", "mg/dL", 20.0, 2),
        # the published label says mg/dL; values around 1.1 are mmol/L
        _numeric("IonisedCa", "Ionised calcium in blood (labelled mg/dL)", "mmol/L", 5.0, 3,
                 title="Ionised calcium in blood"),
        _numeric("CO2", "Total carbon dioxide in a blood gas", "meq/L", 80.0, 1,
                 title="Total carbon dioxide in blood", short="Total carbon dioxide"),
        _numeric("Albumin", "Albumin in blood: low in inflammation and leak", "g/dL", 10.0, 2),
        _numeric("Hb", "Haemoglobin", "g/dL", 30.0, 2),
        _numeric("pH", "pH of arterial blood", "", 8.0, 3, low=6.0),
        _numeric("BE", "Base excess of arterial blood", "meq/L", 50.0, 1, low=-50.0,
                 short="Base excess"),
        _numeric("HCO3", "Bicarbonate in blood", "meq/L", 80.0, 1),
        _numeric("FiO2", "Fraction of oxygen in the inspired gas", "", 1.0, 2,
                 title="Oxygen in inhaled gas (share)", short="Inhaled oxygen"),
        _numeric("Glucose", "Glucose in blood", "mg/dL", 2000.0, 1),
        _numeric("BUN", "Blood urea nitrogen: high when the kidneys fail", "mg/dL", 400.0, 1,
                 title="Urea nitrogen in blood"),
        _numeric("Creatinine", "Creatinine: high when the kidneys fail", "mg/dL", 50.0, 2),
        _numeric("Mg", "Magnesium in blood", "mg/dL", 20.0, 2),
        _numeric("SGOT", "Aspartate aminotransferase (AST), liver and muscle", "u/L", 50_000.0, 1,
                 title="Liver enzyme AST"),
        _numeric("SGPT", "Alanine aminotransferase (ALT), liver", "u/L", 50_000.0, 1,
                 title="Liver enzyme ALT"),
        _numeric("TotalBili", "Bilirubin: high when the liver fails", "mg/dL", 100.0, 2),
        _numeric("WbcCount", "White blood cells", "E9/L", 500.0, 1),
        _numeric("PlateletsCount", "Platelets", "E9/L", 3000.0, 0),
        _numeric("PaO2", "Oxygen in arterial blood", "mmHg", 800.0, 1, short="Oxygen"),
        _numeric("PaCO2", "Carbon dioxide in arterial blood", "mmHg", 250.0, 1,
                 short="Carbon dioxide"),
        _numeric("Lactate", "Lactate: high when tissues lack oxygen", "mmol/L", 50.0, 2,
                 shown=(0.0, 6.0)),
        _numeric("InputTotal", "Fluids given so far, before the stay too", "mL", 500_000.0, 0,
                 title="Fluid given so far"),
        _numeric("Input4H", "Fluids given in the block", "mL", 50_000.0, 0,
                 title="Fluid given in 4 hours", short="Fluid"),
        _numeric("MaxVaso", "Highest vasopressor dose of the block, as noradrenaline",
                 "mcg/kg/min", 100.0, 3,
                 title="Highest vasopressor dose", short="Vasopressor"),
        _numeric("OutputTotal", "Urine so far, before the stay too", "mL", 500_000.0, 0,
                 title="Urine so far"),
        _numeric("Output4H", "Urine of the four hours before the row", "mL", 50_000.0, 0,
                 title="Urine in 4 hours", short="Urine"),
        Variable("Gender", "binary", "Gender on record.", labels=("Male", "Female"), codes=(0, 1),
                 static=True, title="Gender", colors=("blue", "orange")),
        Variable("ReAd", "binary",
                 "Whether the patient was in intensive care before in this hospital stay.",
                 **YES_NO, static=True, title="Back in intensive care"),
        Variable("Mech", "binary", "Whether a ventilator is in use.", **YES_NO,
                 title="On a ventilator"),
        Variable("GCS", "categorical", "Glasgow Coma Scale: 15 is awake, 3 deeply unconscious.",
                 "points", GCS_LABELS, tuple(range(3, 16)), title="Glasgow Coma Scale"),
        _deciles("SpO2", "Oxygen saturation of the pulse", "Oxygen saturation"),
        _deciles("Temp", "Body temperature", "Body temperature"),
        _deciles("PTT", "Partial thromboplastin time (clotting)", "Clotting time PTT"),
        _deciles("PT", "Prothrombin time (clotting)", "Clotting time PT"),
        _deciles("INR", "International normalised ratio of the prothrombin time",
                 "Clotting ratio INR"),
    ),
)  # fmt: skip
