"""The blank ``____`` that a learner replaces, and how it is recognised in an answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import CodeType
from typing import Any

import numpy as np
import pandas as pd

NAME = "____"


class Placeholder:
    """A blank that survives being used, so that an unfinished notebook still runs.

    Arithmetic, comparison, indexing, attribute access, calls, NumPy functions and formatting
    all give the blank itself. Where Python insists on another type, it gives something that
    does no harm: ``bool`` is False, ``len`` is 0, ``float`` is NaN, iteration is empty.

    What it cannot do is stand *inside* somebody else's index or argument, as in
    ``frame[____]`` or ``ax.set_yscale(____)``: that library raises before the blank is asked.
    A stub therefore puts the blank where a whole value stands: ``share = ____``.
    """

    # NumPy and pandas are asked to leave binary operations to the blank.
    __array_priority__ = 1_000_000
    __pandas_priority__ = 1_000_000
    ndim = 0  # to pandas a scalar, although it can be looped over

    def __array__(self, *_args: Any, **_kwargs: Any) -> np.ndarray:
        blank = np.empty((), dtype=object)
        blank[()] = self
        return blank

    def __getattr__(self, name: str) -> Placeholder:
        if name.startswith("_"):  # display and copy protocols must not believe they exist
            raise AttributeError(name)
        return self

    def __iter__(self):
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False

    def __float__(self) -> float:
        return float("nan")

    def __int__(self) -> int:
        return 0

    __index__ = __int__

    def __repr__(self) -> str:
        return NAME

    def __format__(self, spec: str) -> str:
        return NAME

    def __reduce__(self) -> str:  # copies and pickles are the one blank of this module
        return NAME


def _itself(self: Placeholder, *_args: Any, **_kwargs: Any) -> Placeholder:
    return self


_GIVES_ITSELF = """
    call getitem setitem delitem setattr enter exit neg pos abs invert round lt le eq ne gt ge
    add sub mul truediv floordiv mod pow matmul divmod and or xor lshift rshift
    radd rsub rmul rtruediv rfloordiv rmod rpow rmatmul rdivmod rand ror rxor rlshift rrshift
    array_ufunc array_function
"""
for _name in _GIVES_ITSELF.split():
    setattr(Placeholder, f"__{_name}__", _itself)

____ = Placeholder()


def is_blank(value: Any) -> bool:
    """Whether an answer is, or still contains, the blank.

    Looks into lists, tuples, sets, mappings, object arrays and tables, and into the code of a
    function, which is therefore never called while it is unfinished. ``...`` and the text
    ``"____"`` count as blanks too.
    """
    if isinstance(value, Placeholder) or value is Ellipsis:
        return True
    if isinstance(value, str):
        return value.strip() == NAME
    if isinstance(value, Mapping):
        return is_blank([*value.keys(), *value.values()])
    if isinstance(value, (list, tuple, set)):
        return any(is_blank(part) for part in value)
    if isinstance(value, pd.DataFrame):
        return any(is_blank(column) for _, column in value.items())
    if isinstance(value, (pd.Series, pd.Index, np.ndarray)):
        parts = np.ravel(value) if value.dtype == object else ()
        return any(isinstance(part, Placeholder) for part in parts)
    return _mentions_blank(getattr(value, "__code__", None))


def _mentions_blank(code: Any) -> bool:
    """Whether the code of a function, or of one inside it, names the blank."""
    return isinstance(code, CodeType) and (
        NAME in code.co_names or any(_mentions_blank(part) for part in code.co_consts)
    )
