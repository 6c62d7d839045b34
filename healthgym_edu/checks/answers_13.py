"""Right and wrong answers to the exercises of chapter 13."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .tables_13 import DRUGS, FLAGS, MONTHS, NUMBERS, flatter, powers, read

# --- how old a result is -------------------------------------------------------------------------


def age_of_result(measured):
    months = np.arange(measured.shape[1])
    last = np.maximum.accumulate(np.where(measured, months, -1), axis=1)
    before = np.column_stack([np.full(len(measured), -1), last[:, :-1]])
    return np.where(before < 0, 0, months - before)


def age_by_loop(measured):
    found = np.zeros(measured.shape, dtype=int)
    for person, row in enumerate(measured):
        for month in range(1, len(row)):
            earlier = np.flatnonzero(row[:month])
            found[person, month] = month - earlier[-1] if len(earlier) else 0
    return found


def age_month_by_month(measured):
    age, found = np.zeros(len(measured), dtype=int), []
    for column in measured.T:
        found.append(age)
        age = np.where(column, 1, np.where(age > 0, age + 1, 0))
    return np.stack(found, axis=1)


def age_by_frame(measured):
    months = pd.DataFrame(np.broadcast_to(np.arange(measured.shape[1]), measured.shape))
    last = months.where(measured).ffill(axis=1).shift(axis=1)
    return (months - last).fillna(0).to_numpy()


def _including_now(measured):
    months = np.arange(measured.shape[1])
    last = np.maximum.accumulate(np.where(measured, months, -1), axis=1)
    return np.where(last < 0, 0, months - last)


def _one_less(measured):
    return np.maximum(age_of_result(measured) - 1, 0)


def _counting_from_the_start(measured):
    none = age_of_result(measured) == 0
    return np.where(none, np.arange(measured.shape[1]), age_of_result(measured))


def _backwards(measured):
    return age_of_result(measured[:, ::-1])[:, ::-1]


def _down_the_people(measured):
    return age_of_result(measured.T).T


def _since_none(measured):
    return age_of_result(~measured)


AGE_SLIPS = {
    "a result of the month itself counts as known; only earlier months do": _including_now,
    "each age is one too small: 1 means the month before": _one_less,
    "before the first result it counts the months; give 0 there": _counting_from_the_start,
    "it looks into the future: the next result, and not the last": _backwards,
    "it goes down the people, and not along the months": _down_the_people,
    "it counts from the last month without a result": _since_none,
}


# --- numbers that are repaired afterwards --------------------------------------------------------


def flatter_by_places(made, train):
    new = {}
    for name in NUMBERS:
        place = made[name].to_numpy().argsort(kind="stable").argsort(kind="stable")
        there = np.sort(train[name].to_numpy())
        new[name] = there[(place * len(there)) // len(place)]
    return made.assign(**new)


def flatter_by_interpolation(made, train):
    table = made.copy()
    for name in NUMBERS:
        from_made, from_train = np.sort(made[name]), np.sort(train[name])
        at = np.interp(made[name], from_made, np.linspace(0, 1, len(from_made)))
        table[name] = np.interp(at, np.linspace(0, 1, len(from_train)), from_train)
    return table


def drawn_anew(made, train):
    drawn = train[NUMBERS].sample(len(made), replace=True, random_state=1)
    return made.assign(**{name: drawn[name].to_numpy() for name in NUMBERS})


def in_order(made, train):
    """Sorted from above to below: rows lose their ranks."""
    share = np.linspace(0, 1, len(made))
    return made.assign(**{name: train[name].quantile(share).to_numpy() for name in NUMBERS})


def upside_down(made, train):
    new = {}
    for name in NUMBERS:
        share = 1 - made[name].rank(pct=True, method="first")
        new[name] = train[name].quantile(share).to_numpy()
    return made.assign(**new)


def mean_and_spread(made, train):
    new = {}
    for name in NUMBERS:
        x = (made[name] - made[name].mean()) / made[name].std()
        new[name] = train[name].mean() + train[name].std() * x
    return made.assign(**new)


def loads_alone(made, train):
    return flatter(made, train).assign(**{name: made[name] for name in NUMBERS[1:]})


def labels_too(made, train):
    found = flatter(made, train)
    found["Gender"] = train["Gender"].to_numpy()[np.arange(len(made)) % len(train)]
    return found


# --- people of one's own -------------------------------------------------------------------------

SOLUTION = """
def invent(known, n, seed):
    many, rng = page(known, 6 * n, seed), np.random.default_rng(seed)

    def summary(table):
        labels = pd.get_dummies(table[drugs + flags].astype(str)).astype(float)
        person = np.log10(table[numbers]).join(labels).groupby(table["PatientID"])
        names = ("mean", "std", "min", "max", "first", "last")
        return pd.concat({name: getattr(person, name)() for name in names}, axis=1)

    both = pd.concat([summary(known), summary(many)]).fillna(0)
    is_known = np.repeat([1, 0], [len(both) - 6 * n, 6 * n])
    judge = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, random_state=0)
    looks = cross_val_predict(judge, both, is_known, cv=5, method="predict_proba")[-6 * n :, 1]
    odds = looks / (1 - looks)
    odds = odds.clip(max=np.quantile(odds, 0.95))
    kept = np.sort(rng.choice(6 * n, n, replace=False, p=odds / odds.sum()))
    chosen = many[many["PatientID"].isin(kept)].copy()
    chosen["PatientID"] = np.repeat(np.arange(n), 60)
    return chosen
"""


ALONE = (
    "from healthgym_edu.checks.answers_13 import by_page as page\n"
    + """
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_predict
numbers, flags = ["VL", "CD4", "Rel CD4"], ["VL (M)", "CD4 (M)", "Drug (M)"]
drugs = ["Base Drug Combo", "Comp. INI", "Comp. NNRTI", "Extra PI", "Extra pk-En"]
"""
    + SOLUTION
)
"""The solution, with what stands above it in the chapter."""


def chosen(known, n, seed, model=None):
    """Make six times as many, and keep those that a classifier takes for known."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import cross_val_predict

    many, rng = (model or by_page)(known, 6 * n, seed), np.random.default_rng(seed)
    both = pd.concat([_summary(known), _summary(many)]).fillna(0)
    is_known = np.repeat([1, 0], [len(both) - 6 * n, 6 * n])
    judge = RandomForestClassifier(60, min_samples_leaf=3, random_state=0)
    looks = cross_val_predict(judge, both, is_known, cv=3, method="predict_proba")[-6 * n :, 1]
    odds = ((looks + 0.01) / (1.01 - looks)).clip(max=3)
    kept = np.sort(rng.choice(6 * n, n, replace=False, p=odds / odds.sum()))
    return many[many["PatientID"].isin(kept)]


def _summary(table):
    labels = pd.get_dummies(table[DRUGS + FLAGS].astype(str)).astype(float)
    numbers = pd.DataFrame(powers(table), table.index, NUMBERS)
    person = numbers.join(labels).groupby(table["PatientID"])
    parts = {"mean": person.mean(), "std": person.std(), "min": person.min(), "max": person.max()}
    return pd.concat(parts | {"first": person.first(), "last": person.last()}, axis=1)


def by_package(known, n, seed):
    """The package's trees, behind rejection sampling."""
    return chosen(known, n, seed, model=_trees)


def _trees(known, n, seed):
    from healthgym_edu.data import load_cohort
    from healthgym_edu.generators.autoregressive_tree import AutoregressiveTree, TreeConfig

    from .tables_13 import as_cohort

    people = as_cohort(known, like=load_cohort("art_hiv", n_patients=2))
    model = AutoregressiveTree(TreeConfig(features=0.8)).fit(people, seed=seed)
    return model.sample(n, seed=seed).frame


def with_longer_memory(known, n, seed):
    return chosen(known, n, seed, model=lambda *asked: by_page(*asked, longer=True))


def by_page(known, n, seed, leaf=12, longer=False):
    """The page of the chapter."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    rng, (record, who, names) = np.random.default_rng(seed), read(known)

    def grow(x, y):
        kind = DecisionTreeRegressor if y.dtype == float else DecisionTreeClassifier
        tree = kind(min_samples_leaf=leaf, random_state=0).fit(x, y)
        at = tree.apply(x)
        size = np.bincount(at)
        return tree, y[np.argsort(at, kind="stable")], size.cumsum() - size, size

    def draw(grown, x):
        tree, values, begins, size = grown
        at = tree.apply(x)
        return values[begins[at] + (rng.random(len(x)) * size[at]).astype(int)]

    past, known_then = _start(who, longer), []
    for month in range(MONTHS):
        known_then.append(np.hstack(list(past.values())))
        past = _note(past, record[:, month])
    x, now = np.concatenate(known_then), np.concatenate(record.swapaxes(0, 1))
    changed = now[:, 0] != x[:, 2]
    trees = [grow(x, changed), grow(x[changed], now[changed, 0].astype(int))]
    for k in range(1, 7):
        y = now[:, k] - x[:, 2 + k] if k > 3 else now[:, k].astype(int)
        trees.append(grow(np.hstack([x, now[:, :k]]), y))
    new = rng.choice(who, n)
    past, written = _start(new, longer), []
    for _ in range(MONTHS):
        x, now = np.hstack(list(past.values())), past["last"].copy()
        changes, other = draw(trees[0], x), draw(trees[1], x)
        now[:, 0] = np.where(changes, other, now[:, 0])
        for k in range(1, 7):
            now[:, k] = draw(trees[k + 1], np.hstack([x, now[:, :k]])) + (k > 3) * now[:, k]
        written.append(now)
        past = _note(past, now)
    return names.table(np.stack(written, axis=1), new)


def _start(who, longer=False):
    nothing, zero = np.tile([-1.0, -1, -1, -1, 0, 0, 0], (len(who), 1)), np.zeros((len(who), 1))
    past = {"who": who[:, None], "month": zero, "last": nothing, "before": nothing, "kept": zero}
    past["mean"] = nothing[:, 4:]
    return past | ({"first": nothing, "slow": nothing[:, 4:]} if longer else {})


def _note(past, now):
    month, same = past["month"], now[:, :1] == past["last"][:, :1]
    found = {
        "who": past["who"], "month": month + 1, "last": now, "before": past["last"],
        "kept": np.where(same, past["kept"] + 1, 0),
        "mean": past["mean"] + (now[:, 4:] - past["mean"]) / (month + 1),
    }  # fmt: skip
    if "slow" in past:
        found["first"] = np.where(month == 0, now, past["first"])
        found["slow"] = 0.8 * past["slow"] + 0.2 * now[:, 4:]
    return found


def copies(known, n, seed):
    """People who are known, under new numbers."""
    rng = np.random.default_rng(seed)
    return _numbered(known, rng.choice(known["PatientID"].unique(), n))


def blurred(known, n, seed):
    """Copies with a little noise."""
    rng, table = np.random.default_rng(seed), copies(known, n, seed)
    return table.assign(**{
        name: table[name] * np.exp(0.1 * rng.standard_normal(len(table))) for name in NUMBERS
    })  # fmt: skip


def stitched(known, n, seed):
    """Half a person, and half of another."""
    one, other = copies(known, n, seed), copies(known, n, seed + 1)
    late = (one["Timestep"] >= MONTHS // 2).to_numpy()
    changing = [name for name in one if name not in ("Gender", "Ethnic", "PatientID")]
    return one.assign(**{name: one[name].where(~late, other[name]) for name in changing})


def columns_apart(known, n, seed):
    """Every column is true, and of somebody else."""
    rng, table = np.random.default_rng(seed), copies(known, n, seed)
    months = table["Timestep"].to_numpy().reshape(n, MONTHS)
    rows = np.arange(n * MONTHS).reshape(months.shape)
    new = {}
    for name in [*DRUGS, *FLAGS, *NUMBERS]:
        new[name] = table[name].array[np.apply_along_axis(rng.permutation, 0, rows).ravel()]
    return table.assign(**new)


def _numbered(known, people):
    rows = known.set_index("PatientID").loc[people].reset_index()
    return rows.assign(PatientID=np.repeat(np.arange(len(people)), MONTHS))[known.columns]
