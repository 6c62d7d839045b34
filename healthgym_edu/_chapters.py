"""Where the chapters are, and which there are.

The chapters travel with the package: inside the wheel they lie under ``healthgym_edu/_course``,
in a clone (an editable install) they are the repository's own ``Chapters`` folder. Nothing here
reads a notebook's code; titles come from the first heading of its first Markdown cell.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import ArgumentError, SourceError

__all__ = ["Chapter", "chapters_folder", "find_chapter", "list_chapters", "lock_file"]

_PACKAGE = Path(__file__).resolve().parent
_NAME = re.compile(r"(?P<number>\d\d)_\w+")
_NUMBERED = re.compile(r"^\d\d\s*\W\s+")  # a title may begin with its number: "01 · ART for HIV"


@dataclass(frozen=True)
class Chapter:
    """One chapter of the course.

    Attributes
    ----------
    number : str
        Two digits, such as ``"01"``.
    name : str
        File name without its ending, such as ``"01_art_hiv_hands_on"``.
    title : str
        The first heading of the notebook without its number, or its name where it has none.
    learner_path : pathlib.Path
        The notebook with exercises to fill in.
    solution_path : pathlib.Path or None
        The notebook with its exercises solved, where there is one.
    """

    number: str
    name: str
    title: str
    learner_path: Path
    solution_path: Path | None


def _course_file(name: str) -> Path:
    """Return where `name` of the repository's top level lies in this installation."""
    carried = _PACKAGE / "_course" / name
    return carried if carried.exists() else _PACKAGE.parent / name


def chapters_folder() -> Path:
    """Return the folder that holds the chapters of this installation.

    Raises
    ------
    SourceError
        When neither the wheel's copy nor a clone's ``Chapters`` folder is there.
    """
    folder = _course_file("Chapters")
    if not folder.is_dir():
        raise SourceError(
            f"The chapters are missing: looked for {_PACKAGE / '_course' / 'Chapters'} and "
            f"{folder}. Install the course again, from a clone or from a wheel."
        )
    return folder


def lock_file() -> Path:
    """Return the learner lock (``requirements.txt``) that this installation carries.

    Raises
    ------
    SourceError
        When the file is not there.
    """
    path = _course_file("requirements.txt")
    if not path.is_file():
        raise SourceError(
            f"The learner lock is missing: expected {path}. Install the course again."
        )
    return path


def _title(notebook: Path) -> str:
    """Return the first heading of the first Markdown cell, or the file's stem."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise SourceError(
            f"{notebook} is not a notebook that can be read ({error}). "
            "Restore it from the repository or install the course again."
        ) from error
    for cell in cells:
        if cell["cell_type"] == "markdown":
            heading = re.search(r"^# +(.+?)\s*$", "".join(cell["source"]), flags=re.MULTILINE)
            return _NUMBERED.sub("", heading.group(1)) if heading else notebook.stem
    return notebook.stem


def list_chapters(folder: Path | None = None) -> list[Chapter]:
    """Return the chapters of this installation, in order.

    Parameters
    ----------
    folder : pathlib.Path, optional
        Where to look instead of `chapters_folder()`.

    Returns
    -------
    list of Chapter
        One for every notebook called ``NN_name.ipynb``; other files are passed over.

    Raises
    ------
    SourceError
        When the folder is missing or a notebook in it cannot be read.
    """
    folder = chapters_folder() if folder is None else folder
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        named = _NAME.fullmatch(path.stem)
        if named:
            solution = folder / "solutions" / path.name
            found.append(
                Chapter(
                    number=named["number"],
                    name=path.stem,
                    title=_title(path),
                    learner_path=path,
                    solution_path=solution if solution.is_file() else None,
                )
            )
    return found


def find_chapter(word: str, folder: Path | None = None) -> Chapter:
    """Return the one chapter that `word` names: ``1``, ``01``, its name, or part of its name.

    Raises
    ------
    ArgumentError
        When no chapter, or more than one, fits the word.
    """
    chapters = list_chapters(folder)
    wanted = word.strip().lower().removesuffix(".ipynb").replace("-", "_")
    exact = [
        c for c in chapters if wanted in {c.name.lower(), c.number, c.number.lstrip("0") or "0"}
    ]
    fitting = exact or [c for c in chapters if wanted and wanted in c.name.lower()]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(c.name for c in fitting or chapters) or "none are installed"
    found = "fits more than one chapter" if fitting else "names no chapter"
    raise ArgumentError(f"{word!r} {found}. Choose one of: {names}.")
