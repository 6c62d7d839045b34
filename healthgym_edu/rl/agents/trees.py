"""Boosted trees of scikit-learn as arrays, so that an agent can be stored without running code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Trees:
    """Sums of trees: k numbers for each row, as `HistGradientBoosting…` computes them.

    Attributes
    ----------
    start : ndarray, shape (k,)
        What each sum begins with.
    root, output : ndarray of int, shape (n_trees,)
        The first node of each tree, and to which number it adds.
    left, right : ndarray of int, shape (n_nodes,)
        Where to go; a leaf leads to itself.
    feature, threshold, value : ndarray, shape (n_nodes,)
        Left if ``x[feature] <= threshold``; what a leaf adds.
    """

    start: np.ndarray
    root: np.ndarray
    output: np.ndarray
    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    value: np.ndarray

    @classmethod
    def of(cls, model: Any) -> Trees:
        """Take the trees of a fitted model over numbers without gaps."""
        grown = [(k, one.nodes) for stage in model._predictors for k, one in enumerate(stage)]
        sizes = np.array([len(nodes) for _, nodes in grown])
        root = np.cumsum(sizes) - sizes
        nodes = np.concatenate([nodes for _, nodes in grown])
        offset, own = np.repeat(root, sizes), np.arange(len(nodes))
        leaf = nodes["is_leaf"].astype(bool)
        return cls(
            start=np.ravel(model._baseline_prediction).astype(float),
            root=root,
            output=np.array([k for k, _ in grown]),
            left=np.where(leaf, own, nodes["left"] + offset),
            right=np.where(leaf, own, nodes["right"] + offset),
            feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
            threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
            value=nodes["value"].astype(float),
        )

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the sums of each row, shape (n, k)."""
        sums = np.tile(self.start, (len(x), 1))
        rows = np.arange(len(x))
        for root, output in zip(self.root, self.output, strict=True):
            node = np.full(len(x), root)
            while True:
                goes_left = x[rows, self.feature[node]] <= self.threshold[node]
                down = np.where(goes_left, self.left[node], self.right[node])
                if np.array_equal(down, node):
                    break
                node = down
            sums[:, output] += self.value[node]
        return sums

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """Return what is stored, under names that begin with this one."""
        return {f"{name}.{key}": value for key, value in vars(self).items()}

    @classmethod
    def restored(cls, arrays: dict[str, np.ndarray], name: str) -> Trees:
        """Return what was stored under these names."""
        begin = f"{name}."
        parts = {key[len(begin) :]: one for key, one in arrays.items() if key.startswith(begin)}
        made = cls(**parts)
        size = len(made.left)
        for places in (made.root, made.left, made.right):
            if len(places) and not 0 <= places.min() <= places.max() < size:
                raise ValueError(f"a tree of {name} points outside of itself")
        return made
