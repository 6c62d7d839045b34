"""The wheel carries the course: it works from any folder, as an editable install does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest

from healthgym_edu._chapters import list_chapters

ROOT = Path(__file__).resolve().parent.parent
SHOW = """
import pathlib, healthgym_edu
from healthgym_edu._chapters import list_chapters, lock_file
print(pathlib.Path(healthgym_edu.__file__).parent)
print(lock_file())
for chapter in list_chapters():
    print(chapter.learner_path)
"""

SETUP = re.compile(
    r"^try:\n    import healthgym_edu as hg\n(?:    import (?:lifelines|torch)\n)?"
    r"except Import.*?(?=^\S)",
    re.M | re.S,
)


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without the variables that would show it this repository."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "HEALTHGYM"))}
    environment["JUPYTER_PATH"] = str(Path(sysconfig.get_path("data")) / "share" / "jupyter")
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("healthgym_edu-*.whl")
    return built


def clean_environment(folder: Path) -> tuple[Path, Path]:
    """Return the Python and the scripts folder of a new environment that has our needs only.

    The libraries of the running environment are lent through a path file. Such a file does not
    pass on the path files of the folder it names, so an editable install there is not lent.
    What JupyterLab keeps outside the libraries is lent through ``JUPYTER_PATH``.
    """
    venv.create(folder, with_pip=False)
    names = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=names))
    lent = folder / "lent"
    lent.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "healthgym_edu" not in entry.name:  # an editable install leaves a folder of that name
            (lent / entry.name).symlink_to(entry)
    (site / "lent.pth").write_text(str(lent), encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", "venv", vars=names))
    return scripts / ("python.exe" if os.name == "nt" else "python"), scripts


def test_the_wheel_holds_the_course_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for chapter in list_chapters(ROOT / "Chapters"):
        assert f"healthgym_edu/_course/Chapters/{chapter.name}.ipynb" in names
        assert f"healthgym_edu/_course/Chapters/solutions/{chapter.name}.ipynb" in names
    assert "healthgym_edu/_course/requirements.txt" in names
    assert any(name.endswith("licenses/LICENSE-TEXT") for name in names)
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"healthgym_edu"}
    unwanted = ("checkpoint", "Chapters/src", "__pycache__", "/tests/", ".parquet")
    assert not [name for name in names if any(word in name for word in unwanted)]


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_a_clean_environment_opens_the_course_from_any_folder(
    kind: str, wheel: Path, tmp_path: Path
) -> None:
    python, scripts = clean_environment(tmp_path / "environment")
    what = [wheel] if kind == "wheel" else ["--no-build-isolation", "--editable", ROOT]
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", *what, cwd=tmp_path)  # fmt: skip

    package, lock, *chapters = map(Path, run(python, "-c", SHOW, cwd=tmp_path).split("\n")[:-1])
    home = tmp_path / "environment" if kind == "wheel" else ROOT
    assert package.is_relative_to(home)
    assert lock.read_bytes() == (ROOT / "requirements.txt").read_bytes()
    assert [path.name for path in chapters] == [c.learner_path.name for c in list_chapters()]
    assert all(path.is_relative_to(home) for path in chapters)

    command = scripts / "healthgym-edu"
    assert "00_start_here" in run(command, "list", cwd=tmp_path)
    said = run(command, "run", "00", "--quick", "--out", tmp_path / "pages", cwd=tmp_path)
    assert "1 passed, 0 failed" in said
    assert (tmp_path / "pages" / "00_start_here.html").is_file()


def setup_cells() -> dict[str, str]:
    """Return what the first code cell of each chapter does where the course is not installed."""
    found = {}
    for chapter in list_chapters(ROOT / "Chapters"):
        cells = nbformat.read(chapter.learner_path, as_version=4).cells
        first = next(c.source for c in cells if "setup" in c.metadata.get("tags", []))
        first = first.split("\n", 1)[1]  # without its title
        found[chapter.name] = SETUP.match(first)[0]
    return found


def test_set_up_cells_are_the_same_but_for_the_extras_they_name() -> None:
    named = set()
    for cell in setup_cells().values():
        for module, extra in {"lifelines": "survival", "torch": "torch"}.items():
            assert (f"import {module}" in cell) == (f"[{extra}]" in cell)
        same = re.sub(r"healthgym-edu(\[[a-z,]+\])? @", "", cell)
        same = re.sub(r"    import (lifelines|torch)\n", "", same)
        named.add(re.sub(r"    # only for the records .*\n.*\"scikit-survival\".*\n", "", same))
    assert len(named) == 1


def test_a_set_up_cell_installs_the_course_and_leaves_the_rest(wheel: Path, tmp_path: Path) -> None:
    """As on Colab: libraries are there, one of them damaged so that it has lost its name."""
    python, _ = clean_environment(tmp_path / "environment")
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))",
                    cwd=tmp_path).strip())  # fmt: skip
    (site / "nameless-1.0.dist-info").mkdir()
    (site / "nameless-1.0.dist-info" / "METADATA").write_text("Version: 1.0\n", encoding="utf-8")
    cell = setup_cells()["00_start_here"]
    script = tmp_path / "cell.py"
    script.write_text(cell + "\nprint(hg.__file__)\n", encoding="utf-8")
    source = f"import os; os.environ['HEALTHGYM_EDU_SOURCE'] = {wheel.as_uri()!r}; "
    said = run(python, "-c", f"{source}exec(open('cell.py').read())", cwd=tmp_path)
    assert Path(said.strip().splitlines()[-1]).is_relative_to(site)
    new = {path.name for path in site.iterdir()} - {"lent.pth", "nameless-1.0.dist-info"}
    assert new == {"healthgym_edu", f"{wheel.name.split('-py3')[0]}.dist-info"}
    kept = (tmp_path / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split("==")[0] for line in kept} >= {"numpy", "pandas", "ipykernel", "torch"}
