"""Columns of the clean tables that tell of the sample: weights, clusters, replicates, draws.

One that is named in the codebook is read as its entry says; the others need no entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.sampled.keys import NamedColumn, NamedColumns
from mlm.configuration.variable import Variable
from mlm.nouns.levels import ROW


@dataclass(frozen=True)
class SampledColumn:
    """A column of the files that is no variable of the codebook.

    Attributes
    ----------
    name : str
        Its name in the clean tables.
    path : KeyPath
        Where the configuration names it.
    is_text : bool
        Whether its cells are ids (of strata, clusters, pairs); otherwise they are numbers.
    names : mapping of str to str
        Column of the files by wave, where it is not ``name``.
    missing : mapping of str to str
        Codes that mean missing, with their meaning.
    score : str or None
        Variable that the column is a plausible value of.
    """

    name: str
    path: KeyPath
    is_text: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    score: str | None = None
    ignore = ()

    def column_in(self, wave: str) -> str:
        """Column of a wave's files."""
        return self.names.get(wave, self.name)


def named_columns(configuration: Configuration) -> Iterator[SampledColumn]:
    """All columns that the keys of the sample name, in their order; some may be named twice."""
    sampling = configuration.sampling
    if sampling is not None:
        for level, entry in sampling.weights.items():
            for i, part in enumerate(entry.parts):
                path: KeyPath = ("sampling", "weights", level)
                yield _single((*path, i) if entry.factors else path, part)
        for i, entry in enumerate(sampling.psu or ()):
            path = ("sampling", "psu", i) if len(sampling.psu) > 1 else ("sampling", "psu")
            yield _single(path, entry, is_text=True)
        if sampling.strata is not None:
            yield _single(("sampling", "strata"), sampling.strata, is_text=True)
        known = sampling.replicates
        if known is not None and known.columns is not None:
            yield from _several(("sampling", "replicates", "columns"), known.columns)
        for key in ("zone", "unit") if known is not None else ():
            if (entry := getattr(known, key)) is not None:
                yield _single(("sampling", "replicates", key), entry, is_text=True)
    for score, entry in configuration.plausible_values.items():
        yield from _several(("plausible_values", score), entry, score)


def _single(path: KeyPath, entry: NamedColumn, is_text: bool = False) -> SampledColumn:
    return SampledColumn(entry.column, path, is_text, entry.names, entry.missing)


def _several(
    path: KeyPath, entry: NamedColumns, score: str | None = None
) -> Iterator[SampledColumn]:
    for i, name in enumerate(entry.columns):
        names = {wave: own[i] for wave, own in entry.names.items() if i < len(own)}
        yield SampledColumn(name, path, False, names, entry.missing, score)


def sampled_columns(configuration: Configuration) -> dict[str, SampledColumn]:
    """Columns that the clean tables hold beside ids and variables, each once, by their names."""
    known = {*configuration.variables, *configuration.level_names}
    found: dict[str, SampledColumn] = {}
    for column in named_columns(configuration):
        if column.name not in known:
            found.setdefault(column.name, column)
    return found


def entry_of(configuration: Configuration, column: SampledColumn) -> Variable:
    """Codebook entry by which the numbers of a column are read.

    A plausible value is read as the score that it is drawn of.
    """
    own = {"column": column.name, "names": dict(column.names), "aliases": ()}
    score = configuration.variables.get(column.score) if column.score else None
    if score is None:
        return Variable(
            label=column.name, type="number", level=ROW, missing=dict(column.missing), **own
        )
    return score.model_copy(update={**own, "missing": {**score.missing, **column.missing}})


def number_columns(configuration: Configuration) -> tuple[str, ...]:
    """Columns of the clean tables that hold numbers."""
    known = configuration.single_variables.items()
    sampled = sampled_columns(configuration).items()
    return (
        *(name for name, variable in known if not variable.is_category),
        *(name for name, column in sampled if not column.is_text),
        *products(configuration),
    )


def products(configuration: Configuration) -> dict[str, tuple[str, ...]]:
    """Weights of the clean tables that are products of others of their columns, by their names."""
    entries = configuration.sampling.weights.values() if configuration.sampling else ()
    return {e.column: tuple(f.column for f in e.factors) for e in entries if e.factors}


def weight_columns(configuration: Configuration) -> tuple[str, ...]:
    """Columns of the clean tables with weights of units and rows."""
    sampling = configuration.sampling
    return tuple(entry.column for entry in sampling.weights.values()) if sampling else ()


def read_weights(configuration: Configuration) -> tuple[str, ...]:
    """Columns of the files that weights are read from."""
    sampling = configuration.sampling
    entries = sampling.weights.values() if sampling else ()
    return tuple(part.column for entry in entries for part in entry.parts)
