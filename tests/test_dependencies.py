"""What the package imports is what it asks for, in the layer that needs it."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import healthgym_edu

PACKAGE = Path(healthgym_edu.__file__).parent
CALLED = {"sklearn": "scikit-learn", "PIL": "pillow", "jupyter_client": "jupyter-client"}
BROUGHT = {  # what is used and comes with something that is asked for
    "cycler": "matplotlib", "packaging": "matplotlib", "pillow": "matplotlib",
    "requests": "pooch", "threadpoolctl": "scikit-learn", "jupyter-client": "nbclient",
}  # fmt: skip
ELSEWHERE = {  # used only where it is there already
    "IPython": ["plots/style.py", "plots/sliding.py", "exercises/questions.py"],
    "ipywidgets": ["plots/sliding.py", "plots/ordering.py"],
    "matplotlib_inline": ["plots/style.py"],
    "jupyter_server": ["cli/lab.py"], "h5py": ["envs/minari_export.py"],
}  # fmt: skip
LAYER = {  # modules that need more than the core
    "cli/doctor.py": "lab", "cli/lab.py": "lab", "cli/parameters.py": "lab",
    "cli/pages.py": "lab", "cli/running.py": "lab", "envs/minari_export.py": "minari",
    "survival/diagnostics.py": "survival", "survival/standardised.py": "survival",
    "checks/answers_06.py": "survival", "checks/chapter_06.py": "survival",
    "checks/answers_07.py": "survival", "checks/chapter_07.py": "survival",
    "checks/agreement_10.py": "torch", "checks/penalty_10.py": "torch",
    "checks/answers_10.py": "torch", "checks/agreement_11.py": "torch",
    "checks/answers_11.py": "torch",
    "checks/answers_12.py": "torch", "checks/chapter_12.py": "torch",
    "checks/agreement_13.py": "torch", "checks/chapter_13.py": "torch",
    "checks/answers_16.py": "torch", "checks/chapter_16.py": "torch",
    "rl/agents/networks.py": "torch", "rl/agents/dqn.py": "torch",
    "rl/agents/bcq.py": "torch", "rl/agents/cql.py": "torch",
    **{
        f"generators/{name}.py": "torch"
        for name in ("autoregressive_gru", "chain", "critic", "diffusion", "mixtures", "networks",
                     "reading", "training", "transformer", "vae_buffer", "wgan")
    },
}  # fmt: skip


def requirements(of: str, extra: str = "") -> set[str]:
    lines = map(Requirement, metadata.requires(of) or [])
    return {
        canonicalize_name(line.name)
        for line in lines
        if line.marker is None or line.marker.evaluate({"extra": extra})
    }


def imported(path: Path) -> set[str]:
    """Return the libraries that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).split(".")[0])
    return found - set(sys.stdlib_module_names) - {"healthgym_edu"}


def test_every_import_is_asked_for() -> None:
    core, undeclared = requirements("healthgym-edu"), []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith("_course"):
            continue
        layer = requirements("healthgym-edu", LAYER[place]) if place in LAYER else core
        for module in imported(path):
            name = canonicalize_name(CALLED.get(module, module))
            if BROUGHT.get(name, name) not in layer and place not in ELSEWHERE.get(module, []):
                undeclared.append(f"{place} imports {module}")
    assert undeclared == []


@pytest.mark.parametrize(("name", "bringer"), BROUGHT.items())
def test_what_is_brought_is_brought(name: str, bringer: str) -> None:
    assert name in requirements(bringer)


CORE = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "lifelines", "jupyterlab", "IPython", "ipykernel",
                                  "nbclient", "nbconvert", "nbformat", "minari", "h5py"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import healthgym_edu as hg
from healthgym_edu.cli import app

for name in hg.__all__:
    getattr(hg, name)
art = hg.load_cohort("art_hiv", n_patients=60)
hg.plots.trajectory_band(art, "VL")
hg.make_env("sepsis").reset(seed=0)
hg.check("00.number_of_people", len(art), art=art)
try:
    hg.to_minari("sepsis", "a/b-v0", n_patients=3)
except ValueError as error:
    print(error)
app(["list"], standalone_mode=False)
"""


def test_the_core_works_without_the_other_layers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CORE], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "Correct" in done.stdout
    assert "needs a package that is not installed" in done.stdout
    assert "00_start_here" in done.stdout
