"""Download one file over HTTP, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import SourceError

__all__ = ["MEND", "cache_folder", "download"]

CACHE_VARIABLE = "HEALTHGYM_EDU_CACHE"
MEND = (
    f"Set the environment variable {CACHE_VARIABLE} to another folder of yours, or download the "
    "file in a browser and pass its path as source."
)
TIMEOUT = (15, 60)  # seconds to connect, seconds of silence while data flow


def cache_folder() -> Path:
    """Return where downloads are kept: the system's cache folder, or ``HEALTHGYM_EDU_CACHE``."""
    import pooch

    moved = os.environ.get(CACHE_VARIABLE)
    return Path(moved).expanduser() if moved else Path(pooch.os_cache("healthgym-edu"))


def download(url: str, path: Path) -> None:
    """Download `url` to `path`, with a progress bar.

    Raises
    ------
    SourceError
        No connection, a refusal, an answer that breaks off or is empty. The message starts with
        the address and has no full stop. Part of a file may then lie at `path`.
    OSError
        The file cannot be written; see `storing`.
    """
    import pooch
    import requests
    from tqdm.auto import tqdm

    headers = {"Accept-Encoding": "identity", "User-Agent": "healthgym-edu"}
    bar = tqdm(desc="download", unit="B", unit_scale=True, total=1)  # until the length is known
    fetch = pooch.HTTPDownloader(bar, chunk_size=1 << 18, timeout=TIMEOUT, headers=headers)
    try:
        fetch(url, str(path), None)
    except requests.HTTPError as error:
        answer = error.response
        refusal = "" if answer is None else f"{answer.status_code} {answer.reason}".rstrip()
        raise SourceError(f"{url} answered {refusal}") from error
    except requests.RequestException as error:
        problem = f"gave no complete answer ({type(error).__name__}; is this computer online?)"
        raise SourceError(f"{url} {problem}") from error
    finally:
        bar.close()
    if path.stat().st_size == 0:
        raise SourceError(f"{url} answered with an empty file")
