"""What an alternative text says: the kind of figure, both axes, a direction, true numbers."""

from __future__ import annotations

import re
from typing import NoReturn

import pandas as pd

from healthgym_edu.exercises import Wrong

SHORTEST, LONGEST = 80, 400  # characters

SMALL_WORDS = (
    "a an and are as at by each for from has have in is of on per than that the their them those "
    "to was were when where which while who whose with"
)
FEWEST = 3  # small words of which a sentence has more than a list of words

BARS = re.compile(r"\b(bars?|columns?)\b")
DOTS = re.compile(r"\b(dots?|scatter ?plot|lollipops?|(?<!percentage )points?)\b")
OTHER = re.compile(
    r"\b(pie|dough?nut|histogram|box ?plots?|violins?|heat ?map|"
    r"(?:line|area) (?:chart|plot|graph|diagram)|lines(?=:))\b"
)
DEATHS = re.compile(
    r"\b(die|dies|died|dying|dead|deaths?|mortality|deceased?|fatalit\w*|passed away)\b"
)
SURVIVAL = re.compile(r"(?<!not )(?<!n't )\b(?:surviv\w*|alive)\b")
CAUSE = re.compile(
    r"\b(?:kill\w*|deadly|lethal|poison\w*)\b|"
    r"\b(?:because|due to|owing to|caused by|as a result of)\b[^.;]{0,40}\blact\w*|"
    r"\blact\w*[^.;]{0,30}?\b(?:(?<!all )causes|caused|causing|leads? to|leading to|makes?|"
    r"results? in (?:more|higher|an?|death)\b|responsible for|to blame)\b"
)
DENIED = re.compile(r"\b(?:not|never|no|cannot)\b|n't")
UP = re.compile(
    r"\b(ris\w*|rose|increas\w*|grow\w*|grew|climb\w*|taller|doubl\w*|higher|more often|"
    r"more patients|more deaths|upwards?|go(?:es|ing)? up|went up|steeper|"
    r"times as (often|many|high))\b"
)
DOWN = re.compile(
    r"\b(fall\w*|fell|decreas\w*|declin\w*|drop\w*|sink\w*|lower|fewer|less often|downwards?|"
    r"go(?:es|ing)? down|went down)\b"
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
OF_100 = re.compile(rf"\b(?:of|in|among) (?:every )?100\b[^.;]{{0,60}}?\b{NUMBER} (?:die|died)\b")
DECIMAL = re.compile(r"(?<![\d.])0?\.\d{2,3}\b")
OF_LACTATE = re.compile(  # what the text says lactate does, beside what deaths do
    r"(?:as|when|while|with) (?:the )?(?:(rising|increasing|growing|higher|more)|"
    r"(falling|decreasing|lower|less))? ?lactate(?: at hour \d+)?(?: (?:(rises|grows|increases|"
    r"climbs|goes up|is high)|(falls|drops|decreases|declines|sinks|goes down|is low)))?|"
    r"the (?:(higher|more)|(lower|less)) (?:the )?lactate"
)
LEAST = re.compile(r"\b(?:lowest|fewest|least|smallest|rarest)\b")
MOST = re.compile(r"\b(?:highest|most|largest|greatest|tallest)\b")
LOW_GROUP = r"(?:below|under|less than|<)\s*1\b|(?:lowest|low|little|least|first) (?:group|lactate)"
HIGH_GROUP = (
    r"\b4(?: mmol/?l)? (?:and|or) (?:more|above|over|higher)|(?:at least|above|over|≥|>=?)\s*4\b|"
    r"(?:highest|high|most|much|last) (?:group|lactate)"
)
WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
DIGITS = dict(zip(WORDS, range(2, 11), strict=True))
TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
ONES = f"one|{'|'.join(WORDS)}|eleven|twelve|[a-z]+teen"
IN_WORDS = re.compile(
    rf"\b(?:{TENS}|{ONES})\b[ -](?:(?:{ONES})[ -])?(?:in|of|out of|per ?cent)\b|"
    rf"\b(?:{TENS})\b|\b(?:half|third|quarter|tenth)s?\b"
)
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
    _expect_sentence(text)
    _expect_kind(text)
    if "lact" not in text:
        raise Wrong("the text does not name the lactate, which is on one axis", "name both axes")
    if not DEATHS.search(text):
        raise Wrong("the text does not name the deaths, which are on one axis", "name both axes")
    refuse_cause(text)
    _expect_true_numbers(_without_survivors(text, 100 * share), 100 * share)


def _expect_sentence(text: str) -> None:
    """Refuse a heap of words: one said twice in a row, many repeated, or no small ones."""
    twice = re.search(r"\b(?!that\b|had\b)([a-z]{2,})[\s,]+\1\b", text)
    if twice:
        raise Wrong(f"the word “{twice[1]}” stands there twice in a row", "write a sentence")
    words = re.findall(r"[a-z]{2,}", text)
    if len(set(SMALL_WORDS.split()) & set(words)) < FEWEST or len(set(words)) < 0.45 * len(words):
        step = "write a sentence: what rises, as what grows, from how much to how much"
        raise Wrong("these are single words, and no sentence", step)


def _expect_kind(text: str) -> None:
    kinds = [found[0] for kind in (OTHER, BARS, DOTS) if (found := kind.search(text))]
    if not kinds:
        raise Wrong("the text does not say what kind of figure this is", "begin with “Bars: …”")
    if OTHER.search(text):
        raise Wrong(f"the text speaks of “{kinds[0]}”; yours has bars or dots", "say which")
    if len(kinds) > 1 and kinds[1].startswith("dot"):
        raise Wrong(f"the text names two kinds of figure, {kinds[0]} and {kinds[1]}", "name one")


def refuse_cause(text: str) -> None:
    """Refuse words, in small letters, that say what deaths come from, unless they deny it."""
    for found in CAUSE.finditer(text):
        before = re.split(r"[.;:]", text[: found.end()])[-1]
        if not DENIED.search(before):
            step = "say only who dies more often; sicker patients have more lactate, too"
            raise Wrong(f"“{found[0]}” claims a cause, and the figure shows none", step)


def _without_survivors(text: str, percent: pd.Series) -> str:
    """Judge what is said of survivors, and return the text as if it spoke of the dead alone."""
    rest, begun = [], ""
    for part in re.split(r"(?<=[.;,:])\s", text):
        clause, begun = begun + part, ""
        if not re.search(r"\w", OF_LACTATE.sub(" ", clause)):
            begun = f"{clause} "  # "As lactate falls," belongs to what follows
            continue
        if not SURVIVAL.search(clause):
            rest.append(clause)
            continue
        said = OF_LACTATE.sub(" ", clause)
        up, down = bool(UP.search(said)), bool(DOWN.search(said))
        lactate_falls = bool(DOWN.search(clause)) and not down
        if up and not down and not lactate_falls:
            raise Wrong("the text says that survival rises; the figure shows deaths", "say deaths")
        for number in map(float, WITH_PERCENT.findall(NOT_A_SHARE.sub(" ", clause))):
            if (100 - percent - number).abs().min() > 1.0:
                slip = f"the text says that {number:g} % survive, and no group has that"
                raise Wrong(slip, "the figure shows deaths: say how many die")
        about = OF_LACTATE.search(clause)
        if up != down:
            rest.append(f"{about[0] if about else ''} deaths {'rise' if down else 'fall'},")
    return " ".join(rest)


def _expect_true_numbers(text: str, percent: pd.Series) -> None:
    rest = NOT_A_SHARE.sub(" ", text)
    told = [float(number) for number in WITH_PERCENT.findall(rest)]
    told += [float(number) for number in OF_100.findall(rest)]
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
        _name_what_lacks(rest, percent)
    _expect_direction(text, ends, told, percent)


def _name_what_lacks(rest: str, percent: pd.Series) -> NoReturn:
    step = "say how many of 100 die, at both ends"
    bare = [n for n in re.findall(NUMBER, rest) if (percent - float(n)).abs().min() <= 1.0]
    if bare:
        step = "say of what: write % or “in 100” behind each number"
        raise Wrong(f"the numbers {' and '.join(bare)} have no unit", step)
    if IN_WORDS.search(rest):
        step = "write the numbers as digits, with % or “in 100”"
        raise Wrong("the numbers are written as words, which are hard to compare", step)
    raise Wrong("the text has no number of deaths", step)


def _expect_direction(text: str, ends: list[float], told: list[float], percent: pd.Series) -> None:
    found = OF_LACTATE.search(text)
    up_one, down_one, up_two, down_two, up_three, down_three = found.groups() if found else [""] * 6
    lactate_falls = bool(down_one or down_two or down_three)
    lactate_rises = bool(up_one or up_two or up_three)
    rest = text.replace(found[0], " ") if found and (lactate_falls or lactate_rises) else text
    up, down = bool(UP.search(rest)), bool(DOWN.search(rest))
    if not up and not down:
        if LEAST.search(text) and MOST.search(text) and _right_ends(text, percent):
            return
        raise Wrong("the text gives no direction", "do deaths rise or fall as lactate grows?")
    if up == down:  # it speaks of both: only its numbers can be judged
        return
    turned = (lactate_falls and up) or (lactate_rises and down)
    alone = down and not lactate_falls and not (ends and ends[0] > ends[-1])
    if turned or (alone and not (len(told) > 1 and told[0] > told[-1])):
        raise Wrong("the direction is the other way round", "which end has more deaths?")
    if ends and (ends[0] < ends[-1]) != up:
        raise Wrong("the direction and the numbers do not agree", "which end has more deaths?")


def _right_ends(text: str, percent: pd.Series) -> bool:
    """Whether "lowest (9 %) … highest (46 %)" names both groups, each with its own number."""
    ends = [(text.index(one), low) for low, names in ((True, LOW_GROUP), (False, HIGH_GROUP))
            for one in re.findall(names, text)[:1]]  # fmt: skip
    numbers = [float(number) for number in WITH_PERCENT.findall(text)]
    if len(ends) < 2 or len(numbers) < 2:
        return False
    first_is_low = min(ends)[1]
    wanted = percent.iloc[[0, -1]] if first_is_low else percent.iloc[[-1, 0]]
    if (wanted - [numbers[0], numbers[-1]]).abs().max() > 1.0:
        raise Wrong("the numbers stand at the wrong groups", "which end has more deaths?")
    return True
