"""A cohort: the records of a set of patients, wherever they come from."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from numbers import Real
from os import PathLike

import numpy as np
import pandas as pd

from ..engine import check_seed
from ..errors import ArgumentError
from ..schema import Schema
from .checksums import checksums, differing
from .layouts import filled_up, laid_out
from .people import patients_table
from .saving import require_places, save_table

__all__ = ["Cohort"]

NOTE = (
    "For learning and for testing methods. These are not real people; nothing found here says how "
    "to treat one."
)
_SENTENCES = {
    "teaching": "teaching cohort, simulated by this package",
    "release": "published Health Gym release, version 2 (made by a generative network)",
    "release-v1": "published Health Gym release, version 1 (made by a generative network)",
}


@dataclass(frozen=True, eq=False, repr=False)
class Cohort:
    """The records of a set of patients.

    Attributes
    ----------
    frame : DataFrame, shape (n_rows, n_columns)
        One row per patient and step, sorted; published column names, labelled categories.
    patients : DataFrame, shape (n_patients, n_facts)
        One row per patient, index ``PatientID``: what never changes, outcomes (missing where they
        did not happen) and how many steps are on record; ``schema.codebook("patients")``.
    schema : Schema
        Names, kinds, units and labels of `frame`.
    source : str
        ``"teaching"``, ``"release"``, ``"release-v1"``, a path, a URL or how it was simulated;
        at the end of simulated ones what was not as usual: ``"teaching, confounded"``.
    decisions : DataFrame, optional
        Simulated cohorts, one row per decision: patient, step, ``action``, the probability of every
        action under its label, and ``reward``: what the patient was paid until the next decision,
        with the first one for the time before it, too.
    seen : DataFrame, optional
        Simulated cohorts: patient, step, and what the clinician had in view at each decision; one
        row more per patient tells how things stood at the end.  Columns as in the environments.
        Unlike `frame` it is never carried back from the future.
    seed : int, optional
        Simulated cohorts: the seed that makes the same cohort again.
    recipe : callable, optional
        Simulated cohorts: from a number of patients and a seed to a cohort; see `fresh`.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> art = hg.load_cohort("art_hiv", n_patients=100)
    >>> women = art.subset(art.patients.query("Gender == 'Female'").index)
    >>> women.frame["Gender"].unique().tolist(), len(women) < len(art)
    (['Female'], True)
    """

    frame: pd.DataFrame
    patients: pd.DataFrame
    schema: Schema
    source: str
    decisions: pd.DataFrame | None = None
    seen: pd.DataFrame | None = None
    seed: int | None = None
    recipe: Callable[[int, int], Cohort] | None = None
    _marks: dict[str, int | None] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_marks", checksums(self._tables()))  # the class is frozen

    def changed(self) -> list[str]:
        """Return which columns of its tables were overwritten, sorted or dropped since it was made.

        Returns
        -------
        list of str
            Such as ``["frame['VL']"]``. Columns that were added do not count.

        Examples
        --------
        >>> import healthgym_edu as hg
        >>> art = hg.load_cohort("art_hiv", n_patients=50)
        >>> art.frame["suppressed"] = art.frame["VL"] < 50
        >>> art.changed()
        []
        >>> art.frame["VL"] = art.frame["VL"].clip(lower=50)
        >>> art.changed()
        ["frame['VL']"]
        """
        return differing(self._tables(), self._marks)

    @property
    def condition(self) -> str:
        """Name of the condition, such as ``"art_hiv"``."""
        return self.schema.condition

    @property
    def actions(self) -> tuple[str, ...]:
        """Labels of the actions: ``decisions[list(cohort.actions)]`` are their probabilities."""
        if self.decisions is None:
            raise ArgumentError(
                f"Nobody recorded decisions in {self.source}: only simulated cohorts have them. "
                f"Use load_cohort({self.condition!r}) without source."
            )
        return tuple(self.decisions["action"].cat.categories)

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.patients)

    def subset(self, patient_ids: Iterable[int]) -> Cohort:
        """Return the cohort of some of the patients, in the order they have here.

        Parameters
        ----------
        patient_ids : iterable of int
            Each ``PatientID`` once, such as ``cohort.patients.query("Gender == 'Female'").index``.

        Raises
        ------
        ArgumentError
            No patient, an unknown one or one twice; True and False instead of ids.
        """
        wanted = pd.Index(patient_ids)
        if len(wanted) == 0 or wanted.dtype == bool or not wanted.is_unique:
            raise ArgumentError(
                "subset() takes at least one PatientID and each only once. For a column of True "
                "and False, pass cohort.patients.index[column]."
            )
        unknown = wanted.difference(self.patients.index)
        if len(unknown):
            raise ArgumentError(
                f"No patient {unknown.tolist()[0]!r} in this cohort of {len(self):,}; "
                f"{len(unknown):,} of {len(wanted):,} ids are unknown. Take them from "
                "cohort.patients.index."
            )
        return self._keep(self.patients.index.isin(wanted))

    def split(self, fraction: float = 0.5, seed: int = 0) -> tuple[Cohort, Cohort]:
        """Divide the patients at random; all rows of a patient stay together.

        Parameters
        ----------
        fraction : float
            Share of the patients in the first cohort, between 0 and 1.
        seed : int
            The same seed gives the same division.

        Returns
        -------
        (Cohort, Cohort)
            The first holds ``round(fraction * len(cohort))`` patients, the second the others.

        Raises
        ------
        ArgumentError
            A fraction that leaves one side empty, or a seed that is not a whole number >= 0.
        """
        check_seed(seed)
        sound = isinstance(fraction, Real) and 0 < fraction < 1
        first = round(float(fraction) * len(self)) if sound else 0
        if not 0 < first < len(self):
            raise ArgumentError(
                f"split(fraction={fraction!r}) of {len(self):,} patients leaves one side empty. "
                "Choose a number between 0 and 1 that gives each side at least one patient."
            )
        chosen = np.zeros(len(self), dtype=bool)
        chosen[np.random.default_rng(seed).permutation(len(self))[:first]] = True
        return self._keep(chosen), self._keep(~chosen)

    def fresh(self, n_patients: int | None = None, *, seed: int) -> Cohort:
        """Return other people of the same kind: simulated in the same way, never met here.

        Parameters
        ----------
        n_patients : int, optional
            As many as in this cohort, if not given.
        seed : int
            Another one than this cohort's, which would bring the same people.

        Returns
        -------
        Cohort
            Of all people who could come.  What was filtered here with `subset` is not filtered
            there; after `split` that makes no difference.

        Raises
        ------
        ArgumentError
            A cohort that was not simulated, its own seed, or a number that cannot be used.

        Examples
        --------
        >>> import healthgym_edu as hg
        >>> train, holdout = hg.load_cohort("sepsis", n_patients=100).split(0.5)
        >>> others = train.fresh(20, seed=99)
        >>> len(others), others.source == train.source
        (20, True)
        """
        if self.recipe is None:
            raise ArgumentError(
                f"fresh() simulates more people, but {self.source} was not simulated: nobody knows "
                "how its people came about. Hold some of them back with split() instead."
            )
        if check_seed(seed) == self.seed:
            raise ArgumentError(
                f"seed {seed} is this cohort's own and would bring the same people; choose another."
            )
        return self.recipe(len(self) if n_patients is None else n_patients, seed)

    def observed(self) -> pd.DataFrame:
        """Return what a clinic would have known: the last measured value carried forward.

        Returns
        -------
        DataFrame, shape (n_rows, n_columns)
            As `frame`; each column with a measured flag holds the patient's last measured value,
            and a missing value before the first measurement. Boolean columns with a flag become
            pandas' nullable ``boolean``, which can hold a missing value.
        """
        frame = self.frame.copy()
        for variable in self.schema:
            if variable.measured_by:
                values = frame[variable.name]
                values = values.astype("boolean") if variable.is_boolean else values
                seen = values.where(frame[variable.measured_by])
                frame[variable.name] = seen.groupby(frame[self.schema.id]).ffill()
        return frame

    def padded(self) -> tuple[pd.DataFrame, np.ndarray]:
        """Return a table in which every patient has all steps, and a mask of the true rows.

        For methods that need equal lengths. After death a patient's last row is repeated with
        the step counted on and every measured flag False: these rows only fill up and belong in
        no mean and no loss. ``frame[name].to_numpy().reshape(present.shape)`` has one row per
        patient; ``frame[present.ravel()]`` are the rows of the cohort.

        Returns
        -------
        frame : DataFrame, shape (n_patients * n_steps, n_columns)
            Fits the schema, as `Cohort.frame` does; the same as that where nobody left early.
        present : ndarray of bool, shape (n_patients, n_steps)
            Whether the patient was still there at that step, in the order of `patients`.
        """
        return filled_up(self.frame, self.schema)

    def save(
        self,
        path: str | PathLike[str],
        overwrite: bool = False,
        layout: str = "codes",
        patients: str | PathLike[str] | None = None,
    ) -> None:
        """Write `frame` to a file, and `patients` to another one if it is named.

        Parameters
        ----------
        path : str or path
            Ends in ``.csv``, ``.csv.gz`` or ``.parquet``; may start with ``~``.
        overwrite : bool
            Whether an existing file may be replaced.
        layout : str
            ``"codes"``: columns and codes of the published file. ``"published"``: with what its
            readers expect besides, all steps of every patient and, of sepsis and hypotension, a
            first column without a name. ``"labelled"``: words for codes, and plain names.
        patients : str or path, optional
            Where the table of patients goes: who died is in no published column. Loaded with
            ``load_cohort(condition, source=path, patients=patients)`` it is there again.

        Raises
        ------
        SourceError
            A file exists, a folder is missing or may not be written, the disk is full. A file
            that was there before is then still there, untouched.
        ArgumentError
            A name that ends otherwise, or another layout.
        SchemaError
            The frame was changed and no longer holds what a file may: it could not be loaded.
        """
        table = laid_out(self.frame, self.schema, layout)
        tables = {path: table}
        if patients is not None:
            require_places([path, patients], overwrite)
            tables[patients] = patients_table(self.patients, self.schema, layout)
        for place, one in tables.items():
            save_table(one, place, overwrite=overwrite)

    def _keep(self, chosen: np.ndarray) -> Cohort:
        """Return the cohort of the patients where `chosen`, shape (n_patients,), is True."""
        patients = self.patients.loc[chosen]

        def rows_of(table: pd.DataFrame) -> pd.DataFrame:
            return table[table[self.schema.id].isin(patients.index)].reset_index(drop=True)

        tables = {"frame": self.frame, "decisions": self.decisions, "seen": self.seen}
        kept = {name: rows_of(table) for name, table in tables.items() if table is not None}
        part = replace(self, patients=patients, **kept)
        part._marks.update(dict.fromkeys(self.changed()))  # what was changed stays changed
        return part

    def _tables(self) -> dict[str, pd.DataFrame | None]:
        return {name: getattr(self, name) for name in ("frame", "patients", "decisions", "seen")}

    def _summary(self) -> tuple[str, str]:
        """Title with size, and the sentence about the source."""
        most = "" if self.schema.equal_length else "at most "
        steps = f"{most}{self.schema.n_steps} {self.schema.step_unit}s"
        people = "patient" if len(self) == 1 else "patients"
        kind, comma, options = self.source.partition(", ")
        if self.seed is None:
            kind, comma, options = self.source, "", ""
        source = f"{_SENTENCES.get(kind, kind)}{comma}{options}"
        seed = "" if self.seed is None else f", seed {self.seed}"
        title = f"{self.schema.title}: {len(self):,} {people} × {steps}"
        return title, f"Source: {source}{seed}."

    def __repr__(self) -> str:
        title, source = self._summary()
        return f"Cohort of {title}\n{source} {NOTE}\n{self.frame.head().to_string()}"

    def _repr_html_(self) -> str:
        title, source = map(html.escape, self._summary())
        first = [self.schema.id, self.schema.step]  # who and when, before what
        columns = [*first, *self.frame.columns.drop(first)]
        rows = self.frame.head()[columns].to_html(index=False, border=0)
        more = f"… {len(self.frame):,} rows in cohort.frame; columns in cohort.schema.codebook()"
        return (
            f"<div><p><strong>{title}</strong><br>{source}</p>"
            f"{rows}<p>{more}</p><p><em>{NOTE}</em></p></div>"
        )
