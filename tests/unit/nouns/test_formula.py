"""Formulas: what is read, and that nothing in them is ever run."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import ModelError
from mlm.nouns.formula import _parsed, _sum_of_products, parse_formula, parse_term
from mlm.nouns.model import Factor, Term

READ = [
    ("y ~ x", "y ~ 1 + x"),
    ("y ~ 1", "y ~ 1"),
    ("y ~ 0 + x", "y ~ 0 + x"),
    ("y ~ x - 1", "y ~ 0 + x"),
    ("y ~ a * b", "y ~ 1 + a + b + a:b"),
    ("y ~ a:b + a + b", "y ~ 1 + a + b + a:b"),
    ("y ~ x + I(x ** 2)", "y ~ 1 + x + I(x ** 2)"),
    ("y ~ x + I(x^2)", "y ~ 1 + x + I(x ** 2)"),
    ("y ~ (a + b) * x", "y ~ 1 + a + b + x + a:x + b:x"),
    ("y ~ log(x) + sqrt(z)", "y ~ 1 + log(x) + sqrt(z)"),
    ("y ~ x + (1 | g)", "y ~ 1 + x + (1 | g)"),
    ("y ~ (1 | g) + x", "y ~ 1 + x + (1 | g)"),
    ("y ~ (1 | a/b)", "y ~ 1 + (1 | a) + (1 | a:b)"),
    ("y ~ (1 | a/b/c)", "y ~ 1 + (1 | a) + (1 | a:b) + (1 | a:b:c)"),
    ("y ~ (x | g)", "y ~ 1 + (1 + x | g)"),
    ("y ~ (0 + x | g)", "y ~ 1 + (0 + x | g)"),
    ("y ~ (x || g)", "y ~ 1 + (1 | g) + (0 + x | g)"),
    ("y ~ (1 + x + z | a:b)", "y ~ 1 + (1 + x + z | a:b)"),
    ("  math  ~ ses+( 1|school / pupil ) ", "math ~ 1 + ses + (1 | school) + (1 | school:pupil)"),
]


@pytest.mark.parametrize("text,meaning", READ)
def test_a_formula_is_read_as_lme4_reads_it(text, meaning):
    assert parse_formula(text).formula == meaning


@pytest.mark.parametrize("text,meaning", READ)
def test_the_formula_of_a_model_describes_that_model(text, meaning):
    model = parse_formula(text)
    assert parse_formula(model.formula) == model


FACTORS = ["a", "b", "c1", "x.y", "é", "I(a ** 2)", "I(b**3)", "I( c1 ^2 )", "log(b)"]


def test_sums_of_products_are_read_as_all_other_formulas_are():
    rng = np.random.default_rng(17)
    for _ in range(200):
        terms = [":".join(rng.permutation(FACTORS)[: rng.integers(1, 4)]) for _ in range(4)]
        text = " + ".join([["0"], ["1"], []][rng.integers(3)] + terms)
        found, known = _sum_of_products(text, text), _parsed(text, text)
        assert sorted(map(str, found)) == sorted(map(str, known)), text
        ordered = [
            [t for t in terms if len(t.factors) == n] for terms in (found, known) for n in (1, 2, 3)
        ]
        assert ordered[:3] == ordered[3:], text


@pytest.mark.parametrize("text", ["", "a + 0", "1 + 1", "0 + 1 + a", "a - 1", "a * b", "a:a"])
def test_other_formulas_are_left_to_their_parser(text):
    assert _sum_of_products(text, text) is None


CODE = [
    "y ~ __import__('os').system('echo run')",
    "y ~ x + eval('1')",
    "y ~ print(x)",
    "y ~ I(x.mean())",
    "y ~ np.log(x)",
    "y ~ C(x, contr.sum)",
    "y ~ x + {z + 1}",
    "y ~ poly(x, 2)",
    "y ~ log(x + 1)",
    "y ~ log(log(x))",
    "y ~ I(x ** -1)",
    "y ~ I(x ** 0)",
    "y ~ I(x ** 1.5)",
    "y ~ x + (print(x) | g)",
    "y ~ x + (1 | print(g))",
    "y ~ x[0]",
    "log(y) ~ x",
    "y + z ~ x",
]


@pytest.mark.parametrize("text", CODE)
def test_what_is_not_a_name_a_product_or_a_listed_function_is_refused(text, capfd):
    with pytest.raises(ModelError):
        parse_formula(text)
    assert capfd.readouterr().out == ""


BROKEN = [
    ("y", "expected one '~'"),
    ("y ~ x ~ z", "expected one '~'"),
    ("~ x", "response"),
    ("y ~ (1 | g", "never closed"),
    ("y ~ x)", r"without its '\('"),
    ("y ~ (1 | a | b)", "cannot read the random term"),
    ("y ~ (1 | )", "random term|grouping factor"),
    ("y ~ (1 | a + b)", "not a grouping factor"),
    ("y ~ x +* z", "cannot read"),
]


@pytest.mark.parametrize("text,message", BROKEN)
def test_a_malformed_formula_is_refused_with_its_text_and_the_reason(text, message):
    with pytest.raises(ModelError, match=message) as caught:
        parse_formula(text)
    assert repr(text) in str(caught.value)


def test_terms_of_a_configuration_are_read():
    assert parse_term("a") == Term((Factor("a"),))
    assert parse_term("a:b") == Term((Factor("a"), Factor("b")))
    assert parse_term("a^2") == Term((Factor("a", "power", 2),))
    assert parse_term("a^2 : b").key == Term((Factor("b"), Factor("a", "power", 2))).key
    with pytest.raises(ModelError):
        parse_term("a+b")


MARGINS = [
    ("a:b", "a", True),
    ("a:b", "b:a", False),
    ("a:b:c", "a:c", True),
    ("x^2", "x", True),
    ("x^3", "x^2", True),
    ("x^2:a", "x:a", True),
    ("x^2:a", "x^2", True),
    ("x", "x^2", False),
    ("a:b", "c", False),
]


@pytest.mark.parametrize("term,margin,inside", MARGINS)
def test_margins_of_a_term(term, margin, inside):
    assert parse_term(term).contains(parse_term(margin)) is inside


@pytest.mark.parametrize(
    "text", ["y ~ x + diag(0 + wave | residual)", "y ~ 1 + (1 | g) + diag(0 + w | residual)"]
)
def test_residual_variances_by_category_are_read_back(text):
    model = parse_formula(text)
    assert model.residual == ("wave" if "wave" in text else "w")
    assert all(term.group != ("residual",) for term in model.random)
    assert parse_formula(model.formula) == model


@pytest.mark.parametrize(
    "term", ["(1 | residual)", "ar1(0 + wave | residual)", "diag(0 + log(w) | residual)"]
)
def test_other_terms_over_the_rows_are_refused(term):
    with pytest.raises(ModelError, match="over the rows themselves"):
        parse_formula(f"y ~ x + {term}")
