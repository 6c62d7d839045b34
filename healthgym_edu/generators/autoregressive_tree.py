"""A record written one step after the other by decision trees that copy from their leaves.

Each variable has a tree (Breiman, Friedman, Olshen and Stone, *Classification and Regression
Trees*, 1984) over the statics, the past and the earlier variables of the step. To draw a value, a
patient walks down to a leaf, and takes what one of the training patients in it had: for numbers,
how far it moved. So every value is somebody's, which makes this the example of a model that leaks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from tqdm.auto import tqdm

from ..errors import ArgumentError
from .autoregressive import Autoregressive, History, features_of
from .base import silent
from .layout import Column, Encoded


@dataclass(frozen=True)
class TreeConfig:
    """What can be set of an `AutoregressiveTree`."""

    leaf: int = 12  # fewest training rows in a leaf
    features: float = 0.4  # share of the features that each split looks at
    rows: int = 120_000  # at most so many rows are learned from


@dataclass(frozen=True)
class Tree:
    """A tree as arrays, and which rows lie in its leaves.

    Attributes
    ----------
    left, right : ndarray of int, shape (n_nodes,)
        Where to go; -1 in leaves.
    feature, threshold : ndarray, shape (n_nodes,)
        Left if ``x[feature] <= threshold``.
    begin, size : ndarray of int, shape (n_nodes,)
        Which of `levels` and `values` lie in each leaf.
    levels : ndarray of int, shape (n_rows,)
        Of labels; -2 where one stayed what it was. Of numbers, the atom.
    values : ndarray, shape (n_rows,)
        How far a number moved; of labels, the level, for those who had none before.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    begin: np.ndarray
    size: np.ndarray
    levels: np.ndarray
    values: np.ndarray

    def draw(self, x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return the level and the value of a training row in the same leaf, shape (n,) each."""
        leaf = walk(x, np.zeros(len(x), dtype=np.int64), self)
        row = self.begin[leaf] + (rng.random(len(x)) * self.size[leaf]).astype(np.int64)
        return self.levels[row], self.values[row]


def walk(x: np.ndarray, node: np.ndarray, tree: Any) -> np.ndarray:
    """Return the leaf that each row of `x` ends in, shape (n,), from the node where it begins."""
    node, walking = node.copy(), np.flatnonzero(tree.left[node] >= 0)
    while len(walking):
        at = node[walking]
        goes_left = x[walking, tree.feature[at]] <= tree.threshold[at]
        node[walking] = np.where(goes_left, tree.left[at], tree.right[at])
        walking = walking[tree.left[node[walking]] >= 0]
    return node


def grow(
    x: np.ndarray, levels: np.ndarray, values: np.ndarray, label: bool, config: TreeConfig,
    seed: int,
) -> Tree:  # fmt: skip
    """Return a tree that tells levels apart, or values; see `Tree`."""
    kind = DecisionTreeClassifier if label else DecisionTreeRegressor
    model = kind(
        min_samples_leaf=min(config.leaf, len(x)), max_features=config.features, random_state=seed
    ).fit(x, levels if label else values)
    found = model.tree_
    leaf = found.apply(np.ascontiguousarray(x, dtype=np.float32))
    order, size = np.argsort(leaf, kind="stable"), np.bincount(leaf, minlength=found.node_count)
    return Tree(
        found.children_left.astype(np.int64), found.children_right.astype(np.int64),
        np.maximum(found.feature, 0).astype(np.int64), found.threshold.astype(np.float64),
        np.cumsum(size) - size, size, levels[order].astype(np.int64), values[order].astype(float),
    )  # fmt: skip


class AutoregressiveTree(Autoregressive):
    """Write records step by step, each value copied from the leaf of a tree; needs no torch.

    Parameters
    ----------
    config : TreeConfig, optional

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> train = hg.load_cohort("hypotension", n_patients=60)
    >>> made = AutoregressiveTree().fit(train, seed=0).sample(5, seed=1)
    >>> len(made), made.source
    (5, 'AutoregressiveTree')
    """

    def __init__(self, config: TreeConfig | None = None):
        self.config = config or TreeConfig()

    def _check_limits(self, max_steps: int | None, budget_seconds: float | None) -> None:
        if max_steps is not None or budget_seconds is not None:
            raise ArgumentError(
                "Trees learn in one go: there are no steps to count and no clock to stop. Leave "
                "max_steps and budget_seconds out; fewer `rows` or larger leaves in TreeConfig "
                "make it faster."
            )

    def _learn(self, encoded: Encoded, seed: int, **limits: Any) -> None:
        rng, begun = np.random.default_rng(seed), time.perf_counter()
        self.trees_: list[Tree] = []
        lines: list[dict[str, Any]] = []
        total = len(self.codec_.statics) + len(self.codec_.columns)
        with tqdm(total=total, desc="growing trees", leave=False, disable=silent()) as bar:
            for column, x, levels, values in self._tables(encoded):
                kept, label = rng.permutation(len(x))[: self.config.rows], not column.scale
                self.trees_.append(
                    grow(x[kept], levels[kept], values[kept], label, self.config, seed)
                )
                spent = time.perf_counter() - begun
                lines.append({"step": len(lines) + 1, "seconds": spent, "variable": column.name})
                bar.update()
        self.history_, self.steps_, self.ended_ = pd.DataFrame(lines), len(lines), "steps"

    def _tables(
        self, encoded: Encoded
    ) -> Iterator[tuple[Column, np.ndarray, np.ndarray, np.ndarray]]:
        """Yield what each tree learns from: its column, features, levels and values."""
        codec, before = self.codec_, [np.ones((len(encoded), 1), dtype=np.float32)]
        for column, levels, values in zip(
            codec.statics, encoded.statics.T, encoded.static_values.T, strict=True
        ):
            yield column, np.hstack(before), levels, values
            before.append(column.seen(levels, values))
        here, before = encoded.present, [features_of(codec, encoded)[encoded.present]]
        for k, column in enumerate(codec.columns):
            levels, values = encoded.levels[..., k], encoded.values[..., k]
            moves = (np.diff(values, axis=1, prepend=0.0) if column.scale else levels)[here]
            stays = np.diff(levels, axis=1, prepend=column.unseen)[here] == 0
            chosen = levels[here] if column.scale else np.where(stays, -2, levels[here])
            drawn = np.ones(len(moves), dtype=bool)
            if column.flag:
                drawn = encoded.levels[..., codec.flag_of[k]][here] > 0
                drawn = drawn if drawn.any() else ~drawn
            yield column, np.hstack(before)[drawn], chosen[drawn], moves[drawn]
            before.append(column.seen(levels[here], values[here]))

    def _statics(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        columns, before = self.codec_.statics, [np.ones((n, 1), dtype=np.float32)]
        levels, values = np.zeros((n, len(columns)), dtype=int), np.zeros((n, len(columns)))
        for k, column in enumerate(columns):
            levels[:, k], values[:, k] = self.trees_[k].draw(np.hstack(before), rng)
            before.append(column.seen(levels[:, k], values[:, k]))
        return levels, values

    def _step(
        self, history: History, memory: None, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, None]:
        codec, before = self.codec_, [history.features()]
        levels, values = history.levels.copy(), history.values.copy()
        for k, column in enumerate(codec.columns):
            level, move = self.trees_[len(codec.statics) + k].draw(np.hstack(before), rng)
            level = np.where(level == -2, np.where(levels[:, k] < 0, move, levels[:, k]), level)
            raised = levels[:, codec.flag_of[k]] > 0 if column.flag else True
            levels[:, k] = np.where(raised, level, levels[:, k])
            if column.scale:
                values[:, k] = np.where(raised, values[:, k] + move, values[:, k])
            before.append(column.seen(levels[:, k], values[:, k]))
        return levels, values, None

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of all trees."""
        return {
            f"{k:03d}.{name}": one
            for k, tree in enumerate(self.trees_)
            for name, one in vars(tree).items()
        }

    def _rebuild(self, arrays: dict[str, np.ndarray], told: dict[str, Any]) -> None:
        names = [one.name for one in fields(Tree)]
        count = len(arrays) // len(names)
        self.trees_ = [
            Tree(**{name: arrays[f"{k:03d}.{name}"] for name in names}) for k in range(count)
        ]
