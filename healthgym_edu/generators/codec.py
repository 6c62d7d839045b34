"""From a cohort to arrays that a model can learn, and from arrays to a cohort that is valid.

What is learned of each column is decided once, on training patients (`noticing`):

- *statics* are learned once a patient: what never changes, facts of the table of patients, how long
  the record is, and whether something is ever measured;
- columns of labels that are recorded together (the five drug columns of ART) are one *regimen*, so
  that no combination can appear that nobody has had;
- a value that is only carried forward between measurements is not learned between them: the flag
  decides, and the record is filled by the rule of the published files.  Where a file has no flags
  and values stand still all the same (the laboratory of sepsis), a flag is made for them.  Those
  who were never measured, and show what the file shows then, never raise it;
- totals are the sums of what they add up; only where they begin is learned.

    >>> import healthgym_edu as hg
    >>> icu = hg.load_cohort("hypotension", n_patients=60)
    >>> codec = hg.generators.fit_codec(icu)
    >>> same = codec.decode(codec.encode(icu), "round trip")
    >>> bool((same.frame["GCS_total"] == icu.frame["GCS_total"]).all())
    True
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..conditions import get_mechanism
from ..data import Cohort
from ..engine.carrying import carried
from ..errors import ArgumentError, SourceError
from ..schema import Schema
from ..variables import FOLLOWED, Variable
from .layout import Column, Encoded
from .scaling import Scale

EVER = "ever: "
"""Before the name of a flag: whether it is ever raised."""

START = "before: "
"""Before the name of a total: what it was before the first step."""


@dataclass(frozen=True)
class Codec:
    """How a cohort becomes arrays, and arrays a cohort; made by `fit_codec`.

    Attributes
    ----------
    condition : str
    statics, columns : tuple of Column
        What never changes, and what moves, in the order in which the variables of a step are drawn:
        regimens, flags, then the others as they stand in the file.
    totals : tuple of (str, str)
        A column that adds up another one.
    never : tuple of (str, value)
        What a record shows of a column that was never measured.
    death : tuple of (str, str)
        A fact that counts the last step lived, and the label that says for whom.
    """

    condition: str
    statics: tuple[Column, ...]
    columns: tuple[Column, ...]
    totals: tuple[tuple[str, str], ...]
    never: tuple[tuple[str, Any], ...]
    death: tuple[tuple[str, str], ...]

    @cached_property
    def schema(self) -> Schema:
        """The columns of the condition; records may end early where those learned from did."""
        schema = get_mechanism(self.condition).schema
        early = any(one.name == FOLLOWED for one in self.statics)
        return replace(schema, equal_length=False) if early else schema

    @property
    def facts(self) -> set[str]:
        """Statics that can be asked for: labels of the table of patients, and how long it is."""
        labels = (one.name for one in self.statics if not one.scale)
        return {name for name in labels if not name.startswith(EVER)}

    @cached_property
    def flag_of(self) -> list[int]:
        """Place of the flag of each of `columns`; -1 for those without."""
        places = {one.name: k for k, one in enumerate(self.columns) if one.is_flag}
        return [places[one.flag] if one.flag else -1 for one in self.columns]

    @cached_property
    def always(self) -> set[str]:
        """Made flags that everybody raises at the first step: nobody is seen to lack them."""
        made = {one.name for one in self.columns if one.is_flag and not one.names}
        return made - {one.flag for one in self.columns if one.name in dict(self.never)}

    def drawn(self, levels: np.ndarray) -> np.ndarray:
        """Return where each column is drawn: it has no flag, or a raised one, shape (…, m)."""
        raised = levels[..., self.flag_of] > 0  # of the last one where there is no flag
        return np.where(np.array(self.flag_of, dtype=int) < 0, True, raised)

    def lengths(self, statics: np.ndarray) -> np.ndarray:
        """Return how many steps are on record, shape (n,), by the levels of `statics`."""
        for k, column in enumerate(self.statics):
            if column.name == FOLLOWED:
                return np.array([level[0] for level in column.levels])[statics[:, k]]
        return np.full(len(statics), self.schema.n_steps)

    def beginners(self, statics: np.ndarray, values: np.ndarray) -> Encoded:
        """Return patients of whom the statics are known, shape (n, a) both, and no step yet."""
        nothing = np.zeros((len(statics), 0, len(self.columns)))
        return Encoded(statics, values, nothing.astype(int), nothing, self.lengths(statics))

    def encode(self, cohort: Cohort) -> Encoded:
        """Return the arrays of a cohort of this condition.

        Raises
        ------
        ArgumentError
            Another condition, a missing or infinite value, or a column that the training patients
            had and these do not.
        """
        require_whole(cohort, self.condition)
        padded, present = cohort.padded()
        levels = np.zeros((*present.shape, len(self.columns)), dtype=int)
        values = np.zeros(levels.shape)
        for k, column in enumerate(self.columns):
            if column.is_flag:
                levels[..., k] = _raised(column, self, padded, present)
                continue
            level, value = (part.reshape(present.shape) for part in read(column, padded))
            if column.flag:  # what was new, carried forward
                new = levels[..., self.flag_of[k]] > 0
                begun = np.maximum.accumulate(new, axis=1)
                level = np.where(begun, carried(level, new, 0), column.unseen)
                value = np.where(begun, carried(value, new, 0.0), 0.0)
            levels[..., k], values[..., k] = level, value
        facts = _facts(self, cohort, levels, present)
        statics = np.zeros((len(present), len(self.statics)), dtype=int)
        static_values = np.zeros(statics.shape)
        for k, column in enumerate(self.statics):
            statics[:, k], static_values[:, k] = read(column, facts)
        return Encoded(statics, static_values, levels, values, present.sum(axis=1))

    def decode(self, encoded: Encoded, source: str) -> Cohort:
        """Return a cohort that fits the schema, whatever the arrays hold."""
        schema, n_steps = self.schema, encoded.levels.shape[1]
        fewest = n_steps if schema.equal_length else 1
        encoded = replace(encoded, lengths=np.clip(encoded.lengths, fewest, n_steps))
        told: dict[str, Any] = {}
        for k, column in enumerate(self.statics):
            told |= column.back(encoded.statics[:, k], encoded.static_values[:, k])
        patients = _patients(self, told, encoded.lengths)
        who, when = np.indices(encoded.present.shape)
        shown: dict[str, Any] = {schema.id: who, schema.step: when}  # by column, (n, n_steps)
        raised, never = {}, dict(self.never)
        for k, column in enumerate(self.columns):
            levels = encoded.levels[..., k]
            if column.is_flag:
                flag = (levels > 0) & encoded.present
                if EVER + column.name in told:
                    flag &= told[EVER + column.name].astype(bool)[:, None]
                if column.name in self.always:
                    flag[:, 0] = True
                raised[column.name] = flag
                shown |= dict.fromkeys(column.names, flag)
                continue
            for name, values in column.back(levels, encoded.values[..., k]).items():
                if column.flag:
                    values = carried(values, raised[column.flag], never.get(name, np.nan))
                shown[name] = values
        for total, part in self.totals:
            values = told[START + total][:, None] + np.cumsum(shown[part], axis=1)
            shown[total] = _rounded(values, schema[total])
        for name in schema.static:
            values = _rounded(patients[name].to_numpy(), schema[name])
            shown[name] = np.repeat(values[:, None], n_steps, axis=1)
        frame = pd.DataFrame(
            {name: _typed(shown[name][encoded.present], schema[name]) for name in schema.names}
        )
        schema.validate(frame)
        return Cohort(frame, patients, schema, source)

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


def require_whole(cohort: Cohort, condition: str) -> None:
    """Refuse a cohort that cannot be learned from; the message names the column."""
    schema, frame = cohort.schema, cohort.frame
    if schema.condition != condition:
        raise ArgumentError(
            f"This model is of {condition!r}, and the cohort of {schema.condition!r}."
        )
    for name in schema.names:
        if name not in frame:
            raise ArgumentError(f"The cohort has no column {name!r}; {condition} needs it.")
        empty = frame[name].isna()
        if not empty.any() and name in schema.numeric:
            empty = ~np.isfinite(frame[name].astype(float))
        if empty.any():
            raise ArgumentError(
                f"Column {name!r} has {int(empty.sum()):,} missing or infinite values, the first "
                f"in row {int(np.flatnonzero(empty)[0])}. A generator learns whole records: fill "
                "them, or leave those patients out with cohort.subset()."
            )


def read(column: Column, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the level and the value of each row, shape (n_rows,) both.

    A combination that no training patient had becomes the one that shares most of its labels, and
    of several the first, which was the most common one.
    """
    absent = [name for name in column.names if name not in table or table[name].isna().any()]
    if absent:
        raise ArgumentError(
            f"cohort.patients has no {absent[0]!r}, or not for everybody, and the patients that "
            "the model learned from had it."
        )
    if column.scale:
        values = table[column.name].to_numpy(float)
        levels = np.zeros(len(values), dtype=int)
        for k, (atom,) in enumerate(column.levels[1:], start=1):
            levels[values == atom] = k
        return levels, column.scale.forward(values)
    codes, known = [], []
    for name, words in zip(column.names, zip(*column.levels, strict=True), strict=True):
        different = list(dict.fromkeys(words))
        codes.append(pd.Categorical(table[name].astype(object), different).codes)
        known.append([different.index(one) for one in words])
    rows, back = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    alike = (rows[:, None, :] == np.column_stack(known)[None]).sum(axis=2)
    return alike.argmax(axis=1)[back.ravel()], np.zeros(len(table))


def _raised(column: Column, codec: Codec, padded: pd.DataFrame, present: np.ndarray) -> np.ndarray:
    """Where a flag is raised, shape (n, n_steps); made flags, where one of their columns moves."""
    if column.names:
        return padded[column.name].to_numpy(bool).reshape(present.shape) & present
    new, unmeasured = np.zeros(present.shape, dtype=bool), np.ones(len(present), dtype=bool)
    never = dict(codec.never)
    for one in codec.columns:
        if one.flag == column.name:
            values = padded[one.name].to_numpy(float).reshape(present.shape)
            new[:, 1:] |= (np.diff(values, axis=1) != 0) & present[:, 1:]
            unmeasured &= values[:, 0] == never.get(one.name, np.nan)
    new[:, 0] = new.any(axis=1) | ~unmeasured
    return new


def _facts(codec: Codec, cohort: Cohort, levels: np.ndarray, present: np.ndarray) -> pd.DataFrame:
    """The table of patients, with what the codec tells of them besides."""
    schema = cohort.schema
    first = cohort.frame.drop_duplicates(schema.id).set_index(schema.id)
    made = {FOLLOWED: present.sum(axis=1)}
    for k, column in enumerate(codec.columns):
        if column.is_flag:
            begin = 1 if column.name in codec.always else 0
            made[EVER + column.name] = levels[:, begin:, k].max(axis=1, initial=0) > 0
    for total, part in codec.totals:
        made[START + total] = (first[total] - first[part]).to_numpy(float)
    return cohort.patients.assign(**made)


def _rounded(values: np.ndarray, variable: Variable) -> np.ndarray:
    return values if variable.decimals is None else values.round(variable.decimals)


def _typed(values: np.ndarray, variable: Variable) -> Any:
    if variable.kind in ("id", "step"):
        return values.astype(np.int64)
    if variable.kind == "numeric":
        return values.astype(float)
    if variable.is_boolean:
        return values.astype(bool)
    return pd.Categorical(values, categories=list(variable.labels))


def _patients(codec: Codec, told: dict[str, Any], lengths: np.ndarray) -> pd.DataFrame:
    """The table of patients: facts as they were drawn, lengths and deaths as they follow."""
    whole = {column.name for column in codec.statics if column.whole}
    last = pd.array(lengths - 1, dtype="Int64")
    found: dict[str, Any] = {}
    for variable in codec.schema.facts:
        name = variable.name
        if name == FOLLOWED:
            found[name] = lengths.astype(np.int64)
        elif name in dict(codec.death):
            died = told[dict(codec.death)[name]].astype(bool)
            found[name] = last.copy()
            found[name][~died] = pd.NA
        elif name in whole:
            found[name] = told[name].round().astype(np.int64)
        elif name in told:
            found[name] = _typed(told[name], variable)
    return pd.DataFrame(found, index=pd.RangeIndex(len(lengths), name=codec.schema.id))


def _column(stored: dict[str, Any]) -> Column:
    scale = stored["scale"] and Scale(
        **{**stored["scale"], "knots": tuple(stored["scale"]["knots"])}
    )
    names, levels = tuple(stored["names"]), tuple(map(tuple, stored["levels"]))
    return Column(**{**stored, "names": names, "levels": levels, "scale": scale})
