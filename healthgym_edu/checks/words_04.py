"""What an alternative text says: the kind of figure, both axes, a direction, true numbers."""

from __future__ import annotations

import re

import pandas as pd

from healthgym_edu.exercises import Wrong

SHORTEST, LONGEST = 80, 400  # characters

KINDS = ("bar", "dot", "column", "lollipop", "point")
DEATHS = re.compile(r"\b(die|dies|died|dying|dead|deaths?|mortality)\b")
UP = re.compile(
    r"\b(ris\w*|rose|increas\w*|grow\w*|grew|climb\w*|higher|more often|more patients|more deaths|"
    r"upwards?|steeper|times as (often|many|high))\b"
)
DOWN = re.compile(
    r"\b(fall\w*|fell|decreas\w*|declin\w*|drop\w*|sink\w*|lower|fewer|less often|downwards?)\b"
)
NOT_A_SHARE = re.compile(  # the hour, the day, and the edges of the groups
    r"\b(hour|day)s?\s*\d+|\d+[- ]*(hours?|days?)\b|"
    r"(below|under|above|over|than|least|of|at)?\s*\d+(\.\d+)?\s*(and|or)\s*(more|above|over|higher)|"
    r"\d+(\.\d+)?\s*(to|-|–)?\s*(\d+(\.\d+)?)?\s*mmol/?l?|(below|under)\s+1\b(?!\d)"
)
NUMBER, IN_100 = r"(\d+(?:\.\d+)?)", r"\s*(?:%|per ?cent|in (?:a hundred|100|every 100)|of 100)"
ABOUT = r"(?:about |some |around )?"
WITH_PERCENT = re.compile(NUMBER + IN_100)
FROM_TO = re.compile(f"from {ABOUT}{NUMBER}[^.;]{{0,60}}? to {ABOUT}{NUMBER}{IN_100}")
DECIMAL = re.compile(r"(?<![\d.])0?\.\d{2,3}\b")
OF_LACTATE = re.compile(  # what the text says lactate does, beside what deaths do
    r"(?:as|when|while|with) (?:the )?(?:(rising|increasing|growing|higher|more)|"
    r"(falling|decreasing|lower|less))? ?lactate(?: at hour \d+)?(?: (?:(rises|grows|increases|"
    r"climbs|goes up|is high)|(falls|drops|decreases|declines|sinks|goes down|is low)))?|"
    r"the (?:(higher|more)|(lower|less)) (?:the )?lactate"
)
WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
DIGITS = dict(zip(WORDS, range(2, 11), strict=True))
TIMES = re.compile(rf"\b(\d+(?:\.\d+)?|{'|'.join(WORDS)})[- ](?:times|fold)")


def read_text(value: object, share: pd.Series) -> None:
    """Refuse an alternative text that would not tell what the figure of these shares tells."""
    if not isinstance(value, str):
        raise Wrong("an alternative text is a text", "put it between quotation marks")
    text = " ".join(value.lower().split())
    if not SHORTEST <= len(text) <= LONGEST:
        step = f"say kind, axes and message in {SHORTEST} to {LONGEST} characters"
        raise Wrong(f"your text is {len(text)} characters long", step)
    said = re.search(r"\b(image|picture|graphic|screenshot|photo) (of|show\w*)\b", text)
    if said:
        step = "begin with the kind of figure; a screen reader says “graphic” by itself"
        raise Wrong(f"leave out “{said[0]}”", step)
    if not any(kind in text for kind in KINDS):
        raise Wrong("the text does not say what kind of figure this is", "begin with “Bars: …”")
    if "lact" not in text:
        raise Wrong("the text does not name the lactate, which is on one axis", "name both axes")
    if not DEATHS.search(text):
        raise Wrong("the text does not name the deaths, which are on one axis", "name both axes")
    _expect_true_numbers(text, 100 * share)


def _expect_true_numbers(text: str, percent: pd.Series) -> None:
    rest = NOT_A_SHARE.sub(" ", text)
    told = [float(number) for number in WITH_PERCENT.findall(rest)]
    told += [100 * float(number) for number in DECIMAL.findall(rest)]
    ends = [float(number) for pair in FROM_TO.findall(rest) for number in pair]
    for number in (*told, *ends):
        if (percent - number).abs().min() > 1.0:
            raise Wrong(f"the text says {number:g} %, and no group has that", "read it off again")
    times = [float(DIGITS.get(number, 0) or number) for number in TIMES.findall(rest)]
    ratios = [a / b for a in percent for b in percent if a > b]
    for number in times:
        if min(abs(ratio - number) for ratio in ratios) > 0.5:
            slip = f"the text says {number:g} times, and no two groups differ by that"
            raise Wrong(slip, "divide again")
    if not told and not ends and not times:
        raise Wrong("the text has no number of deaths", "say how many of 100, at both ends")
    _expect_direction(text, ends, told)


def _expect_direction(text: str, ends: list[float], told: list[float]) -> None:
    found = OF_LACTATE.search(text)
    up_one, down_one, up_two, down_two, up_three, down_three = found.groups() if found else [""] * 6
    lactate_falls = bool(down_one or down_two or down_three)
    lactate_rises = bool(up_one or up_two or up_three)
    rest = text.replace(found[0], " ") if found and (lactate_falls or lactate_rises) else text
    up, down = bool(UP.search(rest)), bool(DOWN.search(rest))
    if not up and not down:
        raise Wrong("the text gives no direction", "do deaths rise or fall as lactate grows?")
    if up == down:  # it speaks of both: only its numbers can be judged
        return
    turned = (lactate_falls and up) or (lactate_rises and down)
    alone = down and not lactate_falls and not (ends and ends[0] > ends[-1])
    if turned or (alone and not (len(told) > 1 and told[0] > told[-1])):
        raise Wrong("the direction is the other way round", "which end has more deaths?")
    if ends and (ends[0] < ends[-1]) != up:
        raise Wrong("the direction and the numbers do not agree", "which end has more deaths?")
