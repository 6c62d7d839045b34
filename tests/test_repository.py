"""What the top level promises: its files agree with one another, and its commands are true.

Bounds stand in pyproject.toml, pins in requirements*.txt, a few bounds again in environment.yml.
`disagreements` says where they differ; a wrong example of every kind shows that it can.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.testing import CliRunner

import healthgym_edu
from healthgym_edu._chapters import list_chapters
from healthgym_edu.cli import app

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"pytorch-cpu": "torch"}  # conda-forge's name for what PyPI calls torch
LEARNING, TOOLS = ("lab", "torch", "survival"), ("teach", "minari", "test", "dev")
TEST_TOOLS = {"pytest", "pytest-xdist", "nbval", "hypothesis", "nbgrader", "sdmetrics", "selenium"}
HEAVY = {"torch", "lifelines", "jupyterlab", "ipykernel", "notebook", "minari", "nbgrader"}
ELSEWHERE = {"appnope", "colorama", "overrides", "pexpect", "ptyprocess", "pywinpty"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(lines: list[str]) -> dict[str, Requirement]:
    """Return requirements by canonical name; comments, options and our own name left out."""
    bare = (line.split("#", 1)[0].strip() for line in lines)
    parsed = [Requirement(line) for line in bare if line and not line.startswith("-")]
    return {canonicalize_name(r.name): r for r in parsed if r.name != "healthgym-edu"}


def conda_requirements(environment: str) -> dict[str, Requirement]:
    """Return conda's lines as requirements under their PyPI names."""
    listed = [d for d in yaml.safe_load(environment)["dependencies"] if isinstance(d, str)]
    words = [re.sub(r" =(?=\d)", " ==", line) for line in listed]
    found = [Requirement(word) for word in words]
    return {CONDA_NAMES.get(r.name, r.name): r for r in found}


def disagreements(pyproject: str, lock: str, dev_lock: str, environment: str) -> list[str]:
    """Return one sentence for each way in which the four files differ; none if they agree."""
    project = tomllib.loads(pyproject)["project"]
    extras = project["optional-dependencies"]
    learning = [line for layer in LEARNING for line in extras[layer]]
    bounds = requirements([*project["dependencies"], *learning])
    tools = requirements([line for layer in TOOLS for line in extras[layer]])
    learner = requirements(lock.splitlines())
    developer = requirements(dev_lock.splitlines())
    conda = conda_requirements(environment)
    wrong = []

    for where, pins in (("requirements.txt", learner), ("requirements-dev.txt", developer)):
        for name, pin in pins.items():
            if [s.operator for s in pin.specifier] != ["=="] or "*" in str(pin.specifier):
                wrong.append(f"{where} does not pin {name} to one version")
    for where, bounded, pins in (
        ("requirements.txt", bounds, learner),
        ("requirements-dev.txt", tools, developer),
    ):
        for name, bound in bounded.items():
            if name not in pins:
                wrong.append(f"{where} lacks {name}")
            elif not bound.specifier.contains(str(pins[name].specifier).strip("=")):
                wrong.append(f"{where} pins {pins[name]}, outside {bound}")
    wrong += [f"requirements.txt holds the tool {name}" for name in TEST_TOOLS & set(learner)]
    wrong += [f"both locks pin {name}" for name in set(learner) & set(developer)]
    if "-e ." not in lock.splitlines():
        wrong.append("requirements.txt does not install the course itself")
    if "-r requirements.txt" not in dev_lock.splitlines():
        wrong.append("requirements-dev.txt does not build on requirements.txt")

    for name, line in conda.items():
        if name == "pip":
            continue
        if name == "python":
            python = str(line.specifier).strip("=")
            if not Requirement(f"python{project['requires-python']}").specifier.contains(python):
                wrong.append(f"environment.yml has Python {python}")
        elif name not in bounds:
            wrong.append(f"environment.yml names {name}, which pyproject.toml does not")
        elif line.specifier != bounds[name].specifier:
            wrong.append(f"environment.yml has {line}, pyproject.toml {bounds[name]}")
    if {"pip": [f"-e .[{','.join(LEARNING)}]"]} not in yaml.safe_load(environment)["dependencies"]:
        wrong.append("environment.yml does not install the course itself")
    named = set(Requirement(extras["all"][0]).extras)
    if named != {*LEARNING, "teach", "minari"}:
        wrong.append(f"the extra all leaves out or adds a layer: {sorted(named)}")
    for name in HEAVY & set(requirements(project["dependencies"])):
        wrong.append(f"{name} is of the core, which lives beside whatever a computer has")
    if yaml.safe_load(environment)["name"] != project["name"]:
        wrong.append("environment.yml has another name than the project")
    return wrong


FILES = ("pyproject.toml", "requirements.txt", "requirements-dev.txt", "environment.yml")


def test_bounds_and_pins_agree() -> None:
    assert disagreements(*map(text, FILES)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("requirements.txt", "pandas==2.3.3", "pandas==3.0.0", "pins pandas==3.0.0, outside"),
        ("requirements.txt", "pandas==2.3.3", "pandas>=2.3", "does not pin pandas"),
        ("requirements.txt", "lifelines==0.30.3", "", "requirements.txt lacks lifelines"),
        ("requirements.txt", "-e .", "", "does not install the course itself"),
        ("requirements.txt", "-e .", "-e .\nnbgrader==0.9.6", "holds the tool nbgrader"),
        ("requirements-dev.txt", "nbval==0.11.0", "", "requirements-dev.txt lacks nbval"),
        ("requirements-dev.txt", "nbval==0.11.0", "nbval==0.9", "pins nbval==0.9, outside"),
        ("requirements-dev.txt", "-r requirements.txt", "", "does not build on"),
        ("requirements-dev.txt", "nbval==0.11.0", "nbval==0.11.0\nnumpy==2.4.6", "both locks pin"),
        ("environment.yml", "numpy >=2.0", "numpy >=1.26", "environment.yml has numpy>=1.26"),
        ("environment.yml", "pandas >=2.2,<3", "pandas >=2.2", "environment.yml has pandas>=2.2,"),
        ("environment.yml", "pyarrow >=17", "polars >=1", "names polars"),
        ("environment.yml", "python =3.12", "python =3.10", "has Python 3.10"),
        ("environment.yml", "- -e .[lab", "- -e .[lob", "does not install the course itself"),
        ("pyproject.toml", "[lab,torch,survival,teach", "[lab,torch,teach", "extra all leaves out"),
        (
            "pyproject.toml",
            '    "scipy>=1.13",',
            '    "scipy>=1.13",\n    "lifelines>=0.30",',
            "of the core",
        ),
        ("pyproject.toml", '"numpy>=2.0"', '"numpy>=3"', "pins numpy==2.4.6, outside numpy>=3"),
    ],
)
def test_a_disagreement_is_found(file: str, old: str, new: str, said: str) -> None:
    files = {name: text(name) for name in FILES}
    assert old in files[file], "the wrong example no longer fits the file"
    files[file] = files[file].replace(old, new, 1)
    assert any(said in sentence for sentence in disagreements(*files.values()))


def test_what_only_some_computers_need_says_so() -> None:
    learner = requirements(text("requirements.txt").splitlines())
    assert {name for name, pin in learner.items() if pin.marker} == ELSEWHERE


def test_the_locks_name_no_index_and_no_cuda() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "environment.yml"):
        assert "://" not in text(name)
        assert "index" not in text(name)
        assert not re.search(r"^(nvidia|cuda|triton)", text(name), flags=re.MULTILINE)


def test_the_version_is_said_once() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert healthgym_edu.__version__ == version
    assert yaml.safe_load(text("CITATION.cff"))["version"] == version


@pytest.mark.parametrize("words", [["check"], ["format", "--check"]], ids=["check", "format"])
def test_the_code_is_tidy(words: list[str]) -> None:
    """`ruff format . && ruff check --fix .` mends most of what this finds."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *words, "--quiet", "--output-format=concise", "."],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


# --- the README ------------------------------------------------------------------------------


def test_the_python_of_the_readme_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    export = re.search(r"^healthgym-edu (export sepsis .*)$", text("README.md"), flags=re.MULTILINE)
    result = CliRunner().invoke(app, export[1].split())
    assert result.exit_code == 0, result.output
    blocks = re.findall(r"```python\n(.*?)```", text("README.md"), flags=re.DOTALL)
    assert len(blocks) == 7
    names: dict = {}
    for block in blocks:
        exec(re.sub(r'^art = .*source="release".*$', "", block, flags=re.MULTILINE), names)
    assert len(names["icu"]) == 2164
    assert names["pair"]["random"].frame.shape == names["pair"]["clinician"].frame.shape
    assert names["env"].observation_space.contains(names["observation"])
    assert names["many"].num_envs == 4096
    gap = names["hg"].survival.rmst(names["times"], 6, by="arm").loc["DRV - EFV", "rmst"]
    assert gap > 0 > names["hg"].survival.known_truth("DRV - EFV, 6 months").iloc[-1]["rmst"]
    assert names["icu"].patients["Died in stay"].mean() > 0.05
    assert names["women"].patients["Gender"].eq("Female").all()
    assert (len(names["made"]), len(names["women"])) == (200, 20)


def test_the_generators_of_the_readme_score_as_they_were_measured() -> None:
    place = ROOT / "benchmarks" / "generators.py"
    spec = importlib.util.spec_from_file_location("generators_benchmark", place)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    measured = json.loads(text("benchmarks/results/generators.json"))
    assert benchmark.short(measured) in text("README.md")
    cells = benchmark.medians(measured).loc["art_hiv", "60 s"]["TV of cells"]
    told = f"is {cells['WganGp']:.2f} without a memory, and {cells['VaeBufferWganGp']:.2f} with it"
    assert told in text("Chapters/src/11_mode_collapse.py")
    chapter = text("Chapters/src/13_which_generator.py").replace("\n# |", "\n|")
    assert benchmark.shown_in_chapter_13(measured) in chapter
    art = benchmark.medians(measured).loc["art_hiv"].drop("fresh draw", level="model")
    assert art.loc["300 s", "P"].nsmallest(2).index.str.startswith("AutoregressiveGru").all()
    assert art["P"].idxmin() == ("300 s", "AutoregressiveGru, rejection")
    # who refuses to reject does not make five times as many, and is done sooner
    refused = {
        key.split(" | ")[0]
        for key, row in measured.items()
        if "AutoregressiveGru, rejection" in key and row["sample, s"] < 5
    }
    assert refused == {"sepsis"}
    assert "(as in sepsis), nothing is rejected" in text("README.md")
    assert art.loc["300 s", "switch rate, ratio"]["Diffusion"] < 0.6  # "too seldom", chapter 13
    for clock in ("60 s", "300 s"):  # attention did not help
        apart = art.loc[clock, "KS"]
        assert apart["TransformerWganGp"] > apart["VaeBufferWganGp"]
    broken = [key for key, row in measured.items() if row.get("broken")]
    assert broken == []
    one = next(iter(measured))
    changed = measured | {one: measured[one] | {"P": 0.123}}
    assert benchmark.short(changed) not in text("README.md")


def test_the_tables_of_policies_are_those_that_were_measured(monkeypatch) -> None:
    """The README's tables are the benchmark's, and its prose holds in them."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    benchmark = importlib.import_module("offline_rl")
    measured = json.loads(text("benchmarks/results/offline_rl.json"))
    readme = text("README.md")
    assert benchmark.readme_agents(measured) in readme
    assert benchmark.readme_estimates(measured) in readme
    assert f"let through, {benchmark.wrong_of(measured)} were" in readme
    agents, estimates = benchmark.agents_table(measured), benchmark.estimates_table(measured)
    gains = agents["gain"]
    assert gains["sepsis", "fitted Q, masked"] >= 0.2
    assert gains["hypotension", "fitted Q, masked"] >= 0.45
    art = agents.loc[("art_hiv", "fitted Q, masked")]
    assert art["worst"] >= 5 * art["error"]
    for loser in (
        ("art_hiv", "fitted Q, no mask"),
        *((where, "DQN") for where in ("art_hiv", "sepsis", "hypotension")),
    ):
        assert gains[loser] < 0
    assert agents.loc[("sepsis", "fitted Q, masked"), "worst"] >= 0.15
    assert agents.loc[("sepsis", "fitted Q, masked"), "fewest"] <= -2
    near = ["clinicians to the power 1.5", "10 % guideline"]
    let_through = estimates["let_through"].unstack("target")
    assert let_through.loc[["sepsis", "hypotension"], near].mean().min() >= 0.9
    assert let_through.loc["art_hiv", near].mean().tolist() == [1, 0]
    assert let_through["guideline"].max() == 0
    wrong, let = map(int, benchmark.wrong_of(measured).split(" of "))
    assert wrong <= 0.05 * let
    one = next(name for name in measured if name.startswith("agent |"))
    changed = measured | {one: measured[one] | {"gain": 9.0}}
    assert benchmark.readme_agents(changed) not in readme


def test_the_readme_tells_of_every_extra() -> None:
    extras = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    told = re.findall(r"^\| `(\w+)` \| .+ \| .*\|$", text("README.md"), flags=re.MULTILINE)
    assert set(told) == set(extras) - {"test", "dev"}


def readme_commands(readme: str) -> list[str]:
    """Return the set-up commands of the README: they begin by making an environment."""
    return re.findall(r"^(?:python3|py -3) -m venv .*$", readme, flags=re.MULTILINE)


def test_the_readme_opens_the_course_and_passes_the_tests() -> None:
    opens, tests, *windows, cpu = readme_commands(text("README.md"))
    assert opens == (
        "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt "
        "&& .venv/bin/healthgym-edu lab"
    )
    assert tests == (
        "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements-dev.txt "
        "&& .venv/bin/python -m pip install --no-deps scikit-survival==0.28.0 "
        "&& .venv/bin/python -m pytest"
    )
    as_windows = [
        command.replace("python3", "py -3").replace(".venv/bin/", ".venv\\Scripts\\")
        for command in (opens, tests)
    ]
    assert windows == as_windows
    pin = requirements(text("requirements.txt").splitlines())["torch"]
    assert f"pip install {pin} --index-url" in cpu


def test_ci_runs_the_readmes_own_test_command(tmp_path: Path) -> None:
    """The real script, beside a README whose test command only says where it would install."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text(text(".ci/run"), encoding="utf-8")
    (tmp_path / "Rscript").write_text("#!/bin/sh\n", encoding="utf-8")  # R need not be fetched
    (tmp_path / "Rscript").chmod(0o755)
    paths = os.pathsep.join([str(tmp_path), os.environ["PATH"]])

    def run_with(readme: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "README.md").write_text(readme, encoding="utf-8")
        return subprocess.run(
            ["bash", tmp_path / ".ci" / "run"],
            capture_output=True, text=True, check=False, env=os.environ | {"PATH": paths},
        )  # fmt: skip

    command = "python3 -m venv --help > /dev/null && echo {} # .venv -m pytest"
    done = run_with("```bash\n" + command.format("threads $OMP_NUM_THREADS") + "\n```\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "threads 1"
    assert run_with(command.format("x && false")).returncode != 0
    assert run_with("no command here\n").returncode != 0

    # and on the README as it is, the script finds the command that passes the tests
    found = re.search(r"grep -m 1 '(.*)' README.md", text(".ci/run"))[1]
    tests = next(line for line in text("README.md").splitlines() if re.search(found, line))
    assert tests == readme_commands(text("README.md"))[1]


def test_every_chapter_is_listed_and_every_listed_chapter_is_there() -> None:
    there = {(chapter.title, chapter.name) for chapter in list_chapters(ROOT / "Chapters")}
    for page, pattern in (
        ("README.md", r"\[([^\]]+)\]\(Chapters/(\d\d_\w+)\.ipynb\)"),
        ("Chapters/README.md", r"\[([^\]]+)\]\((\d\d_\w+)\.ipynb\)"),
    ):
        assert set(re.findall(pattern, text(page))) == there, page


LOCAL_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([\w-]+))?\)")


def broken_links(page: Path) -> list[str]:
    """Return the links and pictures of a page that point to nothing in the repository."""
    broken = []
    for target, heading in LOCAL_LINK.findall(page.read_text(encoding="utf-8")):
        path = page.parent / target if target else page
        if not path.exists():
            broken.append(target)
        elif heading and path.suffix == ".md":
            words = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", w).strip().lower().replace(" ", "-") for w in words}
            if heading not in anchors:
                broken.append(f"{target}#{heading}")
    return broken


@pytest.mark.parametrize("name", ["README.md", "Chapters/README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere_and_pictures_have_words(name: str) -> None:
    assert broken_links(ROOT / name) == []
    for words in re.findall(r"!\[([^\]]*)\]", text(name)):
        assert len(words) > 15, f"a picture in {name} has too short an alternative text: {words!r}"


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading, here\n[a](page.md) [b](#a-heading-here) [c](https://x.org/y)\n"
        "[d](missing.md) [e](page.md#nowhere) ![f](picture.png)\n",
        encoding="utf-8",
    )
    assert broken_links(page) == ["missing.md", "page.md#nowhere", "picture.png"]
