"""From rows to states of the sampler: the joint model that analyses need, and its draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mlm.errors import ModelError, NotImputable
from mlm.nouns.model import Factor, Model, Term
from mlm.results.missing.joint_model import NotCompatible
from mlm.rows.accumulating.model_statistics import categorical, recipe_of_models, variables_of
from mlm.rows.accumulating.sources import Source, check_columns
from mlm.rows.imputing.claim import (
    Claim,
    not_compatible,
    predictor_columns,
    response_columns,
    usual_claim,
    with_responses,
)
from mlm.rows.imputing.completed_rows import RowImputer
from mlm.rows.imputing.crossed_rows import with_crossed
from mlm.rows.imputing.held_rows import HeldRows
from mlm.rows.imputing.imputed_units import ImputedUnits, unit_responses, units_of
from mlm.rows.imputing.level_sums import LevelSums, sums_by_level
from mlm.rows.imputing.row_reader import KnownGroups, RowReader
from mlm.statistics.evidence.pattern_sums import PatternSums
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.joint_model import JointModel
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.sampling import ChainPlan, SampledStates, sampled
from mlm.statistics.imputation.units.responses import UnitResponses

Scales = Mapping[tuple[str, str], tuple[float, float]]


@dataclass(frozen=True)
class JointDraws:
    """States of the sampler, one an imputation, and what they are states of.

    Attributes
    ----------
    aligned : Aligned
        Sums by pattern and nested levels.
    levels : tuple of KnownGroups
        All levels: nested ones, outermost first, then crossed ones.
    model : JointModel
        The joint model.
    sampled : SampledStates
        Its states and their convergence.
    reader : RowReader
        Reads the rows as the model sees them.
    units : tuple of UnitResponses
        Incomplete variables of units, a level each, in the order of the levels.
    not_compatible : tuple of NotCompatible
        Terms of the analyses that the model does not imply.
    in_sums : bool
        Whether the sums by pattern hold all that the analyses need.
    seed : int
        Of the random numbers.
    """

    aligned: Aligned
    levels: tuple[KnownGroups, ...]
    model: JointModel
    sampled: SampledStates
    reader: RowReader
    units: tuple[UnitResponses, ...]
    not_compatible: tuple[NotCompatible, ...]
    in_sums: bool
    seed: int

    @property
    def sums(self) -> PatternSums:
        """Sums by pattern as they were."""
        return self.aligned.sums

    @property
    def missing(self) -> dict[str, int]:
        """Rows that lack each variable that some lack."""
        return {name: rows for name, rows in self.sums.missing.items() if rows}

    @property
    def by_sums(self) -> bool:
        """Whether completed sums can be drawn without rows."""
        linear = not self.not_compatible and not self.model.latents
        return self.in_sums and linear and not self.units and not self.crossed

    @property
    def crossed(self) -> tuple[KnownGroups, ...]:
        """Levels that are crossed with the nested ones."""
        return self.levels[len(self.aligned.parents) :]

    def imputer(self, shift: Mapping[str, float] | None = None) -> RowImputer:
        """What fills in the rows.

        Parameters
        ----------
        shift : mapping of str to float, optional
            By number, what is added to each of its imputed values, in its unit.
        """
        columns, states = self.sums.columns, self.sampled.states
        of_units = ImputedUnits(columns, self.units, self.aligned.parents)
        return RowImputer(columns, self.model, self.reader, states, self.seed, of_units, shift)


def joint_draws(
    models: Sequence[Model],
    source: Source,
    auxiliary: Sequence[str],
    claim: Claim | None,
    how: ChainPlan,
    scales: Scales | None = None,
    crossed: Sequence[tuple[str, ...]] = (),
) -> JointDraws:
    """Draw states of the joint model that some analyses of one outcome need.

    Parameters
    ----------
    models : sequence of Model
        The analyses.
    source : Source
        Rows that lack values; those without the outcome are left out.
    auxiliary : sequence of str
        Further variables of the joint model.
    claim : Claim or None
        What responds and explains over which levels; None: what the analyses imply.
    how : ChainPlan
        Draws, chains and iterations.
    scales : mapping of (variable, function) to (origin, unit), optional
        Those of numeric variables that are known.
    crossed : sequence of tuple of str
        Id columns of levels beside those of the analyses, crossed with these.

    Raises
    ------
    ModelError
        When there are several outcomes, no level, or a variable without any value or without a
        place in the model.
    SurveyError
        When the rows are unfit.
    """
    found_sums = _sums_by_pattern(models, auxiliary, claim, source, scales or {}, crossed)
    sums = found_sums.nested
    incomplete = {name for name, rows in sums.missing.items() if rows}
    claim = claim or usual_claim(models, auxiliary, incomplete)
    unknown = sorted(incomplete - set(claim.responses))
    if unknown:
        raise ModelError(
            f"{', '.join(unknown)}: missing in some rows, and no response of the model of missing "
            "values. Add it to the left side."
        )
    aligned = Aligned.of(sums)
    beside = {group: Aligned.of(own) for group, own in found_sums.crossed.items()}
    found_units = units_of(claim, incomplete, aligned, list(beside.values()))
    of_rows = replace(claim, responses=tuple(n for n in claim.responses if n not in found_units))
    model = _joint_model(of_rows, sums, aligned)
    nested = zip(aligned.patterns[0].stats.levels, aligned.keys, strict=True)
    levels = [KnownGroups(level.group, keys) for level, keys in nested]
    lowest = len(levels) - 1
    levels += [KnownGroups(group, own.keys[-1]) for group, own in beside.items()]
    known = levels[lowest:]
    reader = RowReader(sums.columns, model, known, incomplete, found_units)
    by_units = [PatternTable.of(own, model) for own in beside.values()]
    table = with_crossed(PatternTable.of(aligned, model), by_units, source, reader)
    units = unit_responses(found_units, model, table, sums.columns)
    rows = HeldRows(source, reader, model, table) if model.latents else None
    found = sampled(table, model, [level.group for level in levels], how, rows, units)
    told, in_sums = not_compatible(models, incomplete), found_sums.holds_all
    return JointDraws(aligned, tuple(levels), model, found, reader, units, told, in_sums, how.seed)


def _sums_by_pattern(
    models: Sequence[Model],
    auxiliary: Sequence[str],
    claim: Claim | None,
    source: Source,
    scales: Scales,
    crossed: Sequence[tuple[str, ...]],
) -> LevelSums:
    """Sums of all that analyses and joint model name."""
    outcome = _one_outcome(models)
    further = Model(outcome, tuple(Term((Factor(name),)) for name in auxiliary))
    served = [*models, further, *(with_responses(claim, models) if claim else [])]
    variables = list(dict.fromkeys(name for each in served for name in variables_of(each)))
    ids = [name for each in served for term in each.random for name in term.group]
    beside = [name for group in crossed for name in group]
    check_columns(source, [*variables, *ids, *beside])
    texts = categorical(source, variables)
    categories = {v: tuple(map(str, c)) for v, c in source.distinct(texts).items()}
    columns, hierarchy = recipe_of_models(served, categories, source, scales)
    if not hierarchy.levels:
        raise NotImputable(
            "no_level",
            f"{models[0].formula}: no level; expected a random intercept such as (1 | school), "
            "over whose groups the missing values have effects.",
        )
    lacking = [name for name in variables if name != outcome]
    chosen = claim.groups if claim else [level.group for level in hierarchy.levels]
    found = sums_by_level(source, columns, hierarchy, lacking, chosen, crossed)
    sums = found.nested
    for name, rows in sums.missing.items():
        if rows == sums.n_obs:
            raise NotImputable(
                "no_value",
                f"{name} is missing in all {rows} rows that have {outcome}: there is nothing to "
                "impute it from. Leave it out.",
            )
    return found


def _one_outcome(models: Sequence[Model]) -> str:
    outcomes = list(dict.fromkeys(model.response for model in models))
    if len(outcomes) != 1:
        raise ModelError(
            f"{len(outcomes)} outcomes ({', '.join(outcomes)}); expected analyses of one outcome, "
            "whose rows are imputed together."
        )
    return outcomes[0]


def _joint_model(claim: Claim, sums: PatternSums, aligned: Aligned) -> JointModel:
    """The model in stored columns, without predictors that others add up to."""
    responses = tuple(c for name in claim.responses for c in response_columns(name, sums.columns))
    predictors = predictor_columns(claim.terms, sums.columns)
    table = PatternTable.of(aligned, JointModel(responses, predictors))
    kept = [predictors[i] for i in table.independent if i < len(predictors)]
    return JointModel(responses, tuple(kept))
