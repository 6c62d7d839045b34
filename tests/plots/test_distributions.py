"""Bars and histograms add up, and no row is lost at either end of an axis."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from healthgym_edu import plots
from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots.distributions import bin_edges, percent


def _panel(figure, title):
    (found,) = [ax for ax in figure.axes if ax.get_title("left") == title]
    return found


def test_there_is_a_panel_for_every_variable(art):
    figure = plots.distributions(art)
    titles = [ax.get_title("left") for ax in figure.axes]
    assert titles == ["VL", "CD4", "Rel CD4", "Gender", "Ethnic", "Base Drug Combo", "Comp. INI",
                      "Comp. NNRTI", "Extra PI", "Share that is true"]


@pytest.mark.parametrize("column", ["VL", "CD4"])
def test_a_histogram_holds_every_row(art, find, column):
    figure = plots.distributions(art, [column])
    heights, edges, _ = find(figure.axes[0], "hist:everyone").get_data()
    values = art.frame[column].to_numpy()
    assert heights.sum() == pytest.approx(1.0)
    expected = np.histogram(np.clip(values, edges[0], np.nextafter(edges[-1], 0)), edges)[0]
    np.testing.assert_allclose(heights, expected / len(values))


def test_vl_is_logarithmic_with_its_detection_limit(art, find, texts):
    ax = plots.distributions(art, ["VL"]).axes[0]
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "copies/mL"
    assert ax.get_ylabel() == "Share of rows"
    assert set(find(ax, "threshold").get_xdata()) == {50.0}
    assert "detection limit 50" in texts(ax)


def test_rows_at_zero_have_a_bar_of_their_own_on_a_log_axis(art, find):
    frame = art.frame.copy()
    frame.loc[frame.index[::10], "VL"] = 0.0
    ax = plots.distributions((frame, art.schema), ["VL"]).axes[0]
    heights, edges, _ = find(ax, "hist:everyone").get_data()
    assert heights[0] == pytest.approx(0.1)
    assert edges[1] == pytest.approx(frame.loc[frame["VL"] > 0, "VL"].min())
    assert "first bar: 10.0% at 0 or below" in ax.get_xlabel()


def test_a_long_tail_is_gathered_in_the_last_bar_and_named(art, find):
    frame = art.frame.copy()
    frame.loc[frame.index[:20], "CD4"] = 42_475.0
    ax = plots.distributions((frame, art.schema), ["CD4"]).axes[0]
    heights, edges, _ = find(ax, "hist:everyone").get_data()
    assert edges[-1] < 2_000
    assert heights.sum() == pytest.approx(1.0)
    assert heights[-1] == pytest.approx((frame["CD4"] >= edges[-2]).mean())
    assert f"last bar: {heights[-1]:.1%} above" in ax.get_xlabel()


def test_bars_are_the_shares_of_the_labels(art, find):
    ax = _panel(plots.distributions(art, ["Ethnic", "VL"]), "Ethnic")
    shares = art.frame["Ethnic"].value_counts(normalize=True)
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == list(art.schema["Ethnic"].labels)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], shares[labels])
    assert [text.get_text() for text in ax.texts] == [percent(shares[label]) for label in labels]


def test_true_and_false_columns_share_a_panel(art):
    ax = _panel(plots.distributions(art, ["Extra pk-En", "VL (M)"]), "Share that is true")
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches],
                               [art.frame["Extra pk-En"].mean(), art.frame["VL (M)"].mean()])


def test_groups_are_scaled_to_their_own_rows(art, find):
    figure = plots.distributions(art, ["CD4", "Comp. INI", "VL (M)"], by="Gender")
    for name in ("Male", "Female"):
        rows = art.frame[art.frame["Gender"] == name]
        outline = find(_panel(figure, "CD4"), f"hist:{name}")
        assert outline.get_data().values.sum() == pytest.approx(1.0)
    bars = _panel(figure, "Comp. INI").containers
    for container, name in zip(bars, ("Male", "Female"), strict=True):
        rows = art.frame[art.frame["Gender"] == name]
        shares = rows["Comp. INI"].value_counts(normalize=True)
        np.testing.assert_allclose([bar.get_width() for bar in container],
                                   shares[list(art.schema["Comp. INI"].labels)])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["Male", "Female"]
    assert figure.legends[0].get_title().get_text() == "Gender"


def test_bin_edges_cover_the_values():
    values = np.random.default_rng(0).normal(50, 10, 1000)
    edges, remark = bin_edges(values, log=False)
    assert edges[0] == values.min()
    assert edges[-1] == values.max()
    assert remark == ""
    assert (np.diff(bin_edges(np.full(5, 3.0), log=False)[0]) > 0).all()
    assert (np.diff(bin_edges(np.zeros(5), log=True)[0]) > 0).all()


def test_one_dpi_one_width_and_no_label_on_another(art, icu, overlaps):
    plots.set_style()
    for figure in (plots.distributions(art), plots.distributions(art, by="Gender"),
                   plots.distributions(art, ["VL", "Ethnic"], by="Ethnic"),
                   plots.distributions(icu)):
        assert figure.get_figwidth() <= 7.5
        assert overlaps(figure) == []
        plt.close(figure)


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match="No column 'Age'.*VL, CD4"):
        plots.distributions(art, ["Age"])
    with pytest.raises(ArgumentError, match="at least one column"):
        plots.distributions(art, [])
    with pytest.raises(ArgumentError, match="'PatientID' is id"):
        plots.distributions(art, ["PatientID"])
