"""Findings on numbers: what goes together with the outcome, and effects that differ."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.findings.finding import Finding, key_of
from mlm.pages.findings.measure import measure, numbers_of, when
from mlm.pages.labels import singular
from mlm.pages.language import _
from mlm.pages.phrases import excludes_zero, is_made, p_adjusted
from mlm.pages.rounding import decimals_for_size, fixed
from mlm.pages.sections.slopes.words import foremost_of, is_tested
from mlm.pages.sizes import sd_of_wave
from mlm.pages.text import say
from mlm.results.reading import At


def association_findings(context: Context) -> list[Finding]:
    """The outcome by unit of each number, the clearest first."""
    policies = {item.variable.value for item in context.results.policy}
    return [
        *_curved(context),
        *(
            _association(context, item)
            for item in context.results.associations
            if item.variable.value not in policies
            and len(item.latest) == 1
            and item.latest[0].category.missing
            and all(len(term) == 1 for term in item.terms.value)
            and excludes_zero(item.latest[0])
        ),
    ]


def _curved(context: Context) -> list[Finding]:
    """The clearest association of all where it is a curve, which no one number tells."""
    item = next(iter(context.results.associations), None)
    if item is None or not item.latest.empty or not is_made(item.test):
        return []
    is_curve = any(factor.power > 1 for term in item.terms.value for factor in term)
    if not is_curve or p_adjusted(item.test).value >= context.results.reduction.alpha.value:
        return []
    labels, name = context.labels, item.variable.value
    parts = {"outcome": labels.phrase(labels.analysis.outcome), "variable": labels.phrase(name)}
    finding = Finding(
        key=key_of("association", name),
        kind="association",
        runs=say(
            _("{outcome} is most clearly related to {variable}, by a curve and not a line."),
            **parts,
        ),
        short=say(_("{outcome} and {variable}"), **parts),
        section="variables",
        variable=name,
    )
    return [finding]


def _association(context: Context, item: At) -> Finding:
    row, labels, name = item.latest[0], context.labels, item.variable.value
    found = measure(context, row, row.wave.value)
    template = (
        _("{outcome} was {size} higher{when} for each {step} of {variable}.")
        if row.estimate.value > 0
        else _("{outcome} was {size} lower{when} for each {step} of {variable}.")
    )
    parts = {
        "outcome": labels.phrase(labels.analysis.outcome),
        "step": singular(labels.unit_of(name)) or _("unit"),
        "variable": labels.phrase(name),
        "size": found.runs(),
        "when": when(context, row.wave.value),
    }
    short = _("{outcome} and {variable}")
    return Finding(
        key=key_of("association", name),
        kind="association",
        runs=say(template, **parts),
        short=say(short, **parts),
        section="variables",
        variable=name,
        wave=row.wave.value,
        **numbers_of(row, found),
    )


def slope_finding(context: Context) -> Finding | None:
    """How much the foremost effect that differs between units does; None where none does."""
    kept = [item for item in context.results.slopes if is_tested(item) and item.kept.value]
    if not kept:
        return None
    item = foremost_of(context, kept)
    labels, name = context.labels, item.variable.value
    category, spread = item.column.category.value, sd_of_wave(context, None)
    template = (
        _(
            "How far {members} lie from {reference} differs between {units} (standard deviation "
            "{sd} {unit}{size})."
        )
        if category is not None
        else _(
            "{outcome} rises with {variable} more steeply in some {units} than in others (standard "
            "deviation {sd} {unit}{size})."
        )
        if item.mean_effect.value > 0
        else _(
            "{outcome} falls with {variable} more steeply in some {units} than in others (standard "
            "deviation {sd} {unit}{size})."
        )
    )
    size = None if spread is None else fixed(derive("quotient", item.sd, spread), 2)
    sd = fixed(item.sd, decimals_for_size(item.sd.value, 2))
    parts = {
        "variable": labels.phrase(name),
        "units": labels.plural(item.level.value),
        "sd": sd.bold(),
        "unit": labels.unit,
        "outcome": labels.phrase(labels.analysis.outcome),
        "size": "" if size is None else say(_("; {size} SD"), size=size),
    }
    if category is not None:
        reference = labels.reference_value(name)
        parts |= {"members": labels.members(name, category)}
        parts |= {"reference": labels.members(name, reference)}
    return Finding(
        key=key_of("slope", name, item.level.value.unit),
        kind="slope",
        runs=say(template, **parts),
        short=say(_("Differences between {units} in {variable}"), **parts),
        section="slopes",
        variable=name,
        category=category,
        unit=labels.unit,
        estimate=sd,
        size=size,
    )
