"""Terms and coefficients in words.

The coefficient of category ``1`` of ``grade`` times category ``small`` of ``class_type`` becomes
the heading ``School grade × Class type`` and the label ``Grade 1 × Small class``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mlm.pages.language import _
from mlm.results.coefficient import Factor, Term


class VariableNames(Protocol):
    """What knows the labels of variables and of their categories."""

    def variable(self, name: str) -> str:
        """Label of a variable."""

    def category(self, name: str, value: str) -> str:
        """Label of a category."""

    def reference(self, name: str) -> str:
        """Label of the reference category; empty for a number."""


class NamesAlone(VariableNames, Protocol):
    """What knows categories by names that stand without their variable too."""

    def alone(self, variable: str, value: str) -> str:
        """Label of a category, with its variable where it tells nothing without."""


@dataclass(frozen=True)
class TermName:
    """A coefficient in words.

    ``variables`` are the names in the codebook, ``heading`` names the term it belongs to,
    ``label`` the coefficient within the term, ``categories`` the category (None for a number) by
    variable.
    """

    variables: tuple[str, ...]
    categories: tuple[str | None, ...]
    heading: str
    label: str

    @property
    def full(self) -> str:
        """Heading and label in one line."""
        if self.label == self.heading:
            return self.label
        return _("{heading}: {label}").format(heading=self.heading, label=self.label)


def term_words(term: Term, names: VariableNames) -> TermName:
    """A coefficient in words; without factors it is the constant."""
    if not term:
        return TermName((), (), _("Constant"), _("Constant"))
    variables = tuple(factor.variable for factor in term)
    categories = tuple(factor.category for factor in term)
    heading = whole_term(term, names)
    if len(term) == 1 and categories[0] is not None:
        reference = names.reference(variables[0])
        heading += _(" (reference: {reference})").format(reference=reference) if reference else ""
    label = " × ".join(_coefficient_factor(factor, names) for factor in term)
    return TermName(variables, categories, heading, label)


def label_alone(term: Term, names: NamesAlone) -> str:
    """A coefficient where no heading names its term: a category that tells nothing with its own."""
    if not term:
        return _("Constant")
    return " × ".join(
        _factor(factor, names)
        if factor.category is None
        else names.alone(factor.variable, factor.category)
        for factor in term
    )


def whole_term(term: Term, names: VariableNames) -> str:
    """A whole term: ``Class type × School grade``, whatever its categories."""
    return " × ".join(_factor(factor, names) for factor in term)


def _factor(factor: Factor, names: VariableNames) -> str:
    label = names.variable(factor.variable)
    return label if factor.power == 1 else label + power_word(factor.power)


def _coefficient_factor(factor: Factor, names: VariableNames) -> str:
    if factor.category is None:
        return _factor(factor, names)
    return names.category(factor.variable, factor.category)


def power_word(power: int) -> str:
    """`` squared`` for 2, `` cubed`` for 3, otherwise `` to the power n``."""
    words = {2: _(" squared"), 3: _(" cubed")}
    return words.get(power) or _(" to the power {power}").format(power=power)
