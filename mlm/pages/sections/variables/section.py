"""Question 2: which variables matter at each level."""

from __future__ import annotations

from mlm.pages.blocks import heading, paragraph
from mlm.pages.context import Context
from mlm.pages.language import N_, _
from mlm.pages.sections.section import Section
from mlm.pages.sections.variables.adequate import adequate_blocks
from mlm.pages.sections.variables.coefficients import coefficients_table
from mlm.pages.sections.variables.effects import effects_blocks
from mlm.pages.sections.variables.explained import explained_blocks
from mlm.pages.sections.variables.inclusion import inclusion_blocks
from mlm.pages.sections.variables.pupil_level import pupil_level_blocks
from mlm.pages.sections.variables.reduction import path_table
from mlm.pages.sections.variables.within_between import within_between_blocks
from mlm.pages.sections.variables.words import reduction_words, variables_answer
from mlm.pages.text import join
from mlm.pages.words.same_persons import same_persons_note

QUESTION = N_("Which variables matter?")


def _caution(context: Context) -> list[str]:
    """What the choice of terms does to their tests, where any term was dropped."""
    if len(context.results.reduction.path) <= 1:
        return []
    text = _(
        "Because the data chose it, its p-values are smaller than they should be: read it beside "
        "the full model."
    )
    return [text]


def variables_section(context: Context) -> Section:
    """The section on the full model, its reduction, and the settled model."""
    blocks = [paragraph(variables_answer(context), "answer")]
    blocks += [
        paragraph(
            join(
                _(
                    "All coefficients come from one model with every variable at once: each is "
                    "the difference between cases alike in the other variables. The settled model "
                    "is what remains of the full model after reduction."
                ),
                *_caution(context),
                same_persons_note(context, context.variables[1:]),
            )
        ),
        *effects_blocks(context),
        coefficients_table(context),
        heading("reduction", _("From the full model to the settled model")),
        paragraph(reduction_words(context)),
    ]
    if len(context.results.reduction.path) > 1:
        blocks.append(path_table(context))
    blocks += [*adequate_blocks(context), *explained_blocks(context)]
    blocks += [*pupil_level_blocks(context), *within_between_blocks(context)]
    blocks += inclusion_blocks(context)
    return Section("variables", _("Variables that matter"), blocks, "2", _(QUESTION))
