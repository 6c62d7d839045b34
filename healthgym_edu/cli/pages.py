"""A notebook as a web page: what teaches nothing folded, pictures described, links that lead on.

nbconvert's own page shows every line of code and says of each picture that it has no description,
though the notebook holds one.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import nbformat
from nbconvert import HTMLExporter

from .._glossary import page as glossary_markdown

__all__ = ["as_page", "glossary_page"]

REPOSITORY = "https://github.com/NicKuo-ResearchStuff/Synthetic_Data_Related_Project_Staging"

_FOLDED = {
    "setup": "Set-up",
    "claims": "What the text says, checked",
    "drawing": "How this is drawn",
}
_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block input_group -%}
{%- set titles = cell.metadata.get('tags', []) | select('in', folded) | list -%}
{%- if titles -%}
<details class="folded"><summary>{{ folded[titles[0]] }}</summary>
{{ super() }}
</details>
{%- else -%}
{{ super() }}
{%- endif -%}
{%- endblock input_group -%}
{%- block data_png scoped -%}
{%- set text = (output | get_metadata('alt', 'image/png')) or cell.metadata.get('alt') -%}
{%- if text -%}
{{ super() | replace('<img ', '<img alt="' ~ (text | e) ~ '" ') }}
{%- else -%}
{{ super() }}
{%- endif -%}
{%- endblock data_png -%}
{%- block header -%}
{{ super() }}
<style>
details.folded > summary {
  color: #4a5560; cursor: pointer; font-family: sans-serif; font-size: 0.9em;
  margin: 0.3em 0 0.3em 5em;
}
.jp-RenderedImage img { max-width: 100%; height: auto; }
@media (max-width: 600px) {
  .jp-InputPrompt, .jp-OutputPrompt { display: none; }
  .jp-OutputArea-output pre { white-space: pre; word-break: normal; overflow-x: auto; }
  .jp-RenderedImage { overflow-x: auto; }
  .jp-RenderedImage img { min-width: 520px; }
  .jp-Notebook { padding: 0.5em; }
  details.folded > summary { margin-left: 0; }
}
</style>
{%- endblock header -%}
"""


class _Pages(HTMLExporter):
    """nbconvert's exporter with the template above."""

    def __init__(self) -> None:
        super().__init__(raw_template=_TEMPLATE)
        self.environment.globals["folded"] = _FOLDED


def as_page(notebook: nbformat.NotebookNode, title: str, beside: Collection[str]) -> str:
    """Return a notebook as HTML.

    Parameters
    ----------
    notebook : NotebookNode
        With its outputs.
    title : str
        Of the page.
    beside : collection of str
        Names of the chapters that get a page in the same folder; links to others lead to the
        repository.

    Returns
    -------
    str
    """
    page, _ = _Pages().from_notebook_node(notebook, resources={"metadata": {"name": title}})
    page = page.replace('href="README.md"', 'href="index.html"')
    page = re.sub(r'href="\.\./(README|GLOSSARY)\.md"', r'href="\1.md"', page)
    page = page.replace('href="README.md"', 'href="index.html"')
    page = page.replace('href="GLOSSARY.md"', 'href="glossary.html"')

    def way(found: re.Match[str]) -> str:
        name = found[1]
        if name in beside:
            return f'href="{name}.html"'
        return f'href="{REPOSITORY}/blob/main/Chapters/{name}.ipynb"'

    return re.sub(r'href="(?:\.\./)?(\d\d_\w+)\.ipynb"', way, page)


def glossary_page(beside: Collection[str]) -> str:
    """Return the glossary as HTML, linked to the chapters that get a page in the same folder."""
    text = glossary_markdown({name[:2]: f"{name}.ipynb" for name in beside})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    return as_page(notebook, "Glossary", beside)
