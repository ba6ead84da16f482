"""Sentences with a count agree with it: by two forms, or by words that fit any number.

A count of people that may be hidden never has two forms: the form would tell that it is one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlm.pages.catalogues import SOURCE
from mlm.pages.language import ngettext, using

pytestmark = pytest.mark.slow

COUNTS = ("count", "tally")
FITS_ANY = re.compile(
    r"[.,:;()}—–-]|of\b|or\b|and\b|in\b|to\b|with\b|above\b|below\b|as\b|missing\b|zero\b|kept\b|"
    r"excluded\b|only\b|elsewhere\b|instead\b|read\b|seen\b|allocated\b|not\b|changed\b|"
    r"could\b|would\b|while\b|had\b"
)
FEWEST = {
    "draws": 2,  # imputations, plausible values, replicates: refused below
    "searched": 2,
    "chains": 2,
    "n": 10,  # units that are compared, clusters and replicates
    "used": 10,  # rows of a model
    "rows": 10,
    "small": 10,
    "large": 10,
    "waves": 2,
    "children": 2,
    "codes": 2,
    "number": 2,
    "categories": 2,
    "count": 2,  # minimal models, of which one has a sentence of its own
    "units": 3,  # of a back-test
    "needed": 2,
    "groups": 2,  # of which almost all have one unit inside
    "effects": 3,
    "limit": 2,
    "coefficients": 2,  # of a joint test
    "persons": 10,
    "levels": 2,
    "read": 10,  # rows of a survey
    "of": 2,  # all that could have been
    "all": 10,
    "compared": 2,
}
"""Least values of counts by the name of their place, for which the words need no other form."""


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def counted(tree: ast.Module, *kinds: str) -> set[str]:
    """Names of places in the sentences of a module that are filled by a count."""
    return {
        keyword.arg
        for call in calls(tree, "say", "_say")
        for keyword in call.keywords
        if any(True for _ in calls(keyword.value, *kinds))
    }


def texts(tree: ast.Module) -> list[str]:
    """Texts without forms of their own."""
    return [
        call.args[0].value
        for call in calls(tree, "_", "N_")
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def unfit(text: str, names: set[str]) -> list[str]:
    """Counts of a text that are followed by words which do not fit any number."""
    found = []
    for match in re.finditer(r"\{(\w+)\} (\S+)", text):
        name, word = match[1], match[2]
        if name in names and name not in FEWEST and not FITS_ANY.match(word):
            found.append(match[0])
    return found


@pytest.mark.parametrize("path", [path for path, __ in modules()], ids=lambda p: p.stem)
def test_words_after_a_count_fit_any_number(path):
    tree = ast.parse(path.read_text("utf-8"))
    names = counted(tree, *COUNTS)
    assert [found for text in texts(tree) for found in unfit(text, names)] == []


def told_as_hideable(function: ast.FunctionDef) -> set[str]:
    """What a function tells as counts that may be hidden, as it is written: ``check.count``."""
    return {ast.unparse(call.args[0]) for call in calls(function, "count") if call.args}


@pytest.mark.parametrize("path", [path for path, __ in modules()], ids=lambda p: p.stem)
def test_no_form_tells_a_count_that_may_be_hidden(path):
    """But where the whole sentence is said otherwise then."""
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(function, ast.FunctionDef) or any(
            True for _ in calls(function, "or_else")
        ):
            continue
        for call in calls(function, "ngettext"):
            chosen = ast.unparse(call.args[2]).removesuffix(".value")
            assert chosen not in told_as_hideable(function), ast.unparse(call)


def test_the_check_finds_words_that_do_not_fit():
    assert unfit("Of {n_} schools {above} lie above", {"above"}) == ["{above} lie"]
    assert unfit("{cells} cells are empty", {"cells"}) == ["{cells} cells"]
    assert unfit("schools above: {above}, below: {below}", {"above", "below"}) == []


def test_forms_by_number_and_language():
    one, many = "{n} of these fits needed a search of its own.", (
        "{n} of these fits needed a search of their own."
    )  # fmt: skip
    assert [ngettext(one, many, n) for n in (0, 1, 2, None)] == [many, one, many, many]
    with using("fr"):
        french = [ngettext(one, many, n) for n in (0, 1, 2)]
        assert french[0] == french[1] != french[2] and one not in french
    assert ngettext("degree", "degrees", 1.5) == "degrees"
