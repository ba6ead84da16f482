"""Caveats: what would change a decision if it were otherwise."""

from __future__ import annotations

from mlm.nouns.fewest import MANY_LEFT_OUT
from mlm.pages.context import Context
from mlm.pages.derived import derive, field_of
from mlm.pages.findings.finding import Finding, Kind, key_of
from mlm.pages.lacking import outcome_words, rows_lacking
from mlm.pages.language import _
from mlm.pages.left_out import rows_left_out
from mlm.pages.phrases import error_of, excludes_zero
from mlm.pages.rounding import count, number, percent, signed
from mlm.pages.sections.policy.changes import changed_words
from mlm.pages.text import Run, enumerate_words, join, say
from mlm.results.reading import At

MANY_LACKING = 0.2  # share of the rows left out from which answers may be others
MANY_LEAVE = 0.35  # share of the persons of a wave who are gone in the next

KIND: Kind = "caveat"


def caveats(context: Context) -> list[Finding]:
    """Remarks without which a finding would mislead, the gravest first."""
    found = [
        *_together(context),
        *_missing_levels(context),
        *_lacking(context, MANY_LACKING),
        *_imputed(context, MANY_LEFT_OUT),
        *_leaving(context, MANY_LEAVE),
    ]
    return found


def _imputed(context: Context, least: float) -> list[Finding]:
    """Many rows with an imputed value, and whether what drew them had come to an end."""
    found = rows_lacking(context, least) if context.is_imputed else None
    if found is None:
        return []
    runs = say(
        _(
            "{share} of the rows that have the outcome lack a variable, most often {variable}; its "
            "values were imputed."
        ),
        share=percent(found.share, 0).bold(),
        variable=context.labels.phrase(found.most.variable.value),
    )
    drawn = context.results.imputed.drawn
    if not drawn.missing and not drawn.convergence.converged.value:
        runs = join(runs, say(_("The chains that drew them do not agree yet.")))
    return [_caveat(("imputed",), runs, say(_("Values are imputed")), "imputed")]


def remarks(context: Context) -> list[Finding]:
    """What is worth knowing although it may change no decision: fewer missing, fewer who left."""
    return [
        *_not_by_lot(context),
        *_alone(context),
        *_changed(context),
        *_lacking(context, MANY_LEFT_OUT),
        *_leaving(context, MANY_LEFT_OUT),
    ]


def _alone(context: Context) -> list[Finding]:
    """The wave of the draw alone, without other variables, beside what the model says of it."""
    found = []
    for item in context.results.policy:
        wave = item.assignment.wave.value
        rows = [
            row
            for row in item.unadjusted
            if row.wave.value == wave and not row.category.missing and not row.lower.missing
        ]
        if item.evidence.value != "randomised" or wave is None or not rows:
            continue
        rows.sort(key=lambda row: not excludes_zero(row))
        labels, name = context.labels, item.variable.value
        runs = say(
            _(
                "Quote the findings: they take account of the other variables and of all times. A "
                "check that leaves out both, {wave} alone, where groups were drawn by lot, gives "
                "{differences}, against {others}; it differs for that reason."
            ),
            wave=labels.wave(wave),
            differences=enumerate_words([_difference(context, name, row) for row in rows]),
            others=labels.members(name, item.reference.value),
        )
        short = say(_("The wave of the draw alone"))
        found.append(_caveat(("alone", name), runs, short, "policy", variable=name, wave=wave))
    return found


def _difference(context: Context, name: str, row: At) -> list[Run]:
    error = error_of(row)
    return say(
        _("{members} {value} {unit} ({low} to {high})"),
        members=context.labels.members(name, row.category.value),
        value=signed(row.estimate, error).bold(),
        unit=context.labels.unit,
        low=number(row.lower, error),
        high=number(row.upper, error),
    )


def _changed(context: Context) -> list[Finding]:
    """How many had changed group after a random allocation."""
    found = []
    for item in context.results.policy:
        words = changed_words(context, item)
        if words:
            name = item.variable.value
            counted = say(
                _("At the top stand all {units} of the models, also those seen at one time only."),
                units=context.labels.plural(context.configuration.level_names[-1]),
            )
            words = join(words, counted)
            short = say(_("Who changed group"))
            found.append(_caveat(("changed", name), words, short, "policy", variable=name))
    return found


def _caveat(
    names: tuple[str, ...], runs: list[Run], short: list[Run], section: str, **more
) -> Finding:
    return Finding(
        key=key_of("caveat", *names), kind=KIND, runs=runs, short=short, section=section, **more
    )


def _together(context: Context) -> list[Finding]:
    """Levels that the data cannot tell apart."""
    found = []
    for note in context.results.notes:
        if note.kind.value == "merged_levels":
            apart = context.levels_apart.labels
            names = [apart.plural(note.level.value), apart.plural(note.child.value)]
            pair = enumerate_words(names)
            runs = say(
                _("These data cannot tell differences between {a} from those between {b}."),
                a=names[0],
                b=names[1],
            )
            short = say(_("{pair} cannot be told apart"), pair=pair)
            found.append(_caveat(("levels", note.level.value.unit), runs, short, "variation"))
    return found


def _missing_levels(context: Context) -> list[Finding]:
    """Variables of units that are no level of the models."""
    found = []
    for doubt in context.survey.separability:
        if doubt.kind.value == "missing_level":
            names = [context.labels.phrase(name) for name in doubt.variables.value]
            runs = say(
                _(
                    "Ranges for {variables} are too narrow: {persons} with the same {column} were "
                    "taken as unrelated."
                ),
                variables=enumerate_words(names),
                persons=context.labels.plural(context.configuration.level_names[-1]),
                column=doubt.column.value,
            )
            short = say(_("Ranges that are too narrow"))
            found.append(_caveat(("unit", doubt.column.value), runs, short, "limitations"))
    return found


def _not_by_lot(context: Context) -> list[Finding]:
    """Policies whose groups were not drawn by lot."""
    found = []
    for item in context.results.policy:
        if item.evidence.value == "randomised" or item.effects.empty:
            continue
        name = item.variable.value
        template = _(
            "{variable} was not allocated at random: the difference need not be its effect."
        )
        groups = _counted_groups(context, item)
        if groups:
            template = _(
                "{variable} was not allocated at random: the difference between {groups} need not "
                "be its effect."
            )
        runs = say(template, variable=context.labels.phrase(name), groups=groups)
        short = say(_("A difference, no proof of an effect"))
        found.append(_caveat(("policy", name), runs, short, "policy", variable=name))
    return found


def _counted_groups(context: Context, item: At) -> list[Run]:
    """``counties with the programme (10) and others (10)``; nothing where it is not known."""
    if field_of(item.value, "balance") is None or field_of(item.balance.value, "units") is None:
        return []
    balance = item.balance
    labels, name = context.labels, item.variable.value
    if labels.plural(balance.level.value) != labels.described(name):
        return []
    groups = [
        say("{members} ({n})", members=labels.members(name, each.category.value), n=count(each.n))
        for each in reversed(list(balance.units))
    ]
    return enumerate_words(groups)


def _lacking(context: Context, least: float) -> list[Finding]:
    """Many rows left out, as a value is missing in them."""
    found = rows_left_out(context, least)
    if found is None:
        return []
    template = (
        _(
            "{share} of the records of {units} are left out, most often because {variable} is "
            "missing."
        )
        if context.configuration.design.follows_lowest
        else _("{share} of the {units} are left out, most often because {variable} is missing.")
    )
    runs = say(
        template,
        share=percent(found.share, 0).bold(),
        units=context.labels.plural(context.configuration.level_names[-1]),
        variable=context.labels.phrase(found.variable),
    )
    covariate = None if context.is_imputed else rows_lacking(context, MANY_LEFT_OUT)
    runs = join(runs, outcome_words(context, covariate.most)) if covariate is not None else runs
    return [_caveat(("missing",), runs, say(_("Values are missing")), "data")]


def _leaving(context: Context, least: float) -> list[Finding]:
    """Many of those who are followed gone in a later wave: the largest loss."""
    level = context.configuration.level_names[-1]
    steps = [item for item in context.survey.attrition if item.level.value == level]
    known = [item for item in steps if not (item.leave.missing or item.stay.missing)]
    shares = [(_left(item), item) for item in known if item.leave.value + item.stay.value]
    if not shares:
        return []
    share, item = max(shares, key=lambda pair: pair[0].value)
    if share.value <= least or context.rules.is_small(item.leave.value):
        return []
    runs = say(
        _(
            "{share} of the {units} of {wave} were not there in {other}; those who stayed may "
            "differ from them."
        ),
        share=percent(share, 0).bold(),
        units=context.labels.plural(level),
        wave=context.labels.wave(item.wave.value),
        other=context.labels.wave(item.other.value),
    )
    return [_caveat(("attrition",), runs, say(_("Who left")), "data")]


def _left(item: At) -> At:
    return derive("ratio", item.leave, derive("sum", item.stay, item.leave))
