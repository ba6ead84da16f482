"""Whether factors are crossed is asked in one place; others ask the structure of a model."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.imports import ROOT, nodes

STATISTICS = ROOT / "mlm" / "statistics"
MAKERS = STATISTICS / "likelihood"
LIKELIHOOD = "mlm.statistics.likelihood"

# the one module that chooses; what a sample is made of, and how it is stored
CHOICE = {"likelihood/making.py"}
EVIDENCE = {"evidence/crossing.py", "evidence/crossproducts.py"}


def _modules():
    return [p for p in sorted(STATISTICS.rglob("*.py")) if "crossed" not in p.parent.name]


def _names(node: ast.AST) -> set[str]:
    found = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return found | {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _is_condition_on_crossing(node: ast.AST) -> bool:
    """A test of ``crossing`` or of its factors, or of the class of a level or structure."""
    tests = []
    if isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
        tests.append(node.test)
    if isinstance(node, ast.BoolOp):
        tests += node.values
    if isinstance(node, ast.comprehension):
        tests += node.ifs
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "bool":
            tests += node.args
        if node.func.id == "isinstance":
            classes = {"CrossedFactor", "Crossing", "WorkingCrossing", "Crossed", "Nested"}
            return bool(classes & _names(node.args[1]))
    return any({"crossing", "n_dense"} & _names(test) for test in tests)


def _branches() -> dict[str, int]:
    found = {}
    for path in _modules():
        count = sum(_is_condition_on_crossing(node) for node in nodes(path))
        if count:
            found[path.relative_to(STATISTICS).as_posix()] = count
    return found


def test_one_module_asks_whether_factors_are_crossed():
    assert set(_branches()) - EVIDENCE == CHOICE


def test_only_the_choice_knows_both_makers():
    makers = ("mlm.statistics.likelihood.nested", "mlm.statistics.likelihood.crossed")
    for path in STATISTICS.rglob("*.py"):
        where = path.relative_to(STATISTICS).as_posix()
        if where in CHOICE or any(path.is_relative_to(MAKERS / m) for m in ("nested", "crossed")):
            continue
        text = path.read_text(encoding="utf-8")
        assert not any(f"from {maker}" in text for maker in makers), where


@pytest.mark.parametrize(
    ("maker", "more"), [("nested", {"waves_merged.py"}), ("crossed", {"basis.py", "root.py"})]
)
def test_both_makers_have_the_same_modules(maker, more):
    other = {"nested": "crossed", "crossed": "nested"}[maker]
    mine, its = ({p.name for p in (MAKERS / name).glob("*.py")} for name in (maker, other))
    assert mine - its == more


def test_both_structures_have_the_verbs_of_the_protocol():
    from mlm.statistics.likelihood.crossed.structure import Crossed
    from mlm.statistics.likelihood.nested.structure import Nested
    from mlm.statistics.likelihood.structure import Structure

    verbs = {name for name in vars(Structure) if not name.startswith("_")}
    for made in (Nested, Crossed):
        own = {name for name in dir(made) if not name.startswith("_")}
        own -= {"tree", "pool", "merged", "crossing", "fronts"}
        assert own == verbs


def _place(path) -> str:
    home = MAKERS if path.is_relative_to(MAKERS) else STATISTICS
    return path.relative_to(home).as_posix()


def test_effects_are_eliminated_from_groups_in_one_module():
    """Gains are made and applied there alone; the dense block of crossed effects has its series."""
    makers = {"gains", "unbounded_gains", "values", "solver_series"}
    users = {}
    for path in STATISTICS.rglob("*.py"):
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module == f"{LIKELIHOOD}.gains":
                users[_place(path)] = {a.name for a in node.names} & makers
    assert {name: used for name, used in users.items() if used} == {
        "elimination.py": {"gains", "unbounded_gains", "values"},
        "crossed/root.py": {"solver_series"},
    }
