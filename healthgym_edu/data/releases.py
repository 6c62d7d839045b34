"""The files that Health Gym has published: where they are and what makes one genuine.

A release is downloaded once into a cache folder. Before it is accepted it is checked whole: size,
header, number of rows, schema. Its SHA-256 is then written beside it, so that the next time one
hash tells whether the file is still the one that was accepted.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..conditions.art_hiv.variables import SCHEMA as ART_HIV
from ..errors import HealthGymError, SourceError
from ..schema import Schema
from .downloading import DownloadRefused, cache_folder, download, require_folder
from .reading import read_header, read_table
from .saving import remove, writing

__all__ = ["RELEASES", "Release", "load_release"]

logger = logging.getLogger(__name__)

# In this order: figshare.com/ndownloader, the address a browser uses, answers scripts with an
# empty 202, so it only stands in the instructions for people.
ADDRESSES = (
    "https://ndownloader.figshare.com/files/{file_id}",
    "https://api.figshare.com/v2/file/download/{file_id}",
)
BROWSER_ADDRESS = "https://figshare.com/ndownloader/files/{file_id}"
LOCK_SECONDS = 900  # how long to wait for another process that is downloading the same file


@dataclass(frozen=True)
class Release:
    """One published file.

    Parameters
    ----------
    condition, source : str
        What to pass to `load_cohort` for it.
    file_id : int
        Its number at figshare.
    file_name : str
        What it is called in the cache.
    doi : str
        Of the dataset.
    n_rows : int
        Data rows, header not counted.
    smallest, largest : int
        Plausible size in bytes.
    header : tuple of str, optional
        The exact first line; None where only the set of names is known.
    sha256 : str, optional
        Of the file, where it has been published; None for both releases of ART for HIV.
    """

    condition: str
    source: str
    file_id: int
    file_name: str
    doi: str
    n_rows: int
    smallest: int
    largest: int
    header: tuple[str, ...] | None = None
    sha256: str | None = None


RELEASES = {
    (release.condition, release.source): release
    for release in (
        Release(
            condition="art_hiv",
            source="release",
            file_id=40584980,
            file_name="HealthGymV2_CbdrhDatathon_ART4HIV.csv",
            doi="10.6084/m9.figshare.22827878.v1",
            n_rows=534_960,
            smallest=44_000_000,  # published as 44.7 MB, which may mean 10^6 or 2^20 bytes
            largest=47_500_000,
            header=tuple(ART_HIV.names),
        ),
        Release(
            condition="art_hiv",
            source="release-v1",
            file_id=35249488,
            file_name="HealthGymV1_ART4HIV.csv",
            doi="10.6084/m9.figshare.19838470",
            n_rows=534_960,
            smallest=25_000_000,  # size not documented: what so many rows can take up
            largest=150_000_000,
        ),
    )
}


def load_release(release: Release, schema: Schema) -> pd.DataFrame:
    """Return the rows of a published file, downloaded at the first call.

    Parameters
    ----------
    release : Release
        One of `RELEASES`.
    schema : Schema
        Of its condition.

    Returns
    -------
    DataFrame, shape (release.n_rows, n_columns)
        As `Schema.decode` returns it.

    Raises
    ------
    SourceError
        It cannot be downloaded or stored, is not the published file, or changed since it was
        accepted.
    """
    path = cache_folder() / release.file_name
    if path.is_file():
        return _load_cached(path, release, schema)
    require_folder(path.parent)
    with _alone(path):
        if path.is_file():  # another process was quicker
            return _load_cached(path, release, schema)
        return _download(path, release, schema)


def _download(path: Path, release: Release, schema: Schema) -> pd.DataFrame:
    """Try each address; accept the first file that proves to be the published one."""
    reasons = []
    for address in ADDRESSES:
        url = address.format(file_id=release.file_id)
        part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.csv")
        try:
            download(url, part, most=release.largest, sha256=release.sha256)
            frame = _verify(part, release, schema, name="the file it sent")
            _remember(path, part, url)
            part.replace(path)
            return frame
        except DownloadRefused as error:
            reasons.append(f"{url} {error}")
        except _NotGenuine as error:
            reasons.append(f"{url} sent another file ({error})")
        except SourceError:
            raise
        except OSError as error:
            raise SourceError(f"{path} could not be stored: {error}.") from error
        finally:
            remove(part)
        logger.warning("%s.", reasons[-1])
    raise SourceError(
        f"{release.file_name} could not be downloaded: {'; '.join(reasons)}. You can fetch it "
        f"yourself: open {BROWSER_ADDRESS.format(file_id=release.file_id)} in a browser (dataset: "
        f"https://doi.org/{release.doi}), then load_cohort({release.condition!r}, "
        f"source='path/to/{release.file_name}'). The teaching cohort needs no download."
    )


class _NotGenuine(Exception):
    """A complete file that is not the published one; the message says why."""


def _verify(path: Path, release: Release, schema: Schema, name: str) -> pd.DataFrame:
    """Return the rows of `path` if it is the published file; raise `_NotGenuine` if not."""
    size = path.stat().st_size
    if not release.smallest <= size <= release.largest:
        raise _NotGenuine(
            f"{name} has {size:,} bytes; expected {release.smallest:,} to {release.largest:,}"
        )
    try:
        header = read_header(path)
        if release.header is not None and tuple(header) != release.header:
            raise _NotGenuine(f"{name} has the header {', '.join(header)[:200]!r}")
        frame = read_table(path, schema, name=name)
    except HealthGymError as error:
        raise _NotGenuine(str(error)) from error
    if len(frame) != release.n_rows:
        raise _NotGenuine(f"{name} has {len(frame):,} rows; expected {release.n_rows:,}")
    return frame


def _load_cached(path: Path, release: Release, schema: Schema) -> pd.DataFrame:
    """Return the rows of a cached file that was accepted before, or accept it now."""
    mend = f"Delete {path} and load again to download it afresh, or pass another file's path."
    record = _recall(path)
    if record is not None:
        if _sha256(path) != record.get("sha256"):
            raise SourceError(f"{path} has changed since it was checked and accepted. {mend}")
        return read_table(path, schema)
    try:
        frame = _verify(path, release, schema, name=path.name)
    except _NotGenuine as error:
        raise SourceError(f"{path} is not the published file: {error}. {mend}") from error
    try:
        _remember(path, path, "found in the cache folder")
    except SourceError as error:  # a folder that may only be read: checked again the next time
        logger.info("The hash of %s is not remembered: %s", path, error)
    return frame


def _record_of(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _recall(path: Path) -> dict | None:
    """Return what was written beside a cached file when it was accepted; None if unreadable."""
    try:
        record = json.loads(_record_of(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.info("%s is unreadable (%s); the file is checked again.", _record_of(path), error)
        return None
    return record if isinstance(record, dict) else None


def _remember(path: Path, content: Path, origin: str) -> None:
    """Write the hash of the accepted file `content` beside `path`, its place in the cache."""
    record = {"sha256": _sha256(content), "bytes": content.stat().st_size, "origin": origin}
    with writing(_record_of(path), overwrite=True) as stream:
        stream.write((json.dumps(record, indent=1) + "\n").encode())


def _sha256(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock of a cached file, so that two processes never download it at once."""
    import filelock

    lock = filelock.FileLock(path.with_name(path.name + ".lock"))
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        logger.info("Another process is downloading %s; waiting for it.", path.name)
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except filelock.Timeout:
            raise SourceError(
                f"Another process has been downloading {path.name} for {LOCK_SECONDS} s. If none "
                f"is, delete {lock.lock_file} and load again."
            ) from None
    except OSError as error:
        raise SourceError(
            f"You may not write to the folder {path.parent} ({error}). Set the environment "
            "variable HEALTHGYM_EDU_CACHE to a folder of yours."
        ) from error
    try:
        yield
    finally:
        lock.release()
