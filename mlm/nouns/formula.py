"""lme4 formulas to models: sums of products are read here, other fixed parts by formulaic's parser.

A formula is never evaluated as code: only names, products, powers and a short list of functions
pass (``I(x ** 2)``, ``x ** 2``, ``log``, ``log1p``, ``sqrt``, ``exp``).
"""

from __future__ import annotations

import re
from functools import lru_cache

from mlm.errors import ModelError
from mlm.nouns.characters import nfc
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import FORMS, Factor, Model, RandomTerm, Term

PLAIN = "identity"
FUNCTIONS = ("log", "log1p", "sqrt", "exp")
_NAME = r"[^\W\d]\w*(?:\.\w+)*"
_POWER = re.compile(rf"^I\(\s*({_NAME})\s*(?:\*\*|\^)\s*(\d+)\s*\)$")
_CALL = re.compile(rf"^(\w+)\(\s*({_NAME})\s*\)$")
_PLAIN = re.compile(rf"^{_NAME}$")


@lru_cache(maxsize=512)
def parse_formula(formula: str) -> Model:
    """The model that an lme4 formula describes.

    Parameters
    ----------
    formula : str
        For example ``"math ~ year * sex + (1 + year | school/pupil)"``.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        When the formula has no response, a random term is malformed, or a factor is neither a
        name nor a whitelisted function.

    Examples
    --------
    >>> from mlm.nouns.formula import parse_formula
    >>> str(parse_formula("math ~ year + (1 | school/pupil)").random[1])
    '(1 | school:pupil)'
    """
    formula = nfc(formula)
    if formula.count("~") != 1:
        raise ModelError(f"formula {formula!r}: expected one '~' between response and effects.")
    left, right = (side.strip() for side in formula.split("~"))
    if not _PLAIN.match(left):
        raise ModelError(f"formula {formula!r}: the response {left!r} is not the name of a column.")
    fixed, bars = _split_bars(right, formula)
    found = [term for form, bar in bars for term in _random_terms(bar, formula, form)]
    random = tuple(term for term in found if term.group != (RESIDUAL,))
    rows = [term for term in found if term.group == (RESIDUAL,)]
    return Model(left, _fixed_terms(fixed or "1", formula), random, _residual(rows, formula))


def parse_term(text: str) -> Term:
    """The term that a configuration writes as ``a``, ``a:b`` or ``a^2``.

    Raises
    ------
    ModelError
        When a factor is not a name, a power or a whitelisted function.
    """
    factors = []
    for part in text.replace(" ", "").split(":"):
        base, caret, exponent = part.partition("^")
        factors.append(_factor(f"I({base} ** {exponent})" if caret else part, text))
    return Term(tuple(factors))


def _split_bars(right: str, formula: str) -> tuple[str, list[tuple[str | None, str]]]:
    """Fixed part, and form and text of all top-level parentheses that hold a bar."""
    fixed, bars, depth, start = [], [], 0, 0
    for i, char in enumerate(right):
        if char == "(":
            if depth == 0:
                start = i
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0 and "|" in right[start:i]:
                form, fixed = _form_before(fixed, formula)
                bars.append((form, right[start + 1 : i]))
                continue
            if depth == 0:
                fixed.append(right[start : i + 1])
                continue
        if depth < 0:
            raise ModelError(f"formula {formula!r}: a ')' without its '(' at position {i}.")
        if depth == 0:
            fixed.append(char)
    if depth:
        raise ModelError(f"formula {formula!r}: a '(' is never closed.")
    text = re.sub(r"\+(\s*\+)+", "+", "".join(fixed)).strip()
    return text.strip("+ ").strip(), bars


def _form_before(fixed: list[str], formula: str) -> tuple[str | None, list[str]]:
    """The name right before a random term, and the fixed part without it."""
    text = "".join(fixed)
    name = re.search(r"(\w+)\s*$", text)
    if name is None:
        return None, fixed
    if name.group(1) not in FORMS:
        raise ModelError(
            f"formula {formula!r}: {name.group(1)!r} before a random term is no covariance; "
            f"expected a '+', or one of {', '.join(FORMS)}."
        )
    return name.group(1), [text[: name.start()]]


def _random_terms(bar: str, formula: str, form: str | None) -> list[RandomTerm]:
    match = re.fullmatch(r"([^|]+)(\|\|?)([^|]+)", bar)
    if match is None:
        raise ModelError(f"formula {formula!r}: cannot read the random term ({bar}).")
    effects, sign, grouping = (part.strip() for part in match.groups())
    terms = _fixed_terms(effects, formula)
    blocks = [terms] if sign == "|" else [(term,) for term in terms]
    if form is not None and (sign != "|" or len(terms) != 1 or len(terms[0].factors) != 1):
        raise ModelError(
            f"formula {formula!r}: {form} is a covariance over the categories of one variable; "
            f"expected, for example, {form}(0 + wave | pupil)."
        )
    return [RandomTerm(g, block, form) for g in _groups(grouping, formula) for block in blocks]


def _residual(rows: list[RandomTerm], formula: str) -> str | None:
    """The variable with a residual variance for each category, of the terms over the rows."""
    if not rows:
        return None
    if len(rows) > 1 or rows[0].form != "diag" or rows[0].terms[0].factors[0].function != PLAIN:
        raise ModelError(
            f"formula {formula!r}: {' + '.join(map(str, rows))} is over the rows themselves, whose "
            "residuals are independent; expected at most one term of the kind "
            f"diag(0 + wave | {RESIDUAL}): a residual variance for each category of a variable."
        )
    return rows[0].terms[0].variables[0]


def _groups(grouping: str, formula: str) -> list[tuple[str, ...]]:
    """``a/b`` means ``a`` and ``a:b``; ``a:b`` is one factor."""
    groups: list[tuple[str, ...]] = []
    path: tuple[str, ...] = ()
    for part in grouping.split("/"):
        names = tuple(name.strip() for name in part.split(":"))
        wrong = [name for name in names if not _PLAIN.match(name)]
        if wrong:
            raise ModelError(
                f"formula {formula!r}: {wrong[0]!r} is not a grouping factor; "
                "expected id columns joined by ':' or '/'."
            )
        path += names
        groups.append(path)
    return groups


def _fixed_terms(text: str, formula: str) -> tuple[Term, ...]:
    """Terms of a fixed part, or of what varies over a group, those of few factors first."""
    terms = _sum_of_products(text, formula)
    if terms is None:
        terms = _parsed(text, formula)
    return tuple(sorted(terms, key=lambda term: len(term.factors)))


def _sum_of_products(text: str, formula: str) -> list[Term] | None:
    """Terms of ``1 + a + a:b``, as fits are written; None where the text has other signs.

    To load what reads all others takes longer than a small job.
    """
    first, *others = (part.strip() for part in text.split("+"))
    parts = others if first in ("0", "1") else [first, *others]
    found: dict[frozenset[Factor], Term] = {}
    for part in parts:
        names = [name.strip() for name in part.split(":")]
        if not all(map(_is_factor, names)):
            return None
        factors = tuple(_factor(name, formula) for name in names)
        if len(set(factors)) < len(factors):
            return None
        found.setdefault(frozenset(factors), Term(factors))
    return [*([] if first == "0" else [Term(())]), *found.values()]


def _parsed(text: str, formula: str) -> list[Term]:
    from formulaic.errors import FormulaicError
    from formulaic.parser import DefaultFormulaParser

    try:
        parsed = DefaultFormulaParser().get_terms(text.replace("^", "**"))
    except (FormulaicError, SyntaxError) as error:
        raise ModelError(f"formula {formula!r}: cannot read {text!r}: {error}") from error
    terms = []
    for term in getattr(parsed, "root", parsed):
        exprs = [factor.expr for factor in term.factors if factor.expr != "1"]
        terms.append(Term(tuple(_factor(expr, formula) for expr in exprs)))
    return terms


def _is_factor(expression: str) -> bool:
    """Whether it is a name, a power or a function of one."""
    return any(kind.match(expression) for kind in (_PLAIN, _POWER, _CALL))


def _factor(expression: str, formula: str) -> Factor:
    if _PLAIN.match(expression):
        return Factor(expression)
    power = _POWER.match(expression)
    if power and int(power.group(2)) >= 1:
        return Factor(power.group(1), "power", int(power.group(2)))
    call = _CALL.match(expression)
    if call and call.group(1) in FUNCTIONS:
        return Factor(call.group(2), call.group(1))
    raise ModelError(
        f"formula {formula!r}: {expression!r} is not allowed; expected names, products (a:b), "
        f"powers I(a ** 2) and {', '.join(FUNCTIONS)} of one variable. Formulas are never run as "
        "code: compute other columns before the fit."
    )
