"""Everything the sections of one report read: the inputs as traced nodes, and the labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlm.configuration.models import Configuration
from mlm.nouns.design import CROSS_SECTION, NEW_SCHOOLS, SAME_PUPILS, SAME_SCHOOLS
from mlm.pages.disclosure.rules import Rules, rules_of
from mlm.pages.labels import IN_WAVE, RESIDUAL, Labels, capitalise
from mlm.pages.language import N_, _
from mlm.pages.node import Node

DESIGN_WORDS = {
    SAME_PUPILS: N_("the same pupils, observed again in later waves"),
    SAME_SCHOOLS: N_("the same schools, with new pupils in every wave"),
    NEW_SCHOOLS: N_("a new sample of schools in every wave"),
    CROSS_SECTION: N_("one wave"),
}

MODELS = {
    "null": N_("Null model"),
    "full": N_("Full model"),
    "final": N_("Final model"),
    "slopes_model": N_("Final model with random slopes"),
}


@dataclass(frozen=True)
class Context:
    """The inputs of one report."""

    configuration: Configuration
    analysis: str
    results: Node
    survey: Node
    provenance: Node
    previous: Node
    labels: Labels
    rules: Rules

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs by the names that sources begin with."""
        names = ("results", "survey", "provenance", "previous")
        return {name: getattr(self, name).value for name in names}

    @cached_property
    def dominated_waves(self) -> frozenset[str]:
        """Waves in which one unit holds nearly all people."""
        from mlm.pages.disclosure.contributors import dominated_waves

        return dominated_waves(self)

    @property
    def levels(self) -> list[Node]:
        """The levels from top to bottom, the residual level last."""
        return list(self.results.get("levels"))

    @property
    def lowest(self) -> str:
        """Name of the lowest level, whose units are the rows."""
        return self.levels[-1]["name"].value

    @property
    def rows_word(self) -> str:
        """What a row is, in the plural (observations when the lowest level is an occasion)."""
        return self.labels.plural(self.lowest)

    @property
    def variables(self) -> list[str]:
        """Variables of the models: the outcome, then those of the full model; time left out."""
        terms = self.results.get("full", "terms").value or []
        names = [factor.partition("^")[0] for term in terms for factor in term.split(":")]
        names = [self.labels.analysis.outcome, *names]
        names += self.results.get("rows_without").value or ()
        return [name for name in dict.fromkeys(names) if name != self.time]

    @property
    def design(self) -> str:
        """The design in words: what is observed again in later waves."""
        return _(DESIGN_WORDS[self.configuration.design])

    @property
    def is_longitudinal(self) -> bool:
        """Whether there is more than one wave."""
        return len(self.results.get("time", "waves").value or []) > 1

    @property
    def final(self) -> Node:
        """The final model with random intercepts, under REML."""
        return self.results.get("final", "reml")

    @property
    def with_slopes(self) -> Node | None:
        """The final model with the random slopes that it keeps, under REML; None without any."""
        return self.results["slopes_model"]["reml"] if self.settling else None

    @property
    def settling(self) -> list[Node]:
        """Steps of the reduction with random slopes in the model; none without any."""
        return list(self.results.get("slopes_model", "path"))

    @property
    def settled_terms(self) -> Node:
        """Fixed terms of the final model, in the end."""
        return self.results["slopes_model" if self.settling else "final"]["terms"]

    def model_title(self, key: str) -> str:
        """A model of the results as a heading: ``Null model``."""
        return _(MODELS[key])

    @property
    def changing(self) -> list[str]:
        """Levels whose effects change over waves although the models take them as constant.

        Where a model with effects by wave was found, those of that model: what inner units change
        by shows in the tests of outer ones too.
        """
        told = self.results.get("stability", "by_wave").value or ()
        return [
            item["level"].value
            for item in self.results.get("stability", "levels")
            if item.get("constant_in_models").value
            and not item.get("p_value").missing
            and item["p_value"].value < self.labels.analysis.alpha
            and (not told or item["level"].value in told)
        ]

    @property
    def settled(self) -> Node:
        """The model that intervals and tests of coefficients come from."""
        return self.with_slopes or self.final

    @property
    def time(self) -> str:
        """Name of the time variable."""
        return self.labels.time_name

    def level_of(self, group: str) -> str:
        """Name of the level whose grouping is `group` (``school:pupil`` reads ``pupil``)."""
        for level in self.levels:
            if level["group"].value == group:
                return level["name"].value
        return self.lowest if group == RESIDUAL else group

    def between(self, name: str) -> str:
        """Where the variation of a level lies: ``between pupils within schools``."""
        names = [level["name"].value for level in self.levels]
        position = names.index(name) if name in names else 0
        if name.endswith(IN_WAVE):
            groups = self.labels.plural(name.removesuffix(IN_WAVE))
            return _("between waves within {groups}").format(groups=groups)
        if position == 0 or self.is_crossed(name):
            return _("between {groups}").format(groups=self.labels.plural(name))
        above = names[position - 1]
        groups = self.labels.plural(name)
        if above.endswith(IN_WAVE):
            group = self.labels.level(above.removesuffix(IN_WAVE))
            return _("between {groups} within a {group} and wave").format(
                groups=groups, group=group
            )
        outer = self.labels.plural(above)
        return _("between {groups} within {outer}").format(groups=groups, outer=outer)

    def is_crossed(self, name: str) -> bool:
        """Whether the units of a level are found under several units of the level above it."""
        groups = {level["name"].value: level["group"].value for level in self.levels}
        names = list(groups)
        position = names.index(name) if name in groups else 0
        if position == 0 or groups[name] == RESIDUAL:
            return False
        return not groups[name].startswith(f"{groups[names[position - 1]]}:")

    @property
    def crossed_units(self) -> list[str]:
        """Plurals of the levels whose units are found under several units of the level above."""
        names = [level["name"].value for level in self.levels]
        return [self.labels.plural(name) for name in names if self.is_crossed(name)]

    def title_of(self, name: str) -> str:
        """A level as a row heading."""
        return capitalise(self.labels.plural(name))


def make_context(
    configuration: Configuration,
    analysis: str,
    results: Mapping[str, Any],
    survey: Mapping[str, Any],
    provenance: Mapping[str, Any],
    previous: Mapping[str, Any] | None = None,
) -> Context:
    """The context of one report, its inputs wrapped so that numbers keep their source."""
    return Context(
        configuration=configuration,
        analysis=analysis,
        results=Node(results, "results#"),
        survey=Node(survey, "survey#"),
        provenance=Node(provenance, "provenance#"),
        previous=Node(previous, "previous#"),
        labels=Labels(configuration, analysis),
        rules=rules_of(configuration, len(results["time"]["waves"]) if "time" in results else 1),
    )
