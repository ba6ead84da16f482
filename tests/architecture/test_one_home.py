"""What has one home: names of designs, and constants."""

from __future__ import annotations

import ast
import re

from mlm.nouns.design import DESIGNS
from tests.architecture.imports import ROOT

HOME_OF_DESIGNS = "mlm/nouns/design.py"
SOURCES = sorted(path for room in ("mlm", "workflow") for path in (ROOT / room).rglob("*.py"))
TREES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in SOURCES
}


def test_no_module_but_one_holds_the_name_of_a_design():
    named = re.compile(rf"\b({'|'.join(DESIGNS)})\b")
    holding = {
        path
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if named.search(node.value)
    }
    assert holding == {HOME_OF_DESIGNS}
