"""Checks of a survey in words: what was compared, and what was found."""

from __future__ import annotations

from collections.abc import Callable

from mlm.pages.derived import derive
from mlm.pages.language import N_, _, ngettext
from mlm.pages.rounding import (
    Number,
    count,
    decimals_for_mean,
    decimals_for_spread,
    fixed,
    percent,
    plain,
    tally,
)
from mlm.pages.text import Run, enumerate_words, or_else, plain_text, say
from mlm.pages.words.elsewhere import found_elsewhere
from mlm.pages.words.lighter_rows import lighter_rows
from mlm.pages.words.lone_strata import lone_strata
from mlm.pages.words.spellings import spelled_otherwise, written_otherwise
from mlm.pages.words.survey_names import SurveyNames
from mlm.results.reading import At


def check_title(check: At, names: SurveyNames) -> str:
    """What was compared: ``school recurs``, ``scale of Mathematics``."""
    value, known = check.value, type(check.value).model_fields
    template = TITLES[check.kind.value]
    if check.kind.value == "recurs" and not value.expected:
        template = N_("{level} is new")
    parts = {
        "level": names.level(value.level) if "level" in known else "",
        "parent": names.level(value.parent) if "parent" in known else "",
        "variable": names.variable(value.variable) if "variable" in known else "",
        "wave": names.wave_name(value.wave) if "wave" in known else "",
        "file": value.file if "file" in known else "",
        "score": names.variable(value.outcome) if "outcome" in known else "",
    }
    return plain_text(say(_(template), **parts))


TITLES = {
    "recurs": N_("{level} recurs"),
    "one_parent": N_("{level} has one {parent}"),
    "found_elsewhere": N_("{level} stays in its {parent}"),
    "stable": N_("{variable} is stable"),
    "rows_add_up": N_("rows of wave {wave}"),
    "cells_add_up": N_("cells of wave {wave}"),
    "empty_in_units": N_("{variable} in each {level}"),
    "code_far_from_numbers": N_("codes of {variable}"),
    "mark_may_part_thousands": N_("numbers of {variable}"),
    "dates_ahead": N_("dates of {variable}"),
    "lines_in_quotes": N_("lines of {file}"),
    "weight_complete": N_("weight {variable}"),
    "weights_move": N_("sum of weight {variable}"),
    "lone_strata": N_("strata {variable}"),
    "lighter_rows": N_("weight {variable}"),
    "plausible_values_complete": N_("plausible values of {score}"),
    "categories_found": N_("categories of {variable}"),
    "share_moves": N_("shares of {variable}"),
    "no_values": N_("values of {variable}"),
    "mean_moves": N_("scale of {variable}"),
    "spread_moves": N_("scale of {variable}"),
    "rescaled": N_("scale of {variable}"),
    "spelled_otherwise": N_("ids of {level}"),
    "written_otherwise": N_("ids of {level}"),
}


IN_A_TABLE = frozenset({"empty_in_units"})
"""Checks that no note or warning repeats: a table tells them, and no model has the rows."""


def check_words(check: At, names: SurveyNames) -> list[Run]:
    """What was found."""
    return CHECKS[check.kind.value](check, names)


def _recurs(check: At, names: SurveyNames) -> list[Run]:
    words = {
        "groups": names.plural(check.level.value),
        "wave": names.wave_name(check.wave.value),
        "other": names.wave_name(check.other.value),
    }
    counts = {name: count(getattr(check, name)) for name in ("stay", "before", "after")}
    template = _(
        "{stay} of {before} {groups} of wave {wave} are found in wave {other} (which has {after})"
    )
    without = _("some {groups} of wave {wave} are found in wave {other}").format(**words)
    found = or_else(say(template, **words, **counts), without)
    if check.result.value == "ok":
        return found
    doubt = (
        _(
            "{found}: one wave has less than a quarter of those of the other; is a part of it "
            "missing? What is said over time rests on those in both"
        )
        if check.expected.value
        else _(
            "{found} although {design} takes them as different; if they are the same, choose "
            "another design"
        )
    )
    return say(doubt, found=found, design=names.configuration.design.name)


def _one_parent(check: At, names: SurveyNames) -> list[Run]:
    words = {
        "groups": names.plural(check.level.value),
        "parent": names.level(check.parent.value),
    }
    told = say(
        ngettext(
            "{count} {groups} belongs to more than one {parent} in one wave",
            "{count} {groups} belong to more than one {parent} in one wave",
            check.count.value,
        ),
        count=count(check.count),
        **words,
    )
    without = _("some {groups} belong to more than one {parent} in one wave").format(**words)
    return or_else(told, without)


def _stable(check: At, names: SurveyNames) -> list[Run]:
    words = {
        "variable": names.variable(check.variable.value),
        "groups": names.plural(check.level.value),
    }
    told = say(
        _("{variable} changes between waves for {changed} of {compared} {groups}"),
        changed=count(check.changed),
        compared=count(check.compared),
        **words,
    )
    without = _("{variable} changes between waves for some {groups}").format(**words)
    return or_else(told, without)


def _rows_add_up(check: At, names: SurveyNames) -> list[Run]:
    told = say(
        _("{read} read, {kept} kept, {excluded} excluded"),
        read=count(check.read),
        kept=count(check.kept),
        excluded=count(check.excluded),
    )
    return or_else(told, _("rows read are rows kept and rows excluded"))


def _cells_add_up(check: At, names: SurveyNames) -> list[Run]:
    template = _("missing cells: {cells}, variables with any: {variables}, each with its reason")
    runs = or_else(
        say(template, cells=count(check.cells), variables=tally(check.variables)),
        _("each missing cell with its reason"),
    )
    if check.without_reason.empty:
        return runs
    without = [names.variable(name) for name in check.without_reason.value]
    return say(_("{text}, but for {names}"), text=runs, names=enumerate_words(without))


def _empty_in_units(check: At, names: SurveyNames) -> list[Run]:
    words = {
        "groups": names.plural(check.level.value),
        "wave": names.wave_name(check.wave.value),
    }
    told = say(
        _("{groups} without any value in wave {wave}: {some} of {of}"),
        some=count(check.groups),
        of=count(check.of),
        **words,
    )
    return or_else(told, _("{groups} without any value in wave {wave}: some").format(**words))


def _code_far_from_numbers(check: At, names: SurveyNames) -> list[Run]:
    template = _(
        "wave {wave}: {code}, far from all other numbers, in so many cells: {cells}; if the code "
        "means missing, declare it under 'missing', if not, a 'range' that holds it"
    )
    wave = names.wave_name(check.wave.value)
    return say(template, wave=wave, cells=count(check.cells), code=plain(check.code))


def _mark_may_part_thousands(check: At, names: SurveyNames) -> list[Run]:
    mark = check.mark.value
    other = "," if mark == "." else "."
    return say(
        _(
            "wave {wave}: in all cells with the decimal mark ({cells}) three digits follow "
            "it, as between thousands: {example} may be 12345; if so, declare {declared} for "
            "the wave, if not, a 'range' too narrow for thousands"
        ),
        wave=names.wave_name(check.wave.value),
        cells=count(check.cells),
        example=f"12{mark}345",
        declared=f"thousands: '{mark}', decimal: '{other}'",
    )


def _dates_ahead(check: At, names: SurveyNames) -> list[Run]:
    template = (
        _(
            "wave {wave}: dates in the future, on the day on which they were read: {cells}; "
            "correct them, or the 'century' or 'format' of the variable"
        )
        if check.after.value == "today"
        else _(
            "wave {wave}: dates after the year of the wave and the one that follows: "
            "{cells}; correct them, the 'century' or 'format' of the variable, or the "
            "wave's 'time'"
        )
    )
    return say(template, wave=names.wave_name(check.wave.value), cells=count(check.cells))


def _lines_in_quotes(check: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "wave {wave}: lines that are not read as rows, since they stand in quoted cells "
            "that look like rows: {rows}, the first from line {first} to line {last}; look "
            "there for stray quotation marks"
        ),
        wave=names.wave_name(check.wave.value),
        rows=count(check.rows),
        first=plain(check.first_line),
        last=plain(check.last_line),
    )


def _weight_complete(check: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "wave {wave}: {rows} weights, {missing} missing, {zero} zero, effective number of rows "
            "{effective}"
        ),
        wave=names.wave_name(check.wave.value),
        rows=count(check.n),
        missing=count(check.missing_),
        zero=count(check.zero),
        effective=fixed(check.effective_n, 0),
    )


def _weights_move(check: At, names: SurveyNames) -> list[Run]:
    words = {
        "wave": names.wave_name(check.wave.value),
        "other": names.wave_name(check.other.value),
        "old": fixed(check.sum, 0),
        "new": fixed(check.other_sum, 0),
    }
    if check.result.value == "ok":
        return say(_("{old} in wave {wave}, {new} in wave {other}"), **words)
    return say(
        _(
            "{old} in wave {wave}, {new} in wave {other}: a change by more than a third; are the "
            "weights of one wave scaled to another total, or is a part of it missing?"
        ),
        **words,
    )


def _plausible_values_complete(check: At, names: SurveyNames) -> list[Run]:
    return say(
        _("wave {wave}: rows with all {number} values: {rows}; with only some: {some}"),
        wave=names.wave_name(check.wave.value),
        rows=count(check.all),
        number=tally(check.values),
        some=count(check.some),
    )


def _categories_found(check: At, names: SurveyNames) -> list[Run]:
    variable = check.variable.value
    absent = [names.category(variable, code) for code in check.absent.value]
    return say(
        _("not found in wave {wave}, but in others: {names}"),
        wave=names.wave_name(check.wave.value),
        names=", ".join(absent),
    )


def _share_moves(check: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "the share of {category} moves from {old} in wave {wave} to {new} in wave {other}; if "
            "codes have changed their meaning, say under 'by_wave' how the wave is recoded"
        ),
        category=names.category(check.variable.value, check.category.value),
        old=percent(derive("ratio", check.before.n, check.before.of), 0),
        new=percent(derive("ratio", check.after.n, check.after.of), 0),
        wave=names.wave_name(check.wave.value),
        other=names.wave_name(check.other.value),
    )


def _no_values(check: At, names: SurveyNames) -> list[Run]:
    return say(_("none in wave {wave}"), wave=names.wave_name(check.wave.value))


def _mean_moves(check: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "the mean moves from {old} in wave {wave} to {new} in wave {other}: {shift} standard "
            "deviations; if the scale was changed on purpose, say 'rescaled' under 'by_wave'"
        ),
        old=_mean(check.before),
        new=_mean(check.after),
        shift=fixed(check.in_sd, 1),
        wave=names.wave_name(check.wave.value),
        other=names.wave_name(check.other.value),
    )


def _mean(rows: At) -> Number:
    """The mean of a number over the rows of a wave."""
    return fixed(rows.mean, decimals_for_mean(rows.sd.value, rows.n.value))


def _spread(rows: At) -> Number:
    """The standard deviation of a number over the rows of a wave."""
    return fixed(rows.sd, decimals_for_spread(rows.sd.value, rows.n.value))


def _spread_moves(check: At, names: SurveyNames) -> list[Run]:
    return say(
        _(
            "the standard deviation moves from {old} in wave {wave} to {new} in wave {other}; if "
            "the scale was changed on purpose, say 'rescaled' under 'by_wave'"
        ),
        old=_spread(check.before),
        new=_spread(check.after),
        wave=names.wave_name(check.wave.value),
        other=names.wave_name(check.other.value),
    )


def _rescaled(check: At, names: SurveyNames) -> list[Run]:
    is_minus = check.plus.value < 0
    template = (
        _("wave {wave}: as delivered times {times} minus {plus}")
        if is_minus
        else _("wave {wave}: as delivered times {times} plus {plus}")
    )
    return say(
        template,
        wave=names.wave_name(check.wave.value),
        times=plain(check.times),
        plus=plain(derive("negative", check.plus) if is_minus else check.plus),
    )


CHECKS: dict[str, Callable[[At, SurveyNames], list[Run]]] = {
    "recurs": _recurs,
    "one_parent": _one_parent,
    "found_elsewhere": found_elsewhere,
    "stable": _stable,
    "rows_add_up": _rows_add_up,
    "cells_add_up": _cells_add_up,
    "empty_in_units": _empty_in_units,
    "code_far_from_numbers": _code_far_from_numbers,
    "mark_may_part_thousands": _mark_may_part_thousands,
    "dates_ahead": _dates_ahead,
    "lines_in_quotes": _lines_in_quotes,
    "weight_complete": _weight_complete,
    "weights_move": _weights_move,
    "lone_strata": lone_strata,
    "lighter_rows": lighter_rows,
    "plausible_values_complete": _plausible_values_complete,
    "categories_found": _categories_found,
    "share_moves": _share_moves,
    "no_values": _no_values,
    "mean_moves": _mean_moves,
    "spread_moves": _spread_moves,
    "rescaled": _rescaled,
    "spelled_otherwise": spelled_otherwise,
    "written_otherwise": written_otherwise,
}
