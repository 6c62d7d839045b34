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
from .layout import EVER, START, Encoded, Label, Number, Plan
from .noticing import Noticed, atoms_of, notice
from .scaling import Scale, fit_scale

FEWEST = 2
"""Patients that a codec can be fitted on."""


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
                tuple(map(_label, stored["statics"])),
                tuple(map(_number, stored["static_numbers"])),
                tuple(map(_label, stored["labels"])),
                tuple(map(_number, stored["numbers"])),
                *(tuple(map(tuple, stored[part])) for part in ("totals", "never", "death")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SourceError(f"The stored codec cannot be read: {error!r}.") from error


def _label(stored: dict[str, Any]) -> Label:
    lists = {"columns": tuple(stored["columns"]), "levels": tuple(map(tuple, stored["levels"]))}
    return Label(**{**stored, **lists})


def _number(stored: dict[str, Any]) -> Number:
    scale = Scale(**{**stored["scale"], "knots": tuple(stored["scale"]["knots"])})
    return Number(**{**stored, "scale": scale, "atoms": tuple(stored["atoms"])})


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
    schema, frame, noticed = cohort.schema, cohort.frame, notice(cohort)
    moving = [v for v in schema if v.name not in schema.static]
    flags = [
        Label(v.name, (v.name,), ((False,), (True,)), is_flag=True)
        for v in moving
        if v.kind == "flag"
    ]
    flags += [Label(name, (), ((False,), (True,)), is_flag=True) for name in noticed.panels]
    regimens = [_regimen(columns, frame) for columns in noticed.groups]
    grouped = {name for columns in noticed.groups for name in columns}
    others = [
        Label(v.name, (v.name,), tuple((one,) for one in v.labels), noticed.flag_of.get(v.name))
        for v in moving
        if v.kind in ("binary", "categorical") and v.name not in grouped
    ]
    numbers = tuple(
        _measurement(v, cohort, noticed, normal)
        for v in moving
        if v.kind == "numeric" and v.name not in noticed.totals
    )
    labels = (*regimens, *flags, *others)
    death = _deaths(cohort)
    return Codec(
        schema.condition,
        _static_labels(cohort, labels, noticed),
        _static_measurements(cohort, noticed, normal, [name for name, _ in death]),
        labels,
        numbers,
        tuple(noticed.totals.items()),
        tuple(noticed.never.items()),
        death,
    )


def _regimen(columns: list[str], frame: pd.DataFrame) -> Label:
    """Columns recorded together; the combinations that occur, the most common first."""
    counts = frame[columns].astype(object).value_counts(sort=True)
    levels = tuple(
        tuple(one if isinstance(one, (bool, str)) else bool(one) for one in level)
        for level in counts.index
    )
    return Label(" + ".join(columns), tuple(columns), levels)


def _measurement(variable: Variable, cohort: Cohort, noticed: Noticed, normal: bool) -> Number:
    frame = cohort.frame
    flag = noticed.flag_of.get(variable.name)
    values = frame[variable.name].to_numpy(float)
    if flag in cohort.schema.flags:
        measured = frame[flag].to_numpy(bool)
        values = values[measured] if measured.any() else values
    elif flag:  # one of a panel: every value once
        patient = frame[cohort.schema.id].to_numpy()
        new = np.append(True, (np.diff(values) != 0) | (np.diff(patient) != 0))
        values = values[new]
    made = fit_scale(values, variable.low, variable.high, variable.decimals, normal=normal)
    return Number(variable.name, made, () if normal else atoms_of(values), flag)


def _static_labels(
    cohort: Cohort, labels: tuple[Label, ...], noticed: Noticed
) -> tuple[Label, ...]:
    schema, told = cohort.schema, cohort.patients
    found = [
        Label(v.name, (v.name,), tuple((one,) for one in v.labels))
        for v in schema.facts
        if v.is_coded and v.name in told and not told[v.name].isna().any()
    ]
    if not schema.equal_length:
        steps = tuple((k,) for k in range(1, schema.n_steps + 1))
        found.append(Label(FOLLOWED, (FOLLOWED,), steps))
    for flag in (one for one in labels if one.is_flag):
        ever = Label(EVER + flag.name, (), ((False,), (True,)), None if flag.columns else flag.name)
        found.append(ever)
    return tuple(found)


def _static_measurements(
    cohort: Cohort, noticed: Noticed, normal: bool, deaths: list[str]
) -> tuple[Number, ...]:
    schema, told, frame = cohort.schema, cohort.patients, cohort.frame
    first = frame.drop_duplicates(schema.id)
    found = []
    for v in schema.facts:
        if v.kind != "numeric" or v.name == FOLLOWED or v.name in deaths or v.name not in told:
            continue
        if told[v.name].isna().any():
            continue
        values = told[v.name].to_numpy(float)
        whole = bool(pd.api.types.is_integer_dtype(told[v.name]))
        made = fit_scale(values, v.low, v.high, None, normal=normal)
        found.append(Number(v.name, made, () if normal else atoms_of(values), None, whole))
    for total, part in noticed.totals.items():
        begin = (first[total] - first[part]).to_numpy(float)
        made = fit_scale(begin, 0.0, schema[total].high, schema[total].decimals, normal=normal)
        found.append(Number(START + total, made))
    return tuple(found)


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
