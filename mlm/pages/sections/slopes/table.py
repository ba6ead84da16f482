"""The table of random slopes, one row a slope that was tested."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, row, table
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.phrases import CONSERVATIVE, is_conservative, p_adjusted
from mlm.pages.rounding import NOT_AVAILABLE, fixed, number, p_value
from mlm.pages.sections.slopes.words import is_tested, slope_decimals, slope_name
from mlm.pages.text import say
from mlm.pages.words.references import distribution_words
from mlm.results.reading import At


def slopes_table(context: Context) -> Block:
    """Mean, spread and range of the effects of groups, and the test of each slope."""
    tested = [item for item in context.results.slopes if is_tested(item)]
    rows = [
        row(
            slope_name(context, item),
            context.title_of(item.level.value),
            *_number_cells(item),
        )
        for item in tested
    ]
    columns = [
        column(_("Effect of"), "text"),
        column(_("Differs between"), "text", main=True),
        column(_("Mean effect")),
        column(_("SD"), main=True),
        column(_("Lower"), group=_("95% range")),
        column(_("Upper"), group=_("95% range")),
        column(_("Corr.")),
        column("χ²", group=_("Test")),
        column(_("Reference distribution"), "text", group=_("Test")),
        column("p", group=_("Test")),
        column(_("p (Holm)"), group=_("Test")),
        column(_("Kept"), "text", main=True),
    ]
    caption = say(_("Random slopes, in {unit} (REML)"), unit=context.labels.unit)
    notes: list = [
        _(
            "Mean effect: over all rows, where it changes with time or other variables too. SD: "
            "standard deviation of the effect between groups. 95% range: where the effects of "
            "about 95% of the groups lie. Corr.: correlation of a group's effect with its level "
            "where the variable is zero or at its reference. p (Holm): adjusted for the number of "
            "slopes that were tested, which decides. Kept: in the settled model, where each slope "
            "must improve on those before it; its mean, SD, range and correlation are read from "
            "there."
        )
    ]
    if any(is_conservative(item.test) for item in tested):
        notes.append(_(CONSERVATIVE))
    return table("slopes", caption, columns, rows, notes)


def _number_cells(item: At) -> list:
    decimals = slope_decimals(item)
    correlation = item.correlation
    return [
        fixed(item.mean_effect, decimals),
        fixed(item.sd, decimals),
        fixed(item.lower, decimals),
        fixed(item.upper, decimals),
        NOT_AVAILABLE if correlation.missing else fixed(correlation, 2),
        number(item.test.statistic, decimals=1),
        distribution_words(item.test.reference),
        p_value(item.test.p_value),
        p_value(p_adjusted(item.test)),
        _("yes") if item.kept.value else _("no"),
    ]
