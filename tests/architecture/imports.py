"""Modules of the package and what they import, read from their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)  # imports stand in no expression


@dataclass(frozen=True)
class Import:
    """One import: who imports what, and whether it happens when the importer is loaded."""

    module: str
    target: str
    at_load: bool


@cache
def modules() -> dict[str, Path]:
    """File of each module of the package, by dotted name."""
    found = {}
    for path in sorted((ROOT / "mlm").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    """Syntax tree of a module, by its dotted name."""
    return parsed(modules()[module])


@cache
def parsed(path: Path) -> ast.Module:
    """Syntax tree of a file, parsed once for all tests; to be read only."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a file's syntax tree, gone over once for all tests."""
    return tuple(ast.walk(parsed(path)))


@cache
def imports() -> tuple[Import, ...]:
    """All imports of the package."""
    return tuple(found for name, path in modules().items() for found in _imports_of(name, path))


def _imports_of(module: str, path: Path) -> Iterator[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node, at_load in _nodes(tree(module), True):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, at_load)
        elif isinstance(node, ast.ImportFrom):
            yield Import(module, _absolute(node, package), at_load)


def _nodes(node: ast.AST, at_load: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, STATEMENTS):
            continue
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
        yield child, at_load
        yield from _nodes(child, at_load and not inside and not typing_only)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])
