"""Imports run downwards only, without circles; conditions are named nowhere below or beside theirs.

The floors are those of the house: what stands on a floor may import from lower floors and from its
own room.  Imports that only types need, imports inside functions and `import_module` with a text
count like any other.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

import healthgym_edu

PACKAGE = Path(healthgym_edu.__file__).parent
NAME = PACKAGE.name
FLOORS = {
    0: "_version",
    1: "errors files stored memory variables schema_checks schema",
    2: "engine metrics",
    3: "conditions",
    4: "data",
    5: "tasks survival rl generators plots envs _chapters _glossary cards",
    6: "evaluation calibration exercises",
    7: "checks coursework datathon shifts",
    8: "cli",
    9: "__init__ __main__",
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms.split()}
ON_THE_FIRST = FLOORS[1].split()
"""On the first floor modules stand in this order: types, then what checks them, then the face."""


def modules(package=PACKAGE):
    """Yield every module's dotted name within the package, and its path."""
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        if "_course" not in parts:
            yield parts, path


@cache
def may_import(text):
    """Return the nodes of a module that may import something."""
    kinds = ast.Import | ast.ImportFrom | ast.Call
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]


def imported(parts, text, known):
    """Yield the modules of the package that a module imports, as tuples of names."""
    folder = parts[:-1]
    for node in may_import(text):
        if isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else ()
            words = node.module.split(".") if node.module else []
            if not node.level:
                if words[0] != NAME:
                    continue
                words = words[1:]
            start = (*base, *words)
            for alias in node.names:
                found = (*start, alias.name)
                yield found if found in known or (*found, "__init__") in known else start
        elif isinstance(node, ast.Import):
            for alias in node.names:
                words = alias.name.split(".")
                if words[0] == NAME:
                    yield tuple(words[1:])
        elif isinstance(node, ast.Call) and _name(node.func) == "import_module":
            text = node.args[0]
            if isinstance(text, ast.Constant):
                words = text.value.split(".")
                if words[0] == NAME:
                    yield tuple(words[1:])
                elif words[0] == "":
                    yield (*folder, *filter(None, words))


def _name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def faults(package=PACKAGE):
    """Say which imports climb, go sideways or turn in a circle."""
    paths = dict(modules(package))
    found, graph = [], {}
    for parts, path in paths.items():
        room = parts[0]
        if room not in FLOOR:
            found.append(f"{'.'.join(parts)}: on no floor")
            continue
        for other in imported(parts, path.read_text(encoding="utf-8"), paths):
            target = other if other in paths else (*other, "__init__")
            if not other or target == ("__init__",):
                found.append(f"{'.'.join(parts)} imports the face of the package")
                continue
            graph.setdefault(parts, set()).add(target)
            there = other[0]
            sideways = FLOOR[there] == FLOOR[room] and there != room
            if sideways and room in ON_THE_FIRST:
                sideways = ON_THE_FIRST.index(there) > ON_THE_FIRST.index(room)
            if FLOOR[there] > FLOOR[room] or sideways:
                found.append(f"{'.'.join(parts)} imports {'.'.join(other)}")
    return found + circles(graph)


def circles(graph):
    """Return the circles that imports make between modules (a package is its ``__init__``)."""
    done, found = set(), []

    def visit(module, way):
        if module in way:
            circle = [".".join(one) for one in way[way.index(module) :]]
            found.append("circle: " + " -> ".join([*circle, circle[0]]))
        elif module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, [*way, module])
            done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return found


def test_imports_run_downwards_and_never_in_a_circle():
    assert faults() == []


def naming(package=PACKAGE):
    """Say which code below or beside the rooms of the conditions names a condition or its drugs."""
    words = ("art_hiv", "sepsis", "hypotension", "ArtHiv", "Sepsis", "Hypotension", "VL", "DTG")
    found = []
    for parts, path in modules(package):
        if parts[0] in ("conditions", "checks", "cli", "__init__"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words_said = {id(node.body[0].value) for node in ast.walk(tree) if _documented(node)}
        for node in ast.walk(tree):
            said = node.value if isinstance(node, ast.Constant) else _name(node)
            if id(node) in words_said or said not in words:
                continue
            found.append(f"{'.'.join(parts)}:{node.lineno} names {said!r}")
    return found


def _documented(node):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node) is not None


def test_general_rooms_name_no_condition():
    assert naming() == []


# --- the tests of the test: what it must find


@pytest.mark.parametrize(
    ("where", "text", "fault"),
    [
        ("engine/x.py", "from ..data import Cohort", "engine.x imports data"),
        ("engine/x.py", "from ..conditions.sepsis import sofa", "engine.x imports conditions"),
        ("engine/x.py", "import healthgym_edu.plots.style", "engine.x imports plots.style"),
        ("envs/x.py", "from ..plots import bedside", "envs.x imports plots"),
        ("plots/x.py", "from .. import __version__", "imports the face"),
        ("schema_checks.py", "from .schema import Schema", "schema_checks imports schema"),
        (
            "data/x.py",
            "def f():\n    from ..calibration import compare",
            "data.x imports calibration",
        ),
        (
            "errors.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .schema import Schema",
            "errors imports schema",
        ),
        (
            "exercises/x.py",
            "import importlib\nimportlib.import_module('healthgym_edu.checks')",
            "exercises.x imports checks",
        ),
        ("novelties/x.py", "", "novelties.x: on no floor"),
        ("engine/x.py", "from . import living\n", ""),
    ],
)
def test_a_wrong_import_is_found(tmp_path, where, text, fault):
    for parts, path in modules():
        copy = tmp_path.joinpath(*parts).with_suffix(".py")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    target = tmp_path / where
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    found = faults(tmp_path)
    assert any(fault in one for one in found) if fault else found == []


def test_a_circle_is_found():
    graph = {("a",): {("b",)}, ("b",): {("c",)}, ("c",): {("a",)}, ("d",): {("a",)}}
    assert circles(graph) == ["circle: a -> b -> c -> a"]
    assert circles({("a",): {("b",)}, ("b",): set()}) == []


def test_a_condition_in_a_general_room_is_found(tmp_path):
    (tmp_path / "plots").mkdir()
    path = tmp_path / "plots" / "x.py"
    path.write_text('"""Of sepsis."""\n\n\ndef f():\n    """DTG."""\n    return {"VL": 50}\n')
    assert naming(tmp_path) == ["plots.x:6 names 'VL'"]
