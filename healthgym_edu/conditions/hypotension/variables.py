"""The 22 columns of the published Health Gym file on acute hypotension, in file order.

Source: figures and code of the official Health Gym repository, which give names, order and codes.
Fluid and vasopressor codes are the *lower edges of bins*.  The published figures label the
vasopressor edges mcg/kg/min; the official code sums rate times minutes within the hour, so they
are mcg/kg **per hour**: 8.4 is 0.14 and 20.28 is 0.338 mcg/kg/min held for a full hour.

Where a flag is False nobody looked: the value is carried forward from the last measurement, else
back from the first one, else it is the population median.  Simulated cohorts do the same.  The
file has no outcome; simulated patients may die, and then have fewer than 48 rows.
"""

from __future__ import annotations

from typing import Any

from ...schema import Schema, Variable

__all__ = ["FIO2_LABELS", "FLUID_LABELS", "GCS_LABELS", "SCHEMA", "VASOPRESSOR_LABELS"]

FLUID_LABELS = ("0", "250", "500", "1000")
VASOPRESSOR_LABELS = ("0", ">0", "8.4", "20.28")
FIO2_LABELS = ("<0.2", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0")
GCS_LABELS = tuple(str(points) for points in range(3, 16))


def _numeric(
    name: str, title: str, text: str, unit: str, high: float, flag: str, **more: Any
) -> Variable:
    more = {"measured_by": flag or None, "title": title, "low": 0.0, "decimals": 1} | more
    return Variable(name, "numeric", text, unit=unit, high=high, **more)


def _levels(
    name: str, title: str, text: str, unit: str, labels, codes, flag: str = "", short: str = ""
) -> Variable:
    more: dict[str, Any] = {"measured_by": flag or None, "title": title, "short": short}
    return Variable(name, "categorical", text, unit, labels, codes, **more)


def _flag(name: str, words: str, short: str = "") -> Variable:
    text = f"Whether {words} in this hour."
    title = (words[0].upper() + words[1:]).replace(" was ", " ").replace(" were ", " ")
    return Variable(
        name, "flag", text, labels=(False, True), codes=(0, 1), title=title, short=short
    )


SCHEMA = Schema(
    condition="hypotension",
    title="Acute hypotension in intensive care",
    n_steps=48,
    step_unit="hour",
    hours=1,
    ticks=12,
    index_column=True,
    on_request="C001_FakeHypotension.csv",
    patients=(
        Variable("Died", "binary", "Whether the patient died within the stay.",
                 labels=(False, True), codes=(0, 1), title="Died in the stay"),
        Variable("Hour of death", "step", "The last hour lived; missing in survivors.",
                 unit="hour"),
    ),
    equal_length=False,  # the published file is full; simulated patients may die
    variables=(
        Variable("PatientID", "id", "Number of the patient, from 0 in the published file."),
        Variable("Timepoints", "step", "Hour since the start of the stay, from 0.", unit="hour"),
        _numeric("MAP", "Mean arterial pressure", "Mean arterial pressure, lowest of the hour.",
                 "mmHg", 300.0, "", short="Mean pressure", shown=(40.0, 110.0)),
        _numeric("diastolic_bp", "Diastolic pressure",
                 "Diastolic blood pressure, lowest of the hour.", "mmHg", 300.0, ""),
        _numeric("systolic_bp", "Systolic pressure", "Systolic blood pressure, lowest of the hour.",
                 "mmHg", 300.0, ""),
        _numeric("urine", "Urine in 1 hour", "Urine of the hour.", "mL", 10_000.0, "urine_m",
                 short="Urine", shown=(0.0, 200.0)),
        _numeric("ALT", "Liver enzyme ALT",
                 "Alanine aminotransferase, a liver enzyme, in blood.",
                 "IU/L", 50_000.0, "ALT_AST_m"),
        _numeric("AST", "Liver enzyme AST",
                 "Aspartate aminotransferase, an enzyme of liver and muscle, in blood.",
                 "IU/L", 50_000.0, "ALT_AST_m"),
        _numeric("PO2", "Oxygen in arterial blood", "Partial pressure of oxygen in a blood gas.",
                 "mmHg", 800.0, "PO2_m", short="Oxygen"),
        _numeric("lactic_acid", "Lactate",
                 "Lactate in blood: high when tissues lack oxygen or the liver cannot clear it.",
                 "mmol/L", 50.0, "lactic_acid_m", decimals=2),
        _numeric("serum_creatinine", "Creatinine",
                 "Creatinine in blood: high when the kidneys fail.",
                 "mg/dL", 50.0, "serum_creatinine_m", decimals=2),
        _levels("fluid_boluses", "Fluid given in 1 hour",
                "Fluid bolus of the hour, by the lower edge of its bin: below 250 (none), 250 to "
                "499, 500 to 999, 1000 mL or more.",
                "mL", FLUID_LABELS, (0, 250, 500, 1000)),
        _levels("vasopressors", "Vasopressor dose",
                "Vasopressors of the hour as noradrenaline, by the lower edge of the bin: none, "
                "below 8.4, 8.4 to 20.27, 20.28 or more. Published figures say mcg/kg/min; the "
                "code that made the file adds up an hour.",
                "mcg/kg per hour", VASOPRESSOR_LABELS, (0.0, 1e-06, 8.4, 20.28)),
        _levels("FiO2", "Oxygen in inhaled gas (share)",
                "Fraction of oxygen in the inspired gas, by the lower edge of its bin.",
                "", FIO2_LABELS, (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), "FiO2_m",
                short="Inhaled oxygen"),
        _levels("GCS_total", "Glasgow Coma Scale",
                "Glasgow Coma Scale: 15 is awake, 3 deeply unconscious; below 12 mostly with a "
                "tube, which takes the points for speech.",
                "points", GCS_LABELS, tuple(range(3, 16)), "GCS_total_m"),
        _flag("urine_m", "urine was charted"),
        _flag("ALT_AST_m", "ALT or AST was measured"),
        _flag("FiO2_m", "inhaled oxygen was charted"),
        _flag("GCS_total_m", "all parts of the Glasgow Coma Scale were charted",
              "Coma Scale charted"),
        _flag("PO2_m", "oxygen in blood was measured"),
        _flag("lactic_acid_m", "lactate was measured"),
        _flag("serum_creatinine_m", "creatinine was measured"),
    ),
)  # fmt: skip
