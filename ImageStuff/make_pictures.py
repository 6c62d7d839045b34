"""Draw the pictures of this folder again: ``python ImageStuff/make_pictures.py``.

Only Matplotlib and its own fonts, and the same picture every time. Pictures are 1,400 pixels wide
and meant to be read at 700; each stays under 150 kB. Alternative texts are in README.md beside
this file.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from PIL import Image
from sketching import (
    BLUE,
    DPI,
    GREEN,
    INK,
    MUTED,
    NIGHT,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
    arrow,
    canvas,
    dark,
    person,
)
from toolbox_picture import modelling_toolbox

CHAPTERS = (
    # theme, colour, ((number, name), …), in the order of the course
    (
        "Meet the patients",
        BLUE,
        (
            ("00", "Start\nhere"),
            ("01", "ART\nfor HIV"),
            ("02", "Sepsis"),
            ("03", "Hypo-\ntension"),
            ("04", "Pictures"),
        ),
    ),
    (
        "Time to an event",
        PURPLE,
        (("05", "Time to\nsuppression"), ("06", "Datathon\ncase"), ("07", "A real\ntrial")),
    ),
    ("Records as numbers", SKY, (("08", "Realism"), ("09", "Table to\ntensor"))),
    (
        "Invent patients",
        ORANGE,
        (
            ("10", "WGAN-GP"),
            ("11", "Collapse,\nmemory"),
            ("12", "Diffusion"),
            ("13", "Which\none?"),
        ),
    ),
    ("Judge them", VERMILLION, (("14", "Privacy,\nutility"),)),
    (
        "Choose treatments",
        GREEN,
        (
            ("15", "Sepsis\npolicy"),
            ("16", "Offline\nRL"),
            ("17", "Trust the\nestimate?"),
            ("18", "Real and\nsynthetic"),
        ),
    ),
    ("Your turn", INK, (("19", "Datathon"),)),
)
OPEN = tuple(f"{number:02d}" for number in range(19))
"""Chapters that can be read today."""


def viral_load(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """A sketch of a patient's viral load on a log scale, from 1 (high) to 0 (low)."""
    level = rng.uniform(0.62, 1.0)
    floor = rng.uniform(0.02, 0.2)
    y = floor + (level - floor) * np.exp(-t / rng.uniform(0.03, 0.2))
    if rng.random() < 0.3:  # a rebound, and the slower way back
        at = rng.uniform(0.35, 0.9)
        width = np.where(t < at, 0.022, rng.uniform(0.05, 0.12))
        y += rng.uniform(0.25, 0.6) * np.exp(-((np.abs(t - at) / width) ** 1.5))
    steps = rng.normal(0, 0.022, len(t))
    return y + np.convolve(steps, np.ones(3) / 2, mode="same")


def banner() -> Figure:
    """Project banner: the name over trajectories that fall below the detection limit."""
    figure, ax = canvas(3.0, NIGHT)
    rng = np.random.default_rng(5)
    t = np.linspace(0, 1, 61)
    low, high, left, right = 0.3, 2.75, 4.0, 9.75
    limit = low + 0.27 * (high - low)
    for color in [SKY, ORANGE, GREEN, PURPLE, VERMILLION, YELLOW] * 5:
        y = low + (high - low) * viral_load(rng, t)
        x = left + (right - left) * t
        pieces = np.stack([np.column_stack([x[:-1], y[:-1]]), np.column_stack([x[1:], y[1:]])], 1)
        ax.add_collection(LineCollection(pieces, colors=color, linewidths=1.5, alpha=0.55))
        seen = rng.random(len(t)) < 0.11
        ax.scatter(x[seen], y[seen], s=17, color=color, zorder=3, lw=0)
    ax.plot([left, right], [limit, limit], color="white", lw=1.3, ls=(0, (4, 3)), alpha=0.85)
    ax.text(
        right,
        limit + 0.06,
        "detection limit",
        color="white",
        fontsize=12,
        ha="right",
        va="bottom",
        zorder=5,
        bbox={"fc": NIGHT, "ec": "none", "alpha": 0.75, "pad": 1.5},
    )
    ax.text(0.5, 1.92, "Health Gym,", color="white", fontsize=34, weight="bold", va="center")
    ax.text(0.5, 1.32, "the course", color="white", fontsize=34, weight="bold", va="center")
    ax.text(0.52, 0.72, "learning from health records", color="#B9D6EC", fontsize=16.5, va="center")
    return figure


def course_map() -> Figure:
    """The chapters as stops of one road that turns at the end of each row."""
    figure, ax = canvas(8.3)
    columns, rows = np.linspace(1.05, 8.95, 5), (6.45, 4.75, 3.05, 1.35)
    stops = [(x, row) for row, way in zip(rows, (1, -1, 1, -1), strict=True)
             for x in columns[::way]]  # fmt: skip
    flat = [(theme, color, *chapter) for theme, color, chapters in CHAPTERS for chapter in chapters]
    ax.text(
        0.45, 7.85, "The course at a glance", fontsize=21, weight="bold", color=INK, va="center"
    )
    for i, (theme, color, number, name) in enumerate(flat):
        x, y = stops[i]
        if i:
            _road(ax, stops[i - 1], stops[i], color)
        is_open = number in OPEN
        ax.add_patch(
            Circle((x, y), 0.34, fc=color if is_open else "white", ec=color, lw=4, zorder=6)
        )
        ax.text(
            x,
            y - 0.005,
            number,
            ha="center",
            va="center_baseline",
            fontsize=16,
            weight="bold",
            color="white" if is_open else INK,
            zorder=7,
        )
        ax.text(
            x,
            y - 0.46,
            name,
            ha="center",
            va="top",
            fontsize=12.5,
            color=INK,
            weight="bold" if is_open else "normal",
            linespacing=1.15,
            zorder=7,
        )
        if i == 0 or flat[i - 1][0] != theme:
            last = x == columns[-1]
            ax.text(
                x + (0.3 if last else -0.34),
                y + 0.45,
                theme,
                fontsize=13.5,
                weight="bold",
                ha="right" if last else "left",
                va="bottom",
                color=dark(color),
                zorder=7,
            )
    for x, face, text in ((5.55, BLUE, "open now"), (7.55, "white", "being built")):
        ax.add_patch(Circle((x, 7.85), 0.16, fc=face, ec=BLUE, lw=3))
        ax.text(x + 0.3, 7.85, text, fontsize=13, va="center_baseline", color=INK)
    return figure


def _road(ax: Axes, start: tuple[float, float], end: tuple[float, float], color: str) -> None:
    """A stretch of road; between two rows it swings out to the side."""
    (x0, y0), (x1, y1) = start, end
    if y0 == y1:
        x, y = [x0, x1], [y0, y1]
    else:
        side = 1 if x0 > 5 else -1
        angle = np.linspace(np.pi / 2, -np.pi / 2, 60)
        x = x0 + side * 0.62 * np.cos(angle) ** 0.6
        y = (y0 + y1) / 2 + (y0 - y1) / 2 * np.sin(angle)
    ax.plot(x, y, color=color, lw=9, solid_capstyle="round", zorder=3, alpha=0.9)


def data_picture() -> Figure:
    """How a person becomes rows of a table, and rows become a tensor."""
    figure, ax = canvas(6.75)
    ax.set_ylim(0.25, 7.0)
    _step(ax, 0.4, 6.6, 1, "A person is seen at visits")
    person(ax, 0.95, 4.85, 1.25, BLUE)
    line = (2.0, 9.5)
    ax.plot(line, (5.2, 5.2), color=MUTED, lw=2)
    rng = np.random.default_rng(3)
    months = np.linspace(2.2, 9.3, 60)
    for i, x in enumerate(months):
        ax.plot([x, x], [5.15, 5.25], color=MUTED, lw=0.8)
        if i % 12 == 0:
            ax.text(
                x,
                4.98,
                f"month {i}" if i == 0 else f"{i}",
                ha="center",
                va="top",
                fontsize=12,
                color=MUTED,
            )
    visits = [0, 1, 3, 6, 12, 18, 24, 33, 42, 51]
    heights = 0.2 + 0.75 * np.exp(-np.array(visits) / 4.0) + rng.uniform(0, 0.08, len(visits))
    for i, high in zip(visits, heights, strict=True):
        ax.plot([months[i]] * 2, [5.2, 5.2 + high], color=BLUE, lw=1.4)
        ax.add_patch(Circle((months[i], 5.2 + high), 0.085, fc=BLUE, lw=0, zorder=4))
    ax.text(
        months[13],
        6.02,
        "blood is drawn at some months only;\nin between, nobody looks",
        fontsize=12.5,
        color=INK,
        va="center",
        linespacing=1.3,
    )

    _step(ax, 0.4, 4.35, 2, "Each month becomes a row")
    names = ("Timestep", "VL", "CD4", "Gender", "Comp. INI", "VL (M)")
    widths = (1.0, 0.9, 0.68, 0.92, 1.1, 0.85)
    heads = (MUTED, BLUE, BLUE, ORANGE, GREEN, VERMILLION)
    rows = (
        ("0", "54,468", "210", "Female", "DTG", True),
        ("1", "317", "262", "Female", "DTG", True),
        ("2", "61", "281", "Female", "DTG", False),
        ("3", "24", "305", "Female", "DTG", True),
        ("4", "22", "318", "Female", "DTG", False),
    )
    y = 3.55
    lefts = 0.4 + np.r_[0, np.cumsum(widths)[:-1]]
    for left, width, name, head in zip(lefts, widths, names, heads, strict=True):
        ax.add_patch(Rectangle((left, y), width - 0.04, 0.4, fc=head, lw=0))
        ax.text(
            left + width / 2 - 0.02,
            y + 0.2,
            name,
            color="white",
            weight="bold",
            ha="center",
            va="center_baseline",
            fontsize=11.5,
        )
    for r, row in enumerate(rows):
        at = y - 0.4 * (r + 1)
        for left, width, value in zip(lefts, widths, row, strict=True):
            ax.add_patch(Rectangle((left, at + 0.03), width - 0.04, 0.36, fc=PALE, lw=0))
            middle = left + width / 2 - 0.02
            if isinstance(value, bool):
                ax.add_patch(
                    Circle(
                        (middle, at + 0.21),
                        0.09,
                        fc=VERMILLION if value else "white",
                        ec=VERMILLION,
                        lw=1.8,
                    )
                )
            else:
                guess = left == lefts[1] and not row[-1]
                ax.text(
                    middle,
                    at + 0.21,
                    value,
                    ha="center",
                    va="center_baseline",
                    fontsize=12.5,
                    color="#98A3AD" if guess else INK,
                    style="italic" if guess else "normal",
                )
    for x, color, word in (
        (0.4, BLUE, "numeric"),
        (1.62, ORANGE, "binary"),
        (2.68, GREEN, "categorical"),
        (4.25, VERMILLION, "measured?"),
    ):
        ax.add_patch(Rectangle((x, 0.92), 0.2, 0.2, fc=color, lw=0))
        ax.text(x + 0.28, 1.02, word, fontsize=12.5, va="center_baseline", color=INK)
    ax.text(
        0.4,
        0.5,
        "grey italics: a value nobody measured in that month",
        fontsize=12.5,
        color=MUTED,
        va="center_baseline",
    )

    _step(ax, 6.35, 4.35, 3, "All rows: a tensor")
    _tensor(ax, 6.75, 1.2, rng)
    return figure


def _step(ax: Axes, x: float, y: float, number: int, text: str) -> None:
    ax.add_patch(Circle((x + 0.17, y), 0.19, fc=INK, lw=0))
    ax.text(
        x + 0.17,
        y,
        str(number),
        color="white",
        weight="bold",
        fontsize=13.5,
        ha="center",
        va="center_baseline",
    )
    ax.text(x + 0.48, y, text, fontsize=15.5, weight="bold", color=INK, va="center_baseline")


def _tensor(ax: Axes, x: float, y: float, rng: np.random.Generator) -> None:
    """Sheets of cells behind each other: one sheet a patient."""
    shades = (
        mpl.colormaps["Blues"],
        mpl.colormaps["Blues"],
        mpl.colormaps["Oranges"],
        mpl.colormaps["Greens"],
        mpl.colormaps["Reds"],
    )
    n, cell = 8, 0.27
    for sheet in range(4, -1, -1):
        dx, dy = 0.17 * sheet, 0.14 * sheet
        ax.add_patch(
            Rectangle(
                (x + dx - 0.04, y + dy - 0.04),
                5 * cell + 0.08,
                n * cell + 0.08,
                fc="white",
                ec=INK,
                lw=1.3,
                zorder=10 - sheet,
            )
        )
        static = rng.uniform(0.25, 0.7)
        for c in range(5):
            values = (
                np.exp(-np.arange(n) / 2.5)[::-1] * 0.75 + 0.1
                if c == 0
                else (
                    np.linspace(0.7, 0.25, n)
                    if c == 1
                    else np.full(n, static)
                    if c == 2
                    else np.repeat(rng.uniform(0.2, 0.7, 2), n // 2)
                    if c == 3
                    else rng.choice([0.08, 0.75], n)
                )
            )
            for r in range(n):
                ax.add_patch(
                    Rectangle(
                        (x + dx + c * cell, y + dy + r * cell),
                        cell - 0.025,
                        cell - 0.025,
                        fc=shades[c](values[r]),
                        lw=0,
                        zorder=10.5 - sheet,
                    )
                )
    wide, tall = 5 * cell, n * cell
    ax.text(x + wide / 2, y - 0.14, "columns", ha="center", va="top", fontsize=12.5, color=INK)
    ax.text(
        x - 0.13,
        y + tall / 2,
        "months",
        ha="right",
        va="center",
        rotation=90,
        fontsize=12.5,
        color=INK,
    )
    arrow(ax, (x + wide + 0.2, y - 0.02), (x + wide + 0.85, y + 0.5), color=INK, lw=1.6)
    ax.text(x + wide + 0.62, y + 0.08, "patients", fontsize=12.5, color=INK, va="center")


PICTURES = {
    "banner.png": banner,
    "course_map.png": course_map,
    "data_picture.png": data_picture,
    "modelling_toolbox.png": modelling_toolbox,
}


def save(figure: Figure, path: Path, colors: int = 128) -> None:
    """Write a figure as a PNG with a small palette and no date or version in it."""
    raw = io.BytesIO()
    figure.savefig(raw, format="png", dpi=DPI, facecolor=figure.get_facecolor())
    picture = Image.open(raw).convert("RGB").quantize(colors, dither=Image.Dither.NONE)
    picture.save(path, "png", optimize=True)


def main(folder: Path) -> None:
    """Draw every picture into a folder."""
    with mpl.rc_context({**mpl.rcParamsDefault, "font.family": "DejaVu Sans"}):
        for name, draw in PICTURES.items():
            save(draw(), folder / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to fill")
    main(parser.parse_args().out)
