"""What the report does not show."""

from __future__ import annotations

from mlm.nouns.fewest import MANY_LEFT_OUT
from mlm.pages.blocks import bullets as bullet_list
from mlm.pages.context import Context
from mlm.pages.lacking import outcome_words, rows_lacking
from mlm.pages.language import _
from mlm.pages.rounding import percent
from mlm.pages.sections.section import Section
from mlm.pages.text import Run, join, say
from mlm.pages.words.doubts import doubt_words


def limitations_section(context: Context) -> Section:
    """The section on what the report does not show."""
    items: list[str | list[Run]] = [
        _(
            "Coefficients describe differences between cases that are alike in the other variables "
            "of the model. Except where a variable was allocated at random, they are not effects "
            "of changing it."
        ),
        _imputed() if context.is_imputed else _left_out(context),
        _(
            "The data chose the settled model. Its intervals and p-values do not allow for that "
            "choice; those of the full model do not suffer from it."
        ),
        _("Sampling weights are not used. Shares and means describe the sample as modelled."),
        _(
            "Random effects and residuals are taken to be normally distributed. Units of a level "
            "are taken to vary alike, but for what the settled model lets differ by wave or with a "
            "variable."
        ),
    ]
    if any(item.count for item in context.survey.unit_changes.value):
        items.append(
            _(
                "Units that move count as new units after the move. Part of what belongs to the "
                "unit is then counted twice."
            )
        )
    items += [
        doubt_words(doubt, context.labels)
        for doubt in context.survey.separability
        if doubt.kind.value == "missing_level"
    ]
    if not context.is_longitudinal:
        items.append(_("The survey has one wave: nothing can be said about change."))
    return Section("limitations", _("Limitations"), [bullet_list(items)])


def _left_out(context: Context) -> list[Run]:
    """What leaving out rows that lack a value may do, with their share where it is large."""
    words = _(
        "Rows with a missing value in any variable of the full model are left out. If what is "
        "missing depends on what cannot be seen, estimates are biased."
    )
    found = rows_lacking(context, MANY_LEFT_OUT)
    if found is None:
        return say(words)
    many = say(
        _("They are {share} of the rows that have the outcome."), share=percent(found.share, 0)
    )
    told = outcome_words(context, found.most)
    return join(words, many, told)


def _imputed() -> str:
    """What imputations take for granted."""
    return _(
        "Missing values were imputed from what is recorded. If what is missing depends on what "
        "cannot be seen, or the model of the imputations lacks a relation of the analysis, "
        "estimates are biased; moving the imputed values shows how far that would matter."
    )
