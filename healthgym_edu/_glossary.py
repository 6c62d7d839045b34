"""The words of the course: each explained in two sentences, with the chapter that teaches it.

The words stand in ``glossary.toml``.  `glossary` looks them up, and ``Chapters/GLOSSARY.md`` is
written from the same file when the chapters are built.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from .errors import ArgumentError

__all__ = ["Entry", "entries", "glossary", "page"]


@dataclass(frozen=True)
class Entry:
    """One word of the course.

    Attributes
    ----------
    word : str
        As the chapters write it in the middle of a sentence.
    meaning : str
        Two sentences.
    chapter : str
        The two digits of the chapter that teaches it.
    also : tuple of str
        Other forms and short forms under which it is found.
    """

    word: str
    meaning: str
    chapter: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.word} (chapter {self.chapter}): {self.meaning}"

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return f"**{self.word}** (chapter {self.chapter}). {self.meaning}"


@cache
def entries() -> tuple[Entry, ...]:
    """Return all words in the order of the alphabet."""
    text = (resources.files(__package__) / "glossary.toml").read_text(encoding="utf-8")
    found = [
        Entry(word, told["meaning"], told["chapter"], tuple(told.get("also", ())))
        for word, told in tomllib.loads(text).items()
    ]
    return tuple(sorted(found, key=lambda entry: entry.word.lower()))


def glossary(word: str | None = None) -> Entry | pd.DataFrame:
    """Look a word of the course up.

    Parameters
    ----------
    word : str, optional
        Upper or lower case, a short form (``"ESS"``) or the plural. All words, if not given.

    Returns
    -------
    Entry or DataFrame
        The word with its meaning and its chapter; or a table of them all, indexed by word.

    Raises
    ------
    ArgumentError
        A word that is not in the glossary; the message names those that are close.

    Examples
    --------
    >>> import healthgym_edu as hg
    >>> hg.glossary("landmarks").chapter
    '02'
    >>> "landmark" in hg.glossary().index
    True
    """
    if word is None:
        table = {
            "meaning": [e.meaning for e in entries()],
            "chapter": [e.chapter for e in entries()],
        }
        return pd.DataFrame(table, index=pd.Index([e.word for e in entries()], name="word"))
    known = {name.lower(): entry for entry in entries() for name in (entry.word, *entry.also)}
    wanted = str(word).strip().lower()
    for form in (wanted, wanted.removesuffix("s"), wanted.removesuffix("es")):
        if form in known:
            return known[form]
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    advice = "hg.glossary() shows all the words."
    if close:
        advice = "Did you mean " + " or ".join(repr(known[one].word) for one in close) + "?"
    raise ArgumentError(f"{word!r} is not in the glossary. {advice}")


def page(chapters: Mapping[str, str]) -> str:
    """Write the glossary as Markdown.

    Parameters
    ----------
    chapters : mapping
        Two digits to the file name of each chapter that exists; only these are linked.

    Returns
    -------
    str
    """
    lines = [
        "# Glossary",
        "",
        "Each word is explained in two sentences, and the chapter behind it teaches it. In a "
        'notebook, `hg.glossary("landmark")` looks a word up. Nothing here treats patients.',
        "",
    ]
    for entry in entries():
        where = f"chapter {entry.chapter}"
        if entry.chapter in chapters:
            where = f"[{where}]({chapters[entry.chapter]})"
        also = f" ({', '.join(entry.also)})" if entry.also else ""
        lines.append(f"- **{entry.word}**{also}: {entry.meaning} *{where}*")
    return "\n".join(lines) + "\n"
