"""`load_cohort`: the one door through which every cohort comes."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import pandas as pd

from ..conditions import get_mechanism
from ..engine import check_count
from ..errors import ArgumentError, SourceError
from ..files import expanded, storing
from ..schema import Schema
from ..variables import FOLLOWED
from .cohort import Cohort
from .downloading import MEND, download
from .people import fitted, patients_of, read_patients
from .reading import guess_format, read_table
from .releases import load_release
from .teaching import mechanism_with, teaching_cohort

__all__ = ["load_cohort"]


def load_cohort(
    condition: str,
    source: str | PathLike[str] = "teaching",
    n_patients: int | None = None,
    seed: int = 0,
    patients: str | PathLike[str] | None = None,
    **options: Any,
) -> Cohort:
    """Load a cohort: simulated here, published by Health Gym, or from a file.

    Parameters
    ----------
    condition : str
        Such as ``"art_hiv"``.
    source : str or path
        ``"teaching"`` (simulated, offline), ``"release"`` or ``"release-v1"`` (the published
        file, downloaded once), or the path or URL of a ``.csv``, ``.csv.gz`` or ``.parquet`` file
        of either version.
    n_patients : int, optional
        How many patients: of the teaching cohort as many as the published one has, if not given;
        of a file the first ones in it.
    seed : int
        Of the teaching cohort; files have none.
    patients : str or path, optional
        Of a file that `Cohort.save` or ``healthgym-edu export`` has written: the table of patients
        written with it, which tells what became of them.
    **options
        Of the teaching cohort, as for `simulate`, such as ``confounded=True``; files have none.

    Returns
    -------
    Cohort
        Its records in ``frame``, its patients in ``patients``.

    Raises
    ------
    ArgumentError
        Unknown condition, source or option; a number of patients, a seed or an option's value
        that cannot be used; an option with a file.
    SourceError
        A file or download that cannot be had or read.
    SchemaError
        A file whose columns or values do not fit.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> icu = hg.load_cohort("sepsis", n_patients=200, seed=1)
    >>> len(icu), icu.frame.shape[1], icu.condition
    (200, 46, 'sepsis')
    """
    schema = get_mechanism(condition).schema
    if n_patients is not None:
        n_patients = check_count(n_patients)
    if isinstance(source, str) and source == "teaching":
        if patients is not None:
            raise ArgumentError(
                "patients is a table that belongs to a file; simulated patients bring their own. "
                "Leave it out, or pass the path of the file as source."
            )
        return teaching_cohort(condition, n_patients, seed, **options)
    if options:
        mechanism_with(condition, options)  # a slip in a name is told as such
        raise ArgumentError(
            f"{next(iter(options))} says how patients are simulated, but source is "
            f"{str(source)!r}: what is in a file cannot be chosen. Leave it out, or load the "
            "teaching cohort."
        )
    releases = {release.source: release for release in schema.releases}
    # whoever was followed to a date has fewer rows, and the table of patients says how many
    read_as = schema if patients is None else replace(schema, equal_length=False)
    if isinstance(source, str) and source in releases:
        frame = load_release(releases[source], schema)
    elif isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        frame = _read_url(source, read_as)
    else:
        frame = read_table(_require_path(source, schema), read_as)
    people = patients_of(frame, schema)
    if patients is not None:
        path = _patients_path(patients)
        read = read_patients(path, schema, people.index)
        if FOLLOWED not in read:
            schema.validate(frame)
        frame, people = fitted(frame, people, read, schema, path)
        schema = schema if (people[FOLLOWED] == schema.n_steps).all() else read_as
    cohort = Cohort(frame, people, schema, str(source))
    if n_patients is None:
        return cohort
    if n_patients > len(cohort):
        raise ArgumentError(
            f"n_patients is {n_patients:,}, but {cohort.source} holds {len(cohort):,} patients. "
            "Ask for fewer, or leave n_patients out for all of them."
        )
    return cohort.subset(cohort.patients.index[:n_patients])


def _patients_path(patients: object) -> Path:
    if not isinstance(patients, (str, PathLike)):
        raise ArgumentError(
            f"patients is {patients!r}; expected the path of the table of patients that was "
            "exported with the records."
        )
    return expanded(Path(patients))


def _require_path(source: object, schema: Schema) -> Path:
    """Return `source` as a path; `ArgumentError` if it is no path but a mistaken name."""
    if isinstance(source, PathLike):
        return Path(source).expanduser()
    if isinstance(source, str) and source:
        looks_like_path = "." in source or "/" in source or os.sep in source
        if looks_like_path or os.path.exists(source):
            return Path(source).expanduser()
    if isinstance(source, str) and source == "release" and schema.on_request:
        raise ArgumentError(
            f"The published {schema.condition} file is not free to download: apply for "
            "credentialed access at https://doi.org/10.13026/p0tv-0r98 (PhysioNet), then pass the "
            f"path of your copy of {schema.on_request} as source."
        )
    known = ["teaching", *(release.source for release in schema.releases)]
    raise ArgumentError(
        f"There is no source {source!r} for {schema.condition!r}. The sources are "
        f"{', '.join(map(repr, known))}, or the path or URL of a .csv, .csv.gz or .parquet file."
    )


def _read_url(url: str, schema: Schema) -> pd.DataFrame:
    """Download a file to a temporary place and read it."""
    if not re.match("https?://", url, re.IGNORECASE):
        raise ArgumentError(f"Cannot read {url}. Use an http:// or https:// address, or a path.")
    with storing(Path(gettempdir(), "download"), MEND), TemporaryDirectory() as folder:
        path = Path(folder, "download")
        try:
            download(url, path)
        except SourceError as error:
            mend = "Open the address in a browser, save the file and pass its path"
            raise SourceError(f"{error}. {mend}.") from error
        return read_table(path, schema, ending=guess_format(path), name=url)
