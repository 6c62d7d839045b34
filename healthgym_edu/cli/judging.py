"""``healthgym-edu report``: is this file of synthetic patients any good?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import ArgumentError

if TYPE_CHECKING:
    from ..data import Cohort

NAMED = ("teaching", "release")


def report_command(
    real: str = typer.Argument(help="File of the real patients, or: teaching, release."),
    synthetic: str = typer.Argument(help="File of the synthetic patients, or: teaching, release."),
    out: Path = typer.Option(..., "--out", help="The page to write, such as report.html."),
    holdout: Path | None = typer.Option(
        None, "--holdout", help="File of real patients whom the generator has not met."
    ),
    condition: str | None = typer.Option(
        None, "--condition", help="Which condition; found by the columns of a file, if not given."
    ),
    patients: int = typer.Option(2000, "--patients", help="How many of each to judge at most."),
    replicates: int = typer.Option(100, "--replicates", help="Draws of the bootstrap; 0 for none."),
    overwrite: bool = typer.Option(False, "--overwrite", help="Replace the page if it exists."),
) -> None:
    """Judge synthetic patients: fidelity, utility and privacy, on a page that opens by itself.

    Without --holdout, utility and privacy are not judged, and the page says why.
    """
    from tqdm.auto import tqdm

    from ..evaluation import report
    from ..files import require_place
    from ..plots import set_style

    require_place(out, overwrite)
    found = condition or _condition_of(real, synthetic)
    train, made = (_load(found, place, patients) for place in (real, synthetic))
    unmet = None if holdout is None else _load(found, str(holdout), patients)
    set_style()
    parts = 1 if unmet is None else 3
    with tqdm(total=parts + 1, disable=None, unit="part") as bar:

        def progress(told: str) -> None:
            bar.set_description(told)
            bar.update()

        card = report(train, made, unmet, replicates=replicates, progress=progress)
        bar.set_description("page")
        card.save(out, overwrite=overwrite)
        bar.update()
    typer.echo(str(card))
    typer.echo(f"Wrote {out}. Open it in a browser.")


def _condition_of(*places: str) -> str:
    """Return the condition whose columns a file has."""
    from ..conditions import CONDITIONS, get_mechanism

    files = [place for place in places if place not in NAMED]
    if not files:
        raise ArgumentError(
            f"Neither {' nor '.join(places)} is a file, so say --condition {', '.join(CONDITIONS)}."
        )
    columns = _columns(files[0])
    for name in CONDITIONS:
        schema = get_mechanism(name).schema
        aliases = dict(schema.aliases)
        if {*schema.names} <= {aliases.get(column, column) for column in columns}:
            return name
    raise ArgumentError(
        f"The columns of {files[0]} are those of no condition here ({', '.join(CONDITIONS)}): "
        f"{', '.join(columns[:6])} … Say --condition, to be told which ones are missing."
    )


def _columns(place: str) -> list[str]:
    import pandas as pd

    path = Path(place).expanduser()
    if not path.exists():
        raise ArgumentError(f"There is no file {place}. Give a path, or one of {', '.join(NAMED)}.")
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return list(pyarrow.parquet.read_schema(path).names)
    return list(pd.read_csv(path, nrows=0).columns)


def _load(condition: str, place: str, patients: int) -> Cohort:
    from ..data import load_cohort

    if place == "teaching":
        return load_cohort(condition, n_patients=patients)
    cohort = load_cohort(condition, source=place)
    return cohort.subset(cohort.patients.index[:patients])
