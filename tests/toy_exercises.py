"""Exercises on a toy cohort: a model of how chapters declare theirs, and the engine's test bed."""

from __future__ import annotations

import types

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from healthgym_edu.exercises import (
    Wrong,
    exercise,
    expect_axes,
    expect_choice,
    expect_function,
    expect_line,
    expect_number,
    expect_table,
)


def context() -> dict:
    """A toy cohort of 40 patients by 6 months."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "PatientID": np.repeat(np.arange(40), 6),
            "Timestep": np.tile(np.arange(6), 40),
            "VL": np.exp(rng.normal(3.4, 1.5, 240)),
            "Gender": np.repeat(np.where(np.arange(40) % 3, "Male", "Female"), 6),
        }
    )
    art = types.SimpleNamespace(frame=frame)
    return {"art": art, "values": frame["VL"].to_numpy()}


@exercise(
    "99.share",
    hint=["A row is suppressed below the threshold.", "The mean of a yes/no column is a share."],
    solution="art.frame['VL'].lt(50).mean()",
    done="More than half of these months are suppressed.",
    reference=lambda art: np.mean(art.frame["VL"].to_numpy() < 50),
    wrong=[
        (lambda art: art.frame["VL"].gt(50).mean(), "turn the comparison round"),
        (lambda art: art.frame["VL"].lt(50), "one number"),
        (0.5, "count the rows"),
    ],
)
def share(value, *, art):
    low = art.frame["VL"].lt(50).mean()
    expect_number(value, low, 5e-4, "the share", "count the rows below the threshold")


@exercise(
    "99.by_gender",
    hint="Group by Gender, then average VL.",
    solution="""
        summary = art.frame.groupby("Gender")["VL"].agg(["mean", "size"])
    """,
    wrong=[
        (lambda art: art.frame.groupby("Gender")["VL"].mean(), "a table"),
        (lambda art: art.frame.groupby("Gender")[["VL"]].agg("mean"), "'mean', 'size' is missing"),
    ],
)
def by_gender(value, *, art):
    right = art.frame.groupby("Gender")["VL"].agg(["mean", "size"])
    expect_table(value, right, what="the summary")


@exercise(
    "99.scale",
    hint="Look at how the values spread.",
    solution="'log'",
    wrong=[("linear", "how many powers of ten"), ("Log", "spelt exactly so")],
)
def scale(value):
    expect_choice(value, "log", ["linear", "log"], "the scale", "count how many powers of ten")


@exercise(
    "99.first_month",
    hint="`.loc[frame['Timestep'] == 0]` keeps the first month.",
    solution="""
        def first_month(frame):
            return frame.loc[frame["Timestep"] == 0, "VL"].median()
    """,
    wrong=[
        (lambda art: lambda frame: frame["VL"].median(), "the median of month 0"),
        (lambda art: lambda frame: None, "end it with `return"),
        (lambda art: lambda frame: frame["CD4"].median(), "raised KeyError"),
    ],
)
def first_month(value, *, art):
    small = art.frame.head(60)
    cases = [
        ((frame,), frame.loc[frame["Timestep"] == 0, "VL"].median()) for frame in (small, art.frame)
    ]
    expect_function(value, cases, next_step="take the median of month 0 alone")


def _draw(art, scale="log"):
    _, ax = plt.subplots()
    ax.plot(art.frame.groupby("Timestep")["VL"].median())
    ax.set(xlabel="Month", ylabel="Viral load (copies/mL)", yscale=scale)
    return ax


@exercise(
    "99.curve",
    hint="Plot the median of each month.",
    solution="""
        fig, ax = plt.subplots()
        ax.plot(art.frame.groupby("Timestep")["VL"].median())
        ax.set(xlabel="Month", ylabel="Viral load (copies/mL)", yscale="log")
        ax
    """,
    reference=_draw,
    wrong=[
        (lambda art: _draw(art, "linear"), "linear scale"),
        (lambda art: _draw(art).figure, "the Matplotlib Axes that you drew on"),
        (lambda art: plt.subplots()[1], "has no text"),
    ],
)
def curve(value, *, art):
    expect_axes(value, xlabel="month", ylabel="viral load", yscale="log", lines=1)
    expect_line(value, art.frame.groupby("Timestep")["VL"].median())


@exercise(
    "99.naive",
    hint="Look for patients without treatment.",
    solution="len(art.frame)",
    wrong=[(0, "somebody"), (-1, "somebody")],
)
def naive(value, *, art):
    if value != len(art.frame):
        raise Wrong("somebody is missing")


# The next two are also declared in notebooks of the tests, for their own kernels; here they are
# known to the rules that those notebooks are held to.


@exercise(
    "89.answer", hint="Multiply.", solution="6 * 7",
    wrong=[(41, "multiply six by seven"), ("42", "quotation marks")],
)  # fmt: skip
def answer(value):
    expect_number(value, 42, 0, "the product", "multiply six by seven")


@exercise(
    "90.median", hint="Look for a method of NumPy.", solution="np.median(values)",
    wrong=[(lambda values: values.mean(), "the middle"), (lambda values: values, "one number")],
)  # fmt: skip
def median(value, *, values):
    expect_number(value, float(np.median(values)), 1e-9, "the median", "sort and take the middle")
