"""One person's figure shows that person's rows, and twins are the two cohorts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.data import load_cohort
from healthgym_edu.errors import ArgumentError


def _rows(cohort, patient):
    return cohort.frame[cohort.frame["PatientID"] == patient]


def test_twin_lines_are_the_two_cohorts(twins, find, texts):
    ax = plots.twin_plot(twins, 5, "VL")
    for name, cohort in twins.items():
        rows, line = _rows(cohort, 5), find(ax, name)
        np.testing.assert_array_equal(line.get_xdata(), rows["Timestep"])
        np.testing.assert_allclose(line.get_ydata(), rows["VL"])
        np.testing.assert_array_equal(line.get_markevery(), np.flatnonzero(rows["VL (M)"]))
        assert line.get_color() == plots.style_for([name])[name].line
        assert name in texts(ax)
    dtg, efv = find(ax, "DTG"), find(ax, "EFV")
    assert dtg._unscaled_dash_pattern != efv._unscaled_dash_pattern
    assert dtg.get_marker() != efv.get_marker()
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "Viral load (copies/mL)"
    assert set(find(ax, "threshold").get_ydata()) == {50.0}
    assert ax.get_title("left") == "Patient 5"


def test_a_strong_line_is_thicker_and_on_top(twins, find):
    ax = plots.twin_plot(twins, 5, "VL", strong="DTG")
    strong, other = find(ax, "DTG"), find(ax, "EFV")
    assert strong.get_linewidth() > 1.5 * other.get_linewidth()
    assert strong.get_zorder() > other.get_zorder()
    with pytest.raises(ArgumentError, match="no line 'RAL'.*'DTG', 'EFV'"):
        plots.twin_plot(twins, 5, "VL", strong="RAL")


def test_twin_mistakes_are_explained(twins):
    with pytest.raises(ArgumentError, match="No patient 999 here.*20 patients.*from 0 to 19"):
        plots.twin_plot(twins, 999, "VL")
    for wrong in ({"DTG": twins["DTG"]}, list(twins.values())):
        with pytest.raises(ArgumentError, match="two or more cohorts: pass a dict"):
            plots.twin_plot(wrong, 5, "VL")
    with pytest.raises(ArgumentError, match="'Comp. INI' is categorical"):
        plots.twin_plot(twins, 5, "Comp. INI")


def test_a_timeline_shows_the_persons_values_drugs_and_flags(art, find):
    vl, cd4, tracks = plots.patient_timeline(art, 11).axes
    rows = _rows(art, 11)
    for ax, name in ((vl, "VL"), (cd4, "CD4")):
        np.testing.assert_allclose(find(ax, name).get_ydata(), rows[name])
        measured = np.flatnonzero(rows[f"{name} (M)"])
        np.testing.assert_array_equal(find(ax, name).get_markevery(), measured)
    assert vl.get_yscale() == "log"
    assert vl.get_ylabel() == "Viral load\n(copies/mL)"
    assert cd4.get_ylabel() == "CD4 count\n(cells/µL)"
    assert tracks.get_xlabel() == "Time (months)"

    names = [tick.get_text() for tick in tracks.get_yticklabels()]
    drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
    assert names == [art.schema[name].short for name in (*drugs, *art.schema.flags)]
    shown = {}
    for bars in tracks.containers:
        (bar,) = bars
        name = drugs[round(bar.get_y() + bar.get_height() / 2)]
        for month in range(60):
            if bar.get_x() < month < bar.get_x() + bar.get_width():
                shown[name, month] = bars.get_label()
    for name in drugs:
        for month, label in zip(rows["Timestep"], rows[name], strict=True):
            expected = {"Not Applied": None, False: None, True: "yes"}.get(label, label)
            assert shown.get((name, month)) == expected
    for name in art.schema.flags:
        months = rows.loc[rows[name], "Timestep"]
        np.testing.assert_array_equal(find(tracks, name).get_xdata(), months)


def test_the_title_says_who(art, texts):
    ax = plots.patient_timeline(art, 11).axes[0]
    person = art.patients.loc[11]
    assert ax.get_title("left") == f"Patient 11 · {person['Gender']} · {person['Ethnic']}"
    facts = f"age: {person['Age']}; naive at entry: {person['Naive at entry']}; "
    told = "markers: measured in that month"
    assert any(text.startswith(facts) and text.endswith(told) for text in texts(ax))


def test_a_timeline_with_a_value_that_no_flag_follows_speaks_of_ticks_alone(texts):
    """Nobody should take a pressure without markers for one that nobody measured."""
    cohort = load_cohort("hypotension", n_patients=5)
    without_end = replace(cohort, patients=cohort.patients[[]])
    for one, words in ((cohort, "ticks"), (without_end, "ticks in the lowest rows")):
        told = texts(plots.patient_timeline(one, 3, ["MAP", "lactic_acid"]).axes[0])
        assert any(text.endswith(f"{words}: measured in that hour") for text in told)
        assert not any("markers" in text for text in told)


def _tracks(art, change, then):
    """Tracks of somebody who takes RAL in month 30 alone, and `then` from month 31 on."""
    first, month = art.frame["PatientID"] == 0, art.frame["Timestep"]
    spell = art.frame["Comp. INI"].mask(first, "Not Applied").mask(first & (month == 30), "RAL")
    spell = spell.mask(first & (month > 30), then)
    return plots.patient_timeline(change(art, **{"Comp. INI": spell}), 0).axes[-1]


def test_a_spell_too_short_for_its_name_has_it_beside_the_bar(art, change):
    tracks = _tracks(art, change, "Not Applied")
    (name,) = [text for text in tracks.texts if text.get_text() == "RAL"]
    (bars,) = [bars for bars in tracks.containers if bars.get_label() == "RAL"]
    assert bars[0].get_x() + bars[0].get_width() < name.get_position()[0] < 32
    assert bars[0].get_y() < name.get_position()[1] < bars[0].get_y() + bars[0].get_height()


def test_a_name_without_a_place_is_in_the_key(art, change):
    tracks = _tracks(art, change, "DTG")
    assert "RAL" in [text.get_text() for text in tracks.get_legend().get_texts()]
    assert "RAL" not in [text.get_text() for text in tracks.texts]


def test_a_goal_is_a_line_with_its_meaning(find, texts):
    icu = load_cohort("hypotension", n_patients=5)
    goals = {"MAP": (65, "aimed at")}
    pressure, lactate, tracks = plots.patient_timeline(icu, 3, ["MAP", "lactic_acid"], goals).axes
    assert set(find(pressure, "threshold").get_ydata()) == {65}
    assert "aimed at\n65 mmHg" in texts(pressure)
    assert texts(lactate) == []
    assert "Lactate measured" in [tick.get_text() for tick in tracks.get_yticklabels()]
    with pytest.raises(ArgumentError, match="no line 'urine' to set a goal for.*'MAP'"):
        plots.patient_timeline(icu, 3, ["MAP"], {"urine": 30})


def test_a_flat_line_is_seen_from_zero(change):
    icu = load_cohort("hypotension", n_patients=5)
    flat = change(icu, lactic_acid=1.73)
    for goals, top in (({}, 2.5), ({"lactic_acid": 4}, 4)):
        ax = plots.patient_timeline(flat, 3, ["lactic_acid"], goals).axes[0]
        assert ax.get_ylim()[0] == 0
        assert top <= ax.get_ylim()[1] < 5


def test_columns_can_be_chosen_and_other_conditions_work(art, icu):
    figure = plots.patient_timeline(art, 3, columns=["Rel CD4"])
    words = [art.schema["Rel CD4"].short_label, ""]
    assert [ax.get_ylabel() for ax in figure.axes] == words
    figure = plots.patient_timeline(icu, 3)
    assert figure.axes[0].get_ylabel() == "Mean pressure\n(mmHg)"
    assert figure.axes[-1].get_xlabel() == "Time (steps of 4 h)"
    with pytest.raises(ArgumentError, match="'Gender' is binary"):
        plots.patient_timeline(art, 3, columns=["Gender"])
    with pytest.raises(ArgumentError, match="No patient 'seven' here"):
        plots.patient_timeline(art, "seven")


def test_labels_do_not_lie_on_each_other(art, icu, twins, overlaps):
    plots.set_style()
    for patient in (0, 3, 11):
        assert overlaps(plots.patient_timeline(art, patient)) == []
        assert overlaps(plots.patient_timeline(icu, patient)) == []
    assert overlaps(plots.twin_plot(twins, 5, "VL").figure) == []


def test_a_dose_of_zero_is_no_bar():
    icu = load_cohort("hypotension", n_patients=200, seed=1)
    dose = icu.frame["vasopressors"].astype(str)
    patient = icu.frame.loc[dose.ne("0"), "PatientID"].iloc[0]
    labels = {bars.get_label() for bars in plots.patient_timeline(icu, patient).axes[-1].containers}
    assert labels >= set(dose[icu.frame["PatientID"] == patient]) - {"0"}
    assert "0" not in labels
