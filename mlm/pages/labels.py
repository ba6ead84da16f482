"""Words for names: variables, categories, waves and levels, from the codebook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from mlm.configuration.models import Configuration
from mlm.configuration.variable import Variable
from mlm.nouns.levels import WAVE
from mlm.pages.language import _, current
from mlm.pages.text import Run, enumerate_words
from mlm.pages.words.levels import plural_of, singular_of
from mlm.pages.words.numbers import is_mute, wave_words
from mlm.pages.words.terms import whole_term
from mlm.results.coefficient import Term
from mlm.results.level import Level


def is_sd(unit: str) -> bool:
    """Whether a unit is a standard deviation."""
    return unit.lower() in ("sd", _("standard deviation"), _("standard deviations"))


class Labels:
    """The labels of one analysis.

    Parameters
    ----------
    configuration : Configuration
        Codebook, levels, waves and time of the survey.
    analysis : str
        Name of the analysis.
    joint : mapping of Level to tuple of Level
        Levels that its data cannot tell from others, with all that are fitted as one with them,
        outermost first: they are named together, ``schools + classes``.
    """

    def __init__(
        self,
        configuration: Configuration,
        analysis: str,
        joint: Mapping[Level, tuple[Level, ...]] = MappingProxyType({}),
    ):
        self.joint = joint
        self.configuration = configuration
        self.analysis = configuration.analyses[analysis]
        levels = configuration.levels
        self._plurals = {level.name: level.plural for level in levels}
        self._singulars = {level.name: level.label for level in levels}

    @property
    def outcome(self) -> str:
        """Label of the outcome."""
        return self.variable(self.analysis.outcome)

    @property
    def unit(self) -> str:
        """Unit of the outcome, ``points`` when the codebook has none."""
        variable = self.configuration.variables[self.analysis.outcome]
        return variable.unit or _("points")

    @property
    def is_in_sd(self) -> bool:
        """Whether the outcome is in standard deviations: sizes in these say nothing more."""
        return is_sd(self.unit)

    @property
    def time_name(self) -> str:
        """Name of time in formulas; empty when the survey has one wave."""
        time = self.configuration.time
        return time.name if time is not None else ""

    @property
    def time(self) -> str:
        """Label of time (School grade, Year)."""
        time = self.configuration.time
        return (time.label or time.name) if time is not None else _("Wave")

    @property
    def wave_title(self) -> str:
        """What heads names of waves in a table: time, unless its label tells a number."""
        return self.below_waves or _("Wave")

    @property
    def below_waves(self) -> str:
        """What stands below names of waves: time, unless its label tells a number since a wave."""
        time = self.configuration.time
        return "" if time is not None and time.coding == "trend" else self.time

    def variable(self, name: str) -> str:
        """Label of a variable, its name when the codebook has no label.

        A column with draws of a variable has that variable's.
        """
        if name == self.time_name:
            return self.time
        variable = self._entry(name)
        return variable.label if variable is not None else name

    def _entry(self, name: str) -> Variable | None:
        """What the codebook says of a variable, or of the one that a column has draws of."""
        return self.configuration.variables.get(self.configuration.held_in(name))

    def phrase(self, name: str) -> str:
        """A variable inside a sentence: ``the mathematics score``.

        Without a phrase of its own it has an article; a name whose categories are yes and no, and
        which may be an adjective, stands in quotation marks.
        """
        variable = self._entry(name)
        if variable is not None and variable.phrase:
            return variable.phrase
        label = uncapitalise(self.variable(name))
        if label.startswith(("the ", "a ", "an ")):
            return label
        if variable is not None and variable.has_categories and not self._is_told(variable):
            return _("“{label}”").format(label=self.variable(name))
        return _("the {label}").format(label=label)

    @staticmethod
    def _is_told(variable: Variable) -> bool:
        """Whether categories have names of their own, so that the variable's is a noun."""
        categories = (variable.categories or {}).values()
        return bool(categories) and not any(is_mute(each.label) for each in categories)

    def members(self, name: str, value: str) -> str:
        """Those of a category inside a sentence, in the plural: ``pupils with free lunch``."""
        variable = self._entry(name)
        found = (variable.categories or {}).get(value) if variable is not None else None
        if found is not None and found.phrase:
            return found.phrase
        template = _("{units} of the group “{label}”")
        return template.format(units=self.described(name), label=self.alone(name, value))

    def described(self, name: str) -> str:
        """The units that a variable describes, in the plural; persons where it is of the rows."""
        levels = [level.name for level in self.configuration.levels]
        variable = self._entry(name)
        level = variable.level if variable is not None else ""
        return self.plural(level if level in levels else levels[-1])

    def unit_of(self, name: str) -> str:
        """Unit of a variable, empty when it has none."""
        variable = self._entry(name)
        return (variable.unit if variable is not None else None) or ""

    def category(self, name: str, value: str) -> str:
        """Label of a category; for time, the label of the wave."""
        if name in (self.time_name, WAVE):
            return self.wave(value)
        variable = self._entry(name)
        categories = (variable.categories if variable is not None else None) or {}
        found = categories.get(value)
        return found.label if found is not None else value

    def reference(self, name: str) -> str:
        """Label of the reference category (for time, the first wave); empty for a number."""
        if name == self.time_name:
            return self._first_wave()
        value = self.reference_value(name)
        return self.category(name, value) if value is not None else ""

    def reference_value(self, name: str) -> str | None:
        """Code of the reference category; None for a number and for time."""
        variable = self._entry(name)
        if variable is None or not variable.categories:
            return None
        return variable.reference or next(iter(variable.categories))

    def place_of(self, name: str, value: str) -> int:
        """Place of a category: 0 for the reference, the others in the order of the codebook."""
        variable = self._entry(name)
        reference = self.reference_value(name)
        categories = list((variable.categories if variable is not None else None) or {})
        others = [category for category in categories if category != reference]
        if value == reference:
            return 0
        return 1 + others.index(value) if value in others else 1 + len(others)

    def _first_wave(self) -> str:
        if self.configuration.time.coding == "trend":
            return ""
        return self.wave(self.configuration.waves[0].name)

    def alone(self, variable: str, value: str) -> str:
        """Label of a category that stands without its variable.

        A bare number, yes and no, and what categories of several variables are called need it.
        """
        label = self.category(variable, value)
        if variable in (self.time_name, WAVE) or self._tells(variable, label):
            return label
        return _("{variable} = {value}").format(variable=self.variable(variable), value=label)

    def _tells(self, variable: str, label: str) -> bool:
        """Whether the label of a category says which variable it is of."""
        own = self.configuration.held_in(variable)
        return not is_mute(label) and self._variables_by_label.get(label, {own}) == {own}

    @cached_property
    def _variables_by_label(self) -> dict[str, set[str]]:
        """Variables of the analysis by the labels of their categories."""
        found: dict[str, set[str]] = {}
        for name, variable in self.configuration.variables.items():
            for category in (variable.categories or {}).values():
                found.setdefault(category.label, set()).add(name)
        return found

    def wave(self, name: str) -> str:
        """Label of a wave, as ``wave 0`` where it is a bare number."""
        return wave_words(self.wave_name(name))

    def wave_name(self, name: str) -> str:
        """Label of a wave, to stand behind the word wave."""
        for wave in self.configuration.waves:
            if str(wave.name) == str(name):
                return wave.label or str(wave.name)
        return str(name)

    def level(self, level: Level | str) -> str:
        """A level, or units by their name, in the singular: ``school``, ``school in a wave``."""
        return " + ".join(singular_of(each, self._singulars) for each in self._together(level))

    def plural(self, level: Level | str) -> str:
        """A level, or units by their name, in the plural: ``schools``, ``schools by wave``."""
        return " + ".join(plural_of(each, self._plurals) for each in self._together(level))

    def _together(self, level: Level | str) -> tuple[Level | str, ...]:
        """A level with those that are fitted as one with it; units by their name stay alone."""
        return (level,) if isinstance(level, str) else self.joint.get(level, (level,))

    def terms(self, terms: Sequence[Term]) -> list[Run]:
        """Terms of a model as a list in words."""
        return enumerate_words([self.term(term) for term in terms])

    def term(self, term: Term) -> str:
        """A whole term: ``Class type × School grade``."""
        return whole_term(term, self)


PLACE = r" (?:from|of|in|on|per|since|at|de|du|des|par|depuis|à) "  # what follows keeps its plural


def singular(unit: str) -> str:
    """A unit for ``one … more`` (year for years; in French ``écart-type`` for ``écarts-types``)."""
    unit, place = re.split(PLACE, unit, maxsplit=1)[0], re.search(f"{PLACE}.*", unit)
    words = re.split("([ -])", unit)
    first = len(words) - 1 if current().plural_last else 0
    return "".join(
        word[:-1] if i >= first and word.endswith("s") and not word.endswith("ss") else word
        for i, word in enumerate(words)
    ) + (place[0] if place else "")


def capitalise(text: str) -> str:
    """The text with its first letter in upper case, the rest untouched."""
    return text[:1].upper() + text[1:]


def uncapitalise(text: str) -> str:
    """The text as it stands inside a sentence: names in capitals (GCSE, A-level) keep them."""
    follows = text[1:2]
    return text[:1].lower() + text[1:] if follows.islower() or follows == " " else text
