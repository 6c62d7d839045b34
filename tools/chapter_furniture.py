"""What the builder adds to a chapter: folded cells, ways to the neighbours, texts for pictures.

A cell tagged ``setup``, ``claims`` or ``drawing`` is folded: JupyterLab and Notebook hide its
source until it is clicked, Colab shows its title, and the pages of ``healthgym-edu run`` put it
into a ``<details>``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

FOLDED = {
    "setup": "Set-up: run this cell first",
    "claims": "What the text says, checked",
    "drawing": "How this is drawn",
}
SEE = "**What to see.**"
LONGEST_ALT = 420  # signs: what a screen reader can say in half a minute


def fold(notebook: NotebookNode) -> None:
    """Hide the source of the cells that teach nothing, and leave a title in their place.

    JupyterLab shows the first line of what it hides; Colab takes it for the title of a form.
    """
    for cell in notebook.cells:
        titles = [FOLDED[tag] for tag in cell.metadata.get("tags", []) if tag in FOLDED]
        if cell.cell_type == "code" and titles:
            cell.source = f"# @title {titles[0]}\n{cell.source}"
            cell.metadata["jupyter"] = {"source_hidden": True}
            cell.metadata["cellView"] = "form"


def add_ways(
    notebook: NotebookNode, name: str, titles: Sequence[tuple[str, str]], *, is_solution: bool
) -> None:
    """Add the way to the chapter before, the contents, the glossary and the next chapter.

    Parameters
    ----------
    name : str
        Of this chapter, ``"01_art_hiv_hands_on"``.
    titles : sequence of (str, str)
        Name and title of every chapter that exists, in order.
    is_solution : bool
        Whether the notebook lies one folder deeper than the contents.
    """
    names = [one for one, _ in titles]
    here, up = names.index(name), "../" if is_solution else ""
    ways = [f"[Contents]({up}README.md)", f"[Glossary]({up}GLOSSARY.md)"]
    if here > 0:
        before, title = titles[here - 1]
        ways.insert(0, f"[← {title}]({before}.ipynb)")
    if here + 1 < len(titles):
        after, title = titles[here + 1]
        ways.append(f"[{title} →]({after}.ipynb)")
    for place, identity in ((1, "ways-top"), (len(notebook.cells) + 1, "ways-end")):
        cell = new_markdown_cell(" · ".join(ways), metadata={"tags": ["ways"]})
        cell["id"] = identity
        notebook.cells.insert(place, cell)


def alternative_texts(notebook: NotebookNode) -> dict[int, str]:
    """Return what each code cell's pictures are called, by the number of the cell.

    It is the metadata ``alt`` of the cell; without it, the paragraph that begins
    ``**What to see.**`` in the next text cell, whole sentences of it up to `LONGEST_ALT` signs;
    where a learner draws, that it is the figure of the exercise.
    """
    found = {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        text = cell.metadata.get("alt", "") or _what_to_see(notebook.cells[number + 1 :])
        if not text and re.search(r"^check\(", cell.source, re.MULTILINE):
            text = "The figure that the exercise above asks for."
        if text:
            found[number] = text
    return found


def _what_to_see(following: Sequence[NotebookNode]) -> str:
    """The paragraph of the next text cell that says what to see; claims between are passed over."""
    for cell in following:
        if cell.cell_type == "code":
            if "claims" in cell.metadata.get("tags", []):
                continue
            return ""
        for paragraph in cell.source.split("\n\n"):
            if paragraph.startswith(SEE):
                return _shortened(plain(paragraph.removeprefix(SEE)))
        return ""
    return ""


def plain(markdown: str) -> str:
    """Return a paragraph without its Markdown, on one line.

    >>> plain("The *median* of [section 2](02.ipynb) is **below** `50`.")
    'The median of section 2 is below 50.'
    """
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(markdown.split()))
    return re.sub(r"\*\*|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)", "", text).strip()


def _shortened(text: str) -> str:
    """Whole sentences from the beginning, without asides, nor what leads to the next cell."""
    kept = ""
    for sentence in re.split(r"(?<=[.?!:])\s+(?=[A-Z])", re.sub(r"\s*\([^()]*\)", "", text)):
        if not sentence.endswith((".", "!")):
            continue
        if kept and len(kept) + len(sentence) > LONGEST_ALT:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def describe_cells(notebook: NotebookNode) -> None:
    """Store the alternative texts with the cells: pages that are made anew take them from there."""
    for number, text in alternative_texts(notebook).items():
        notebook.cells[number].metadata["alt"] = text


def describe_pictures(notebook: NotebookNode) -> None:
    """Give each stored picture the alternative text of its cell, unless it brings its own."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if _is_picture(output) and cell.metadata.get("alt"):
                told = output.setdefault("metadata", NotebookNode())
                told.setdefault("image/png", NotebookNode()).setdefault("alt", cell.metadata["alt"])


def undescribed_pictures(notebook: NotebookNode) -> list[str]:
    """Say which pictures have no alternative text."""
    return [
        f"cell {number}: its picture has no alternative text: follow it with a paragraph that "
        f'begins "{SEE}", or write one behind the cell marker: # %% alt="Bars: …"'
        for number, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if _is_picture(output)
        and not output.get("metadata", {}).get("image/png", {}).get("alt", "").strip()
    ]


def _is_picture(output: NotebookNode) -> bool:
    return "image/png" in output.get("data", {})
