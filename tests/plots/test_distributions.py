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
    assert titles == [
        "Viral load",
        "CD4 count",
        "CD4 among lymphocytes",
        "Gender",
        "Ethnic group",
        "Base of the regimen",
        "Integrase inhibitor (INI)",
        "Non-nucleoside inhibitor (NNRTI)",
        "Protease inhibitor (PI)",
        "Share that is true",
    ]


@pytest.mark.parametrize("column", ["VL", "CD4"])
def test_a_histogram_holds_every_row(art, find, column):
    heights, edges, _ = find(plots.distributions(art, [column]).axes[0], "everyone").get_data()
    values = art.frame[column].clip(edges[0], edges[-1])
    np.testing.assert_allclose(heights, np.histogram(values, edges)[0] / len(values))
    assert heights.sum() == pytest.approx(1.0)


def test_vl_is_logarithmic_with_its_detection_limit(art, find, texts):
    ax = plots.distributions(art, ["VL"]).axes[0]
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "copies/mL"
    assert ax.get_ylabel() == "Share of rows"
    assert set(find(ax, "threshold").get_xdata()) == {50.0}
    assert "detection limit\n50 copies/mL" in texts(ax)


def test_rows_at_zero_are_in_the_first_bar_of_a_log_axis_and_named(art, change, find):
    zero = art.frame.index % 10 == 0
    ax = plots.distributions(change(art, VL=art.frame["VL"].mask(zero, 0.0)), ["VL"]).axes[0]
    heights, edges, _ = find(ax, "everyone").get_data()
    positive = art.frame.loc[~zero, "VL"]
    assert edges[0] == pytest.approx(positive.min())
    assert heights[0] == pytest.approx(0.1 + 0.9 * (positive < edges[1]).mean())
    assert "first bar: 10.0% at 0 or below" in ax.get_xlabel()


def test_a_long_tail_is_gathered_in_the_last_bar_and_named(art, change, find):
    far = art.frame.index < 20
    ax = plots.distributions(change(art, CD4=art.frame["CD4"].mask(far, 42_475.0)), ["CD4"]).axes[0]
    heights, edges, _ = find(ax, "everyone").get_data()
    assert edges[-1] < 2_000
    assert heights.sum() == pytest.approx(1.0)
    assert heights[-1] == pytest.approx((far | (art.frame["CD4"] >= edges[-2])).mean())
    assert f"last bar: 0.5% above {edges[-1]:,.5g}" in ax.get_xlabel()


def test_bars_are_the_shares_of_the_labels(art, texts):
    ax = _panel(plots.distributions(art, ["Ethnic", "VL"]), "Ethnic group")
    shares = art.frame["Ethnic"].value_counts(normalize=True)
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert labels == list(art.schema["Ethnic"].labels)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], shares[labels])
    assert texts(ax) == [percent(shares[label]) for label in labels]


def test_true_and_false_columns_share_a_panel(art):
    ax = _panel(plots.distributions(art, ["Extra pk-En", "VL (M)"]), "Share that is true")
    rows = [tick.get_text() for tick in ax.get_yticklabels()]
    assert rows == ["Booster cobicistat", "Viral load measured"]
    shares = art.frame[["Extra pk-En", "VL (M)"]].mean()
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], shares)


def test_groups_are_scaled_to_their_own_rows(art, find):
    figure = plots.distributions(art, ["CD4", "Comp. INI", "VL (M)"], by="Gender")
    cd4, ini, flag = figure.axes
    for name in ("Male", "Female"):
        rows = art.frame[art.frame["Gender"] == name]
        heights, edges, _ = find(cd4, name).get_data()
        values = rows["CD4"].clip(edges[0], edges[-1])
        np.testing.assert_allclose(heights, np.histogram(values, edges)[0] / len(rows))
        shares = rows["Comp. INI"].value_counts(normalize=True)[
            list(art.schema["Comp. INI"].labels)
        ]
        np.testing.assert_allclose([bar.get_width() for bar in find(ini, name)], shares)
        assert find(flag, name)[0].get_width() == pytest.approx(rows["VL (M)"].mean())
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["Male", "Female"]
    assert legend.get_title().get_text() == "Gender"


def test_bin_edges_cover_the_values():
    values = np.random.default_rng(0).normal(50, 10, 1000)
    edges, remark = bin_edges(values, log=False)
    assert (edges[0], edges[-1], remark) == (values.min(), values.max(), "")
    assert (np.diff(bin_edges(np.full(5, 3.0), log=False)[0]) > 0).all()
    assert (np.diff(bin_edges(np.zeros(5), log=True)[0]) > 0).all()


def test_shares_are_written_for_people():
    shares = (0, 0.024, 0.05, 0.125, 0.4847, 1)
    assert [percent(share) for share in shares] == ["0%", "2.4%", "5%", "12.5%", "48.5%", "100%"]


def test_one_dpi_one_width_and_no_label_on_another(art, icu, overlaps):
    plots.set_style()
    for figure in (
        plots.distributions(art),
        plots.distributions(art, by="Gender"),
        plots.distributions(art, ["VL", "Ethnic"], by="Ethnic"),
        plots.distributions(icu),
    ):
        assert figure.get_figwidth() <= 7.5
        assert overlaps(figure) == []
        plt.close(figure)


def test_mistakes_are_explained(art):
    with pytest.raises(ArgumentError, match="no column 'Age'.*'VL', 'CD4'"):
        plots.distributions(art, ["Age"])
    with pytest.raises(ArgumentError, match="'PatientID' is id"):
        plots.distributions(art, ["PatientID"])
