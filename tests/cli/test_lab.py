"""`healthgym-edu lab` opens a real JupyterLab, or says in one line why it does not."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from healthgym_edu.cli import lab

# The tests may run as root, in a container; a learner's JupyterLab keeps its own rule.
ROOT = ("--", "--allow-root")
ADDRESS = re.compile(r"open at (http://127\.0\.0\.1:(\d+)/(\S*)\?token=(\w+))")

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Yield a port on which something else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def read_until_open(process: subprocess.Popen[str]) -> tuple[str, re.Match[str]]:
    """Return what the command printed up to its address, and the address taken apart."""
    said = ""
    for line in process.stdout:
        said += line
        if found := ADDRESS.search(line):
            return said, found
    raise AssertionError(f"the command ended without opening anything:\n{said}")


def close(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C, which reaches every process of a terminal; return what was printed then."""
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    return said


def get(address: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=30) as answer:
        return answer.read().decode()


def test_it_serves_the_working_copy_once_on_the_next_free_port(
    start: Start, tmp_path: Path, taken_port: int
) -> None:
    mine = tmp_path / "mine"
    process = start("lab", "--folder", mine, "--no-browser", "--port", taken_port, *ROOT)
    try:
        said, found = read_until_open(process)
        address, port, page, token = found.groups()
        assert int(port) > taken_port
        assert f"Port {taken_port} is taken; using {port}." in said
        assert page == "lab/tree/00_first.ipynb"  # the first visit begins at the beginning
        html = get(address)
        settings = json.loads(
            re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', html, re.DOTALL).group(1)
        )
        assert "@jupyterlab/apputils-extension:announcements" in settings["disabledExtensions"]
        listing = json.loads(get(f"http://127.0.0.1:{port}/api/contents?token={token}"))
        names = {entry["name"] for entry in listing["content"]}
        assert {"00_first.ipynb", "01_second.ipynb", "solutions"} <= names

        second = start("lab", "1", "--folder", mine, "--no-browser", *ROOT)
        led, _ = second.communicate(timeout=60)  # to the first, which goes on
        assert second.returncode == 0
        address = f"http://127.0.0.1:{port}/lab/tree/01_second.ipynb?token={token}"
        assert f"This folder is open already, from another window, at {address}" in led
        assert process.poll() is None
    finally:
        rest = close(process)
    assert f"Closed. Your work is in {mine}" in rest
    assert process.returncode == 0


def test_a_port_that_is_taken_meanwhile_is_told(
    taken_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab.sys, "executable", "false")
    with pytest.raises(lab.JupyterStopped, match=f"Another program took port {taken_port}"):
        lab._serve(tmp_path, None, taken_port, False, [])


def test_without_a_browser_it_prints_the_address(start: Start, tmp_path: Path) -> None:
    process = start(
        "lab", "1", "--folder", tmp_path / "mine", "--port", 18890, *ROOT,
        PATH="", BROWSER="", DISPLAY="",
    )  # fmt: skip
    try:
        said, found = read_until_open(process)
    finally:
        close(process)
    assert "No web browser was found here" in said
    assert found.group(3) == "lab/tree/01_second.ipynb"


def test_with_a_browser_it_hands_over_the_address(start: Start, tmp_path: Path) -> None:
    """A stand-in for the browser writes down the page that it was asked to open."""
    note = tmp_path / "opened.html"
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\ncp "${{1#file://}}" "{note}"\n', encoding="utf-8")
    browser.chmod(0o755)
    process = start(
        "lab", "--folder", tmp_path / "mine", "--port", 18990, *ROOT, BROWSER=str(browser)
    )
    try:
        said, found = read_until_open(process)
        for _ in range(100):
            if note.exists() and found.group(4) in note.read_text(encoding="utf-8"):
                break
            lab.time.sleep(0.1)
    finally:
        close(process)
    assert "No web browser" not in said
    assert found.group(1) in note.read_text(encoding="utf-8")


def test_an_error_of_jupyterlab_is_told_in_one_line(start: Start, tmp_path: Path) -> None:
    process = start(
        "lab", "--folder", tmp_path / "mine", "--no-browser", *ROOT, "--ServerApp.port=nonsense"
    )
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.count("Error: JupyterLab stopped with status 1") == 1
    assert "Traceback" not in said.split("Error: JupyterLab stopped")[1]


def test_root_is_refused_with_the_way_out(
    course: Path, tmp_path: Path, invoke: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    result = invoke("lab", "--folder", tmp_path / "mine", "--no-browser")
    assert result.exit_code == 2
    assert "healthgym-edu lab -- --allow-root" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_used_is_one_line(
    course: Path, tmp_path: Path, invoke: Callable[..., Result]
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, not a folder", encoding="utf-8")
    result = invoke("lab", "--folder", blocked, "--no-browser")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert str(blocked) in result.stderr
    assert "--folder" in result.stderr


def test_an_unknown_chapter_is_refused_before_anything_is_written(
    course: Path, tmp_path: Path, invoke: Callable[..., Result]
) -> None:
    for words in (["nonsense"], ["--fresh", "nonsense"]):
        result = invoke("lab", *words, "--folder", tmp_path / "mine")
        assert result.exit_code == 2
        assert "00_first" in result.stderr
    assert not (tmp_path / "mine").exists()


def test_no_free_port_at_all_is_told(taken_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "_PORTS_TO_TRY", 1)
    with pytest.raises(lab.ArgumentError, match=f"No free port from {taken_port}"):
        lab._free_port(taken_port)


def test_what_the_user_passes_through_wins() -> None:
    ours = lab._options(Path("/x"), "00_first.ipynb", 8888, True, ["--ServerApp.ip=0.0.0.0"])
    assert [word for word in ours if word.startswith("--ServerApp.ip")] == [
        "--ServerApp.ip=0.0.0.0"
    ]
    assert "--no-browser" not in ours
    assert not any("allow-root" in word or "sandbox" in word for word in ours)
