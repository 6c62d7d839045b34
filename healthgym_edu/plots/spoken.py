"""What a condition's own words tell a bedside chart: parts of an order, units, goals, endings."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ..engine import Mechanism
from ..schema import Schema

HOLD = "hold"
Parts = list[tuple[str, list[str]]]
"""What is ordered, and the levels of it: ``("fluid", ["0", "250"])``."""


def finest(mechanism: Mechanism) -> Mechanism:
    """Return the mechanism whose actions are levels; itself, if its own are not relative."""
    return getattr(mechanism, "finer", mechanism)


def parts_of(actions: Sequence[str]) -> Parts:
    """Return the two parts of actions.

    >>> parts_of(["fluid 0, vasopressor up", "fluid 250, vasopressor up"])
    [('fluid', ['0', '250']), ('vasopressor', ['up'])]
    """
    found = []
    for labels in zip(*(label.split(", ") for label in actions), strict=True):
        name = labels[0].split(" ")[0]
        levels = dict.fromkeys(label.removeprefix(f"{name} ") for label in labels)
        found.append((name, list(levels)))
    return found


def units_of(parts: Parts, words: str) -> dict[str, str]:
    """Return in what the levels of each part count that have numbers.

    >>> units_of([("fluid", ["0", "250"]), ("vasopressor", ["up"])], "fluid bolus in mL, of all")
    {'fluid': 'mL'}
    """
    found = {name: re.search(rf"{name}[^,]*? in ([^,]+)", words) for name, _ in parts}
    counted = {name for name, labels in parts if re.search(r"\d", "".join(labels))}
    return {name: one[1] for name, one in found.items() if one and name in counted}


def goals_of(mechanism: Mechanism) -> dict[str, tuple[float, str]]:
    """Return what counts as recovery, of the columns on the chart: a value, and words for it."""
    goals = {}
    for event in finest(mechanism).events.values():
        number = re.search(r"\d+", event.words)
        if event.column in mechanism.bedside and number:
            words = "below {}" if "below" in event.words else "{} or more"
            goals[event.column] = float(number[0]), words.format(number[0])
    return goals


def ran(
    seen: pd.DataFrame, orders: Sequence[tuple[int, ...]], mechanism: Mechanism, parts: Parts
) -> tuple[list[tuple[int, ...]], Parts, list[int | None]]:
    """Return the levels that ran after each order, the parts whose levels they are, and the first.

    An order such as ``"vasopressor up"`` says nothing of the level: what is in view at the next
    decision does.  What is not in view, such as a bolus, is what was ordered; then nobody knows
    what came before the first order: None.
    """
    columns, known, before = [], [], list[int | None]()
    for k, (part, fine) in enumerate(zip(parts, parts_of(finest(mechanism).actions), strict=True)):
        name = f"{part[0]} level"
        levels = seen[name].astype(int).tolist() if name in seen else []
        columns.append(levels[1:] or [one[k] for one in orders])
        known.append(fine if levels else part)
        before.append(levels[0] if levels else None)
    return list(zip(*columns, strict=True)), known, before


def usual(
    seen: pd.DataFrame, orders: Sequence[tuple[int, ...]], mechanism: Mechanism, parts: Parts
) -> tuple[int, ...]:
    """Return the order that changes nothing: hold, or what runs, or what was ordered last."""
    levels, known, before = ran(seen, orders, mechanism, parts)
    now = levels[-1] if levels else before
    places = []
    for k, (part, fine) in enumerate(zip(parts, known, strict=True)):
        if HOLD in part[1]:
            places.append(part[1].index(HOLD))
        elif part == fine:
            places.append(now[k] or 0)
        else:
            places.append(orders[-1][k] if orders else 0)
    return tuple(places)


def death_of(schema: Schema) -> tuple[str, str]:
    """Return the column of who died, within the longest time, and what it says, in words."""
    fact = [fact for fact in schema.facts if fact.name.startswith("Died")][-1]
    return fact.name, fact.description.removeprefix("Whether the patient ").rstrip(".")


def ending(died: str, true: bool) -> str:
    """Return what became of a patient.

    >>> ending("died by day 90", False), ending("died within the stay", False)
    ('alive on day 90', 'alive after the stay')
    """
    _, when, time = died.split(" ", 2)
    return died if true else f"alive {'on' if when == 'by' else 'after'} {time}"
