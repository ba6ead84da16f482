"""Words for names: variables, categories, waves and levels, from the codebook."""

from __future__ import annotations

import re

from mlm.configuration.models import Configuration
from mlm.pages.language import N_, _, current
from mlm.pages.text import Run, enumerate_words, plain_text

RESIDUAL = "residual"
IN_WAVE = " in wave"
PLURALS = {"occasion": N_("occasions"), "wave": N_("waves"), "observation": N_("observations")}
SINGULARS = (N_("occasion"), N_("wave"), N_("observation"))


class Labels:
    """The labels of one analysis.

    Parameters
    ----------
    configuration : Configuration
        Codebook, levels, waves and time of the survey.
    analysis : str
        Name of the analysis.
    """

    def __init__(self, configuration: Configuration, analysis: str):
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
    def time_name(self) -> str:
        """Name of time in formulas; empty when the survey has one wave."""
        time = self.configuration.time
        return time.name if time is not None else ""

    @property
    def time(self) -> str:
        """Label of time (School grade, Year)."""
        time = self.configuration.time
        return (time.label or time.name) if time is not None else _("Wave")

    def variable(self, name: str) -> str:
        """Label of a variable, its name when the codebook has no label."""
        if name == self.time_name:
            return self.time
        variable = self.configuration.variables.get(name)
        return variable.label if variable is not None else name

    def unit_of(self, name: str) -> str:
        """Unit of a variable, empty when it has none."""
        variable = self.configuration.variables.get(name)
        return (variable.unit if variable is not None else None) or ""

    def category(self, name: str, value: str) -> str:
        """Label of a category; for time, the label of the wave."""
        if name == self.time_name:
            return self.wave(value)
        variable = self.configuration.variables.get(name)
        categories = (variable.categories if variable is not None else None) or {}
        return categories.get(value, value)

    def reference(self, name: str) -> str:
        """Label of the reference category (for time, the first wave); empty for a number."""
        if name == self.time_name:
            return self._first_wave()
        variable = self.configuration.variables.get(name)
        if variable is None or not variable.categories:
            return ""
        value = variable.reference or next(iter(variable.categories))
        return variable.categories.get(value, value)

    def _first_wave(self) -> str:
        if self.configuration.time.coding == "trend":
            return ""
        first = self.configuration.waves[0]
        return first.label or str(first.name)

    def wave(self, name: str) -> str:
        """Label of a wave."""
        for wave in self.configuration.waves:
            if str(wave.name) == str(name):
                return wave.label or str(wave.name)
        return str(name)

    def level(self, name: str) -> str:
        """A level in the singular; ``school in wave`` reads ``school in a wave``."""
        if name.endswith(IN_WAVE):
            return _("{group} in a wave").format(group=self.level(name.removesuffix(IN_WAVE)))
        return self._singulars.get(name) or _(name)

    def plural(self, name: str) -> str:
        """A level in the plural: ``schools``, ``schools by wave``, ``classes and schools``."""
        known = self._plurals.get(name)
        if known:
            return known
        if name.endswith(IN_WAVE):
            return _("{groups} by wave").format(groups=self.plural(name.removesuffix(IN_WAVE)))
        if " + " in name:
            parts = [self.plural(part) for part in name.split(" + ")]
            return plain_text(enumerate_words(parts))
        return _(PLURALS[name]) if name in PLURALS else pluralise(name)

    def terms(self, names: list[str]) -> list[Run]:
        """Terms of a model as a list in words."""
        return enumerate_words([self.term(name) for name in names])

    def term(self, name: str) -> str:
        """A whole term: ``class_type:grade`` reads ``Class type × School grade``."""
        return " × ".join(self._factor(part) for part in name.split(":"))

    def _factor(self, part: str) -> str:
        name, _, power = part.partition("^")
        return f"{self.variable(name)}{power_word(power)}" if power else self.variable(name)


def power_word(power: str) -> str:
    """`` squared`` for 2, `` cubed`` for 3, otherwise `` to the power n``."""
    words = {"2": _(" squared"), "3": _(" cubed")}
    other = _(" to the power {power}").format(power=power.strip())
    return words.get(power.strip(), other)


def pluralise(word: str) -> str:
    """A plain English plural, for levels without a configured one."""
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def singular(unit: str) -> str:
    """A unit for ``one … more`` (year for years; in French ``écart-type`` for ``écarts-types``)."""
    words = re.split("([ -])", unit)
    first = len(words) - 1 if current().plural_last else 0
    return "".join(
        word[:-1] if i >= first and word.endswith("s") and not word.endswith("ss") else word
        for i, word in enumerate(words)
    )


def capitalise(text: str) -> str:
    """The text with its first letter in upper case, the rest untouched."""
    return text[:1].upper() + text[1:]


def uncapitalise(text: str) -> str:
    """The text as it stands inside a sentence: names in capitals (GCSE, A-level) keep them."""
    follows = text[1:2]
    return text[:1].lower() + text[1:] if follows.islower() or follows == " " else text
