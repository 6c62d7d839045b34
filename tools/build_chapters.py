"""Make the learner and solution notebooks of every chapter from its one source.

    python tools/build_chapters.py              # build what has changed
    python tools/build_chapters.py --only 01    # one chapter
    python tools/build_chapters.py --force      # build all, after a change in the package
    python tools/build_chapters.py --check      # build nothing; exit 1 at the first difference

A chapter's source is ``Chapters/src/NN_name.py`` in Jupytext's percent format, solutions
included. A solution stands between two markers, and the lines that begin with ``#|`` in it are
what the learner gets in its place, at the indentation of the markers::

    # BEGIN SOLUTION
    #| # the share of person-months below 50 copies/mL
    #| share = ____
    share = art.frame["VL"].lt(50).mean()
    # END SOLUTION

One region a cell, with at least one such line. A cell tagged ``solution``, of text or code, is in
the solutions alone.

``Chapters/NN_name.ipynb`` is executed with the full budget and keeps its outputs;
``Chapters/solutions/NN_name.ipynb`` has none. Cell ids come from the content of the source cell,
so that inserting a cell leaves the others as they were.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import chapter_furniture
import chapter_rules
import jupytext
import nbformat
from chapter_outputs import output_problems
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from healthgym_edu._glossary import page

ROOT = Path(__file__).resolve().parents[1]
CELL_TIMEOUT = 300  # seconds
GLOSSARY = "GLOSSARY.md"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

_BEGIN, _END, _STUB = "# BEGIN SOLUTION", "# END SOLUTION", "#|"
_HEADING = re.compile(r"^# # (.+?)\s*$", re.MULTILINE)
_ANY_MARKER = re.compile(r"\b(BEGIN|END)[ _-]*SOLUTION", re.IGNORECASE)


class ChapterError(Exception):
    """A chapter that cannot be built, with where and why."""


@dataclass(frozen=True)
class Chapter:
    """Where a chapter comes from and where its notebooks go."""

    source: Path

    @property
    def name(self) -> str:
        return self.source.stem

    @property
    def number(self) -> str:
        return self.name[:2]

    @property
    def title(self) -> str:
        """The first heading of the source."""
        found = _HEADING.search(self.source.read_text(encoding="utf-8"))
        return found[1] if found else self.name

    @property
    def folder(self) -> Path:
        return self.source.parent.parent

    @property
    def learner(self) -> Path:
        return self.folder / f"{self.name}.ipynb"

    @property
    def solution(self) -> Path:
        return self.folder / "solutions" / f"{self.name}.ipynb"

    def fingerprint(self) -> str:
        """Hash of the source and of this builder, whatever their line ends."""
        files = (self.source, Path(__file__), Path(chapter_furniture.__file__))
        texts = (path.read_text(encoding="utf-8") for path in files)
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def find_chapters(folder: Path, only: list[str] | None = None) -> list[Chapter]:
    """Return the chapters of a folder in order, all of them or those of the given numbers."""
    every = [Chapter(path) for path in sorted((folder / "src").glob("[0-9][0-9]_*.py"))]
    if not only:
        return every
    missing = set(only) - {chapter.number for chapter in every}
    if missing:
        have = ", ".join(chapter.number for chapter in every) or "none"
        raise ChapterError(f"no chapter {', '.join(sorted(missing))} in {folder}/src; have {have}")
    return [chapter for chapter in every if chapter.number in only]


# --- from source to notebooks -------------------------------------------------------------------


def assemble(chapter: Chapter) -> tuple[NotebookNode, NotebookNode]:
    """Make the learner and the solution notebook of a chapter, both without outputs."""
    text = chapter.source.read_text(encoding="utf-8")
    source = jupytext.reads(text, fmt="py:percent")
    for cell, identity in zip(source.cells, _cell_ids(source), strict=True):
        cell["id"] = identity
        for layout in ("lines_to_next_cell", "lines_to_end_of_cell_marker"):
            cell.metadata.pop(layout, None)  # of use to Jupytext alone
    source.nbformat, source.nbformat_minor = 4, 5
    source.metadata = NotebookNode(
        kernelspec=KERNEL,
        language_info={"name": "python"},
        healthgym_edu={"source": f"src/{chapter.source.name}", "hash": chapter.fingerprint()},
    )
    learner, _ = TagRemovePreprocessor(remove_cell_tags={"solution"}, enabled=True).preprocess(
        nbformat.from_dict(source), {}
    )
    for number, cell in enumerate(learner.cells):
        try:
            _cut_solution(cell)
        except ChapterError as error:
            raise ChapterError(f"{chapter.name}, cell {number}: {error}") from error
    for cell in source.cells:
        cell.source = _without_stub(cell.source) if cell.cell_type == "code" else cell.source
    titles = [(one.name, one.title) for one in find_chapters(chapter.folder)]
    for notebook, is_solution in ((learner, False), (source, True)):
        chapter_furniture.fold(notebook)
        chapter_furniture.describe_cells(notebook)
        chapter_furniture.add_ways(notebook, chapter.name, titles, is_solution=is_solution)
        found = chapter_rules.problems(notebook, chapter.number, is_solution=is_solution)
        if found:
            which = "solutions" if is_solution else "learner"
            raise ChapterError(f"{chapter.name}, {which} notebook, {found[0]}")
    return learner, source


def _cell_ids(notebook: NotebookNode) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        identity = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[identity] += 1
        yield identity if seen[identity] == 1 else f"{identity}-{seen[identity]}"


def _cut_solution(cell: NotebookNode) -> None:
    """Put the stub lines of a cell in the place of its solution region."""
    lines = cell.source.split("\n")
    markers = [line.strip() for line in lines if _ANY_MARKER.search(line)]
    stub = [line.strip()[2:].removeprefix(" ") for line in lines if line.strip().startswith(_STUB)]
    if not markers and not stub:
        return
    if markers != [_BEGIN, _END]:
        raise ChapterError(f"needs one line {_BEGIN!r}, then one line {_END!r}; found {markers}")
    if not stub or not _stub_is_inside(lines):
        raise ChapterError(f"needs its stub, lines that begin with {_STUB!r}, between the markers")
    cut = ClearSolutions(
        code_stub={"python": "\n".join(stub)},
        begin_solution_delimeter=_BEGIN,
        end_solution_delimeter=_END,
        enforce_metadata=False,
    )
    cut.preprocess_cell(cell, {"language": "python"}, 0)


def _stub_is_inside(lines: list[str]) -> bool:
    stripped = [line.strip() for line in lines]
    inside = range(stripped.index(_BEGIN), stripped.index(_END))
    return all(at in inside for at, line in enumerate(stripped) if line.startswith(_STUB))


def _without_stub(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if not line.strip().startswith(_STUB))


# --- execution and its outputs ------------------------------------------------------------------


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run a notebook in place, with the full budget, as a learner would who opened it."""
    environment = {**os.environ, "TQDM_DISABLE": "1", "PYTHONHASHSEED": "0"}
    environment["HEALTHGYM_EDU_STATIC"] = "1"  # a stored widget is blank on the web
    for name in ("HEALTHGYM_EDU_STRICT", "HEALTHGYM_EDU_QUICK", "MPLBACKEND", "PYTHONWARNINGS"):
        environment.pop(name, None)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute(env=environment)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        started = [at for at, cell in enumerate(notebook.cells) if cell.get("execution_count")]
        told = str(error).strip().splitlines()[-1]
        if isinstance(error, CellExecutionError):
            told = f"{error.ename}: {error.evalue}"
        raise ChapterError(f"cell {max(started, default=0)} failed: {told}") from error
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    chapter_furniture.describe_pictures(notebook)
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}


def glossary_page(folder: Path) -> str:
    """The glossary, linked to the chapters of a folder."""
    return page({one.number: f"{one.name}.ipynb" for one in find_chapters(folder)})


def build(chapter: Chapter, *, force: bool = False) -> bool:
    """Build both notebooks of a chapter; return False where there was nothing to do."""
    learner, solution = assemble(chapter)
    if not force and not differences(chapter, learner, solution):
        return False
    try:
        execute(learner, chapter.folder)
    except ChapterError as error:
        raise ChapterError(f"{chapter.name}, {error}") from error
    found = output_problems(learner)
    if found:
        raise ChapterError(f"{chapter.name}, {found[0]}")
    _write(learner, chapter.learner)
    _write(solution, chapter.solution)
    return True


def _write(notebook: NotebookNode, path: Path) -> None:
    nbformat.validate(notebook)
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_suffix(".ipynb.part")
    unfinished.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    unfinished.replace(path)


# --- comparison with what is there --------------------------------------------------------------


def differences(chapter: Chapter, learner: NotebookNode, solution: NotebookNode) -> str:
    """Return the first difference between the notebooks on disk and these, or an empty text."""
    for path, want in ((chapter.learner, learner), (chapter.solution, solution)):
        name = path.relative_to(chapter.folder).as_posix()
        if not path.exists():
            return f"{name} does not exist"
        have = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        difference = first_difference(have, want)
        if difference:
            return f"{name}: {difference}"
    stored = nbformat.read(chapter.solution, as_version=4).cells
    if any(cell.get("outputs") for cell in stored):
        return f"solutions/{chapter.solution.name}: a solution notebook keeps no outputs"
    return ""


def first_difference(have: NotebookNode, want: NotebookNode) -> str:
    """Compare cells (type, source, id, metadata), then the notebook's metadata; not outputs."""
    for number, (one, other) in enumerate(zip(have.cells, want.cells, strict=False)):
        for part in ("cell_type", "source", "id", "metadata"):
            if one.get(part) != other.get(part):
                return f"cell {number} differs in {part}: {_unlike(one.get(part), other.get(part))}"
    if len(have.cells) != len(want.cells):
        return f"it has {len(have.cells)} cells and the source gives {len(want.cells)}"
    for part in ("metadata", "nbformat", "nbformat_minor"):
        if have.get(part) != want.get(part):
            return f"its {part} differs: {_unlike(have.get(part), want.get(part))}"
    return ""


def _unlike(have: object, want: object) -> str:
    if isinstance(have, dict) and isinstance(want, dict):
        key = next(k for k in sorted({*have, *want}) if have.get(k) != want.get(k))
        return f"{key}: {_unlike(have.get(key), want.get(key))}"
    if isinstance(have, str) and isinstance(want, str):
        lines = zip(have.split("\n") + [""] * 9999, want.split("\n"), strict=False)
        have, want = next((pair for pair in lines if pair[0] != pair[1]), (have, want))
    return f"found {str(have)[:120]!r}, the source gives {str(want)[:120]!r}"


def check(folder: Path, chapters: list[Chapter], *, everything: bool) -> str:
    """Return the first thing that a build would change, or an empty text."""
    for chapter in chapters:
        difference = differences(chapter, *assemble(chapter))
        if difference:
            return difference
    words = folder / GLOSSARY
    if everything and (
        not words.exists() or words.read_text(encoding="utf-8") != glossary_page(folder)
    ):
        return f"{GLOSSARY} is not what healthgym_edu/glossary.toml gives"
    expected = {path for chapter in chapters for path in (chapter.learner, chapter.solution)}
    for path in sorted([*folder.glob("*.ipynb"), *folder.glob("solutions/*.ipynb")]):
        if everything and path not in expected:
            return f"{path.relative_to(folder).as_posix()} has no source in src"
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="build nothing, exit 1 if stale")
    parser.add_argument("--force", action="store_true", help="build what has not changed, too")
    parser.add_argument("--only", action="append", metavar="NN", help="this chapter only")
    parser.add_argument("--chapters", type=Path, default=ROOT / "Chapters", help="the folder")
    options = parser.parse_args(arguments)
    try:
        chapters = find_chapters(options.chapters, options.only)
        if options.check:
            stale = check(options.chapters, chapters, everything=not options.only)
            print(f"{stale}\nRun: python tools/build_chapters.py" if stale else "up to date")
            return int(bool(stale))
        for chapter in chapters:
            start = time.perf_counter()
            built = build(chapter, force=options.force)
            took = f"{time.perf_counter() - start:.1f} s, {chapter.learner.stat().st_size:,} bytes"
            print(f"{'built' if built else 'unchanged'} {chapter.name} ({took})")
        words = glossary_page(options.chapters)
        (options.chapters / GLOSSARY).write_text(words, encoding="utf-8", newline="\n")
    except ChapterError as error:
        print(f"cannot build {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
