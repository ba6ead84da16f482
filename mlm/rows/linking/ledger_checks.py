"""Checks of what the ledgers of the waves tell together: sums, files, labels, empty or new cells.

What contradicts the configuration is a problem, and no result is computed from it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.planning import row_weight
from mlm.results.survey.account import CategorySummary, NumberSummary, WaveLedger
from mlm.results.survey.checks import (
    AnyCheck,
    CategoriesFound,
    CategoryShare,
    CellsAddUp,
    CodeFarFromNumbers,
    DatesAhead,
    EmptyInUnits,
    LinesInQuotes,
    MarkMayPartThousands,
    MeanMoves,
    NoValues,
    PlausibleValuesComplete,
    Rescaled,
    RowsAddUp,
    ShareMoves,
    SpreadMoves,
    WeightComplete,
    WeightsMove,
)
from mlm.rows.messages import counted

MAX_SHIFT = 3.0
"""Change of a mean between waves, in standard deviations, from which scales are in doubt."""

MAX_SD_RATIO = 3.0
"""Ratio of the standard deviations of two waves from which scales are in doubt."""

MAX_MOVED_SHARES = 0.3
"""Share of the rows that would have to change their category from which codings are in doubt."""

MAX_MOVED_SUM = 1 / 3
"""Change of the sum of the weights between waves from which their unit is in doubt."""

_NAMED_SHIFTS = 5


def ledger_problems(configuration: Configuration, ledgers: Sequence[WaveLedger]) -> list[str]:
    """The same file in two waves; codes whose label differs between waves."""
    return [*_same_files(ledgers), *_changed_labels(configuration, ledgers)]


def _same_files(ledgers: Sequence[WaveLedger]) -> Iterator[str]:
    for one, other in itertools.combinations(ledgers, 2):
        for file, copy in itertools.product(one.files, other.files):
            if file.sha256 == copy.sha256:
                yield (
                    f"wave {other.wave}: {copy.file}: the file is a copy of {file.file} of wave "
                    f"{one.wave}; deliver the wave's own file"
                )


def _labels(ledger: WaveLedger) -> dict[str, dict[str, str]]:
    """Labels of the files by variable and code."""
    return {found.variable: {c.code: c.label for c in found.labels} for found in ledger.labels}


def _changed_labels(configuration: Configuration, ledgers: Sequence[WaveLedger]) -> Iterator[str]:
    for one, other in itertools.combinations(ledgers, 2):
        before, after = _labels(one), _labels(other)
        for name in before.keys() & after.keys() & configuration.variables.keys():
            declared = configuration.variables[name].by_wave
            if one.wave in declared or other.wave in declared:
                continue
            codes = [
                code
                for code in before[name].keys() & after[name].keys()
                if before[name][code].strip().lower() != after[name][code].strip().lower()
            ]
            if codes:
                shown = ", ".join(sorted(codes)[:_NAMED_SHIFTS])
                yield (
                    f"{name}: {counted(len(codes), 'code')} ({shown}) with another label in wave "
                    f"{other.wave} than in wave {one.wave}: the coding has changed; say "
                    f"under 'by_wave' how wave {other.wave} is recoded (an empty recode if only "
                    "the wording differs)"
                )


def check_ledgers(configuration: Configuration, ledgers: Sequence[WaveLedger]) -> list[AnyCheck]:
    """Rows and cells that add up, empty units, categories that come and go, scales that jump."""
    checks: list[AnyCheck] = []
    for ledger in ledgers:
        checks += [_rows(ledger), _cells(ledger), *_empty(ledger), *_suspect_codes(ledger)]
        checks += _cell_doubts(ledger)
        checks += _roles(ledger)
    checks += _moved_weights(configuration, ledgers)
    for name, variable in configuration.variables.items():
        summaries = [(ledger.wave, _summary(ledger, name)) for ledger in ledgers]
        if variable.is_category:
            checks += [*_absent_categories(name, summaries), *_moved_shares(name, summaries)]
        else:
            entries = variable.by_wave.items()
            rescaled = {wave for wave, entry in entries if entry.rescaled}
            checks += _shifts(name, summaries, rescaled)
            for wave, entry in entries:
                if entry.rescale:
                    times, plus = entry.rescale
                    scaled = Rescaled(result="ok", variable=name, wave=wave, times=times, plus=plus)
                    checks.append(scaled)
    return checks


def _summary(ledger: WaveLedger, name: str) -> CategorySummary | NumberSummary:
    return next(summary for summary in ledger.variables if summary.variable == name)


def _rows(ledger: WaveLedger) -> RowsAddUp:
    excluded = sum(entry.rows for entry in ledger.excluded)
    return RowsAddUp(
        result="ok" if ledger.rows_read == ledger.rows_kept + excluded else "warning",
        wave=ledger.wave,
        read=ledger.rows_read,
        kept=ledger.rows_kept,
        excluded=excluded,
    )


def _cells(ledger: WaveLedger) -> CellsAddUp:
    missing = dict.fromkeys((summary.variable for summary in ledger.variables), 0)
    for entry in ledger.missing:
        missing[entry.variable] += entry.cells
    wrong = tuple(
        summary.variable
        for summary in ledger.variables
        if summary.n + missing[summary.variable] != ledger.rows_kept
    )
    return CellsAddUp(
        result="warning" if wrong else "ok",
        wave=ledger.wave,
        cells=sum(missing.values()),
        variables=len(missing),
        without_reason=wrong,
    )


def _empty(ledger: WaveLedger) -> Iterator[EmptyInUnits]:
    units = {entry.level: entry.n for entry in ledger.groups}
    for entry in ledger.empty_groups:
        yield EmptyInUnits(
            result="warning",
            variable=entry.variable,
            level=entry.level,
            wave=ledger.wave,
            groups=entry.groups,
            of=units[entry.level],
        )


def _suspect_codes(ledger: WaveLedger) -> Iterator[CodeFarFromNumbers]:
    for entry in ledger.suspect_codes:
        yield CodeFarFromNumbers(
            result="warning",
            variable=entry.variable,
            wave=ledger.wave,
            cells=entry.cells,
            code=entry.code,
        )


def _cell_doubts(
    ledger: WaveLedger,
) -> Iterator[MarkMayPartThousands | DatesAhead | LinesInQuotes]:
    kinds = {
        "mark_before_three_digits": MarkMayPartThousands,
        "late_dates": DatesAhead,
        "rows_in_quotes": LinesInQuotes,
    }
    for entry in ledger.cell_doubts:
        facts = entry.model_dump(exclude={"kind"})
        yield kinds[entry.kind](result="warning", wave=ledger.wave, **facts)


def _roles(ledger: WaveLedger) -> Iterator[WeightComplete | PlausibleValuesComplete]:
    for entry in ledger.roles.weights:
        yield WeightComplete(
            result="warning" if entry.missing + entry.zero else "ok",
            variable=entry.variable,
            wave=ledger.wave,
            n=entry.n,
            missing=entry.missing,
            zero=entry.zero,
            effective_n=entry.effective_n,
        )
    for entry in ledger.roles.plausible_values:
        yield PlausibleValuesComplete(
            result="warning" if entry.some else "ok",
            outcome=entry.outcome,
            wave=ledger.wave,
            values=len(entry.values),
            all=entry.all,
            some=entry.some,
        )


def _moved_weights(
    configuration: Configuration, ledgers: Sequence[WaveLedger]
) -> Iterator[WeightsMove]:
    """Sums of the weights of rows, from wave to wave."""
    name = row_weight(configuration)
    sums = [
        (ledger.wave, entry.sum)
        for ledger in ledgers
        for entry in ledger.roles.weights
        if entry.variable == name
    ]
    for (wave, before), (other, after) in itertools.pairwise(sums):
        moves = before > 0 and abs(after / before - 1.0) > MAX_MOVED_SUM
        yield WeightsMove(
            result="warning" if moves else "ok",
            variable=name,
            wave=wave,
            other=other,
            sum=before,
            other_sum=after,
        )


Categories = list[tuple[str, CategorySummary]]
Numbers = list[tuple[str, NumberSummary]]


def _absent_categories(name: str, summaries: Categories) -> Iterator[CategoriesFound]:
    found = {count.category for _, summary in summaries for count in summary.counts if count.n}
    for wave, summary in summaries:
        absent = tuple(c.category for c in summary.counts if not c.n and c.category in found)
        if absent:
            yield CategoriesFound(result="warning", variable=name, wave=wave, absent=absent)


def _moved_shares(name: str, summaries: Categories) -> Iterator[ShareMoves]:
    """Categories whose shares differ so much between two waves that their codes are in doubt."""
    for (wave, old), (other, new) in itertools.pairwise(summaries):
        if not old.n or not new.n:
            continue
        before = {count.category: count.n for count in old.counts}
        after = {count.category: count.n for count in new.counts}
        moved = {code: after[code] / new.n - n / old.n for code, n in before.items()}
        if sum(map(abs, moved.values())) / 2 > MAX_MOVED_SHARES:
            most = max(moved, key=lambda code: round(abs(moved[code]), 9))
            yield ShareMoves(
                result="warning",
                variable=name,
                category=most,
                wave=wave,
                other=other,
                before=CategoryShare(n=before[most], of=old.n),
                after=CategoryShare(n=after[most], of=new.n),
            )


def _shifts(
    name: str, summaries: Numbers, rescaled: set[str]
) -> Iterator[NoValues | MeanMoves | SpreadMoves]:
    for wave, summary in summaries:
        if not summary.n:
            yield NoValues(result="warning", variable=name, wave=wave)
    for (wave, old), (other, new) in itertools.pairwise(summaries):
        if old.n and new.n and other not in rescaled:
            yield from _jump(name, (wave, old), (other, new))


def _jump(
    name: str, before: tuple[str, NumberSummary], after: tuple[str, NumberSummary]
) -> Iterator[MeanMoves | SpreadMoves]:
    """A mean, or else a standard deviation, that moves too much from one wave to another."""
    (wave, old), (other, new) = before, after
    if not old.sd:
        return
    place = {"result": "warning", "variable": name, "wave": wave, "other": other}
    shift = abs(new.mean - old.mean)
    if shift > MAX_SHIFT * old.sd:
        yield MeanMoves(**place, before=old, after=new, in_sd=shift / old.sd)
    elif new.sd and not 1 / MAX_SD_RATIO <= new.sd / old.sd <= MAX_SD_RATIO:
        yield SpreadMoves(**place, before=old, after=new)
