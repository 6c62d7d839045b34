"""Small hand-made cohorts: the columns are the real ones, the patients are quick sketches."""

from __future__ import annotations

from dataclasses import replace

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.data import Cohort
from healthgym_edu.data.people import patients_of
from healthgym_edu.schema import Schema, Variable

ICU = Schema(
    condition="sepsis",
    title="Sepsis, in miniature",
    n_steps=20,
    step_unit="4 h",
    equal_length=False,
    variables=(
        Variable(
            "MeanBP",
            "numeric",
            "Mean blood pressure.",
            unit="mmHg",
            measured_by="MeanBP_m",
            title="Mean arterial pressure",
            short="Mean pressure",
        ),  # fmt: skip
        Variable("MaxVaso", "numeric", "Vasopressor.", unit="mcg/kg/min"),
        Variable(
            "Gender", "binary", "Gender.", labels=("Male", "Female"), codes=(0, 1), static=True
        ),
        Variable(
            "SpO2",
            "categorical",
            "Decile class.",
            codes=tuple(range(10)),
            labels=tuple(f"C{i}" for i in range(1, 11)),
        ),
        Variable("MeanBP_m", "flag", "Measured.", labels=(False, True), codes=(0, 1)),
        Variable("PatientID", "id", "Patient."),
        Variable("Timepoints", "step", "Block of four hours."),
    ),
)


def sketch_art(n_patients: int = 120, seed: int = 0, drug: str = "") -> Cohort:
    """ART patients whose virus falls within months; `drug` puts everybody on one INI or NNRTI."""
    rng = np.random.default_rng(seed)
    n, steps = n_patients, SCHEMA.n_steps
    month = np.tile(np.arange(steps), n)
    patient = np.repeat(np.arange(n), steps)
    start = rng.normal(4.6, 0.7, n)[patient]
    floor = rng.normal(1.2, 0.4, n)[patient]
    speed = rng.uniform(0.4, 1.6, n)[patient] * (0.5 if drug == "EFV" else 1.0)
    noise = rng.normal(0, 0.22, n * steps)
    level = floor + (start - floor) * np.exp(-speed * month / 1.5) + noise
    rise = rng.normal(330, 90, n)[patient] * (1 - np.exp(-month / 20))
    cd4 = rng.gamma(6, 60, n)[patient] + rise + rng.normal(0, 40, n * steps)

    def regimen(name: str, weights: list[float]) -> pd.Categorical:
        labels = list(SCHEMA[name].labels)
        before, after = (rng.choice(len(labels), n, p=weights) for _ in range(2))
        switch = np.where(rng.random(n) < 0.6, rng.integers(6, 59, n), steps)
        codes = np.where(month >= switch[patient], after[patient], before[patient])
        return pd.Categorical.from_codes(codes, categories=labels)

    frame = pd.DataFrame(
        {
            "VL": 10**level,
            "CD4": np.clip(cd4, 5, None),
            "Rel CD4": np.clip(cd4 / 18, 1, 70),
            "Gender": pd.Categorical.from_codes(
                (rng.random(n) < 0.22).astype(int)[patient], categories=["Male", "Female"]
            ),
            "Ethnic": pd.Categorical.from_codes(
                rng.choice(4, n, p=[0.05, 0.13, 0.33, 0.49])[patient],
                categories=list(SCHEMA["Ethnic"].labels),
            ),
            "Base Drug Combo": regimen("Base Drug Combo", [0.48, 0.27, 0.08, 0.11, 0.04, 0.02]),
            "Comp. INI": regimen("Comp. INI", [0.21, 0.05, 0.1, 0.64]),
            "Comp. NNRTI": regimen("Comp. NNRTI", [0.03, 0.21, 0.19, 0.57]),
            "Extra PI": regimen("Extra PI", [0.06, 0.07, 0.02, 0.03, 0.05, 0.77]),
            "Extra pk-En": (rng.random(n) < 0.1)[patient],
            "VL (M)": rng.random(n * steps) < np.where(month < 7, 0.5, 0.2),
            "CD4 (M)": rng.random(n * steps) < 0.22,
            "Drug (M)": rng.random(n * steps) < 0.88,
            "PatientID": patient,
            "Timestep": month,
        }
    )
    for column in ("Comp. INI", "Comp. NNRTI"):
        if drug:
            labels = SCHEMA[column].labels
            value = drug if drug in labels else "Not Applied"
            frame[column] = pd.Categorical([value] * len(frame), categories=labels)
    patients = frame.groupby("PatientID")[["Gender", "Ethnic"]].first()
    patients["Age"] = rng.integers(20, 70, n)
    patients["Naive at entry"] = rng.random(n) < 0.6
    return Cohort(frame[SCHEMA.names], patients, SCHEMA, source="sketch")


def sketch_icu(n_patients: int = 40, seed: int = 0) -> Cohort:
    """Patients observed in blocks of four hours, 3 to 20 of them."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 21, n_patients)
    patient = np.repeat(np.arange(n_patients), lengths)
    block = np.concatenate([np.arange(length) for length in lengths])
    rows = len(patient)
    vaso = np.where(rng.random(rows) < 0.8, 0, rng.gamma(2, 0.08, rows))
    frame = pd.DataFrame(
        {
            "MeanBP": rng.normal(78, 9, n_patients)[patient] + rng.normal(0, 6, rows),
            "MaxVaso": vaso,
            "Gender": pd.Categorical.from_codes(
                rng.integers(0, 2, n_patients)[patient], categories=["Male", "Female"]
            ),
            "SpO2": pd.Categorical.from_codes(
                rng.integers(0, 10, rows), categories=list(ICU["SpO2"].labels)
            ),
            "MeanBP_m": rng.random(rows) < 0.7,
            "PatientID": patient,
            "Timepoints": block,
        }
    )
    return Cohort(frame, patients_of(frame, ICU), ICU, source="sketch")


@pytest.fixture(scope="session")
def art() -> Cohort:
    """120 ART patients over 60 months."""
    return sketch_art()


@pytest.fixture(scope="session")
def icu() -> Cohort:
    """40 patients of unequal length."""
    return sketch_icu()


@pytest.fixture(scope="session")
def twins() -> dict[str, Cohort]:
    """The same 20 patients under two drugs."""
    return {"DTG": sketch_art(20, 1, "DTG"), "EFV": sketch_art(20, 1, "EFV")}


@pytest.fixture(autouse=True)
def _tidy():
    """No window and fresh settings before a test, no open figure after it."""
    plt.switch_backend("agg")
    with matplotlib.rc_context():
        yield
    plt.close("all")


@pytest.fixture(scope="session")
def find():
    """Look an artist up by its label or gid: ``find(ax, "Male")``."""

    def look_up(ax, name: str):
        found = [a for a in ax.get_children() if name in (a.get_label(), a.get_gid())]
        found += [bars for bars in ax.containers if bars.get_label() == name]
        assert len(found) == 1, f"{len(found)} artists called {name!r}, not one"
        return found[0]

    return look_up


@pytest.fixture(scope="session")
def change():
    """The cohort with some columns replaced: ``change(art, VL=values)``."""
    return lambda cohort, **columns: replace(cohort, frame=cohort.frame.assign(**columns))


@pytest.fixture(scope="session")
def texts():
    """All annotations of an axes, as a list of strings."""
    return lambda ax: [text.get_text() for text in ax.texts]


@pytest.fixture(scope="session")
def overlaps():
    """Pairs of texts of a figure (titles, labels, ticks, annotations) that lie on each other."""

    def look(figure) -> list[tuple[str, str]]:
        figure.canvas.draw()
        boxes = []
        for text in figure.findobj(matplotlib.text.Text):
            if text.get_visible() and text.get_text().strip() and text.axes is not None:
                if _is_tick_out_of_view(text):
                    continue
                boxes.append((text.get_text(), matplotlib.text.Text.get_window_extent(text)))
        pairs = []
        for i, (a, box_a) in enumerate(boxes):
            for b, box_b in boxes[i + 1 :]:
                wide = min(box_a.x1, box_b.x1) - max(box_a.x0, box_b.x0)
                high = min(box_a.y1, box_b.y1) - max(box_a.y0, box_b.y0)
                if wide > 2 and high > 2.5:
                    pairs.append((a, b))
        return pairs

    return look


def _is_tick_out_of_view(text) -> bool:
    """Tick labels beyond the limits exist but are not drawn."""
    for axis, along in ((text.axes.xaxis, 0), (text.axes.yaxis, 1)):
        low, high = sorted(axis.get_view_interval())
        slack = 1e-9 * (high - low)
        if any(text in (tick.label1, tick.label2) for tick in axis.get_major_ticks()):
            return not low - slack <= text.get_position()[along] <= high + slack
    return False
