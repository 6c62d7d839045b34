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
    right=[
        lambda art: np.mean(art.frame["VL"].to_numpy() < 50),
        lambda art: 1 - art.frame["VL"].ge(50).mean(),
        lambda art: len(art.frame.query("VL < 50")) / len(art.frame),
    ],
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
    right=[
        lambda art: art.frame.groupby("Gender")["VL"].agg(["size", "mean"]),
        lambda art: art.frame.groupby("Gender")["VL"].agg(mean="mean", size="count").iloc[::-1],
        lambda art: art.frame.groupby("Gender")["VL"].agg(["mean", "size"]).astype(float),
    ],
    wrong=[
        (lambda art: art.frame.groupby("Gender")["VL"].mean(), "a table"),
        (lambda art: art.frame.groupby("Gender")[["VL"]].agg("mean"), "'mean', 'size' is missing"),
        (
            lambda art: art.frame.groupby("Gender")["VL"].agg(mean="median", size="size"),
            "the medians, not the means",
        ),
    ],
)
def by_gender(value, *, art):
    right = art.frame.groupby("Gender")["VL"].agg(["mean", "size"])
    median = right.assign(mean=art.frame.groupby("Gender")["VL"].median())
    slips = {"it has the medians, not the means": median}
    expect_table(value, right, what="the summary", slips=slips)


@exercise(
    "99.scale",
    hint="Look at how the values spread.",
    solution="'log'",
    right=[lambda: "Log", lambda: " log", lambda: np.str_("log")],
    wrong=[("linear", "how many powers of ten"), ("logs", "choose one of"), (1, "how many powers")],
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
    right=[
        lambda art: lambda frame: np.median(frame["VL"][frame["Timestep"] == 0]),
        lambda art: lambda frame: frame.groupby("Timestep")["VL"].median()[0],
        lambda art: lambda frame: frame.query("Timestep == 0")["VL"].quantile(0.5),
    ],
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


def _draw(art, scale="log", xlabel="Month", ylabel="Viral load (copies/mL)"):
    _, ax = plt.subplots()
    ax.plot(art.frame.groupby("Timestep")["VL"].median())
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale=scale)
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
    right=[
        _draw,
        lambda art: _draw(art, xlabel="Time (months)"),
        lambda art: _draw(art, ylabel="viral load, copies per millilitre"),
    ],
    wrong=[
        (lambda art: _draw(art, "linear"), "linear scale"),
        (lambda art: _draw(art).figure, "the Matplotlib Axes that you drew on"),
        (lambda art: plt.subplots()[1], "has no text"),
    ],
)
def curve(value, *, art):
    expect_axes(value, xlabel="month", ylabel="viral load copies/mL", yscale="log", lines=1)
    expect_line(value, art.frame.groupby("Timestep")["VL"].median())


@exercise(
    "99.naive",
    hint="Look for patients without treatment.",
    solution="len(art.frame)",
    right=[lambda art: art.frame.shape[0], lambda art: art.frame["VL"].count(), lambda art: 240.0],
    wrong=[(0, "somebody"), (-1, "somebody"), (40, "somebody")],
)
def naive(value, *, art):
    if value != len(art.frame):
        raise Wrong("somebody is missing")


# The next two are also declared in notebooks of the tests, for their own kernels; here they are
# known to the rules that those notebooks are held to.


@exercise(
    "89.answer", hint="Multiply.", solution="6 * 7",
    right=[lambda: 42.0, lambda: 7 * 6, lambda: np.int64(42)],
    wrong=[(41, "multiply six by seven"), ("42", "quotation marks"), (-42, "other way round")],
)  # fmt: skip
def answer(value):
    expect_number(value, 42, 0, "the product", "multiply six by seven")


@exercise(
    "90.median", hint="Look for a method of NumPy.", solution="np.median(values)",
    right=[
        lambda values: np.quantile(values, 0.5), lambda values: pd.Series(values).median(),
        lambda values: np.sort(values)[119:121].mean(),
    ],
    wrong=[
        (lambda values: values.mean(), "the middle"), (lambda values: values, "one number"),
        (lambda values: np.max(values), "the middle"),
    ],
)  # fmt: skip
def median(value, *, values):
    expect_number(value, float(np.median(values)), 1e-9, "the median", "sort and take the middle")
