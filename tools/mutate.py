"""Flip signs, edges and swaps in a mechanism, one at a time, and say which the tests let pass.

    python tools/mutate.py sepsis                  # 12 mutants, drawn with seed 0
    python tools/mutate.py sepsis --number 40 --seed 1
    python tools/mutate.py sepsis --all

Each mutant is a copy of the package in which one operator is another one: + for -, < for >,
minimum for maximum and so on.  The tests of the condition run on it until one fails.  A survivor is
an equation that no test looks at, or a change that changes nothing: read it and decide.  Run by
hand: a mutant takes as long as the tests need to notice it.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "healthgym_edu"
LEAVE_OUT = {"__init__.py", "variables.py", "trial.py"}  # names and columns, no equations
SWAPS = {
    ast.Add: "-", ast.Sub: "+", ast.Lt: ">", ast.LtE: ">=", ast.Gt: "<", ast.GtE: "<=",
    ast.BitAnd: "|", ast.BitOr: "&", ast.USub: "+",
}  # fmt: skip
NAMES = {"minimum": "maximum", "maximum": "minimum"}


@dataclass(frozen=True)
class Mutant:
    """One change: which file, where, and what stands there instead."""

    path: Path  # within the package
    line: int
    start: int  # in characters of the file
    end: int
    new: str

    def source(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]

    def __str__(self) -> str:
        return f"{self.path}:{self.line} -> {self.new}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file of the package."""
    text = (ROOT / PACKAGE / path).read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        whole = text[starts[line - 1] : starts[line]].encode()
        return starts[line - 1] + len(whole[:column].decode())

    def between(left: ast.expr, right: ast.expr, old: ast.AST) -> Mutant | None:
        start, end = (
            place(left.end_lineno, left.end_col_offset),
            place(right.lineno, right.col_offset),
        )
        sign = next(
            (s for s in ("<=", ">=", "<", ">", "+", "-", "&", "|") if s in text[start:end]), None
        )
        if sign is None or type(old) not in SWAPS:
            return None
        at = start + text[start:end].index(sign)
        line = text.count("\n", 0, at) + 1
        return Mutant(path, line, at, at + len(sign), SWAPS[type(old)])

    tree = ast.parse(text)
    types = [
        getattr(one, name, None) for one in ast.walk(tree) for name in ("annotation", "returns")
    ]
    no_code = {part for one in types if one is not None for part in ast.walk(one)}
    for node in ast.walk(tree):
        if node in no_code:  # int | None
            continue
        found: list[Mutant | None] = []
        if isinstance(node, ast.BinOp):
            found.append(between(node.left, node.right, node.op))
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            found += [
                between(*pair, op) for *pair, op in zip(sides, sides[1:], node.ops, strict=False)
            ]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            at = place(node.lineno, node.col_offset)
            found.append(Mutant(path, node.lineno, at, at + 1, "+"))
        elif isinstance(node, ast.Attribute) and node.attr in NAMES:
            end = place(node.end_lineno, node.end_col_offset)
            found.append(Mutant(path, node.lineno, end - len(node.attr), end, NAMES[node.attr]))
        yield from (mutant for mutant in found if mutant is not None)


def survives(mutant: Mutant, tests: list[str], folder: Path) -> bool:
    """Run the tests on a copy of the package with the mutant in it."""
    copy = folder / PACKAGE / mutant.path
    original = copy.read_text(encoding="utf-8")
    copy.write_text(mutant.source(original), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *tests, "-o", "addopts=", "-x", "-q",
             "-p", "no:cacheprovider"],
            cwd=folder, env=os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        copy.write_text(original, encoding="utf-8")
    return done.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("condition", choices=["art_hiv", "sepsis", "hypotension"])
    parser.add_argument("--number", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--all", action="store_true", help="every mutant, in the order of the files"
    )
    parser.add_argument("--tests", nargs="+", help="instead of tests/conditions/test_CONDITION*.py")
    asked = parser.parse_args()
    room = Path("conditions", asked.condition)
    files = sorted((ROOT / PACKAGE / room).glob("*.py"))
    sites = [
        one for file in files if file.name not in LEAVE_OUT for one in mutants(room / file.name)
    ]
    chosen = sites if asked.all else random.Random(asked.seed).sample(sites, asked.number)
    found = (ROOT / "tests" / "conditions").glob(f"test_{asked.condition}*.py")
    tests = asked.tests or sorted(str(path.relative_to(ROOT)) for path in found)
    with tempfile.TemporaryDirectory() as folder:
        for name in (PACKAGE, "benchmarks", "tests", "tools"):
            shutil.copytree(ROOT / name, Path(folder, name))
        for name in ("conftest.py", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        untouched = Mutant(room / "parameters.py", 0, 0, 0, "")
        if not survives(untouched, tests, Path(folder)):
            sys.exit("The tests fail without any mutant; mend that first.")
        alive = 0
        for number, mutant in enumerate(chosen, start=1):
            lives = survives(mutant, tests, Path(folder))
            alive += lives
            print(f"{number:3d} {'SURVIVES' if lives else 'dies    '} {mutant}", flush=True)
    print(f"{alive} of {len(chosen)} survive; {len(sites)} sites in all")


if __name__ == "__main__":
    main()
