"""One look for every figure: colours, line styles, markers, and `set_style`.

The colours are those of Okabe and Ito (2008, "Color Universal Design"), which stay apart for
readers with any common form of colour blindness. Colour is never alone: a line style and a
marker go with it. A category keeps its style in every figure, so that dolutegravir (DTG) is
the same green in a bar, an area, a band and a timeline.
"""

from __future__ import annotations

import base64
import io
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from PIL import Image

palette: dict[str, str] = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "orange": "#E69F00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
}
"""Okabe-Ito colours by name, in the order they are used for categories nobody has fixed."""

INK = "#1F2D3A"
"""Text and axes."""
MUTED = "#5F6C78"
"""Second voice: notes, reference lines, leaders."""
GRID = "#E4E8EC"
"""Grid lines."""
ZONE = "#F1F4F6"
"""Background of a zone, such as the one below the detection limit."""
OTHER = "#8A949E"
"""The category "Other" and the boolean ``False``."""
ABSENT = "#D3D9DE"
"""The category "Not Applied"."""


@dataclass(frozen=True)
class Style:
    """How one category is drawn.

    Attributes
    ----------
    color : str
        Hexadecimal colour.
    linestyle, marker : str
        Matplotlib's line style and marker, so that colour is never the only cue.
    """

    color: str
    linestyle: str | tuple = "-"
    marker: str = "o"

    @property
    def on(self) -> str:
        """Ink or white, whichever reads better on this colour."""
        return INK if _luminance(self.color) > 0.52 else "#FFFFFF"

    @property
    def line(self) -> str:
        """This hue for thin lines on white: pale colours are darkened."""
        return _darkened(self.color, 0.66)

    @property
    def text(self) -> str:
        """This hue for words on white, darker still."""
        return _darkened(self.color, 0.46)


def _luminance(color: str) -> float:
    return float(np.dot(to_rgb(color), (0.299, 0.587, 0.114)))


def _darkened(color: str, most: float) -> str:
    """The colour itself, or scaled towards black until its luminance is `most`."""
    bright = _luminance(color)
    return color if bright <= most else to_hex(np.array(to_rgb(color)) * most / bright)


_DASHED, _DOTTED, _DASHDOT = (0, (5, 2)), (0, (1.2, 1.4)), (0, (6, 2, 1.2, 2))
_LONG, _MIXED = (0, (9, 3)), (0, (4, 1.5, 1.2, 1.5, 1.2, 1.5))

FIXED: dict[str, Style] = {
    # people
    "Male": Style(palette["blue"], "-", "o"),
    "Female": Style(palette["orange"], _DASHED, "s"),
    "Asian": Style(palette["purple"], _DOTTED, "^"),
    "African": Style(palette["vermillion"], _DASHED, "s"),
    "Caucasian": Style(palette["blue"], _DASHDOT, "D"),
    # base drug combinations
    "FTC + TDF": Style(palette["blue"], "-", "o"),
    "3TC + ABC": Style(palette["orange"], _DASHED, "s"),
    "FTC + TAF": Style(palette["sky"], _DASHDOT, "D"),
    "DRV + FTC + TDF": Style(palette["purple"], _DOTTED, "^"),
    "FTC + RTVB + TDF": Style(palette["yellow"], _LONG, "v"),
    # integrase inhibitors
    "DTG": Style(palette["green"], "-", "o"),
    "RAL": Style(palette["orange"], _DASHED, "s"),
    "EVG": Style(palette["sky"], _DASHDOT, "D"),
    # non-nucleosides
    "EFV": Style(palette["vermillion"], _DASHED, "s"),
    "RPV": Style(palette["blue"], _DASHDOT, "D"),
    "NVP": Style(palette["black"], _DOTTED, "^"),
    # protease inhibitors
    "DRV": Style(palette["purple"], _DOTTED, "^"),
    "RTVB": Style(palette["yellow"], _LONG, "v"),
    "ATV": Style(palette["sky"], _DASHDOT, "D"),
    "LPV": Style(palette["vermillion"], _MIXED, "P"),
    "RTV": Style(palette["blue"], _DASHED, "s"),
    # everywhere
    "Other": Style(OTHER, _MIXED, "X"),
    "Not Applied": Style(ABSENT, _DOTTED, "."),
    "True": Style(palette["green"], "-", "o"),
    "False": Style(OTHER, _DOTTED, "."),
}
"""Styles of the published categories; the same in every figure of the course."""

_DRUGS = ("DTG", "RAL", "EVG", "EFV", "RPV", "NVP", "DRV", "LPV", "ATV")
_FREE_LINES = ("-", _DASHED, _DASHDOT, _DOTTED, _LONG, _MIXED)
_FREE_MARKERS = ("o", "s", "D", "^", "v", "P", "X", "<")


def style_for(names: Iterable[object]) -> dict[object, Style]:
    """Give every category its colour, line style and marker.

    Parameters
    ----------
    names : iterable
        Categories (strings, booleans, numbers), in the order they are drawn.

    Returns
    -------
    dict
        Name to `Style`. Published categories (`FIXED`) always look the same. A label that
        speaks of exactly one drug (``"DTG from month 0"``) takes that drug's style. Any other
        name takes the next free colour, in the order given, with its own line style and marker;
        where colours run out (ten decile classes), shades from dark to light in that order.
    """
    names = list(dict.fromkeys(names))
    chosen: dict[object, Style] = {n: FIXED[str(n)] for n in names if str(n) in FIXED}
    for name in names:
        words = set(re.findall(r"[A-Za-z0-9]+", str(name)))
        drugs = [drug for drug in _DRUGS if drug in words]
        if name in chosen or len(drugs) != 1 or FIXED[drugs[0]] in chosen.values():
            continue
        chosen[name] = FIXED[drugs[0]]
    taken = {style.color for style in chosen.values()}
    free = [color for key, color in palette.items() if color not in taken and key != "yellow"]
    unknown = [name for name in names if name not in chosen]
    if len(unknown) > len(free):
        shades = plt.get_cmap("cividis")(np.linspace(0, 1, len(unknown)))
        free = [to_hex(shade) for shade in shades]
    lines = _unused_first(_FREE_LINES, [style.linestyle for style in chosen.values()])
    markers = _unused_first(_FREE_MARKERS, [style.marker for style in chosen.values()])
    for i, name in enumerate(unknown):
        chosen[name] = Style(
            free[i % len(free)], lines[i % len(lines)], markers[i % len(markers)]
        )
    return {name: chosen[name] for name in names}


def _unused_first(choices: Sequence, used: list) -> list:
    """The choices that are not in use yet, then the others."""
    return sorted(choices, key=lambda choice: choice in used)


class CourseFigure(Figure):
    """A Matplotlib figure that a notebook shows once.

    A function that returns a figure would otherwise be shown twice when it is the last line of
    a cell: as the value of the cell, and again when the cell ends.
    """

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"image/png": _base64_png(self)}, raw=True)
        plt.close(self)


def compact_png(fig: Figure, colors: int = 160) -> bytes:
    """Draw a figure as a small PNG.

    Parameters
    ----------
    fig : Figure
    colors : int
        Size of the picture's palette. A figure has few colours and many shades between them and
        white; 160 keep text smooth at about a third of the bytes.

    Returns
    -------
    bytes
        The file's content.
    """
    plain = io.BytesIO()
    fig.savefig(plain, format="png", bbox_inches="tight")
    plain.seek(0)
    small = io.BytesIO()
    picture = Image.open(plain).convert("RGB")
    picture.quantize(colors, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def _base64_png(fig: Figure) -> str | None:
    if not fig.axes and not fig.lines and not fig.texts:
        return None
    return base64.b64encode(compact_png(fig)).decode("ascii")


def set_style(dpi: int = 76) -> None:
    """Set the course's look for every figure that follows.

    Parameters
    ----------
    dpi : int
        Dots per inch of figures, on screen and saved. 76 keeps a full-width figure readable in
        a notebook and below 45 kB.

    Notes
    -----
    Inside IPython or Jupyter, figures are shown as PNG with a palette of few colours
    (`compact_png`).
    """
    styles = [Style(c, line, mark) for (name, c), line, mark in zip(
        [item for item in palette.items() if item[0] != "yellow"],
        _FREE_LINES + ("-",), _FREE_MARKERS, strict=False)]
    plt.rcParams.update({
        "figure.dpi": dpi,
        "savefig.dpi": dpi,
        "figure.figsize": (7.2, 3.6),
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "axes.facecolor": "white",
        "font.family": "DejaVu Sans",
        "font.size": 10,
        "axes.titlesize": 11,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 8,
        "axes.labelsize": 10,
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "legend.fontsize": 9.5,
        "legend.frameon": False,
        "text.color": INK,
        "axes.titlecolor": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "lines.linewidth": 2,
        "lines.markersize": 5,
        "axes.prop_cycle": cycler(
            color=[s.color for s in styles],
            linestyle=[s.linestyle for s in styles],
        ),
    })
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("png")
        formatters = sys.modules["IPython"].get_ipython().display_formatter.formatters
        formatters["image/png"].for_type(Figure, _base64_png)
