"""How the tests of the whole repository run: plots without a screen, and notebooks under nbval.

nbval turns every code cell of a notebook into a test. Left alone it would go on after a failing
cell, wait out the whole timeout when a kernel dies, and accept a check that prints "incorrect".
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from queue import Empty

import psutil
import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tools"))
os.environ.setdefault("MPLBACKEND", "Agg")

SECONDS = {
    "00": 30, "01": 35, "02": 35, "03": 35, "04": 40, "05": 40, "06": 35, "07": 40,
    "08": 45, "09": 45, "10": 90, "11": 90, "12": 90, "13": 90, "14": 90,
    "15": 90, "16": 90, "17": 90, "18": 90, "88": 1.5,
}  # fmt: skip
MOST_SECONDS = 60
"""Processor time that a solution may take on the machine on which the limits were set (there,
:func:`yardstick` takes ``YARDSTICK`` seconds); 90 in a chapter that trains. (88 is defective.)"""
YARDSTICK = 0.04
SLOWEST = 2.5

LONG = [
    "test_chapter_sources", "test_course_exercises", "test_survival_known", "test_nbval_traps",
    "15_sepsis_policy", "17_can_you_trust_the_estimate", "18_art_policies_real_and_synthetic",
    "13_which_generator", "11_mode_collapse", "10_wgan_gp", "12_diffusion",
    "16_hypotension_offline_rl", "test_evaluation_report", "test_evaluation_coverage",
    "test_evaluation", "test_wheel", "test_typing", "test_lab", "test_agents",
    "14_privacy_and_utility", "test_repository", "test_calibration", "test_run",
    "test_policy_value", "test_reviews_17", "01_art_hiv_hands_on", "05_time_to_suppression",
    "07_a_real_trial", "test_off_policy", "08_realism", "test_survival_coverage",
    "02_sepsis_hands_on", "09_from_table_to_tensor", "06_the_datathon_case", "test_round",
    "03_hypotension_hands_on", "04_pictures", "test_minari_export", "test_art_hiv_treatment",
]  # fmt: skip
"""What takes longest comes first, or one worker would still be busy when the others have ended."""

FIGURES = pytest.StashKey[Path]()
BEFORE = pytest.StashKey[float]()  # processor seconds of a kernel before its first cell
FIRST_FAILURE = pytest.StashKey[str]()
HEARTBEAT = 1.0  # seconds between two looks whether a kernel still lives
LAYERS = {"lab": "jupyterlab", "torch": "torch", "survival": "lifelines", "minari": "minari"}
"""What comes with an extra of the package, and is missing where a set-up cell does not name it."""

_missing = tempfile.TemporaryDirectory(prefix="missing-", ignore_cleanup_errors=True)


def kernel_environment(notebook: Path) -> dict[str, str | None]:
    """Return what a notebook's kernel gets to see, by its path; None removes a variable.

    Solutions must answer every exercise, at full length; a learner's notebook holds blanks and
    runs on the quick budget. Matplotlib must draw inline, whatever the tests themselves use.
    """
    is_solution = notebook.parent.name == "solutions"
    return {
        "HEALTHGYM_EDU_STRICT": "1" if is_solution else None,
        "HEALTHGYM_EDU_QUICK": None if is_solution else "1",
        "MPLBACKEND": None,
        "TQDM_DISABLE": "1",
        "PYTHONPATH": os.pathsep.join(
            [str(without(notebook)), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
    }


def without(notebook: Path) -> Path:
    """Return a folder for ``PYTHONPATH`` that hides the libraries a notebook does not install.

    A chapter installs the core and the extras that its set-up cell names; it must run on them, as
    it does on Colab, whatever else the computer of the tests has.
    """
    named = re.search(r"healthgym-edu\[([a-z,]+)\] @", notebook.read_text(encoding="utf-8"))
    extras = named[1].split(",") if named else []
    folder = Path(_missing.name, "-".join(["with", *sorted(extras)]))
    folder.mkdir(exist_ok=True)
    for extra, library in LAYERS.items():
        if extra not in extras:
            words = f"{library} comes with [{extra}], which this set-up cell does not name"
            lines = f"raise ModuleNotFoundError({words!r}, name={library!r})\n"
            (folder / f"{library}.py").write_text(lines, encoding="utf-8")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; within a file the order stays."""
    rank = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONG)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Start the kernel of a notebook, with its first cell, in the right environment."""
    if not isinstance(item, IPyNbCell):
        return (yield)
    item.parent.timed_out = False  # or nbval would expect all cells after a timeout to fail
    with pytest.MonkeyPatch.context() as patch:
        for name, value in kernel_environment(item.path).items():
            patch.delenv(name, raising=False)
            if value is not None:
                patch.setenv(name, value)
        result = yield
    _notice_death(item.parent.kernel)
    if item.path.parent.name == "solutions" and FIGURES not in item.parent.stash:
        item.parent.stash[FIGURES] = _look_at_figures(item.path, item.parent.kernel)
        item.parent.stash[BEFORE] = processor_seconds(item.parent.kernel)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Stop a notebook at its first failure.

    A later cell is reported as failed rather than skipped: a plugin that repeats failed tests
    could otherwise leave a notebook green whose cells never ran.
    """
    if isinstance(item, IPyNbCell) and FIRST_FAILURE in item.parent.stash:
        pytest.fail(f"not run, because {item.parent.stash[FIRST_FAILURE]} failed", pytrace=False)
    result = yield
    if isinstance(item, IPyNbCell) and item.path.parent.name == "solutions":
        told = item.parent.stash[FIGURES].read_text(encoding="utf-8")
        if told:
            pytest.fail(f"its figure cannot be read well: {told}", pytrace=False)
        most = limit(item.path)
        spent = processor_seconds(item.parent.kernel) - item.parent.stash[BEFORE]
        if spent > most and spent > (most := most * slowness()):
            told = f"{item.path.stem} has used {spent:.0f} s of a processor"
            pytest.fail(f"{told}; {most:.0f} s are the limit here", pytrace=False)
    return result


def limit(notebook: Path) -> float:
    """Return how many seconds of a processor a solution may take."""
    return SECONDS.get(notebook.name[:2], MOST_SECONDS)


def slowness() -> float:
    """Return how many times slower this machine is now than the one of the limits; 1 to 2.5.

    The same chapter has taken 13 s of a processor on one day and 30 s on another, on machines of
    the same name. A limit is about the chapter, so it is counted in the machine's own time.
    """
    return min(SLOWEST, max(1.0, max(yardstick() for _ in range(25)) / YARDSTICK))


def yardstick() -> float:
    """Return the processor time of a fixed piece of work."""
    began, counts = time.process_time(), dict.fromkeys(range(5003), 0)
    for number in range(300_000):
        counts[number * number % 5003] += 1
    return time.process_time() - began


def processor_seconds(kernel: RunningKernel) -> float:
    """Return what a kernel has used so far, its waits for a processor not counted."""
    try:
        used = psutil.Process(kernel.km.provisioner.pid).cpu_times()
    except psutil.Error:  # it has died, which is told elsewhere
        return 0.0
    return used.user + used.system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember the first cell of a notebook that fails, in whatever phase."""
    report = yield
    if isinstance(item, IPyNbCell) and report.failed:
        item.parent.stash.setdefault(FIRST_FAILURE, item.name)
    return report


def _look_at_figures(notebook: Path, kernel: RunningKernel) -> Path:
    """Let a kernel look at the figures that it shows; return the file of what is wrong."""
    told, tests = Path(_missing.name, f"{notebook.stem}-{os.getpid()}.txt"), str(ROOT / "tests")
    asked = kernel.execute_cell_input(
        f"import sys; sys.path.insert(0, {tests!r}); import figure_watch; "
        f"figure_watch.watch({str(told)!r}); sys.path.remove({tests!r}); del sys, figure_watch",
        allow_stdin=False,
    )
    kernel.await_reply(asked, timeout=60)
    kernel.await_idle(asked, timeout=60)
    if not told.exists():
        raise RuntimeError(f"nobody looks at the figures of {notebook}: is {tests} there?")
    return told


def _notice_death(kernel: object) -> None:
    """Let nbval's wait for a message end soon after the kernel has died."""
    if hasattr(kernel, "waits_for_ever"):
        return
    kernel.waits_for_ever = kernel.get_message

    def get_message(stream: str, timeout: float | None = None) -> dict:
        deadline = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while True:
            left = deadline - time.monotonic()
            try:
                return kernel.waits_for_ever(stream, timeout=max(0.0, min(HEARTBEAT, left)))
            except Empty:
                if not kernel.is_alive():
                    raise RuntimeError("the kernel died while it ran this cell") from None
                if left <= HEARTBEAT:
                    raise

    kernel.get_message = get_message
