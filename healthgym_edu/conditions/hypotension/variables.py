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

from ...schema import Schema, Variable

__all__ = ["FIO2_LABELS", "FLUID_LABELS", "GCS_LABELS", "SCHEMA", "VASOPRESSOR_LABELS"]

FLUID_LABELS = ("0", "250", "500", "1000")
VASOPRESSOR_LABELS = ("0", ">0", "8.4", "20.28")
FIO2_LABELS = ("<0.2", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1.0")
GCS_LABELS = tuple(str(points) for points in range(3, 16))


def _pressure(name: str, words: str) -> Variable:
    text = f"{words}, lowest of the hour."
    return Variable(name, "numeric", text, unit="mmHg", low=0.0, high=300.0, decimals=1)


def _flag(name: str, words: str) -> Variable:
    text = f"Whether {words} in this hour."
    return Variable(name, "flag", text, labels=(False, True), codes=(0, 1))


SCHEMA = Schema(
    condition="hypotension",
    title="Acute hypotension in intensive care",
    n_steps=48,
    step_unit="hour",
    equal_length=False,  # the published file is full; simulated patients may die
    variables=(
        Variable("PatientID", "id", "Number of the patient, from 0 in the published file."),
        Variable("Timepoints", "step", "Hour since the start of the stay, from 0.", unit="hour"),
        _pressure("MAP", "Mean arterial pressure"),
        _pressure("diastolic_bp", "Diastolic blood pressure"),
        _pressure("systolic_bp", "Systolic blood pressure"),
        Variable(
            "urine",
            "numeric",
            "Urine of the hour.",
            unit="mL",
            low=0.0,
            high=10_000.0,
            measured_by="urine_m",
            decimals=1,
        ),
        Variable(
            "ALT",
            "numeric",
            "Alanine aminotransferase, a liver enzyme, in blood.",
            unit="IU/L",
            low=0.0,
            high=50_000.0,
            measured_by="ALT_AST_m",
            decimals=1,
        ),
        Variable(
            "AST",
            "numeric",
            "Aspartate aminotransferase, an enzyme of liver and muscle, in blood.",
            unit="IU/L",
            low=0.0,
            high=50_000.0,
            measured_by="ALT_AST_m",
            decimals=1,
        ),
        Variable(
            "PO2",
            "numeric",
            "Partial pressure of oxygen in a blood gas.",
            unit="mmHg",
            low=0.0,
            high=800.0,
            measured_by="PO2_m",
            decimals=1,
        ),
        Variable(
            "lactic_acid",
            "numeric",
            "Lactate in blood: high when tissues lack oxygen or the liver cannot clear it.",
            unit="mmol/L",
            low=0.0,
            high=50.0,
            measured_by="lactic_acid_m",
            decimals=2,
        ),
        Variable(
            "serum_creatinine",
            "numeric",
            "Creatinine in blood: high when the kidneys fail.",
            unit="mg/dL",
            low=0.0,
            high=50.0,
            measured_by="serum_creatinine_m",
            decimals=2,
        ),
        Variable(
            "fluid_boluses",
            "categorical",
            "Fluid bolus of the hour, by the lower edge of its bin: below 250 (none), 250 to 499, "
            "500 to 999, 1000 mL or more.",
            unit="mL",
            labels=FLUID_LABELS,
            codes=(0, 250, 500, 1000),
        ),
        Variable(
            "vasopressors",
            "categorical",
            "Vasopressors of the hour as noradrenaline, by the lower edge of the bin: none, below "
            "8.4, 8.4 to 20.27, 20.28 or more. Published figures say mcg/kg/min; the code that "
            "made the file adds up an hour.",
            unit="mcg/kg per hour",
            labels=VASOPRESSOR_LABELS,
            codes=(0.0, 1e-06, 8.4, 20.28),
        ),
        Variable(
            "FiO2",
            "categorical",
            "Fraction of oxygen in the inspired gas, by the lower edge of its bin.",
            labels=FIO2_LABELS,
            codes=(0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
            measured_by="FiO2_m",
        ),
        Variable(
            "GCS_total",
            "categorical",
            "Glasgow Coma Scale: 15 is awake, 3 deeply unconscious; below 12 mostly with a tube, "
            "which takes the points for speech.",
            unit="points",
            labels=GCS_LABELS,
            codes=tuple(range(3, 16)),
            measured_by="GCS_total_m",
        ),
        _flag("urine_m", "urine was charted"),
        _flag("ALT_AST_m", "ALT or AST was measured"),
        _flag("FiO2_m", "FiO2 was charted"),
        _flag("GCS_total_m", "all parts of the Glasgow Coma Scale were charted"),
        _flag("PO2_m", "PO2 was measured"),
        _flag("lactic_acid_m", "lactate was measured"),
        _flag("serum_creatinine_m", "creatinine was measured"),
    ),
)
