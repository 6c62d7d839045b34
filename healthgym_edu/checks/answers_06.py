"""Right and wrong answers to the exercises of chapter 06, from their definitions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from healthgym_edu.survival import time_to_event

from .case_06 import COVARIATES, FAULTS, published_table, short_codes
from .case_06 import has_drug as whole

LONGER = 24


def above(frame, threshold=1000):
    return frame["VL"] > threshold


# --- events that are none -----------------------------------------------------------------------


def false_events(art, horizon=LONGER, threshold=1000, sound=False, table=None):
    """Events of the team's table, made here if not given, with a viral load above a threshold."""
    table = published_table(art, horizon=horizon) if table is None else table
    loads = art.frame.set_index(["PatientID", "Timestep"])["VL"]
    at = table[table["event"]]
    found = loads.loc[pd.MultiIndex.from_frame(at[["PatientID", "stop"]])] > threshold
    return int((~found if sound else found).sum())


def false_events_by_difference(art):
    faulty, right = (published_table(art, faults, LONGER) for faults in (FAULTS, []))
    return faulty["event"].sum() - right["event"].sum()


def false_events_from_records(art):
    """Nobody's table: people who stay above 1,000 for 24 months."""
    wide = art.frame.pivot(index="PatientID", columns="Timestep", values="VL").loc[:, :LONGER]
    return np.int64((wide > 1000).all(axis=1).sum())


def false_events_by_times(art):
    times = time_to_event(art, "suppressed_1000", at_risk=above, horizon=LONGER)
    return float((~times["event"]).sum())


def above_at_24(art):
    """Whoever is above 1,000 in month 24, also those who succeeded before."""
    frame = art.frame
    at = frame.set_index(["PatientID", "Timestep"])["VL"].unstack()
    return int(((at[0] > 1000) & (at[LONGER] > 1000)).sum())


def rows_above(art, table=None):
    table = published_table(art, horizon=LONGER) if table is None else table
    loads = art.frame.set_index(["PatientID", "Timestep"])["VL"]
    found = loads.loc[pd.MultiIndex.from_frame(table[["PatientID", "stop"]])] > 1000
    return int(found.sum())


def fewer_than_in_a_year(art):
    return false_events(art, horizon=12) - false_events(art)


# --- months in no row ---------------------------------------------------------------------------


def missing_months(rows):
    ordered = rows.sort_values(["PatientID", "start"])
    stopped = ordered.groupby("PatientID")["stop"].shift()
    return float((ordered["start"] - stopped).clip(lower=0).sum())


def missing_by_span(rows):
    """From each person's first start to the last stop, less what the rows cover."""
    span = rows.groupby("PatientID").agg(begin=("start", "min"), end=("stop", "max"))
    covered = (rows["stop"] - rows["start"]).sum()
    return (span["end"] - span["begin"]).sum() - covered


def missing_by_loop(rows):
    total = 0
    for _, mine in rows.groupby("PatientID"):
        mine = mine.sort_values("start")
        stops = mine["stop"].tolist()
        total += sum(a - b for a, b in zip(mine["start"].tolist()[1:], stops, strict=False))
    return int(total)


def missing_by_sets(rows):
    def of_person(mine):
        covered = set()
        for start, stop in zip(mine["start"], mine["stop"], strict=True):
            covered |= set(range(start, stop))
        return mine["stop"].max() - mine["start"].min() - len(covered)

    return sum(of_person(mine) for _, mine in rows.groupby("PatientID"))


def missing_unsorted(rows):
    stopped = rows.groupby("PatientID")["stop"].shift()
    return float((rows["start"] - stopped).fillna(0).sum())


def missing_across_people(rows):
    ordered = rows.sort_values(["PatientID", "start"])
    return float((ordered["start"] - ordered["stop"].shift()).clip(lower=0).sum())


def covered_months(rows):
    return float((rows["stop"] - rows["start"]).sum())


def number_of_gaps(rows):
    ordered = rows.sort_values(["PatientID", "start"])
    stopped = ordered.groupby("PatientID")["stop"].shift()
    return float((ordered["start"] > stopped).sum())


def persons_with_gaps(rows):
    ordered = rows.sort_values(["PatientID", "start"])
    stopped = ordered.groupby("PatientID")["stop"].shift()
    return float(ordered.loc[ordered["start"] > stopped, "PatientID"].nunique())


def mean_gap(rows):
    ordered = rows.sort_values(["PatientID", "start"])
    return float((ordered["start"] - ordered.groupby("PatientID")["stop"].shift()).mean())


def from_starts(rows):
    ordered = rows.sort_values(["PatientID", "start"])
    return float(ordered.groupby("PatientID")["start"].diff().fillna(0).sum())


def to_the_horizon(rows):
    """As if everybody had to be followed until the last stop of all."""
    return float(rows["stop"].max() * rows["PatientID"].nunique()) - covered_months(rows)


def from_zero(rows):
    """With the time before a person's first row."""
    return float(rows.groupby("PatientID")["stop"].max().sum()) - covered_months(rows)


MISSING_SLIPS = {
    "the rows may stand in any order: sort them by person and start first": missing_unsorted,
    "it compares rows of different persons; stay within one with groupby": missing_across_people,
    "these are the months that rows do cover": covered_months,
    "it counts the gaps, not their months": number_of_gaps,
    "it counts the persons with a gap, not the months": persons_with_gaps,
    "it is a mean; add the months up": mean_gap,
    "it measures from start to start; a gap begins where the row before stopped": from_starts,
    "the time before a person's first row is not between rows": from_zero,
    "nobody has to be followed up to the longest stop; only what lies between rows is missing": (
        to_the_horizon
    ),
}


def toy_rows():
    """Rows of five persons in no order: without a gap, with one, two, and a late beginning."""
    pieces = [
        (3, 6, 7), (1, 0, 2), (2, 5, 6), (1, 2, 12), (2, 0, 1), (3, 0, 1),
        (3, 2, 4), (4, 0, 2), (5, 3, 5), (5, 9, 12),
    ]  # fmt: skip
    return pd.DataFrame(pieces, columns=["PatientID", "start", "stop"]).assign(event=False)


# --- a code, and no part of another -------------------------------------------------------------


def has_drug_by_split(regimen, code):
    return regimen.str.split("+").map(lambda parts: code in parts)


def has_drug_by_dummies(regimen, code):
    dummies = regimen.str.get_dummies("+")
    return dummies[code] == 1 if code in dummies else pd.Series(False, regimen.index)


def has_drug_by_pattern(regimen, code):
    return regimen.str.contains(rf"\b{code}\b").astype(int)


def has_drug_by_list(regimen, code):
    return [code in text.split("+") for text in regimen]


def anywhere(regimen, code):
    return regimen.str.contains(code, regex=False)


def alone(regimen, code):
    return regimen == code


def at_the_end(regimen, code):
    return regimen.str.endswith(code)


def at_the_beginning(regimen, code):
    return regimen.str.startswith(code)


def before_a_plus(regimen, code):
    return regimen.str.contains(code + "+", regex=False)


def after_a_plus(regimen, code):
    return regimen.str.contains("+" + code, regex=False)


def at_its_end(regimen, code):
    """Looks at where the code ends, and not at where it begins."""
    return regimen.str.contains(rf"{code}\b")


def counted(regimen, code):
    return regimen.str.count(code)


def without(regimen, code):
    return ~whole(regimen, code)


def not_rtvb(regimen, code):
    """Mends the one code that is known to be wrong, and loses regimens that have both."""
    return regimen.str.contains(code, regex=False) & ~regimen.str.contains(code + "b", regex=False)


DRUG_SLIPS = {
    "it still finds a code inside a longer one": anywhere,
    "it takes regimens that are nothing but this code": alone,
    "the code may stand anywhere, not only at the end": at_the_end,
    "the code may stand anywhere, not only at the beginning": at_the_beginning,
    "the last code has no + after it": before_a_plus,
    "it still finds a longer code that ends in this one": at_its_end,
    "it counts how often the text is there, also inside a longer code": counted,
    "it is True where the code is absent": without,
    "it misses a code at the beginning, or finds the beginning of a longer one": after_a_plus,
    "it mends one code only; others are parts of each other as well, and both may be there": (
        not_rtvb
    ),
}


def toy_regimens():
    """Texts in which codes are parts of others, at every place."""
    texts = ["rtv", "rtvb", "drv+ftc+rtvb", "rtv+drv", "ftc+rtv+drv", "rtvb+rtv", "rtv+rtvb+drv"]
    return pd.Series([*texts, "brtv+ftc", "ftc+drv+rtv", "efv"], index=range(100, 110))


def codes_of(art):
    """Some hundred regimens of the cohort, as the chapter has them."""
    return short_codes(art.frame.iloc[::97]).reset_index(drop=True)


def whole_codes(regimen, code):
    return whole(regimen, code)


# --- how far a fault moves a hazard ratio -------------------------------------------------------


@lru_cache(maxsize=16)
def ratios(art, faults):
    """Hazard ratios of all covariates in the table with these faults."""
    from lifelines import CoxTimeVaryingFitter

    columns = ["PatientID", "start", "stop", "event", *COVARIATES]
    rows = published_table(art, faults)[columns]
    model = CoxTimeVaryingFitter().fit(rows, id_col="PatientID", event_col="event")
    return np.exp(model.params_)


def moved(art, drug="rtvb", per_cent=True):
    """How far each fault alone moves the hazard ratio of a drug."""
    sound = ratios(art, ())[drug]
    by = pd.Series({fault: ratios(art, (fault,))[drug] for fault in FAULTS})
    return 100 * (by / sound - 1) if per_cent else by / sound


def moved_from_all(art):
    """How far the mending of each fault moves the published one."""
    by = {f: ratios(art, tuple(one for one in FAULTS if one != f))["rtvb"] for f in FAULTS}
    return 100 * (pd.Series(by) / ratios(art, FAULTS)["rtvb"] - 1)


def moved_backwards(art):
    by = pd.Series({fault: ratios(art, (fault,))["rtvb"] for fault in FAULTS})
    return 100 * (ratios(art, ())["rtvb"] / by - 1)


def moved_on_log_scale(art):
    by = pd.Series({fault: ratios(art, (fault,))["rtvb"] for fault in FAULTS})
    return 100 * np.log(by / ratios(art, ())["rtvb"])


def moved_by_points(art):
    return the_ratios(art) - ratios(art, ())["rtvb"]


def the_ratios(art):
    return pd.Series({fault: ratios(art, (fault,))["rtvb"] for fault in FAULTS})


def moved_from_published(art):
    return 100 * (the_ratios(art) / ratios(art, FAULTS)["rtvb"] - 1)


def moved_after_rounding(art):
    return 100 * (the_ratios(art).round(2) / round(ratios(art, ())["rtvb"], 2) - 1)
