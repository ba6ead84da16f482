"""The words of the report, explained."""

from __future__ import annotations

from collections.abc import Iterable

from mlm.pages.blocks import definitions
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.sections.section import Section

GLOSSARY = (
    (
        N_("95% interval"),
        N_(
            "A range found by a method that covers the true value in 95 of 100 surveys like this "
            "one."
        ),
    ),
    (
        N_("Adjusted"),
        N_("With the other variables of the model held equal."),
    ),
    (
        N_("AIC, BIC"),
        N_(
            "Deviance plus a charge for each parameter, the BIC charging more: of two models of "
            "the same rows, the one with the smaller value serves better for what it takes."
        ),
    ),
    (
        N_("Comparative interval"),
        N_(
            "An interval for comparing groups with each other: where two bars do not overlap the "
            "groups are said to differ, which is wrong for 5% of equal pairs on average. It is "
            "narrower than a 95% interval."
        ),
    ),
    (
        N_("Cook's distance"),
        N_(
            "How far all coefficients together move when one group is left out, in units of what "
            "chance alone would move them."
        ),
    ),
    (
        N_("Degrees of freedom (df)"),
        N_(
            "How much information a standard error rests on. For a variable that describes a "
            "school, it is about the number of schools, however many pupils there are."
        ),
    ),
    (
        N_("Deviance"),
        N_("Minus two times the log-likelihood: the smaller, the better a model fits the data."),
    ),
    (N_("Fixed effect"), N_("A coefficient that is the same for all groups.")),
    (
        N_("Level"),
        N_(
            "A kind of unit (pupil, school, county). The units of a lower level belong to those of "
            "a higher one."
        ),
    ),
    (
        N_("Likelihood-ratio test"),
        N_("Compares two models by the difference of their deviances (χ²)."),
    ),
    (
        N_("ML, REML"),
        N_(
            "Maximum likelihood and restricted maximum likelihood, two ways of fitting the same "
            "model."
        ),
    ),
    (
        "p",
        N_("The probability of a result at least as far from zero if there were nothing to find."),
    ),
    (
        N_("p (Holm)"),
        N_(
            "p made larger for the number of tests of the same kind, so that the chance of a "
            "false alarm among all of them stays that of one."
        ),
    ),
    (
        N_("Posterior mean"),
        N_(
            "The estimate of one group's effect, drawn towards the average of all groups in "
            "proportion to how little is known about it. Also called BLUP or conditional mode."
        ),
    ),
    (
        N_("Product (×)"),
        N_(
            "A term that lets the effect of one variable depend on the value of another; also "
            "called interaction."
        ),
    ),
    (
        N_("Random intercept"),
        N_("A level of its own for each group, the effects of variables being the same in all."),
    ),
    (N_("Random slope"), N_("An effect of a variable that differs from group to group.")),
    (
        N_("Reliability"),
        N_(
            "The share of the variation in estimated group effects that is true variation: 1 when "
            "chance plays no part, 0 when it is all chance."
        ),
    ),
    (
        N_("Share of the variation"),
        N_(
            "Variance at one level divided by the sum over all levels. Also called variance "
            "partition coefficient; in the null model, intraclass correlation."
        ),
    ),
    (
        N_("Standard error (SE)"),
        N_(
            "The standard deviation that an estimate would have over many surveys like this one; "
            "it does not hold errors that all of them would share."
        ),
    ),
    (
        N_("Standard deviation (SD)"),
        N_("The typical distance of values from their mean; its square is the variance."),
    ),
    (N_("Wave"), N_("One round of the survey.")),
)


def glossary_section(context: Context) -> Section:
    """The section that explains the words of the report."""
    return glossary_of(GLOSSARY)


def glossary_of(entries: Iterable[tuple[str, str]]) -> Section:
    """A glossary of terms with their explanations, in English."""
    told = [(_(term), _(words)) for term, words in entries]
    return Section("glossary", _("Glossary"), [definitions(told)])
