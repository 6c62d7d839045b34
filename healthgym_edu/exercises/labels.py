"""Words and units on an axis, whichever of the usual ways they are written in."""

from __future__ import annotations

import re
import unicodedata

_MICRO = r"(?:[µμu]|mc|\\mu\s*)"
_WORDS = r"[\s·⋅.]*((?:(?:of|cd4\s*\+?|t|lymphocytes?|cells?)[\s·⋅.-]*)*)"  # what is counted
_SAME = [  # (a way to write it, the one way it is compared in), in the order they are tried
    (r"\\(?:mathrm|text|rm)\b|[${}~]|\\[,;! ]", " "),
    (r"[‐-―−]", "-"),
    (r"per\s?cent(?:age)?", "%"),
    (r"(?<![a-z])mm\s*\^?\s*-\s*3(?!\d)", "/µl"),
    (
        r"cubic[\s-]*(?:milli-?met(?:re|er)s?|mm)|(?<![a-z])(?:c\.?\s?mm|mm\s*\^?\s*3)(?![a-z\d])",
        "µl",
    ),
    (rf"(?<![a-z]){_MICRO}l(?![a-z])|micro-?lit(?:re|er)s?", "µl"),
    (rf"(?<![a-z]){_MICRO}g(?![a-z])|micro-?grams?", "µg"),
    (r"milli-?lit(?:re|er)s?|(?<![a-z])ccm?(?![a-z])", "ml"),
    (r"milligrams?", "mg"),
    (r"kilograms?", "kg"),
    (r"milli-?moles?|millimols?", "mmol"),
    (r"(?<![a-z])(?:hours?|hrs?)(?![a-z])", "h"),
    (r"(?<![a-z])(?:minutes?|mins?)(?![a-z])", "min"),
    (r"(?<![a-zµ])lit(?:re|er)s?(?![a-z])", "l"),
    (r"(?<![a-zµ])([a-zµ]+)\s*\^?\s*-\s*1(?!\d)", r"/\1"),  # µL^-1
    (r"\s*(?:(?<![a-z])per(?![a-z])|\\?/)\s*", "/"),
    (  # 10^6 cells/L are cells/µL, and so are 10^3/mL
        r"(?:[×x*]|\\times)?\s*(?:(?:10\s*(?:\^|\*\*)?\s*|(?:1\s*)?e\+?)0?6|millions?|mio\.?)"
        rf"{_WORDS}/l(?![a-z])",
        r" \1/µl",
    ),
    (
        r"(?:[×x*]|\\times)?\s*(?:(?:10\s*(?:\^|\*\*)?\s*|(?:1\s*)?e\+?)0?3|thousands?)"
        rf"{_WORDS}/ml(?![a-z])",
        r" \1/µl",
    ),
    (r"[(\[]\s*/", "/"),
    (r"\s+/", "/"),
    (r"\s+", " "),
]


def plain(label: str) -> str:
    """Return a label in lower case, with each unit in one way of writing it.

    Examples
    --------
    >>> from healthgym_edu.exercises.labels import plain
    >>> plain("CD4 (cells per cubic millimetre)") == plain("CD4 (cells/uL)")
    True
    """
    label = unicodedata.normalize("NFKC", label).casefold()
    for way, same in _SAME:
        label = re.sub(way, same, label)
    return label.strip()


def lacking(label: str, words: str) -> list[str]:
    """Return those of the words, parted by blanks, that a label does not say in any way.

    Examples
    --------
    >>> from healthgym_edu.exercises.labels import lacking
    >>> lacking("CD4 count, cells per mm$^3$", "CD4 cells/µL"), lacking("CD4", "CD4 cells/µL")
    ([], ['cells/µL'])
    """
    said = plain(label)
    return [word for word in words.split() if not _occurs(plain(word), said)]


def _occurs(word: str, said: str) -> bool:
    """Whether a word is said; one of up to three letters only where it is not part of another."""
    if len(word) > 3 or not word.isalpha():
        return word in said
    return re.search(rf"(?<![a-zµ]){word}(?![a-zµ])", said) is not None
