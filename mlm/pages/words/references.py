"""Tests in words: ``χ² = 9.1 on 2 degrees of freedom, p = 0.011``, by reference distribution."""

from __future__ import annotations

from collections.abc import Callable

from mlm.pages.labels import Labels
from mlm.pages.language import _, ngettext
from mlm.pages.rounding import NO_BREAK, degrees, fixed, p_equals, steady, tally
from mlm.pages.text import Run, say
from mlm.pages.words.reasons import reason_words
from mlm.results.reading import At

SMALL_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def made_words(test: At) -> list[Run]:
    """A test that was made, in words."""
    return REFERENCES[test.reference.kind.value](test)


def test_words(test: At, labels: Labels) -> list[Run]:
    """A test in words, or why there is none."""
    return TESTS[test.kind.value](test, labels)


test_words.__test__ = False  # not a test of pytest's


def _made(test: At, labels: Labels) -> list[Run]:
    return made_words(test)


def _refused(test: At, labels: Labels) -> list[Run]:
    return say(_("not tested: {reason}"), reason=reason_words(test.reason, labels))


TESTS: dict[str, Callable[[At, Labels], list[Run]]] = {"made": _made, "refused": _refused}


def _chi_squared(test: At) -> list[Run]:
    df = test.df.value
    if steady(test.reference.factor.value) != 1.0:
        template = ngettext(
            "χ² = {statistic}, referred to {factor} times χ² on {df} degree of freedom, p {p}",
            "χ² = {statistic}, referred to {factor} times χ² on {df} degrees of freedom, p {p}",
            df,
        )
        return _say(template, test, df=degrees(test.df), factor=fixed(test.reference.factor, 2))
    template = ngettext(
        "χ² = {statistic} on {df} degree of freedom, p {p}",
        "χ² = {statistic} on {df} degrees of freedom, p {p}",
        df,
    )
    return _say(template, test, df=degrees(test.df))


def _mixture(test: At) -> list[Run]:
    template = _("χ² = {statistic} against {mixture}, p {p}")
    return _say(template, test, mixture=mixture_words(test.reference))


def mixture_words(mixture: At) -> list[Run]:
    """A mixture of chi-squared distributions in print: ``½χ²₀ + ½χ²₁``."""
    runs: list[Run] = []
    for position, part in enumerate(mixture.parts):
        weight = "½" if steady(part.weight.value) == 0.5 else fixed(part.weight, 2)
        name = f"χ²{str(part.df.value).translate(SMALL_DIGITS)}"
        template = "{before} + {weight}{name}" if position else "{weight}{name}"
        runs = say(template, before=runs, weight=weight, name=name)
    return runs


def distribution_words(reference: At) -> list[Run]:
    """A reference distribution in a cell of a table: ``χ²₂``, ``½χ²₀ + ½χ²₁``."""
    return DISTRIBUTIONS[reference.kind.value](reference)


def _chi_squared_alone(reference: At) -> list[Run]:
    name = f"χ²{str(reference.df.value).translate(SMALL_DIGITS)}"
    if steady(reference.factor.value) == 1.0:
        return say(name)
    return say(f"{{factor}}{name}", factor=fixed(reference.factor, 2))


def _simulated_alone(reference: At) -> list[Run]:
    template = (
        _("{draws} simulated projections")
        if reference.of.value == "projections"
        else _("{draws} simulated sets of responses")
    )
    return say(template, draws=tally(reference.draws))


def _f_alone(reference: At) -> list[Run]:
    if reference.denominator.missing:
        return say(f"F({{df}},{NO_BREAK}∞)", df=degrees(reference.df))
    denominator = degrees(reference.denominator)
    return say(
        f"F({{df}},{NO_BREAK}{{denominator}})", df=degrees(reference.df), denominator=denominator
    )


DISTRIBUTIONS: dict[str, Callable[[At], list[Run]]] = {
    "chi_squared": _chi_squared_alone,
    "mixture": mixture_words,
    "simulated": _simulated_alone,
    "F": _f_alone,
}


def _simulated(test: At) -> list[Run]:
    template = (
        _("χ² = {statistic} against {draws} simulated projections, p {p}")
        if test.reference.of.value == "projections"
        else _("χ² = {statistic} against {draws} simulated sets of responses, p {p}")
    )
    return _say(template, test, draws=tally(test.reference.draws))


def _f(test: At) -> list[Run]:
    reference = test.reference
    if reference.denominator.missing:
        template = _("F = {statistic} on {df} and infinitely many degrees of freedom, p {p}")
        return _say(template, test, df=degrees(test.df))
    return _say(
        _("F = {statistic} on {df} and {denominator} degrees of freedom, p {p}"),
        test,
        df=degrees(test.df),
        denominator=degrees(reference.denominator),
    )


REFERENCES: dict[str, Callable[[At], list[Run]]] = {
    "chi_squared": _chi_squared,
    "mixture": _mixture,
    "simulated": _simulated,
    "F": _f,
}


def _say(template: str, test: At, **parts) -> list[Run]:
    """A test with p and the statistic kept on one line with their values."""
    template = template.replace("p {p}", f"p{NO_BREAK}{{p}}")
    template = template.replace(" = {", f"{NO_BREAK}={NO_BREAK}{{")
    statistic, p = fixed(test.statistic, 1), p_equals(test.p_value)
    return say(template, statistic=statistic, p=p, **parts)
