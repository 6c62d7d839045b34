"""Colours stay with their category, and figures stay small."""

from __future__ import annotations

import base64
import io
import os

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from healthgym_edu import plots
from healthgym_edu.conditions.art_hiv.variables import SCHEMA
from healthgym_edu.plots import style as style_module
from healthgym_edu.plots.style import FIXED, INK, STYLES, ZONE, Style, compact_png, contrast


def test_a_category_looks_the_same_in_every_company():
    alone = plots.style_for(["DTG"])["DTG"]
    among = plots.style_for(["EFV", "clinician", "DTG", "Not Applied"])["DTG"]
    assert alone == among == FIXED["DTG"]
    assert alone.color == plots.palette["green"]


def test_a_label_that_speaks_of_one_drug_takes_its_style():
    style_module._learn("art_hiv")  # a condition may be registered again
    styles = plots.style_for(["EFV from month 0", "DTG + FTC + TDF", "clinician"])
    assert styles["DTG + FTC + TDF"] == FIXED["DTG"]
    assert styles["EFV from month 0"] == FIXED["EFV"]
    assert styles["clinician"].color not in {FIXED["DTG"].color, FIXED["EFV"].color}


@pytest.mark.parametrize("column", [*SCHEMA.categorical, *SCHEMA.binary])
def test_published_labels_are_fixed_and_distinct_within_a_column(column):
    styles = plots.style_for(SCHEMA[column].labels)
    assert all(styles[label] == FIXED[str(label)] for label in SCHEMA[column].labels)
    assert len({style.color for style in styles.values()}) == len(styles)
    assert len({(str(s.linestyle), s.marker) for s in styles.values()}) == len(styles)


def test_every_colour_has_a_line_style_and_a_marker_of_its_own():
    for part in ("color", "linestyle", "marker"):
        assert len({str(getattr(style, part)) for style in STYLES.values()}) == len(STYLES)


def test_unknown_names_differ_in_colour_line_and_marker_and_keep_their_order():
    styles = plots.style_for(["a", "b", "c"])
    assert list(styles) == ["a", "b", "c"]
    for part in ("color", "linestyle", "marker"):
        assert len({str(getattr(style, part)) for style in styles.values()}) == 3


def test_ten_classes_get_ten_shades_from_dark_to_light():
    styles = plots.style_for([f"C{i}" for i in range(1, 11)])
    shades = [np.dot(mpl.colors.to_rgb(s.color), (0.3, 0.59, 0.11)) for s in styles.values()]
    assert shades == sorted(shades)
    assert len(set(shades)) == 10


def test_text_reads_on_every_fixed_colour():
    for style in FIXED.values():
        assert contrast(style.on, style.color) >= 4.5
        assert contrast(style.text, "#FFFFFF") >= contrast(style.text, ZONE) >= 4.5
        assert contrast(style.line, "#FFFFFF") >= 2.2
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # as published checkers
    assert Style("#F0E442").on == INK


def test_set_style_sets_the_resolution_it_is_given():
    plots.set_style(dpi=80)
    assert plt.figure(figsize=(5, 2)).get_dpi() == 80
    assert mpl.rcParams["figure.constrained_layout.use"]
    plots.set_style()
    assert plt.figure(figsize=(5, 2)).get_dpi() == 76
    drawn = [style["color"] for style in mpl.rcParams["axes.prop_cycle"]]
    assert set(drawn) <= set(plots.palette.values())


def test_compact_png_keeps_the_picture_at_a_third_of_the_bytes(art):
    plots.set_style()
    figure = plots.trajectory_band(art, "VL", n_spaghetti=40).figure
    plain = io.BytesIO()
    figure.savefig(plain, format="png", bbox_inches="tight", dpi=152)
    small, size = compact_png(figure)
    assert len(small) < 0.5 * len(plain.getvalue())
    before = np.asarray(Image.open(plain).convert("RGB"), float)
    after = np.asarray(Image.open(io.BytesIO(small)).convert("RGB"), float)
    assert before.shape == after.shape
    assert size == {"width": after.shape[1] // 2, "height": after.shape[0] // 2}
    assert np.abs(before - after).mean() < 1.5


def test_in_a_notebook_a_figure_is_shown_once_and_small():
    setup = (
        "import sys; sys.path.insert(0, 'tests/plots')\n"
        "from conftest import sketch_art\n"
        "from healthgym_edu import plots\n"
        "plots.set_style()\n"
        "art = sketch_art(30)\n"
    )
    cells = [
        setup + "ax = plots.trajectory_band(art, 'VL', n_spaghetti=40)",
        "plots.patient_timeline(art, 3)",
        "fig = plots.distributions(art)",
        "fig = plots.distributions(art)\nimport matplotlib.pyplot as plt\nplt.show()",
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n_ = ax.plot([1, 2])",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    env = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    NotebookClient(book, timeout=120, resources={"metadata": {"path": "."}}).execute(env=env)
    for cell in book.cells:
        shown = [out.get("data", {}) for out in cell.outputs]
        pictures = [data["image/png"] for data in shown if "image/png" in data]
        about = [out.metadata["image/png"] for out in cell.outputs if "data" in out]
        assert len(pictures) == 1, cell.source
        assert len(cell.outputs) == 1, cell.outputs
        content = base64.b64decode(pictures[0])
        assert len(content) < 90_000
        width = Image.open(io.BytesIO(content)).width
        assert width < 2 * 7.8 * 76
        assert about[0]["width"] == width // 2  # sharp: two pixels for each that is shown
