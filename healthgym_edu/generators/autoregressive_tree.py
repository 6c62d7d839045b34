"""A record written one step after the other by decision trees that copy from their leaves.

Each variable has a tree (Breiman, Friedman, Olshen and Stone, *Classification and Regression
Trees*, 1984) over the statics, the past and the earlier variables of the step. To draw a value, a
patient walks down to a leaf, and takes what one of the training patients in it had: for numbers,
how far it moved. So every value is somebody's, which makes this the example of a model that leaks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from tqdm.auto import tqdm

from ..errors import ArgumentError
from .base import MOST_ROUNDS, Generator, lengths_of, wanted
from .history import History, codes_of, features_of
from .layout import Encoded, Plan


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
        Which of `values` lie in each leaf.
    values : ndarray, shape (n_rows,)
        A level, or how far a number moved.
    atoms : ndarray of int, shape (n_rows,)
        Of a number its atom, of a label 1 where it stayed what it was.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    begin: np.ndarray
    size: np.ndarray
    values: np.ndarray
    atoms: np.ndarray

    def leaves(self, x: np.ndarray) -> np.ndarray:
        """Return the leaf that each row ends in, shape (n,)."""
        node = np.zeros(len(x), dtype=np.int64)
        walking = np.flatnonzero(self.left[node] >= 0)
        while len(walking):
            at = node[walking]
            goes_left = x[walking, self.feature[at]] <= self.threshold[at]
            node[walking] = np.where(goes_left, self.left[at], self.right[at])
            walking = walking[self.left[node[walking]] >= 0]
        return node

    def draw(self, x: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return the value and the atom of a training row in the same leaf, shape (n,) each."""
        leaf = self.leaves(x)
        row = self.begin[leaf] + (rng.random(len(x)) * self.size[leaf]).astype(np.int64)
        return self.values[row], self.atoms[row]


def grow(
    x: np.ndarray, values: np.ndarray, atoms: np.ndarray, label: bool, config: TreeConfig, seed: int
) -> Tree:
    """Return a tree that tells the values apart; labels that stay what they were are one value."""
    kind = DecisionTreeClassifier if label else DecisionTreeRegressor
    model = kind(
        min_samples_leaf=min(config.leaf, len(x)), max_features=config.features, random_state=seed
    ).fit(x, np.where(atoms > 0, values.max() + 1, values) if label else values)
    found = model.tree_
    leaf = found.apply(np.ascontiguousarray(x, dtype=np.float32))
    order = np.argsort(leaf, kind="stable")
    size = np.bincount(leaf, minlength=found.node_count)
    return Tree(
        found.children_left.astype(np.int64), found.children_right.astype(np.int64),
        np.maximum(found.feature, 0).astype(np.int64), found.threshold.astype(np.float64),
        np.cumsum(size) - size, size, values[order].astype(np.float64), atoms[order],
    )  # fmt: skip


class AutoregressiveTree(Generator):
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

    def _learn(
        self, encoded: Encoded, seed: int, max_steps: int | None, budget_seconds: float | None
    ) -> None:
        plan, rng = self.codec_, np.random.default_rng(seed)
        self.trees_: list[Tree] = []
        lines: list[dict[str, Any]] = []
        begun = time.perf_counter()
        with tqdm(total=len(self._links), desc="growing trees", leave=False, disable=None) as bar:
            for name, x, values, atoms, label in self._tables(plan, encoded):
                kept = rng.permutation(len(x))[: self.config.rows]
                self.trees_.append(
                    grow(x[kept], values[kept], atoms[kept], label, self.config, seed)
                )
                spent = time.perf_counter() - begun
                lines.append({"step": len(lines) + 1, "seconds": spent, "variable": name})
                bar.update()
        self.history_, self.steps_, self.ended_ = pd.DataFrame(lines), len(lines), "steps"

    @property
    def _links(self) -> list[tuple[str, str, int]]:
        """Every variable: statics first, then those of a step in their order."""
        plan = self.codec_
        found = [("static", "label", k) for k in range(len(plan.statics))]
        found += [("static", "number", k) for k in range(len(plan.static_numbers))]
        return found + [("step", kind, k) for kind, k in plan.chain]

    def _tables(self, plan: Plan, encoded: Encoded):
        """Yield the table that each tree learns from: name, features, values, atoms, label."""
        everybody = np.ones((len(encoded), 1), dtype=np.float32)
        before = [everybody]
        for part, kind, k in self._links:
            if part != "static":
                continue
            levels, numbers = encoded.statics[:, k : k + 1], encoded.static_numbers[:, k : k + 1]
            x, label = np.hstack(before), kind == "label"
            column = (plan.statics if label else plan.static_numbers)[k]
            values = levels[:, 0] if label else numbers[:, 0]
            yield column.name, x, values, np.zeros(len(x), dtype=np.int64), label
            before.append(_codes(column, values.astype(int) if label else values, label))
        here = encoded.present
        features = features_of(plan, encoded)[here]
        levels, numbers, atoms = (
            one[here] for one in (encoded.levels, encoded.numbers, encoded.atoms)
        )
        last_levels, last_numbers = (
            np.concatenate([np.full_like(one[:, :1], start), one[:, :-1]], axis=1)[here]
            for one, start in ((encoded.levels, -1), (encoded.numbers, 0))
        )
        before = [features]
        for part, kind, k in self._links:
            if part == "static":
                continue
            label = kind == "label"
            moving: Any = (plan.labels if label else plan.numbers)[k]
            values = levels[:, k] if label else numbers[:, k] - last_numbers[:, k]
            kinds = (values == last_levels[:, k]).astype(np.int64) if label else atoms[:, k]
            counts = np.ones(len(values), dtype=bool)
            if moving.flag:
                counts = levels[:, plan.flags[moving.flag]] > 0
            counts = counts if counts.any() else ~counts
            yield moving.name, np.hstack(before)[counts], values[counts], kinds[counts], label
            before.append(_codes(moving, levels[:, k] if label else numbers[:, k], label))

    def _draw(self, n: int, seed: int, like: dict[str, Any]) -> Encoded:
        plan, rng = self.codec_, np.random.default_rng(seed)
        found, kept = [], 0
        for _ in range(MOST_ROUNDS):
            levels, numbers = self._draw_statics(n, rng)
            fits = wanted(plan, levels, like)
            found.append((levels[fits], numbers[fits]))
            kept += int(fits.sum())
            if kept >= n:
                break
        else:
            raise ArgumentError(f"Of {MOST_ROUNDS * n:,} people only {kept:,} were like {like}.")
        statics, static_numbers = (np.concatenate(part)[:n] for part in zip(*found, strict=True))
        n_steps, lengths = plan.schema.n_steps, lengths_of(plan, statics)
        history = History(plan, statics, static_numbers, lengths, n_steps)
        steps = []
        for _ in range(n_steps):
            step = self._draw_step(history, rng)
            history.add(*step)
            steps.append(step)
        levels, numbers, atoms = (np.stack(part, axis=1) for part in zip(*steps, strict=True))
        return Encoded(statics, static_numbers, levels, numbers, atoms, lengths)

    def _draw_statics(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        plan = self.codec_
        levels = np.zeros((n, len(plan.statics)), dtype=np.int64)
        numbers = np.zeros((n, len(plan.static_numbers)))
        before = [np.ones((n, 1), dtype=np.float32)]
        for tree, (_, kind, k) in zip(self.trees_, self._links, strict=False):
            if _ != "static":
                break
            values, _atoms = tree.draw(np.hstack(before), rng)
            label = kind == "label"
            column = (plan.statics if label else plan.static_numbers)[k]
            (levels if label else numbers)[:, k] = values
            before.append(_codes(column, values.astype(int) if label else values, label))
        return levels, numbers

    def _draw_step(
        self, history: History, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        plan, before = self.codec_, [history.features()]
        levels = np.zeros_like(history.levels)
        numbers, atoms = history.lags[0].astype(float), history.atoms.copy()
        n_static = sum(part == "static" for part, _, _ in self._links)
        for tree, (_, kind, k) in zip(self.trees_[n_static:], self._links[n_static:], strict=True):
            values, kinds = tree.draw(np.hstack(before), rng)
            label = kind == "label"
            column: Any = (plan.labels if label else plan.numbers)[k]
            raised = np.ones(len(levels), dtype=bool)
            if column.flag:
                raised = levels[:, plan.flags[column.flag]] > 0
            if label:
                last = history.levels[:, k]
                drawn = np.where((kinds > 0) & (last >= 0), last, values).astype(int)
                levels[:, k] = np.where(raised, drawn, last)
                before.append(_codes(column, levels[:, k], True))
                continue
            numbers[:, k] = np.where(raised, numbers[:, k] + values, numbers[:, k])
            atoms[:, k] = np.where(raised, kinds, atoms[:, k])
            before.append(_codes(column, numbers[:, k], False))
        return levels, numbers, atoms

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of all trees."""
        return {
            f"{k:03d}.{name}": getattr(tree, name)
            for k, tree in enumerate(self.trees_)
            for name in Tree.__dataclass_fields__
        }

    def _rebuild(self, arrays: dict[str, np.ndarray], told: dict[str, Any]) -> None:
        names = list(Tree.__dataclass_fields__)
        self.trees_ = [
            Tree(**{name: arrays[f"{k:03d}.{name}"] for name in names})
            for k in range(len(arrays) // len(names))
        ]


def _codes(column: Any, values: np.ndarray, label: bool) -> np.ndarray:
    """What later variables see of one, shape (n, d)."""
    if not label:
        return values[:, None].astype(np.float32)
    table = codes_of(column)
    return np.vstack([table, np.zeros_like(table[:1])])[values]
