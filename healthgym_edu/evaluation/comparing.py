"""Every number by which two cohorts are compared, as one function of how often each patient counts.

`Comparison` prepares both cohorts once; `Comparison.estimate` then takes a weight for each patient,
so that the whole comparison is repeated under the weights of a bootstrap without sorting anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .. import metrics
from ..data.columns import Columns

RARE = 0.01
"""A level with a smaller share, on average of the two cohorts, is rare: neither chooses alone."""

LAGS = (1, 3, 12)
TINY = 1e-3  # below which a logarithm says nothing


@dataclass(frozen=True)
class Row:
    """One number of the comparison: its name, which variable, and the value of a perfect copy."""

    metric: str
    variable: str
    ideal: float
    lowest: float = -np.inf
    highest: float = np.inf

    @property
    def is_ratio(self) -> bool:
        """Whether it is a ratio of two numbers that can be anything above 0."""
        return self.ideal == 1 and self.highest == np.inf


Part = tuple[list[Row], Callable[[np.ndarray, np.ndarray], list[float]]]
"""Some rows, and the function from the weights of the patients of both cohorts to their values."""


class Comparison:
    """Two cohorts side by side.

    Parameters
    ----------
    real, synthetic : Columns
    """

    def __init__(self, real: Columns, synthetic: Columns):
        self.real, self.synthetic = real, synthetic
        makers = (
            _numbers, _labels, _subgroups, _pairs, _matrices, _memories, _changes, _lengths,
        )  # fmt: skip
        self._parts = [part for make in makers for part in make(real, synthetic)]
        self.rows = [row for rows, _ in self._parts for row in rows]

    def estimate(self, real: np.ndarray, synthetic: np.ndarray) -> np.ndarray:
        """Return the value of every row, shape (n_rows,), under weights of the patients."""
        return np.array([value for _, of in self._parts for value in of(real, synthetic)])

    def values(self) -> np.ndarray:
        """Return the value of every row where each patient counts once."""
        return self.estimate(np.ones(len(self.real)), np.ones(len(self.synthetic)))


def _numbers(real: Columns, synthetic: Columns):
    for k, name in enumerate(real.schema.numeric):
        one, other = (_on_its_scale(columns, k) for columns in (real, synthetic))
        scale = metrics.robust_scale(one)
        pooled = metrics.TwoSamples(one, other)
        by_step = metrics.TwoSamples(one, other, real.step, synthetic.step)

        def of(w, v, pooled=pooled, by_step=by_step, scale=scale):
            rows = w[real.patient], v[synthetic.patient]
            (ks, moved), (ks_by_step, moved_by_step) = (
                pair.distances(*rows) for pair in (pooled, by_step)
            )
            return [ks, ks_by_step, moved / scale, moved_by_step / scale]

        yield (
            [
                Row("KS", name, 0, 0, 1), Row("KS by step", name, 0, 0, 1),
                Row("Wasserstein", name, 0, 0), Row("Wasserstein by step", name, 0, 0),
            ],
            of,
        )  # fmt: skip


def _on_its_scale(columns: Columns, k: int) -> np.ndarray:
    """Values of a number, as logarithms where a few huge ones would decide about everything."""
    values = columns.numbers[:, k]
    if columns.schema[columns.schema.numeric[k]].log:
        return np.log10(np.maximum(values, TINY))
    return values


def _labels(real: Columns, synthetic: Columns):
    for k, (name, size) in enumerate(zip(real.labelled, real.levels, strict=True)):
        tables = [_level_table(columns, k, size) for columns in (real, synthetic)]
        shares = [table.sum(axis=0) / table.sum() for table in tables]
        present, rare = shares[0] > 0, _rare(shares)
        rows = [Row("total variation", name, 0, 0, 1), Row("levels covered", name, 1, 0, 1)]
        if rare.any():
            rows.append(Row("rare levels, ratio of shares", name, 1, 0))

        def of(w, v, tables=tables, present=present, rare=rare):
            one, other = w @ tables[0], v @ tables[1]
            one, other = one / one.sum(), other / other.sum()
            found = [metrics.total_variation(one, other), float((other[present] > 0).mean())]
            if rare.any():
                found.append(_ratio(other[rare].sum(), one[rare].sum()))
            return found

        yield rows, of


def _level_table(columns: Columns, k: int, size: int) -> np.ndarray:
    """Rows of each patient on each level, shape (n_patients, size)."""
    cell = columns.patient * size + columns.codes[:, k]
    return np.bincount(cell, minlength=len(columns) * size).reshape(-1, size).astype(float)


def _subgroups(real: Columns, synthetic: Columns):
    """Which combinations of two labels have people: those who disappear, disappear here first."""
    names = [name for name in real.labelled if name not in real.schema.flags]
    for one, other in combinations(names, 2):
        places = real.labelled.index(one), real.labelled.index(other)
        sizes = [real.levels[place] for place in places]
        tables = [_people_in_cells(columns, places, sizes) for columns in (real, synthetic)]
        shares = [table.mean(axis=0) for table in tables]
        present, rare = shares[0] > 0, _rare(shares)
        name = f"{one} × {other}"
        rows = [Row("combinations covered", name, 1, 0, 1)]
        if rare.any():
            rows.append(Row("rare combinations, ratio of shares", name, 1, 0))

        def of(w, v, tables=tables, present=present, rare=rare):
            here, there = w @ tables[0] / w.sum(), v @ tables[1] / v.sum()
            found = [float((there[present] > 0).mean())]
            if rare.any():
                found.append(_ratio(there[rare].sum(), here[rare].sum()))
            return found

        yield rows, of


def _rare(shares: list[np.ndarray]) -> np.ndarray:
    """Which cells exist and are rare; had the real cohort alone chosen, its share were too high."""
    pooled = np.mean(shares, axis=0)
    return (pooled > 0) & (pooled < RARE)


def _people_in_cells(columns: Columns, places: tuple[int, int], sizes: list[int]) -> np.ndarray:
    """Whether each patient was ever in each combination, shape (n_patients, cells)."""
    cell = columns.codes[:, places[0]] * sizes[1] + columns.codes[:, places[1]]
    ever = np.zeros((len(columns), sizes[0] * sizes[1]))
    ever[columns.patient, cell] = 1.0
    return ever


def _pairs(real: Columns, synthetic: Columns):
    sides = [
        metrics.Pairs(columns.numbers, columns.codes, columns.levels, columns.patient)
        for columns in (real, synthetic)
    ]
    names = [*real.schema.numeric, *real.labelled]
    places = list(zip(*np.triu_indices(len(names), 1), strict=True))
    rows = [Row("association, difference", f"{names[a]} × {names[b]}", 0, -2, 2) for a, b in places]
    at = tuple(np.array(places).T)

    def of(w, v):
        return (sides[1].measure(v)[at] - sides[0].measure(w)[at]).tolist()

    yield rows, of


def _matrices(real: Columns, synthetic: Columns):
    """Mean distance of whole matrices, as the Health Gym papers draw them."""
    sides = (real, synthetic)
    z = {
        part: [metrics.fisher_z(columns.coded, columns.patient, part) for columns in sides]
        for part in ("trend", "cycle")
    }
    static = [metrics.PatientSums(columns.coded, columns.patient) for columns in sides]
    slopes = [metrics.slope_ranks(columns.coded, columns.patient) for columns in sides]
    pairs = np.triu_indices(real.coded.shape[1], 1)
    rows = [
        Row(f"{kind} correlations, mean distance", "all pairs", 0, 0, 2)
        for kind in ("static", "trend (sign of slopes)", "slope", "cycle")
    ]

    def of(w, v):
        weights = (w, v)
        found = [[side.correlations(x) for side, x in zip(static, weights, strict=True)]]
        found.append([metrics.averaged(*s, x) for s, x in zip(z["trend"], weights, strict=True)])
        found.append(
            [metrics.slope_correlations(s, x) for s, x in zip(slopes, weights, strict=True)]
        )
        found.append([metrics.averaged(*s, x) for s, x in zip(z["cycle"], weights, strict=True)])
        return [float(np.abs(one - other)[pairs].mean()) for one, other in found]

    yield rows, of


def _memories(real: Columns, synthetic: Columns):
    lags = tuple(lag for lag in LAGS if lag < real.schema.n_steps)
    for k, name in enumerate(real.schema.numeric):
        if name in real.schema.static:
            continue
        both = np.concatenate([columns.numbers[:, k] for columns in (real, synthetic)])
        sides = [
            metrics.Memory(columns.numbers[:, k], columns.patient, lags, among=both)
            for columns in (real, synthetic)
        ]
        rows = [Row(f"autocorrelation at lag {lag}, difference", name, 0, -2, 2) for lag in lags]
        rows.append(Row("variance between patients, difference of shares", name, 0, -1, 1))

        def of(w, v, sides=sides):
            gaps = sides[1].autocorrelation(v) - sides[0].autocorrelation(w)
            return [*gaps, sides[1].between(v) - sides[0].between(w)]

        yield rows, of


def _changes(real: Columns, synthetic: Columns):
    for k, name in enumerate(real.labelled):
        sides = [
            metrics.Changes(columns.codes[:, k], columns.patient) for columns in (real, synthetic)
        ]
        if name in real.schema.static:
            rows = [Row("changes of what never changes, per step", name, 0, 0, 1)]

            def of(w, v, sides=sides):
                return [sides[1].rate(v)]

            yield rows, of
            continue
        stay = metrics.TwoSamples(sides[0].lengths, sides[1].lengths)
        rows = [
            Row("changes per step, ratio", name, 1, 0),
            Row("time between changes, KS", name, 0, 0, 1),
        ]

        def of_moving(w, v, sides=sides, stay=stay):
            weights = (side.owner for side in sides)
            return [
                _ratio(sides[1].rate(v), sides[0].rate(w)),
                stay.ks(*(x[owner] for x, owner in zip((w, v), weights, strict=True))),
            ]

        yield rows, of_moving


def _lengths(real: Columns, synthetic: Columns):
    if real.schema.equal_length:
        return
    pair = metrics.TwoSamples(real.lengths, synthetic.lengths)
    yield (
        [Row("length of the record, KS", "steps on record", 0, 0, 1)],
        lambda w, v: [pair.ks(w, v)],
    )


def _ratio(one: float, other: float) -> float:
    if other > 0:
        return float(one / other)
    return 1.0 if one == other else np.nan
