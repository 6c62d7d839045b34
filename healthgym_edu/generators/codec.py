"""From a cohort to arrays that a model can learn, and from arrays to a cohort that is valid.

What is learned of each column is decided once, on training patients:

- *statics* are learned once a patient: what never changes, facts of the table of patients, how long
  the record is, and whether something is ever measured;
- columns of labels that are recorded together (the five drug columns of ART) are one *regimen*, so
  that no combination can appear that nobody has had;
- a value that is only carried forward between measurements is not learned between them: the flag
  decides, and the record is filled by the rule of the published files.  Where a file has no flags
  and values stand still all the same (the laboratory of sepsis), a flag is made for them;
- totals are the sums of what they add up; only where they begin is learned.

    >>> import healthgym_edu as hg
    >>> from healthgym_edu.generators.codec import fit_codec
    >>> icu = hg.load_cohort("hypotension", n_patients=60)
    >>> codec = fit_codec(icu)
    >>> same = codec.decode(codec.encode(icu), "round trip")
    >>> bool((same.frame["GCS_total"] == icu.frame["GCS_total"]).all())
    True
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..data import Cohort
from ..errors import ArgumentError, SourceError
from ..variables import FOLLOWED, Variable
from .decoding import decode
from .encoding import encode, require_whole
from .layout import EVER, START, Column, Encoded, Plan
from .noticing import Noticed, atoms_of, notice
from .scaling import Scale, fit_scale

FEWEST = 2
"""Patients that a codec can be fitted on."""

YES_NO = ((False,), (True,))


@dataclass(frozen=True)
class Codec(Plan):
    """How a cohort becomes arrays, and arrays a cohort; made by `fit_codec`."""

    def encode(self, cohort: Cohort) -> Encoded:
        """Return the arrays of a cohort of this condition.

        Raises
        ------
        ArgumentError
            Another condition, a missing or infinite value, or a column that the training patients
            had and these do not.
        """
        return encode(self, cohort)

    def decode(self, encoded: Encoded, source: str) -> Cohort:
        """Return a cohort that fits the schema, whatever the arrays hold."""
        return decode(self, encoded, source)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; `from_dict` brings it back."""
        return asdict(self)

    @staticmethod
    def from_dict(stored: dict[str, Any]) -> Codec:
        """Return the codec that `to_dict` wrote.

        Raises
        ------
        SourceError
            Something is missing, or is not what a codec holds.
        """
        try:
            return Codec(
                str(stored["condition"]),
                tuple(map(_column, stored["statics"])),
                tuple(map(_column, stored["columns"])),
                *(tuple(map(tuple, stored[part])) for part in ("totals", "never", "death")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(f"The stored codec cannot be read: {error!r}.") from error


def _column(stored: dict[str, Any]) -> Column:
    scale = stored["scale"] and Scale(
        **{**stored["scale"], "knots": tuple(stored["scale"]["knots"])}
    )
    names, levels = tuple(stored["names"]), tuple(map(tuple, stored["levels"]))
    return Column(**{**stored, "names": names, "levels": levels, "scale": scale})


def fit_codec(cohort: Cohort, normal: bool = False) -> Codec:
    """Decide on training patients what is learned of each column.

    Parameters
    ----------
    cohort : Cohort
        Training patients only; whoever fits a scale on everybody has let the others in.
    normal : bool
        Whether numbers become normal scores, by their ranks.

    Raises
    ------
    ArgumentError
        Fewer than two patients, or missing or infinite values.
    """
    require_whole(cohort, cohort.condition)
    if len(cohort) < FEWEST:
        raise ArgumentError(
            f"A generator cannot learn from {len(cohort)} patient: it could only copy. Give it at "
            f"least {FEWEST}, better a thousand."
        )
    schema, noticed = cohort.schema, notice(cohort)
    grouped = {name for names in noticed.groups for name in names}
    moving = [one for one in schema if one.name not in schema.static]
    flags = [Column(v.name, (v.name,), YES_NO, is_flag=True) for v in moving if v.kind == "flag"]
    flags += [Column(name, (), YES_NO, is_flag=True) for name in noticed.panels]
    others = [
        _measurement(v, cohort, noticed, normal)
        if v.kind == "numeric"
        else Column(v.name, (v.name,), tuple((w,) for w in v.labels), noticed.flag_of.get(v.name))
        for v in moving
        if v.kind in ("numeric", "binary", "categorical")
        and v.name not in grouped
        and v.name not in noticed.totals
    ]
    regimens = [_regimen(names, cohort.frame) for names in noticed.groups]
    death = _deaths(cohort)
    return Codec(
        schema.condition,
        (*_facts(cohort, [name for name, _ in death], normal),
         *_made_statics(cohort, flags, noticed, normal)),
        (*regimens, *flags, *others),
        tuple(noticed.totals.items()),
        tuple(noticed.never.items()),
        death,
    )  # fmt: skip


def _regimen(names: list[str], frame: pd.DataFrame) -> Column:
    """Columns recorded together; the combinations that occur, the most common first."""
    counts = frame[names].astype(object).value_counts(sort=True)
    levels = tuple(
        tuple(word if isinstance(word, (bool, str)) else bool(word) for word in level)
        for level in counts.index
    )
    return Column(" + ".join(names), tuple(names), levels)


def _number(name: str, scale: Scale, values: np.ndarray, flag: str | None, **more: Any) -> Column:
    """A column of numbers; those that become normal scores have no atoms."""
    atoms = [] if scale.knots else atoms_of(values)
    return Column(name, (name,), ((), *((one,) for one in atoms)), flag, scale=scale, **more)


def _measurement(variable: Variable, cohort: Cohort, noticed: Noticed, normal: bool) -> Column:
    frame, flag = cohort.frame, noticed.flag_of.get(variable.name)
    values = frame[variable.name].to_numpy(float)
    if flag in cohort.schema.flags:
        measured = frame[flag].to_numpy(bool)
        values = values[measured] if measured.any() else values
    elif flag:  # one of a panel: every value once
        patient = frame[cohort.schema.id].to_numpy()
        values = values[np.append(True, (np.diff(values) != 0) | (np.diff(patient) != 0))]
    scale = fit_scale(values, variable.low, variable.high, variable.decimals, normal=normal)
    return _number(variable.name, scale, values, flag)


def _facts(cohort: Cohort, deaths: list[str], normal: bool) -> list[Column]:
    """What the table of patients tells of everybody: labels, then numbers."""
    told = cohort.patients
    known = [v for v in cohort.schema.facts if v.name in told and not told[v.name].isna().any()]
    labels = [Column(v.name, (v.name,), tuple((w,) for w in v.labels)) for v in known if v.is_coded]
    numbers = []
    for v in known:
        if v.kind == "numeric" and v.name not in (FOLLOWED, *deaths):
            values = told[v.name].to_numpy(float)
            whole = bool(pd.api.types.is_integer_dtype(told[v.name]))
            scale = fit_scale(values, v.low, v.high, normal=normal)
            numbers.append(_number(v.name, scale, values, None, whole=whole))
    return labels + numbers


def _made_statics(
    cohort: Cohort, flags: list[Column], noticed: Noticed, normal: bool
) -> list[Column]:
    """How long a record is, whether a flag is ever raised, and where totals begin."""
    schema, first = cohort.schema, cohort.frame.drop_duplicates(cohort.schema.id)
    steps = tuple((k,) for k in range(1, schema.n_steps + 1))
    found = [] if schema.equal_length else [Column(FOLLOWED, (FOLLOWED,), steps)]
    found += [Column(EVER + one.name, (EVER + one.name,), YES_NO) for one in flags]
    for total, part in noticed.totals.items():
        begin = (first[total] - first[part]).to_numpy(float)
        scale = fit_scale(begin, 0.0, schema[total].high, schema[total].decimals, normal=normal)
        found.append(Column(START + total, (START + total,), ((),), scale=scale))
    return found


def _deaths(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    """Facts that count the last step lived, each with the label that says for whom."""
    told, schema = cohort.patients, cohort.schema
    who = [v.name for v in schema.facts if v.is_boolean and v.name in told]
    found = []
    for v in schema.facts:
        if v.kind == "step" and v.name in told:
            there = told[v.name].notna()
            match = [name for name in who if (told[name].astype(bool) == there).all()]
            last = told[FOLLOWED].astype("Int64") - 1
            if match and (told[v.name][there] == last[there]).all():
                found.append((v.name, match[0]))
    return tuple(found)
