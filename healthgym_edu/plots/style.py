"""One look for every figure: colours, line styles, markers, and `set_style`.

The colours are those of Okabe and Ito (2008, "Color Universal Design"), which stay apart for
readers with any common form of colour blindness. Colour is never alone: each has a line style and
a marker of its own. A category keeps its style in every figure, so that dolutegravir (DTG) is the
same green in a bar, an area, a band and a timeline.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from itertools import cycle
from typing import TypeVar

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from ..conditions import get_mechanism, on_register

INK = "#1F2D3A"  # text and axes
MUTED = "#5F6C78"  # second voice: remarks, reference lines
GRID = "#E4E8EC"  # grid lines
ZONE = "#F1F4F6"  # background below a reference line


@dataclass(frozen=True)
class Style:
    """How one category is drawn: colour (hexadecimal), and Matplotlib's line style and marker."""

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
    if bright <= most:
        return color
    red, green, blue = np.array(to_rgb(color)) * most / bright
    return to_hex((red, green, blue))


K = TypeVar("K")

# The colours of Okabe and Ito, and two greys, each with its line style and marker
STYLES = {
    "blue": Style("#0072B2", "-", "o"),
    "vermillion": Style("#D55E00", (0, (5, 2)), "s"),
    "green": Style("#009E73", (0, (18, 1.2)), "D"),
    "orange": Style("#E69F00", (0, (6, 2, 1.2, 2)), "^"),
    "purple": Style("#CC79A7", (0, (1.2, 1.4)), "v"),
    "sky": Style("#56B4E9", (0, (6, 1.5, 1.2, 1.5, 1.2, 1.5)), "P"),
    "black": Style("#000000", (0, (2.5, 1.2)), "X"),
    "yellow": Style("#F0E442", (0, (9, 3)), "<"),
    "grey": Style("#8A949E", (0, (4, 1.5, 1.2, 1.5)), ">"),
    "pale": Style("#D3D9DE", (0, (1.2, 3)), "."),
}
palette = {name: style.color for name, style in STYLES.items()}
_FREE = [STYLES[name] for name in palette if name not in ("yellow", "grey", "pale")]

FIXED = {"True": STYLES["green"], "False": STYLES["grey"]}
"""Labels that look the same in every figure: those to which a schema gives a colour join."""

_SPOKEN: list[str] = []


def _learn(condition: str) -> None:
    schema = get_mechanism(condition).schema
    _SPOKEN.extend(schema.spoken)
    for variable in schema:
        FIXED.update({v: STYLES[c] for v, c in zip(variable.labels, variable.colors, strict=False)})


on_register(_learn)


def style_for(names: Iterable[K]) -> dict[K, Style]:
    """Give every category its colour, line style and marker.

    Parameters
    ----------
    names : iterable
        Categories (strings, booleans, numbers), in the order they are drawn.

    Returns
    -------
    dict
        Name to `Style`. Published categories (`FIXED`) always look the same. A label that
        speaks of exactly one drug (``"kept EFV"``) takes that drug's style. Any other name takes
        the next free style, in the order given; where they run out (ten decile classes), shades
        from dark to light.
    """
    names = list(names)
    chosen = {name: FIXED[str(name)] for name in names if str(name) in FIXED}
    for name in names:
        spoken = [word for word in _SPOKEN if word in str(name).split()]
        if len(spoken) == 1 and FIXED[spoken[0]] not in chosen.values():
            chosen.setdefault(name, FIXED[spoken[0]])
    others = [name for name in names if name not in chosen]
    free = [style for style in _FREE if style not in chosen.values()]
    if len(others) > len(free):
        shades = plt.get_cmap("cividis")(np.linspace(0, 1, len(others)))
        looks = zip(shades, cycle(_FREE), strict=False)
        free = [Style(to_hex(shade), look.linestyle, look.marker) for shade, look in looks]
    chosen.update(zip(others, free, strict=False))
    return {name: chosen[name] for name in names}


def compact_png(fig: Figure) -> bytes:
    """Draw a figure as a small PNG.

    A figure has few colours and many shades between them and white: a palette of 160 keeps text
    smooth at about a third of the bytes.
    """
    plain, small = io.BytesIO(), io.BytesIO()
    fig.savefig(plain, format="png", bbox_inches="tight")
    picture = Image.open(plain).convert("RGB")
    picture.quantize(160, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue()


def _show_once(fig: Figure) -> str:
    """Draw for a notebook, and close: a cell's value is not shown again when the cell ends."""
    plt.close(fig)
    return base64.b64encode(compact_png(fig)).decode("ascii")


def set_style(dpi: int = 76) -> None:
    """Set the course's look for every figure that follows.

    Inside IPython or Jupyter, figures are shown as small PNGs (`compact_png`).

    Parameters
    ----------
    dpi : int
        Dots per inch of figures, on screen and saved. 76 keeps a full-width figure readable in
        a notebook and below 45 kB.
    """
    plt.style.use(str(resources.files(__package__) / "healthgym.mplstyle"))
    colors, lines = [s.color for s in _FREE], [s.linestyle for s in _FREE]
    plt.rcParams.update(
        {"figure.dpi": dpi, "axes.prop_cycle": cycler(color=colors, linestyle=lines)}
    )
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("png")
        formatters = sys.modules["IPython"].get_ipython().display_formatter.formatters
        formatters["image/png"].for_type(Figure, _show_once)
