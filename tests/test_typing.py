"""Types: the package is clean under mypy, and an editor sees what each public name is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import healthgym_edu as hg

ROOT = Path(__file__).resolve().parent.parent
MISTAKES = {  # what an editor underlines
    "hg.load_cohort(3)": 'Argument 1 to "load_cohort" has incompatible type "int"',
    "hg.load_cohort('sepsis', patients=3).shape": '"Cohort" has no attribute "shape"',
    "hg.no_such_name": 'Module has no attribute "no_such_name"',
    "hg.mix('clinician', 'random', 'half')": 'Argument 3 to "mix" has incompatible type "str"',
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return what mypy says of the package, and of a script that uses every public name."""
    script = tmp_path_factory.mktemp("typing") / "script.py"
    lines = ["import healthgym_edu as hg", *(f"reveal_type(hg.{name})" for name in hg.__all__)]
    script.write_text("\n".join([*lines, *MISTAKES]) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "healthgym_edu", script, "--no-color-output",
         "--no-error-summary", "--cache-dir", os.devnull],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    said = done.stdout.splitlines()
    ours = [line for line in said if line.startswith("healthgym_edu")]
    return "\n".join(ours), "\n".join(line for line in said if line not in ours)


def test_the_package_is_clean(report: tuple[str, str]) -> None:
    assert report[0] == ""


def test_an_editor_sees_every_public_name(report: tuple[str, str]) -> None:
    revealed = re.findall(r'Revealed type is "(.*)"$', report[1], flags=re.MULTILINE)
    seen = dict(zip(hg.__all__, revealed, strict=True))
    assert [name for name, kind in seen.items() if kind == "Any"] == []
    assert seen["load_cohort"].endswith("-> healthgym_edu.data.cohort.Cohort")
    assert "source: str | os.PathLike[str] =" in seen["load_cohort"]
    assert seen["CONDITIONS"] == "tuple[str, ...]"


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_underlined(report: tuple[str, str], line: str) -> None:
    number = 2 + len(hg.__all__) + list(MISTAKES).index(line)
    found = [said for said in report[1].splitlines() if f"script.py:{number}: error" in said]
    assert any(MISTAKES[line] in said for said in found), report[1]


def test_what_is_typed_is_what_is_loaded() -> None:
    """The names for editors and the names that are looked up when asked for are the same."""
    assert set(hg.__all__) == {"__version__", *hg._ROOMS, *hg._NAMES}
    for name in hg.__all__:
        assert getattr(hg, name) is not None
