"""Each way in which a notebook could pass although it is broken, closed by a test.

``tests/notebooks`` holds defective notebooks that nbval must fail; the rules of
``tools/chapter_rules.py`` cover what nbval cannot see. Both are tried here, and every chapter
that exists is held to the rules.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import build_chapters
import chapter_rules
import nbformat
import pytest
import toy_exercises  # noqa: F401  declares 89.answer and 90.median
from build_chapters import ROOT, assemble, find_chapters
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from healthgym_edu.exercises import find

HERE = Path(__file__).parent
COURSE = ROOT / "Chapters"
TIMEOUT = 12  # seconds a cell may take here; one defective notebook waits it out


def run_notebooks(
    folder: Path, report: Path, timeout: int = TIMEOUT, **environment: str
) -> tuple[int, dict[str, dict[str, str]]]:
    """Run nbval on a folder in a process of its own, with the hooks of the root conftest.

    Returns pytest's exit status and, for each notebook, cell name -> text of its failure ("" where
    it passed).
    """
    clean = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", str(folder), "-o", "addopts=", "-p", "no:cacheprovider",
         "--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={timeout}",
         "--continue-on-collection-errors", f"--junitxml={report}"],
        capture_output=True, encoding="utf-8", errors="replace", cwd=ROOT,
        env=clean | environment, check=False, timeout=300,
    )  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    cells: dict[str, dict[str, str]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        where = case.get("classname") or case.get("name")
        name = where.removesuffix(".ipynb").rpartition(".")[2]
        texts = [f"{part.get('message')}\n{part.text}" for part in case]
        cells.setdefault(name, {})[case.get("name")] = re.sub(
            r"(#x1B|\x1b)\[[0-9;]*m", "", "".join(texts)
        )
    return done.returncode, cells


# --- notebooks that nbval must fail -------------------------------------------------------------

DEFECTIVE = {
    "raises": "ZeroDivisionError: division by zero",
    "claim_does_not_hold": "AssertionError: the shares do not add up",
    "kernel_dies": "the kernel died while it ran this cell",
    "hangs": f"Timeout of {TIMEOUT} seconds exceeded",
    "wrong_answer": "ExerciseError: 89.answer: incorrect. The product is not right yet",
    "blank_left": "ExerciseError: 89.answer: not attempted",
    "unknown_exercise": 'ExerciseError: 89.answers: error. There is no exercise "89.answers"',
    "check_called_wrongly": 'ExerciseError: 89.answer: error. It does not know the keyword "art"',
    "pale_figure": "its figure cannot be read well: the text 'pale' has a contrast of",
    "88_slow": "s are the limit here",
    "cannot_be_read": "Notebook does not appear to be JSON",
}


@pytest.fixture(scope="module")
def defective(tmp_path_factory):
    report = tmp_path_factory.mktemp("defective") / "report.xml"
    return run_notebooks(HERE / "notebooks", report)


def test_every_defective_notebook_is_listed(defective):
    files = {path.stem for path in (HERE / "notebooks").rglob("*.ipynb")}
    assert files == set(DEFECTIVE)
    status, cells = defective
    assert status == 1
    assert set(cells) == files


@pytest.mark.parametrize("name", DEFECTIVE)
def test_a_defective_notebook_fails_for_the_intended_reason(defective, name):
    outcomes = list(defective[1][name].values())
    failure = next(text for text in outcomes if text)
    assert DEFECTIVE[name] in failure


@pytest.mark.parametrize("name", sorted(set(DEFECTIVE) - {"cannot_be_read"}))
def test_a_notebook_stops_at_its_first_failing_cell(defective, name):
    first, second, third = (defective[1][name][f"Cell {number}"] for number in range(3))
    assert first == ""
    assert second != ""
    assert "not run, because Cell 1 failed" in third


def test_defective_notebooks_are_outside_normal_collection():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "-o", "addopts=", "--nbval-lax", "--collect-only",
         "-q", "--ignore-glob=*.py", "-p", "no:cacheprovider"],
        capture_output=True, encoding="utf-8", errors="replace", cwd=ROOT, check=False, timeout=120,
    )  # fmt: skip
    assert "no tests collected" in done.stdout
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED


# --- the environment of learner and solution notebooks ------------------------------------------

SEEN = """
import os

import matplotlib.pyplot as plt

assert os.environ.get("HEALTHGYM_EDU_{there}") == "1"
assert "HEALTHGYM_EDU_{absent}" not in os.environ
assert "inline" in plt.get_backend()

for library in ("torch", "lifelines", "jupyterlab", "minari"):  # no set-up cell names them
    try:
        __import__(library)
    except ModuleNotFoundError as error:
        assert error.name == library
    else:
        raise AssertionError(library + " could be imported")
"""
SURVIVAL = """
# healthgym-edu[survival] @ source
import lifelines

try:
    import torch
except ModuleNotFoundError as error:
    assert "[torch], which this set-up cell does not name" in str(error)
else:
    raise AssertionError("torch could be imported")
"""


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    """A folder as Chapters is: the toy chapter, and a notebook that looks at its environment."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "conftest.py").write_bytes((ROOT / "conftest.py").read_bytes())
    (folder / "tests").mkdir()
    for name in ("figure_watch.py", "figure_rules.py"):
        (folder / "tests" / name).write_bytes((HERE / name).read_bytes())
    source = folder / "Chapters" / "src" / "90_toy.py"
    source.parent.mkdir(parents=True)
    source.write_bytes((HERE / "chapters" / "90_toy.py").read_bytes())
    chapter = build_chapters.Chapter(source)
    chapter.solution.parent.mkdir()
    learner, solution = assemble(chapter)
    nbformat.write(learner, chapter.learner)
    nbformat.write(solution, chapter.solution)
    for path, there, absent in (
        (chapter.learner, "QUICK", "STRICT"),
        (chapter.solution, "STRICT", "QUICK"),
    ):
        look = new_code_cell(SEEN.format(there=there, absent=absent))
        nbformat.write(new_notebook(cells=[look]), path.with_name(f"look_{there.lower()}.ipynb"))
    survival = chapter.learner.with_name("look_survival.ipynb")
    nbformat.write(new_notebook(cells=[new_code_cell(SURVIVAL)]), survival)
    misleading = {"HEALTHGYM_EDU_STRICT": "1", "HEALTHGYM_EDU_QUICK": "1", "MPLBACKEND": "Agg"}
    return run_notebooks(folder, folder / "report.xml", timeout=120, **misleading)


def test_learner_runs_quick_and_solution_strict_and_both_pass(healthy):
    status, cells = healthy
    assert set(cells) == {"90_toy", "look_quick", "look_strict", "look_survival"}
    assert all(text == "" for of_one in cells.values() for text in of_one.values()), cells
    assert status == 0


def test_the_environment_of_the_tests_themselves_is_left_alone():
    assert os.environ["MPLBACKEND"]
    assert "HEALTHGYM_EDU_STRICT" not in os.environ
    assert "HEALTHGYM_EDU_QUICK" not in os.environ


# --- the options of the one pytest call ---------------------------------------------------------


@pytest.fixture(scope="module")
def options():
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["pytest"]["ini_options"]


def test_one_call_runs_package_and_notebooks(options):
    assert {"tests", "Chapters"} <= set(options["testpaths"])
    given = (
        " ".join(options["addopts"])
        if isinstance(options["addopts"], list)
        else (options["addopts"])
    )
    for option in ("--nbval-lax", "--nbval-current-env", "-n 3", "--dist loadscope"):
        assert option in given
    timeout = re.search(r"--nbval-cell-timeout=(\d+)", given)
    assert timeout
    assert int(timeout[1]) <= 300


def test_no_folder_of_chapters_is_passed_over(options):
    assert not {"Chapters", "solutions"} & set(options["norecursedirs"])
    assert "notebooks" in options["norecursedirs"]


# --- the rules: what nbval lets pass ------------------------------------------------------------


def breaches(*sources, tags=(), solution=False, number="89"):
    def tagged(source):
        return ["claims"] if source.lstrip().startswith("assert") or "\nassert" in source else []

    cells = [
        new_code_cell(source, metadata={"tags": [*tags, *(tagged(source) if not tags else [])]})
        for source in (*sources, "assert len('two') == 3")
    ]
    cells[-1].metadata["tags"] = ["claims"]
    return chapter_rules.problems(new_notebook(cells=cells), number, is_solution=solution)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("!false", "a magic, a !command"),
        ("files = !ls", "a magic, a !command"),
        ("%nosuchmagic", "a magic, a !command"),
        ("%%time\nx = 1", "a magic, a !command"),
        ("len?", "a magic, a !command"),
        ("get_ipython().run_line_magic('nosuchmagic', '')", "get_ipython() hides"),
        ("import os\nos.system('false')", "system() hides"),
        ("import subprocess\nsubprocess.run(['false'])", "without check=True"),
        ("import subprocess\nsubprocess.run(['false'], check=False)", "without check=True"),
        ("# NBVAL_SKIP\n1 / 0", "tells the notebook test to look away"),
        ("#NBVAL_RAISES_EXCEPTION\n1", "tells the notebook test to look away"),
        ("# PYTEST_VALIDATE_IGNORE_OUTPUT", "tells the notebook test to look away"),
        ("", "an empty code cell"),
        ("share = = 3", "not valid Python"),
        ("assert True", "cannot fail"),
        ("assert (share > 0.5, 'too few')", "cannot fail"),
        ("assert share > 0.5 or 'too few'", "cannot fail"),
        ("assert 'the shares add up'", "cannot fail"),
        ("assert f'{share} adds up'", "cannot fail"),
        ("assert lambda: share > 0.5", "cannot fail"),
        ("share == 0.5", "nobody checks; write assert"),
        ("for name in 'names':\n    assert name", "loop over the letters of 'names'"),
        ("assert [n for n in 'names']", "loop over the letters of 'names'"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    pass", "passes over the error"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print(e)", "needs an else:"),
        ("try:\n    1 / 0\nexcept:\n    print('oh')\nelse:\n    print('ah')", "needs an else:"),
        ("import contextlib\nwith contextlib.suppress(Exception):\n    1 / 0", "suppress() hides"),
        ("raise SystemExit\nexit()", "exit() hides"),
        ("import os\nos.environ['HEALTHGYM_EDU_STRICT'] = '0'", "meddles with HEALTHGYM_EDU_"),
        ("def check(*_):\n    return None", "a meaning of its own"),
        ("hint = print", "a meaning of its own"),
        ("if 0:\n    check('89.answer', 42)", "on a line of its own"),
        ("ok = check('89.answer', 42)", "on a line of its own"),
        ("try:\n    check('89.answer', 1)\nexcept ValueError:\n    raise", "on a line of its own"),
        ("check('89.answers', 42)", 'There is no exercise "89.answers". Did you mean'),
        ("check(name, 42)", "names no exercise"),
        ("hint('89.answers')", "There is no exercise"),
        ("solution('89.answer')", "prints the answer into the learner's notebook"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_named(source, said):
    found = breaches("share = 0.4", source)
    assert any(said in one and one.startswith("cell 1 ") for one in found), found


@pytest.mark.parametrize(
    "source",
    [
        "check('89.answer', 42)",
        "# solution('89.answer')",
        "try:\n    import torch\nexcept ImportError:\n    torch = None",
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print(e)\nelse:\n    raise",
        "try:\n    f = open('x')\nfinally:\n    print('closed')",
        "import subprocess\nsubprocess.run(['ls'], check=True)",
        "share = 0.4  # 100 % of nothing!\nassert share < 0.5 or share > 0.6",
        "total = 5 % 3",
        "frame.plot();",
    ],
)
def test_a_cell_that_keeps_the_rules_passes(source):
    assert breaches(source) == []


@pytest.mark.parametrize(
    "tag",
    [
        "raises-exception",
        "nbval-skip",
        "nbval-check-output",
        "nbval-ignore-output",
        "skip-execution",
    ],
)
def test_tags_that_make_nbval_look_away_are_refused(tag):
    assert any("look away" in one for one in breaches("print(1)", tags=[tag]))


def test_a_chapter_without_an_assert_is_refused():
    notebook = new_notebook(cells=[new_code_cell("print(0.4 > 0.5)")])
    found = chapter_rules.problems(notebook, "89", is_solution=False)
    assert found == ['the chapter asserts nothing: write each claim as an assert, tagged "claims"']


@pytest.mark.parametrize(
    ("source", "tags", "said"),
    [
        ("assert len('two') == 3", [], "it asserts: claims, and nothing else, stand in cells"),
        ("if len('two'):\n    assert len('two') == 3", ["drawing"], "it asserts: claims"),
        ("print('two')", ["claims"], "it asserts nothing: claims, and nothing else"),
        ("print('two')", ["hidden"], "its tags ['hidden'] mean nothing"),
    ],
)
def test_claims_stand_in_cells_of_their_own(source, tags, said):
    claim = new_code_cell("assert len('two') == 3", metadata={"tags": ["claims"]})
    notebook = new_notebook(cells=[new_code_cell(source, metadata={"tags": tags}), claim])
    found = chapter_rules.problems(notebook, "89", is_solution=False)
    assert len(found) == 1, found
    assert said in found[0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([new_markdown_cell("word " * 2501)], "2,501 words; 2,500 are the limit"),
        ([new_code_cell("\n\n".join(["x = 1"] * 16))], "cell 0: it has 16 lines; 15"),
        ([new_code_cell("\n".join(["x = 1"] * 15)) for _ in range(21)], "315 lines of code; 300"),
    ],
)
def test_a_chapter_that_is_too_long_is_refused(cells, said):
    claim = new_code_cell("assert len('two') == 3", metadata={"tags": ["claims"]})
    notebook = new_notebook(cells=[*cells, claim])
    found = chapter_rules.problems(notebook, "89", is_solution=False)
    assert any(said in one for one in found), found
    if cells[0].cell_type == "code":  # an answer may be as long as it has to be
        assert chapter_rules.problems(notebook, "89", is_solution=True) == []
        for cell in cells:
            cell.metadata["tags"] = ["setup"]
        assert chapter_rules.problems(notebook, "89", is_solution=False) == []


def test_addresses_of_links_are_no_words():
    assert chapter_rules.words("See [chapter 01](01_art.ipynb), `VL` < 50.") == [
        "See", "chapter", "01", "VL", "50."
    ]  # fmt: skip


def test_a_blank_may_stand_in_the_learner_notebook_alone():
    source = "from healthgym_edu.exercises import ____\nshare = ____"
    assert breaches(source) == []
    assert any("a blank is left" in one for one in breaches(source, solution=True))


def test_an_exercise_that_no_cell_checks_is_named(monkeypatch):
    declared = [find("89.answer")]
    monkeypatch.setattr(chapter_rules.checks, "exercises", lambda number: declared)
    assert breaches("check('89.answer', 42)") == []
    assert any("never checked" in one for one in breaches("# check('89.answer', 42)"))


@pytest.mark.parametrize("text", ["![](map.png)", "<img src='map.png'>", '<img alt="" src="m">'])
def test_an_image_without_alt_text_is_named(text):
    claim = new_code_cell("assert len('ab') == 2", metadata={"tags": ["claims"]})
    notebook = new_notebook(cells=[new_markdown_cell(text), claim])
    assert "no alt text" in chapter_rules.problems(notebook, "89", is_solution=False)[0]
    notebook.cells[0].source = "![A map of the chapters](map.png) <img alt='A map' src='m.png'>"
    assert chapter_rules.problems(notebook, "89", is_solution=False) == []


# --- every chapter ------------------------------------------------------------------------------


def test_every_notebook_of_the_course_keeps_the_rules():
    for chapter in find_chapters(COURSE):
        for path in (chapter.learner, chapter.solution):
            notebook = nbformat.read(path, as_version=4)
            is_solution = path == chapter.solution
            found = chapter_rules.problems(notebook, chapter.number, is_solution=is_solution)
            assert found == [], f"{path}: {found}"


def test_every_learner_notebook_was_run_from_top_to_bottom_and_shows_nothing_odd():
    for chapter in find_chapters(COURSE):
        notebook = nbformat.read(chapter.learner, as_version=4)
        counts = [c.execution_count for c in notebook.cells if c.cell_type == "code"]
        assert counts == list(range(1, len(counts) + 1)), chapter.learner
        assert build_chapters.output_problems(notebook) == [], chapter.learner


def test_nbval_sees_every_notebook_in_the_folder_of_chapters():
    known = {p for chapter in find_chapters(COURSE) for p in (chapter.learner, chapter.solution)}
    there = {p for p in COURSE.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts}
    assert there == known
