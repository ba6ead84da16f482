"""Clean rows of all waves to the completed cross-products of one analysis, one an imputation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlm.configuration.models import Configuration
from mlm.configuration.planning import plan_of
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.nouns.plan import Plan
from mlm.results.missing.joint_model import JointImputations, MissingIn, NotCompatible
from mlm.rows.accumulating.sample_statistics import joined_waves
from mlm.rows.accumulating.sources import LabelledRows, Rows
from mlm.rows.accumulating.wave_statistics import scales_in, wanted_of_wave
from mlm.rows.imputing.claim import not_compatible
from mlm.rows.imputing.imputed_sums import accumulate_imputed
from mlm.rows.imputing.joint_draws import JointDraws, joint_draws
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.imputation.sampling import ChainPlan

IMPUTATION_SEED = 1


@dataclass(frozen=True)
class SurveyImputations:
    """The imputations of one analysis of a survey.

    Attributes
    ----------
    plan : Plan
        The analysis.
    waves : dict of str to Rows
        Clean rows by wave, which lack values.
    columns : mapping
        Origins and units, as ``columns_of_survey`` returned them.
    draws : JointDraws
        States of the joint model.
    record : JointImputations
        What is concluded about them.
    """

    plan: Plan
    waves: dict[str, Rows]
    columns: Mapping
    draws: JointDraws
    record: JointImputations

    def statistics(self, shift: Mapping[str, float] | None = None) -> Iterator[CrossProducts]:
        """Merged cross-products of all waves, one an imputation, from one pass over the rows.

        Parameters
        ----------
        shift : mapping of str to float, optional
            By variable, what is added to each of its imputed values, in its unit.
        """
        imputer, scales = self.draws.imputer(shift), scales_in(self.columns)
        made = {}
        for place, (wave, rows) in enumerate(self.waves.items()):
            wanted = wanted_of_wave(self.plan, wave, scales, with_units=True)
            made[wave] = accumulate_imputed(rows, imputer, [wanted], source=place)
        for draw in range(imputer.draws):
            sums = {wave: samples[draw].pop().cross_products() for wave, samples in made.items()}
            yield merge_waves(self.plan, sums)


def impute_survey(
    configuration: Configuration, analysis: str, waves: Mapping[str, Rows], columns: Mapping
) -> SurveyImputations:
    """Draw the joint model of an analysis of a survey.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration.
    analysis : str
        Name of the analysis.
    waves : mapping of str to Rows
        Clean rows by wave.
    columns : mapping
        What ``columns_of_survey`` returned.

    Raises
    ------
    SurveyError
        When the rows are unfit.
    NotImputable
        When a covariate has no value at all, one of units is of too few units, too many may be
        missing, or no level is nested.
    """
    plan = plan_of(configuration, analysis)
    rows = joined_waves(plan, waves)
    scales = {**scales_in(columns), (plan.time.name, "identity"): plan.time.scale}
    model = plan.full_model()
    served = model.with_random(RandomTerm(group) for group in nested_groups(plan))
    how = ChainPlan(plan.missing.draws, IMPUTATION_SEED, most=plan.missing.iterations)
    crossed = [level.group for level in plan.levels if level.beside]
    draws = joint_draws([served], rows, plan.missing.auxiliary, None, how, scales, crossed)
    told = (
        *draws.not_compatible,
        *_slopes(plan, draws),
        *_computed(configuration, plan, draws),
    )
    record = JointImputations(
        analysis=analysis,
        draws=plan.missing.draws,
        seed=IMPUTATION_SEED,
        rows=draws.sums.n_obs,
        missing_in=tuple(MissingIn(variable=v, rows=n) for v, n in draws.missing.items()),
        responses=tuple(column.name for column in draws.model.responses),
        responses_of_units=tuple(tuple(c.name for c in own.columns) for own in draws.units),
        predictors=tuple(column.name for column in draws.model.predictors),
        n_levels=len(draws.levels),
        levels=tuple(level.group for level in draws.levels),
        convergence=draws.sampled.convergence,
        not_compatible=told,
    )
    time = plan.time
    labelled = {wave: LabelledRows(waves[wave], time.columns_of(wave)) for wave in time.waves}
    return SurveyImputations(plan, labelled, columns, draws, record)


def nested_groups(plan: Plan) -> tuple[tuple[str, ...], ...]:
    """Id columns of the levels of the joint model, each inside the one before.

    Units that others of the lowest level pass through, classes, are crossed with these. Units of
    the lowest level that move count anew in each unit around them.
    """
    found: list[tuple[str, ...]] = []
    for level in plan.levels:
        if not level.group or level.beside:
            continue
        around = found[-1] if found else ()
        own = tuple(name for name in level.group if name not in around)
        found.append((*around, *own))
    return tuple(found)


def _slopes(plan: Plan, draws: JointDraws) -> tuple[NotCompatible, ...]:
    """Incomplete variables whose slopes may vary over groups."""
    terms = tuple(Term((Factor(v),)) for v in plan.slopes if v != plan.time.name)
    sloped = plan.null_model().with_random([RandomTerm(("group",), terms)] if terms else [])
    return not_compatible([sloped], set(draws.missing))


def _computed(
    configuration: Configuration, plan: Plan, draws: JointDraws
) -> tuple[NotCompatible, ...]:
    """Variables of the model that are computed from incomplete ones."""
    found, incomplete = [], set(draws.missing)
    names = dict.fromkeys(v for term in plan.full_model().terms for v in term.variables)
    for name in names:
        variable = configuration.variables.get(name)
        if variable is None or variable.is_read:
            continue
        of = variable.aggregate.of if variable.aggregate is not None else None
        if of in incomplete:
            told = {"variables": (name,), "incomplete": (of,)}
            found.append(NotCompatible(kind="aggregate", **told))
        elif name in incomplete:
            told = {"variables": (name,), "incomplete": (name,)}
            found.append(NotCompatible(kind="computed", **told))
    return tuple(found)
