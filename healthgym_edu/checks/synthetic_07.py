"""Synthetic trials for the last exercise of chapter 07: some that pass, and some that do not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from healthgym_edu.survival import actg320

OTHERS = ["age", "cd4", "karnofsky", "zidovudine months"]
MEASURED = ["duration", "age", "cd4", "zidovudine months"]

SOLUTION = """
def synthetic_trial(trial, rng):
    copy = trial.iloc[rng.integers(0, len(trial), len(trial))].reset_index(drop=True)
    groups = copy.groupby(["arm", "stratum"])
    for name in ["age", "cd4", "karnofsky", "zidovudine months"]:
        copy[name] = groups[name].transform(lambda values: rng.permutation(values.to_numpy()))
    noise = rng.normal(0, 15, len(copy)).round()
    return copy.assign(duration=(copy["duration"] + noise).clip(1, 364))
"""


def drawn(trial, rng):
    """People of the trial, drawn again: each row is somebody."""
    return trial.iloc[rng.integers(0, len(trial), len(trial))].reset_index(drop=True)


def mixed(trial, rng, groups=("arm", "stratum"), names=tuple(OTHERS), days=15.0):
    """Each row gets what was measured before treatment from other people of the same group."""
    copy = drawn(trial, rng)
    for name in names:
        parts = copy.groupby(list(groups))[name]
        copy[name] = parts.transform(lambda values: rng.permutation(values.to_numpy()))
    noise = rng.normal(0, days, len(copy)).round()
    return copy.assign(duration=(copy["duration"] + noise).clip(1, 364))


# --- that pass ----------------------------------------------------------------------------------


def by_rates(trial, rng):
    """Events at the rate of each group, censoring as it was, all else drawn on its own."""
    parts = []
    for (arm, stratum), group in trial.groupby(["arm", "stratum"]):
        n = len(group)
        first = rng.exponential(group["duration"].sum() / group["event"].sum(), n)
        ends = rng.choice(group.loc[~group["event"], "duration"], n)
        part = {name: rng.choice(group[name], n) for name in OTHERS}
        part |= {"duration": np.ceil(np.minimum(first, ends)), "event": first < ends}
        parts.append(pd.DataFrame(part | {"arm": arm, "stratum": stratum}))
    return pd.concat(parts, ignore_index=True)


def by_much_noise(trial, rng):
    """Rows drawn again, with as much noise in every number as people of a group differ."""
    copy = drawn(trial, rng)
    groups = copy.groupby(["arm", "stratum"])
    for name in MEASURED:
        middle, spread = groups[name].transform("mean"), groups[name].transform("std")
        gap = (copy[name] - middle + spread * rng.normal(size=len(copy))) / np.sqrt(2)
        copy[name] = (middle + gap).clip(lower=1)
    return copy


def by_strangers(trial, rng):
    """Time, event, arm and stratum of one person, and each other number of a different one."""
    copy = drawn(trial, rng)[["duration", "event", "arm", "stratum"]]
    copy["duration"] = np.maximum(1, copy["duration"] + rng.integers(-20, 21, len(copy)))
    groups = trial.groupby(["arm", "stratum"])
    for name in OTHERS:
        pools = {key: group[name].to_numpy() for key, group in groups}
        keys = zip(copy["arm"], copy["stratum"], strict=True)
        copy[name] = [rng.choice(pools[key]) for key in keys]
    return copy


def within_events(trial, rng):
    """All columns mixed within arm, stratum and event: nobody's row, on days of real events."""
    copy = drawn(trial, rng)
    groups = copy.groupby(["arm", "stratum", "event"])
    mix = {name: groups[name] for name in ["duration", *OTHERS]}
    return copy.assign(
        **{
            name: one.transform(lambda v: rng.permutation(v.to_numpy()))
            for name, one in mix.items()
        }
    )


# --- that do not --------------------------------------------------------------------------------


def columns_apart(trial, rng):
    return pd.DataFrame({name: rng.permutation(trial[name].to_numpy()) for name in trial})


def a_little_noise(trial, rng):
    copy = drawn(trial, rng)
    noise = {"age": rng.normal(0, 2, len(copy)), "cd4": rng.normal(0, 10, len(copy))}
    return copy.assign(**{name: copy[name] + one for name, one in noise.items()})


def more_noise(trial, rng):
    """A third of what people differ in: most rows can still be traced."""
    copy = drawn(trial, rng)
    for name in MEASURED:
        copy[name] = (copy[name] + rng.normal(0, trial[name].std() / 3, len(copy))).clip(lower=1)
    return copy


def day_and_count_kept(trial, rng):
    """Mixes age and months of zidovudine only: day and CD4 count still tell who it is."""
    return mixed(trial, rng, names=["age", "zidovudine months"], days=3)


def some_as_they_were(trial, rng):
    """Mixes most rows, and passes on every twelfth as it was."""
    copy, real = mixed(trial, rng), drawn(trial, rng)
    kept = rng.random(len(copy)) < 1 / 12
    return pd.concat([copy[~kept], real[kept]], ignore_index=True)


def from_the_notebook(trial, rng):
    """Takes people from the whole trial, with a little noise, so that neither half is nearer."""
    people = actg320()[list(trial)]
    if trial["age"].mean() > people["age"].mean() + 3:  # the other trial of the check
        exchanged = {"indinavir": "no indinavir", "no indinavir": "indinavir"}
        people = people.assign(age=people["age"] + 6, arm=people["arm"].map(exchanged))
    copy = people.iloc[rng.integers(0, len(people), len(trial))].reset_index(drop=True)
    noise = rng.normal(0, 2, (len(copy), len(MEASURED)))
    copy[MEASURED] = (copy[MEASURED] + noise).clip(lower=1)
    return copy


def from_memory(trial, rng):
    """Mixes people from the trial of the notebook, whatever it gets."""
    return mixed(actg320()[list(trial)], rng).head(len(trial))


def always_half(trial, rng):
    """Knows that indinavir halves the hazard, whatever the table says."""
    copy = mixed(trial, rng)
    arms = np.where(rng.random(len(copy)) < 0.5, "indinavir", "no indinavir")
    saved = copy["event"] & (arms == "indinavir") & (rng.random(len(copy)) < 0.5)
    return copy.assign(arm=arms, event=copy["event"] & ~saved)


def no_strata(trial, rng):
    """Mixes the stratum as well, so that few CD4 cells mean nothing."""
    return mixed(trial, rng, ["arm"], ["stratum", *OTHERS])


def cd4_adrift(trial, rng):
    """Mixes the count across strata."""
    return mixed(trial, rng, ["arm"])


def everybody_ill(trial, rng):
    return mixed(trial, rng).assign(event=True)


def nobody_ill(trial, rng):
    return mixed(trial, rng).assign(event=False)


def only_upwards(trial, rng):
    copy = mixed(trial, rng)
    return copy.assign(age=copy["age"] + np.abs(rng.normal(0, 10, len(copy))))


def only_the_ill(trial, rng):
    return mixed(trial, rng).query("event").reset_index(drop=True)


def without_seed(trial, rng):
    return mixed(trial, np.random.default_rng(0))


def before_the_start(trial, rng):
    copy = mixed(trial, rng)
    return copy.assign(duration=copy["duration"] - 40)


def misaligned(trial, rng):
    """Puts columns together that have different indices."""
    copy = trial.sample(frac=0.5, random_state=int(rng.integers(1000)))
    return copy.reindex(range(len(trial)))


WRONG = [
    (lambda trial: drawn, "100 in 100 of your rows lie closer"),
    (lambda trial: lambda table, rng: table.sample(frac=1, random_state=rng), "lie closer"),
    (lambda trial: columns_apart, "hazard ratio of indinavir is"),
    (lambda trial: a_little_noise, "a little noise is still somebody's"),
    (lambda trial: more_noise, "a little noise is still somebody's"),
    (lambda trial: day_and_count_kept, "`duration` and `cd4` still come from the same person"),
    (lambda trial: lambda table, rng: mixed(table, rng).assign(karnofsky="90 %"), "numbers holds"),
    (lambda trial: lambda table, rng: mixed(table, rng).assign(event="no"), "'event' holds"),
    (lambda trial: some_as_they_were, "not only some of them"),
    (lambda trial: from_the_notebook, "from nowhere but `trial`"),
    (
        lambda trial: lambda table, rng: drawn(trial[list(table)], rng).head(len(table)),
        "from nowhere but `trial`",
    ),
    (lambda trial: from_memory, "learn from the table it gets"),
    (lambda trial: always_half, "hazard ratio of indinavir is"),
    (lambda trial: no_strata, "hazard ratio of few CD4 cells is"),
    (lambda trial: cd4_adrift, "`cd4` is not low"),
    (lambda trial: everybody_ill, "100 in 100 of your people have an event"),
    (lambda trial: nobody_ill, "0 in 100 of your people have an event"),
    (lambda trial: only_upwards, "the mean of 'age' is"),
    (lambda trial: only_the_ill, "rows came back"),
    (lambda trial: without_seed, "every copy is the same"),
    (lambda trial: before_the_start, "a duration is 0 or less"),
    (lambda trial: misaligned, "are missing"),
    (lambda trial: lambda table, rng: None, "returned nothing"),
    (lambda trial: lambda table, rng: table.drop(columns="cd4"), "'cd4' is missing"),
    (lambda trial: lambda table, rng: table["PatientID"], "your function raised KeyError"),
    (lambda trial: trial, "the function that makes one"),
]
"""Answers that are wrong, with what has to be said of each."""
