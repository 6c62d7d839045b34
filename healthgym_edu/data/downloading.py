"""Download one file over HTTP, whole or not at all."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SourceError
from .saving import NO_ROOM

__all__ = ["DownloadRefused", "cache_folder", "download", "require_folder"]

CACHE_VARIABLE = "HEALTHGYM_EDU_CACHE"
TIMEOUT = (15, 60)  # seconds to connect, seconds of silence while data flow
_CHUNK = 1 << 18


class DownloadRefused(Exception):
    """A server did not deliver the file; the message says why. Another address may."""


def cache_folder() -> Path:
    """Return where downloads are kept: the system's cache folder, or ``HEALTHGYM_EDU_CACHE``."""
    moved = os.environ.get(CACHE_VARIABLE)
    if moved:
        return Path(moved).expanduser()
    import pooch

    return Path(pooch.os_cache("healthgym-edu"))


def require_folder(folder: Path) -> None:
    """Make a folder for downloads unless it is there; `SourceError` if that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(_why_not_kept(folder, error)) from error


def download(url: str, path: Path, *, most: int, sha256: str | None = None) -> None:
    """Download `url` to `path`, with a progress bar.

    Parameters
    ----------
    url : str
        Starts with ``http://`` or ``https://``.
    path : Path
        Must not exist. Appears only when the download is complete.
    most : int
        Bytes after which to stop, because this cannot be the file.
    sha256 : str, optional
        What the content must hash to, where it is known.

    Raises
    ------
    DownloadRefused
        No connection, another status than 200, a web page, cut off, too long, another hash.
    SourceError
        The folder may not be written or the disk is full.
    """
    import pooch

    def fetch(address: str, target: str, _: object) -> None:
        _fetch(address, Path(target), most)

    try:
        with _quiet(pooch.get_logger()):
            pooch.retrieve(
                url,
                known_hash=None if sha256 is None else f"sha256:{sha256}",
                fname=path.name,
                path=path.parent,
                downloader=fetch,
            )
    except ValueError as error:  # pooch: the hash differs
        raise DownloadRefused(str(error)) from error
    except OSError as error:
        raise SourceError(_why_not_kept(path.parent, error)) from error


def _fetch(url: str, target: Path, most: int) -> None:
    """Stream the body of `url` to the file `target`."""
    import requests
    from tqdm.auto import tqdm

    headers = {"Accept-Encoding": "identity", "User-Agent": "healthgym-edu"}
    answered, received = False, 0
    try:
        with requests.get(url, stream=True, timeout=TIMEOUT, headers=headers) as response:
            announced = _announced_length(response, most)
            answered = True
            bar = tqdm(total=announced, desc="download", unit="B", unit_scale=True)
            with open(target, "wb") as stream, bar:
                for chunk in response.iter_content(_CHUNK):
                    stream.write(chunk)
                    bar.update(len(chunk))
                    received += len(chunk)
                    if received > most:
                        raise DownloadRefused(f"sent more than the {most:,} bytes expected")
    except requests.RequestException as error:
        reason = "broke off before the end" if answered else _why_no_answer(error)
        raise DownloadRefused(reason) from error
    if announced is not None and received != announced:
        raise DownloadRefused(f"broke off after {received:,} of {announced:,} bytes")
    if received == 0:
        raise DownloadRefused("answered with an empty file")


def _why_no_answer(error: Exception) -> str:
    """Say in plain words why there is no connection; the chained error has the details."""
    from requests import exceptions

    if isinstance(error, exceptions.Timeout):
        return "did not answer in time"
    if isinstance(error, exceptions.SSLError):
        return "could not prove who it is (its certificate was refused)"
    if isinstance(error, exceptions.ConnectionError):
        return "could not be reached (is this computer online?)"
    return f"could not be used ({type(error).__name__}: {str(error)[:160]})"


def _announced_length(response: object, most: int) -> int | None:
    """Return the length that a good answer announces; `DownloadRefused` if it is not good."""
    if response.status_code != 200:
        raise DownloadRefused(f"answered {response.status_code} {response.reason}".rstrip())
    if "html" in response.headers.get("Content-Type", ""):
        raise DownloadRefused("answered with a web page instead of the file")
    length = response.headers.get("Content-Length", "")
    if not length.isdigit():
        return None
    if int(length) > most:
        raise DownloadRefused(f"offers {int(length):,} bytes, more than the {most:,} expected")
    return int(length)


def _why_not_kept(folder: Path, error: OSError) -> str:
    """Say why a download could not be stored in `folder`, and the mend."""
    move = (
        f"set the environment variable {CACHE_VARIABLE} to a folder of yours, or download the file "
        "in a browser and pass its path as source"
    )
    if error.errno in NO_ROOM:
        return f"No room left in {folder} (nothing was kept). Free some disk space, or {move}."
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return f"You may not write to the folder {folder}. To keep downloads elsewhere, {move}."
    return (
        f"The download could not be stored in {folder}: {error}. If that folder is no use, {move}."
    )


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep a library's remarks about hashes out of a reader's notebook."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
