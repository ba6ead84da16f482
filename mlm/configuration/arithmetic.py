"""Arithmetic of derived variables: parsed and held against a whitelist, never run as Python."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from mlm.configuration.magnitude import UNUSUAL, is_usual
from mlm.errors import quoted

FUNCTIONS = {
    "log": 1,
    "log10": 1,
    "exp": 1,
    "sqrt": 1,
    "abs": 1,
    "minimum": None,
    "maximum": None,
    "mean": None,
}
"""Functions and their number of arguments; None: two or more."""

MAX_LENGTH = 300
MAX_DEPTH = 30
MAX_EXPONENT = 9

_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(frozen=True)
class Arithmetic:
    """An expression that passed the whitelist.

    Attributes
    ----------
    text : str
        As it was written.
    tree : ast.expr
        Names, numbers, operators, comparisons and functions of the whitelist only.
    numbers : tuple of str
        Variables that are used as numbers.
    categories : tuple of (variable, category)
        Comparisons of a category with one of its codes.
    """

    text: str
    tree: ast.expr
    numbers: tuple[str, ...]
    categories: tuple[tuple[str, str], ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables, in order of first use."""
        return tuple(dict.fromkeys((*self.numbers, *(name for name, _ in self.categories))))


def parse_arithmetic(text: str) -> Arithmetic:
    """Expression of a derived variable.

    Raises
    ------
    ValueError
        The text is no expression, or holds what is not on the whitelist.

    Examples
    --------
    >>> parse_arithmetic("(a + b) / 2").variables
    ('a', 'b')
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters; derive it in steps")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"{text!r} is not an expression such as (a + b) / 2") from None
    for node in ast.walk(tree):
        is_number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
        if is_number and not is_usual(node.value):
            written = quoted(ast.get_source_segment(text.strip(), node))
            raise ValueError(UNUSUAL.format(number=written))
    numbers: dict[str, None] = {}
    categories: dict[tuple[str, str], None] = {}
    _check(tree, numbers, categories, 0)
    if not numbers and not categories:
        raise ValueError(f"{text!r} names no variable")
    return Arithmetic(text, tree, tuple(numbers), tuple(categories))


def _check(node: ast.expr, numbers: dict, categories: dict, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply; derive it in steps")
    parts: list[ast.expr] = []
    if isinstance(node, ast.Name):
        numbers[node.id] = None
    elif isinstance(node, ast.Constant):
        if type(node.value) not in (int, float):
            raise ValueError(f"{ast.unparse(node)} is not a number")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        parts = [node.operand]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, _OPERATORS):
        parts = [node.left, node.right]
        if isinstance(node.op, ast.Pow):
            _check_exponent(node.right)
    elif isinstance(node, ast.Compare):
        parts = _compared(node, categories)
    elif isinstance(node, ast.Call):
        parts = _arguments(node)
    else:
        raise ValueError(
            f"{ast.unparse(node)} is not allowed; use variables, numbers, + - * / **, comparisons "
            f"and {', '.join(FUNCTIONS)}"
        )
    for part in parts:
        _check(part, numbers, categories, depth + 1)


def _check_exponent(node: ast.expr) -> None:
    is_number = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    if not is_number or not 0 < node.value <= MAX_EXPONENT:
        raise ValueError(f"the exponent {ast.unparse(node)} is not a number up to {MAX_EXPONENT}")


def _compared(node: ast.Compare, categories: dict) -> list[ast.expr]:
    if len(node.ops) != 1 or not isinstance(node.ops[0], _COMPARISONS):
        raise ValueError(f"{ast.unparse(node)}: compare two things with < <= > >= == !=")
    left, right = node.left, node.comparators[0]
    if isinstance(right, ast.Constant) and isinstance(right.value, str):
        if not isinstance(left, ast.Name) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            raise ValueError(f"{ast.unparse(node)}: write category == 'code'")
        categories[left.id, right.value] = None
        return []
    return [left, right]


def _arguments(node: ast.Call) -> list[ast.expr]:
    name = node.func.id if isinstance(node.func, ast.Name) else None
    if name not in FUNCTIONS or node.keywords:
        raise ValueError(
            f"{ast.unparse(node.func)} is not one of the functions {', '.join(FUNCTIONS)}"
        )
    expected = FUNCTIONS[name]
    if expected is None and len(node.args) < 2 or expected and len(node.args) != expected:
        raise ValueError(f"{name} takes {expected or 'two or more'} argument(s)")
    return list(node.args)
