"""What may not be seen in the outputs of a chapter, and how large they may be."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import chapter_furniture
import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
MAX_BYTES = 1_400_000  # figures have twice the pixels at which they are shown
MAX_FIGURES = 14  # result cards are small ones

_MACHINE = re.compile(r"/home/|/Users/|/root/|/tmp/|/var/folders/|[A-Z]:\\\\?Users|site-packages")
_ADDRESS = re.compile(r"\bat 0x[0-9A-Fa-f]{6,}")


def output_problems(notebook: NotebookNode) -> list[str]:
    """List what may not be seen in the outputs of an executed notebook, naming the cell."""
    found, figures = [], 0
    here = {str(ROOT), sys.prefix, str(Path.home()), tempfile.gettempdir()}
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            figures += any(kind.startswith("image/") for kind in data)
            text = output.get("text", "") + "".join(
                str(part) for kind, part in data.items() if not kind.startswith("image/")
            )
            faults = {
                f"it writes to stderr: {text.strip()[:200]!r}": output.get("name") == "stderr",
                "it raised an error": output.output_type == "error",
                "it shows a path of this machine": bool(_MACHINE.search(text))
                or any(path in text for path in here if len(path) > 4),
                "it shows a memory address; end the line with a semicolon or give it a name": bool(
                    _ADDRESS.search(text)
                ),
                "it shows a widget, which is blank on the web": any(
                    "widget" in kind for kind in data
                ),
                f"a check could not be done: {text.strip()[:200]!r}": "! Error · " in text,
                "an exercise is solved before the learner begins": "✓ Correct · " in text,
            }
            found += [f"cell {index}: {fault}" for fault, seen in faults.items() if seen]
    found += chapter_furniture.undescribed_pictures(notebook)
    if figures > MAX_FIGURES:
        found.append(f"it has {figures} figures; {MAX_FIGURES} are the limit")
    size = len(nbformat.writes(notebook).encode())
    if size > MAX_BYTES:
        found.append(f"it has {size:,} bytes; {MAX_BYTES:,} are the limit (fewer dpi or figures?)")
    return found
