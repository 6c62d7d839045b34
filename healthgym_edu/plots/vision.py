"""Colours as readers with a colour-vision deficiency see them, and how far apart two colours are.

About one man in twelve and one woman in 250 of European descent confuse red and green (Birch 2012,
doi:10.1364/JOSAA.29.000313).
The matrices are those of Machado, Oliveira and Fernandes (2009, "A physiologically-based model for
simulation of color vision deficiency", IEEE Transactions on Visualization and Computer Graphics
15(6), 1291-1298, doi:10.1109/TVCG.2009.113), at full severity, applied to linear RGB.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from ..errors import require_known

MACHADO = {
    "deuteranopia": np.array(  # no cones for middle wavelengths ("green")
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(  # none for long ones ("red")
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "tritanopia": np.array(  # none for short ones ("blue"); rare
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

# Linear RGB of the sRGB standard to CIE XYZ, and the white point D65
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = _TO_XYZ.sum(axis=1)


def as_seen(color: Any, vision: str = "deuteranopia") -> str:
    """Return a colour as somebody with this kind of vision sees it.

    Parameters
    ----------
    color : Any
        Whatever Matplotlib takes for a colour.
    vision : str
        ``"deuteranopia"``, ``"protanopia"`` or ``"tritanopia"``.

    Returns
    -------
    str
        Hexadecimal.

    Raises
    ------
    ArgumentError
        For another kind of vision.

    Examples
    --------
    >>> from healthgym_edu.plots.vision import as_seen
    >>> as_seen("tab:red"), as_seen("tab:green")
    ('#8b7c1f', '#968838')
    """
    red, green, blue = seen_rgb(np.array(to_rgb(color)), vision)
    return to_hex((red, green, blue))


def seen_rgb(rgb: np.ndarray, vision: str = "deuteranopia") -> np.ndarray:
    """Return RGB values between 0 and 1, shape (..., 3), as this kind of vision sees them."""
    require_known("kind of vision", vision, MACHADO)
    return _encoded(np.clip(_linear(rgb) @ MACHADO[vision].T, 0, 1))


def seen_figure(fig: Figure, vision: str = "deuteranopia") -> Figure:
    """Return a picture of a whole figure as somebody with this kind of vision sees it.

    Raises
    ------
    ArgumentError
        For another kind of vision.
    """
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3] / 255.0
    width, height = fig.get_size_inches()
    copy = Figure(figsize=(width, height), dpi=fig.dpi)
    FigureCanvasAgg(copy)
    ax = copy.add_axes((0, 0, 1, 1))
    ax.imshow(seen_rgb(pixels, vision), aspect="auto", interpolation="nearest")
    ax.set_axis_off()
    return copy


def color_distance(one: Any, other: Any, vision: str | None = None) -> float:
    """Return how far apart two colours are in CIELAB.

    Below about 10, small marks that do not touch are easily confused; side by side, a difference
    of about 2 can be seen.

    Parameters
    ----------
    one, other : Any
        Whatever Matplotlib takes for a colour.
    vision : str, optional
        As in `as_seen`; normal vision if not given.

    Examples
    --------
    >>> from healthgym_edu.plots.vision import color_distance
    >>> round(color_distance("black", "white"))
    100
    """
    pair = np.array([to_rgb(one), to_rgb(other)])
    if vision is not None:
        pair = seen_rgb(pair, vision)
    first, second = _lab(pair)
    return float(np.linalg.norm(first - second))


def _linear(rgb: np.ndarray) -> np.ndarray:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _encoded(linear: np.ndarray) -> np.ndarray:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _lab(rgb: np.ndarray) -> np.ndarray:
    """RGB, shape (n, 3), as CIELAB 1976."""
    xyz = _linear(rgb) @ _TO_XYZ.T / _WHITE
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
