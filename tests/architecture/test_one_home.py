"""What has one home: names of designs, classes, constants, the type of a configuration."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator

from mlm.nouns.design import DESIGNS
from tests.architecture.imports import ROOT, nodes, parsed

HOME_OF_DESIGNS = "mlm/nouns/design.py"
SOURCES = sorted(path for room in ("mlm", "workflow") for path in (ROOT / room).rglob("*.py"))
LIKELIHOOD = "mlm/statistics/likelihood/"  # nested and crossed structures share their verbs
# concepts that are a record too, or a warning, or what a file of configuration says of them
CONCEPTS = {
    "Factor",
    "Fit",
    "Level",
    "Model",
    "NotConverged",
    "NotIdentified",
    "PlausibleValues",
    "Reduction",
    "SingularFit",
    "Time",
    "WeaklyIdentified",
}
TREES = {path.relative_to(ROOT).as_posix(): parsed(path) for path in SOURCES}
NODES = {path.relative_to(ROOT).as_posix(): nodes(path) for path in SOURCES}


def test_no_module_but_one_holds_the_name_of_a_design():
    named = re.compile(rf"\b({'|'.join(DESIGNS)})\b")
    holding = {
        path
        for path, found in NODES.items()
        for node in found
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if named.search(node.value)
    }
    assert holding == {HOME_OF_DESIGNS}


def test_two_classes_share_a_name_only_for_one_concept():
    homes = defaultdict(list)
    for path, tree in TREES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(path)
    twins = {name: paths for name, paths in homes.items() if len(paths) > 1}
    outside = {
        name
        for name, paths in twins.items()
        if not all(path.startswith(LIKELIHOOD) for path in paths)
    }
    assert outside == CONCEPTS


def _is_number(value: ast.expr) -> bool:
    """Whether an expression is made of numbers, names and arithmetic alone."""
    kinds = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Tuple, ast.Name, ast.Load)
    parts = list(ast.walk(value))
    numbers = [p for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, int | float)]
    others = [p for p in parts if p not in numbers]
    return bool(numbers) and all(isinstance(p, kinds) for p in others)


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names in capitals that a module defines, with their values."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id.isupper():
                    yield target.id, node.value


def test_a_number_has_one_name_in_one_module():
    homes = defaultdict(list)
    for path, tree in TREES.items():
        for name, value in _constants(tree):
            if _is_number(value):
                homes[name].append(path)
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_a_configuration_is_typed_wherever_it_is_taken():
    untyped = [
        f"{path}:{argument.lineno}"
        for path, found in NODES.items()
        for node in found
        if isinstance(node, ast.FunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
        if argument.arg == "configuration"
        if argument.annotation is None
        or ast.unparse(argument.annotation) not in {"Configuration", "Configuration | None"}
    ]
    assert untyped == []


def test_no_attribute_of_a_configuration_is_guessed():
    """A fallback for an attribute that every configuration has hides its absence."""
    guessed = [
        f"{path}:{node.lineno}"
        for path, found in NODES.items()
        if path.startswith("mlm/pages/")
        for node in found
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "getattr"
        if len(node.args) == 3
    ]
    assert guessed == []
