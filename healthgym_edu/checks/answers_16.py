"""Right and wrong answers to the exercises of chapter 16, from their definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import logsumexp

# --- what trust leaves --------------------------------------------------------------------------


def left(share, trust=0.3):
    """How many actions a trust leaves in each decision."""
    return (share >= trust * share.max(axis=1, keepdims=True)).sum(axis=1)


def only_one(share, trust=0.3):
    return float((left(share, trust) == 1).mean())


def only_one_by_second(share):
    """Where the second commonest action is less than 0.3 times as frequent as the commonest."""
    ordered = np.sort(share, axis=1)
    return (ordered[:, -2] < 0.3 * ordered[:, -1]).mean()


def only_one_by_loop(share):
    return sum(sum(p >= 0.3 * max(row) for p in row) == 1 for row in share.tolist()) / len(share)


def only_one_by_pandas(share):
    table = pd.DataFrame(share)
    return table.div(table.max(axis=1), axis=0).ge(0.3).sum(axis=1).eq(1).mean()


def only_one_absolute(share):
    return float(((share >= 0.3).sum(axis=1) == 1).mean())


# --- the masked target --------------------------------------------------------------------------


def target(reward, q_next, allowed, ended):
    best = np.where(allowed, q_next, -np.inf).max(axis=1)
    return reward + np.where(ended, 0.0, best)


def target_by_loop(reward, q_next, allowed, ended):
    rows = zip(reward, q_next, allowed, ended, strict=True)
    return np.array([r if over else r + q[may].max() for r, q, may, over in rows])


def target_by_masked_array(reward, q_next, allowed, ended):
    best = np.ma.masked_array(q_next, ~allowed).max(axis=1).filled(0.0)
    return reward + ~ended * best


def target_by_index(reward, q_next, allowed, ended):
    found = np.array(reward, dtype=float)
    goes_on = np.flatnonzero(~ended)
    q = np.where(allowed[goes_on], q_next[goes_on], -1e12)
    found[goes_on] += q[np.arange(len(goes_on)), q.argmax(axis=1)]
    return found


def unmasked(reward, q_next, allowed, ended):
    return reward + np.where(ended, 0.0, q_next.max(axis=1))


def times_zero(reward, q_next, allowed, ended):
    return reward + np.where(ended, 0.0, (q_next * allowed).max(axis=1))


def after_death(reward, q_next, allowed, ended):
    return reward + np.where(allowed, q_next, -np.inf).max(axis=1)


def no_number(reward, q_next, allowed, ended):
    with np.errstate(invalid="ignore"):
        return reward + ~ended * np.where(allowed, q_next, -np.inf).max(axis=1)


def of_forbidden(reward, q_next, allowed, ended):
    worst = np.where(allowed, -np.inf, q_next).max(axis=1)
    return reward + np.where(ended, 0.0, worst)


def by_mean(reward, q_next, allowed, ended):
    count = np.maximum(allowed.sum(axis=1), 1)
    return reward + np.where(ended, 0.0, np.where(allowed, q_next, 0.0).sum(axis=1) / count)


def smallest(reward, q_next, allowed, ended):
    return reward + np.where(ended, 0.0, np.where(allowed, q_next, np.inf).min(axis=1))


def position(reward, q_next, allowed, ended):
    return reward + np.where(ended, 0, np.where(allowed, q_next, -np.inf).argmax(axis=1))


def choice_alone(reward, q_next, allowed, ended):
    """The mask decides what is done; the target still takes the largest of all."""
    chosen = np.where(allowed, q_next, -np.inf).argmax(axis=1)
    best = np.maximum(q_next[np.arange(len(q_next)), chosen], q_next.max(axis=1))
    return reward + np.where(ended, 0.0, best)


TARGET_SLIPS = {
    "the mask is forgotten: the largest Q of all actions is taken": unmasked,
    "forbidden actions are multiplied by 0, and 0 is more than every negative Q": times_zero,
    "something is still added after the last decision, when nobody is left to treat": after_death,
    "−∞ times 0 is no number; choose with np.where instead of multiplying": no_number,
    "the mask is turned round: it keeps the actions that are not allowed": of_forbidden,
    "it takes the mean of the allowed actions, not the best": by_mean,
    "it takes the smallest Q that is allowed": smallest,
    "it adds the number of the best action, not its Q": position,
    "the reward is missing": lambda *four: target(np.zeros(len(four[0])), *four[1:]),
    "it is only the reward; what may follow is missing": lambda *four: np.array(four[0]),
}


def toy_decisions(seed, n=40):
    """Numbers that look like Q in hypotension: never above 0, but for what nobody tried."""
    rng = np.random.default_rng([16, seed])
    reward, ended = -rng.exponential(0.3, n), rng.random(n) < 0.25
    ended[:2] = True, False
    allowed = rng.random((n, 16)) < 0.3
    allowed[np.arange(n), rng.integers(16, size=n)] = True
    q = np.where(allowed, -rng.exponential(2.0, (n, 16)) - 0.05, rng.normal(-0.5, 2.0, (n, 16)))
    allowed[0], allowed[1] = False, True  # died: there is nothing to choose; may do anything
    q[1] = -1.0 - rng.random(16)
    return reward, q, allowed, ended


# --- the penalty of CQL -------------------------------------------------------------------------


def penalty(q, action):
    return float((logsumexp(q, axis=1) - q[np.arange(len(q)), action]).mean())


def penalty_by_hand(q, action):
    top = q.max(axis=1, keepdims=True)
    done = np.take_along_axis(q, action[:, None], axis=1)
    return (np.log(np.exp(q - top).sum(axis=1, keepdims=True)) + top - done).mean()


def penalty_by_loop(q, action):
    rows = zip(q, action, strict=True)
    return sum(np.logaddexp.reduce(row) - row[done] for row, done in rows) / len(q)


def penalty_by_torch(q, action):
    import torch

    scores = torch.as_tensor(q, dtype=torch.float64)
    return torch.nn.functional.cross_entropy(scores, torch.as_tensor(action)).item()


def penalty_as_tensor(q, action):
    """As this chapter's networks count: in single precision, and without `.item()`."""
    import torch

    scores = torch.as_tensor(q, dtype=torch.float32)
    done = scores[torch.arange(len(q)), torch.as_tensor(action)]
    return (torch.logsumexp(scores, dim=1) - done).mean()


def penalty_of_each(q, action):
    """The mean is forgotten."""
    import torch

    return torch.as_tensor(logsumexp(q, axis=1) - _done(q, action))


def _done(q, action):
    return q[np.arange(len(q)), action]


def overflowing(q, action):
    with np.errstate(over="ignore"):
        return (np.log(np.exp(q).sum(axis=1)) - _done(q, action)).mean()


def without_exp(q, action):
    return (np.log(np.abs(q.sum(axis=1))) - _done(q, action)).mean()


PENALTY_SLIPS = {
    "exp of a large Q overflows; take logsumexp, or subtract the largest Q first": overflowing,
    "it takes the largest Q, not log Σ exp Q": (
        lambda q, action: (q.max(axis=1) - _done(q, action)).mean()
    ),
    "the sign is the other way round": lambda q, action: -penalty(q, action),
    "the action that was taken is not subtracted": (lambda q, action: logsumexp(q, axis=1).mean()),
    "it adds up the decisions; take their mean": lambda q, action: len(q) * penalty(q, action),
    "inside the logarithm stands a mean; it should be a sum over the actions": (
        lambda q, action: penalty(q, action) - np.log(q.shape[1])
    ),
    "it sums over decisions instead of over actions (axis=1)": (
        lambda q, action: logsumexp(q, axis=0).mean() - _done(q, action).mean()
    ),
    "it sums over all decisions and actions at once (axis=1 is missing)": (
        lambda q, action: logsumexp(q) - _done(q, action).mean()
    ),
    "it subtracts the mean Q of all actions, not that of the action taken": (
        lambda q, action: (logsumexp(q, axis=1) - q.mean(axis=1)).mean()
    ),
    "it subtracts Q of the first action, not of the one that was taken": (
        lambda q, action: (logsumexp(q, axis=1) - q[:, 0]).mean()
    ),
}


def toy_scores(seed, n=30, around=0.0):
    rng = np.random.default_rng([61, seed])
    return rng.normal(around, 2.0, (n, 16)), rng.integers(16, size=n)


# --- hours below 55 -----------------------------------------------------------------------------


def low_hours(frame):
    return float((frame["MAP"] < 55).groupby(frame["PatientID"]).mean().mean())


def low_by_loop(frame):
    return np.mean([(rows["MAP"] < 55).mean() for _, rows in frame.groupby("PatientID")])


def low_by_counts(frame):
    hours = frame.groupby("PatientID").size()
    low = frame[frame["MAP"] < 55].groupby("PatientID").size().reindex(hours.index, fill_value=0)
    return (low / hours).mean()


def low_by_weights(frame):
    weight = 1 / frame.groupby("PatientID")["MAP"].transform("size")
    return np.average(frame["MAP"] < 55, weights=weight)


def pooled(frame):
    return (frame["MAP"] < 55).mean()


def those_with_any(frame):
    low = frame[frame["MAP"] < 55].groupby("PatientID").size()
    return (low / frame.groupby("PatientID").size()[low.index]).mean()


LOW_SLIPS = {
    "all hours are pooled, so the dead, whose rows end early, count less": pooled,
    "it divides by 48 hours, also in patients who died earlier": (
        lambda frame: ((frame["MAP"] < 55).groupby(frame["PatientID"]).sum() / 48).mean()
    ),
    "it counts hours below 65": (
        lambda frame: (frame["MAP"] < 65).groupby(frame["PatientID"]).mean().mean()
    ),
    "it counts hours of 55 and more": lambda frame: 1 - low_hours(frame),
    "it is the number of hours of a patient, not their share": (
        lambda frame: (frame["MAP"] < 55).groupby(frame["PatientID"]).sum().mean()
    ),
    "it is the share of patients who ever were below 55": (
        lambda frame: (frame["MAP"] < 55).groupby(frame["PatientID"]).any().mean()
    ),
    "patients who never were below 55 are left out": those_with_any,
    "55 itself counts as low; below 55 was asked": (
        lambda frame: (frame["MAP"] <= 55).groupby(frame["PatientID"]).mean().mean()
    ),
    "the mean of each patient is compared with 55, not each hour": (
        lambda frame: (frame.groupby("PatientID")["MAP"].mean() < 55).mean()
    ),
    "it is per cent; give a share between 0 and 1": lambda frame: 100 * low_hours(frame),
}


# --- agents -------------------------------------------------------------------------------------


def bcq(trust=0.1, **more):
    def build(batch, seed):
        from healthgym_edu import rl

        setting = {"steps": 500, "rate": 3e-3, "batch": 64} | more
        return rl.DiscreteBcq(rl.BcqConfig(trust=trust, **setting)).fit(batch, seed=seed)

    return build


def cql(doubt, steps=500):
    def build(batch, seed):
        from healthgym_edu import rl

        setting = rl.CqlConfig(steps=steps, rate=3e-3, batch=64, doubt=doubt)
        return rl.DiscreteCql(setting).fit(batch, seed=seed)

    return build


def fitted_q(batch, seed):
    from healthgym_edu import rl

    setting = rl.FittedQConfig(trust=0.1, trees=30, leaf=60, rounds=4)
    return rl.FittedQ(setting).fit(batch, seed=seed)


def free(batch, seed):
    from healthgym_edu import rl

    setting = rl.NetworkConfig(steps=1000, batch=64, rate=2e-3)
    return rl.Dqn(setting).fit(batch, seed=seed)


def clone(batch, seed):
    from healthgym_edu import rl

    return rl.BehaviourCloning(rl.CloningConfig(rounds=10)).fit(batch, seed=seed)


def of_others(batch, seed):
    from healthgym_edu import rl
    from healthgym_edu.data import load_cohort

    others = rl.transitions(load_cohort("hypotension", n_patients=60, seed=3))
    return rl.DiscreteBcq(rl.BcqConfig(steps=5)).fit(others, seed=seed)


def unfitted(batch, seed):
    from healthgym_edu import rl

    return rl.DiscreteBcq()
