"""Rows of all waves to the cross-products of an analysis with weights or plausible values.

Weights are scaled by what all rows of a group have, so that waves are not summed apart: all columns
of the full model, time among them, and all draws are made in one pass over the rows of all waves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mlm.nouns.coding import CodedColumn, columns_of, model_columns
from mlm.nouns.columns import Column, Columns, scales_of
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import ROW, WAVE
from mlm.nouns.model import Factor, Model, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.nouns.plausible_values import models_of
from mlm.nouns.sampling import SamplingDesign, Scaling
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.joined_rows import JoinedRows, RowsWithWeight
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import Rows, evenly_spaced
from mlm.statistics.evidence.crossproducts import CrossProducts


class SampleStatistics:
    """Cross-products of the rows of an analysis, under its weights, others, and none.

    Parameters
    ----------
    plan : Plan
        The analysis, its sample among what it knows.
    waves : mapping of str to Rows
        Rows by wave.
    """

    def __init__(self, plan: Plan, waves: Mapping[str, Rows]):
        design = plan.sampling.design
        self.plan, self.design = plan, design and design.of_models(plan.groups)
        self.rows = joined_waves(plan, waves)
        full = _with_slopes(plan)
        models = models_of(full, plan.sampling.scores) if plan.sampling.scores else (full,)
        self.models = models
        self.outcome = tuple(model.response for model in models)
        coded = [model_columns(model, plan.categories) for model in models]
        self._columns = self._recipe([c for one in coded for c in _all(one)])
        self._tried = self._columns
        if plan.pupil_candidates[0]:
            rich = full.with_terms((*full.terms, *plan.pupil_candidates[0]))
            each = models_of(rich, plan.sampling.scores) if plan.sampling.scores else (rich,)
            own = [model_columns(model, plan.categories) for model in each]
            self._tried = self._recipe([c for one in own for c in _all(one)])
        self._hierarchy = Hierarchy.of(
            (term.group, [s for c in own for s in self._columns.expansion(c.column)])
            for model, (_, random, _) in zip(models, coded, strict=True)
            for term, own in zip(model.random, random, strict=True)
        )

    def _recipe(self, coded: Sequence[CodedColumn]) -> Columns:
        """The stored columns; draws of one score have the same origin and unit."""
        powers = {(v, f) for c in coded for v, f, _ in c.column.powers}
        time = (self.plan.time.name, "identity")
        read = sorted({v for v, _ in powers - {time}})
        found = evenly_spaced(self.rows, read)
        scales = scales_of({v: found[v] for v in read}, powers - {time})
        for score in self.plan.sampling.scores:
            for column in score.columns:
                for name, function in list(scales):
                    if name == column:
                        scales[name, function] = scales[score.columns[0], function]
        if time in powers:
            scales[time] = self.plan.time.scale
        return columns_of(coded, scales, self.plan.categories)

    @property
    def origin(self) -> float:
        """What is taken off the outcome before it is summed."""
        return self._columns.scales[self.outcome[0], "identity"][0]

    def weighted(self) -> CrossProducts:
        """Under the weights of the analysis; of all rows alike where it has none.

        The columns of products that are tried are with those of the models.
        """
        return _summed(self.rows, Wanted(self._tried, self._hierarchy, design=self.design))

    def scaled(
        self, scaling: Scaling, groups: Sequence[tuple[str, ...]] | None = None
    ) -> CrossProducts:
        """Under its weights, scaled otherwise; of some levels alone, where these are named."""
        other = replace(self.design, scaling=scaling, replicates=None, standard_errors="linearised")
        levels = self._hierarchy.levels
        kept = tuple(level for level in levels if groups is None or level.group in groups)
        return _summed(self.rows, Wanted(self._columns, Hierarchy(kept), design=other))

    def unweighted(self) -> CrossProducts:
        """Of all complete rows alike; they tell rows, units and moments of each wave too.

        Rows with a weight of zero are left out, as they are of the weighted sums.
        """
        plan, columns = self.plan, self._columns
        waves = [Column(indicators=((plan.time.factor, wave),)) for wave in plan.time.waves]
        groups = [(level.group, level.candidates) for level in self._hierarchy.levels]
        if len(waves) > 1:
            outcome = [Column(powers=((name, "identity", 1),)) for name in self.outcome]
            known = {**columns.categories, plan.time.factor: plan.time.waves}
            columns = Columns(columns.columns, columns.scales, known)
            columns = columns.extended([*waves, *(y.times(w) for y in outcome for w in waves)])
            groups = [(group, [*own, *waves]) for group, own in groups]
        kept = RowsWithWeight(self.rows, self.design.columns if self.design else ())
        return _summed(kept, Wanted(columns, Hierarchy.of(groups)))


def _summed(rows: Rows, wanted: Wanted) -> CrossProducts:
    (found,) = accumulate_together(rows, [wanted])
    return found.cross_products()


def _all(coded: tuple) -> list[CodedColumn]:
    fixed, random, response = coded
    return [*fixed, *(column for term in random for column in term), response]


def joined_waves(plan: Plan, waves: Mapping[str, Rows]) -> JoinedRows:
    """The rows of all waves, with the wave and the time of each."""
    labels = {wave: plan.time.columns_of(wave) for wave in plan.time.waves}
    known = {**plan.categories, WAVE: plan.time.waves}
    return JoinedRows({wave: waves[wave] for wave in plan.time.waves}, labels, known)


def _with_slopes(plan: Plan) -> Model:
    """The full model with all slopes that may be tried, from which the recipe is made.

    Effects of units that recur are in it by wave too, and where time is a line or curve the waves
    as categories.
    """
    full = plan.full_model()
    if plan.time.may_depart:
        full = full.with_terms((*full.terms, plan.time.departures))
    mains = {term.key for term in full.terms}
    random = []
    for term in full.random:
        is_lowest = plan.design.follows_lowest and term.group == plan.groups[-1]
        names = () if is_lowest else plan.slope_variables(term.group)
        tried = [Term((Factor(v),)) for v in names]
        random.append(RandomTerm(term.group, (Term(), *(t for t in tried if t.key in mains))))
    if len(plan.time.waves) > 1:
        waves = Term((Factor(plan.time.factor),))
        random += [RandomTerm(group, (waves,)) for group in plan.recurring_groups]
    return full.with_random(random)


def overall_weights(plan: Plan, design: SamplingDesign | None) -> tuple[str, ...]:
    """Columns whose product is the overall weight of a row; none where rows do not weigh."""
    if design is None:
        return ()
    if design.are == "conditional":
        return design.columns
    if ROW in design.weights:
        return (design.weights[ROW],)
    named = [design.key_of(group) for group in plan.groups]
    inner = [design.weights[key] for key in named if key in design.weights]
    return (inner[-1] if inner else design.columns[-1],)
