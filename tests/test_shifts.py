"""On call: what you order happens, to the same patients whom others treat as well."""

from __future__ import annotations

import base64
import re

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pytest

import healthgym_edu as hg
from healthgym_edu.errors import ArgumentError
from healthgym_edu.shifts import YOU, _Shift


def test_the_clinicians_own_orders_are_their_own_lives():
    """Who orders what clinicians did gets their patients, to the last digit."""
    ward = hg.on_call("sepsis", patients=3, decisions=12, seed=7).hand_over("clinician")
    table = ward.score()
    assert table.loc[YOU, "return"] == pytest.approx(table.loc["clinicians", "return"], abs=1e-9)
    truth = hg.policy_value("sepsis", "clinician", 3, 7)
    assert table.loc["clinicians", "return"] == pytest.approx(truth.value, abs=1e-9)


def test_the_guideline_for_a_whole_stay_is_its_policy_value():
    ward = hg.on_call("hypotension", patients=4, decisions=12, seed=7).hand_over("protocol")
    truth = hg.policy_value("hypotension", "protocol", 4, 7)
    assert ward.score()["return"].loc[[YOU, "guideline"]].tolist() == pytest.approx(
        [truth.value] * 2
    )


def test_what_was_ordered_was_given_and_shows_at_the_next_decision():
    ward = hg.on_call("sepsis", patients=2, decisions=4, seed=1)
    for order in ("fluid >530, vasopressor to 0.22", "fluid 0, vasopressor 0"):
        ward.treat(order)
    seen = ward.view()
    assert len(seen) == 3
    assert seen["fluid level"].tolist()[1:] == [4, 0]
    assert seen["vasopressor level"].tolist()[1:] == [2, 0]
    assert seen["Timepoints"].tolist() == [0, 1, 2]


def test_nothing_seen_depends_on_what_is_decided_later():
    one, other = (hg.on_call("sepsis", patients=1, decisions=6, seed=3) for _ in range(2))
    before = one.treat(7).view()
    later = other.treat(7).treat(24).view().iloc[:2]
    np.testing.assert_array_equal(before, later)


def test_a_patient_who_dies_ends_and_the_next_one_comes():
    """With no treatment at all some of these die before their twelfth decision."""
    ward = hg.on_call("sepsis", patients=8, decisions=12, seed=5)
    while not ward.over:
        ward.treat(0)
    lengths = [len(orders) for orders in ward.orders]
    assert max(lengths) == 12
    made = hg.simulate("sepsis", 8, "none", 5).decisions.groupby("PatientID").size()
    assert lengths == np.minimum(made, 12).tolist()
    assert min(lengths) < 12


def test_doses_can_be_ordered_relative_to_those_that_run():
    """An agent with actions of its own kind plays the same game."""
    ward = hg.on_call("sepsis", patients=3, decisions=12, seed=7, actions="relative")
    assert len(ward.actions) == 12
    ward.treat("fluid >530, vasopressor up")
    assert ward.view()["vasopressor level"].diff().iloc[1] > 0
    table = ward.hand_over("protocol").score({"again": "protocol"})
    truth = hg.policy_value("sepsis", "protocol", 3, 7, actions="relative")
    assert table.index.tolist() == [YOU, "clinicians", "guideline", "again"]
    assert table.loc["again"].equals(table.loc["guideline"])
    assert abs(table.loc["guideline", "return"] - truth.value) < 0.2  # clinicians end the stays
    batch = hg.rl.transitions(hg.load_cohort("sepsis", n_patients=80, actions="relative"))
    agent = hg.rl.BehaviourCloning(hg.rl.CloningConfig(rounds=3)).fit(batch)
    assert "agent" in ward.score({"agent": agent}).index
    with pytest.raises(ArgumentError, match="chooses among 12 actions"):
        hg.on_call("sepsis", patients=1, decisions=1).treat(0).score({"agent": agent})
    with pytest.raises(ArgumentError, match="relative"):
        hg.on_call("sepsis", actions="coarse")


def test_an_agent_can_join_the_score():
    batch = hg.rl.transitions(hg.load_cohort("hypotension", n_patients=80, seed=9))
    agent = hg.rl.BehaviourCloning(hg.rl.CloningConfig(rounds=3)).fit(batch)
    ward = hg.on_call("hypotension", patients=3, decisions=2).hand_over("none")
    table = ward.score({"agent": agent})
    assert table.index.tolist() == [YOU, "clinicians", "guideline", "agent"]
    assert table["died"].between(0, 3).all()


def test_a_shift_of_nothing_is_the_clinicians_policy():
    same = hg.policy_value("hypotension", _Shift((), "protocol", 0), 50)
    plain = hg.policy_value("hypotension", "clinician", 50)
    np.testing.assert_allclose(same.returns, plain.returns)


def test_it_can_be_looked_at_without_buttons():
    ward = hg.on_call("sepsis", patients=1, decisions=2)
    assert ward.play() is ward
    assert "What do you order?" in repr(ward)
    picture = re.search(r"base64,([^\"]+)", ward._repr_html_())[1]
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    open_figures = plt.get_fignums()
    ward._repr_html_()
    assert plt.get_fignums() == open_figures
    ward.hand_over()
    assert "over" in repr(ward)
    assert "<table" in ward._repr_html_()
    plt.close(ward.twin_chart(1).figure)


def test_buttons_order_what_they_say(monkeypatch):
    monkeypatch.setattr("healthgym_edu.shifts.somebody_can_slide", lambda: True)
    ward = hg.on_call("sepsis", patients=1, decisions=2)
    _, fluid, vasopressor, give = ward.play().children
    assert isinstance(give, widgets.Button)
    fluid.value, vasopressor.value = 3, 1
    give.click()
    assert ward.orders[0] == [16]
    assert ward.actions[16] == "fluid 181-530, vasopressor to 0.08"
    give.click()
    assert ward.over
    assert give.disabled


def test_bad_orders_are_refused():
    ward = hg.on_call("sepsis", patients=1, decisions=1)
    with pytest.raises(ArgumentError, match="Did you mean 'fluid 0, vasopressor 0'"):
        ward.treat("fluid 0, vasopresor 0")
    with pytest.raises(ArgumentError, match="action is 25"):
        ward.treat(25)
    with pytest.raises(ArgumentError, match="Nobody was treated"):
        ward.score()
    ward.treat(0)
    with pytest.raises(ArgumentError, match="The shift is over"):
        ward.treat(0)
    with pytest.raises(ArgumentError, match="The shift is over"):
        ward.chart()
    with pytest.raises(ArgumentError, match="two parts"):
        hg.on_call("art_hiv")
    with pytest.raises(ArgumentError, match="decisions is 21"):
        hg.on_call("sepsis", decisions=21)
    with pytest.raises(ArgumentError, match="patients is 0"):
        hg.on_call("sepsis", patients=0)
