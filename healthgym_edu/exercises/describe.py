"""What arrived, in words: type, shape and a glimpse of any answer a learner may hand in."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

_GLIMPSE = 60  # characters of a repr that are shown


def describe(value: Any) -> str:
    """Describe an answer in one line of plain words.

    Parameters
    ----------
    value : Any
        Whatever the learner passed to ``check``.

    Returns
    -------
    str
        For example ``"0.73 (a float)"`` or
        ``"a table (DataFrame) of 12 rows × 2 columns: 'VL', 'CD4'"``.
    """
    if value is None:
        return "None (nothing)"
    if isinstance(value, (bool, np.bool_)):
        return f"{bool(value)} (a yes/no value, bool)"
    if isinstance(value, (int, float, complex, np.number)):
        return f"{_number(value)} ({_a(type(value).__name__)})"
    if isinstance(value, str):
        return f"{_short(repr(value))} (text, str)"
    if isinstance(value, pd.DataFrame):
        columns = ", ".join(repr(name) for name in value.columns[:6])
        more = ", …" if value.shape[1] > 6 else ""
        return (
            f"a table (DataFrame) of {_count(value.shape[0], 'row')} × "
            f"{_count(value.shape[1], 'column')}: {columns}{more}"
        )
    if isinstance(value, (pd.Series, pd.Index)):
        kind = "column (Series)" if isinstance(value, pd.Series) else "set of labels (Index)"
        named = f" named {value.name!r}" if value.name is not None else ""
        return f"a {kind}{named} of {_count(len(value), 'value')}, dtype {value.dtype}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}, dtype {value.dtype}"
    if isinstance(value, Mapping):
        return f"a dictionary of {_count(len(value), 'entry', 'entries')}: {_short(repr(value))}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"{_a(type(value).__name__)} of {_count(len(value), 'item')}: {_short(repr(value))}"
    drawing = _drawing(value)
    if drawing:
        return drawing
    if inspect.isclass(value):
        return f"the class {value.__name__}"
    if callable(value):
        return _callable(value)
    if hasattr(value, "frame") and hasattr(value, "__len__"):
        return f"a {type(value).__name__} of {_count(len(value), 'patient')}"
    return f"{_a(type(value).__name__)} object"


def is_axes(value: Any) -> bool:
    """Whether the value is a Matplotlib Axes, without importing Matplotlib to find out."""
    axes = sys.modules.get("matplotlib.axes")
    return axes is not None and isinstance(value, axes.Axes)


def is_figure(value: Any) -> bool:
    """Whether the value is a Matplotlib Figure, without importing Matplotlib to find out."""
    figure = sys.modules.get("matplotlib.figure")
    return figure is not None and isinstance(value, figure.Figure)


def _drawing(value: Any) -> str:
    if is_figure(value):
        return f"a Matplotlib Figure with {_count(len(value.axes), 'panel')}"
    if not is_axes(value):
        return ""
    parts = {"line": value.lines, "filled shape": value.patches, "collection": value.collections}
    held = [_count(len(found), part) for part, found in parts.items() if len(found)]
    return f"a Matplotlib Axes with {' and '.join(held) or 'nothing drawn on it'}"


def _callable(value: Any) -> str:
    name = getattr(value, "__name__", type(value).__name__)
    try:
        arguments = ", ".join(inspect.signature(value).parameters)
    except (TypeError, ValueError):  # some built-ins do not tell their arguments
        arguments = "…"
    return f"the function {name}({_short(arguments)})"


def _number(value: Any) -> str:
    if isinstance(value, (int, np.integer)):
        return f"{int(value):,}" if abs(int(value)) < 10**15 else f"{int(value):.6g}"
    return f"{value:.6g}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _a(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _GLIMPSE else text[: _GLIMPSE - 1] + "…"
