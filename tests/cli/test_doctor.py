"""`healthgym-edu doctor` finds what is wrong and says what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from healthgym_edu import memory
from healthgym_edu.cli import doctor, libraries
from healthgym_edu.cli.doctor import Finding


def test_a_sound_installation_is_told_so(invoke: Callable[..., Result]) -> None:
    result = invoke("doctor")
    assert result.exit_code == 0, result.output
    *lines, last = result.stdout.splitlines()
    assert last.startswith("All is well")
    topics = [line.split()[1] for line in lines]
    about = ["packages", "imports", "versions", "memory", "chapters", "kernel", "cohort"]
    assert topics == ["python", *about]
    assert all(line.split()[0] in {"ok", "note"} for line in lines)


def test_one_broken_thing_makes_the_exit_status_1(
    invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_memory() -> Iterator[Finding]:
        yield Finding("memory", "mend", "close other programs")

    def check_kernel() -> Iterator[Finding]:
        raise RuntimeError("no kernel today")
        yield

    for name in ("bounds", "imports", "lock", "chapters", "cohort"):
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


def test_an_extra_may_be_left_out_but_not_be_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["numpy>=1", 'absent>=2; extra == "survival"', 'numpy<3; extra == "survival"']
    lines += ['pytest>=9999; extra == "torch"']
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: lines)
    outdated, left_out = doctor.check_bounds()
    assert (outdated.status, left_out.status) == ("mend", "note")
    assert "pytest is " in outdated.words
    assert left_out.words.startswith("without absent, needed for chapters on survival; to have")
    assert left_out.words.endswith('install "absent>=2" "numpy<3"')


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ImportError('DLL load failed')", "ImportError: DLL load failed"),
        ("import os; os._exit(3)", "it ended Python with status 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "status -9"),
        ("def f(:", "SyntaxError"),
    ],
)
def test_a_library_that_cannot_be_imported_is_named_with_its_mend(
    body: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an update that went wrong: the library is listed, and its code is broken."""
    (tmp_path / "scipy").mkdir()
    (tmp_path / "scipy" / "__init__.py").write_text(body, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    lines = ["joblib>=1", "scipy>=1", "tqdm>=4", 'no-such-thing; extra == "lab"']
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: lines)
    (finding,) = doctor.check_imports()
    assert finding.status == "mend"
    assert finding.words.startswith("scipy cannot be imported (")
    assert reason in finding.words
    assert f"install --force-reinstall --no-deps scipy=={doctor._version('scipy')}" in finding.words


def test_a_library_that_hangs_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tqdm.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(libraries, "_SECONDS_TO_IMPORT", 2)
    (broken,) = libraries.broken_imports(["joblib", "tqdm"])
    assert broken == libraries.Broken("tqdm", "it took more than 2 s")


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
    monkeypatch.setattr(memory, "free_memory", lambda: free)
    (finding,) = doctor.check_memory()
    assert finding.status == status


def test_a_file_that_hides_a_library_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(doctor.check_folder()) == []
    (tmp_path / "analysis.py").write_text("", encoding="utf-8")
    (tmp_path / "torch").mkdir()  # without code in it nothing is hidden
    assert list(doctor.check_folder()) == []
    (tmp_path / "random.py").write_text("", encoding="utf-8")
    (tmp_path / "sklearn").mkdir()
    (tmp_path / "sklearn" / "__init__.py").write_text("", encoding="utf-8")
    first, second = doctor.check_folder()
    assert first.words.startswith(f"{tmp_path / 'random.py'} hides the library of that name")
    assert second.words.startswith(f"{tmp_path / 'sklearn'} hides")
