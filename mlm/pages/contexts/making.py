"""The context of a report, by the kind of its results."""

from __future__ import annotations

from mlm.configuration.models import Configuration
from mlm.errors import ResultError
from mlm.pages.context import Context, joint_levels
from mlm.pages.contexts.analysis import AnalysisContext
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.disclosure.rules import rules_of
from mlm.pages.labels import Labels
from mlm.results.reading import At
from mlm.results.residuals import Residuals
from mlm.results.runs.kept import KeptRecord
from mlm.results.runs.provenance import Provenance
from mlm.results.sampled.loading import AnyResults
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount


def make_context(
    configuration: Configuration,
    analysis: str,
    results: AnyResults,
    survey: SurveyAccount,
    provenance: Provenance,
    residuals: Residuals | None = None,
    previous: KeptRecord | None = None,
) -> Context:
    """The context of one report, its inputs wrapped so that numbers keep their source.

    Raises
    ------
    ResultError
        When results of a sample come with residuals of its rows, which they have not.
    """
    if isinstance(results, SampledResults):
        if residuals is not None:
            raise ResultError(
                f"residuals of {analysis}: the results are those of a sample with weights or "
                "plausible values, which have none. Make the report without them."
            )
        kind, more = SampledContext, {}
    else:
        kind, more = AnalysisContext, {"residuals": At(residuals, "residuals#", Residuals)}
    found, before = At(results, "results#"), At(previous, "previous#", KeptRecord)
    effects = (*kind.effects_in(found), *before.effects)
    return kind(
        configuration=configuration,
        analysis=analysis,
        results=found,
        survey=At(survey, "survey#"),
        provenance=At(provenance, "provenance#"),
        previous=before,
        labels=Labels(configuration, analysis, joint_levels(results)),
        rules=rules_of(configuration, len(results.time.waves), effects),
        **more,
    )
