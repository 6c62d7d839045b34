"""What arrived, in words: type, shape and a glimpse of any answer a learner may hand in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def describe(value: Any) -> str:
    """Describe an answer in one line of plain words.

    >>> describe(0.73)
    '0.73 (a float)'
    """
    kind = _a(type(value).__name__)
    if value is None:
        return "None (nothing)"
    if isinstance(value, (bool, np.bool_)):
        return f"{bool(value)} (a yes/no value, bool)"
    if isinstance(value, (int, np.integer)):
        return f"{_short(f'{value:,}')} ({kind})"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g} ({kind})"
    if isinstance(value, str):
        return f"{_short(repr(value))} (text, str)"
    if isinstance(value, pd.DataFrame):
        rows, columns = (_count(*pair) for pair in zip(value.shape, ("row", "column"), strict=True))
        names = _short(", ".join(map(repr, value.columns)))
        return f"a table (DataFrame) of {rows} × {columns}: {names}"
    if isinstance(value, pd.Series):
        named = f" named {value.name!r}" if value.name is not None else ""
        return f"a column (Series){named} of {_count(len(value), 'value')}, dtype {value.dtype}"
    if isinstance(value, np.ndarray):
        return f"an array (NumPy) of shape {value.shape}, dtype {value.dtype}"
    if isinstance(value, (list, tuple, set, dict, pd.Index)):
        return f"{kind} of {_count(len(value), 'item')}: {_short(repr(value))}"
    if is_axes(value):
        shapes = _count(len(value.patches), "filled shape")
        return f"a Matplotlib Axes with {_count(len(value.lines), 'line')} and {shapes}"
    if callable(value):
        return f"the function {getattr(value, '__name__', kind)}"
    if hasattr(value, "frame") and hasattr(value, "__len__"):
        return f"{kind} of {_count(len(value), 'patient')}"
    return f"{kind} object"


def is_axes(value: Any) -> bool:
    """Whether the value is a Matplotlib Axes, without importing Matplotlib to find out."""
    return hasattr(value, "get_xlabel") and hasattr(value, "patches")


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _a(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _short(text: str, most: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
