"""Notebooks and their parameters: by papermill's convention a cell of that tag has the defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from ..errors import ArgumentError, SourceError, require_known

__all__ = ["defaults_of", "for_each", "parsed", "read_notebook", "with_parameters"]


def parsed(words: Iterable[str]) -> dict[str, object]:
    """Return values by name from words such as ``seed=2027``; what is no literal is text.

    Raises
    ------
    ArgumentError
        A word without ``=`` or without a name before it.
    """
    values: dict[str, object] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.isidentifier():
            raise ArgumentError(f"-p {word} is no parameter. Write name=value, as in -p seed=2027.")
        try:
            values[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            values[name] = text
    return values


def defaults_of(notebook: NotebookNode) -> dict[str, object]:
    """Return the names that the ``parameters`` cell gives a value, and these values."""
    found: dict[str, object] = {}
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for line in ast.parse(cell.source).body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    found[line.targets[0].id] = ast.literal_eval(line.value)
    return found


def for_each(
    paths: Sequence[Path], parameters: Mapping[str, object], if_there: bool
) -> dict[Path, dict[str, object]]:
    """Return the parameters of each notebook, or refuse before any of them runs.

    Parameters
    ----------
    paths : list of pathlib.Path
        Notebooks.
    parameters : mapping
        Values by name.
    if_there : bool
        Whether a notebook without one of them runs without it, as long as another one has it.

    Raises
    ------
    ArgumentError
        See `with_parameters`; or no notebook has the parameter.
    SourceError
        A file is not a notebook.
    """
    given: dict[Path, dict[str, object]] = {path: dict(parameters) for path in paths}
    if not parameters:
        return given
    notebooks = {path: read_notebook(path) for path in paths}
    if if_there:
        known = {path: defaults_of(notebook) for path, notebook in notebooks.items()}
        anywhere = {name for defaults in known.values() for name in defaults}
        for name in parameters:
            require_known("parameter", name, sorted(anywhere), " in any chapter")
        given = {p: {n: v for n, v in parameters.items() if n in known[p]} for p in paths}
    for path, notebook in notebooks.items():
        with_parameters(notebook, given[path], path.stem)
    return given


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook; `SourceError` if the file is none."""
    try:
        return nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError) as error:
        reason = "it is empty" if path.stat().st_size == 0 else str(error)
        raise SourceError(
            f"{path} is not a notebook that can be read ({reason}). Restore it, or install the "
            "course again."
        ) from error


def with_parameters(
    notebook: NotebookNode, parameters: Mapping[str, object], name: str
) -> NotebookNode:
    """Return the notebook with a cell that sets some parameters after their defaults.

    Raises
    ------
    ArgumentError
        A parameter that the notebook, called `name`, does not have, or a value of another kind.
    """
    if not parameters:
        return notebook
    defaults = defaults_of(notebook)
    for key, value in parameters.items():
        if key not in defaults:
            there = ", ".join(defaults) or "none"
            raise ArgumentError(f"{name} has no parameter {key!r}. Its parameters are: {there}.")
        if type(value) is not type(defaults[key]):
            raise ArgumentError(
                f"{key} is {value!r}, but in {name} it is {defaults[key]!r} by default: give "
                "another value of that kind."
            )
    lines = [f"{key} = {value!r}" for key, value in parameters.items()]
    at = next(
        place for place, cell in enumerate(notebook.cells, start=1)
        if "parameters" in cell.metadata.get("tags", [])
    )  # fmt: skip
    injected = new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(at, injected)
    return notebook
