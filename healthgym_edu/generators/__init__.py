"""Models that learn from a cohort and make patients like them.

The route to print, from records to a strong generator: `scaling` one measurement, `layout` what a
model sees of a column, `codec` a cohort becomes arrays and arrays a cohort, `noticing` what holds
of the records, and what is learned of each column · `training` the one loop in which every network
learns · `chain` several variables one after the other, `autoregressive` one step after the other,
and what is known of those before, `autoregressive_gru` the model.

Beside it: `autoregressive_tree` the same with trees, which leaks · `wgan`, `vae_buffer`,
`transformer`, `diffusion` the four models of the Health Gym papers, compact · `rejection` throws
away what a classifier recognises · `base`, `networks`, `saving` what all of them share.

    >>> import healthgym_edu as hg
    >>> train = hg.load_cohort("hypotension", n_patients=60)
    >>> made = hg.generators.AutoregressiveTree().fit(train, seed=0).sample(10, seed=1)
    >>> made.frame.columns.equals(train.frame.columns)
    True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .codec import Codec
from .noticing import fit_codec
from .saving import MODELS, load_generator
from .scaling import Scale, fit_scale

if TYPE_CHECKING:
    from .autoregressive_gru import AutoregressiveGru, GruConfig
    from .autoregressive_tree import AutoregressiveTree, TreeConfig
    from .diffusion import Diffusion, DiffusionConfig
    from .rejection import RejectionConfig, RejectionSampling
    from .transformer import TransformerWganGp
    from .vae_buffer import VaeBufferWganGp
    from .wgan import GanConfig, WganGp

_MODULES = {
    **MODELS,
    "DiffusionConfig": "diffusion",
    "GanConfig": "wgan",
    "GruConfig": "autoregressive_gru",
    "RejectionConfig": "rejection",
    "TreeConfig": "autoregressive_tree",
}
__all__ = [
    "AutoregressiveGru",
    "AutoregressiveTree",
    "Codec",
    "Diffusion",
    "DiffusionConfig",
    "GanConfig",
    "GruConfig",
    "RejectionConfig",
    "RejectionSampling",
    "Scale",
    "TransformerWganGp",
    "TreeConfig",
    "VaeBufferWganGp",
    "WganGp",
    "fit_codec",
    "fit_scale",
    "load_generator",
]

if not TYPE_CHECKING:  # networks load torch, and only when they are asked for

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        raise AttributeError(f"generators has no {name!r}; it offers {', '.join(__all__)}.")
