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


@pytest.fixture
def clock(monkeypatch):
    """Somebody who can press buttons, and a clock that the test moves."""
    now = [100.0]
    monkeypatch.setattr("healthgym_edu.shifts.somebody_can_slide", lambda: True)
    monkeypatch.setattr("healthgym_edu.plots.ordering.monotonic", lambda: now[0])
    return now


def parts_of_the_game(box):
    """Return the picture, the news, the buttons of an order, and the buttons by their words."""
    picture, column = box.children
    orders, news = column.children
    toggles = [one for one in orders.children if isinstance(one, widgets.ToggleButtons)]
    buttons = [one for one in orders.children if isinstance(one, widgets.Button)]
    return picture, news, toggles, {one.description.split(": ")[-1]: one for one in buttons}


def test_buttons_order_what_they_say(clock):
    ward = hg.on_call("sepsis", patients=1, decisions=2)
    running = ward.view()[["fluid level", "vasopressor level"]].iloc[0].tolist()
    _, _, (fluid, vasopressor), buttons = parts_of_the_game(ward.play())
    assert [fluid.value, vasopressor.value] == running == [3, 2]
    fluid.value, vasopressor.value = 3, 1
    buttons["Give"].click()
    assert ward.orders[0] == [16]
    assert ward.actions[16] == "fluid 181-530, vasopressor to 0.08"
    clock[0] += 1
    buttons["Give"].click()
    assert ward.orders[0] == [16, 16]  # the doses that run are offered again
    assert ward.over
    assert buttons["Give"].disabled


def test_a_double_click_is_one_order_and_no_button_works_meanwhile(clock, monkeypatch):
    ward = hg.on_call("sepsis", patients=2, decisions=6)
    _, _, toggles, buttons = parts_of_the_game(ward.play())
    treat, disabled = ward.treat, []

    def slow(action):
        disabled.extend(one.disabled for one in (*toggles, *buttons.values()))
        return treat(action)

    monkeypatch.setattr(ward, "treat", slow)
    for _ in range(12):  # queued while the chart was drawn: they all come at once
        buttons["Give"].click()
        clock[0] += 0.1
    assert len(ward.orders[0]) == 1
    assert all(disabled)
    assert len(disabled) == 5
    assert not any(one.disabled for one in (*toggles, *buttons.values()))
    clock[0] += 0.25
    buttons["Give"].click()
    assert len(ward.orders[0]) == 2


def test_what_became_of_a_patient_is_said_while_the_next_one_begins(clock):
    ward = hg.on_call("sepsis", patients=2, decisions=1)
    picture, news, _, buttons = parts_of_the_game(ward.play())
    assert news.value == ""
    buttons["Give"].click()
    assert ward.patient == 1
    assert 'alt="Patient 2 of 2' in picture.value
    died = ward.twins()[YOU].patients["Died in 90 days"].iloc[0]
    words = "died by day 90" if died else "alive on day 90"
    line = f"Patient 1: {words}, return {ward.score().loc[YOU, 'return']:.2f}."
    assert ward.told() == [line]
    assert line in news.value
    assert line in ward._repr_html_()


@pytest.mark.parametrize(
    ("condition", "seed", "word"), [("sepsis", 2026, "day 90"), ("hypotension", 1, "stay")]
)
def test_who_died_is_said_to_have_died(condition, seed, word):
    ward = hg.on_call(condition, patients=40, decisions=1, seed=seed).hand_over("none")
    column = "Died in 90 days" if condition == "sepsis" else "Died"
    died = ward.twins()[YOU].patients[column].tolist()
    assert [": died" in line for line in ward.told()] == died
    assert [": alive" in line for line in ward.told()] == [not one for one in died]
    assert 0 < sum(died) < 40
    assert all(word in line for line in ward.told())


def test_clinicians_can_do_the_rest_of_a_patient_or_of_the_shift(clock):
    ward = hg.on_call("sepsis", patients=4, decisions=5)
    picture, news, _, buttons = parts_of_the_game(ward.play())
    buttons["Give"].click()
    clock[0] += 1
    buttons["this patient"].click()
    assert ward.patient == 1
    assert len(ward.orders[0]) == 5
    assert ward.orders[0][0] == 17  # what ran before: fluid 3, vasopressor 2
    clock[0] += 1
    buttons["the whole shift"].click()
    assert ward.over
    assert "died by day 90, of 4" in picture.value
    assert "return (higher is better)" in picture.value
    assert news.value.count("Patient") == 4
    assert ward.hand_over(everybody=False).over  # nobody is left: nothing happens


def test_buttons_show_the_score_after_somebody_else_has_finished(clock):
    """In another cell: the buttons follow at once, and a click sent before does no harm."""
    ward = hg.on_call("hypotension", patients=2, decisions=2)
    picture, news, _, buttons = parts_of_the_game(ward.play())
    ward.treat(3)
    assert "decision 2 of 2" in picture.value
    ward.hand_over("clinician")
    picture.value = "an old picture"
    clock[0] += 1
    buttons["Give"].click()
    assert "<table" in picture.value
    assert "died within the stay, of 2" in picture.value
    assert "Patient 2" in news.value


def test_a_fault_is_shown_beside_the_buttons(clock, monkeypatch):
    ward = hg.on_call("sepsis", patients=1, decisions=2)
    _, news, _, buttons = parts_of_the_game(ward.play())
    monkeypatch.setattr(ward, "treat", lambda action: 1 / 0)
    buttons["Give"].click()  # ipywidgets catches and logs what a callback raises
    assert "ZeroDivisionError" in news.value
    assert not buttons["Give"].disabled


def test_the_order_that_is_offered_changes_nothing(clock):
    ward = hg.on_call("sepsis", patients=2, decisions=3, actions="relative")
    _, _, toggles, buttons = parts_of_the_game(ward.play())
    assert [one.label for one in toggles] == ["0", "hold"]
    toggles[0].value, toggles[1].value = 2, 2
    buttons["Give"].click()
    assert ward.actions[ward.orders[0][0]] == "fluid 181-530, vasopressor up"
    assert [one.label for one in toggles] == ["181-530", "hold"]
    ward.treat(0).treat(0)
    assert [one.label for one in toggles] == ["0", "hold"]  # of the next patient


def test_the_chart_shows_the_levels_that_run(clock):
    """An order to hold has no height of its own: 0 where nothing runs, else that of the dose."""
    ward = hg.on_call("sepsis", patients=5, decisions=8, actions="relative")
    for _ in range(4):
        ward.hand_over(everybody=False)
    for order in ("hold", "up", "up", "hold", "down"):
        ward.treat(f"fluid 181-530, vasopressor {order}")
    *_, fluid, vasopressor = ward.chart().axes
    record = ward.twins()[YOU].frame.query("PatientID == 4")  # its doses are in mcg/kg/min
    doses = record["MaxVaso"].iloc[:5]
    heights = [bar.get_height() for bar in vasopressor.patches]
    assert heights == ward.view()["vasopressor level"].tolist()
    assert [level > 0 for level in heights[1:]] == (doses > 0).tolist()
    before, one, two, three, four, five = heights
    assert 0 == before == one < two < three == four > five
    assert [bar.get_height() for bar in fluid.patches][1:] == [3] * 5  # the fourth of five levels
    assert ward.mechanism.schema["MaxVaso"].unit in vasopressor.get_ylabel()
    zeros = [text for text in vasopressor.texts if text.get_gid() == "nothing"]
    assert len(zeros) == heights.count(0) >= 2
    plt.close(fluid.figure)


def test_a_twin_is_called_by_the_number_that_the_game_gives():
    ward = hg.on_call("sepsis", patients=2, decisions=1).treat(0)
    ax = ward.twin_chart(1)
    assert ax.get_title(loc="left") == "Patient 1"
    mine = ward.twins()[YOU].frame.query("PatientID == 0")["MeanBP"]
    assert any(np.array_equal(line.get_ydata(), mine) for line in ax.lines)
    assert "65 mmHg" in "".join(text.get_text() for text in ax.texts)
    plt.close(ax.figure)


def test_what_is_seen_is_what_the_cohort_says_was_seen():
    """Patients are brought from decision to decision; simulated anew they would be the same."""
    for condition in ("sepsis", "hypotension"):
        ward = hg.on_call(condition, patients=3, decisions=6, seed=4).hand_over(everybody=False)
        for action in (3, 7, 12, 1):
            ward.treat(action)
        seen = ward.twins()[YOU].seen
        mine = seen[seen["PatientID"] == 1].iloc[:5].reset_index(drop=True)
        np.testing.assert_allclose(ward.view(), mine, rtol=1e-12)
        assert list(ward.view()) == list(mine)


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
