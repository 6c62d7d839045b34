"""``healthgym-edu export`` and ``calibration``: a cohort as a file, and how near its targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..errors import ArgumentError, require_known

if TYPE_CHECKING:
    import pandas as pd

_LONGEST_CELL = 20
_WIDTH_IN_FILES = 132


def export_command(
    condition: str = typer.Argument(help="Which condition, such as art_hiv."),
    out: Path = typer.Option(..., "--out", help="File to write: .csv, .csv.gz or .parquet."),
    layout: str = typer.Option(
        "codes",
        "--layout",
        help="codes: as published; published: also all steps and the index column that its readers "
        "expect; labelled: words and plain names, with read.R beside it.",
    ),
    patients: int | None = typer.Option(
        None, "--patients", help="How many patients; the published number where not given."
    ),
    seed: int = typer.Option(0, "--seed", help="Seed of the simulation."),
    patients_out: Path | None = typer.Option(
        None, "--patients-out", help="File for the table of patients: who, and what became of them."
    ),
    decisions_out: Path | None = typer.Option(
        None, "--decisions-out", help="File for decisions, their probabilities and rewards."
    ),
    codebook_out: Path | None = typer.Option(
        None, "--codebook-out", help="File that says what each column means."
    ),
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace files that exist."),
) -> None:
    """Write a teaching cohort to a file, in the published format."""
    from ..conditions import CONDITIONS, get_mechanism
    from ..data import load_cohort
    from ..data.layouts import FIRST_LINE, LAYOUTS, codebook_table, reading_script
    from ..data.saving import require_places, save_table
    from ..files import expanded, require_place, writing

    require_known("layout", layout, LAYOUTS)
    script = None
    if layout == "labelled" and out.suffix != ".parquet":
        script = expanded(out).with_name("read.R")
    files = [one for one in (out, patients_out, decisions_out, codebook_out) if one is not None]
    require_places(files, overwrite)
    if script is not None and script.is_dir():
        raise ArgumentError(f"{script} is a folder, where the script for R should go. Rename it.")
    if script is not None and script.is_file():
        ours = script.read_text(encoding="utf-8", errors="replace").startswith(FIRST_LINE)
        require_place(script, overwrite or ours)
    cohort = load_cohort(condition, n_patients=patients, seed=seed)
    cohort.save(out, overwrite=overwrite, layout=layout, patients=patients_out)
    if decisions_out is not None:
        save_table(cohort.decisions, decisions_out, overwrite=overwrite)
    if codebook_out is not None:
        save_table(codebook_table(cohort.schema, layout), codebook_out, overwrite=overwrite)
    if script is not None:
        with writing(script, overwrite=True) as stream:
            schemas = [get_mechanism(name).schema for name in CONDITIONS]
            stream.write(reading_script(schemas).encode())
    megabytes = expanded(out).stat().st_size / 1e6
    full = len(cohort) * cohort.schema.n_steps
    rows = full if layout == "published" else len(cohort.frame)
    typer.echo(
        f"Wrote {rows:,} rows of {len(cohort):,} patients to {out} "
        f"({megabytes:.1f} MB). Simulated data: for teaching, never for treating anyone."
    )


def calibration_command(
    condition: str = typer.Argument(help="Which condition, such as art_hiv."),
    patients: int | None = typer.Option(
        None, "--patients", help="How many patients; the published number where not given."
    ),
    seed: int = typer.Option(0, "--seed", help="Seed of the simulation."),
) -> None:
    """Print how near the teaching cohort is to its published targets.

    Exit status 1 says that at least one target is missed.
    """
    from ..calibration import calibration_table

    table = calibration_table(condition, n_patients=patients, seed=seed)
    _print_with_notes(table, f"Calibration of {condition}")
    missed = table.loc[table["ok"].eq(False), "quantity"].tolist()
    typer.echo(
        f"{table['ok'].eq(True).sum()} targets met, {len(missed)} missed"
        + (": " + "; ".join(missed) if missed else ".")
    )
    if missed:
        raise typer.Exit(1)


def _print_with_notes(table: pd.DataFrame, title: str) -> None:
    """Print a table whose long cells (sources, distributions) are numbered notes below it."""
    from pandas.api.types import is_numeric_dtype
    from rich import box
    from rich.console import Console
    from rich.table import Table

    notes: dict[str, int] = {}

    def cell(column: str, value: object) -> str:
        text = _cell(value)
        if column == "quantity" or len(text) <= _LONGEST_CELL:
            return text
        return f"({notes.setdefault(text, len(notes) + 1)})"

    shown = Table(title=title, box=box.SIMPLE_HEAD)
    for column in table.columns:
        shown.add_column(column, justify="right" if is_numeric_dtype(table[column]) else "left")
    for row in table.itertuples(index=False):
        shown.add_row(*(cell(*pair) for pair in zip(table.columns, row, strict=True)))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_IN_FILES
    console.print(shown)
    for text, number in notes.items():
        console.print(f"({number}) {text}", markup=False)


def _cell(value: Any) -> str:
    """Return one cell of the printed table: four figures, a dash for nothing."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return "–"
    if str(value) in {"True", "False"}:
        return "yes" if value else "NO"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
