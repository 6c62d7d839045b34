"""The pages of a run: what each notebook showed, as HTML, and an index."""

from __future__ import annotations

import html
from collections.abc import Collection
from pathlib import Path

from ..errors import ArgumentError, SourceError
from ..files import writing
from .pages import as_page, glossary_page
from .running import Result

__all__ = ["Report"]

_MARK = "healthgym-edu run"


class Report:
    """A folder of HTML pages, one for each notebook, an index and the glossary.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there. One that holds anything but an earlier report is refused.
    planned : collection of str
        Names of the notebooks that will be added: their pages lead to one another.

    Raises
    ------
    ArgumentError
        When the folder holds other things.
    SourceError
        When it cannot be written.
    """

    def __init__(self, folder: Path, planned: Collection[str] = ()) -> None:
        self.planned = planned
        self.folder = folder.expanduser().absolute()
        self.results: list[Result] = []
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            index = self.folder / "index.html"
            ours = index.is_file() and _MARK in index.read_text(encoding="utf-8", errors="replace")
            if not ours and any(self.folder.iterdir()):
                raise ArgumentError(
                    f"{self.folder} holds other files, which a report might replace. Name an empty "
                    "or a new folder with --out."
                )
            self._write("index.html", _index_page([]))
            self._write("glossary.html", glossary_page(planned))
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def add(self, result: Result) -> None:
        """Write the page of one notebook and keep its line for the index."""
        self.results.append(result)
        self._write(f"{result.name}.html", as_page(result.notebook, result.title, self.planned))

    def write_index(self) -> Path:
        """Write the index and return its path."""
        return self._write("index.html", _index_page(self.results))

    def _write(self, name: str, text: str) -> Path:
        with writing(self.folder / name, overwrite=True) as stream:
            stream.write(text.encode())
        return self.folder / name


def _cannot_write(folder: Path, error: OSError) -> SourceError:
    return SourceError(
        f"The report cannot be written to {folder} ({error.strerror or error}). "
        "Name another folder with --out."
    )


def _index_page(results: list[Result]) -> str:
    rows = "\n".join(
        f'<tr><td><a href="{html.escape(r.name)}.html">{html.escape(r.title)}</a></td>'
        f"<td>{r.seconds:.1f}</td><td>{r.peak_megabytes:.0f}</td><td>{html.escape(r.status)}</td></tr>"
        for r in results
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="{_MARK}">
<title>Health Gym course: chapters as they ran</title>
<style>
body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; padding: 0.4em 1em 0.4em 0; border-bottom: 1px solid #ccc; }}
</style>
</head>
<body>
<h1>Chapters as they ran</h1>
<table>
<tr><th>Chapter</th><th>Seconds</th><th>Peak memory (MB)</th><th>Status</th></tr>
{rows}
</table>
<p><a href="glossary.html">Glossary</a></p>
<p>Simulated data, for teaching. Nothing here describes or treats a patient.</p>
</body>
</html>
"""
