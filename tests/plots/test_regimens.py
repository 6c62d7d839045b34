"""Areas sum to one, ribbons conserve people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError


def _edges(area, step):
    """Bottom and top of an area at a step."""
    outline = area.get_paths()[0].vertices
    at = outline[np.isclose(outline[:, 0], step), 1]
    return at.min(), at.max()


@pytest.mark.parametrize("column", ["Base Drug Combo", "Comp. INI", "Extra pk-En"])
def test_areas_are_the_shares_and_stack_to_one(art, find, column):
    ax = plots.regimen_areas(art, column)
    for month in (0, 17, 59):
        rows = art.frame[art.frame["Timestep"] == month]
        below = 0.0
        for label in art.schema[column].labels:
            if not (art.frame[column] == label).any():
                continue
            bottom, top = _edges(find(ax, f"share:{label}"), month)
            assert bottom == pytest.approx(below)
            assert top - bottom == pytest.approx((rows[column] == label).mean())
            below = top
        assert below == pytest.approx(1.0)
    assert ax.get_ylim() == (0, 1)
    assert ax.get_xlabel() == "Time (months)"
    assert ax.get_ylabel() == "Share of patients"


def test_colours_are_those_of_the_drugs_and_labels_say_the_last_share(art, find, texts):
    ax = plots.regimen_areas(art, "Comp. INI")
    last = art.frame.loc[art.frame["Timestep"] == 59, "Comp. INI"].value_counts(normalize=True)
    for label, style in plots.style_for(art.schema["Comp. INI"].labels).items():
        color = find(ax, f"share:{label}").get_facecolor()[0]
        assert tuple(color[:3]) == pytest.approx(_rgb(style.color))
        assert f"{label}  {last[label]:.0%}" in texts(ax)


def _rgb(color):
    return tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))


def test_a_category_that_has_gone_by_the_end_is_named_in_a_legend(icu):
    ax = plots.regimen_areas(icu, "SpO2")
    shares = plots.share_table(icu, "SpO2")
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == list(reversed(shares.columns))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    recorded = icu.frame.groupby("Timepoints")["PatientID"].nunique()
    assert any(f"{recorded.iloc[0]} at first, {recorded.iloc[-1]} at step 19" in t.get_text()
               for t in ax.texts)


def test_the_flow_table_counts_the_moves(art):
    table = plots.flow_table(art, "Comp. INI", (0, 24, 59))
    assert table.groupby("start")["patients"].sum().tolist() == [120, 120]
    wide = art.frame.pivot(index="PatientID", columns="Timestep", values="Comp. INI")
    for row in table.itertuples():
        expected = ((wide[row.start] == row.source) & (wide[row.end] == row.target)).sum()
        assert row.patients == expected > 0
    pairs = sum(pd.crosstab(wide[a].astype(object), wide[b].astype(object)).gt(0).to_numpy().sum()
                for a, b in ((0, 24), (24, 59)))
    assert len(table) == pairs


def test_ribbons_and_blocks_are_as_high_as_their_share(art, find):
    ax = plots.regimen_flow(art, "Comp. INI", (0, 24, 59))
    table = plots.flow_table(art, "Comp. INI", (0, 24, 59))
    for row in table.itertuples():
        ribbon = find(ax, f"flow:{row.start}:{row.source}>{row.end}:{row.target}")
        points = ribbon.get_path().vertices
        assert points[4, 1] - points[3, 1] == pytest.approx(row.patients / 120)
        assert points[7, 1] - points[0, 1] == pytest.approx(row.patients / 120)
        assert ribbon.get_alpha() == (0.28 if row.source == row.target else 0.75)
    for month in (0, 24, 59):
        shares = art.frame.loc[art.frame["Timestep"] == month, "Comp. INI"].value_counts()
        for label, count in shares[shares > 0].items():
            assert find(ax, f"block:{month}:{label}").get_height() == pytest.approx(count / 120)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "24", "59"]
    assert ax.get_xlabel() == "Time (months)"


def test_patients_whose_record_ends_are_kept_as_such(icu):
    table = plots.flow_table(icu, "SpO2", (0, 10))
    lengths = icu.frame.groupby("PatientID").size()
    gone = table.loc[table["target"] == "No record", "patients"].sum()
    assert gone == (lengths <= 10).sum() > 0
    assert table["patients"].sum() == len(lengths)
    plots.regimen_flow(icu, "SpO2", (0, 10))


def test_labels_do_not_lie_on_each_other(art, icu, overlaps):
    plots.set_style()
    for column in ("Base Drug Combo", "Extra PI"):
        assert overlaps(plots.regimen_areas(art, column).figure) == []
        assert overlaps(plots.regimen_flow(art, column, (0, 12, 24, 59)).figure) == []
    assert overlaps(plots.regimen_flow(icu, "SpO2", (0, 5, 10)).figure) == []


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match="'CD4' is numeric.*Base Drug Combo.*trajectory_band"):
        plots.regimen_areas(art, "CD4")
    with pytest.raises(ArgumentError, match="No column 'Drug'"):
        plots.regimen_flow(art, "Drug")
    for steps in [(0,), (0, 60), (12, 0), (0, 0)]:
        with pytest.raises(ArgumentError, match="ascending values of 'Timestep'.*0 and 59"):
            plots.regimen_flow(art, steps=steps)
