"""The one-sided penalty of chapter 10: right and wrong ones, and what is demanded of it.

Only functions import torch: the exercises of other chapters are declared without it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from healthgym_edu.exercises import NotAttempted, Wrong
from healthgym_edu.exercises.describe import describe
from healthgym_edu.exercises.placeholder import is_blank

STEP = "call it with critic, real, made and share of the cells above"

SOLUTION = """
import torch

def one_sided(critic, real, made, share):
    between = []
    for one, other in zip(real, made):
        part = share.view(-1, *[1] * (one.dim() - 1))
        between.append((part * one + (1 - part) * other).detach().requires_grad_(True))
    gradients = torch.autograd.grad(critic(*between).sum(), between, create_graph=True)
    length = sum(one.flatten(1).square().sum(dim=1) for one in gradients).sqrt()
    return (length - 1).clamp(min=0).square().mean()
"""


def mixed(real, made, share):
    """Points between real and made records."""
    between = []
    for one, other in zip(real, made, strict=True):
        part = share.view(-1, *[1] * (one.dim() - 1))
        between.append((part * one + (1 - part) * other).detach().requires_grad_(True))
    return between


def lengths(critic, between, graph=True, of="sum"):
    """The length of the gradient of each record."""
    import torch

    score = getattr(critic(*between), of)()
    gradients = torch.autograd.grad(score, between, create_graph=graph)
    return sum(one.flatten(1).square().sum(dim=1) for one in gradients).sqrt()


def above(length):
    return (length - 1).clamp(min=0).square()


def right(critic, real, made, share):
    return above(lengths(critic, mixed(real, made, share))).mean()


def by_relu(critic, real, made, share):
    import torch

    length = lengths(critic, mixed(real, made, share))
    return torch.relu(length - 1).pow(2).sum() / len(share)


def by_parts(critic, real, made, share):
    """One record after the other, with torch.where at the end."""
    import torch

    found = []
    for k in range(len(share)):
        statics = (share[k] * real[0][k] + (1 - share[k]) * made[0][k])[None]
        months = (share[k] * real[1][k] + (1 - share[k]) * made[1][k])[None]
        statics, months = (one.detach().requires_grad_() for one in (statics, months))
        pair = torch.autograd.grad(critic(statics, months)[0], (statics, months), create_graph=True)
        length = torch.cat([one.reshape(-1) for one in pair]).norm()
        found.append(torch.where(length > 1, (length - 1) ** 2, 0 * length))
    return torch.stack(found).mean()


def by_lerp(critic, real, made, share):
    import torch

    statics = torch.lerp(made[0], real[0], share[:, None]).detach().requires_grad_()
    months = torch.lerp(made[1], real[1], share[:, None, None]).detach().requires_grad_()
    pair = torch.autograd.grad(critic(statics, months).sum(), [statics, months], create_graph=True)
    length = torch.cat([one.flatten(1) for one in pair], dim=1).norm(dim=1)
    return above(length).mean()


# --- what goes wrong -----------------------------------------------------------------------------


def to_zero(critic, real, made, share):
    return lengths(critic, mixed(real, made, share)).square().mean()


def two_sided(critic, real, made, share):
    return (lengths(critic, mixed(real, made, share)) - 1).square().mean()


def averaged_first(critic, real, made, share):
    return above(lengths(critic, mixed(real, made, share)).mean())


def not_squared(critic, real, made, share):
    return (lengths(critic, mixed(real, made, share)) - 1).clamp(min=0).mean()


def summed(critic, real, made, share):
    return above(lengths(critic, mixed(real, made, share))).sum()


def below(critic, real, made, share):
    return (1 - lengths(critic, mixed(real, made, share))).clamp(min=0).square().mean()


def other_share(critic, real, made, share):
    return right(critic, real, made, 1 - share)


def of_real(critic, real, made, share):
    return right(critic, real, real, share)


def of_made(critic, real, made, share):
    return right(critic, made, made, share)


def months_alone(critic, real, made, share):
    between = mixed(real, made, share)
    return above(lengths(lambda months: critic(between[0], months), between[1:])).mean()


def whole_batch(critic, real, made, share):
    return above(lengths(critic, mixed(real, made, share)).square().sum().sqrt())


def of_the_mean(critic, real, made, share):
    return above(lengths(critic, mixed(real, made, share), of="mean")).mean()


def month_by_month(critic, real, made, share):
    import torch

    between = mixed(real, made, share)
    gradients = torch.autograd.grad(critic(*between).sum(), between, create_graph=True)
    squares = gradients[0].square().sum(dim=1)[:, None] + gradients[1].square().sum(dim=2)
    return above(squares.sqrt()).mean()


def without_root(critic, real, made, share):
    return above(lengths(critic, mixed(real, made, share)).square()).mean()


def one_share_for_months(critic, real, made, share):
    """Another share for the months than for what never changes."""
    between = [mixed(real, made, share)[0], mixed(real, made, share.flip(0))[1]]
    return above(lengths(critic, between)).mean()


def own_shares(critic, real, made, share):
    import torch

    return right(critic, real, made, torch.rand(len(share)))


def detached(critic, real, made, share):
    return above(lengths(critic, mixed(real, made, share), graph=False)).mean()


def as_number(critic, real, made, share):
    return right(critic, real, made, share).item()


def of_the_steep_alone(critic, real, made, share):
    length = lengths(critic, mixed(real, made, share))
    return above(length[length > 1]).mean()


SLIPS: dict[str, Callable[..., Any]] = {
    "it punishes every length, so it pulls the critic to 0; subtract 1 first": to_zero,
    "it also punishes lengths below 1; let those count 0": two_sided,
    "it averages the lengths of the batch first, so that steep and flat places cancel; square what "
    "is above 1 for each pair, then average": averaged_first,
    "what is above 1 is not squared": not_squared,
    "it is the mean over the lengths above 1 alone; take the mean over all pairs, in which the "
    "others count 0": of_the_steep_alone,
    "it is the sum over the pairs; take the mean": summed,
    "it punishes lengths below 1; turn it round": below,
    "`share` is of the real record, and yours is of the made one": other_share,
    "it asks at the real records; ask between real and made ones": of_real,
    "it asks at the made records; ask between real and made ones": of_made,
    "the gradient of what never changes is missing from the length": months_alone,
    "it takes one length for the whole batch; each pair has its own": whole_batch,
    "the gradient is that of the mean score, which is smaller; take the sum": of_the_mean,
    "it takes a length for each month; a record has one": month_by_month,
    "it is the square of the length; take the root first": without_root,
    "the months are mixed with another share than what never changes; a pair has one share": (
        one_share_for_months
    ),
}
WRONG = [
    *((partial(lambda wrong: wrong, wrong), slip[:30]) for slip, wrong in SLIPS.items()),
    (lambda: own_shares, "two answers"),
    (lambda: detached, "create_graph"),
    (lambda: as_number, "a tensor"),
    (lambda: lambda critic, real, made, share: None, "returned nothing"),
    (lambda: lambda critic, real, made, share: real[0].mean(), "mix, gradient"),
    (lambda: lambda critic, real, made, share: critic(*real), "one number"),
    (0.3, "without parentheses"),
]


# --- the judgement -------------------------------------------------------------------------------


def _toy(n: int, still: int, steps: int, moving: int, seed: int) -> tuple[Any, ...]:
    """A critic that is flat for some records and steep for others, and a batch of pairs."""
    import torch

    luck = torch.Generator().manual_seed(seed)

    def random(*shape):
        return torch.randn(*shape, generator=luck, dtype=torch.float64)

    class Bent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.still = torch.nn.Parameter(1.2 * random(still))
            self.moving = torch.nn.Parameter(0.7 * random(steps, moving))

        def forward(self, statics, months):
            a, b = statics @ self.still, (months * self.moving).sum(dim=(1, 2))
            return torch.sin(a) + torch.log1p(torch.exp(b)) + 0.2 * a * b

    real, made = ((random(n, still), scale * random(n, steps, moving)) for scale in (1, 0.4))
    return Bent(), real, made, torch.rand(n, generator=luck, dtype=torch.float64)


def _cases() -> list[tuple[Any, ...]]:
    return [_toy(7, 2, 3, 2, 0), _toy(24, 3, 5, 4, 1), _toy(5, 1, 2, 1, 11)]


def judged(value: Any) -> str:
    """Demand the penalty and that a critic can learn from it."""
    import torch

    if is_blank(value):
        raise NotAttempted
    if not callable(value):
        raise Wrong("the answer is your function: give its name without parentheses")
    cases = _cases()
    said = [_called(value, case) for case in cases]
    again = [_called(value, case) for case in cases]
    for one, other in zip(said, again, strict=True):
        if not torch.allclose(one.detach(), other.detach()):
            raise Wrong(
                "the same pairs get two answers",
                "use the `share` that your function is given, and draw nothing anew",
            )
    found = torch.stack([one.detach() for one in said]).double()
    want = torch.stack([right(*case).detach() for case in cases])
    if not torch.allclose(found, want, rtol=1e-5, atol=1e-8):
        for slip, wrong in SLIPS.items():
            slipped = torch.stack([wrong(*case).detach() for case in cases])
            if torch.allclose(found, slipped, rtol=1e-5, atol=1e-8):
                raise Wrong(f"your penalty is not right yet: {slip}", STEP)
        raise Wrong("your penalty is not right yet", "mix, gradient, length, above 1, square, mean")
    for one, case in zip(said, cases, strict=True):
        weights = list(case[0].parameters())
        if not one.requires_grad or not any(
            part is not None and part.abs().sum() > 0
            for part in torch.autograd.grad(one, weights, allow_unused=True)
        ):
            raise Wrong(
                "the number is right, but no critic can learn from it: it is cut off from the "
                "critic's weights",
                "keep `create_graph=True`, and do not detach the gradient",
            )
    return "The value is right, and a critic can learn from it."


def _called(value: Any, case: tuple[Any, ...]) -> Any:
    import torch

    critic, real, made, share = case
    with torch.enable_grad():
        try:
            one = value(critic, real, made, share)
        except Exception as error:
            problem = f"your function raised {type(error).__name__}: {error}"
            raise Wrong(f"{problem:.240}", STEP) from error
    if is_blank(one):
        raise NotAttempted
    if one is None:
        raise Wrong("your function returned nothing", "end it with `return …`")
    if not isinstance(one, torch.Tensor):
        raise Wrong(
            f"your function returned {describe(one)}, not a tensor",
            "leave out `.item()` and `float()`, so that the critic can learn from it",
        )
    if one.numel() != 1:
        raise Wrong(f"your function returned {one.numel()} values, not one number", "take the mean")
    return one.reshape(())
