"""Counts of the reports of a survey, and which of them a public report must hide.

All reports of a survey are protected together: what one shows, readers of another know. So the
counts of every analysis are put into one set of relations, and each report finds the same answer.
What the version before showed is known too.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlm.pages.context import Context
from mlm.pages.derived import trace
from mlm.pages.disclosure.facts import LinearBound, Relation, half_unit, is_ratio, quotient
from mlm.pages.disclosure.names import name_of, rows_name
from mlm.pages.disclosure.persons import name_of_unit, persons_in_each
from mlm.pages.disclosure.printed import Printed, figure_sources
from mlm.pages.disclosure.relations import printed_relations, survey_relations
from mlm.pages.disclosure.rules import Rules
from mlm.pages.disclosure.sheet import OWN, Sheet
from mlm.pages.disclosure.suppression.suppress import Knowledge
from mlm.pages.disclosure.told_texts import counts_told, told_keys
from mlm.pages.words.levels import identifier
from mlm.results.reading import At, Source

ANALYSES, VERSION = "analyses", "version"
LOST_DIGIT = 0.3  # what it costs to show a number with a digit fewer; to hide it costs 1
LASTING = {*OWN, "survey"}  # inputs whose counts later versions have too


def knowledge_of(sheet: Sheet, others: Sequence[Sheet] = ()) -> Knowledge:
    """The counts of a survey, what ties them, what is printed of them, and which are small.

    Parameters
    ----------
    sheet : Sheet
        The report at hand, with what the version before it showed.
    others : sequence of Sheet
        Those of the other analyses of the survey, with what the versions before them showed: so
        all find the same answer.
    """
    sheets = sorted((sheet, *others), key=lambda each: each.context.analysis)
    counts = _Counts()
    facts: dict[str, tuple[LinearBound, ...]] = {}
    cells: defaultdict[str, float] = defaultdict(float)
    for each in sheets:
        printed, wholes = each.printed()
        for source in printed:
            counts.add(each, source)
        counts.relations += _relations(each, [*printed, *wholes], counts)
        for name, bounds in each.facts():
            facts[name] = bounds
            cells[name] += 1.0
        for name, shorter in each.shorter_facts():
            facts[shorter.name] = shorter.bounds
            cells[name] -= 1.0 - LOST_DIGIT
            cells[shorter.name] += 1.0 - LOST_DIGIT
    reasons: dict[str, str] = {}
    counts.relations += _across_sheets(sheets, counts, reasons)
    known = _before(sheets, counts, reasons)
    shares = _shares_before(sheets, counts)
    facts |= shares
    known |= shares.keys()
    told = _told(sheets, counts)
    needs = _needs(counts, sheet.context.rules, set().union(*map(_secret, sheets)))
    dear = {key for key in facts if key.startswith(OWN)}  # what was studied
    given = counts.values, counts.relations, facts, needs, cells, dear
    return Knowledge(*given, known, {key: told[key] for key in told if key not in known}, reasons)


def _told(sheets: Sequence[Sheet], counts: _Counts) -> dict[str, str]:
    """Counts that texts of the configuration tell, with their words."""
    found: dict[str, str] = {}
    for each in sheets:
        words = counts_told(each.context.configuration, each.context.analysis)
        found |= told_keys(words, counts.values, counts.units)
    return found


def _needs(counts: _Counts, rules: Rules, secret: set[str]) -> dict[str, int]:
    """Counts that nobody may learn, with the size that each must be able to have."""
    needs = {
        key: rules.open_to(value, counts.persons[key])
        for key, value in counts.values.items()
        if rules.is_few(value, counts.persons[key])
    }
    hidden_before = (key for key in secret if key in counts.values)
    return needs | {key: counts.values[key] + rules.threshold for key in hidden_before}


class _Counts:
    """Counts by their keys: value, the fewest persons each thing counted holds, relations."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.persons: dict[str, int] = {}
        self.units: dict[str, str] = {}  # the level whose units a count counts
        self.relations: list[Relation] = []

    def add(self, sheet: Sheet, source: Source, value: int | None = None) -> str:
        """Take a count; its key."""
        key = sheet.key(source)
        if key not in self.values:
            inputs = sheet.context.inputs
            self.values[key] = trace(source, inputs) if value is None else value
            self.persons[key] = persons_in_each(source, sheet.context)
            self.units[key] = name_of_unit(source, sheet.context)
        return key

    def derive(self, key: str, value: int, like: str) -> None:
        """Take a difference of counts."""
        self.values[key], self.persons[key] = value, self.persons[like]


def _relations(sheet: Sheet, sources: list[Source], counts: _Counts) -> list[Relation]:
    """The relations that hold; the counts they bring in are added to `counts`."""
    context, inputs = sheet.context, sheet.context.inputs
    found = [
        [(factor, source, trace(source, inputs)) for factor, source in terms]
        for terms in printed_relations(sources)
    ]
    found += [
        [(factor, node.source, node.value) for factor, node in terms]
        for terms in survey_relations(context)
    ]
    relations = []
    for terms in found:
        if any(value is None for *__, value in terms):
            continue
        if sum(factor * value for factor, __, value in terms) != 0:
            continue
        relation: dict[str, int] = {}
        for factor, source, value in terms:
            key = counts.add(sheet, source, value)
            relation[key] = relation.get(key, 0) + factor
        relation = {key: factor for key, factor in relation.items() if factor}
        if relation:
            relations.append(relation)
    return relations


def _across_sheets(
    sheets: Sequence[Sheet], counts: _Counts, reasons: dict[str, str]
) -> Iterator[Relation]:
    """Rows and units of one analysis that another, with more variables, leaves out."""
    for wider, narrower in itertools.permutations(sheets, 2):
        fewer, more = (set(each.context.variables) for each in (wider, narrower))
        if not fewer <= more:
            continue
        for name, node in _sizes(wider.context):
            same = dict(_sizes(narrower.context)).get(name)
            keys = wider.key(node.source), "" if same is None else narrower.key(same.source)
            if same is None or not all(key in counts.values for key in keys):
                continue
            apart = f"apart({wider.context.analysis}, {narrower.context.analysis})#{name}"
            counts.derive(apart, node.value - same.value, keys[0])
            reasons[apart] = ANALYSES
            yield {keys[0]: 1, keys[1]: -1, apart: -1}


def _sizes(context: Context) -> Iterator[tuple[str, At]]:
    """Rows and units of an analysis, in all and by wave, by a name that analyses share."""
    results = context.results
    yield "n_obs", results.n_obs
    for item in results.levels:
        yield f"levels/{identifier(item.level.value)}", item.n
        if not item.distinct.missing:
            yield f"levels/{identifier(item.level.value)}/distinct", item.distinct
    for wave in results.waves:
        yield f"waves/{wave.wave.value}", wave.rows
        for item in wave.groups:
            yield f"waves/{wave.wave.value}/{identifier(item.level.value)}", item.n


def _before(sheets: Sequence[Sheet], counts: _Counts, reasons: dict[str, str]) -> set[str]:
    """Counts that the versions before showed and that are the same; the moves of the others."""
    known: set[str] = set()
    for teller in sheets:
        before = _shown_before(teller)
        if not before:
            continue
        rows = {key for name, key in _rows_before(teller).items() if name in before}
        known |= {key for key in rows if key in counts.values}  # those that the comparison tells of
        for name, key in _lasting(teller, sheets, counts):
            if before.get(name) == counts.values[key]:
                known.add(key)
            elif name in before:
                known.add(_move(key, before[name], counts, reasons))
    counts.relations += _same_rows_before(sheets, counts)
    return known


def _shares_before(sheets: Sequence[Sheet], counts: _Counts) -> dict[str, tuple[LinearBound, ...]]:
    """What shares that versions before showed say of counts that are the same."""
    found: dict[str, tuple[LinearBound, ...]] = {}
    for teller in sheets:
        ratios, before = teller.context.previous.ratios.value or (), _shown_before(teller)
        keys = dict(_lasting(teller, sheets, counts)) if ratios else {}
        for ratio in ratios:
            names = (ratio.top, ratio.bottom)
            if not set(names) <= keys.keys():
                continue
            top, bottom = now = [keys[name] for name in names]
            then = [before.get(name, counts.values[keys[name]]) for name in names]
            if then != [counts.values[key] for key in now]:
                continue  # of counts that have moved
            bounds = quotient(top, bottom, ratio.value, ratio.half)
            if all(bound.holds(counts.values) for bound in bounds):
                found[f"before: {top} of {bottom} as {ratio.value}"] = bounds
    return found


def _lasting(teller: Sheet, sheets: Sequence[Sheet], counts: _Counts) -> Iterator[tuple[str, str]]:
    """Name and key of each printed count that a version before may have shown too."""
    for each in sheets:
        for source in itertools.chain(*each.printed()):
            is_of_survey = isinstance(source, str) and source.startswith("survey#")
            if (each is teller or is_of_survey) and each.key(source) in counts.values:
                yield name_of(source, each.context.inputs), each.key(source)


def _move(key: str, before: int, counts: _Counts, reasons: dict[str, str]) -> str:
    """Take by how much a count moved; the key of what it was."""
    move, old = f"change from {before}#{key}", f"before {before}#{key}"
    sign = 1 if counts.values[key] > before else -1
    if move not in counts.values:
        counts.derive(move, abs(counts.values[key] - before), key)
        counts.derive(old, before, key)
        counts.relations.append({key: sign, old: -sign, move: -1})
    reasons[move] = VERSION
    return old


def _same_rows_before(sheets: Sequence[Sheet], counts: _Counts) -> Iterator[Relation]:
    """Rows of a wave in the versions before of two analyses, where they are the same number."""
    for one, other in itertools.combinations(sheets, 2):
        first, second = _rows_before(one), _rows_before(other)
        for name in first.keys() & second.keys():
            keys = first[name], second[name]
            if (
                all(key in counts.values for key in keys)
                and len({counts.values[k] for k in keys}) == 1
            ):
                yield {keys[0]: 1, keys[1]: -1}


def _shown_before(sheet: Sheet) -> dict[str, int]:
    """Counts that the version before showed, by their names."""
    return {item.name: item.count for item in sheet.context.previous.shown.value or ()}


def _rows_before(sheet: Sheet) -> dict[str, str]:
    """Keys of the rows of the waves in the version before, by their names."""
    rows = sheet.context.previous.rows
    return {rows_name(item.wave.value): sheet.key(item.rows.source) for item in rows}


def _secret(sheet: Sheet) -> set[str]:
    """Counts of the version before that it did not show."""
    if sheet.context.previous.shown.missing:
        return set()
    before = _shown_before(sheet)
    return {key for name, key in _rows_before(sheet).items() if name not in before}


def shown_counts(document: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, int]:
    """Counts that a finished report shows, by names that later versions share."""
    shown = Printed().take(document)
    found = [n["source"] for __, n in shown.numbers if n["style"] == "count"]
    for figure in shown.figures:
        hidden = {(column, position) for column, position in figure["hidden"]}
        found += [
            source
            for column, position, source in figure_sources(figure)
            if not is_ratio(source) and (column, position) not in hidden
        ]
    own = [source for source in found if _inputs_of(source) <= LASTING]
    return {name_of(source, inputs): trace(source, inputs) for source in own}


def shown_ratios(
    document: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Iterator[tuple[str, str, float, float]]:
    """Shares that a finished report shows: names of both counts, value, half of its last digit."""
    for __, number in Printed().take(dict(document)).numbers:
        source = number["source"]
        if is_ratio(source) and _inputs_of(source) <= LASTING:
            top, bottom = (name_of(part, inputs) for part in source["of"])
            yield top, bottom, number["value"], half_unit(number)


def _inputs_of(source: Source) -> set[str]:
    """Names of the inputs that a source reads."""
    if isinstance(source, dict):
        return set().union(*(_inputs_of(part) for part in source["of"]))
    return {source.partition("#")[0]}
