"""Checks of columns of the sample, plausible values, cuts of scores and links between waves."""

from __future__ import annotations

from collections.abc import Iterator

from mlm.configuration.checks_computed import inputs_of
from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.names import nearest, parse_term
from mlm.configuration.sampled.columns import SampledColumn, named_columns
from mlm.configuration.sampled.keys import TO, NamedColumn, NamedColumns
from mlm.configuration.sampled.planning import score_of
from mlm.errors import ModelError, listed
from mlm.nouns.levels import ROW, WAVE

Problem = tuple[KeyPath, str]

WHAT = {
    "weights": "a sampling weight",
    "psu": "the id of clusters",
    "strata": "a stratum of the sample",
    "replicates": "a column of replicates",
    "plausible_values": "a plausible value",
}
"""What a column is, by the key that names it."""


def score_problems(configuration: Configuration) -> Iterator[Problem]:
    """Columns of the sample that are something else too; scores, cuts and links without sense."""
    yield from _columns(configuration)
    yield from _names(configuration)
    for name in configuration.plausible_values:
        yield from _score(configuration, name)
    yield from _together(configuration)
    yield from _computed(configuration)
    for name in configuration.minimum_proficiency:
        yield from _cut(configuration, name)
    for name in configuration.linking_error:
        yield from _links(configuration, name)


def _key_of(column: SampledColumn) -> str:
    """The key under which a column is named."""
    return next(str(part) for part in column.path if part in WHAT)


def _columns(configuration: Configuration) -> Iterator[Problem]:
    """Columns that are terms, levels, or several things at once."""
    first: dict[str, SampledColumn] = {}
    terms = {
        name: analysis
        for analysis in configuration.analyses
        for name in _used(configuration, analysis)
    }
    for column in named_columns(configuration):
        name, what = column.name, WHAT[_key_of(column)]
        known = first.setdefault(name, column)
        if name in terms:
            yield (
                ("analyses", terms[name]),
                f"{name!r} is {what}; it is neither an outcome nor a term",
            )
        elif known.is_text != column.is_text:
            yield column.path, f"{name!r} is {WHAT[_key_of(known)]}; it cannot be {what} too"
        elif known.score != column.score or (known.score and known is not column):
            yield column.path, f"{name!r} is named twice; each plausible value has its own column"
        elif ":" in name and column.is_text:
            yield column.path, f"{name!r} holds a colon, which joins ids; rename it by 'names'"
        elif name == WAVE or (name in configuration.level_names and not column.is_text):
            yield (
                column.path,
                f"{name!r} is the name of ids in the clean tables; add an entry under 'variables' "
                f"with another name and column: {name}",
            )
        elif name in configuration.variables and (column.names or column.missing):
            yield (
                column.path,
                f"{name!r} has an entry under 'variables'; say 'names' and 'missing' there",
            )


def _used(configuration: Configuration, analysis: str) -> set[str]:
    """Outcome and variables of the terms of an analysis."""
    entry = configuration.analyses[analysis]
    names = {entry.outcome}
    for text in entry.terms:
        try:
            names.update(parse_term(text).variables)
        except ValueError:
            continue
    return names


def _named_entries(configuration: Configuration) -> Iterator[tuple[KeyPath, object]]:
    """All entries that may have other names in other waves."""
    sampling = configuration.sampling
    if sampling is not None:
        for level, entry in sampling.weights.items():
            yield from ((("sampling", "weights", level), part) for part in entry.parts)
        for i, entry in enumerate(sampling.psu or ()):
            yield ("sampling", "psu", i), entry
        yield ("sampling", "strata"), sampling.strata
        if sampling.replicates is not None:
            for key in ("columns", "zone", "unit"):
                yield ("sampling", "replicates", key), getattr(sampling.replicates, key)
    for score, entry in configuration.plausible_values.items():
        yield ("plausible_values", score), entry


def _names(configuration: Configuration) -> Iterator[Problem]:
    """Other names in waves that do not exist, or of other numbers of columns."""
    for path, entry in _named_entries(configuration):
        if not isinstance(entry, NamedColumn | NamedColumns):
            continue
        for wave, own in entry.names.items():
            where = (*path, "names", wave)
            if wave not in configuration.wave_names:
                yield where, f"{wave!r} is not a wave; {nearest(wave, configuration.wave_names)}"
            elif isinstance(entry, NamedColumns) and len(own) != len(entry.columns):
                yield (
                    where,
                    f"{len(own)} columns in this wave, {len(entry.columns)} in the others "
                    f"({listed(entry.columns)}); they pair by their order: name as many in each",
                )


def _score(configuration: Configuration, name: str) -> Iterator[Problem]:
    """What is wrong with the plausible values of one variable."""
    path, entry = ("plausible_values", name), configuration.plausible_values[name]
    variable = configuration.variables.get(name)
    if variable is None:
        yield (
            path,
            f"{name!r} is not a variable; {nearest(name, configuration.variables)} A score needs "
            "an entry under 'variables' (label, type: number, level: row, unit) and is read from "
            "its plausible values",
        )
        return
    if variable.type != "number" or variable.level != ROW:
        yield path, f"{name!r} must be a number at level row"
    told = [
        key
        for key in ("column", "names", "aliases", "derive", "aggregate")
        if getattr(variable, key)
    ]
    if told:
        yield (
            ("variables", name, told[0]),
            f"{name!r} is read from its plausible values ({listed(entry.columns)}); remove the key",
        )
    if entry.nests is not None and len(entry.columns) % entry.nests:
        yield (
            (*path, "nests"),
            f"{len(entry.columns)} columns cannot stand in {entry.nests} nests of the same size",
        )
        return
    try:
        score_of(configuration, name)
    except ModelError as error:
        yield path, str(error).rstrip(".")


def _together(configuration: Configuration) -> Iterator[Problem]:
    """Scores of one analysis that have other numbers of draws, or other nests."""
    known = configuration.plausible_values
    for analysis in configuration.analyses:
        scores = [name for name in known if name in _used(configuration, analysis)]
        sizes = {(len(known[name].columns), known[name].nests) for name in scores}
        if len(sizes) > 1:
            counts = ", ".join(f"{name} {len(known[name].columns)}" for name in scores)
            yield (
                ("analyses", analysis),
                f"plausible values pair by their number, and those of its scores have {counts}; "
                "give each as many columns and nests",
            )


def _computed(configuration: Configuration) -> Iterator[Problem]:
    """Variables that are computed from a score, of which there is no single value."""
    for name, variable in configuration.variables.items():
        try:
            inputs = inputs_of(variable)
        except ValueError:
            continue
        drawn = [v for v in inputs if v in configuration.plausible_values]
        if drawn:
            key = "derive" if variable.derive is not None else "aggregate"
            yield (
                ("variables", name, key),
                f"{name!r} is computed from {drawn[0]}, which is known by plausible values: it "
                "would differ between them. Compute it once for each, in the files, and name the "
                "columns under 'plausible_values'",
            )


def _of_outcome(configuration: Configuration, path: KeyPath, name: str) -> Iterator[Problem]:
    """Whether a variable is an outcome, of which cuts and links can be said."""
    outcomes = [analysis.outcome for analysis in configuration.analyses.values()]
    if name not in configuration.variables:
        yield path, f"{name!r} is not a variable; {nearest(name, outcomes)}"
    elif name not in outcomes:
        yield path, f"{name!r} is the outcome of no analysis; {nearest(name, outcomes)}"
    elif not configuration.is_sampled:
        yield (
            path,
            "this is used where rows have sampling weights or scores plausible values; add "
            "'sampling' or 'plausible_values', or remove the key",
        )


def _cut(configuration: Configuration, name: str) -> Iterator[Problem]:
    path, variable = ("minimum_proficiency", name), configuration.variables.get(name)
    yield from _of_outcome(configuration, path, name)
    if variable is None:
        return
    if variable.unit is None:
        yield path, f"{name!r} has no unit, and a cut is a number of it; add 'unit' to the variable"
    if variable.centre or variable.standardise:
        key = "centre" if variable.centre else "standardise"
        yield (
            path,
            f"{name!r} is no longer on the scale of the cut ({key}); remove '{key}' of it",
        )
    cuts = list(configuration.minimum_proficiency[name].values())
    if len(set(cuts)) < len(cuts):
        yield path, "two cuts have the same value; each is a level of its own"


def _links(configuration: Configuration, name: str) -> Iterator[Problem]:
    waves = configuration.wave_names
    yield from _of_outcome(configuration, ("linking_error", name), name)
    for pair in configuration.linking_error[name]:
        where, both = ("linking_error", name, pair), pair.split(TO)
        if len(both) != 2:
            yield where, f"{pair!r} is no pair of waves; write '{waves[0]}{TO}{waves[-1]}'"
            continue
        unknown = [wave for wave in both if wave not in waves]
        if unknown:
            yield where, f"{unknown[0]!r} is not a wave; {nearest(unknown[0], waves)}"
        elif waves.index(both[0]) >= waves.index(both[1]):
            yield where, f"{both[1]} does not come after {both[0]}; write the earlier wave first"
