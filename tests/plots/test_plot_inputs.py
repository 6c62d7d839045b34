"""Every figure accepts the same things and explains the same mistakes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots._axes import plain_number, short_number, spread

ONE_ARGUMENT = {
    "distributions": lambda cohort, **kw: plots.distributions(cohort, ["VL"], **kw),
    "trajectory_band": lambda cohort, **kw: plots.trajectory_band(cohort, "VL", **kw),
    "regimen_areas": plots.regimen_areas,
    "regimen_flow": plots.regimen_flow,
    "measured_heatmap": lambda cohort, **kw: plots.measured_heatmap(cohort, "VL", **kw),
    "patient_timeline": lambda cohort, **kw: plots.patient_timeline(cohort, 3, **kw),
    "twin_plot": lambda cohort, **kw: plots.twin_plot({"a": cohort, "b": cohort}, 3, "VL", **kw),
}


@pytest.mark.parametrize("draw", ONE_ARGUMENT.values(), ids=ONE_ARGUMENT.keys())
def test_cohort_pair_and_table_with_schema_are_the_same(art, draw):
    plots.set_style()
    pictures = []
    pair, schema = (art.frame, art.schema), {"schema": art.schema}
    for cohort, options in ((art, {}), (pair, {}), (art.frame, schema)):
        drawn = draw(cohort, **options)
        figure = getattr(drawn, "figure", drawn)
        for ax in figure.axes:
            ax.set_title("", loc="left")
            for text in [t for t in ax.texts if t.get_gid() == "remark"]:
                text.remove()  # the patients table adds to what is said about a person
        figure.canvas.draw()
        pictures.append(np.asarray(figure.canvas.buffer_rgba()).copy())
        plt.close(figure)
    np.testing.assert_array_equal(pictures[0], pictures[1])
    np.testing.assert_array_equal(pictures[1], pictures[2])


@pytest.mark.parametrize("draw", ONE_ARGUMENT.values(), ids=ONE_ARGUMENT.keys())
def test_inputs_are_left_as_they_were(art, draw):
    before = art.frame.copy()
    draw(art)
    assert before.equals(art.frame)
    assert list(before.columns) == list(art.frame.columns)


@pytest.mark.parametrize("draw", ONE_ARGUMENT.values(), ids=ONE_ARGUMENT.keys())
def test_mistakes_are_explained(art, draw):
    with pytest.raises(ArgumentError, match="bare table.*schema="):
        draw(art.frame)
    with pytest.raises(ArgumentError, match="needs a cohort.*found str.*load_cohort"):
        draw("art_hiv")
    with pytest.raises(ArgumentError, match="no column 'Timestep'.*Keep 'Timestep'"):
        draw((art.frame.drop(columns="Timestep"), art.schema))
    with pytest.raises(ArgumentError, match="no rows"):
        draw((art.frame.head(0), art.schema))


@pytest.mark.parametrize("draw", ONE_ARGUMENT.values(), ids=ONE_ARGUMENT.keys())
def test_nothing_is_shown_and_no_warning_raised(art, draw, monkeypatch, recwarn):
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("show was called"))
    drawn = draw(art)
    getattr(drawn, "figure", drawn).canvas.draw()
    assert [str(warning.message) for warning in recwarn] == []


def test_labels_are_spread_without_overlap_and_moved_no_further_than_needed():
    wanted, tall = np.array([0.1, 0.11, 0.12, 0.8]), np.array([0.1, 0.1, 0.1, 0.1])
    placed = spread(wanted, tall)
    assert (np.diff(placed) >= 0.1 - 1e-12).all()
    assert placed[3] == pytest.approx(0.8)
    assert placed[:3].mean() == pytest.approx(0.11)
    np.testing.assert_allclose(spread(np.array([0.2, 0.6]), np.array([0.1, 0.1])), [0.2, 0.6])


def test_numbers_on_axes_are_written_for_people():
    assert [plain_number(v) for v in (0.1, 1, 50, 100_000)] == ["0.1", "1", "50", "100,000"]
    assert [short_number(v) for v in (0.1, 100, 10_000, 1e6)] == ["0.1", "100", "10k", "1M"]


def test_the_search_for_overlaps_finds_one(overlaps):
    figure, ax = plt.subplots()
    ax.text(0.5, 0.5, "one")
    assert overlaps(figure) == []
    ax.text(0.52, 0.5, "other")
    assert overlaps(figure) == [("one", "other")]


def test_a_table_of_what_was_known_can_be_drawn(art, texts):
    frame = art.frame.copy()
    unknown = frame["Timestep"] < 2
    frame[["VL", "CD4", "Rel CD4"]] = frame[["VL", "CD4", "Rel CD4"]].mask(unknown)
    drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
    for name in drugs:
        frame[name] = frame[name].mask(unknown)
    known = (frame, art.schema)
    for draw in ONE_ARGUMENT.values():
        draw(known)
    ax = plots.trajectory_band(known, "CD4", by="Comp. INI", n_spaghetti=5)
    assert any("3.3% of the rows, of unknown Comp. INI, are left out" in text for text in texts(ax))
    twins = plots.twin_plot({"a": known, "b": known}, 3, "VL")
    assert any("never differ" in text for text in texts(twins))
    plots.distributions(known)
    table = plots.flow_table(known, "Comp. INI", (0, 12))
    assert table["source"].unique().tolist() == ["No record"]
    drawn = plots.patient_timeline(known, 3).axes[2].patches
    assert drawn
    assert min(bar.get_x() for bar in drawn) == 1.5


def test_long_remarks_are_broken_into_lines_and_leave_the_axes_their_width(art):
    plots.set_style()
    figure, axes = plt.subplots(1, 2, figsize=(7.4, 3.2))
    for ax in axes:
        plots.trajectory_band(art, "CD4", by="Gender", n_spaghetti=5, ax=ax)
    figure.canvas.draw()
    assert min(ax.get_window_extent().width for ax in axes) > 0.3 * 7.4 * 76
    remark = [text for text in axes[0].texts if text.get_gid() == "remark"]
    assert "\n" in remark[0].get_text()


def test_two_notes_stand_below_each_other(art, texts, overlaps):
    plots.set_style()
    frame = art.frame.copy()
    frame["Comp. INI"] = frame["Comp. INI"].mask(frame["Timestep"] < 2)
    frame["VL"] = frame["VL"].where(frame["Timestep"] < 40, 0.0)
    ax = plots.trajectory_band((frame, art.schema), "VL", by="Comp. INI")
    assert len([text for text in ax.texts if text.get_gid() == "note"]) == 2
    assert overlaps(ax.figure) == []
