"""How far the answers rest on single clusters of a sample: results without each of them."""

from __future__ import annotations

from mlm.pages.blocks import Block, column, heading, note, paragraph, row, table
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.language import _
from mlm.pages.rounding import NOT_APPLICABLE, fixed, percent, tally
from mlm.pages.sections.sampled.estimates import NUMBER, SIGNED, shown
from mlm.pages.text import Run, join, say
from mlm.pages.words.sampled_reasons import sampled_reason_words
from mlm.pages.words.terms import term_words
from mlm.results.reading import At


def influence_blocks(context: SampledContext) -> list[Block]:
    """Ends of each coefficient and share over the clusters that were left out."""
    found = context.results.influence
    title = heading("influence", _("Without single clusters"))
    if found.kind.value == "refused":
        words = say(
            _("What changes without single {clusters} is not known: {reason}."),
            clusters=context.labels.plural(context.cluster_level),
            reason=sampled_reason_words(found.reason, context.labels),
        )
        return [title, note("information", words)]
    return [title, paragraph(_answer(context, found)), _table(context, found)]


def _answer(context: SampledContext, found: At) -> list[Run]:
    """Which coefficient one cluster moves furthest."""
    moved = [item for item in found.coefficients if not item.in_se.missing]
    words = say(
        _(
            "The settled model was fitted again without each of {left_out} of the {n} {clusters}, "
            "those that move an estimate furthest."
        ),
        left_out=tally(found.left_out),
        n=tally(found.clusters),
        clusters=context.labels.plural(context.cluster_level),
    )
    if not moved:
        return words
    most = max(moved, key=lambda item: item.in_se.value)
    furthest = say(
        _("Furthest moves the coefficient “{name}”, by {size} standard errors."),
        name=term_words(most.term.value, context.labels).full,
        size=fixed(most.in_se, 2).bold(),
    )
    return join(words, furthest)


def _table(context: SampledContext, found: At) -> Block:
    rows = []
    for item, own in zip(found.coefficients, context.settled.fixed, strict=True):
        style = SIGNED if item.term.value else NUMBER
        rows.append(
            row(
                term_words(item.term.value, context.labels).full,
                shown(own.estimate, own, style),
                shown(item.lowest, own, style),
                shown(item.highest, own, style),
                NOT_APPLICABLE if item.in_se.missing else fixed(item.in_se, 2),
            )
        )
    for item in found.shares:
        own = context.settled.shares.find(level=item.level.value)
        name = _("Share of the variance: {level}").format(level=context.title_of(item.level.value))
        estimate = NOT_APPLICABLE if own is None else percent(own.estimate)
        ends = (percent(item.lowest), percent(item.highest))
        rows.append(row(name, estimate, *ends, NOT_APPLICABLE))
    columns = [
        column(_("Estimate"), "text"),
        column(_("With all"), main=True),
        column(_("Least estimate")),
        column(_("Largest estimate")),
        column(_("In SE")),
    ]
    notes = [
        _(
            "Least and largest estimate: without one of them. In SE: "
            "the larger of both changes, in standard errors."
        )
    ]
    caption = say(
        _("Estimates without single {clusters}, in {unit}"),
        clusters=context.labels.plural(context.cluster_level),
        unit=context.labels.unit,
    )
    return table("influence", caption, columns, rows, notes)
