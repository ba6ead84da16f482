"""Everything the sections of one report read: the inputs as views, and the labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from mlm.configuration.models import Configuration
from mlm.nouns.design import CROSS_SECTION, NEW_SCHOOLS, SAME_PUPILS, SAME_SCHOOLS
from mlm.pages.derived import Ways
from mlm.pages.disclosure.rules import Rules
from mlm.pages.labels import Labels, capitalise
from mlm.pages.language import N_, _
from mlm.pages.text import enumerate_words, plain_text
from mlm.pages.words import levels as words_of_levels
from mlm.results.level import Level
from mlm.results.notes import MergedLevels
from mlm.results.reading import At
from mlm.results.record import Record
from mlm.results.sample import AnalysisHead
from mlm.results.storing.tabled import data_of

DESIGN_WORDS = {
    SAME_PUPILS: N_("the same pupils, observed again in later waves"),
    SAME_SCHOOLS: N_("the same schools, with new pupils in every wave"),
    NEW_SCHOOLS: N_("a new sample of schools in every wave"),
    CROSS_SECTION: N_("one wave"),
}

MODELS = {
    "null": N_("Null model"),
    "full": N_("Full model"),
    "settled": N_("Settled model"),
}


class ToldShare(NamedTuple):
    """Share of a level in the variance, with the ends of its 95 % interval."""

    level: Level
    share: At
    lower: At
    upper: At


@dataclass(frozen=True)
class Context:
    """The inputs of one report, of whichever kind its results are.

    ``results`` is a view of :class:`AnalysisResults` or :class:`SampledResults`, ``survey`` of
    :class:`SurveyAccount` and ``previous`` of :class:`KeptRecord`, which is missing where there is
    none. What the results of one kind alone have stands in the context of that kind.
    """

    configuration: Configuration
    analysis: str
    results: At
    survey: At
    provenance: At
    previous: At
    labels: Labels
    rules: Rules

    @property
    def views(self) -> tuple[At, ...]:
        """The inputs."""
        return (self.results, self.survey, self.provenance, self.previous)

    @property
    def settled(self) -> At:
        """The settled model, from which answers are read."""
        raise NotImplementedError

    @property
    def level_shares(self) -> list[ToldShare]:
        """Shares of the levels in the variance of the null model, of those that are known."""
        raise NotImplementedError

    def spread_behind(self, effect: At) -> At | None:
        """Standard deviation in which an effect of a policy is told; None where not known."""
        raise NotImplementedError

    def spread_of(self, wave: str) -> At | None:
        """Standard deviation of the outcome in a wave; None where it is not known."""
        raise NotImplementedError

    @staticmethod
    def effects_in(results: At) -> list[At]:
        """Effects of single units in results, one a level; none where none are told."""
        raise NotImplementedError

    @property
    def is_imputed(self) -> bool:
        """Whether rows that lack a covariate are used, completed by imputations.

        Results of a sample are never of such rows.
        """
        known = type(self.results.value).model_fields
        return "imputed" in known and not self.results.imputed.missing

    @property
    def is_pooled(self) -> bool:
        """Whether models were fitted to several imputations, which have no common likelihood."""
        return self.is_imputed

    @property
    def unit_effects(self) -> list[At]:
        """Effects of single units, one a level; none where none are told."""
        return self.effects_in(self.results)

    @property
    def records(self) -> dict[str, Record | None]:
        """The inputs by the names that sources begin with."""
        return {view.source.removesuffix("#"): view.value for view in self.views}

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """The inputs as they are stored, by the names that sources begin with."""
        return {name: _stored(record) for name, record in self.records.items()}

    @cached_property
    def ways(self) -> Ways:
        """The ways from the inputs down to places in them."""
        return Ways(self.records)

    @cached_property
    def dominated_waves(self) -> frozenset[str]:
        """Waves in which one unit holds nearly all people."""
        from mlm.pages.disclosure.contributors import dominated_waves

        return dominated_waves(self)

    @cached_property
    def weak_categories(self) -> frozenset[tuple[str, str, str | None]]:
        """Categories that few have: variable, category, and the wave; None: in all waves."""
        from mlm.pages.disclosure.support import weak_categories

        return weak_categories(self)

    @cached_property
    def weak_cells(self) -> frozenset[tuple[frozenset[tuple[str, str]], str | None]]:
        """The same for two categories together: each a variable and a category."""
        from mlm.pages.disclosure.support import weak_cells

        return weak_cells(self)

    @property
    def hidden_groups(self) -> frozenset[str]:
        """Places of groups of rows of which no mean or share may be shown; none without such."""
        return frozenset()

    @property
    def levels(self) -> list[At]:
        """The levels with their sizes from top to bottom, the level of the rows last."""
        return list(self.results.levels)

    @property
    def sizes(self) -> list[tuple[Level, At]]:
        """The levels with the number of their units: a person who moved is one person."""
        return [
            (item.level.value, item.n if item.distinct.missing else item.distinct)
            for item in self.levels
        ]

    @cached_property
    def hierarchy(self) -> tuple[Level, ...]:
        """The levels from top to bottom."""
        return tuple(item.level.value for item in self.levels)

    @property
    def lowest(self) -> Level:
        """The lowest level, whose units are the rows."""
        return self.hierarchy[-1]

    @property
    def rows_word(self) -> str:
        """What a row is, in the plural (observations when the lowest level is an occasion)."""
        return self.levels_apart.labels.plural(self.lowest)

    @property
    def variables(self) -> list[str]:
        """Variables of the models: the outcome, then those of the full model; time left out."""
        names = [self.results.outcome.value]
        names += [f.variable for term in self.results.full.terms.value for f in term]
        names += self.incomplete
        return [name for name in dict.fromkeys(names) if name != self.time]

    @property
    def incomplete(self) -> list[str]:
        """Variables of the models that rows lack, those of several draws once, by their rows."""
        lacking = sorted(self.results.rows_without, key=lambda item: -item.rows.value)
        names = (self.configuration.held_in(item.variable.value) for item in lacking)
        return list(dict.fromkeys(names))

    @property
    def design(self) -> str:
        """The design in words: what is observed again in later waves."""
        return _(DESIGN_WORDS[self.configuration.design])

    @property
    def is_longitudinal(self) -> bool:
        """Whether there is more than one wave."""
        return len(self.results.time.waves) > 1

    def model_title(self, key: str) -> str:
        """A model of the results as a heading: ``Null model``."""
        return _(MODELS[key])

    @property
    def time(self) -> str:
        """Name of the time variable."""
        return self.labels.time_name

    def between_units(self, level: Level) -> str:
        """Where the variation of a level lies: ``between pupils within schools``."""
        if level.in_wave and level in self.labels.joint:
            return _("between {groups}").format(groups=self.labels.plural(level))
        return words_of_levels.between_units(level, self._around(level), self.labels)

    def _around(self, level: Level) -> tuple[Level, ...]:
        """The levels that a level may lie in: pupils do not lie in classes of single waves."""
        if self.is_beside(level):
            return self.hierarchy
        return tuple(other for other in self.hierarchy if not self.is_beside(other))

    def is_beside(self, level: Level) -> bool:
        """Whether the units of a level are crossed with those that are followed: classes."""
        return level.unit in self.configuration.crossing_levels

    @property
    def levels_apart(self) -> Context:
        """The same with every level under its own name, where the units themselves are told."""
        return replace(self, labels=Labels(self.configuration, self.analysis))

    @property
    def beside(self) -> dict[str, str] | None:
        """Plurals of ``units`` such as classes and of the ``others``, pupils, that they cross."""
        units = [self.labels.plural(level) for level in self.hierarchy if self.is_beside(level)]
        if not units:
            return None
        return {
            "units": plain_text(enumerate_words(units)),
            "others": self.labels.plural(self.configuration.level_names[-1]),
        }

    def is_crossed(self, level: Level) -> bool:
        """Whether the units of a level are found under several units of the level around it."""
        return words_of_levels.is_crossed(level, self._around(level))

    @property
    def crossed_units(self) -> list[str]:
        """Plurals of the levels whose units are found under several units of the level above."""
        return [
            self.labels.plural(level)
            for level in self.hierarchy
            if self.is_crossed(level) and not self.is_beside(level)
        ]

    def title_of(self, level: Level | str) -> str:
        """A level, or units by their name, as a row heading."""
        return capitalise(self.labels.plural(level))

    def title_with_held(self, item: At) -> str:
        """The level of a variance with those whose variation it holds too, as a row heading."""
        names = [self.labels.plural(level) for level in (item.level.value, *item.holds.value)]
        return capitalise(plain_text(enumerate_words(names)))


def joint_levels(results: AnalysisHead) -> dict[Level, tuple[Level, ...]]:
    """Levels of the models that were fitted as one with others, and all of these."""
    joint: dict[Level, tuple[Level, ...]] = {}
    for note in results.notes:
        if isinstance(note, MergedLevels):
            outer, inner = note.level, note.child
            together = (*joint.get(outer, (outer,)), *joint.get(inner, (inner,)))
            joint.update(dict.fromkeys(together, together))
    return joint


def _stored(record: Record | None) -> Any:
    return None if record is None else data_of(record)
