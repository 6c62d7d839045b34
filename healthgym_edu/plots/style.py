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
READABLE = 4.5  # contrast of text that is read


@dataclass(frozen=True)
class Style:
    """How one category is drawn: colour (hexadecimal), and Matplotlib's line style and marker."""

    color: str
    linestyle: str | tuple = "-"
    marker: str = "o"

    @property
    def on(self) -> str:
        """Black, ink or white, whichever reads best on this colour."""
        best = max(("#FFFFFF", INK), key=lambda one: contrast(one, self.color))
        return best if contrast(best, self.color) >= READABLE else "#000000"

    @property
    def line(self) -> str:
        """This hue for thin lines on white: pale colours are darkened."""
        return _darkened(self.color, 2.2)

    @property
    def text(self) -> str:
        """This hue for words, dark enough to be read on white and on a `ZONE`."""
        return _darkened(self.color, READABLE)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21.

    As the Web Content Accessibility Guidelines 2.2 define it; text should have 4.5 or more.

    >>> round(contrast("black", "white"))
    21
    """
    rgb = np.array([to_rgb(one), to_rgb(other)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    dark, bright = sorted(linear @ (0.2126, 0.7152, 0.0722))
    return float((bright + 0.05) / (dark + 0.05))


def _darkened(color: str, wanted: float) -> str:
    """The colour itself, or scaled towards black until it stands out on a `ZONE` as wanted."""
    if contrast(color, ZONE) >= wanted:
        return color
    for share in np.arange(0.98, 0, -0.02):
        red, green, blue = share * np.array(to_rgb(color))
        darker = to_hex((red, green, blue)).upper()
        if contrast(darker, ZONE) >= wanted:
            return darker
    return INK


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
    _SPOKEN.extend(word for word in schema.spoken if word not in _SPOKEN)  # or registered twice
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


def compact_png(fig: Figure) -> tuple[bytes, dict[str, int]]:
    """Draw a figure as a small PNG of twice the pixels, and say at which size to show it.

    A figure has few colours and many shades between them and white: a palette of 96 keeps text
    smooth at about a third of the bytes.
    """
    plain, small = io.BytesIO(), io.BytesIO()
    fig.savefig(plain, format="png", bbox_inches="tight", dpi=2 * fig.dpi)
    picture = Image.open(plain).convert("RGB")
    picture.quantize(96, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return small.getvalue(), {"width": picture.width // 2, "height": picture.height // 2}


def _show_once(fig: Figure) -> tuple[str, dict[str, int]]:
    """Draw for a notebook, and close: a cell's value is not shown again when the cell ends."""
    plt.close(fig)
    png, size = compact_png(fig)
    return base64.b64encode(png).decode("ascii"), size


def set_style(dpi: int = 76) -> None:
    """Set the course's look for every figure that follows.

    Inside IPython or Jupyter, figures are shown as small, sharp PNGs (`compact_png`).

    Parameters
    ----------
    dpi : int
        Dots per inch at which figures are shown. They are drawn with twice as many, so that they
        are sharp on a dense screen. 76 keeps a full-width figure below 90 kB.
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
