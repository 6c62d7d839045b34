"""A slider where somebody can slide; elsewhere a few of its pictures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from healthgym_edu.errors import ArgumentError
from healthgym_edu.plots import slider, sliding
from healthgym_edu.plots.sliding import STILL


def bars(value, ax):
    ax.bar(["a", "b"], [1, value])
    ax.set_ylabel("height (m)")


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_without_a_kernel_the_shown_values_stand_side_by_side():
    figure = slider(bars, range(0, 49, 4), "Landmark (hours)", shown=(0, 24, 48))
    titles = [f"Landmark (hours): {value}" for value in (0, 24, 48)]
    assert [ax.get_title(loc="left") for ax in figure.axes] == titles
    assert [ax.patches[1].get_height() for ax in figure.axes] == [0, 24, 48]
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert [ax.get_ylabel() for ax in figure.axes] == ["height (m)", "", ""]


def test_first_middle_and_last_are_shown_if_nothing_is_said():
    figure = slider(bars, [1, 2, 3, 4, 5], "x")
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["x: 1", "x: 3", "x: 5"]


@pytest.mark.parametrize(
    ("values", "shown", "said"),
    [([], None, "needs values"), ([1, 2], [3], r"found \[3\]"), ([1, 2], [], r"found \[\]")],
)
def test_impossible_values_are_refused(values, shown, said):
    with pytest.raises(ArgumentError, match=said):
        slider(bars, values, "x", shown)


LIVE = """
from healthgym_edu.plots import slider

drawn = []

def draw(value, ax):
    drawn.append(value)
    ax.bar([0], [value])

box = slider(draw, [1, 2, 3], "Height (m)", shown=(2, 3))
handle, picture = box.children
assert handle.description == "Height (m)" and handle.value == 2 and drawn == [2], drawn
handle.value = 3
assert drawn == [2, 3], drawn
box
"""
WIDGET = "application/vnd.jupyter.widget-view+json"


def run(source, monkeypatch, **environment):
    for name in STILL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notebook = new_notebook(cells=[new_code_cell(source)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return [kind for output in notebook.cells[0].outputs for kind in output.get("data", {})]


def test_with_a_kernel_the_figure_follows_the_slider(monkeypatch):
    assert WIDGET in run(LIVE, monkeypatch)


@pytest.mark.parametrize("name", STILL)
def test_it_stands_still_where_nobody_can_slide(name, monkeypatch):
    monkeypatch.setenv(name, "1")
    fake = type("Shell", (), {"kernel": object()})()
    monkeypatch.setattr("IPython.get_ipython", lambda: fake)
    assert not sliding.somebody_can_slide()
    monkeypatch.delenv(name)
    for other in STILL:
        monkeypatch.delenv(other, raising=False)
    assert sliding.somebody_can_slide()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not sliding.somebody_can_slide()
