"""The words of a report on a sample, explained."""

from __future__ import annotations

from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.language import N_, _
from mlm.pages.sections.method.glossary import GLOSSARY, glossary_of
from mlm.pages.sections.section import Section

OF_OTHER_MODELS = ("AIC, BIC", "Cook's distance", "Likelihood-ratio test", "ML, REML")
OF_SAMPLES = (
    (N_("Cluster"), N_("A unit that was drawn first, such as a school, with all its rows.")),
    (
        N_("Design effect"),
        N_(
            "How many times larger the variance of an estimate is with this sample than the model "
            "alone would say."
        ),
    ),
    (
        N_("Effective number"),
        N_("How many rows of equal weight would tell as much as the rows with their weights."),
    ),
    (
        N_("Linking error"),
        N_(
            "The error of putting the scores of two waves on one scale, as the tests do not have "
            "the same questions. It is the same for all, so that a larger sample does not make it "
            "smaller."
        ),
    ),
    (
        N_("Plausible values"),
        N_(
            "Several draws of the score that a person may have, given the answers. Each is "
            "analysed alone; how far the results differ tells the error of measurement."
        ),
    ),
    (
        N_("Pseudo-maximum likelihood"),
        N_(
            "Maximum likelihood in which each unit counts as often as its sampling weight says; "
            "errors come from the sample."
        ),
    ),
    (
        N_("Replicate"),
        N_(
            "The sample with other weights, as if it had been drawn again. How far the results of "
            "the replicates differ tells the error of sampling."
        ),
    ),
    (
        N_("Sampling weight"),
        N_("For how many of the population a row or a unit of the sample stands."),
    ),
)


def sampled_glossary_section(context: SampledContext) -> Section:
    """The section that explains the words of the report, in the order of its language."""
    shared = [entry for entry in GLOSSARY if entry[0] not in OF_OTHER_MODELS]
    return glossary_of(sorted([*shared, *OF_SAMPLES], key=lambda entry: _(entry[0]).casefold()))
