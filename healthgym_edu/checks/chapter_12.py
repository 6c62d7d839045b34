"""Exercises of chapter 12: from a last angle to the angle at which a label can be read no more."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from healthgym_edu.exercises import NotAttempted, Wrong, exercise, expect_number
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

from . import answers_12 as answers
from . import readers_12 as readers
from .strangers import seed_of_a_check

SEED_WHEN_STRICT = 121_203
"""Makes the covariances and people of the tests, which have to be the same in every run."""


@exercise(
    "12.last_angle",
    hint=[
        "Take all of `betas`, where the cell above takes the first hundred.",
        "The signal is the root of the product, and `np.arccos` gives its angle.",
    ],
    solution="""
betas = np.linspace(0.0001, 0.01, 500)
last_angle = np.arccos(np.sqrt(np.prod(1 - betas)))
""",
    done="The cosine of this angle is the share of the signal that is never taken away.",
    right=[answers.angle_by_loop, answers.angle_by_logarithms, answers.angle_by_tangent],
    wrong=[
        (answers.left, "take its root"),
        (lambda: math.acos(answers.left()), "the root is missing"),
        (lambda: math.sqrt(answers.left()), "give its angle"),
        (lambda: math.acos(math.sqrt(answers.left(100))), "first hundred steps"),
        (lambda: math.degrees(answers.last_angle()), "in degrees"),
        (lambda: math.pi / 2 - answers.last_angle(), "place of the cosine"),
        (math.pi / 2, "no signal"),
    ],
)
def last_angle(value):
    step = "multiply what all 500 steps keep, take the root, then `np.arccos`"
    expect_number(value, answers.last_angle(), 1e-4, "the angle", step, slips=answers.ANGLE_SLIPS)


N_DRAWN = 20_000
NOISE_STEP = "find L with L Lᵀ = covariance, and multiply white noise by it"


def _covariances(seed: int) -> list[np.ndarray]:
    """Of months that widen, of months that oppose each other, and of anything."""
    rng = np.random.default_rng([seed, 2])
    far = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    spread = rng.uniform(0.5, 1, 12) * np.linspace(1, 3, 12)
    widening = np.outer(spread, spread) * rng.uniform(0.6, 0.9) ** far
    opposing = 0.2 * np.eye(6) + (-rng.uniform(0.5, 0.8)) ** far[:6, :6]
    some = rng.normal(size=(8, 5))
    return [widening, opposing, some.T @ some / 4]


@exercise(
    "12.draw_noise",
    hint=[
        "`np.linalg.cholesky(covariance)` finds a table L, a triangle, such that `L @ L.T` is the "
        "covariance.",
        "`rng.standard_normal((n, len(covariance)))` is white noise, one person a row. For one "
        "column of noise it would be L times the column; for rows, look at `.T`.",
    ],
    solution="""
def draw_noise(covariance, n, rng):
    low = np.linalg.cholesky(covariance)
    return rng.standard_normal((n, len(covariance))) @ low.T
""",
    done="Whatever the memory of a measurement is, noise can have it.",
    right=[
        lambda: answers.by_eigenvectors,
        lambda: answers.by_numpy,
        lambda: answers.month_by_month,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.NOISE_SLIPS.items()),
        (lambda: answers.sideways, "people in rows"),
        (lambda: answers.moved, "mean 0"),
        (lambda: answers.own_seed, "draw from `rng`"),
        (lambda: answers.one_for_all, "the same noise"),
        (lambda: lambda covariance, n, rng: np.zeros((n, len(covariance))), "the same noise"),
        (lambda: lambda covariance, n, rng: None, "returned nothing"),
        (lambda: lambda covariance, n: covariance, "raised TypeError"),
    ],
)
def draw_noise(value):
    _require_function(value)
    for number, covariance in enumerate(_covariances(seed_of_a_check(SEED_WHEN_STRICT))):
        noise = _noise(value, covariance, number)
        if np.abs(noise - noise[0]).max() < 1e-12:
            raise Wrong("everybody gets the same noise", NOISE_STEP)
        if np.allclose(noise, _noise(value, covariance, number + 50)):
            raise Wrong("the noise is the same, whatever `rng` is: draw from `rng`", NOISE_STEP)
        error = noise.std(axis=0) / math.sqrt(N_DRAWN)
        if (np.abs(noise.mean(axis=0)) > 6 * error).any():
            raise Wrong("the noise does not have mean 0", NOISE_STEP)
        if not _has(noise, covariance):
            for slip, wrong in answers.NOISE_SLIPS.items():
                rng = np.random.default_rng(99)
                if _has(noise, np.cov(wrong(covariance, 10 * N_DRAWN, rng).T, bias=True), 1.5):
                    raise Wrong(f"your function is not right yet: {slip}", NOISE_STEP)
            raise Wrong("the noise does not have the covariance that was given", NOISE_STEP)


def _has(noise: np.ndarray, covariance: np.ndarray, room: float = 1.0) -> bool:
    """Whether noise has a covariance, but for luck."""
    variance = np.diag(covariance)
    error = np.sqrt((np.outer(variance, variance) + covariance**2) / len(noise))
    return bool((np.abs(np.cov(noise.T, bias=True) - covariance) <= 6 * room * error).all())


def _noise(value: Callable, covariance: np.ndarray, seed: int) -> np.ndarray:
    asked = (covariance.copy(), N_DRAWN, np.random.default_rng(seed))
    noise = _called(value, asked, "call it with np.eye(3), 5 and np.random.default_rng(0)")
    try:
        noise = np.asarray(noise, dtype=float)
    except (TypeError, ValueError) as error:
        raise Wrong(f"your function returned {describe(noise)}", "return an array") from error
    wanted = (N_DRAWN, len(covariance))
    if noise.shape == wanted[::-1]:
        raise Wrong("it returns one column a person; put the people in rows", NOISE_STEP)
    if noise.shape != wanted:
        problem = f"for {wanted[0]:,} people and {wanted[1]} months it returned {noise.shape}"
        raise Wrong(problem, "return the shape (n, months)")
    if not np.isfinite(noise).all():
        raise Wrong("some of the noise is missing or infinite", NOISE_STEP)
    return noise


def _require_function(value: Any) -> None:
    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")


def _called(value: Callable, arguments: tuple, step: str) -> Any:
    try:
        result = value(*arguments)
    except Exception as error:
        if "einsum" in str(error) and callable(arguments[0]):  # `slowly`, from the walk above it
            raise Wrong(
                "your function calls `slowly`, which knows only records of 38 channels, 60 months",
                "leave it out: what `says` returns is v already",
            ) from error
        problem = f"your function raised {type(error).__name__}: {error}"
        raise Wrong(f"{problem:.240}", step) from error
    if is_blank(result):
        raise NotAttempted
    if result is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    return result


WALK_STEP = "ask for v, divide, mix again at the next angle; print the angles that you go through"


def _walks() -> list[tuple]:
    """Toy networks, records and angles."""
    import torch

    luck = torch.Generator().manual_seed(12)

    def network(weights: Any, bend: float) -> Callable:
        def says(noisy, angle):
            angle = torch.as_tensor(angle, dtype=noisy.dtype).reshape(-1)[0]
            hidden = torch.tanh(noisy @ weights) * (1 + bend * angle)
            return hidden - 0.5 * angle.sin() * noisy + 0.2 * angle.cos()

        return says

    def drawn(*shape: int) -> Any:
        return torch.randn(shape, generator=luck, dtype=torch.float64)

    return [
        (network(drawn(4, 4), 0.3), drawn(3, 2, 4), 0.9, 5),
        (network(drawn(5, 5), -0.2), drawn(2, 3, 5), 1.3, 12),
        (network(drawn(4, 4), 0.5), drawn(6, 1, 4), 0.6, 3),
    ]


@exercise(
    "12.undo",
    hint=[
        "`walk_back` does the same from π/2. Your angles are "
        "`torch.linspace(begin, 0, steps + 1)`, and there is no noise to draw.",
        "In each step: v from `says(noisy, now)`, then the record and the noise from v and the "
        "noisy record, then both mixed at the angle `then`.",
    ],
    solution="""
import torch

def undo(says, noisy, begin, steps):
    angles = torch.linspace(begin, 0, steps + 1)
    for now, then in zip(angles[:-1], angles[1:]):
        v = says(noisy, now)
        record, noise = now.cos() * noisy - now.sin() * v, now.sin() * noisy + now.cos() * v
        noisy = then.cos() * record + then.sin() * noise
    return noisy
""",
    done="Somebody who was mixed with little noise comes back nearly as before: a little noise "
    "hides nobody.",
    right=[
        lambda: answers.by_turning,
        lambda: answers.by_recursion,
        lambda: answers.by_torch,
        lambda: answers.undo,
    ],
    wrong=[
        *((lambda wrong=wrong: wrong, slip) for slip, wrong in answers.WALK_SLIPS.items()),
        (lambda: answers.noise_anew, "draws noise anew"),
        (lambda: answers.slowed_again, "calls `slowly`"),
        (lambda: lambda says, noisy, begin, steps: [noisy, noisy], "last records"),
        (lambda: lambda says, noisy, begin, steps: noisy[:1], "shape"),
        (lambda: lambda says, noisy, begin, steps: None, "returned nothing"),
        (lambda: lambda noisy, begin: noisy, "raised TypeError"),
    ],
)  # fmt: skip
def undo(value):
    _require_function(value)
    found, cases = [], _walks()
    for case in cases:
        first, again = (_walked(value, case) for _ in range(2))
        if first.shape == again.shape and not np.allclose(first, again, atol=1e-9):
            raise Wrong("it draws noise anew on the way, and DDIM draws none", WALK_STEP)
        found.append(first)
    if _alike(found, cases, answers.undo):
        return
    for slip, wrong in answers.WALK_SLIPS.items():
        if _alike(found, cases, wrong):
            raise Wrong(f"your walk is not right yet: {slip}", WALK_STEP)
    raise Wrong("your walk does not end where it should", WALK_STEP)


def _walked(value: Callable, case: tuple) -> np.ndarray:
    says, noisy, begin, steps = case
    result = _called(value, (says, noisy.clone(), begin, steps), "compare it with `walk_back`")
    if isinstance(result, (list, tuple)):
        raise Wrong(f"it returned {describe(result)}", "return the last records alone")
    try:
        result = np.asarray(result, dtype=float)
    except (TypeError, ValueError, RuntimeError) as error:
        raise Wrong(f"it returned {describe(result)}", "return the last records") from error
    if result.shape != tuple(noisy.shape):
        shapes = f"from records of the shape {tuple(noisy.shape)} it makes {result.shape}"
        raise Wrong(shapes, "keep the shape of `noisy`")
    return result


def _alike(found: list[np.ndarray], cases: list[tuple], walk: Callable) -> bool:
    return all(
        np.allclose(one, np.asarray(walk(*case)), atol=1e-4)
        for one, case in zip(found, cases, strict=True)
    )


@exercise(
    "12.readable_until",
    hint=[
        "Go through angles from 0.05 upwards. At each: draw noise as in exercise 2, mix, and let a "
        "`LogisticRegression` learn the label from the noisy records of one half of the people.",
        "`roc_auc_score(label, score)` of the other half tells whether it can still be read. "
        "Return the last angle at which it is 0.75 or more; 0 if there is none.",
        "The reader has 60 columns: `LogisticRegression(C=0.01, max_iter=300)` keeps its weights "
        "small.",
    ],
    solution=readers.SOLUTION,
    done="With noise as slow as the records, whatever can be read from one measurement fades at "
    "about the same angle. White noise leaves slow things readable nearly to the end.",
    right=[
        lambda: readers.searched(readers.logistic, step=0.04),
        lambda: readers.searched(readers.discriminant),
        lambda: readers.searched(readers.ridge, step=0.06),
    ],
    wrong=readers.WRONG,
)
def readable_until(value):
    return readers.judged(value, seed_of_a_check(SEED_WHEN_STRICT))
