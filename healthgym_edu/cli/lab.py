"""``healthgym-edu lab``: the chapters in JupyterLab, in a folder of the learner's own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import webbrowser
from pathlib import Path

import typer

from .._chapters import find_chapter, list_chapters
from ..errors import ArgumentError, HealthGymError
from .libraries import few_threads, require_lab
from .working_copy import Laid, lay_fresh, lay_working_copy

_CONFIG = Path(__file__).resolve().parent / "jupyter_config"
_PORTS_TO_TRY = 50
_SECONDS_TO_START = 90
_SECONDS_TO_CLOSE = 8


class JupyterStopped(HealthGymError):
    """JupyterLab ended by itself with an error."""


def lab_command(
    extra: list[str] | None = typer.Argument(
        None,
        metavar="[CHAPTER] [-- JUPYTER OPTIONS]",
        help="The chapter to show, such as 01; what follows `--` goes to JupyterLab as it is.",
        show_default=False,
    ),
    folder: Path = typer.Option(
        Path("~/healthgym-course"), "--folder", help="Where your own copy of the chapters lives."
    ),
    fresh: str | None = typer.Option(
        None, "--fresh", metavar="CHAPTER", help="Lay a clean copy of a chapter beside yours."
    ),
    browser: bool = typer.Option(
        True, "--browser/--no-browser", help="Open the web browser, or print the address only."
    ),
    port: int = typer.Option(8888, "--port", min=1, max=65535, help="Port of the local server."),
    copy_only: bool = typer.Option(
        False, "--copy-only", help="Prepare the folder and stop, for VS Code or another editor."
    ),
) -> None:
    """Open the course in JupyterLab.

    Your edits are safe: the course is copied to a folder of yours, and a notebook you have changed
    is never written over, not even when the course is updated.
    """
    words = list(extra or [])
    chapter = None
    if words and not words[0].startswith("-"):
        chapter = find_chapter(words.pop(0))
    fresh_chapter = None if fresh is None else find_chapter(fresh)
    folder = folder.expanduser().absolute()
    laid = lay_working_copy(folder)
    _tell(laid)

    shown = None if chapter is None else f"{chapter.name}.ipynb"
    if fresh_chapter is not None:
        shown = lay_fresh(fresh_chapter, folder).name
        typer.echo(f"A clean copy of chapter {fresh_chapter.number}: {shown}")
    elif shown is None and laid.first_time:
        shown = next((f"{first.name}.ipynb" for first in list_chapters()), None)
    if copy_only:
        return

    require_lab("jupyterlab")
    _refuse_root(words)
    if browser and not _has_browser():
        typer.echo("No web browser was found here, so open the address below yourself.")
        browser = False
    there = _open_already(folder, shown)
    if there is not None:
        typer.echo(f"This folder is open already, from another window, at {there}")
        if browser:
            webbrowser.open(there)
        return
    free = _free_port(port)
    if free != port:
        typer.echo(f"Port {port} is taken; using {free}.")
    _serve(folder, shown, free, browser, words)


def _tell(laid: Laid) -> None:
    """Say where the working copy is and what changed in it."""
    typer.echo(f"Your copy of the chapters: {laid.folder}")
    if laid.updated:
        typer.echo("Updated, since you had not changed them: " + ", ".join(laid.updated))
    if laid.empty:
        typer.echo("Laid anew, since the files were empty: " + ", ".join(laid.empty))
    for name in laid.kept:
        typer.echo(f"Kept yours: {name}. The course has a newer one.")
    numbers = [Path(name).name[:2] for name in laid.kept if name[:2].isdigit()]
    if numbers:
        typer.echo(f"To see the newer one beside yours: healthgym-edu lab --fresh {numbers[0]}")


def _refuse_root(extra: list[str]) -> None:
    """Say what JupyterLab would say to the administrator's account, with the way out."""
    if os.name == "posix" and os.geteuid() == 0 and "--allow-root" not in extra:
        raise ArgumentError(
            "JupyterLab does not start for the root account. Use an ordinary account; in a "
            "container of your own, say: healthgym-edu lab -- --allow-root"
        )


def _has_browser() -> bool:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _open_already(folder: Path, shown: str | None) -> str | None:
    """Return the address of a JupyterLab of this user that serves the folder, if there is one."""
    from jupyter_server.serverapp import list_running_servers

    for server in list_running_servers():
        if Path(server["root_dir"]).resolve() == folder.resolve():
            return f"{server['url']}{_page(shown)}?token={server['token']}"
    return None


def _page(shown: str | None) -> str:
    return "lab" if shown is None else "lab/tree/" + urllib.parse.quote(shown)


def _free_port(port: int) -> int:
    """Return `port`, or the next free one after it on this machine.

    Raises
    ------
    ArgumentError
        When none of the next ports is free.
    """
    last = min(port + _PORTS_TO_TRY, 65536)
    for candidate in range(port, last):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if os.name == "posix":  # elsewhere this option would let us share a taken port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise ArgumentError(
        f"No free port from {port} to {last - 1}. Close another JupyterLab, or name a port with "
        "--port."
    )


def _options(
    folder: Path, shown: str | None, port: int, browser: bool, extra: list[str]
) -> list[str]:
    """Return JupyterLab's command line: our settings, less those in `extra`, then `extra`."""
    ours = {
        "--ServerApp.root_dir": str(folder),
        "--ServerApp.ip": "127.0.0.1",
        "--ServerApp.port": str(port),
        "--ServerApp.port_retries": "0",
        "--ServerApp.answer_yes": "True",  # Ctrl-C stops at once
        "--Application.log_level": "ERROR",
    }
    if shown is not None:
        ours["--LabApp.default_url"] = "/" + _page(shown)
    given = {word.split("=", 1)[0] for word in extra}
    options = [f"{key}={value}" for key, value in ours.items() if key not in given]
    if not browser and "--no-browser" not in given:
        options.append("--no-browser")
    return options + extra


def _serve(folder: Path, shown: str | None, port: int, browser: bool, extra: list[str]) -> None:
    """Run JupyterLab until it stops.

    Raises
    ------
    JupyterStopped
        When it ends by itself with an error.
    """
    token = secrets.token_hex(24)
    environment = few_threads(os.environ) | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(
            [str(_CONFIG), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
        ),
    }
    command = [sys.executable, "-m", "jupyterlab", *_options(folder, shown, port, browser, extra)]
    typer.echo("Starting JupyterLab ...")
    server = subprocess.Popen(command, env=environment)
    previous = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if _answers(server, port, token):
            address = f"http://127.0.0.1:{port}/{_page(shown)}?token={token}"
            typer.echo(f"The course is open at {address}")
            typer.echo("Leave this window open while you work; Ctrl-C here stops the course.")
        status = server.wait()
    except KeyboardInterrupt:
        typer.echo("Closing ...")
        status = _close(server)
    finally:
        signal.signal(signal.SIGTERM, previous)
    if status > 0 and _free_port(port) != port:
        raise JupyterStopped(
            f"Another program took port {port} while JupyterLab was starting. Start the course "
            "again: it finds another port."
        )
    if status > 0:
        raise JupyterStopped(
            f"JupyterLab stopped with status {status}; its own words are above. Options for it go "
            "after two dashes: healthgym-edu lab -- --its-option. `healthgym-edu doctor` checks "
            "the installation."
        )
    typer.echo(f"Closed. Your work is in {folder}")


def _answers(server: subprocess.Popen[bytes], port: int, token: str) -> bool:
    """Wait until the server answers; return False if it stops first or is not where expected."""
    address = f"http://127.0.0.1:{port}/api?token={token}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with opener.open(address, timeout=5):
                return True
        except OSError:
            time.sleep(0.2)
    return False


def _close(server: subprocess.Popen[bytes]) -> int:
    """Let the server, which got the Ctrl-C too, close in its own time; then insist."""
    for insist in (server.terminate, server.kill):
        try:
            return server.wait(timeout=_SECONDS_TO_CLOSE)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            insist()
    return server.wait()
