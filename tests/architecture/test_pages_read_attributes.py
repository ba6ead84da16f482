"""Pages read results as attributes: string keys are for the document that they write."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.imports import parsed

ROOT = Path(__file__).resolve().parents[2] / "mlm" / "pages"

# modules that read the document, its blocks and charts, a catalogue of languages, tables of a font
READ_THE_DOCUMENT = (
    "blocks.py",
    "document.py",
    "glossary_links.py",
    "html.py",
    "index.py",
    "language.py",
    "house/fonts.py",
    "letters.py",
    "pdf.py",
    "printed/",
    "report.py",
    "office/",
    "spreadsheets/",
    "text.py",
    "tidy_table/",
    "unit_pages/course.py",
    "unit_pages/files.py",
    "unit_pages/page.py",
    "wording.py",
    "disclosure/auditing.py",
    "disclosure/counting.py",
    "disclosure/facts.py",
    "disclosure/few.py",
    "disclosure/hiding.py",
    "disclosure/printed.py",
    "disclosure/sheet.py",
    "disclosure/told_numbers.py",
    "disclosure/trimming.py",
    "disclosure/written.py",
    "sections/method/disclosure.py",
    "drawing/letters.py",
    "figures/",
)

# what has string keys elsewhere: data and options of a chart, an operation, a run, a block
WRITTEN = {"data", "options", "whole", "source", "first", "run"}

MODULES = [
    path
    for path in sorted(ROOT.rglob("*.py"))
    if not path.relative_to(ROOT).as_posix().startswith(READ_THE_DOCUMENT)
]


def string_keys(tree: ast.AST):
    """Every ``x["key"]`` and ``x.get("key")``, with what it is read from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _is_text(node.slice):
            yield node.lineno, _root(node.value)
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and node.func.attr == "get" and node.args and _is_text(node.args[0]):
            yield node.lineno, _root(node.func.value)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _root(node: ast.AST) -> str:
    """The name that subscripts begin with; empty for an attribute or a call."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_reads_results_by_string_keys(path):
    tree = parsed(path)
    annotations = {"dict", "Mapping", "Literal", "list", "tuple"}
    wrong = [line for line, name in string_keys(tree) if name not in WRITTEN | annotations]
    assert wrong == []


def test_such_a_reading_would_be_found():
    text = 'a = context.results["null"]\nb = item.get("shares")\nc = data["share"]\n'
    assert list(string_keys(ast.parse(text))) == [(1, ""), (2, "item"), (3, "data")]
