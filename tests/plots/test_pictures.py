"""The course's own pictures: there, small, reproducible, and described wherever they are used."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "ImageStuff"
NAMES = ("banner.png", "course_map.png", "data_picture.png", "modelling_toolbox.png")


@pytest.fixture(scope="module")
def script():
    """The module that draws the pictures."""
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location("make_pictures", FOLDER / "make_pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(FOLDER))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_there_small_and_wide(name):
    assert (FOLDER / name).stat().st_size <= 150_000
    with Image.open(FOLDER / name) as picture:
        assert picture.width == 1400
        assert len(np.unique(np.asarray(picture.convert("L")))) > 20


def test_the_script_draws_every_picture_of_the_folder_and_the_same_again(script, tmp_path):
    assert set(script.PICTURES) == set(NAMES) == {path.name for path in FOLDER.glob("*.png")}
    subprocess.run([sys.executable, FOLDER / "make_pictures.py", "--out", tmp_path], check=True)
    for name in NAMES:
        drawn, kept = (
            np.asarray(Image.open(folder / name).convert("RGB"), float)
            for folder in (tmp_path, FOLDER)
        )
        assert drawn.shape == kept.shape, name
        assert np.abs(drawn - kept).mean() < 2.0, f"{name}: run ImageStuff/make_pictures.py"


def test_the_map_shows_every_chapter_once_and_opens_those_that_exist(script):
    numbers = [number for _, _, chapters in script.CHAPTERS for number, _ in chapters]
    assert numbers == [f"{i:02d}" for i in range(20)]
    built = {path.name[:2] for path in (ROOT / "Chapters").glob("[0-9][0-9]_*.ipynb")}
    closed = built - set(script.OPEN)
    assert not closed, f"chapters {sorted(closed)} exist: add them to OPEN and draw the map again"


def test_the_readme_beside_them_describes_every_picture():
    text = (FOLDER / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\S+\.png)` \| (.+) \|$", text, re.MULTILINE))
    assert set(rows) == set(NAMES)
    assert all(len(text) > 60 for text in rows.values())


def images(text: str) -> list[tuple[str, str]]:
    """Alternative text and target of every image of a Markdown text."""
    found = [(alt, target) for alt, target in re.findall(r"!\[([^\]]*)\]\(<?([^)\s>]+)", text)]
    for tag in re.findall(r"<img\b[^>]*>", text, flags=re.IGNORECASE | re.DOTALL):
        parts = dict(re.findall(r"(\w+)\s*=\s*[\"']([^\"']*)[\"']", tag))
        found.append((parts.get("alt", ""), parts.get("src", "")))
    return found


def undescribed(text: str) -> list[str]:
    """Targets of the images that have no alternative text."""
    return [target for alt, target in images(text) if not alt.strip()]


def pages() -> dict[Path, str]:
    """Markdown that readers see: READMEs, chapter sources, and the text cells of notebooks."""
    found = [
        ROOT / "README.md",
        FOLDER / "README.md",
        *(ROOT / "Chapters").rglob("*.md"),
        *(ROOT / "Chapters").rglob("*.py"),
    ]
    texts = {path: path.read_text("utf-8") for path in found if path.exists()}
    for path in (ROOT / "Chapters").rglob("*.ipynb"):
        if ".ipynb_checkpoints" not in path.parts:
            cells = json.loads(path.read_text("utf-8"))["cells"]
            texts[path] = "\n".join(
                "".join(c["source"]) for c in cells if c["cell_type"] == "markdown"
            )
    return texts


def test_every_image_that_readers_meet_has_an_alternative_text():
    lacking = {str(path.relative_to(ROOT)): undescribed(text) for path, text in pages().items()}
    assert not {path: targets for path, targets in lacking.items() if targets}


def test_every_local_image_that_readers_meet_exists():
    missing = [
        (str(path.relative_to(ROOT)), target)
        for path, text in pages().items()
        if path.suffix != ".py"  # paths in a source are those of the notebook made from it
        for _, target in images(text)
        if not re.match(r"https?:|data:|attachment:", target)
        and not (path.parent / target.split("#")[0]).exists()
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![A cat](cat.png)", []),
        ("![](cat.png)", ["cat.png"]),
        ("[![ ](badge.svg)](https://example.org)", ["badge.svg"]),
        ('<img src="cat.png" width="300">', ["cat.png"]),
        ('<img src="cat.png" alt="">', ["cat.png"]),
        ('<p><img alt="A cat"\n src="cat.png"></p>', []),
    ],
)
def test_the_search_for_missing_texts_finds_them(text, expected):
    assert undescribed(text) == expected
