"""The examples in docstrings do what they say, and every public name has one."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import pytest

import healthgym_edu as hg
from healthgym_edu import conditions
from healthgym_edu.envs import ENVIRONMENTS
from healthgym_edu.exercises import engine
from healthgym_edu.plots.style import FIXED

# a version and a tuple have no docstring; `register` shows the second
WITHOUT = {"__version__", "CONDITIONS"}
PACKAGE = Path(hg.__file__).parent


def modules_with_examples() -> list[str]:
    """Return the modules of the package whose source holds an example."""
    found = pkgutil.walk_packages(hg.__path__, "healthgym_edu.")
    names = [module.name for module in found if "_course" not in module.name]
    return [
        name for name in names
        if ">>>" in Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")
    ]  # fmt: skip


@pytest.fixture
def _as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What an example registers, writes or draws is gone after it."""
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    monkeypatch.delenv("HEALTHGYM_EDU_QUICK", raising=False)
    engine._hints_given.clear()
    registers = (conditions._mechanisms, ENVIRONMENTS, gymnasium.registry, FIXED)
    before = [dict(register) for register in registers]
    yield
    for register, content in zip(registers, before, strict=True):
        register.clear()
        register.update(content)


@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("name", modules_with_examples())
def test_the_examples_of_a_module_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name), report=True)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", sorted(set(hg.__all__) - WITHOUT))
def test_every_public_name_has_an_example(name: str) -> None:
    assert ">>>" in getattr(hg, name).__doc__
