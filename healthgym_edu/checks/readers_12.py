"""Until which angle can a label be read from noisy records? People, truth and judgement."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.stats import rankdata

from healthgym_edu.data import load_cohort
from healthgym_edu.exercises import NotAttempted, Wrong, budget
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

BAR = 0.75
"""The AUROC that a label must reach to be called readable."""

BELOW, ABOVE = 0.18, 0.1
"""How far from the truth an angle may be. Few people make a weak reader, and a search that stops at
the first angle below the bar stops early, so that honest answers lie up to 0.13 below the truth."""

STEP = "for angles from small to large: mix, learn from some people, judge in others"
GRID = np.arange(0.05, math.pi / 2, 0.05)

COIN = "a coin, which no record shows"
FEW = 160
"""People of the coin: so few that a reader who has met them can learn it by heart."""


@dataclass(frozen=True)
class Question:
    """Records, a label, and the covariance of the noise."""

    words: str
    x: np.ndarray  # people × months
    label: np.ndarray
    covariance: np.ndarray


@cache
def questions(seed: int, n: int) -> tuple[Question, ...]:
    """Questions about people who are simulated with this seed."""
    from healthgym_edu.generators import fit_codec

    art, rng = load_cohort("art_hiv", n_patients=n, seed=seed), np.random.default_rng([seed, 12])
    codec = fit_codec(art, normal=True)
    place = [one.name for one in codec.columns].index("VL")
    x = codec.encode(art).values[:, :, place]
    x = x - x.mean(axis=0)
    x /= x.std()
    own = x.T @ x / n + 1e-3 * np.eye(x.shape[1])
    load = art.frame["VL"].to_numpy().reshape(x.shape)
    starter, last = art.patients["Naive at entry"].to_numpy(bool), load[:, -1] < 50
    times, heads = int(rng.choice([4, 5, 6])), rng.random(FEW) < 0.5
    asked = (
        Question("starters, with noise as slow as the records", x, starter, own),
        Question("suppressed in the last month, with white noise", x, last, np.eye(len(own))),
        Question(
            f"suppressed in the last month, with slow noise of {times} times the variance",
            x, last, times * own,
        ),
        Question(COIN, x[:FEW], heads, own),
    )  # fmt: skip
    return tuple(asked[place] for place in rng.permutation(len(asked)))


def auroc(label: np.ndarray, score: np.ndarray) -> float:
    ranks, positive = rankdata(score), int(label.sum())
    least = positive * (positive + 1) / 2
    return float((ranks[label].sum() - least) / (positive * (len(label) - positive)))


@cache
def truth(seed: int, n: int, place: int, white: bool = False) -> float:
    """The angle of one question, by a linear reader that knows how noise and records vary.

    With `white`, noise of no memory takes the place of the question's.
    """
    asked, rng = questions(seed, n)[place], np.random.default_rng([seed, 21])
    if asked.words == COIN:
        return 0.0
    covariance = np.eye(asked.x.shape[1]) if white else asked.covariance
    low, half = np.linalg.cholesky(covariance), len(asked.x) // 2
    x, label = asked.x[:half], asked.label[:half]
    means = [x[who].mean(axis=0) for who in (label, ~label)]
    within = x - np.where(label[:, None], *means)
    within = within.T @ within / half
    others, found = asked.x[half:], []
    for angle in GRID:
        cos, sin = math.cos(angle), math.sin(angle)
        weights = np.linalg.solve(cos**2 * within + sin**2 * covariance, means[0] - means[1])
        chances = (rng.standard_normal(others.shape) @ low.T for _ in range(3))
        scores = ((cos * others + sin * chance) @ weights for chance in chances)
        found.append(np.mean([auroc(asked.label[half:], score) for score in scores]))
        if found[-1] < BAR - 0.03:
            break
    return _crossing(np.array(found))


def _crossing(found: np.ndarray) -> float:
    below = np.flatnonzero(found < BAR)
    if not len(below):
        return float(GRID[len(found) - 1])
    k = int(below[0])
    if k == 0:
        return 0.0
    return float(np.interp(-BAR, -found[k - 1 : k + 1], GRID[k - 1 : k + 1]))


def judged(value: Any, seed: int) -> str:
    """Ask a learner's function all questions; return a sentence about what it said."""
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    n = budget(3000, quick=2400)
    asked = questions(seed, n)
    said = np.array([_angle(value, one) for one in asked])
    right = np.array([truth(seed, n, place) for place in range(len(asked))])
    wrong = ~_near(said, right)
    if wrong.any():
        _name_mistake(said, right, seed, n)
        first = int(np.argmax(wrong))
        side = "too large" if said[first] > right[first] else "too small"
        many = f"{int(wrong.sum())} of {len(asked)} angles are not right yet"
        raise Wrong(f"{many}; among these, your angle for “{asked[first].words}” is {side}", STEP)
    return (
        f"All {len(asked)} angles are close to those of a reader who knows how the records and the "
        "noise vary."
    )


def _near(said: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (said >= right - BELOW) & (said <= right + ABOVE)


def _angle(value: Callable, asked: Question) -> float:
    try:
        angle = value(asked.x.copy(), asked.label.copy(), asked.covariance.copy())
    except Exception as error:
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", "call it with a channel of `x`, as an array") from error
    if is_blank(angle):
        raise NotAttempted
    if angle is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if np.ndim(angle) or not isinstance(angle, (int, float, np.number, np.ndarray)):
        raise Wrong(f"your function returned {describe(angle)}", "return one angle")
    angle = float(angle)
    if not math.isfinite(angle):
        raise Wrong(f"your function returned {angle}", "return one angle between 0 and π/2")
    if not 0 <= angle <= math.pi / 2 + 0.1:
        unit = ": is it in degrees?" if 5 < angle <= 90 else ""
        raise Wrong(f"an angle lies between 0 and π/2; yours is {angle:.3g}{unit}", STEP)
    return angle


def _name_mistake(said: np.ndarray, right: np.ndarray, seed: int, n: int) -> None:
    if np.ptp(said) < 0.01:
        raise Wrong("your function gives the same angle to all questions", STEP)
    places = range(len(said))

    def alike(others: Any) -> bool:
        return bool(_near(said, np.array(list(others))).all())

    if alike(np.where(right > 0, math.pi / 2 - right, said)):
        raise Wrong("sine and cosine have changed places: the cosine belongs to the record", STEP)
    if said[int(np.argmin(right))] > ABOVE:  # the coin
        raise Wrong(
            "your function reads a coin, which no record shows, so it judges people from whom it "
            "has learned",
            "learn from one half of the people, and judge in the other half",
        )
    if alike(truth(seed, n, place, white=True) for place in places):
        raise Wrong(
            "your noise is always white: the covariance is not used",
            "draw the noise as in exercise 2, with the covariance that is given",
        )


# --- answers -------------------------------------------------------------------------------------

SOLUTION = """
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

def readable_until(x, label, covariance):
    rng, low, half = np.random.default_rng(0), np.linalg.cholesky(covariance), len(x) // 2
    last = 0.0
    for angle in np.arange(0.05, np.pi / 2, 0.05):
        noise = rng.standard_normal(x.shape) @ low.T
        noisy = np.cos(angle) * x + np.sin(angle) * noise
        reader = LogisticRegression(C=0.01, max_iter=300).fit(noisy[:half], label[:half])
        if roc_auc_score(label[half:], reader.decision_function(noisy[half:])) < 0.75:
            break
        last = angle
    return last
"""


def searched(
    fit: Callable[[np.ndarray, np.ndarray], Callable[[np.ndarray], np.ndarray]],
    *,
    step: float = 0.05,
    white: bool = False,
    same: bool = False,
    swapped: bool = False,
) -> Callable:
    """A search along the angles, with a reader, and perhaps with a mistake."""

    def readable_until(x, label, covariance):
        rng, half, last = np.random.default_rng(3), len(x) // 2, 0.0
        low = np.eye(len(covariance)) if white else np.linalg.cholesky(covariance)
        who = slice(0, half) if same else slice(half, None)
        for angle in np.arange(step, math.pi / 2, step):
            cos, sin = math.cos(angle), math.sin(angle)
            if swapped:
                cos, sin = sin, cos
            noisy = cos * x + sin * rng.standard_normal(x.shape) @ low.T
            score = fit(noisy[:half], label[:half])(noisy[who])
            readable = auroc(label[who], score) >= BAR
            if readable == swapped:
                return (angle + last) / 2 if last else 0.0
            last = angle
        return last

    return readable_until


def logistic(noisy, label):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=0.01, max_iter=300).fit(noisy, label).decision_function


def discriminant(noisy, label):
    """Means of both groups, and the spread within them."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis().fit(noisy, label).decision_function


def ridge(noisy, label):
    centre, target = noisy.mean(axis=0), label - label.mean()
    some = noisy - centre
    weights = np.linalg.solve(some.T @ some + 100 * np.eye(some.shape[1]), some.T @ target)
    return lambda others: (others - centre) @ weights


def difference_of_means(noisy, label):
    weights = noisy[label].mean(axis=0) - noisy[~label].mean(axis=0)
    return lambda others: others @ weights


def in_degrees(x, label, covariance):
    return math.degrees(searched(discriminant)(x, label, covariance))


def by_covariance(x, label, covariance):
    """Looks at the noise alone."""
    return 1.37 if np.allclose(covariance, np.eye(len(covariance))) else 0.85


WRONG = [
    (lambda: searched(discriminant, white=True), "not used"),
    (lambda: searched(discriminant, same=True), "reads a coin"),
    (lambda: searched(discriminant, swapped=True), "changed places"),
    (lambda: searched(difference_of_means), "too small"),
    (lambda: in_degrees, "in degrees"),
    (lambda: by_covariance, "reads a coin"),
    (lambda: lambda x, label, covariance: 0.9, "the same angle"),
    (lambda: lambda x, label, covariance: None, "returned nothing"),
    (lambda: lambda x, label, covariance: [0.3, 0.4], "return one angle"),
    (lambda: lambda x, label: 0.9, "raised TypeError"),
    (lambda: 0.9, "give its name without parentheses"),
]
