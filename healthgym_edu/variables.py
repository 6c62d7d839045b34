"""What a column may hold, and how columns make a table: names, kinds, units, labels, ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .errors import ArgumentError, require_known

__all__ = ["FOLLOWED", "KINDS", "Layout", "Release", "Variable", "number"]

COLORS = [
    "blue",
    "vermillion",
    "green",
    "orange",
    "purple",
    "sky",
    "black",
    "yellow",
    "grey",
    "pale",
]
FOLLOWED = "Steps followed"
"""Column of every table of patients."""

CODED = ("binary", "categorical", "flag")
KINDS = ("id", "step", "numeric", *CODED)


@dataclass(frozen=True)
class Variable:
    """One column of a condition's table."""

    name: str  # as published
    kind: str  # one of KINDS; a flag says whether another column was measured at that step
    description: str  # plain words for the codebook
    unit: str = ""
    labels: tuple = ()  # what the codes of a file mean; (False, True) makes the column boolean
    codes: tuple[float, ...] = ()  # the numbers that stand for the labels in a file, rising
    low: float | None = None  # hard plausible range, ends included: a value outside is an error
    high: float | None = None
    measured_by: str | None = None  # the flag that says at which steps this was observed
    static: bool = False  # whether it is constant within a patient of a simulated cohort
    title: str = ""  # for figures, in words: "Mean arterial pressure"; else its name
    short: str = ""  # the same where there is little room: "Mean pressure"; else its title
    log: bool = False  # whether figures show it on a log axis
    reference: tuple[float, str] | None = None  # line in figures: value and what it means
    shown: tuple[float, float] | None = None  # range that a bedside chart shows at least
    colors: tuple[str, ...] = ()  # of the labels, each one of COLORS
    decimals: int | None = None  # that simulated values carry, in memory and therefore in files

    def __post_init__(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        faults = {
            f"its kind is not one of {KINDS}": self.kind not in KINDS,
            "labels belong to coded kinds, which need them": self.is_coded != bool(self.labels),
            "each label needs its own code": len(set(self.labels)) != len(self.codes),
            "its codes do not rise": list(self.codes) != sorted(set(self.codes)),
            "low is above high": len(ends) == 2 and ends[0] > ends[1],
            "each label needs its own colour": len(self.colors) not in (0, len(self.labels)),
            f"its colours are not among {', '.join(COLORS)}": not {*self.colors} <= {*COLORS},
        }
        for fault, found in faults.items():
            if found:
                raise ArgumentError(f"Variable {self.name!r}: {fault}.")
        object.__setattr__(self, "title", self.title or self.name)
        object.__setattr__(self, "short", self.short or self.title)

    @property
    def is_coded(self) -> bool:
        """Whether a file stores this column as codes that stand for labels."""
        return self.kind in CODED

    @property
    def is_boolean(self) -> bool:
        """Whether the decoded column is True and False rather than words."""
        return self.labels == (False, True)

    @property
    def label(self) -> str:
        """Title with unit, for an axis: ``Viral load (copies/mL)``."""
        return self._with_unit(self.title, " ")

    @property
    def short_label(self) -> str:
        """The same in two short lines, beside a small panel: ``Viral load`` over its unit."""
        return self._with_unit(self.short, "\n")

    def _with_unit(self, words: str, gap: str) -> str:
        unit = self.unit.replace("E9", "10⁹")
        return f"{words}{gap}({unit})" if unit else words

    def as_number(self) -> Variable:
        """Return this column as ``observed`` wants it: a number, for a label its code."""
        if not self.is_coded:
            return self
        low, high = self.codes[0], self.codes[-1]
        return replace(self, kind="numeric", labels=(), codes=(), colors=(), low=low, high=high)


def number(name: str, low: float, high: float, unit: str, description: str) -> Variable:
    """Return a number that a clinician has in view and that is no column of the table."""
    return Variable(name, "numeric", description, unit=unit, low=low, high=high)


@dataclass(frozen=True)
class Release:
    """One published file."""

    source: str  # what to pass to `load_cohort` for it
    file_id: int  # its number at figshare
    file_name: str  # what it is called in the cache
    doi: str  # of the dataset
    n_rows: int  # header not counted
    smallest: int  # plausible size in bytes
    largest: int
    exact_header: bool = False  # whether the first line is known to be the names of the schema


@dataclass(frozen=True)
class Layout:
    """The columns of one condition, in the order of its published file, and its files.

    Write ``Schema(...)``, from `healthgym_edu.schema`: the same, and what can be done with a table.
    """

    condition: str  # short name, such as "art_hiv"
    title: str  # name for people
    variables: tuple[Variable, ...]  # in file order, with one id and one step
    n_steps: int  # of a patient, or the most where patients differ in length
    step_unit: str  # what one step is, such as "month"
    hours: int | None = None  # per step, for charts that count hours
    ticks: int | None = None  # steps between ticks of a long time axis
    spoken: tuple[str, ...] = ()  # "EFV" gives "kept EFV" its colour, too
    equal_length: bool = True  # whether every patient has exactly n_steps rows
    aliases: tuple[tuple[str, str], ...] = ()  # (name in another edition of the file, name here)
    releases: tuple[Release, ...] = ()  # published files that can be downloaded
    index_column: bool = False  # whether the published file begins with a count without a name
    on_request: str = ""  # name of a published file that is given to those who apply for it
    patients: tuple[Variable, ...] = ()  # what else is told of simulated patients, outcomes last

    def __post_init__(self) -> None:
        flags = {variable.measured_by for variable in self.variables} - {None}
        everything = [*self.names, *(variable.name for variable in self.patients), FOLLOWED]
        faults = {
            "a column name appears twice": len(set(everything)) != len(everything),
            "exactly one column must be of kind 'id'": len(self._of_kind("id")) != 1,
            "exactly one column must be of kind 'step'": len(self._of_kind("step")) != 1,
            "a column is measured by what is not a flag": not flags <= set(self.flags),
        }
        for fault, found in faults.items():
            if found:
                raise ArgumentError(f"Schema {self.condition!r}: {fault}.")

    def __getitem__(self, name: str) -> Variable:
        require_known("column", name, self.names, f" in {self.condition}")
        return self.variables[self.names.index(name)]

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def _of_kind(self, kind: str) -> list[str]:
        return [variable.name for variable in self.variables if variable.kind == kind]

    @property
    def names(self) -> list[str]:
        """Column names in file order."""
        return [variable.name for variable in self.variables]

    @property
    def id(self) -> str:
        """Name of the column that says which patient a row belongs to."""
        return self._of_kind("id")[0]

    @property
    def step(self) -> str:
        """Name of the column that counts time, from 0."""
        return self._of_kind("step")[0]

    @property
    def numeric(self) -> list[str]:
        """Names of the columns that hold measurements."""
        return self._of_kind("numeric")

    @property
    def binary(self) -> list[str]:
        """Names of the columns with two labels, measured flags apart."""
        return self._of_kind("binary")

    @property
    def categorical(self) -> list[str]:
        """Names of the columns with more than two labels."""
        return self._of_kind("categorical")

    @property
    def flags(self) -> list[str]:
        """Names of the measured flags."""
        return self._of_kind("flag")

    @property
    def facts(self) -> tuple[Variable, ...]:
        """The columns of a cohort's table of patients, the identifier apart."""
        unit = f"{self.step_unit}s"
        told = f"How many {unit} are on record."
        followed = Variable(FOLLOWED, "numeric", told, unit, low=1.0, high=float(self.n_steps))
        return (*(self[name] for name in self.static), *self.patients, followed)

    @property
    def static(self) -> list[str]:
        """Names of the columns that never change within a patient of a simulated cohort."""
        return [variable.name for variable in self.variables if variable.static]
