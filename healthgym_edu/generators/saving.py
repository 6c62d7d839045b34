"""A generator in a folder: weights in safetensors, all else in JSON, and nothing that runs code."""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import ArgumentError
from ..stored import config_of, read_model, store_model, unfit
from .codec import Codec

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
    if not hasattr(model, "codec_"):
        raise ArgumentError(
            "This model has not learned from anybody yet: there is nothing to save."
        )
    told = {
        "config": asdict(model.config),
        "codec": model.codec_.to_dict(),
        "told": model.told(),
        "history": model.history_.to_dict(orient="list"),
    }
    store_model(folder, type(model).__name__, model.arrays(), told, "generator", overwrite)


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
    name, told, arrays = read_model(folder, "generator", MODELS)
    try:
        model = model_class(name)()
        model.config = config_of(type(model.config), told["config"])
        model.codec_ = Codec.from_dict(told["codec"])
        model.history_ = pd.DataFrame(told["history"])
        model.restore(arrays, told["told"])
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise unfit(folder, error) from error
    return model


def model_class(name: str) -> Any:
    """Return the class of that name."""
    return getattr(import_module(f".{MODELS[name]}", __package__), name)
