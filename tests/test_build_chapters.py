"""The builder of chapters: cuts, ids, outputs, limits, and what ``--check`` finds."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import build_chapters
import chapter_furniture
import nbformat
import pytest
import toy_exercises  # noqa: F401  declares 90.median, which the toy chapter checks
from build_chapters import Chapter, ChapterError, assemble, first_difference, main, output_problems
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from healthgym_edu.cli.pages import as_page

TOY = Path(__file__).parent / "chapters" / "90_toy.py"
COURSE = build_chapters.ROOT / "Chapters"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "src").mkdir()
    shutil.copy(TOY, tmp_path / "src")
    return tmp_path


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The toy chapter, built once: the one test here that needs a kernel."""
    folder = tmp_path_factory.mktemp("Chapters")
    (folder / "src").mkdir()
    shutil.copy(TOY, folder / "src")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEALTHGYM_EDU_QUICK", "1")
        patch.setenv("HEALTHGYM_EDU_STRICT", "1")
        patch.setenv("MPLBACKEND", "Agg")
        assert main(["--chapters", str(folder)]) == 0
    return folder


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def write_source(folder, *cells):
    """A chapter 91 of these cells, in percent format."""
    path = folder / "src" / "91_trial.py"
    body = "\n\n".join(f"# %%\n{cell}" for cell in cells)
    claim = "# %% tags=[\"claims\"]\nassert len('two') == 3"
    path.write_text(f"{body}\n\n{claim}\n", encoding="utf-8")
    return Chapter(path)


# --- what is built ------------------------------------------------------------------------------


def test_the_learner_gets_stubs_and_the_solutions_do_not(built):
    learner, solution = read(built / "90_toy.ipynb"), read(built / "solutions" / "90_toy.ipynb")
    told = [cell.source for cell in learner.cells]
    assert "# the value in the middle\nmiddle = ____\ncheck(" in "\n".join(told)
    assert any(source.endswith('writes."""\n    return ____') for source in told)
    assert not any("SOLUTION" in source or "np.median(values)\n#" in source for source in told)
    answers = "\n".join(cell.source for cell in solution.cells)
    assert "# BEGIN SOLUTION\nmiddle = np.median(values)\n# END SOLUTION" in answers
    assert "#|" not in answers


def test_a_cell_tagged_solution_is_in_the_solutions_alone(built):
    learner, solution = read(built / "90_toy.ipynb"), read(built / "solutions" / "90_toy.ipynb")
    told = [number for number, c in enumerate(solution.cells) if "for those who teach" in c.source]
    assert told == [len(solution.cells) - 2]
    del solution.cells[told[0]]
    assert [cell.id for cell in learner.cells] == [cell.id for cell in solution.cells]


def test_the_learner_notebook_keeps_outputs_of_a_full_run(built):
    learner, solution = read(built / "90_toy.ipynb"), read(built / "solutions" / "90_toy.ipynb")
    shown = [output for cell in learner.cells for output in cell.get("outputs", [])]
    text = "".join(output.get("text", "") for output in shown)
    assert "1,000 values\n" in text, "the quick budget reached the build"
    assert "○ Not attempted · 90.median" in text
    assert sum("image/png" in output.get("data", {}) for output in shown) == 1
    assert not any(cell.get("outputs") for cell in solution.cells)
    assert all(cell.execution_count is None for cell in solution.cells if "outputs" in cell)


def test_metadata_is_plain(built):
    for path in (built / "90_toy.ipynb", built / "solutions" / "90_toy.ipynb"):
        notebook = read(path)
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert set(notebook.metadata) == {"kernelspec", "language_info", "healthgym_edu"}
        assert notebook.metadata.kernelspec.name == "python3"
        assert notebook.metadata.language_info == {"name": "python"}
        known = {"tags", "alt", "jupyter", "cellView"}
        assert all(set(cell.metadata) <= known for cell in notebook.cells)
        nbformat.validate(notebook)


def test_an_unchanged_chapter_is_not_built_again(built, monkeypatch, capsys):
    executed = []
    monkeypatch.setattr(build_chapters, "execute", lambda *_: executed.append(1))
    monkeypatch.setattr(build_chapters, "_write", lambda *_: None)
    assert main(["--chapters", str(built), "--force"]) == 0
    assert executed == [1]
    assert "built 90_toy" in capsys.readouterr().out
    assert main(["--chapters", str(built)]) == 0
    assert executed == [1]
    assert "unchanged 90_toy" in capsys.readouterr().out
    assert main(["--chapters", str(built), "--check"]) == 0
    assert "up to date" in capsys.readouterr().out


def cells_of(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_set_up_and_claims_are_folded(built):
    for path in (built / "90_toy.ipynb", built / "solutions" / "90_toy.ipynb"):
        notebook = read(path)
        folded = [c for c in notebook.cells if c.metadata.get("jupyter") == {"source_hidden": True}]
        assert folded == [*cells_of(notebook, "setup"), *cells_of(notebook, "claims")]
        assert len(folded) == 2
        assert all(cell.metadata["cellView"] == "form" for cell in folded)
        titles = ["# @title Set-up: run this cell first", "# @title What the text says, checked"]
        assert [cell.source.splitlines()[0] for cell in folded] == titles


def test_a_picture_is_described_by_what_there_is_to_see(built):
    learner = read(built / "90_toy.ipynb")
    (picture,) = [o for c in learner.cells for o in c.get("outputs", []) if "data" in o]
    assert picture.metadata["image/png"]["alt"] == "Most values are small. A few are large."
    page = as_page(learner, "Toy", ())
    assert 'alt="Most values are small. A few are large."' in page


def test_pages_that_run_a_solution_anew_find_the_texts_with_the_cells(built):
    solution = read(built / "solutions" / "90_toy.ipynb")
    (drawing,) = [cell for cell in solution.cells if "ax.hist" in cell.source]
    assert drawing.metadata["alt"] == "Most values are small. A few are large."


@pytest.mark.parametrize(
    ("following", "said"),
    [
        ([new_markdown_cell("**What to see.** It falls (see above). Why? Look at this:")],
         "It falls."),
        ([new_markdown_cell("Text.\n\n**What to see.** It *falls*.")], "It falls."),
        ([new_code_cell("assert 1", metadata={"tags": ["claims"]}),
          new_markdown_cell("**What to see.** It falls.")], "It falls."),
        ([new_code_cell("1"), new_markdown_cell("**What to see.** It falls.")], ""),
        ([new_markdown_cell("It falls.")], ""),
        ([new_markdown_cell("**What to see.** " + "It falls. " * 99)],
         "It falls. " * 41 + "It falls."),
    ],
)  # fmt: skip
def test_the_text_of_a_picture_is_that_of_the_next_cell(following, said):
    drawing = new_code_cell("ax.plot(x)")
    notebook = new_notebook(cells=[drawing, *following])
    assert chapter_furniture.alternative_texts(notebook).get(0, "") == said
    asked = new_notebook(cells=[new_code_cell("answer = ax\ncheck('90.median', ax)")])
    assert "the exercise above" in chapter_furniture.alternative_texts(asked)[0]
    drawing.metadata["alt"] = "A line."
    assert chapter_furniture.alternative_texts(notebook)[0] == "A line."


def test_each_chapter_leads_to_its_neighbours_the_contents_and_the_glossary(folder):
    shutil.copy(folder / "src" / "90_toy.py", folder / "src" / "89_before.py")
    shutil.copy(folder / "src" / "90_toy.py", folder / "src" / "92_after.py")
    ways = [
        [c.source for c in cells_of(notebook, "ways")]
        for notebook in assemble(Chapter(folder / "src" / "90_toy.py"))
    ]
    between = "[Contents]({0}README.md) · [Glossary]({0}GLOSSARY.md)"
    for (top, end), up in zip(ways, ("", "../"), strict=True):
        assert top == end
        assert between.format(up) in top
        assert top.startswith("[← A toy chapter](89_before.ipynb) · ")
        assert top.endswith(" · [A toy chapter →](92_after.ipynb)")
    first = assemble(Chapter(folder / "src" / "89_before.py"))[0]
    assert cells_of(first, "ways") == [first.cells[1], first.cells[-1]]
    assert "←" not in first.cells[1].source


def test_the_glossary_is_written_and_a_stale_one_is_found(built, tmp_path, capsys):
    folder = shutil.copytree(built, tmp_path / "Chapters")
    assert "**landmark**" in (folder / "GLOSSARY.md").read_text(encoding="utf-8")
    (folder / "GLOSSARY.md").write_text("# Glossary\n", encoding="utf-8")
    assert main(["--chapters", str(folder), "--check"]) == 1
    assert "GLOSSARY.md is not what" in capsys.readouterr().out


# --- ids ----------------------------------------------------------------------------------------


def test_ids_are_deterministic_unique_and_survive_an_insertion(folder):
    chapter = Chapter(folder / "src" / "90_toy.py")
    before = [cell.id for cell in assemble(chapter)[1].cells]
    assert before == [cell.id for cell in assemble(chapter)[1].cells]
    assert len(set(before)) == len(before)
    text = chapter.source.read_text(encoding="utf-8")
    chapter.source.write_text(text.replace("# ## Exercise", "# ## Exercise\n\n# %%\n1 + 1", 1))
    after = [cell.id for cell in assemble(chapter)[1].cells]
    assert [one for one in after if one in before] == before
    assert len(after) == len(before) + 1


def test_line_ends_do_not_change_a_chapter(folder):
    chapter = Chapter(folder / "src" / "90_toy.py")
    plain = assemble(chapter)
    chapter.source.write_bytes(chapter.source.read_bytes().replace(b"\n", b"\r\n"))
    for have, want in zip(assemble(chapter), plain, strict=True):
        assert first_difference(have, want) == ""


# --- sources that cannot be built ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("# BEGIN SOLUTION\n#| a = ____\na = 1", "then one line '# END SOLUTION'"),
        ("#| a = ____\na = 1\n# END SOLUTION", "needs one line '# BEGIN SOLUTION'"),
        ("### BEGIN SOLUTION\n#| a = ____\na = 1\n### END SOLUTION", "found ['### BEGIN"),
        ("# begin solution\n#| a = ____\na = 1\n# end solution", "found ['# begin"),
        ("# END SOLUTION\n#| a = ____\na = 1\n# BEGIN SOLUTION", "found ['# END"),
        ("# BEGIN SOLUTION\n#| a = ____\na = 1\n# END SOLUTION\n" * 2, "needs one line"),
        ("# BEGIN SOLUTION\na = 1\n# END SOLUTION", "needs its stub"),
        ("#| a = ____\n# BEGIN SOLUTION\na = 1\n# END SOLUTION", "between the markers"),
        ("#| a = ____", "needs one line"),
        ("# BEGIN SOLUTION\n#| a = = ____\na = 1\n# END SOLUTION", "learner notebook, cell 0"),
        ("a = ____", "a blank is left in the solutions"),
    ],
)
def test_a_malformed_solution_is_refused_naming_the_cell(folder, cell, said):
    with pytest.raises(ChapterError) as refused:
        assemble(write_source(folder, cell))
    assert said in str(refused.value)
    assert "91_trial" in str(refused.value)
    assert "cell 0" in str(refused.value)


def test_a_cell_that_raises_stops_the_build_and_writes_nothing(folder, capsys):
    write_source(folder, "1 / len('')")
    assert main(["--chapters", str(folder), "--only", "91"]) == 1
    said = capsys.readouterr().err
    assert "91_trial, cell 0 failed: ZeroDivisionError" in said
    assert sorted(path.name for path in folder.iterdir()) == ["src"]


def test_an_unknown_chapter_is_named(folder, capsys):
    assert main(["--chapters", str(folder), "--only", "07"]) == 1
    assert re.search(r"no chapter 07 .* have 90", capsys.readouterr().err)


# --- what outputs may not show ------------------------------------------------------------------


def executed(*outputs):
    first = new_code_cell("1", outputs=[new_output("stream", name="stdout", text="plain\n")])
    return new_notebook(cells=[first, new_code_cell("2", outputs=list(outputs))])


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data):
    return new_output("display_data", {kind.replace("_", "/", 1): v for kind, v in data.items()})


def described(**data):
    output = shown(**data)
    output.metadata = nbformat.from_dict({"image/png": {"alt": "Bars that fall."}})
    return output


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (shown(image_png="iVBORw0KGgo="), "its picture has no alternative text"),
        (stream("FutureWarning: soon\n", "stderr"), "writes to stderr: 'FutureWarning: soon'"),
        (new_output("error", ename="KeyError", evalue="x", traceback=[]), "raised an error"),
        (stream("saved to /home/ada/x.csv"), "a path of this machine"),
        (stream("saved to C:\\Users\\ada\\x.csv"), "a path of this machine"),
        (stream(f"read {build_chapters.ROOT / 'README.md'}"), "a path of this machine"),
        (shown(text_html="<td>/usr/lib/python3/site-packages/x.py</td>"), "a path of this"),
        (shown(text_plain="[<Line2D at 0x7f3b7b50df80>]"), "memory address"),
        (new_output("display_data", {"application/vnd.jupyter.widget-view+json": {}}), "widget"),
        (stream('! Error · 01.share\n  There is no exercise "01.share".'), "could not be done"),
        (stream("some text\n✓ Correct · 01.share\n"), "solved before the learner begins"),
    ],
)
def test_outputs_that_may_not_be_seen_are_named(output, said):
    found = output_problems(executed(output))
    assert len(found) == 1, found
    assert said in found[0]
    assert found[0].startswith("cell 1: ")


def test_good_outputs_pass():
    picture = described(image_png="/tmp/" * 10, text_plain="<Figure size 200x100 with 1 Axes>")
    told = stream("✗ Incorrect · 00.demo\n  Next step: look again.")
    assert output_problems(executed(picture, told)) == []


def test_too_many_figures_and_too_many_bytes_are_errors():
    picture = described(image_png="iVBORw0KGgo=")
    assert output_problems(executed(*[picture] * 14)) == []
    assert "15 figures; 14 are the limit" in output_problems(executed(*[picture] * 15))[0]
    heavy = output_problems(executed(described(image_png="i" * 1_400_000)))
    assert "1,400,000 are the limit" in heavy[0]


def test_a_forbidden_output_stops_the_build(folder, monkeypatch, capsys):
    def run(notebook, _folder):
        notebook.cells[0].outputs = [stream("oh", "stderr")]

    monkeypatch.setattr(build_chapters, "execute", run)
    write_source(folder, "print('oh')")
    assert main(["--chapters", str(folder), "--only", "91"]) == 1
    assert "91_trial, cell 0: it writes to stderr: 'oh'" in capsys.readouterr().err
    assert not (folder / "91_trial.ipynb").exists()


# --- check --------------------------------------------------------------------------------------


def spoil_source(notebook):
    notebook.cells[4].source = notebook.cells[4].source.replace("90.median", "90.mean")


def spoil_id(notebook):
    notebook.cells[2]["id"] = "another"


def spoil_cell_metadata(notebook):
    notebook.cells[1].metadata["collapsed"] = True


def spoil_metadata(notebook):
    notebook.metadata.kernelspec["name"] = "conda-env-mine-py"


def spoil_length(notebook):
    notebook.cells.append(new_markdown_cell("One more."))


def spoil_outputs(notebook):
    for cell in notebook.cells:
        cell.get("outputs", []).clear()


@pytest.mark.parametrize("which", ["90_toy.ipynb", "solutions/90_toy.ipynb"])
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_source, 'cell 4 differs in source: found \'@exercise("90.mean"'),
        (spoil_id, "cell 2 differs in id: found 'another'"),
        (spoil_cell_metadata, "cell 1 differs in metadata: collapsed: found 'True'"),
        (spoil_metadata, "its metadata differs: kernelspec: name: found 'conda-env-mine-py'"),
        (spoil_length, "cells and the source gives"),
        (spoil_outputs, ""),
    ],
)
def test_check_names_the_first_difference(built, tmp_path, capsys, which, spoil, said):
    folder = shutil.copytree(built, tmp_path / "Chapters")
    notebook = read(folder / which)
    spoil(notebook)
    nbformat.write(notebook, folder / which)
    assert main(["--chapters", str(folder), "--check"]) == (1 if said else 0)
    assert (f"{which}: " if said else "up to date") in (out := capsys.readouterr().out)
    assert said in out


def test_check_finds_what_is_missing_stale_or_left_behind(built, tmp_path, capsys):
    folder = shutil.copytree(built, tmp_path / "Chapters")
    extra = shutil.copy(folder / "90_toy.ipynb", folder / "89_gone.ipynb")
    source = folder / "src" / "90_toy.py"

    def verdict():
        assert main(["--chapters", str(folder), "--check"]) == 1
        return capsys.readouterr().out

    assert "89_gone.ipynb has no source" in verdict()
    Path(extra).unlink()
    with_output = read(folder / "solutions" / "90_toy.ipynb")
    with_output.cells[1].outputs = [stream("kept")]
    nbformat.write(with_output, folder / "solutions" / "90_toy.ipynb")
    assert "keeps no outputs" in verdict()
    (folder / "solutions" / "90_toy.ipynb").unlink()
    assert "solutions/90_toy.ipynb does not exist" in verdict()
    source.write_text(source.read_text().replace("A toy chapter", "Another"))
    assert "90_toy.ipynb: cell 0 differs in source" in verdict()


def test_the_course_is_built():
    """Every source in Chapters/src has its two notebooks, as the builder would make them."""
    chapters = build_chapters.find_chapters(COURSE)
    assert build_chapters.check(COURSE, chapters, everything=True) == ""
