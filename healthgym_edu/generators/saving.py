"""A generator in a folder: weights in safetensors, all else in JSON, and nothing that runs code."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from dataclasses import asdict, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load as load_weights
from safetensors.numpy import save as save_weights

from .._version import __version__
from ..errors import ArgumentError, SourceError
from ..files import expanded, storing, unwound
from .codec import Codec

FORMAT = 1
WEIGHTS, DESCRIPTION = "weights.safetensors", "model.json"

MODELS = {
    "AutoregressiveGru": "autoregressive_gru",
    "AutoregressiveTree": "autoregressive_tree",
    "Diffusion": "diffusion",
    "RejectionSampling": "rejection",
    "TransformerWganGp": "transformer",
    "VaeBufferWganGp": "vae_buffer",
    "WganGp": "wgan",
}
"""Each model and its module."""


def store(model: Any, folder: str | Path, overwrite: bool = False) -> None:
    """Write a model; see `Generator.save`."""
    folder = expanded(Path(folder))
    if not hasattr(model, "codec_"):
        raise ArgumentError(
            "This model has not learned from anybody yet: there is nothing to save."
        )
    if folder.exists() and not overwrite:
        raise SourceError(
            f"{folder} exists already and was left as it is. Choose another name, or pass "
            "overwrite=True to replace it."
        )
    if folder.exists() and not (folder / DESCRIPTION).is_file():
        raise SourceError(
            f"{folder} is no saved generator, and is not overwritten. Choose another name."
        )
    if not folder.parent.is_dir():
        raise SourceError(f"There is no folder {folder.parent}. Create it first.")
    arrays = {name: np.ascontiguousarray(one) for name, one in model.arrays().items()}
    weights = save_weights(arrays)
    description = {
        "format": FORMAT,
        "version": __version__,
        "model": type(model).__name__,
        "config": asdict(model.config),
        "codec": model.codec_.to_dict(),
        "told": model.told(),
        "history": model.history_.to_dict(orient="list"),
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


def load_generator(folder: str | Path) -> Any:
    """Load a generator that `Generator.save` wrote.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    Generator
        Of the class that was saved, ready to sample.

    Raises
    ------
    SourceError
        No such folder, a file missing, cut off, changed or of another version.  Nothing in the
        folder is ever run: pickled models are refused.
    """
    folder = expanded(Path(folder))
    weights, description = (_read(folder / name) for name in (WEIGHTS, DESCRIPTION))
    try:
        told = json.loads(description)
        name, found = told["model"], told["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{folder / DESCRIPTION} cannot be read: {error!r}.") from error
    if found != FORMAT or not isinstance(name, str) or name not in MODELS:
        raise SourceError(
            f"{folder} holds a {name!r} in format {found!r}, written by version "
            f"{told.get('version')!r}; this version ({__version__}) reads format {FORMAT} of "
            f"{', '.join(MODELS)}. Train it again, or install the version that wrote it."
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
    try:
        model = model_class(name)()
        model.config = config_of(type(model.config), told["config"])
        model.codec_ = Codec.from_dict(told["codec"])
        model.history_ = pd.DataFrame(told["history"])
        model.restore(arrays, told["told"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise SourceError(f"The parts of {folder} do not fit together: {error}.") from error
    return model


def model_class(name: str) -> Any:
    """Return the class of that name."""
    return getattr(import_module(f".{MODELS[name]}", __package__), name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read ({error.strerror}). A saved generator is a folder with "
            f"{WEIGHTS} and {DESCRIPTION}."
        ) from error


def config_of(kind: type, stored: dict[str, Any]) -> Any:
    """Return a configuration, with those it holds, from what JSON holds of it."""
    made = {}
    for one in fields(kind):
        value, usual = stored[one.name], getattr(kind(), one.name)
        made[one.name] = config_of(type(usual), value) if is_dataclass(usual) else value
    return kind(**made)
