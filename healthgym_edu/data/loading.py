"""`load_cohort`: the one door through which every cohort comes."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import pandas as pd

from ..conditions import get_condition
from ..errors import ArgumentError, SourceError
from ..schema import Schema
from ..simulator import check_count
from .cohort import Cohort, patients_of
from .downloading import MEND, download
from .reading import guess_format, read_table
from .releases import RELEASES, load_release
from .saving import storing
from .teaching import simulator_with, teaching_cohort

__all__ = ["load_cohort"]


CREDENTIALED = {"sepsis": "C001_FakeSepsis.csv", "hypotension": "C001_FakeHypotension.csv"}
"""Published files that PhysioNet gives to credentialed users only."""


def load_cohort(
    condition: str,
    source: str | PathLike[str] = "teaching",
    n_patients: int | None = None,
    seed: int = 0,
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
    """
    chosen = get_condition(condition)
    if n_patients is not None:
        n_patients = check_count(n_patients)
    if isinstance(source, str) and source == "teaching":
        return teaching_cohort(condition, n_patients, seed, **options)
    if options:
        simulator_with(condition, options)  # a slip in a name is told as such
        raise ArgumentError(
            f"{next(iter(options))} says how patients are simulated, but source is "
            f"{str(source)!r}: what is in a file cannot be chosen. Leave it out, or load the "
            "teaching cohort."
        )
    if isinstance(source, str) and (condition, source) in RELEASES:
        frame = load_release(RELEASES[condition, source], chosen.schema)
    elif isinstance(source, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        frame = _read_url(source, chosen.schema)
    else:
        frame = read_table(_require_path(source, condition), chosen.schema)
    cohort = Cohort(frame, patients_of(frame, chosen.schema), chosen.schema, str(source))
    if n_patients is None:
        return cohort
    if n_patients > len(cohort):
        raise ArgumentError(
            f"n_patients is {n_patients:,}, but {cohort.source} holds {len(cohort):,} patients. "
            "Ask for fewer, or leave n_patients out for all of them."
        )
    return cohort.subset(cohort.patients.index[:n_patients])


def _require_path(source: object, condition: str) -> Path:
    """Return `source` as a path; `ArgumentError` if it is no path but a mistaken name."""
    if isinstance(source, PathLike):
        return Path(source).expanduser()
    if isinstance(source, str) and source:
        looks_like_path = "." in source or "/" in source or os.sep in source
        if looks_like_path or os.path.exists(source):
            return Path(source).expanduser()
    if isinstance(source, str) and source == "release" and condition in CREDENTIALED:
        raise ArgumentError(
            f"The published {condition} file is not free to download: apply for credentialed "
            "access at https://doi.org/10.13026/p0tv-0r98 (PhysioNet), then pass the path of your "
            "copy of "
            f"{CREDENTIALED[condition]} as source."
        )
    known = ["teaching", *(name for room, name in RELEASES if room == condition)]
    raise ArgumentError(
        f"There is no source {source!r} for {condition!r}. The sources are "
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
