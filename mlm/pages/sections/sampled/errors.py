"""The annex on errors: of every estimate which part is sampling and which is measurement."""

from __future__ import annotations

from mlm.pages.blocks import Block, definitions, heading, paragraph
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.sections.sampled.adjusted import adjusted_means, within_errors
from mlm.pages.sections.sampled.by_category import category_errors, means_measure
from mlm.pages.sections.sampled.coefficients import coefficient_errors
from mlm.pages.sections.sampled.cuts import cut_errors, cut_measure
from mlm.pages.sections.sampled.error_parts import TERMS, Told, errors_table
from mlm.pages.sections.sampled.estimates import SIGNED
from mlm.pages.sections.sampled.means import changes_of
from mlm.pages.sections.sampled.policy import policy_errors
from mlm.pages.sections.sampled.stability import stability_errors
from mlm.pages.sections.sampled.variables import association_errors
from mlm.pages.sections.sampled.variation import variation_errors
from mlm.pages.sections.sampled.within_between import within_between_errors
from mlm.pages.sections.section import Section
from mlm.pages.text import say


def errors_section(context: Context) -> Section:
    """The annex with the parts of all errors."""
    words = _(
        "For those who check the analysis: what the standard error of each estimate is made of."
    )
    terms = definitions([(_(name), _(meaning)) for name, meaning in TERMS])
    blocks: list[Block] = [paragraph(words), terms]
    parts = (
        (_("Standards"), _standards(context)),
        (_("Variation at each level"), [*variation_errors(context), *stability_errors(context)]),
        (_("Variables that matter"), _variables(context)),
        (_("Policy"), [b for item in context.results.policy for b in policy_errors(context, item)]),
    )
    for place, (title, tables) in enumerate(parts):
        if tables:
            blocks += [heading(f"errors-{place}", title), *tables]
    return Section("errors", _("Errors of sampling and of measurement"), blocks)


def _variables(context: Context) -> list[Block]:
    """The errors of coefficients, associations and effects within and between units."""
    associations = [*coefficient_errors(context), *association_errors(context)]
    return [*associations, *within_between_errors(context)]


def _standards(context: Context) -> list[Block]:
    """The errors of means, shares and adjusted means."""
    results = context.results
    blocks = _means(context)
    for item in results.means.by:
        blocks += category_errors(context, means_measure(context), item)
    for cut in results.shares_at:
        blocks += cut_errors(context, cut)
        for item in cut.by:
            blocks += category_errors(context, cut_measure(context, cut), item)
    for item in results.over_time.by:
        blocks += within_errors(context, item)
    return blocks


def _means(context: Context) -> list[Block]:
    """What the errors of means, of their changes and of adjusted means are made of."""
    labels, found = context.labels, context.results
    told = [Told(_("Means"))]
    told += [Told(labels.wave(item.wave.value), item) for item in found.means.waves]
    moved = [Told(name, item, SIGNED) for name, item in changes_of(context)]
    told += [Told(_("Changes")), *moved] if moved else []
    adjusted = adjusted_means(context)
    told += [Told(_("Adjusted means"))] if adjusted else []
    for item in adjusted:
        wave = labels.wave(item.wave.value)
        told.append(Told(wave, item))
        told.append(Told(_("{wave}: change").format(wave=wave), item.change, SIGNED))
    caption = say(_("Means: what the errors are made of, in {unit}"), unit=labels.unit)
    return errors_table("errors-means", caption, told)
