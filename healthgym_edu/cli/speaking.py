"""What the command prints reaches every terminal and file, whatever characters it can hold."""

from __future__ import annotations

import codecs
import io
import sys

__all__ = ["speak_plainly"]

_PLAIN = {
    "–": "-", "—": "-", "−": "-", "\u2011": "-", "·": "-", "×": "x", "…": "...", "→": "->",
    "≥": ">=", "≤": "<=", "≈": "about", "±": "+/-", "µ": "u", "μ": "u", "°": " deg", "½": "1/2",
    "²": "2", "³": "3", "“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " ",
    "✓": "+", "✗": "x", "○": "o", "█": "#",
}  # fmt: skip


def speak_plainly() -> None:
    """Let standard output and error write in plain letters what their encoding does not have.

    A redirected output on Windows holds the characters of one part of the world (code pages 1252,
    850, 932); a word of another would otherwise end the command in the middle, and leave an empty
    file.
    """
    codecs.register_error("healthgym_edu.plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="healthgym_edu.plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one, "?") for one in lacking), error.end
