"""Right and wrong answers to the exercises of chapter 15, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd

# --- what was not known -------------------------------------------------------------------------


def toy_tables(seed):
    """Two tables of some patients; some die early, some values differ, rows in another order."""
    rng = np.random.default_rng(seed)
    n, blocks = 60, 4
    ids, step = np.repeat(np.arange(n), blocks), np.tile(np.arange(blocks), n)
    here = rng.random(len(ids)) > 0.25 * (step > 1)
    frame = pd.DataFrame(
        {"PatientID": ids, "Timepoints": step, "Lactate": rng.gamma(4, 0.5, len(ids))}
    )
    frame["BUN"] = rng.gamma(5, 4.0, len(ids))
    seen = frame.copy()
    for name, share in (("Lactate", 0.6), ("BUN", 0.3)):
        new = rng.random(len(ids)) < share - 0.1 * step
        seen.loc[new, name] *= 1.5
        seen.loc[~new, name] *= 1 + 0.004 * rng.random((~new).sum())
    return frame[here].reset_index(drop=True), seen.sample(frac=1, random_state=seed)


def unknown(frame, seen, name, block, tolerance=0.01):
    one, other = (t[t["Timepoints"] == block].set_index("PatientID")[name] for t in (frame, seen))
    one, other = one.align(other, join="inner")
    return float(1 - np.isclose(one, other, rtol=tolerance).mean())


def unknown_by_merge(frame, seen, name, block):
    both = frame.merge(seen, on=["PatientID", "Timepoints"], suffixes=(" told", " seen"))
    both = both[both["Timepoints"] == block]
    told, known = both[f"{name} told"], both[f"{name} seen"]
    return ((told - known).abs() > 0.01 * known.abs()).mean()


def unknown_by_loop(frame, seen, name, block):
    known = seen[seen["Timepoints"] == block].set_index("PatientID")[name].to_dict()
    rows = frame[frame["Timepoints"] == block]
    off = [
        abs(value / known[who] - 1) > 0.01
        for who, value in zip(rows["PatientID"], rows[name], strict=True)
        if who in known
    ]
    return sum(off) / len(off)


def unknown_by_index(frame, seen, name, block):
    one, other = (t.set_index(["Timepoints", "PatientID"])[name] for t in (frame, seen))
    ratio = (one / other).dropna().loc[block]
    return (~ratio.between(0.99, 1.01)).mean()


def by_position(frame, seen, name, block):
    one, other = (t.loc[t["Timepoints"] == block, name].to_numpy() for t in (frame, seen))
    n = min(len(one), len(other))
    return float(1 - np.isclose(one[:n], other[:n], rtol=0.01).mean())


UNKNOWN_SLIPS = {
    "it is the share of those who are known": lambda *four: 1 - unknown(*four),
    "it is always the first block": lambda frame, seen, name, block: unknown(frame, seen, name, 0),
    "it counts any difference; values within 1 % count as known": (
        lambda frame, seen, name, block: unknown(frame, seen, name, block, tolerance=1e-9)
    ),
    "it compares rows by their position; compare the same patients": by_position,
    "it is per cent; give a share between 0 and 1": lambda *four: 100 * unknown(*four),
}


# --- the weighted effect ------------------------------------------------------------------------


def toy_arms(seed):
    """Who died, who was started, and with which probability."""
    rng = np.random.default_rng(seed)
    sick = rng.random(400)
    probability = 0.15 + 0.7 * sick
    started = rng.random(400) < probability
    died = rng.random(400) < 0.1 + 0.5 * sick - 0.1 * started
    return died, started, probability


def weighted(died, started, probability):
    weight = np.where(started, 1 / probability, 1 / (1 - probability))
    shares = [np.average(died[k], weights=weight[k]) for k in (started, ~started)]
    return float(100 * (shares[0] - shares[1]))


def weighted_by_sums(died, started, probability):
    a, y = started.astype(float), died.astype(float)
    one, none = a / probability, (1 - a) / (1 - probability)
    return 100 * ((one * y).sum() / one.sum() - (none * y).sum() / none.sum())


def weighted_over_all(died, started, probability):
    """Divided by the number of patients: the other usual way."""
    a, y = started.astype(float), died.astype(float)
    return 100 * np.mean(a * y / probability - (1 - a) * y / (1 - probability))


def weighted_by_regression(died, started, probability):
    weight = np.sqrt(np.where(started, 1 / probability, 1 / (1 - probability)))
    inputs = np.column_stack([np.ones(len(died)), started]) * weight[:, None]
    return 100 * np.linalg.lstsq(inputs, died * weight, rcond=None)[0][1]


def crude(died, started, probability):
    return 100 * (died[started].mean() - died[~started].mean())


def _with_weights(weight):
    def effect(died, started, probability):
        w = weight(started, probability)
        return 100 * (
            np.average(died[started], weights=w[started])
            - np.average(died[~started], weights=w[~started])
        )

    return effect


WEIGHTED_SLIPS = {
    "there are no weights in it: it is the crude difference": crude,
    "it is not started minus started; turn it round": lambda *three: -weighted(*three),
    "it is a share; give deaths in 100": lambda *three: weighted(*three) / 100,
    "those who were not started need 1 divided by the probability of *not* being started": (
        _with_weights(lambda started, p: 1 / p)
    ),
    "it multiplies by the probability; divide by it": (
        _with_weights(lambda started, p: np.where(started, p, 1 - p))
    ),
    "the two probabilities are exchanged": (
        _with_weights(lambda started, p: np.where(started, 1 / (1 - p), 1 / p))
    ),
}


# --- a careful step -----------------------------------------------------------------------------


def toy_values(seed):
    """Action values and counts of some states, among them ties and a state hardly ever met."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.4, 12, (40, 6)))
    counts[:, 2] += 1
    counts[0] = [0, 0, 0, 9, 1, 0]
    counts[1] = [5, 5, 0, 0, 0, 0]
    q = rng.normal(size=counts.shape).round(3)
    q[counts == 0] += 2  # where nothing is known, errors are large
    return q, counts, (0.1, 0.25, 0.6)[seed % 3]


def careful(q, counts, share):
    allowed = (counts >= share * counts.sum(axis=1, keepdims=True)) & (counts > 0)
    allowed |= counts == counts.max(axis=1, keepdims=True)
    return np.where(allowed, q, -np.inf).argmax(axis=1)


def careful_by_loop(q, counts, share):
    chosen = []
    for values, often in zip(q, counts, strict=True):
        open_to = [
            k
            for k in range(len(often))
            if often[k] == max(often) or (often[k] > 0 and often[k] / sum(often) >= share)
        ]
        chosen.append(max(open_to, key=lambda k: values[k]))
    return chosen


def careful_by_mask(q, counts, share):
    part = counts / counts.sum(axis=1, keepdims=True)
    limit = np.minimum(share, part.max(axis=1, keepdims=True))
    return np.ma.masked_array(q, mask=(part < limit) | (counts == 0)).argmax(axis=1)


def careful_by_frame(q, counts, share):
    part = pd.DataFrame(counts).pipe(lambda c: c.div(c.sum(axis=1), axis=0))
    keep = part.ge(share) | part.eq(part.max(axis=1), axis=0)
    return pd.DataFrame(q).where(keep & (part > 0)).idxmax(axis=1).to_numpy()


CAREFUL_SLIPS = {
    "it looks for the best among all actions, also among those never taken": (
        lambda q, counts, share: q.argmax(axis=1)
    ),
    "it does not use q: it is what clinicians mostly do": (
        lambda q, counts, share: counts.argmax(axis=1)
    ),
    "it allows every action that was ever taken; use the share": (
        lambda q, counts, share: np.where(counts > 0, q, -np.inf).argmax(axis=1)
    ),
    "it forbids by multiplying with 0, and 0 may be the largest number; use -np.inf": (
        lambda q, counts, share: (
            q * ((counts >= share * counts.sum(axis=1, keepdims=True)) & (counts > 0))
        ).argmax(axis=1)
    ),
    "the commonest action must stay allowed where no action reaches the share": (
        lambda q, counts, share: np.where(
            counts >= share * counts.sum(axis=1, keepdims=True), q, -np.inf
        ).argmax(axis=1)
    ),
    "the share is of the decisions of *this* state, not of all decisions": (
        lambda q, counts, share: np.where(
            (counts >= share * counts.sum()) | (counts == counts.max(axis=1, keepdims=True)),
            q,
            -np.inf,
        ).argmax(axis=1)
    ),
    "it is a share of the commonest action; a share of the state's decisions was asked": (
        lambda q, counts, share: np.where(
            counts >= share * counts.max(axis=1, keepdims=True), q, -np.inf
        ).argmax(axis=1)
    ),
    "it chooses the worst; argmax finds the best": (
        lambda q, counts, share: np.where(
            (counts >= share * counts.sum(axis=1, keepdims=True))
            | (counts == counts.max(axis=1, keepdims=True)),
            q,
            np.inf,
        ).argmin(axis=1)
    ),
}


# --- disagreement -------------------------------------------------------------------------------


def toy_pair(seed):
    rng = np.random.default_rng(seed)
    q_one = rng.normal(size=(20, 4))
    q_other = np.where(rng.random((20, 1)) < 0.5, q_one, rng.normal(size=(20, 4)))
    state = rng.integers(0, 20, 300) ** 2 // 20
    return q_one, q_other, state


def disagreement(q_one, q_other, state):
    return float((q_one.argmax(axis=1) != q_other.argmax(axis=1))[state].mean())


def disagreement_by_rows(q_one, q_other, state):
    return np.mean(q_one[state].argmax(axis=1) != q_other[state].argmax(axis=1))


def disagreement_by_counts(q_one, q_other, state):
    visits = np.bincount(state, minlength=len(q_one))
    differ = np.argmax(q_one, axis=1) != np.argmax(q_other, axis=1)
    return visits[differ].sum() / visits.sum()


def disagreement_by_loop(q_one, q_other, state):
    return sum(np.argmax(q_one[k]) != np.argmax(q_other[k]) for k in state) / len(state)


DISAGREEMENT_SLIPS = {
    "it is the share of states; a state that is met often counts more": (
        lambda q_one, q_other, state: (q_one.argmax(axis=1) != q_other.argmax(axis=1)).mean()
    ),
    "it is the share in which they agree": lambda *three: 1 - disagreement(*three),
    "it is a number of decisions; give a share": (
        lambda q_one, q_other, state: disagreement(q_one, q_other, state) * len(state)
    ),
    "it compares action values, not the actions that are chosen": (
        lambda q_one, q_other, state: (q_one != q_other)[state].mean()
    ),
    "it looks for the best state; choose among actions with axis=1": (
        lambda q_one, q_other, state: (q_one.argmax(axis=0) != q_other.argmax(axis=0)).mean()
    ),
}


# --- rules --------------------------------------------------------------------------------------


def labels(fluid, dose):
    return [f"fluid {one}, vasopressor {other}" for one, other in zip(fluid, dose, strict=True)]


def by_pressure(seen, low=65, high=71):
    return np.select(
        [seen["MeanBP of late"] < low, seen["MeanBP of late"] > high], ["up", "down"], "hold"
    )


def like_the_guideline(seen):
    thirsty = (seen["MeanBP of late"] < 70) | (seen["Lactate"] >= 2.5)
    fluid = np.where(thirsty & (seen["balance"] < 2), "181-530", "1-180")
    return labels(fluid, by_pressure(seen))


def row_by_row(seen):
    """As a Series, with another index."""
    told = []
    for one in seen.itertuples(index=False):
        named = dict(zip(seen.columns, one, strict=True))
        pressure = named["MeanBP of late"]
        dose = "up" if pressure < 66 else "down" if pressure > 73 else "hold"
        thirsty = pressure < 70 or named["Lactate"] > 2.5
        fluid = "181-530" if thirsty and named["balance"] < 2 else "1-180"
        told.append(f"fluid {fluid}, vasopressor {dose}")
    return pd.Series(told, index=np.arange(len(told)) + 7)


def only_the_dose(seen):
    return np.array(labels(["181-530"] * len(seen), by_pressure(seen)))


def too_dry(seen):
    return labels(["0"] * len(seen), by_pressure(seen))


def never(seen):
    return ["fluid 0, vasopressor down"] * len(seen)


def always_more(seen):
    return ["fluid >530, vasopressor up"] * len(seen)


def turned_round(seen):
    other = {"up": "down", "down": "up", "hold": "hold"}
    return labels(["181-530"] * len(seen), [other[one] for one in by_pressure(seen)])


def too_late(seen):
    """Looks at the last block alone, and acts when it is nearly too late."""
    dose = np.select([seen["MeanBP"] < 50, seen["MeanBP"] > 90], ["up", "down"], "hold")
    return labels(["1-180"] * len(seen), dose)


def looks_at_the_future(seen):
    return np.where(seen["Died in 90 days"], "fluid 0, vasopressor up", "fluid 0, vasopressor hold")


def absolute(seen):
    return ["fluid 0, vasopressor 0"] * len(seen)


def one_label(seen):
    return "fluid 0, vasopressor hold"


def too_few(seen):
    return only_the_dose(seen)[:-1]
