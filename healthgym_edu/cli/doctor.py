"""``healthgym-edu doctor``: is this installation able to run the course?"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import typer

from .libraries import LAYERS, broken_imports, for_pip, module_of, pip, wanted

_OLDEST_PYTHON = (3, 11)
_ENOUGH_BYTES, _FEWEST_BYTES = 2e9, 1e9
_SECONDS_FOR_KERNEL = 60


@dataclass(frozen=True)
class Finding:
    """One line of the report: ``"ok"``, ``"note"`` (works, but read it) or ``"mend"`` (broken)."""

    topic: str
    status: str
    words: str


def doctor_command() -> None:
    """Check the installation; each line is ok, or says what to do.

    Exit status 1 says that something is broken.
    """
    broken = 0
    for check in (check_python, check_folder, check_bounds, check_imports, check_lock, check_memory,
                  check_chapters, check_kernel, check_cohort):  # fmt: skip
        for finding in _safely(check):
            broken += finding.status == "mend"
            typer.echo(f"{finding.status:<5} {finding.topic:<9} {finding.words}")
    if broken:
        typer.echo(f"{broken} to mend: start with the first.")
        raise typer.Exit(1)
    if find_spec("jupyterlab") is None:
        typer.echo("The core is well; JupyterLab, which opens the course, is not installed.")
    else:
        typer.echo("All is well: `healthgym-edu lab` opens the course.")


def _safely(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield a check's findings; one that cannot finish is itself a finding."""
    try:
        yield from check()
    except Exception as error:  # the doctor reports whatever is wrong, and goes on
        topic = check.__name__.removeprefix("check_")
        yield Finding(topic, "mend", f"the check stopped: {type(error).__name__}: {error}")


def check_python() -> Iterator[Finding]:
    """Check that this Python is new enough."""
    words = f"Python {platform.python_version()} at {sys.executable}"
    if sys.version_info < _OLDEST_PYTHON:
        wanted = ".".join(map(str, _OLDEST_PYTHON))
        yield Finding("python", "mend", f"{words}: install Python {wanted} or newer")
    else:
        yield Finding("python", "ok", words)


def check_folder() -> Iterator[Finding]:
    """Check that no file of this folder takes the place of a library; say nothing if none does."""
    names = {
        *sys.stdlib_module_names,
        *(module_of(r.name) for e in ("", *LAYERS) for r in wanted(e)),
    }
    for path in sorted(Path.cwd().iterdir()):
        package = path.is_dir() and (path / "__init__.py").is_file()
        if (package or path.suffix == ".py") and path.stem in names:
            yield Finding(
                "folder", "mend",
                f"{path} hides the library of that name from everything started here: rename it",
            )  # fmt: skip


def check_bounds() -> Iterator[Finding]:
    """Check that what the course names is here, within its bounds; an extra may be left out."""
    names: set[str] = set()
    wrong = False
    for extra in ("", *LAYERS):
        requirements = wanted(extra)
        missing = [r for r in requirements if _version(r.name) is None]
        if extra and missing:
            listed = " and ".join(r.name for r in missing)
            yield Finding(
                "packages", "note",
                f"without {listed}, needed for {LAYERS[extra]}; to have them: {pip()} install "
                + for_pip(requirements),
            )  # fmt: skip
            continue
        names |= {requirement.name for requirement in requirements}
        for requirement in requirements:
            found = _version(requirement.name)
            if found is None or not requirement.specifier.contains(found, prereleases=True):
                wrong = True
                has = "is missing" if found is None else f"is {found}"
                again = f"{pip()} install {for_pip([requirement])}"
                yield Finding("packages", "mend", f"{requirement.name} {has}; do: {again}")
    if not wrong:
        yield Finding("packages", "ok", f"all {len(names)} named packages are here")


def check_imports() -> Iterator[Finding]:
    """Check that what is here can be imported: in another process, since it may crash Python."""
    named = dict.fromkeys(r.name for extra in ("", *LAYERS) for r in wanted(extra))
    names = [name for name in named if _version(name) is not None]
    broken = list(broken_imports(names))
    for one in broken:
        again = f"{pip()} install --force-reinstall --no-deps {one.name}=={_version(one.name)}"
        yield Finding(
            "imports", "mend", f"{one.name} cannot be imported ({one.reason[:160]}); do: {again}"
        )
    if not broken:
        yield Finding("imports", "ok", f"all {len(names)} can be imported")


def check_lock(lock: Path | None = None) -> Iterator[Finding]:
    """Compare what is installed with the versions the course was tested with.

    Another version within the bounds is a note, not a fault.
    """
    from .._chapters import lock_file

    pinned = read_lock(lock_file() if lock is None else lock)
    others = []
    for name, version in pinned.items():
        found = _version(name)
        if found is None or found.split("+")[0] != version:
            others.append(f"{name} {found or 'missing'} (tested: {version})")
    if others:
        shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
        yield Finding("versions", "note", f"{len(others)} of {len(pinned)} differ: {shown}")
    else:
        yield Finding("versions", "ok", f"all {len(pinned)} as the course was tested")


def read_lock(path: Path) -> dict[str, str]:
    """Return name to version for the pins in `path` that apply to this machine."""
    from packaging.requirements import Requirement

    pins = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split("#", 1)[0].strip()
        if text and not text.startswith("-"):
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate():
                pins[requirement.name] = str(requirement.specifier).removeprefix("==")
    return pins


def check_memory() -> Iterator[Finding]:
    """Check that there is memory enough for a chapter (2 GB at most)."""
    from ..memory import free_memory

    free = free_memory()
    words = f"{free / 1e9:.1f} GB free"
    if free >= _ENOUGH_BYTES:
        yield Finding("memory", "ok", words)
    elif free >= _FEWEST_BYTES:
        yield Finding("memory", "note", f"{words}; a chapter may need 2: close other programs")
    else:
        yield Finding("memory", "mend", f"{words}: close other programs, or restart the computer")


def check_chapters() -> Iterator[Finding]:
    """Check that the chapters were found."""
    from .._chapters import chapters_folder, list_chapters

    chapters = list_chapters()
    words = f"{len(chapters)} in {chapters_folder()}"
    yield Finding("chapters", "ok" if chapters else "mend", words)


def check_kernel() -> Iterator[Finding]:
    """Check that a notebook kernel starts and answers."""
    if find_spec("ipykernel") is None or find_spec("jupyter_client") is None:
        yield Finding("kernel", "note", "no Jupyter kernel is installed here")
        return
    from jupyter_client.manager import start_new_kernel

    started = time.perf_counter()
    manager, client = start_new_kernel(startup_timeout=_SECONDS_FOR_KERNEL, kernel_name="python3")
    try:
        reply = client.execute_interactive(
            "import healthgym_edu", timeout=_SECONDS_FOR_KERNEL, output_hook=lambda message: None
        )["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    seconds = time.perf_counter() - started
    if reply["status"] == "ok":
        yield Finding("kernel", "ok", f"starts and imports the course in {seconds:.1f} s")
    else:
        yield Finding(
            "kernel", "mend",
            f"it cannot import the course ({reply.get('ename')}: {reply.get('evalue')}); "
            f"do: {pip()} install --force-reinstall ipykernel, in this environment",
        )  # fmt: skip


def check_cohort() -> Iterator[Finding]:
    """Check that a small cohort can be simulated."""
    from ..data import load_cohort

    started = time.perf_counter()
    cohort = load_cohort("art_hiv", n_patients=1000, seed=0)
    seconds = time.perf_counter() - started
    words = f"{len(cohort):,} simulated patients in {seconds:.1f} s"
    yield Finding("cohort", "ok" if len(cohort) == 1000 else "mend", words)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
