"""What a trial found and a run would tell, in words for those who configure it. Layer: commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.commands.checking.trial import Trial
    from mlm.configuration import Configuration
    from mlm.nouns.plan import Plan
    from mlm.results.coefficient import Term
    from mlm.results.level import Level
    from mlm.results.survey.survey import SurveyAccount
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel

TOO_LARGE = (
    "not looked at: whether units and terms together leave anything to explain, since the sums "
    "of so many units are made by a run only"
)

FITTED_ONLY = (
    "not looked at: whether each model's variances are found; nothing is fitted here, a run tells"
)


def trial_words(
    configuration: Configuration, trial: Trial, account: SurveyAccount | None
) -> list[str]:
    """What should be looked at before a run, analysis by analysis; not what the account tells."""
    from mlm.commands.words.missing_words import drawn_analyses
    from mlm.configuration.planning import plan_of
    from mlm.results.survey.separability import FewGroups, OneChild, OneGroup

    texts = []
    doubts = account.separability if account is not None else ()
    known = {doubt.level for doubt in doubts if isinstance(doubt, FewGroups | OneGroup)}
    told = {doubt.level for doubt in doubts if isinstance(doubt, OneChild | OneGroup)}
    imputed = configuration.analyses if configuration.is_imputed else ()
    imputed = imputed or drawn_analyses(configuration, account)
    for analysis, sample in trial.samples.items():
        plan = plan_of(configuration, analysis)
        found = []
        if analysis not in imputed:  # the sample is that of complete rows
            found += _rows_left_out(trial.rows, sample)
            found += _few_units(configuration, plan, sample, known)
        if not configuration.is_sampled:
            found += _compared(configuration, plan, sample, analysis in imputed)
        found += _changed_levels(plan, trial.changes.get(analysis, ()), told)
        found += _without_coefficient(configuration, trial.aliased.get(analysis, ()))
        texts += [f"please look: analysis {analysis}: {text}" for text in found]
    fitted = [FITTED_ONLY] if trial.samples and not trial.problems else []
    return [*texts, *([] if trial.with_units else [TOO_LARGE]), *fitted]


def _rows_left_out(rows: int, sample: CrossProducts) -> Iterator[str]:
    from mlm.nouns.fewest import MANY_LEFT_OUT

    lacking = rows - sample.n_obs
    if lacking > MANY_LEFT_OUT * rows and sample.dropped:
        most = max(sample.dropped, key=sample.dropped.get)
        yield (
            f"{lacking / rows:.0%} of the rows ({lacking:,} of {rows:,}) will be left out of the "
            f"models, as a value is missing in them, most often of {most}"
        )


def _few_units(
    configuration: Configuration, plan: Plan, sample: CrossProducts, known: set[Level]
) -> Iterator[str]:
    """Units that are enough in the survey and too few among the complete rows of an analysis."""
    from mlm.nouns.fewest import FEWEST_RANKED
    from mlm.pages.words.levels import plural_of
    from mlm.statistics.answers.units.unit_effects import unit_groups
    from mlm.statistics.evidence.names import group_level

    plurals = {level.name: level.plural for level in configuration.levels}
    for group in unit_groups(plan, sample):
        units, level = sample.level(group).size, group_level(group)
        if units < FEWEST_RANKED and level not in known:
            yield (
                f"{units} {plural_of(level, plurals)} have complete rows: they are "
                f"not ranked ({FEWEST_RANKED} are needed)"
            )


def _compared(
    configuration: Configuration, plan: Plan, sample: CrossProducts, is_imputed: bool
) -> Iterator[str]:
    """What a comparison of units leaves out, or can be found by a run alone."""
    from mlm.pages.words.levels import plural_of
    from mlm.statistics.answers.units.unit_effects import unit_groups, units_unseen
    from mlm.statistics.evidence.names import group_level

    plurals = {level.name: level.plural for level in configuration.levels}
    for group in unit_groups(plan, sample):
        units = plural_of(group_level(group), plurals)
        missing = units_unseen(plan, sample, group)
        if missing and not is_imputed:
            yield (
                f"{missing} of {sample.level(group).size} {units} have no complete rows in the "
                f"last wave, {plan.time.waves[-1]}, in which units are compared: their effects are "
                "predicted and not ranked (compare: waves_seen counts them in)"
            )
    if plan.comparison.compare == "lasting" and len(plan.time.waves) > 1:
        yield (
            "compare: lasting needs effects with a part that is the same in every wave (constant, "
            "or with a part by wave), which only a run finds; where there is none, units are not "
            "compared and the report says what can be"
        )


def _changed_levels(
    plan: Plan, changes: Sequence[MergedLevel | LeftOutLevel], told: set[Level]
) -> Iterator[str]:
    """Levels that an analysis would fit as one, or leave out."""
    from mlm.nouns.levels import RESIDUAL
    from mlm.statistics.evidence.names import level_record
    from mlm.statistics.evidence.separable import LeftOutLevel

    for change in changes:
        is_out = isinstance(change, LeftOutLevel)
        key = change.level if is_out else change.outer
        name = plan.level_of(key).name
        if is_out and change.terms:
            terms = ", ".join(map(str, change.terms))
            yield (
                f"{terms} take up all differences between units of {name}: the models are without "
                "this level, and the effects of these terms hold for these units alone"
            )
        elif level_record(plan, key) in told:
            continue
        elif is_out:
            yield f"its rows are of one {name} only: the models are without this level"
        else:
            inner = "the rows" if change.inner == RESIDUAL else plan.level_of(change.inner).name
            yield f"{name} and {inner} cannot be told apart and are fitted as one level"


def _without_coefficient(configuration: Configuration, aliased: tuple[Term, ...]) -> Iterator[str]:
    from mlm.pages.text import enumerate_words, plain_text
    from mlm.pages.words.survey_names import ConfiguredNames
    from mlm.pages.words.terms import term_words

    if aliased:
        names = ConfiguredNames(configuration)
        left_out = [term_words(term, names).full for term in aliased]
        yield (
            f"{plain_text(enumerate_words(left_out))} cannot be told from the other terms (or are "
            "without rows) and will have no coefficient"
        )
