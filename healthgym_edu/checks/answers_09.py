"""Right and wrong answers to exercises 1 to 4 of chapter 09, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

# --- regimens that were never learned ------------------------------------------------------------


def drugs_of(cohort):
    return [one.name for one in cohort.schema if one.measured_by == "Drug (M)"]


def unknown_rows(train, held):
    """Rows of `held` with a regimen that nobody in `train` had."""
    drugs = drugs_of(held)
    known = train.frame[drugs].drop_duplicates()
    found = held.frame[drugs].merge(known, how="left", indicator=True)["_merge"]
    return pd.Series(found.eq("left_only").to_numpy(), held.frame.index)


def people_changed(train, held):
    return int(held.frame.loc[unknown_rows(train, held), "PatientID"].nunique())


def by_groupby(train, held):
    return unknown_rows(train, held).groupby(held.frame["PatientID"]).any().sum()


def texts(cohort):
    """The regimen of each row as one text."""
    columns = (cohort.frame[name].astype(str) for name in drugs_of(cohort))
    return pd.Series(["|".join(row) for row in zip(*columns, strict=True)], cohort.frame.index)


def by_sets(train, held):
    known, found = set(texts(train)), set()
    for patient, regimen in zip(held.frame["PatientID"], texts(held), strict=True):
        if regimen not in known:
            found.add(patient)
    return len(found)


def by_codec(train, held):
    """Whose drugs are others after the codec's round trip."""
    from healthgym_edu.generators import fit_codec

    codec = fit_codec(train)
    back = codec.decode(codec.encode(held), "round trip")
    same = texts(back).to_numpy() == texts(held).to_numpy()
    return float(held.frame["PatientID"][~same].nunique())


def months_changed(train, held):
    return int(unknown_rows(train, held).sum())


def regimens_changed(train, held):
    return len(held.frame.loc[unknown_rows(train, held), drugs_of(held)].drop_duplicates())


def first_months(train, held):
    rows = unknown_rows(train, held) & held.frame["Timestep"].eq(0)
    return int(rows.sum())


# --- a number for each level ---------------------------------------------------------------------


def honest_auroc(level, outcome, learn, test):
    number_of = outcome[learn].groupby(level[learn]).mean()
    score = level[test].map(number_of).fillna(outcome[learn].mean())
    return roc_auc_score(outcome[test], score)


def honest_by_dict(level, outcome, learn, test):
    heads, counts = {}, {}
    for who in learn:
        heads[level[who]] = heads.get(level[who], 0) + float(outcome[who])
        counts[level[who]] = counts.get(level[who], 0) + 1
    usual = sum(heads.values()) / sum(counts.values())
    score = [heads[level[w]] / counts[level[w]] if level[w] in counts else usual for w in test]
    return roc_auc_score(outcome.loc[test], score)


def honest_by_pairs(level, outcome, learn, test):
    """The AUROC as the share of pairs in the right order."""
    table = pd.DataFrame({"level": level, "outcome": outcome.astype(float)})
    means = table.loc[learn].groupby("level")["outcome"].mean()
    score = table.loc[test, "level"].map(means).fillna(table.loc[learn, "outcome"].mean())
    high, low = (score[outcome[test] == which].to_numpy() for which in (True, False))
    wins = (high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean()
    return float(wins)


def honest_by_merge(level, outcome, learn, test):
    known = pd.DataFrame({"level": level[learn], "mean": outcome[learn].astype(float)})
    known = known.groupby("level", as_index=False)["mean"].mean()
    there = pd.DataFrame({"level": level[test], "outcome": outcome[test]})
    there = there.merge(known, how="left", on="level")
    return roc_auc_score(there["outcome"], there["mean"].fillna(outcome[learn].mean()))


def of_everybody(level, outcome, learn, test):
    return roc_auc_score(outcome[test], level[test].map(outcome.groupby(level).mean()))


def of_the_judged(level, outcome, learn, test):
    return roc_auc_score(outcome[test], level[test].map(outcome[test].groupby(level[test]).mean()))


def judged_on_learners(level, outcome, learn, test):
    return roc_auc_score(
        outcome[learn], level[learn].map(outcome[learn].groupby(level[learn]).mean())
    )


def judged_on_all(level, outcome, learn, test):
    number_of = outcome[learn].groupby(level[learn]).mean()
    return roc_auc_score(outcome, level.map(number_of).fillna(outcome[learn].mean()))


def filled(fill):
    def auroc(level, outcome, learn, test):
        number_of = outcome[learn].groupby(level[learn]).mean()
        return roc_auc_score(outcome[test], level[test].map(number_of).fillna(fill(outcome, test)))

    return auroc


def without_the_unknown(level, outcome, learn, test):
    score = level[test].map(outcome[learn].groupby(level[learn]).mean()).dropna()
    return roc_auc_score(outcome[score.index], score)


def unfilled(level, outcome, learn, test):
    return roc_auc_score(
        outcome[test], level[test].map(outcome[learn].groupby(level[learn]).mean())
    )


AUROC_SLIPS = {
    "the numbers are learned from everybody, also from those who are judged": of_everybody,
    "the numbers are learned from `test`, who are judged": of_the_judged,
    "it judges those from whom it learned; judge `test`": judged_on_learners,
    "it judges everybody; judge `test` alone": judged_on_all,
    "a regimen that nobody in `learn` had should get the mean of `learn`, not 0": filled(
        lambda outcome, test: 0.0
    ),
    "a regimen that nobody in `learn` had gets the mean of others than `learn`": filled(
        lambda outcome, test: outcome.mean()
    ),
    "a regimen that nobody in `learn` had should get the mean of `learn`, not one half": filled(
        lambda outcome, test: 0.5
    ),
    "it leaves out the people whose regimen nobody in `learn` had": without_the_unknown,
    "it is 1 minus the AUROC: give the outcome first and the score second": (
        lambda *four: 1 - honest_auroc(*four)
    ),
}


# --- the mask ------------------------------------------------------------------------------------


def masked_mean(values, present):
    mask = present[:, :, None]
    return np.where(mask, values, 0).sum(axis=0) / mask.sum(axis=0)


def by_nan(values, present):
    return np.nanmean(np.where(present[..., None], values, np.nan), axis=0)


def by_weights(values, present):
    return np.einsum("ijk,ij->jk", values, present.astype(float)) / present.sum(axis=0)[:, None]


def by_step(values, present):
    return np.array([values[present[:, k], k].mean(axis=0) for k in range(values.shape[1])])


def by_masked_array(values, present):
    hidden = np.broadcast_to(~present[:, :, None], values.shape)
    return np.ma.array(values, mask=hidden).mean(axis=0)


MASK_SLIPS = {
    "it counts what stands where the mask is False": lambda values, present: values.mean(axis=0),
    "the sum is right, but it is divided by all patients; divide by those present": (
        lambda values, present: np.where(present[:, :, None], values, 0).mean(axis=0)
    ),
    "it averages those who are *not* present: turn the mask round": (
        lambda values, present: masked_mean(values, ~present)
    ),
    "it keeps only patients who are present to the end": (
        lambda values, present: values[present.all(axis=1)].mean(axis=0)
    ),
    "it is the sum over those present; divide it by how many they are": (
        lambda values, present: np.where(present[:, :, None], values, 0).sum(axis=0)
    ),
    "it is one mean for each patient; go along the patients, axis 0": (
        lambda values, present: (
            np.where(present[..., None], values, 0).sum(axis=1) / present.sum(axis=1)[:, None]
        )
    ),
    "it is one mean of all steps; keep the steps apart": (
        lambda values, present: values[present].mean(axis=0)
    ),
    "columns and steps have changed places": (
        lambda values, present: masked_mean(values, present).T
    ),
}


# --- what is known so far ------------------------------------------------------------------------


def known_so_far(frame, name, flag):
    value = frame[name].where(frame[flag]).groupby(frame["PatientID"]).ffill()
    return pd.DataFrame({"value": value.fillna(0), "known": value.notna()})


def known_by_loop(frame, name, flag):
    rows, whose, last = [], None, None
    for patient, value, new in zip(frame["PatientID"], frame[name], frame[flag], strict=True):
        last = None if patient != whose else last
        whose, last = patient, value if new else last
        rows.append((0.0 if last is None else last, last is not None))
    return pd.DataFrame(rows, frame.index, ["value", "known"])


def known_by_counts(frame, name, flag):
    known = frame.groupby("PatientID")[flag].cumsum() > 0
    # once something is known, the table shows the last measurement: nothing is to be carried
    return pd.DataFrame({"known": known.astype(int), "value": frame[name].where(known, 0)})


def known_by_place(frame, name, flag):
    place = np.where(frame[flag], np.arange(len(frame)), -1)
    begin = frame.groupby("PatientID")[name].transform("size").to_numpy()  # only its shape
    starts = np.flatnonzero(frame["PatientID"].ne(frame["PatientID"].shift()))
    begin = starts[np.searchsorted(starts, np.arange(len(begin)), side="right") - 1]
    last = np.maximum.accumulate(place)
    known = last >= begin
    value = np.where(known, frame[name].to_numpy()[np.maximum(last, 0)], 0.0)
    return pd.DataFrame({"value": value, "known": known}, index=frame.index)


def as_shown(frame, name, flag):
    return pd.DataFrame({"value": frame[name], "known": known_so_far(frame, name, flag)["known"]})


def this_row_only(frame, name, flag):
    return pd.DataFrame({"value": frame[name].where(frame[flag], 0), "known": frame[flag]})


def flag_as_known(frame, name, flag):
    return known_so_far(frame, name, flag).assign(known=frame[flag])


def ever_known(frame, name, flag):
    ever = frame[flag].groupby(frame["PatientID"]).transform("any")
    return known_so_far(frame, name, flag).assign(known=ever)


def from_others(frame, name, flag):
    value = frame[name].where(frame[flag]).ffill()
    return pd.DataFrame({"value": value.fillna(0), "known": value.notna()})


def back_as_well(frame, name, flag):
    seen = frame[name].where(frame[flag]).groupby(frame["PatientID"])
    value = seen.ffill().fillna(seen.bfill())
    return pd.DataFrame({"value": value.fillna(0), "known": value.notna()})


def left_missing(frame, name, flag):
    value = known_so_far(frame, name, flag)
    return value.assign(value=value["value"].where(value["known"]))


def one_row_late(frame, name, flag):
    late = left_missing(frame, name, flag)["value"].groupby(frame["PatientID"]).shift()
    return pd.DataFrame({"value": late.fillna(0), "known": late.notna()})


def by_median(frame, name, flag):
    found = known_so_far(frame, name, flag)
    return found.assign(value=found["value"].where(found["known"], frame[name].median()))


KNOWN_SLIPS = {
    "the values are those that the table shows, which come from the future before the first "
    "measurement": as_shown,
    "a value is kept only in its own row; carry it forward until the next one": this_row_only,
    "`known` is the flag; it should stay True after the first measurement": flag_as_known,
    "`known` says whether there is ever a measurement, also a later one": ever_known,
    "it carries values on into the next patient; go patient by patient": from_others,
    "it also carries back from the first measurement, which is the future": back_as_well,
    "missing values are left before the first measurement; write 0": left_missing,
    "a measurement counts one row too late; it is known in its own row": one_row_late,
    "before the first measurement it writes a median; write 0": by_median,
    "`known` is True where nothing is known: turn it round": (
        lambda *three: known_so_far(*three).assign(known=lambda t: ~t["known"])
    ),
}
