"""`healthgym-edu doctor` finds what is wrong and says what to do."""

from __future__ import annotations

import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from healthgym_edu.cli import doctor
from healthgym_edu.cli.doctor import Finding


def test_a_sound_installation_is_told_so(invoke: Callable[..., Result]) -> None:
    result = invoke("doctor")
    assert result.exit_code == 0, result.output
    *lines, last = result.stdout.splitlines()
    assert last.startswith("All is well")
    topics = [line.split()[1] for line in lines]
    assert topics == ["python", "packages", "versions", "memory", "chapters", "kernel", "cohort"]
    assert all(line.split()[0] in {"ok", "note"} for line in lines)


def test_one_broken_thing_makes_the_exit_status_1(
    invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_memory() -> Iterator[Finding]:
        yield Finding("memory", "mend", "close other programs")

    def check_kernel() -> Iterator[Finding]:
        raise RuntimeError("no kernel today")
        yield

    for name in ("bounds", "lock", "chapters", "cohort"):
        monkeypatch.setattr(doctor, f"check_{name}", doctor.check_python)
    monkeypatch.setattr(doctor, "check_memory", check_memory)
    monkeypatch.setattr(doctor, "check_kernel", check_kernel)
    result = invoke("doctor")
    assert result.exit_code == 1
    assert "mend  memory    close other programs" in result.stdout
    assert "the check stopped: RuntimeError: no kernel today" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("2 to mend")


def test_an_old_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    (finding,) = doctor.check_python()
    assert finding.status == "mend"
    assert "install Python 3.11 or newer" in finding.words


def test_a_missing_and_an_outdated_package_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        doctor.metadata,
        "requires",
        lambda _: ["no-such-thing>=1", "numpy>=9999", "pytest>=1", 'absent; extra == "teach"'],
    )
    missing, outdated = doctor.check_bounds()
    assert missing.status == outdated.status == "mend"
    assert "no-such-thing is missing; do: " in missing.words
    assert 'install "numpy>=9999"' in outdated.words


def test_another_version_than_the_tested_one_is_a_note(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(
        '# pins\n-e .\nnumpy==0.0.1\nno-such-thing==1.0\nabsent==1 ; sys_platform == "nowhere"\n',
        encoding="utf-8",
    )
    (finding,) = doctor.check_lock(lock)
    assert finding.status == "note"
    assert finding.words.startswith("2 of 2 differ: numpy ")
    assert "no-such-thing missing (tested: 1.0)" in finding.words


def test_the_lock_is_read_whole() -> None:
    pins = doctor.read_lock(doctor.Path(__file__).parents[2] / "requirements.txt")
    assert pins["torch"] == "2.13.0"
    assert len(pins) > 100


@pytest.mark.parametrize(("free", "status"), [(8e9, "ok"), (1.5e9, "note"), (2e8, "mend")])
def test_memory_is_judged(monkeypatch: pytest.MonkeyPatch, free: float, status: str) -> None:
    import psutil

    memory = namedtuple("memory", "available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(free))
    (finding,) = doctor.check_memory()
    assert finding.status == status
