"""No order is left to the hash of a set: equal places would stand otherwise in the next run."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import pytest

from tests.architecture.imports import modules, nodes

ORDERED = {"sorted", "min", "max"}
SETS = {"set", "frozenset", "union", "intersection", "difference", "symmetric_difference"}


def _is_set(node: ast.expr) -> bool:
    """Whether an expression is a set, as far as its text tells."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", getattr(node.func, "id", "")) in SETS
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.BitOr | ast.BitXor):
        return _is_set(node.left) or _is_set(node.right)
    return False


def orders_by_hash(found: Iterable[ast.AST]) -> list[int]:
    """Lines in which elements of a set are ordered by a key, so that equal ones are by hash."""
    return [
        node.lineno
        for node in found
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ORDERED
        and any(word.arg == "key" for word in node.keywords)
        and node.args
        and _is_set(node.args[0])
    ]


def test_no_set_is_ordered_by_a_key_alone():
    found = {name: orders_by_hash(nodes(path)) for name, path in modules().items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("sorted(set(a) - {b}, key=len)", [1]),
        ("max({x for x in a}, key=len)", [1]),
        ("sorted(set(a))", []),
        ("sorted(dict.fromkeys(a), key=len)", []),
    ],
)
def test_the_test_finds_them(text, lines):
    assert orders_by_hash(ast.walk(ast.parse(text))) == lines
