"""A learner's own copy of the chapters.

Learners work in a folder of their own, so that updating the course never meets their edits. What
was laid there is remembered by its hash in a small file: a notebook that nobody touched follows
the course when a new version comes; one in which somebody typed or ran a cell is the learner's and
is never written again. Opening a notebook is not touching it, though JupyterLab then saves it with
new metadata: the hash is of its cells and their outputs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from .._chapters import Chapter, chapters_folder
from ..errors import SourceError
from ..files import writing

__all__ = ["LEDGER", "Laid", "lay_fresh", "lay_working_copy"]

LEDGER = ".healthgym-edu.json"


@dataclass
class Laid:
    """What happened to each file of a working copy; names are relative to its folder."""

    folder: Path
    first_time: bool
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # the learner's, and the course has moved on
    empty: list[str] = field(default_factory=list)  # files that had lost their content; laid anew


def lay_working_copy(folder: Path, source: Path | None = None) -> Laid:
    """Bring the working copy in `folder` up to date without touching a learner's edits.

    Parameters
    ----------
    folder : pathlib.Path
        Where the learner works; made if it is not there.
    source : pathlib.Path, optional
        The chapters to copy; those of this installation by default.

    Returns
    -------
    Laid
        Which files were added, updated, or kept although the course has a newer one.

    Raises
    ------
    SourceError
        When the folder is the course's own, cannot be made or written, or its ledger cannot be
        read.
    """
    source = chapters_folder() if source is None else source
    here, original = folder.resolve(), source.resolve()
    if original in (here, *here.parents) or here == original.parent:
        raise SourceError(
            f"{folder} is where the course itself lives, which an update replaces. Choose a folder "
            "of your own with --folder; without it your copy is in ~/healthgym-course."
        )
    ledger_path = folder / LEDGER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ledger = _read_ledger(ledger_path)
        laid = Laid(folder=folder, first_time=not ledger)
        for path in _course_files(source):
            name = path.relative_to(source).as_posix()
            _lay_one(folder / name, path.read_bytes(), name, ledger, laid)
        _write(ledger_path, json.dumps(ledger, indent=1, sort_keys=True).encode())
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise _cannot_write(folder, error) from error
    return laid


def lay_fresh(chapter: Chapter, folder: Path) -> Path:
    """Write a clean copy of `chapter` beside the learner's and return its path.

    The copy is called ``01_name-fresh.ipynb``, then ``-fresh-2`` and so on: an earlier fresh copy
    may have been worked in, so it is never replaced.
    """
    number = 1
    while True:
        ending = "-fresh" if number == 1 else f"-fresh-{number}"
        target = folder / f"{chapter.name}{ending}.ipynb"
        if not target.exists():
            break
        number += 1
    try:
        _write(target, chapter.learner_path.read_bytes())
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return target


def _course_files(source: Path) -> list[Path]:
    """Return the notebooks, the index and the glossary that learners get, from `source`."""
    files = [*source.glob("*.ipynb"), *source.glob("solutions/*.ipynb"), *source.glob("*.md")]
    return sorted(files)


def _lay_one(target: Path, content: bytes, name: str, ledger: dict[str, str], laid: Laid) -> None:
    """Add, update or keep one file, and note in `ledger` what was laid."""
    new_hash = _fingerprint(name, content)
    if not target.exists():
        _write(target, content)
        laid.added.append(name)
        ledger[name] = new_hash
        return
    held = target.read_bytes()
    if not held:  # as a full disk leaves it: nothing of the learner's is in it
        _write(target, content)
        laid.empty.append(name)
        ledger[name] = new_hash
        return
    present = _fingerprint(name, held)
    if present == new_hash:
        ledger[name] = new_hash
    elif present == ledger.get(name):
        _write(target, content)
        laid.updated.append(name)
        ledger[name] = new_hash
    elif new_hash != ledger.get(name):
        laid.kept.append(name)


def _fingerprint(name: str, content: bytes) -> str:
    """Return a hash of a file; of a notebook, of its cells without metadata and run counts."""
    if name.endswith(".ipynb"):
        try:
            cells = json.loads(content)["cells"]
            kept = [
                [c["cell_type"], c["source"], c.get("attachments"), c.get("outputs")] for c in cells
            ]
            content = json.dumps(_plain(kept), sort_keys=True).encode()
        except (ValueError, KeyError, TypeError):
            return hashlib.sha256(content).hexdigest()  # not a notebook any more: all of it counts
    return hashlib.sha256(content).hexdigest()


def _plain(value: object) -> object:
    """Return JSON with texts whole, where a notebook may hold them in lines, and no run counts."""
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return "".join(value)
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in {"metadata", "execution_count"}}
    return value


def _read_ledger(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    reason = "it does not hold names of files and their hashes"
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(ledger, dict) and all(isinstance(one, str) for one in ledger.values()):
            return ledger
    except ValueError as error:
        reason = str(error)
    raise SourceError(
        f"{path} is damaged ({reason}). Delete that one file and start again: your notebooks stay "
        "as they are."
    )


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with writing(target, overwrite=True) as stream:
        stream.write(content)


def _cannot_write(folder: Path, error: OSError) -> SourceError:
    return SourceError(
        f"The folder for your copy of the chapters cannot be used: {folder} "
        f"({error.strerror or error}). Choose one you may write to with --folder."
    )
