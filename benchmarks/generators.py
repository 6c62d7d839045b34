"""How good are the generators, at equal time, before judges who know the truth?

    python benchmarks/generators.py [--conditions art_hiv] [--models AutoregressiveGru]
                                    [--seconds 60 300] [--seeds 0 1 2] [--patients 2000]

Each model learns from a teaching cohort for so many seconds, on one thread, and makes as many
patients as it learned from.  Those are judged against fresh patients of the same mechanism, never
against the training patients.  Rows are kept one by one in ``results/generators.json`` and not
computed again; the table is written to ``results/generators.md``.  Run it on a quiet machine: the
clock counts.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import time
from datetime import date
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import torch
from scipy.stats import ks_2samp

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.evaluation.judging import JUDGES as NAMES

RESULTS = Path(__file__).parent / "results"
MODELS = (
    "AutoregressiveGru", "AutoregressiveGru, rejection", "AutoregressiveTree",
    "AutoregressiveTree, rejection", "WganGp", "VaeBufferWganGp", "TransformerWganGp", "Diffusion",
)  # fmt: skip
ENDS = ("fresh draw", "columns apart")
SHOWN = {
    "P": "{:.3f}", "X": "{:.3f}", "R": "{:.3f}", "step": "{:.3f}", "KS": "{:.3f}", "TV": "{:.3f}",
    "coverage": "{:.1%}", "lag-1": "{:.3f}", "unseen regimens": "{:.4f}", "TV of cells": "{:.3f}",
    "cells lost": "{:.0f}", "switch rate, ratio": "{:.2f}", "since switch, KS": "{:.3f}",
    "membership": "{:.3f}", "AUROC, made - real": "{:+.3f}",
    "AUROC, trained on real": "{:.3f}", "AUROC, trained on made": "{:.3f}",
    "broken": "{:.0f}", "steps": "{:.0f}", "fit, s": "{:.0f}", "sample, s": "{:.1f}",
    "memory, GB": "{:.1f}",
}  # fmt: skip
"""Columns of the table, and how they are written."""
JUDGES = {"rows": "step", "P": "P", "X": "X", "R": "R"}


def make(name: str) -> Any:
    """Return a generator that has not learned."""
    kind, _, more = name.partition(", ")
    model = getattr(hg.generators, kind)()
    if more:
        # trees are told apart at .83 and are tried all the same
        config = hg.generators.RejectionConfig(highest_auc=1.0 if "Tree" in kind else 0.75)
        model = hg.generators.RejectionSampling(model, config)
    return model


def third_agent(frame: pd.DataFrame) -> pd.Series:
    """Return the drug beside the base, as one label."""
    columns = ["Comp. INI", "Comp. NNRTI", "Extra PI"]
    text = frame[columns].astype("string")
    return text.where(text != "Not Applied").bfill(axis=1).iloc[:, 0].fillna("none")


def cells(cohort: Any) -> pd.Series:
    """Shares of sex × ethnicity × third agent, over all rows."""
    frame = cohort.frame
    key = frame["Gender"].astype(str) + " " + frame["Ethnic"].astype(str) + " "
    return (key + third_agent(frame)).value_counts(normalize=True)


def since_switch(cohort: Any) -> np.ndarray:
    """Months since the regimen changed, of all rows after a first change."""
    frame, schema = cohort.frame, cohort.schema
    drugs = [name for name in schema.names if schema[name].measured_by == "Drug (M)"]
    key = frame[drugs].astype(str).agg("|".join, axis=1)
    patient, step = frame[schema.id].to_numpy(), frame[schema.step].to_numpy()
    changed = (key != key.shift()).to_numpy() & (step > 0)
    last = pd.Series(np.where(changed, step, np.nan)).groupby(patient).ffill().to_numpy()
    return (step - last)[~np.isnan(last)]


def judged(condition: str, train: Any, made: Any, fresh: Any, holdout: Any) -> dict[str, float]:
    """Return the numbers of the table."""
    table = hg.evaluation.fidelity(fresh, made, judges=tuple(JUDGES), replicates=0, bounds=False)
    by = table.groupby("metric")["value"]
    mean = {"KS": "KS", "TV": "total variation", "coverage": "levels covered"}
    found = {name: float(by.get_group(metric).mean()) for name, metric in mean.items()}
    judges = table[table["variable"] == "all columns"].set_index("metric")["value"]
    for name, short in JUDGES.items():
        found[short] = float(judges[NAMES[name]])
    lag = by.get_group("autocorrelation at lag 1, difference").abs()
    found["lag-1"] = float(lag.max())
    privacy = hg.evaluation.privacy(
        train.subset(train.patients.index[:1000]), made, holdout, replicates=0
    )
    auc = privacy[privacy["metric"].eq("AUC") & privacy["attack"].str.startswith("membership")]
    found["membership"] = float(auc["value"].max())
    try:
        learned = hg.evaluation.utility(train, made, fresh, replicates=0)
    except ArgumentError as refusal:  # hardly anybody of those made dies, say
        print("No prediction is learned.", refusal, flush=True)
    else:
        everybody = learned[learned["group"] == "everybody"].iloc[0]
        found["AUROC, trained on real"] = float(everybody["real"])
        found["AUROC, trained on made"] = float(everybody["synthetic"])
    if condition == "art_hiv":
        known = set(_regimens(train))
        found["unseen regimens"] = float(np.mean([one not in known for one in _regimens(made)]))
        gap = cells(fresh).sub(cells(made), fill_value=0).abs().sum() / 2
        found["TV of cells"] = float(gap)
        found["cells lost"] = float(len(set(cells(fresh).index) - set(cells(made).index)))
        rates = [_switching(one) for one in (made, fresh)]
        found["switch rate, ratio"] = rates[0] / rates[1]
        found["since switch, KS"] = float(ks_2samp(since_switch(made), since_switch(fresh))[0])
    return found


def _regimens(cohort: Any) -> list[str]:
    schema = cohort.schema
    drugs = [name for name in schema.names if schema[name].measured_by == "Drug (M)"]
    return cohort.frame[drugs].astype(str).agg("|".join, axis=1).tolist()


def _switching(cohort: Any) -> float:
    key, patient = pd.Series(_regimens(cohort)), cohort.frame[cohort.schema.id]
    return float((key.ne(key.shift()) & patient.eq(patient.shift())).mean())


def broken(made: Any) -> int:
    """Count patients whose statics change, and rows after a patient's last step."""
    schema, frame = made.schema, made.frame
    changing = frame.groupby(schema.id)[schema.static].nunique().gt(1).any(axis=1).sum()
    late = frame[schema.step] >= frame[schema.id].map(made.patients["Steps followed"])
    return int(changing + late.sum())


def row(condition: str, name: str, seconds: float, seed: int, patients: int) -> dict[str, Any]:
    """Train, sample and judge one model; in a process of its own, whose memory is measured."""
    train = hg.load_cohort(condition, n_patients=patients, seed=100 + seed)
    fresh, holdout = train.fresh(patients, seed=300 + seed), train.fresh(1000, seed=500 + seed)
    found: dict[str, Any] = {}
    if name == "fresh draw":
        made = train.fresh(patients, seed=700 + seed)
    elif name == "columns apart":
        frame = train.frame.copy()
        rng = np.random.default_rng(seed)
        for column in train.schema.names:
            if column not in (train.schema.id, train.schema.step):
                frame[column] = frame[column].array[rng.permutation(len(frame))]
        made = hg.Cohort(frame, train.patients, train.schema, "columns apart")
    else:
        model, begun = make(name), time.perf_counter()
        clock = {} if "Tree" in name else {"budget_seconds": seconds}
        model.fit(train, seed=seed, **clock)
        found |= {"fit, s": time.perf_counter() - begun, "steps": model.steps_}
        begun = time.perf_counter()
        made = model.sample(patients, seed=seed)
        found["sample, s"] = time.perf_counter() - begun
        found["memory, GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        found["broken"] = broken(made)
    with joblib.parallel_config(n_jobs=1):
        return found | judged(condition, train, made, fresh, holdout)


def machine() -> str:
    """Return what the rows were measured on, in words."""
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, torch {torch.__version__}"
    )


def _work(key: tuple[Any, ...], out: Any) -> None:
    out.put(row(*key))


def apart(key: tuple[Any, ...]) -> dict[str, Any]:
    """Run one row in a fresh process."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    process = context.Process(target=_work, args=(key, out))
    process.start()
    found = out.get()
    process.join()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--conditions", nargs="+", default=["art_hiv", "sepsis", "hypotension"])
    parser.add_argument("--models", nargs="+", default=[*ENDS, *MODELS])
    parser.add_argument("--seconds", nargs="+", type=float, default=[60.0, 300.0])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--patients", type=int, default=2000)
    asked = parser.parse_args()
    path = RESULTS / "generators.json"
    kept: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for condition in asked.conditions:
        for seconds in asked.seconds:
            for name in asked.models:
                for seed in asked.seeds if condition == "art_hiv" else asked.seeds[:1]:
                    clock = 0.0 if name in ENDS or "Tree" in name else seconds
                    key = f"{condition} | {name} | {clock:g} s | {asked.patients} | seed {seed}"
                    if key in kept:
                        continue
                    found = apart((condition, name, clock, seed, asked.patients))
                    kept[key] = found | {"date": str(date.today()), "machine": machine()}
                    print(key, {k: v if isinstance(v, str) else round(v, 3)
                                for k, v in kept[key].items()}, flush=True)  # fmt: skip
                    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    table(kept)


def medians(kept: dict[str, Any]) -> pd.DataFrame:
    """Return medians over seeds, by condition, time and model, in the order of the models."""
    names = ["condition", "model", "time", "patients", "seed"]
    rows = [dict(zip(names, key.split(" | "), strict=True)) | one for key, one in kept.items()]
    frame = pd.DataFrame(rows)
    frame["AUROC, made - real"] = frame["AUROC, trained on made"] - frame["AUROC, trained on real"]
    frame["model"] = pd.Categorical(frame["model"], [*ENDS, *MODELS])
    frame["time"] = pd.Categorical(frame["time"], ["0 s", "60 s", "300 s"])
    groups = frame.groupby(["condition", "time", "model"], observed=True)
    columns = [name for name in SHOWN if name in frame]
    return groups[columns].median().assign(seeds=groups.size())


def line(*cells: str) -> str:
    """Return a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |"


def short(kept: dict[str, Any], condition: str = "art_hiv") -> str:
    """Return what the README shows: one row a model and time."""
    columns = ["P", "X", "R", "step", "KS", "membership", "AUROC, made - real"]
    lines = [line("learned for", "model", *columns), "|---" * (2 + len(columns)) + "|"]
    for (clock, name), numbers in medians(kept).loc[condition, columns].iterrows():
        told = (SHOWN[column].format(one) for column, one in numbers.items())
        lines.append(line("" if clock == "0 s" else clock, name, *told))
    return "\n".join(lines)


def shown_in_chapter_13(kept: dict[str, Any]) -> str:
    """Return the table of chapter 13: one row a model, both times beside each other."""
    found = medians(kept).loc["art_hiv"]
    words = "generator", "P, 1 min", "P, 5 min", "single months", "numbers (KS)", "changes of drugs"
    lines = [line(*words), "|---" * len(words) + "|"]
    asked = [name for name in MODELS if name != "AutoregressiveTree, rejection"]
    for name in [*asked, ENDS[0]]:
        clock = "0 s" if name in ENDS or "Tree" in name else "300 s"
        last = found.loc[clock, name]
        first = found["P"].get(("60 s", name), last["P"])
        told = [f"{one:.2f}" for one in (first, last["P"], last["step"])]
        told += [f"{last['KS']:.3f}", f"{last['switch rate, ratio']:.2f}"]
        lines.append(line(f"`{name.partition(',')[0]}`{' and rejection' * (',' in name)}", *told))
    return "\n".join(lines).replace(f"`{ENDS[0]}`", "another fresh group")


def table(kept: dict[str, Any]) -> None:
    """Write all columns, one table for each condition and time."""
    days = sorted({one["date"] for one in kept.values()})
    machines = ", ".join(sorted({one["machine"] for one in kept.values()}))
    lines = [
        "# Generators, judged", "",
        f"`python benchmarks/generators.py`, {days[0]} to {days[-1]}; {machines}; one thread. "
        "Medians over seeds; what each column is, is said in that file and in "
        "`healthgym_edu.evaluation`.",
    ]  # fmt: skip
    for (condition, clock), part in medians(kept).groupby(level=[0, 1], observed=True):
        part = part.droplevel([0, 1]).dropna(axis=1, how="all")
        learned = "no clock" if clock == "0 s" else f"{clock} of learning"
        lines += ["", f"## {condition}, {learned}", "", line("model", *part.columns)]
        lines.append("|---" * (1 + len(part.columns)) + "|")
        for name, numbers in part.iterrows():
            cells = ("" if np.isnan(one) else SHOWN.get(column, "{:.0f}").format(one)
                     for column, one in numbers.items())  # fmt: skip
            lines.append(line(name, *cells))
    (RESULTS / "generators.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
