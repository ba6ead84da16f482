"""What an analysis sets out to do: outcome, levels, terms, time, policies, thresholds.

A plan holds no row, path or label. Layer: nouns.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from mlm.nouns.assignment import Assignment
from mlm.nouns.candidates import (
    MAX_COLUMNS,
    MAX_OF_SAMPLES,
    cross_level_terms,
    main_variables,
    pupil_terms,
)
from mlm.nouns.coding import CodedColumn, code_terms, columns_of
from mlm.nouns.columns import Column, Columns
from mlm.nouns.comparison import ComparisonRule
from mlm.nouns.design import Design
from mlm.nouns.levels import WAVE, PlannedLevel
from mlm.nouns.missing_values import MissingValues
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.planned_time import PlannedTime
from mlm.nouns.sampled_plan import SampledPlan


@dataclass(frozen=True)
class Plan:
    """All that the statistics room needs to know of one analysis.

    Attributes
    ----------
    survey, analysis, outcome : str
        Names.
    design : Design
        What recurs from wave to wave.
    levels : tuple of PlannedLevel
        Top to bottom, the residual last.
    time : PlannedTime
        The waves.
    terms : tuple of Term
        Fixed terms without time.
    time_terms : tuple of Term
        Time, its powers and its products.
    protected : tuple of Term
        Terms that the reduction never drops.
    policy : mapping of str to Assignment
        How units came under each policy, by its variable.
    slopes : tuple of str
        Variables that may vary over groups.
    variable_levels : mapping of str to str
        Level that each variable describes; ``row`` for the lowest.
    categories : mapping of str to tuple of str
        Categories, the reference first, time included.
    alpha : float
        Significance level of the reduction.
    ranking : mapping of str to float
        Thresholds of the ranking licence: reliability, separable, stability.
    pupil_interactions : bool
        Whether products and squares of the variables of the lowest levels are tried.
    unit_means : mapping of str to tuple of str
        Variables that are split into effects within and between units, with their unit means.
    unit_shares : mapping of str to str
        Of the unit means of a category, its share, the category by their names.
    comparison : ComparisonRule
        What of the effects of units is compared.
    sampling : SampledPlan or None
        How the sample was drawn and its scores measured; None: all that is known are the rows.
    missing : MissingValues
        What becomes of rows that lack a covariate.
    """

    survey: str
    analysis: str
    outcome: str
    design: Design
    levels: tuple[PlannedLevel, ...]
    time: PlannedTime
    terms: tuple[Term, ...]
    time_terms: tuple[Term, ...]
    protected: tuple[Term, ...]
    policy: Mapping[str, Assignment]
    slopes: tuple[str, ...]
    variable_levels: Mapping[str, str]
    categories: Mapping[str, tuple[str, ...]]
    alpha: float
    ranking: Mapping[str, float]
    pupil_interactions: bool = True
    unit_means: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit_shares: Mapping[str, str] = field(default_factory=dict)
    comparison: ComparisonRule = ComparisonRule()
    sampling: SampledPlan | None = None
    missing: MissingValues = MissingValues()

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of each random level, outermost first."""
        return tuple(level.group for level in self.levels if level.group)

    @property
    def recurring_groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of the units that are seen in several waves, level by level."""
        follows, groups = self.design.follows_lowest, self.groups
        named = (group for group in groups if WAVE not in group)
        return tuple(group for group in named if follows or (*group, WAVE) in groups)

    @property
    def is_crossed(self) -> bool:
        """Whether the lowest units are crossed with those above them."""
        pairs = itertools.pairwise(self.groups)
        return any(inner[: len(outer)] != outer for outer, inner in pairs)

    def assignment(self, variable: str) -> Assignment:
        """How units came under a variable; one that is no policy was observed as it occurred."""
        return self.policy.get(variable, Assignment("observational"))

    def level_of(self, key: str) -> PlannedLevel:
        """The level with this grouping factor."""
        return next(level for level in self.levels if level.key == key)

    def depth(self, variable: str) -> int:
        """Place, from the top, of the level that a variable describes; rows come last."""
        order = [level.group[-1] for level in self.levels if level.group]
        level = self.variable_levels[variable]
        return order.index(level) if level in order else len(order)

    def slope_variables(self, group: tuple[str, ...]) -> tuple[str, ...]:
        """What may have slopes over these groups: variables on the list, of a lower level.

        Lines in time are forms of the effects over waves.
        """
        if self.level_of(":".join(group)).beside:
            return ()
        return tuple(v for v in self._row_slopes(group) if v != self.time.name)

    def _row_slopes(self, group: tuple[str, ...]) -> tuple[str, ...]:
        place = [level.group for level in self.levels].index(group)
        return tuple(v for v in self.slopes if self.depth(v) > place)

    @property
    def pupil_variables(self) -> tuple[str, ...]:
        """Variables with a main effect that describe rows, or the pupils that the rows are of."""
        lowest = len(self.groups) - self.design.follows_lowest
        return tuple(v for v in main_variables(self.terms) if self.depth(v) >= lowest)

    @property
    def pupil_candidates(self) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        """Products and squares of pupil variables that are tried, and those that are too many."""
        if not self.pupil_interactions:
            return (), ()
        limit = MAX_COLUMNS if self.sampling is None else MAX_OF_SAMPLES
        return pupil_terms(self.terms, self.pupil_variables, self.categories, limit)

    @property
    def cross_level_candidates(self) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        """Products of slope variables with variables of groups to try, and those too many."""
        mains = main_variables(self.terms)
        groups = [v for v in mains if v not in self.pupil_variables]
        slopes = [v for v in self.slopes if v in mains]
        above = {x: [z for z in groups if self.depth(z) < self.depth(x)] for x in slopes}
        return cross_level_terms(self.terms, slopes, above, self.categories)

    def null_model(self) -> Model:
        """Random intercepts at every level, time alone in the fixed part."""
        return self.model(self.time.terms)

    def full_model(self) -> Model:
        """Every configured term."""
        powers = len(self.time.terms)
        return self.model((*self.time.terms, *self.terms, *self.time_terms[powers:]))

    def model(self, terms: tuple[Term, ...]) -> Model:
        """The random intercepts of the design with some fixed terms, lower orders first."""
        ordered = sorted(terms, key=lambda term: term.order)
        random = tuple(RandomTerm(group) for group in self.groups)
        return Model(self.outcome, (Term(), *ordered), random)

    # --- columns --------------------------------------------------------------------------

    def row_columns(self, scales: Mapping[tuple[str, str], tuple[float, float]]) -> Columns:
        """Recipe of the columns that need rows: everything without time."""
        variables = {v: None for term in self.time_terms for v in term.variables}
        mains = [Term((Factor(v),)) for v in [*variables, *self.slopes] if v != self.time.name]
        tried = (*self.pupil_candidates[0], *self.cross_level_candidates[0])
        coded = code_terms(_distinct((Term(), *self.terms, *mains, *tried)), self.categories)
        coded += code_terms((Term((Factor(self.outcome),)),), {})
        return columns_of(coded, scales, self.categories).extended(self._outcome_by_policy())

    def _outcome_by_policy(self) -> list[Column]:
        """The outcome in each group of a policy but the reference, for its moments there."""
        outcome = Column(powers=((self.outcome, "identity", 1),))
        return [
            outcome.times(Column(indicators=((policy, category),)))
            for policy in self.policy
            if policy in main_variables(self.terms)
            for category in self.categories.get(policy, ())[1:]
        ]

    def row_candidates(self, group: tuple[str, ...], columns: Columns) -> list[Column]:
        """Stored columns without time that may vary over the groups of a level."""
        if self.design.follows_lowest and group == self.groups[-1]:
            return []
        if self.level_of(":".join(group)).beside:
            return []
        return [s for c in self.slope_columns(group) for s in columns.expansion(c.column)]

    def slope_columns(self, group: tuple[str, ...]) -> list[CodedColumn]:
        """Raw columns of the slope variables of a level, time left out."""
        terms = (Term(), *(Term((Factor(v),)) for v in self._row_slopes(group)))
        return code_terms(terms, self.categories)[1:]

    def all_columns(self, row_columns: Columns) -> Columns:
        """Recipe of all columns: those of the rows, time, and their products."""
        scales = dict(row_columns.scales)
        scales[self.time.name, "identity"] = self.time.scale
        coded = code_terms(self.time.saturated(self.full_model().terms), self.categories)
        waves = [Column(indicators=((self.time.factor, wave),)) for wave in self.time.waves]
        outcome = Column(powers=((self.outcome, "identity", 1),))
        waves += [outcome.times(wave) for wave in waves]  # for the outcome's moments in each wave
        categories = {**row_columns.categories, self.time.factor: self.time.waves}
        made = columns_of(coded, scales, {**self.categories, **categories})
        merged = Columns(row_columns.columns, {**scales, **made.scales}, categories)
        return merged.extended([*waves, *made.columns])


def _distinct(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple({term.key: term for term in terms}.values())
