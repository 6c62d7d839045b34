"""``healthgym-edu list`` and ``run``: which chapters there are, and whether each of them runs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

from .._chapters import Chapter, find_chapter, list_chapters
from ..errors import ArgumentError
from .libraries import require_lab


def list_command() -> None:
    """List the chapters of this installation."""
    chapters = list_chapters()
    if not chapters:
        typer.echo("No chapters are installed.")
    for chapter in chapters:
        typer.echo(f"{chapter.name:<28}  {chapter.title}")


def run_command(
    names: list[str] | None = typer.Argument(
        None, metavar="[CHAPTER]...", help="Chapters to run, such as 01.", show_default=False
    ),
    everything: bool = typer.Option(False, "--all", help="Run every chapter."),
    solutions: bool = typer.Option(False, "--solutions", help="Run the solved notebooks."),
    quick: bool = typer.Option(False, "--quick", help="Use the chapters' small budget."),
    parameter: list[str] | None = typer.Option(
        None,
        "-p",
        "--parameter",
        metavar="NAME=VALUE",
        help="Such as seed=2027: other people.",
        show_default=False,
    ),
    out: Path = typer.Option(
        Path("healthgym-run"), "--out", help="Folder for the HTML pages and their index."
    ),
    timeout: int = typer.Option(600, "--timeout", min=1, help="Most seconds for one cell."),
) -> None:
    """Run chapters without a window and keep their pages as HTML.

    Prints seconds, peak memory and status of each. Exit status 1 says that one of them failed.
    """
    chapters = _chosen(names or [], everything)
    if solutions:
        lacking = [c.name for c in chapters if c.solution_path is None]
        if lacking:
            raise ArgumentError(f"No solution notebook is installed for {', '.join(lacking)}.")
    require_lab("ipykernel", "nbclient", "nbconvert", "nbformat")

    from .parameters import for_each, parsed
    from .report import Report
    from .running import run_notebook

    paths = [chapter.solution_path if solutions else chapter.learner_path for chapter in chapters]
    asked = parsed(parameter or [])
    given = for_each([path for path in paths if path], asked, everything)
    for path, values in given.items():
        without = ", ".join(name for name in asked if name not in values)
        if without:
            typer.echo(f"{path.stem} has no parameter {without} and runs as it is.")
    report = Report(out, [chapter.name for chapter in chapters])
    width = max(len(c.name) for c in chapters)
    typer.echo(f"{'chapter':<{width}}  seconds  peak MB  status")
    try:
        with _interrupted_by_sigterm():
            for chapter, (path, values) in zip(chapters, given.items(), strict=True):
                result = run_notebook(
                    path, title=chapter.title, quick=quick, strict=solutions, timeout=timeout,
                    parameters=values,
                )  # fmt: skip
                report.add(result)
                typer.echo(
                    f"{result.name:<{width}}  {result.seconds:7.1f}  "
                    f"{result.peak_megabytes:7.0f}  {result.status}"
                )
    except KeyboardInterrupt as stop:
        index, ran = report.write_index(), len(report.results)
        typer.echo(f"Stopped; {ran} of {len(chapters)} chapters ran. Pages: {index}")
        raise typer.Exit(128 + (stop.args[0] if stop.args else signal.SIGINT)) from None
    index = report.write_index()
    failed = sum(not result.passed for result in report.results)
    typer.echo(
        f"{len(chapters) - failed} passed, {failed} failed, "
        f"{sum(result.seconds for result in report.results):.1f} s in all. Pages: {index}"
    )
    if failed:
        raise typer.Exit(1)


@contextmanager
def _interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM interrupt the block as Ctrl-C does; the exception then holds its number."""

    def interrupt(number: int, _: object) -> NoReturn:
        raise KeyboardInterrupt(number)

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _chosen(names: list[str], everything: bool) -> list[Chapter]:
    """Return the chapters asked for, each once, in order."""
    if everything == bool(names):
        raise ArgumentError(
            "Say which chapters to run: one or more names (see `healthgym-edu list`), or --all."
        )
    chapters = list_chapters() if everything else [find_chapter(name) for name in names]
    if not chapters:
        raise ArgumentError("No chapters are installed, so there is nothing to run.")
    return sorted(set(chapters), key=lambda chapter: chapter.name)
