"""Levels in words: ``school``, ``schools by wave``, ``between pupils within schools``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mlm.pages.language import N_, _
from mlm.results.level import Level

PLURALS = {"occasion": N_("occasions"), "wave": N_("waves"), "observation": N_("observations")}
SINGULARS = (N_("occasion"), N_("wave"), N_("observation"))


class LevelNames(Protocol):
    """What knows the names of levels."""

    def level(self, level: Level | str) -> str:
        """A level in the singular."""

    def plural(self, level: Level | str) -> str:
        """A level in the plural."""


def singular_of(level: Level | str, known: Mapping[str, str | None]) -> str:
    """A level in the singular; units in waves read ``school in a wave``.

    Parameters
    ----------
    level : Level or str
        A level of the models, or the name of units.
    known : mapping of str to str
        Singulars of the configuration by the names of levels.
    """
    if isinstance(level, str):
        return known.get(level) or _(level)
    group = singular_of(level.unit, known)
    return _("{group} in a wave").format(group=group) if level.in_wave else group


def plural_of(level: Level | str, known: Mapping[str, str | None]) -> str:
    """A level in the plural: ``schools``, ``schools by wave``; parameters as `singular_of`."""
    if isinstance(level, str):
        plural = known.get(level)
        return plural or (_(PLURALS[level]) if level in PLURALS else pluralise(level))
    groups = plural_of(level.unit, known)
    return _("{groups} by wave").format(groups=groups) if level.in_wave else groups


def between_units(level: Level, levels: Sequence[Level], names: LevelNames) -> str:
    """Where the variation of a level lies: ``between pupils within schools``.

    Parameters
    ----------
    level : Level
    levels : sequence of Level
        All levels of the models, outermost first.
    names : LevelNames
    """
    if level.in_wave:
        groups = names.plural(level.unit)
        return _("between waves within {groups}").format(groups=groups)
    above = level_above(level, levels)
    groups = names.plural(level)
    if above is None or is_crossed(level, levels):
        return _("between {groups}").format(groups=groups)
    if above.in_wave:
        return _("between {groups} within a {group} and wave").format(
            groups=groups, group=names.level(above.unit)
        )
    return _("between {groups} within {outer}").format(groups=groups, outer=names.plural(above))


def level_above(level: Level, levels: Sequence[Level]) -> Level | None:
    """The level right above another one; None for the outermost."""
    position = levels.index(level) if level in levels else 0
    return levels[position - 1] if position > 0 else None


def is_crossed(level: Level, levels: Sequence[Level]) -> bool:
    """Whether the units of a level are found under several units of the level above it."""
    above = level_above(level, levels)
    if above is None or not level.ids:
        return False
    return level.ids[: len(above.ids)] != above.ids


def identifier(level: Level) -> str:
    """What tells a level from the others in identifiers of tables and charts."""
    return f"{level.unit} in wave" if level.in_wave else level.unit


def pluralise(word: str) -> str:
    """A plain English plural, for levels without a configured one."""
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"
