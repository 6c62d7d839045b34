"""Curves and restricted means against lifelines where it is right, closed forms where it is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.datasets import load_waltons
from lifelines.utils import restricted_mean_survival_time

from healthgym_edu.errors import ArgumentError
from healthgym_edu.survival import cumulative_incidence, landmark, rmst, survival_curve


def months(n=400, seed=0, censored=0.03, cause_2=0.0):
    """People with a constant hazard of 0.1 a month, censored and competing at constant rates."""
    rng = np.random.default_rng(seed)
    rates = {1: 0.1, 2: cause_2, 0: censored}
    first = {
        kind: rng.geometric(rate, n) if rate else np.full(n, 999) for kind, rate in rates.items()
    }
    duration = np.minimum.reduce([*first.values(), np.full(n, 24)])
    event = np.select([first[1] == duration, first[2] == duration], [1, 2], 0)
    kind = event if cause_2 else event.astype(bool)
    return pd.DataFrame({"duration": duration, "event": kind, "entry": 0})


@pytest.fixture(scope="module")
def waltons():
    """Days of 163 flies, as lifelines ships them."""
    table = load_waltons().rename(columns={"T": "duration", "E": "event"})
    return table.assign(event=table["event"].astype(bool), entry=0)


def test_the_curve_is_that_of_lifelines_in_its_own_example(waltons):
    ours = survival_curve(waltons, by="group")
    for name, group in waltons.groupby("group"):
        fitted = KaplanMeierFitter().fit(group["duration"], group["event"])
        theirs = fitted.survival_function_["KM_estimate"]
        bounds = fitted.confidence_interval_survival_function_
        part = ours[ours["group"] == name].set_index("time")
        assert np.allclose(part["survival"], theirs.loc[part.index])
        inside = part.index[(part["survival"] > 0) & (part["survival"] < 1)]
        assert np.allclose(part.loc[inside, ["lower", "upper"]], bounds.loc[inside], atol=1e-8)


def test_late_entry_is_as_in_lifelines():
    times = months().assign(entry=np.arange(400) % 3)
    times = times[times["duration"] > times["entry"]]
    fitted = KaplanMeierFitter().fit(times["duration"], times["event"], entry=times["entry"])
    ours = survival_curve(times).set_index("time")["survival"]
    theirs = fitted.survival_function_["KM_estimate"]
    shared = ours.index.intersection(theirs.index)
    assert len(shared) > 20
    assert np.allclose(ours[shared], theirs[shared])


def test_the_restricted_mean_is_that_of_lifelines(waltons):
    ours = rmst(waltons, 60, by="group")
    for name, group in waltons.groupby("group"):
        fitted = KaplanMeierFitter().fit(group["duration"], group["event"])
        assert ours.loc[name, "rmst"] == pytest.approx(restricted_mean_survival_time(fitted, t=60))
    gap = ours.loc["control"] - ours.loc["miR-137"]
    assert ours.loc["control - miR-137", "rmst"] == pytest.approx(gap["rmst"])
    squares = ours.loc[["control", "miR-137"], "standard_error"] ** 2
    assert ours.loc["control - miR-137", "standard_error"] ** 2 == pytest.approx(squares.sum())


def test_without_censoring_the_error_is_that_of_a_mean():
    """Greenwood's formula is then the variance of min(T, 24) over n; lifelines forgets the n."""
    times = months(censored=0.0)
    values = times["duration"].to_numpy(float)
    found = rmst(times, 24).loc["everybody"]
    assert found["rmst"] == pytest.approx(values.mean())
    assert found["standard_error"] == pytest.approx(
        values.std(ddof=0) / np.sqrt(len(values)), rel=1e-6
    )


def test_the_interval_covers_the_known_mean():
    """Hazard 0.1 a month: the mean of min(T, 12) is (1 - .9 ** 12) / .1 months."""
    truth = (1 - 0.9**12) / 0.1
    found = [rmst(months(500, seed), 12).loc["everybody"] for seed in range(200)]
    covered = sum(one["lower"] <= truth <= one["upper"] for one in found)
    assert 180 <= covered <= 198
    errors = np.array([one["rmst"] for one in found]) - truth
    assert abs(errors.mean()) < 3 * errors.std() / np.sqrt(200)


def test_weights_count_people():
    times = months(120)
    counts = np.random.default_rng(1).integers(1, 4, len(times))
    copied = times.loc[times.index.repeat(counts)]
    weighted = times.assign(weight=counts)
    ours, theirs = survival_curve(weighted, weights="weight"), survival_curve(copied)
    assert np.allclose(ours["survival"], theirs["survival"])
    assert np.allclose(ours["at_risk"], theirs["at_risk"])
    mean = rmst(weighted, 12, weights="weight").loc["everybody", "rmst"]
    assert mean == pytest.approx(rmst(copied, 12).loc["everybody", "rmst"])


def test_equal_weights_change_neither_the_mean_nor_much_of_its_error():
    times = months(600).assign(weight=3.0)
    plain, robust = rmst(times, 12).iloc[0], rmst(times, 12, weights="weight").iloc[0]
    assert robust["rmst"] == pytest.approx(plain["rmst"])
    assert robust["standard_error"] == pytest.approx(plain["standard_error"], rel=0.02)
    curve = survival_curve(times), survival_curve(times, weights="weight")
    assert np.allclose(curve[0]["lower"], curve[1]["lower"], atol=0.003)


def test_causes_are_those_of_lifelines_where_nobody_ties():
    rng = np.random.default_rng(2)
    times = months(300, cause_2=0.05)
    times["duration"] = rng.permutation(len(times)) + 1.0
    ours = cumulative_incidence(times).set_index("time")
    for kind, name in ((1, "event"), (2, "competing")):
        fitted = AalenJohansenFitter(calculate_variance=False).fit(
            times["duration"], times["event"], event_of_interest=kind
        )
        theirs = fitted.cumulative_density_.iloc[:, 0]
        assert np.allclose(ours[name], theirs.loc[ours.index])


def test_causes_add_up_and_ties_need_no_jitter():
    """Monthly hazards 0.1 and 0.05, ties counted for the first: known shares after 12 months."""
    times = months(40_000, censored=0.02, cause_2=0.05)
    table = cumulative_incidence(times).set_index("time")
    assert np.allclose(table.sum(axis=1, numeric_only=True), 1)
    stay = 0.9 * 0.95
    shares = (1 - stay**12) / (1 - stay) * np.array([0.1, 0.9 * 0.05])
    assert np.allclose(table.loc[12, ["event", "competing"]].to_numpy(float), shares, atol=0.008)
    as_censored = survival_curve(times.assign(event=times["event"] == 1)).set_index("time")
    assert 1 - as_censored.loc[12, "survival"] > table.loc[12, "event"] + 0.05


def test_a_landmark_keeps_those_still_at_risk():
    times = months(300)
    later = landmark(times, 6)
    assert len(later) == (times["duration"] > 6).sum()
    before, after = survival_curve(times).set_index("time"), survival_curve(later).set_index("time")
    ratio = before.loc[12, "survival"] / before.loc[6, "survival"]
    assert after.loc[6, "survival"] == pytest.approx(ratio)


def test_all_censored_and_one_person_are_no_trouble():
    censored = pd.DataFrame({"duration": [3, 5], "event": [False, False], "entry": 0})
    assert (survival_curve(censored)["survival"] == 1).all()
    found = rmst(censored, 4).loc["everybody"]
    assert (found["rmst"], found["standard_error"]) == (4, 0)
    one = pd.DataFrame({"duration": [3], "event": [True], "entry": 0})
    assert survival_curve(one)["survival"].tolist() == [1, 0]
    assert rmst(one, 3).loc["everybody", "rmst"] == 3
    assert rmst(one, 9).loc["everybody", "rmst"] == 3  # nobody is left, so the mean is known


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda times: rmst(times, 25), "everybody is followed for 24 at most"),
        (lambda times: rmst(times, 0), "cut off at 0"),
        (lambda times: survival_curve(times, by="arm"), "no column 'arm'"),
        (lambda times: survival_curve(times, weights="w"), "no column 'w'"),
        (lambda times: rmst(times.assign(w=-1.0), 5, weights="w"), "0 or more"),
        (lambda times: rmst(times.assign(w=np.nan), 5, weights="w"), "0 or more"),
        (lambda times: landmark(times, 24), "Nobody is at risk after step 24"),
    ],
)
def test_what_cannot_be_estimated_is_refused(call, said):
    with pytest.raises(ArgumentError, match=said):
        call(months(200))
