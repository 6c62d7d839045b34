"""Ask pip whether the learner lock can be installed where we have no machine to try it.

    python tools/dry_run_lock.py

For Windows, Apple silicon and Linux, and for every Python the course supports, the pins of
requirements.txt that apply there are handed to `pip install --dry-run --no-deps`; nothing is
installed. A dry run shows that a file which fits exists for every pin, not that it runs. The exit
status is 1 when a pin has no file that fits.

Packages without a wheel are counted apart: pip then builds them from source, which succeeds
without a compiler only for pure Python. Our lock names those it may hold in `PURE_PYTHON_SOURCES`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PURE_PYTHON_SOURCES = frozenset({"autograd-gamma"})


@dataclass(frozen=True)
class Target:
    """A kind of computer: pip's platform tags, and what environment markers say there."""

    name: str
    platforms: tuple[str, ...]
    markers: dict[str, str]


TARGETS = (
    Target(
        "Windows (64-bit Intel/AMD)",
        ("win_amd64",),
        {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    ),
    Target(
        "macOS 14 (Apple silicon)",
        ("macosx_14_0_arm64",),
        {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    ),
    Target(
        "Linux (64-bit Intel/AMD)",
        ("manylinux_2_28_x86_64", "manylinux2014_x86_64"),
        {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    ),
)


@dataclass
class Outcome:
    """What pip said of one target and Python."""

    pins: int
    missing: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)


def pins_for(lock: str, target: Target, python: str) -> list[Requirement]:
    """Return the pins of `lock` (its text) that apply to a target and a Python version."""
    environment = target.markers | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
    }
    lines = (line.split("#", 1)[0].strip() for line in lock.splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return [pin for pin in found if pin.marker is None or pin.marker.evaluate(environment)]


def ask_pip(pins: list[Requirement], target: Target, python: str) -> Outcome:
    """Dry-run the pins; leave out each that pip cannot find, and ask again for the others."""
    outcome = Outcome(len(pins))
    wanted = {pin.name: f"{pin.name}{pin.specifier}" for pin in pins}
    for name in PURE_PYTHON_SOURCES & set(wanted):
        outcome.sources.append(wanted.pop(name))
    platforms = [word for tag in target.platforms for word in ("--platform", tag)]
    while wanted:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps",
                 "--ignore-installed", "--only-binary=:all:", "--target", folder, *platforms,
                 "--python-version", python, "--implementation", "cp", *wanted.values()],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        if done.returncode == 0:
            break
        blamed = re.search(r"No matching distribution found for ([\w.\-]+)", done.stderr)
        if blamed is None or blamed[1] not in wanted:
            raise SystemExit(f"pip failed for another reason:\n{done.stderr}")
        outcome.missing.append(wanted.pop(blamed[1]))
    return outcome


def main() -> int:
    """Print one line for each target and Python; return the exit status."""
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    failed = 0
    print(f"{'where':<27} Python  pins  wheels  source  missing")
    for target in TARGETS:
        for python in PYTHONS:
            pins = pins_for(lock, target, python)
            outcome = ask_pip(pins, target, python)
            failed += bool(outcome.missing)
            wheels = outcome.pins - len(outcome.missing) - len(outcome.sources)
            print(
                f"{target.name:<27} {python:<6} {outcome.pins:5d} {wheels:7d} "
                f"{len(outcome.sources):7d}  {', '.join(outcome.missing) or 'none'}",
                flush=True,
            )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
