"""One person's figure shows that person's rows, and twins are the two cohorts."""

from __future__ import annotations

import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.people import spells


def _rows(cohort, patient):
    return cohort.frame[cohort.frame["PatientID"] == patient]


def test_twin_lines_are_the_two_cohorts(twins, find, texts):
    ax = plots.twin_plot(twins, 5, "VL")
    for name, cohort in twins.items():
        rows, line = _rows(cohort, 5), find(ax, f"line:{name}")
        np.testing.assert_array_equal(line.get_xdata(), rows["Timestep"])
        np.testing.assert_allclose(line.get_ydata(), rows["VL"])
        assert line.get_color() == plots.style_for([name])[name].line
        assert name in texts(ax)
    assert any("differ from month 0 on" in text for text in texts(ax))
    assert find(ax, "line:DTG").get_linestyle() != find(ax, "line:EFV").get_linestyle()
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "VL (copies/mL)"
    assert set(find(ax, "threshold").get_ydata()) == {50.0}


def test_markers_stand_where_the_value_was_measured(twins):
    ax = plots.twin_plot(twins, 5, "CD4")
    marks = [line for line in ax.lines if line.get_gid() == "measured:CD4"]
    for line, cohort in zip(marks, twins.values(), strict=True):
        rows = _rows(cohort, 5)
        seen = rows[rows["CD4 (M)"]]
        np.testing.assert_array_equal(line.get_xdata(), seen["Timestep"])
        np.testing.assert_allclose(line.get_ydata(), seen["CD4"])


def test_the_dotted_line_stands_where_the_drugs_part(twins, find, texts):
    changed = twins["DTG"].frame.copy()
    late = (changed["PatientID"] == 5) & (changed["Timestep"] >= 24)
    changed.loc[late, "Comp. INI"] = "EVG"
    schema = twins["DTG"].schema
    ax = plots.twin_plot({"stays": twins["DTG"], "moves": (changed, schema)}, 5, "VL")
    assert set(find(ax, "parting").get_xdata()) == {24}
    assert any("differ from month 24 on" in text for text in texts(ax))
    same = plots.twin_plot({"one": twins["DTG"], "other": twins["DTG"]}, 5, "VL")
    assert not [line for line in same.lines if line.get_gid() == "parting"]
    assert any("the drugs never differ" in text for text in texts(same))


def test_twin_mistakes_are_explained(twins):
    with pytest.raises(ArgumentError, match="No patient 999 here.*20 patients.*from 0 to 19"):
        plots.twin_plot(twins, 999, "VL")
    with pytest.raises(ArgumentError, match="two or more cohorts.*found 1"):
        plots.twin_plot({"DTG": twins["DTG"]}, 5, "VL")
    with pytest.raises(ArgumentError, match="two or more cohorts.*found list"):
        plots.twin_plot(list(twins.values()), 5, "VL")
    with pytest.raises(ArgumentError, match="'Comp. INI' is categorical"):
        plots.twin_plot(twins, 5, "Comp. INI")


def test_spells_are_runs():
    assert spells([0, 1, 2, 3], ["a", "a", "b", "a"]) == [(0, 1, "a"), (2, 2, "b"), (3, 3, "a")]


def test_a_timeline_shows_the_persons_values_drugs_and_flags(art, find):
    patient = 11
    figure = plots.patient_timeline(art, patient)
    vl, cd4, drugs, flags = figure.axes
    rows = _rows(art, patient)
    np.testing.assert_allclose(find(vl, "line:VL").get_ydata(), rows["VL"])
    np.testing.assert_allclose(find(cd4, "line:CD4").get_ydata(), rows["CD4"])
    seen = rows[rows["VL (M)"]]
    np.testing.assert_array_equal(find(vl, "measured:VL").get_xdata(), seen["Timestep"])
    assert vl.get_yscale() == "log"
    assert vl.get_ylabel() == "VL\ncopies/mL"
    assert cd4.get_ylabel() == "CD4\ncells/µL"
    assert flags.get_xlabel() == "Time (months)"

    months = {}
    for bar in drugs.patches:
        _, column, label, span = bar.get_gid().split(":")
        first, last = map(int, span.split("-"))
        assert bar.get_x() == first - 0.5
        assert bar.get_width() == last - first + 1
        for month in range(first, last + 1):
            months[column, month] = label
    names = [tick.get_text() for tick in drugs.get_yticklabels()]
    assert names == ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
    for name in names:
        for month, label in zip(rows["Timestep"], rows[name], strict=True):
            shown = months.get((name, month))
            assert shown == (None if label in ("Not Applied", False) else str(label))
    for name in art.schema.flags:
        np.testing.assert_array_equal(
            find(flags, f"seen:{name}").get_xdata(), rows.loc[rows[name], "Timestep"]
        )


def test_the_title_says_who(art):
    figure = plots.patient_timeline(art, 11)
    person = art.patients.loc[11]
    title = figure.axes[0].get_title("left")
    naive = "yes" if person["Naive at entry"] else "no"
    assert title == f"Patient 11 · {person['Gender']} · {person['Ethnic']}"
    remark = next(t.get_text() for t in figure.axes[0].texts if t.get_gid() == "remark")
    facts = f"age {person['Age']}, naive at entry: {naive}"
    assert remark.replace("\n", " ").startswith(facts)


def test_a_spell_too_short_for_its_name_is_in_the_key(art):
    frame = art.frame.copy()
    one = frame["PatientID"] == 0
    frame.loc[one, "Comp. INI"] = "Not Applied"
    frame.loc[one & (frame["Timestep"] == 30), "Comp. INI"] = "RAL"
    drugs = plots.patient_timeline((frame, art.schema), 0).axes[2]
    assert "RAL" in [text.get_text() for text in drugs.get_legend().get_texts()]


def test_columns_can_be_chosen_and_other_conditions_work(art, icu):
    figure = plots.patient_timeline(art, 3, columns=["Rel CD4"])
    assert [ax.get_ylabel() for ax in figure.axes][0] == "Rel CD4\n%"
    figure = plots.patient_timeline(icu, 3)
    assert figure.axes[0].get_ylabel() == "MeanBP\nmmHg"
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
