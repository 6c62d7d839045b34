"""The files that Health Gym has published: where they are and what makes one genuine.

A release is downloaded once into a cache folder. Before it is accepted it is checked whole: size,
header, number of rows, schema. Its SHA-256 is then written beside it, so that the next time one
hash tells whether the file is still the one that was accepted.
"""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

import pandas as pd

from ..errors import HealthGymError, SourceError
from ..files import storing, unwound, writing
from ..schema import Release, Schema
from .downloading import MEND, cache_folder, download
from .reading import read_table

__all__ = ["load_release"]

logger = logging.getLogger(__name__)

# In this order: figshare.com/ndownloader, the address a browser uses, answers scripts with an
# empty 202, so it only stands in the instructions for people.
ADDRESSES = (
    "https://ndownloader.figshare.com/files/{file_id}",
    "https://api.figshare.com/v2/file/download/{file_id}",
)
BROWSER_ADDRESS = "https://figshare.com/ndownloader/files/{file_id}"
LOCK_SECONDS = 900  # how long to wait for another process that is downloading the same file


def load_release(release: Release, schema: Schema) -> pd.DataFrame:
    """Return the rows of a published file, downloaded at the first call.

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
    import filelock

    with unwound(), storing(path, MEND):
        path.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{path}.lock", timeout=LOCK_SECONDS):
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
            download(url, part)
            frame = _verify(part, release, schema, name=f"the file from {url}")
        except HealthGymError as error:
            reasons.append(str(error).removesuffix("."))
            logger.warning("%s.", reasons[-1])
        else:
            _remember(path, part)
            part.replace(path)
            return frame
        finally:
            part.unlink(missing_ok=True)
    raise SourceError(
        f"{release.file_name} could not be downloaded: {'; '.join(reasons)}. You can fetch it "
        f"yourself: open {BROWSER_ADDRESS.format(file_id=release.file_id)} in a browser (dataset: "
        f"https://doi.org/{release.doi}), then load_cohort({schema.condition!r}, "
        f"source='path/to/{release.file_name}'). The teaching cohort needs no download."
    )


def _verify(path: Path, release: Release, schema: Schema, name: str) -> pd.DataFrame:
    """Return the rows of `path` if it is the published file; raise a `HealthGymError` if not."""
    size = path.stat().st_size
    if not release.smallest <= size <= release.largest:
        expected = f"{release.smallest:,} to {release.largest:,}"
        raise SourceError(f"{name} has {size:,} bytes; expected {expected}")
    with path.open(encoding="utf-8", errors="replace") as stream:
        header = stream.readline().strip()
    if release.exact_header and header != ",".join(schema.names):
        raise SourceError(f"{name} has the header {header[:200]!r}")
    frame = read_table(path, schema, name=name)
    if len(frame) != release.n_rows:
        raise SourceError(f"{name} has {len(frame):,} rows; expected {release.n_rows:,}")
    return frame


def _load_cached(path: Path, release: Release, schema: Schema) -> pd.DataFrame:
    """Return the rows of a cached file that was accepted before, or accept it now."""
    mend = f"Delete {path} and load again to download it afresh, or pass another file's path."
    record = _record_of(path)
    if record.is_file():
        if record.read_text(errors="replace") != _sha256(path):
            raise SourceError(f"{path} has changed since it was checked and accepted. {mend}")
        return read_table(path, schema)
    try:
        frame = _verify(path, release, schema, name=path.name)
    except HealthGymError as error:
        raise SourceError(f"{path} is not the published file: {error}. {mend}") from error
    try:
        _remember(path, path)
    except SourceError as error:  # a folder that may only be read: checked again the next time
        logger.info("The hash of %s is not remembered: %s", path, error)
    return frame


def _remember(path: Path, content: Path) -> None:
    """Write the hash of the accepted file `content` beside `path`, its place in the cache."""
    with writing(_record_of(path), overwrite=True) as stream:
        stream.write(_sha256(content).encode())


def _record_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _sha256(path: Path) -> str:
    import pooch

    return pooch.file_hash(str(path), alg="sha256")
