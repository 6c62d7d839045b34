"""Areas sum to one, ribbons conserve people."""

from __future__ import annotations

import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError


def _edges(area, x):
    """Bottom and top of an area at a place of the x-axis."""
    outline = area.get_paths()[0].vertices
    at = outline[np.isclose(outline[:, 0], x), 1]
    return at.min(), at.max()


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("art", "Base Drug Combo"),
        ("art", "Comp. INI"),
        ("art", "Extra pk-En"),
        ("icu", "SpO2"),
    ],
)
def test_areas_are_the_shares_and_stack_to_one(request, name, column, texts):
    cohort = request.getfixturevalue(name)
    ax = plots.regimen_areas(cohort, column)
    labels = [
        label for label in cohort.schema[column].labels if (cohort.frame[column] == label).any()
    ]
    styles = plots.style_for(cohort.schema[column].labels)
    assert len(ax.collections) == len(labels)
    for step in (0, 5, 19):
        rows = cohort.frame[cohort.frame[cohort.schema.step] == step]
        below = 0.0
        for area, label in zip(ax.collections, labels, strict=True):
            bottom, top = _edges(area, step)
            assert bottom == pytest.approx(below)
            assert top - bottom == pytest.approx((rows[column] == label).mean())
            below = top
        assert below == pytest.approx(1.0)
    last = cohort.frame[cohort.frame[cohort.schema.step] == cohort.schema.n_steps - 1]
    for area, label in zip(ax.collections, labels, strict=True):
        assert area.get_label() == str(label)
        assert f"{label}  {(last[column] == label).mean():.0%}" in texts(ax)
        rgb = tuple(int(styles[label].color[i : i + 2], 16) / 255 for i in (1, 3, 5))
        assert tuple(area.get_facecolor()[0][:3]) == pytest.approx(rgb)
    assert ax.get_ylim() == (0, 1)
    assert ax.get_ylabel() == "Share of patients"
    assert ax.get_title("left") == f"{cohort.schema[column].title} over time"


@pytest.mark.parametrize(
    ("name", "column", "steps"),
    [
        ("art", "Comp. INI", (0, 24, 59)),
        ("art", "Extra pk-En", (0, 59)),
        ("icu", "SpO2", (0, 5, 10)),
    ],
)
def test_ribbons_and_blocks_are_as_high_as_their_share(request, name, column, steps, find, texts):
    cohort = request.getfixturevalue(name)
    ax = plots.regimen_flow(cohort, column, steps)
    wide = cohort.frame.pivot(
        index=cohort.schema.id, columns=cohort.schema.step, values=column
    ).astype(object)
    wide = wide.where(wide.notna(), "No record").astype(str)
    for x, step in enumerate(steps):
        heights = [bar.get_height() for bar in find(ax, f"blocks:{step}")]
        shares = wide[step].value_counts(normalize=True)
        assert sum(heights) == pytest.approx(1)
        assert sorted(height for height in heights if height) == pytest.approx(sorted(shares))
        if x == 0:
            continue
        before = wide[steps[x - 1]]
        moves = (before + ">" + wide[step]).value_counts(normalize=True)
        drawn = [area for area in ax.collections if area.get_gid().startswith(f"{x - 1}:")]
        assert len(drawn) == len(moves)
        ends = (x - 1 + 0.055, x - 0.055)
        for move, share in moves.items():
            ribbon = find(ax, f"{x - 1}:{move}")
            source, target = move.split(">")
            assert ribbon.get_alpha() == (0.28 if source == target else 0.75)
            for end in ends:
                bottom, top = _edges(ribbon, end)
                assert top - bottom == pytest.approx(share)
        for end in ends:  # ribbons stand on each other
            bottoms, tops = zip(*sorted(_edges(ribbon, end) for ribbon in drawn), strict=True)
            assert (np.array(bottoms[1:]) - tops[:-1] > -1e-9).all()
    for label, share in shares.items():
        assert f"{label}  {share:.0%}" in texts(ax)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [str(step) for step in steps]
    changed = np.mean([wide[a] != wide[b] for a, b in zip(steps, steps[1:], strict=False)])
    assert any(f"change ({changed:.0%} from" in text for text in texts(ax))


def test_patients_whose_record_ends_are_kept_as_such(icu, texts):
    gone = (icu.frame.groupby("PatientID").size() <= 10).mean()
    assert gone > 0
    assert f"No record  {gone:.0%}" in texts(plots.regimen_flow(icu, "SpO2", (0, 10)))


def test_labels_do_not_lie_on_each_other(art, icu, overlaps):
    plots.set_style()
    for column in ("Base Drug Combo", "Extra PI"):
        assert overlaps(plots.regimen_areas(art, column).figure) == []
        assert overlaps(plots.regimen_flow(art, column, (0, 12, 24, 59)).figure) == []
    assert overlaps(plots.regimen_areas(icu, "SpO2").figure) == []
    assert overlaps(plots.regimen_flow(icu, "SpO2", (0, 5, 10)).figure) == []


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match="'CD4' is numeric.*Base Drug Combo.*trajectory_band"):
        plots.regimen_areas(art, "CD4")
    with pytest.raises(ArgumentError, match="no column 'Drug'"):
        plots.regimen_flow(art, "Drug")
    for steps in [(0,), (0, 60), (12, 0), (0, 0)]:
        with pytest.raises(ArgumentError, match="ascending values of 'Timestep'.*0 and 59"):
            plots.regimen_flow(art, steps=steps)
