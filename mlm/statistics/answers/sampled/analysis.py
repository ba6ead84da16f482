"""One analysis of a sample with weights or plausible values, in the order of the questions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import MLMError
from mlm.nouns.plan import Plan
from mlm.nouns.plausible_values import terms_of_draw
from mlm.results.notes import Note
from mlm.results.sample import WaveSample
from mlm.results.sampled.models import SettledSampledModel
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount
from mlm.statistics.answers.data.identified_levels import identified_levels, within
from mlm.statistics.answers.data.notes import notes
from mlm.statistics.answers.data.sample import (
    level_sizes,
    rows_without,
    time_record,
    wave_samples,
)
from mlm.statistics.answers.sampled.associations import associations
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits, fit_draws
from mlm.statistics.answers.sampled.evidence import SampleEvidence
from mlm.statistics.answers.sampled.groups_of_rows import outcome_means, shares_at_cuts
from mlm.statistics.answers.sampled.influence import influence
from mlm.statistics.answers.sampled.model_records import model_record, settled_record
from mlm.statistics.answers.sampled.over_time import over_time
from mlm.statistics.answers.sampled.policy import policy_records
from mlm.statistics.answers.sampled.reduction import (
    WaldReduction,
    reduce_by_wald,
    reduction_record,
)
from mlm.statistics.answers.sampled.refusals import refusals
from mlm.statistics.answers.sampled.row_products import row_products
from mlm.statistics.answers.sampled.sample_design import (
    design_record,
    moment_records,
    score_records,
)
from mlm.statistics.answers.sampled.sensitivity import scaling_sensitivity
from mlm.statistics.answers.sampled.slopes import (
    SampledTrial,
    settle_slopes,
    slope_records,
    tried_slopes,
)
from mlm.statistics.answers.sampled.units import unit_records
from mlm.statistics.answers.sampled.within_between import within_between
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.separable import LeftOutLevel
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.replication.refitted_errors import RefittedErrors


@dataclass(frozen=True)
class SettledSample:
    """The models of an analysis.

    Attributes
    ----------
    null, full : DrawnFits
        Time alone, and every configured term, with the intercepts of all levels.
    trials : tuple of SampledTrial
        Slopes that were tried in the full model.
    reduction : WaldReduction
        From the full model with its slopes to what was kept.
    settled : DrawnFits
        What was kept, its errors from fits to every replicate where there are any.
    refitted : tuple of RefittedErrors
        One a draw, beside errors that need no refits; none where there are no such.
    """

    null: DrawnFits
    full: DrawnFits
    trials: tuple[SampledTrial, ...]
    reduction: WaldReduction
    settled: DrawnFits
    refitted: tuple[RefittedErrors, ...]

    def fits(self) -> dict[str, Fit]:
        """The fits that are stored, by the name of their file: where several, one a draw."""
        out = {}
        for name in ("null", "full", "settled"):
            found = getattr(self, name).fits
            several = len(found) > 1
            out |= {f"{name}.{i}" if several else name: fit for i, fit in enumerate(found, 1)}
        return out


def analyse_sample(
    plan: Plan, evidence: SampleEvidence, survey: SurveyAccount
) -> tuple[SampledResults, dict[str, Fit]]:
    """All results of one analysis of a sample.

    Parameters
    ----------
    plan : Plan
        What is to be answered; knows how the sample was drawn.
    evidence : SampleEvidence
        What the rows of all waves were read into.
    survey : SurveyAccount
        What linking the waves found.

    Returns
    -------
    results : SampledResults
        The answers to every question.
    fits : dict of str to Fit
        Fits by name: ``null``, ``full``, ``settled``, of each draw ``settled.1``, ...

    Raises
    ------
    ModelError, FitError
        When a model cannot be identified or fitted.
    """
    own = evidence.plan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # told in the record
        stats, changes = identified_levels(plan_of_draw(own, 0), evidence.stats)
        found = settle_sample(own, stats, evidence)
        changes = [*map(LeftOutLevel, evidence.single), *changes]
        told = notes(plan, _noted(found), changes, survey, True)
        return _results(own, evidence, survey, found, told), found.fits()


def plan_of_draw(plan: Plan, draw: int) -> Plan:
    """The plan with the columns of one draw in the place of its scores."""
    scores = plan.sampling.scores
    if not scores:
        return plan
    names = {score.name: score.columns[draw] for score in scores}
    return replace(
        plan,
        outcome=names.get(plan.outcome, plan.outcome),
        terms=terms_of_draw(plan.terms, scores, draw),
        time_terms=terms_of_draw(plan.time_terms, scores, draw),
    )


def settle_sample(plan: Plan, stats: CrossProducts, evidence: SampleEvidence) -> SettledSample:
    """The models of an analysis: null, full, slopes one at a time, reduction, refits.

    Parameters
    ----------
    plan : Plan
        What is to be answered.
    stats : CrossProducts
        The sample, with the levels alone whose variances can be told apart.
    evidence : SampleEvidence
        How models are fitted to replicates.
    """
    again = evidence.refit if evidence.searches_by_refits else None
    null = fit_draws(plan, within(plan.null_model(), stats), stats)
    full = fit_draws(plan, within(plan.full_model(), stats), stats, again=again)
    trials = tuple(tried_slopes(plan, full))
    reduction = reduce_by_wald(plan, settle_slopes(plan, full, trials))
    settled, refitted = reduction.reduced, ()
    if evidence.refit is not None:
        both = evidence.refit((*null.solutions, *settled.solutions))
        of_null, refitted = both[: len(null.solutions)], both[len(null.solutions) :]
        null, settled = null.refitted(of_null), settled.refitted(refitted)
    beside = () if evidence.searches_by_refits else refitted  # errors that need none are known
    return SettledSample(null, full, trials, reduction, settled, beside)


def _results(
    plan: Plan,
    evidence: SampleEvidence,
    survey: SurveyAccount,
    found: SettledSample,
    told: tuple[Note, ...],
) -> SampledResults:
    null, full, settled = found.null, found.full, found.settled
    unweighted = _Unweighted(plan, evidence)
    settled_told = settled_record(plan, settled, unweighted.of(settled), found.refitted)
    means = outcome_means(plan, evidence.totals, evidence.errors)
    course, products = over_time(plan, settled), row_products(plan, full)
    return SampledResults(
        survey=plan.survey,
        analysis=plan.analysis,
        outcome=plan.outcome,
        design=plan.design.name,
        criterion="ML",
        time=time_record(plan),
        levels=level_sizes(plan, full.stats, survey),
        waves=_waves(plan, _with_levels_of(evidence.rows, full.stats), survey),
        n_obs=evidence.stats.n_obs,
        rows_without=rows_without(evidence.stats),
        weighted_moments=moment_records(plan, evidence.totals),
        sample=design_record(plan, evidence.stats, settled, evidence.totals, evidence.refit),
        scores=score_records(plan),
        draws=len(settled.solutions),
        null=model_record(plan, null, unweighted.of(null)),
        full=model_record(plan, full, unweighted.of(full)),
        row_products=products,
        reduction=reduction_record(plan, found.reduction),
        settled=settled_told,
        slopes=slope_records(plan, found.trials, settled),
        associations=associations(plan, full, settled),
        within_between=within_between(plan, [("full", full), ("settled", settled)]),
        means=means,
        shares_at=shares_at_cuts(plan, evidence.totals, evidence.errors),
        over_time=course,
        policy=policy_records(
            plan, settled, evidence.totals, means, evidence.covariates, evidence.covariate_errors
        ),
        units=unit_records(plan, settled, evidence.rows, course.levels),
        sensitivity=_sensitivity(plan, evidence, settled, settled_told, unweighted),
        influence=influence(plan, settled, settled_told.fixed),
        refusals=refusals(plan, evidence.stats, products is not None),
        notes=told,
    )


def _with_levels_of(rows: CrossProducts, stats: CrossProducts) -> CrossProducts:
    """The rows with the levels that a sample has."""
    kept = {level.group for level in stats.all_levels}
    return rows.without_levels(*(g.group for g in rows.all_levels if g.group not in kept))


class _Unweighted:
    """Models of the sample fitted to all rows alike; none where rows have no weights anyway."""

    def __init__(self, plan: Plan, evidence: SampleEvidence):
        self._plan, self._evidence = plan, evidence

    def of(self, fits: DrawnFits) -> DrawnFits | None:
        """The same model of all rows alike; None where it cannot be fitted."""
        if not fits.is_weighted:
            return None
        groups = [term.group for term in fits.model.random]
        rows = self._evidence.rows
        rows = rows.without_levels(*(g.group for g in rows.all_levels if g.group not in groups))
        try:
            return fit_draws(self._plan, fits.model, rows)
        except MLMError:
            return None


def _sensitivity(plan, evidence, settled, record: SettledSampledModel, unweighted: _Unweighted):
    beside = unweighted.of(settled)
    if beside is None:
        return None
    return scaling_sensitivity(plan, settled, record, beside, evidence.scaled)


def _noted(found: SettledSample) -> dict[str, Fit]:
    """One fit of each model, of the draw in which least is sure."""
    out = {}
    for name in ("null", "full", "settled"):
        fits = getattr(found, name).fits
        out[f"{name}.ml"] = min(fits, key=lambda fit: (fit.converged, not fit.is_singular))
    return out


def _waves(plan: Plan, rows: CrossProducts, survey: SurveyAccount) -> tuple[WaveSample, ...]:
    """Rows, units and moments of the rows as they are; moments are means over the draws."""
    draws = max((len(score) for score in plan.sampling.scores), default=1)
    found = [wave_samples(plan_of_draw(plan, m), rows, survey) for m in range(draws)]
    out = []
    for same in zip(*found, strict=True):
        spread = [wave.sd for wave in same]
        update = {
            "mean": float(np.mean([wave.mean for wave in same])),
            "sd": None if None in spread else float(np.mean(spread)),
        }
        out.append(same[0].model_copy(update=update))
    return tuple(out)
