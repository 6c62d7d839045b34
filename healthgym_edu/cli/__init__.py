"""The ``healthgym-edu`` command.

One module a command or two; each imports what is heavy only when it runs, so that ``--help`` and
``list`` answer at once. An error that this package raises on purpose becomes one line on standard
error and exit status 2; everything else is a fault of ours and keeps its traceback.
"""

from __future__ import annotations

from importlib.metadata import version as installed_version
from typing import Any

import typer
from typer.core import TyperGroup

from ..errors import HealthGymError
from .chapters import list_command, run_command
from .cohorts import calibration_command, export_command
from .doctor import doctor_command
from .judging import report_command
from .lab import lab_command
from .speaking import speak_plainly

__all__ = ["app"]


class _Group(TyperGroup):
    """The command group, with our own errors told in one line."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        speak_plainly()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except HealthGymError as error:
            typer.echo(f"Error: {error}", err=True)
            raise typer.Exit(2) from error


app = typer.Typer(
    name="healthgym-edu",
    cls=_Group,
    help="Open, run and check the Health Gym course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"healthgym-edu {installed_version('healthgym-edu')}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(
        False,
        "--version",
        callback=_show_version,
        is_eager=True,
        help="Print the version and stop.",
    ),
) -> None:
    """Open, run and check the Health Gym course."""


app.command("lab")(lab_command)
app.command("list")(list_command)
app.command("run")(run_command)
app.command("export")(export_command)
app.command("calibration")(calibration_command)
app.command("report")(report_command)
app.command("doctor")(doctor_command)
