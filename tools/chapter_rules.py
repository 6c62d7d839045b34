"""What no chapter may contain, because a notebook test would pass over it without a word.

nbval runs every cell, but it accepts a failing ``!command``, an unknown magic, a cell that was
told to raise and did not, and every claim that nobody asserts. Each rule here closes one such
gap, on the text of the cells alone; nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from healthgym_edu import checks
from healthgym_edu.exercises import UnknownExercise, find

TAGS = {"setup", "parameters", "claims", "drawing", "solution", "ways"}
UNSEEN = {"setup", "parameters", "claims", "drawing"}  # folded, or for the command line
MOST_WORDS, MOST_LINES, MOST_LINES_A_CELL = 2500, 300, 15

_TAGS = re.compile(r"nbval|raises-exception|skip", re.IGNORECASE)
_MARKERS = re.compile(r"^\s*#.*\b(NBVAL|PYTEST_VALIDATE)_", re.MULTILINE)
_IMAGE_WITHOUT_ALT = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt=[\"'][^\"'])", re.IGNORECASE)
_BY_NAME = ("check", "hint", "solution", "expected_figure")
_HIDING = {"exit", "quit", "_exit", "suppress", "system", "popen", "Popen", "get_ipython"}
_IMPORT_ERRORS = {"ImportError", "ModuleNotFoundError"}


def problems(notebook: NotebookNode, number: str, *, is_solution: bool) -> list[str]:
    """List what is wrong with a notebook, one sentence each, naming the cell.

    Parameters
    ----------
    notebook : NotebookNode
        A learner or a solution notebook; outputs are not looked at.
    number : str
        The chapter's two digits. Every exercise of that chapter must be checked in it.
    is_solution : bool
        Whether no blank ``____`` may be left.
    """
    found, asserts, checked = [], 0, set()
    found += _size_problems(notebook, is_solution=is_solution)
    for index, cell in enumerate(notebook.cells):
        where = f"cell {index} ({cell.get('id', 'no id')})"
        if cell.cell_type != "code":
            if _IMAGE_WITHOUT_ALT.search(cell.source):
                found.append(f"{where}: an image has no alt text")
            continue
        found += [f"{where}: {fault}" for fault in _cell_problems(cell, is_solution)]
        tree = _parsed(cell.source)
        asserts += sum(isinstance(node, ast.Assert) for node in ast.walk(tree))
        checked |= {name for call, name in _calls_by_name(tree) if call == "check"}
    if not asserts:
        found.append('the chapter asserts nothing: write each claim as an assert, tagged "claims"')
    for one in checks.exercises(number):
        if one.name not in checked:
            found.append(f'exercise "{one.name}" is declared but never checked in the chapter')
    return found


def _size_problems(notebook: NotebookNode, *, is_solution: bool) -> Iterator[str]:
    """Yield what is too long to be read in an hour."""
    written = [cell for cell in notebook.cells if "ways" not in cell.metadata.get("tags", [])]
    texts = [cell.source for cell in written if cell.cell_type == "markdown"]
    n_words = len(words("\n".join(texts)))
    if n_words > MOST_WORDS:
        yield f"it has {n_words:,} words; {MOST_WORDS:,} are the limit"
    if is_solution:  # answers may be longer than what leads to them
        return
    sizes = {
        number: sum(bool(line.strip()) for line in cell.source.splitlines())
        for number, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and not UNSEEN & set(cell.metadata.get("tags", []))
    }
    if sum(sizes.values()) > MOST_LINES:
        yield f"it shows {sum(sizes.values())} lines of code; {MOST_LINES} are the limit"
    for number, size in sizes.items():
        if size > MOST_LINES_A_CELL:
            yield f"cell {number}: it has {size} lines; {MOST_LINES_A_CELL} are the limit"


def words(markdown: str) -> list[str]:
    """Return the words that somebody reads, without the addresses of links."""
    return re.findall(r"[A-Za-z0-9][\w'’.,%-]*", re.sub(r"\]\([^)]*\)", "]", markdown))


def _cell_problems(cell: NotebookNode, is_solution: bool) -> Iterator[str]:
    source = cell.source
    if not source.strip():
        yield "an empty code cell"
    tags = set(cell.metadata.get("tags", []))
    if any(_TAGS.search(tag) for tag in tags):
        yield f"its tags {cell.metadata['tags']} tell the notebook test to look away"
    elif tags - TAGS:
        yield f"its tags {sorted(tags - TAGS)} mean nothing; have {', '.join(sorted(TAGS))}"
    if _MARKERS.search(source):
        yield "a comment tells the notebook test to look away"
    if TransformerManager().transform_cell(source).strip() != source.strip():
        yield "a magic, a !command or a ? is no Python, and passes when it fails: use plain Python"
        return
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield f"not valid Python (line {error.lineno}: {error.msg})"
        return
    if "HEALTHGYM_EDU_STRICT" in source:
        yield "it meddles with HEALTHGYM_EDU_STRICT, which makes wrong answers fail"
    for node in ast.walk(tree):
        yield from _node_problems(node, is_solution)
    asserting = any(isinstance(node, ast.Assert) for node in ast.walk(tree))
    if asserting != ("claims" in tags):
        fault = "it asserts" if asserting else "it asserts nothing"
        yield f'{fault}: claims, and nothing else, stand in cells tagged "claims"'
    for call, name in _calls_by_name(tree):
        yield from _name_problems(call, name)
    at_top = {id(node.value) for node in tree.body if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "check" and id(node) not in at_top:
            yield "call check(…) on a line of its own, outside any loop, try or function"


def _node_problems(node: ast.AST, is_solution: bool) -> Iterator[str]:
    if isinstance(node, ast.Assert) and _always_true(node.test):
        yield f"line {node.lineno}: this assert cannot fail"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
        yield f"line {node.lineno}: a comparison whose result nobody checks; write assert"
    if isinstance(node, ast.Try):
        yield from _try_problems(node)
    if isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.iter, ast.Constant):
        yield f"a loop over the letters of {node.iter.value!r}: is a list or a call missing?"
    if isinstance(node, ast.Call) and _called(node) in _HIDING:
        yield f"line {node.lineno}: {_called(node)}() hides what goes wrong"
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "subprocess.run":
        given = {word.arg: word.value for word in node.keywords}
        if "check" not in given or not _always_true(given["check"]):
            yield f"line {node.lineno}: subprocess.run without check=True passes when it fails"
    defines = isinstance(node, ast.FunctionDef) and node.name in _BY_NAME
    if defines or (
        isinstance(node, ast.Name) and node.id in _BY_NAME and isinstance(node.ctx, ast.Store)
    ):
        yield f"line {node.lineno}: it gives a meaning of its own to one of {', '.join(_BY_NAME)}"
    if is_solution and isinstance(node, ast.Name) and node.id == "____":
        yield f"line {node.lineno}: a blank is left in the solutions"


def _try_problems(node: ast.Try) -> Iterator[str]:
    for handler in node.handlers:
        if all(isinstance(line, ast.Pass) for line in handler.body):
            yield f"line {handler.lineno}: an except that passes over the error"
    caught = {_type_name(handler.type) for handler in node.handlers}
    told = any(
        isinstance(part, (ast.Assert, ast.Raise)) for line in node.orelse for part in ast.walk(line)
    )
    if node.handlers and not caught <= _IMPORT_ERRORS and not told:
        yield (
            f"line {node.lineno}: a try that is meant to fail needs an else: with an assert or "
            "a raise, or nobody learns that it did not fail"
        )


def _name_problems(call: str, name: str) -> Iterator[str]:
    if call == "solution":
        yield "solution(…) prints the answer into the learner's notebook: write it as a comment"
    if not name:
        yield f"{call}(…) names no exercise: its first argument is the name, as text"
        return
    try:
        find(name)
    except UnknownExercise as error:
        yield str(error)


def _calls_by_name(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (function, exercise name or "") for each call of ``check`` and its like."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in _BY_NAME:
            first = node.args[0] if node.args else None
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield _called(node), first.value if literal else ""


def _parsed(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except SyntaxError:  # reported once, by _cell_problems
        return ast.Module([], [])


def _called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _type_name(node: ast.expr | None) -> str:
    return getattr(node, "id", getattr(node, "attr", "everything"))


def _always_true(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(_always_true(part) for part in test.values)
    if isinstance(test, (ast.Tuple, ast.List)):
        return bool(test.elts)
    return isinstance(test, (ast.Lambda, ast.JoinedStr)) or (
        isinstance(test, ast.Constant) and bool(test.value)
    )
