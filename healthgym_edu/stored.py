"""A learned model in a folder: weights in safetensors, all else in JSON, nothing that runs code."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_weights
from safetensors.numpy import save as save_weights

from ._version import __version__
from .errors import SourceError
from .files import expanded, storing, unwound

FORMATS = {"generator": 3, "agent": 2}
"""What a folder holds of each kind; raised when what was stored means something else."""

WEIGHTS, DESCRIPTION = "weights.safetensors", "model.json"


def store_model(
    folder: str | Path,
    name: str,
    arrays: Mapping[str, np.ndarray],
    told: Mapping[str, Any],
    kind: str,
    overwrite: bool = False,
) -> None:
    """Write a model into a folder, which is then whole or not there.

    Parameters
    ----------
    folder : str or path
    name : str
        Of its class.
    arrays : mapping of str to ndarray
    told : mapping
        All else, as JSON can hold it.
    kind : str
        What such a model is, for messages: ``"generator"``.
    overwrite : bool
        Whether a folder that holds a model may be replaced.

    Raises
    ------
    SourceError
        The folder exists, holds something else, or cannot be written.
    """
    folder = expanded(Path(folder))
    if folder.exists() and not overwrite:
        raise SourceError(
            f"{folder} exists already and was left as it is. Choose another name, or pass "
            "overwrite=True to replace it."
        )
    if folder.exists() and not (folder / DESCRIPTION).is_file():
        raise SourceError(
            f"{folder} is no saved {kind}, and is not overwritten. Choose another name."
        )
    if not folder.parent.is_dir():
        raise SourceError(f"There is no folder {folder.parent}. Create it first.")
    weights = save_weights({key: np.ascontiguousarray(one) for key, one in arrays.items()})
    description = {
        "format": FORMATS[kind],
        "version": __version__,
        "model": name,
        **told,
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    old = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.old")
    with unwound(), storing(folder, "Choose another folder, or make room in this one."):
        try:
            part.mkdir()
            (part / WEIGHTS).write_bytes(weights)
            (part / DESCRIPTION).write_text(json.dumps(description, indent=1), encoding="utf-8")
            if folder.exists():
                folder.replace(old)
            part.replace(folder)
        finally:
            if old.exists() and not folder.exists():
                old.replace(folder)
            shutil.rmtree(part, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


def read_model(
    folder: str | Path, kind: str, known: Iterable[str]
) -> tuple[str, dict[str, Any], dict[str, np.ndarray]]:
    """Return the name of a stored model's class, what is told of it, and its arrays.

    Raises
    ------
    SourceError
        No such folder, a file missing, cut off, changed or of another version.  Nothing in the
        folder is ever run: pickled weights are refused.
    """
    folder = expanded(Path(folder))
    weights, description = (_read(folder / name, kind) for name in (WEIGHTS, DESCRIPTION))
    try:
        told = json.loads(description)
        name, found = told["model"], told["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{folder / DESCRIPTION} cannot be read: {error!r}.") from error
    known = list(known)
    if found != FORMATS[kind] or not isinstance(name, str) or name not in known:
        raise SourceError(
            f"{folder} holds a {name!r} in format {found!r}, written by version "
            f"{told.get('version')!r}; this version ({__version__}) reads format "
            f"{FORMATS[kind]} of {', '.join(known)}. Train it again, or install the version that "
            "wrote it."
        )
    if hashlib.sha256(weights).hexdigest() != told.get("sha256"):
        raise SourceError(
            f"{folder / WEIGHTS} is not what was saved: its SHA-256 differs from the one in "
            f"{DESCRIPTION}. It was cut off or changed; copy the folder again."
        )
    try:
        arrays = load_weights(weights)
    except (SafetensorError, ValueError, KeyError) as error:
        raise SourceError(
            f"{folder / WEIGHTS} is no safetensors file ({error}). Pickled weights are refused, "
            "because loading them would run whatever they hold."
        ) from error
    return name, told, arrays


def unfit(folder: str | Path, error: Exception) -> SourceError:
    """Return the error of a stored model whose parts cannot be put together."""
    return SourceError(f"The parts of {folder} do not fit together: {error}.")


def _read(path: Path, kind: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read ({error.strerror}). A saved {kind} is a folder with "
            f"{WEIGHTS} and {DESCRIPTION}."
        ) from error


def config_of(kind: type, stored: dict[str, Any]) -> Any:
    """Return a configuration, with those it holds, from what JSON holds of it."""
    made = {}
    for one in fields(kind):
        value, usual = stored[one.name], getattr(kind(), one.name)
        made[one.name] = config_of(type(usual), value) if is_dataclass(usual) else value
    return kind(**made)
