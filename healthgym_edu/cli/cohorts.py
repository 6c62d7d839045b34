"""``healthgym-edu export`` and ``calibration``: a cohort as a file, and how near its targets."""

from __future__ import annotations

from pathlib import Path

import typer


def export_command(
    condition: str = typer.Argument(help="Which condition, such as art_hiv."),
    out: Path = typer.Option(..., "--out", help="File to write: .csv, .csv.gz or .parquet."),
    patients: int | None = typer.Option(
        None, "--patients", help="How many patients; the published number where not given."
    ),
    seed: int = typer.Option(0, "--seed", help="Seed of the simulation."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the file if it exists."),
) -> None:
    """Write a teaching cohort to a file, in the published format."""
    from ..data import load_cohort

    cohort = load_cohort(condition, n_patients=patients, seed=seed)
    cohort.save(out, overwrite=overwrite)
    megabytes = out.stat().st_size / 1e6
    typer.echo(
        f"Wrote {len(cohort.frame):,} rows of {len(cohort):,} patients to {out} "
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
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from ..calibration import calibration_table

    table = calibration_table(condition, n_patients=patients, seed=seed)
    shown = Table(title=f"Calibration of {condition}", box=box.SIMPLE_HEAD)
    for column in table.columns:
        numeric = column in {"target", "tolerance", "teaching", "released"}
        shown.add_column(column, justify="right" if numeric else "left")
    for row in table.itertuples(index=False):
        shown.add_row(*(_cell(value) for value in row))
    console = Console()
    console.print(shown)
    missed = table.loc[table["ok"].eq(False), "quantity"].tolist()
    console.print(
        f"{table['ok'].eq(True).sum()} targets met, {len(missed)} missed"
        + (": " + "; ".join(missed) if missed else ".")
    )
    if missed:
        raise typer.Exit(1)


def _cell(value: object) -> str:
    """Return one cell of the printed table: three or four figures, a dash for nothing."""
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return "–"
    if str(value) in {"True", "False"}:
        return "yes" if value else "NO"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
