"""Names of coefficients, as formulaic writes them, read back into words.

``grade[T.1]:class_type[T.small]`` becomes the heading ``School grade × Class type`` and the label
``Grade 1 × Small class``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlm.pages.labels import Labels, power_word
from mlm.pages.language import _

CATEGORY = re.compile(r"^(?P<variable>[^\[\]]+)\[(?:T\.)?(?P<category>.*)\]$", re.DOTALL)
POWER = re.compile(r"^I\(\s*(?P<variable>.+?)\s*\*\*\s*(?P<power>[0-9.]+)\s*\)$")
INTERCEPT = "Intercept"


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

    @property
    def is_intercept(self) -> bool:
        """Whether this is the constant."""
        return not self.variables


def read_term(name: str, labels: Labels) -> TermName:
    """A coefficient's name in words."""
    if name in (INTERCEPT, "1"):
        return TermName((), (), _("Constant"), _("Constant"))
    variables, categories, headings, words = [], [], [], []
    for factor in split_factors(name):
        variable, category, power = _read_factor(factor)
        label = labels.variable(variable) + (power_word(power) if power else "")
        variables.append(variable)
        categories.append(category)
        headings.append(label)
        words.append(label if category is None else labels.category(variable, category))
    heading = " × ".join(headings)
    if len(headings) == 1 and categories[0] is not None:
        reference = labels.reference(variables[0])
        heading += _(" (reference: {reference})").format(reference=reference) if reference else ""
    return TermName(tuple(variables), tuple(categories), heading, " × ".join(words))


def split_factors(name: str) -> list[str]:
    """The factors of a product; a colon inside brackets does not separate."""
    parts, depth, current = [], 0, ""
    for character in name:
        depth += (character in "[(") - (character in "])")
        if character == ":" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += character
    return [*parts, current]


def _read_factor(factor: str) -> tuple[str, str | None, str]:
    power = POWER.match(factor)
    if power:
        return power["variable"], None, power["power"]
    category = CATEGORY.match(factor)
    if category:
        return category["variable"], category["category"], ""
    return factor, None, ""
