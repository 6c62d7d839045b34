"""What a decision about a table says: five parts, and numbers that were really found."""

from __future__ import annotations

import re

import pandas as pd

from healthgym_edu.exercises import Wrong

FEWEST_WORDS, MOST_WORDS = 70, 500
ENOUGH = 3  # findings that are quoted

SMALL_WORDS = (
    "a an and are as at be because but by can do for from has have if in is it its not of on or so "
    "that the their them there they this to was we were what which who will with would"
)
PUBLISH = (
    r"(?:publish\w*|publication|releas\w*|shar(?:e|ed|ing)\b|hand(?:ed|ing)? out|giv(?:e|en) out|"
    r"sign\b|go out)"
)
DENIAL = r"(?:\bnot\b|n['’]t\b|\bnever\b|\bcannot\b|\bagainst\b|\bno\b)"
REFUSED = re.compile(
    rf"{DENIAL}[^.;:!?]{{0,60}}?{PUBLISH}|"
    r"\b(?:refus\w*|reject\w*|withhold\w*|declin\w*|decide against|"
    r"(?:hold|keep) (?:it|this|the) .{0,20}back|un(?:published|released)|"
    r"(?:answer|decision|advice|verdict) is:? no\b|"
    r"(?:must|should|has to) (?:stay|remain) (?:in|inside|with|where|closed|locked|private)\b)|"
    r"^no[.,:;!]"
)
WELCOMED = re.compile(  # a double no
    r"(?:not|n['’]t|never) (?:hesitate|object|mind)|"
    r"no (?:reason|need|cause|ground)s? (?:not )?(?:to|against)|"
    r"nothing (?:speaks )?against|no objections?"
)
CONDITIONAL = re.compile(
    r"\bonly (?:if|when|after|once|under|to|for|within|on|as|those|named|in|with)\b|"
    r"\bon (?:the |one |two |three )?conditions?\b|\bprovided\b|\bunless\b|\b(?:table|it) if\b|"
    r"\bunder (?:a |an |the |strict )?(?:contract|agreement|conditions?|control\w*)|\brestricted\b|"
    r"\bcontrolled access"
)
ALLOWED = re.compile(rf"{PUBLISH}|\bapprov\w*|\baccept\w*")
EXPOSED = re.compile(
    r"\b(?:rare\w*|unusual\w*|uncommon|unlike|small(?:er|est)? groups?|few (?:people|others)|"
    r"minorit\w*|outliers?|extreme|unique|stand(?:s|ing)? out|atypical)\b"
)
UNTESTED = re.compile(
    r"\buntested\b|\bunknown\b|\bremains? open\b|"
    r"\b(?:not|never|nor|no one|nobody)\b[^.;!?]{0,30}?"
    r"\b(?:test\w*|tr(?:y|ied)|examin\w*|check\w*|measur\w*|know|known|stud(?:y|ied)|attempt\w*|"
    r"investigat\w*|assess\w*)\b|"
    r"n['’]t\b[^.;!?]{0,30}?\b(?:test\w*|tr(?:y|ied)|examin\w*|check\w*|measur\w*|know|assess\w*)\b"
)
CONDITIONS = re.compile(
    r"\b(?:unless|until|provided|conditions?|contract|agreement|once|"
    r"only (?:if|after|when|under|to|for|within|on)|"
    r"(?:would|could|may|can)\b[^.!?]{0,80}\bif|if\b[^.!?]{0,120}\b(?:would|could|may|can|will))\b"
)
OVERCLAIM = re.compile(
    r"\b(?:(?:fully|completely|truly|perfectly|totally) (?:safe|anonym\w+)|(?:no|zero) risk|"
    r"risk[- ]free|nobody can be (?:found|identified|named)|(?:is|are) (?:safe|anonym\w+))\b"
)
DENIED = re.compile(r"\b(?:not|never|cannot|nor|whether|says?|claims?|claimed)\b|n['’]t\b")
NUMBER = re.compile(r"(?<![\w.,])[−–-]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\d,]*\w)")
SHARE = re.compile(
    r"(?<![\w.,])(\d+(?:\.\d+)?)\s*(?:%|per ?cent\b|(?:in|of|out of) (?:a |every )?100\b)"
)
USUAL = {0.045, 0.09, 1, 5, 9, 50, 95, 99, 100}
"""Per cents that stand in the chapter: limits, levels, the published risk."""


def read_decision(value: object, evidence: pd.Series) -> None:
    """Refuse a decision that leaves a part out, or tells numbers that nobody found.

    Parameters
    ----------
    value : object
        What was handed in.
    evidence : Series
        The findings under their names; those with "(%)" are per cent.
    """
    if not isinstance(value, str):
        raise Wrong("a decision is a text", "put it between three quotation marks on each side")
    text = " ".join(value.replace("−", "-").lower().split())
    _expect_page(text)
    sentences = re.split(r"(?<=[.!?])\s+(?=\D)", text)
    kind = _expect_decision(sentences[:2])
    _refuse_overclaim(text)
    _expect_numbers(text, evidence)
    if not EXPOSED.search(text):
        raise Wrong("the text does not say who is exposed", "whom would this table harm most?")
    if not UNTESTED.search(text):
        step = "say what you did not try, and so do not know"
        raise Wrong("the text does not say what was not tested", step)
    rest = " ".join(sentences[1:]) if kind == "refused" else text
    if not CONDITIONS.search(rest):
        step = "what has to happen first, or how may the table be used?"
        raise Wrong("the text names no conditions", step)


def _expect_page(text: str) -> None:
    words = re.findall(r"[^\W\d_]+", text)
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        step = f"one page has {FEWEST_WORDS} to {MOST_WORDS} words"
        raise Wrong(f"your text has {len(words)} words", step)
    sentences = re.findall(r"[.!?](?:\s|$)", text)
    common = sum(word in SMALL_WORDS.split() for word in words) / len(words)
    if len(sentences) < 4 or common < 0.2 or len(set(words)) < 0.4 * len(words):
        step = "write sentences that somebody can follow who has not read the chapter"
        raise Wrong("this is a list of words, and no page to a registry", step)


def _expect_decision(sentences: list[str]) -> str:
    """Return which decision the first two sentences hold."""
    begin = [WELCOMED.sub("publish", one) for one in sentences]
    if any(REFUSED.search(one) for one in begin):
        return "refused"
    allowed = [one for one in begin if ALLOWED.search(one)]
    if any(CONDITIONAL.search(one) for one in allowed):
        return "conditional"
    if allowed:
        problem = "the text publishes the table without any condition, and the attacks find people"
        raise Wrong(problem, "would a member agree who reads your numbers?")
    step = "begin with it: publish, do not publish, or only on conditions"
    raise Wrong("there is no decision in the first two sentences", step)


def _refuse_overclaim(text: str) -> None:
    for found in OVERCLAIM.finditer(text):
        clause = re.split(r"[.;:!?]", text[: found.start()])[-1]
        if not DENIED.search(clause):
            step = "say what was tried and found; an attack that fails proves little"
            raise Wrong(f"“{found[0]}” is more than any test can show", step)


def _expect_numbers(text: str, evidence: pd.Series) -> None:
    for told in SHARE.findall(text):
        near = min(_gap(told, one) for one in _ways(evidence))
        if float(told) not in USUAL and near > 0:
            raise Wrong(f"the text says {told} %, and no finding has that", "read `evidence` again")
    numbers = [whole.replace(",", "") + rest for whole, rest in NUMBER.findall(text)]
    quotes = {
        name: {one for one in numbers for way in _ways(evidence[[name]]) if _quotes(one, way)}
        for name in evidence.index
    }
    quoted = [name for name, found in quotes.items() if found]
    different = len(set().union(*quotes.values()))  # one number may fit two findings
    if different < ENOUGH:
        count = f"the text quotes {different} of your findings"
        raise Wrong(count, f"quote {ENOUGH} or more, as digits, as they stand in `evidence`")
    use = [name for name in quoted if "prediction" in name or "difference" in name]
    if not use or len(use) == len(quoted):
        lacking = "what the table is good for" if not use else "what an attack finds"
        raise Wrong(f"no number says {lacking}", "weigh privacy and use against each other")


def _ways(evidence: pd.Series) -> list[float]:
    """The findings as they may be said: -3.6 as 3.6; an AUROC of 0.72 as 72 %; 69.4 % as 0.694."""
    ways = []
    for name, value in evidence.abs().items():
        factor = 0.01 if "(%)" in str(name) else 100 if "AUROC" in str(name) else 1
        ways += [value, factor * value]
    return ways


def _quotes(told: str, value: float) -> bool:
    """Whether a number of the text is this finding: the 1 of “1 in 100” is no AUROC of 0.95."""
    return _gap(told, value) == 0 and ("." in told or value >= 1)


def _gap(told: str, value: float) -> float:
    """How far a number is from a finding, beyond what rounding and a unit of it explain."""
    decimals = len(told.partition(".")[2])
    return max(0.0, abs(float(told) - value) - 0.51 * 10**-decimals)
