"""What a public report will tell nothing of. Layer: commands."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from mlm.errors import SurveyDoubt
from mlm.pages.contexts.making import make_context
from mlm.pages.findings.hidden_effects import hidden_effects_words
from mlm.pages.text import plain_text

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.results.runs.provenance import Provenance
    from mlm.results.sampled.loading import AnyResults
    from mlm.results.survey.survey import SurveyAccount


def warn_of_hidden_effects(
    configuration: Configuration,
    analysis: str,
    results: AnyResults,
    survey: SurveyAccount,
    provenance: Provenance,
) -> None:
    """Warn of variables whose effects are all hidden, as too few units have their categories.

    Parameters
    ----------
    configuration, analysis, results, survey, provenance
        As of :func:`mlm.pages.document.make_protected`.
    """
    context = make_context(configuration, analysis, results, survey, provenance)
    for runs in hidden_effects_words(context):
        text = f"{configuration.survey}, analysis {analysis}: {plain_text(runs)}"
        warnings.warn(text, SurveyDoubt, stacklevel=2)
