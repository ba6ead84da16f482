"""Which programme a file is of, by the names of its columns, and what of it the file has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlm.configuration.programmes.catalogue import PROGRAMMES
from mlm.configuration.programmes.programme import Domain, Programme, Replication

NO_EVIDENCE = (0, 0, 0, 0)
"""Evidence of a file that has not enough of a programme's columns."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


class FileColumns:
    """Names of a file's columns, found whatever their capitals are."""

    def __init__(self, names: Iterable[str]):
        self.names = tuple(names)
        self._by_folded = {name.casefold(): name for name in reversed(self.names)}

    def get(self, name: str) -> str | None:
        """The column as the file spells it; None where there is none."""
        return self._by_folded.get(name.casefold())

    def all_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """The columns as the file spells them; empty where one is not there."""
        found = tuple(self._by_folded.get(name.casefold(), "") for name in names)
        return found if all(found) else ()

    def among(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of some columns that are there, as the file spells them."""
        return tuple(found for name in names if (found := self.get(name)) is not None)


@dataclass(frozen=True)
class Recognised:
    """The programme that a file seems to be of.

    Attributes
    ----------
    programme : Programme
        The likeliest.
    others : tuple of Programme
        Its other cycles and grades whose columns fit as well.
    by_name : bool
        Whether the name of the file told which of them it is.
    """

    programme: Programme
    others: tuple[Programme, ...] = ()
    by_name: bool = False


def recognised(columns: FileColumns, file: str = "") -> Recognised | None:
    """The programme whose columns a file has; None where none fits, or several fit alike.

    The weight of its rows must be there, and its replicates or the plausible values of a domain.

    Parameters
    ----------
    columns : FileColumns
        Of the file.
    file : str
        Its name, which may tell the cycle: as the programme names its files, or by a year.
    """
    found = {p.title: _evidence(p, columns) for p in PROGRAMMES}
    most = max(found.values())
    if most == NO_EVIDENCE:
        return None
    fit = [p for p in PROGRAMMES if found[p.title] == most]
    if len({p.name for p in fit}) > 1:
        return None
    name = fit[0].name
    alike = [p for p in PROGRAMMES if p.name == name and _measured(found[p.title], most)]
    told = _marked(alike, Path(file).name) or _told(fit, Path(file).name)
    chosen = (told or fit)[-1]
    others = told or fit
    return Recognised(chosen, tuple(p for p in others if p is not chosen), bool(told))


def _told(programmes: Sequence[Programme], file: str) -> list[Programme]:
    """Those that the name of a file means: by its marks, else by a year in it."""
    years = set(_YEAR.findall(file))
    by_year = [p for p in programmes if len(years) == 1 and p.cycle in years]
    return _marked(programmes, file) or by_year


def _marked(programmes: Sequence[Programme], file: str) -> list[Programme]:
    """Those whose files are named so."""
    return [
        p for p in programmes if any(re.fullmatch(mark, file.lower()) for mark in p.files if file)
    ]


def _measured(evidence: tuple[int, ...], most: tuple[int, ...]) -> bool:
    """Whether a file has as many replicates and plausible values of it as of the likeliest."""
    return (evidence[0], evidence[1], evidence[3]) == (most[0], most[1], most[3])


def _evidence(programme: Programme, columns: FileColumns) -> tuple[int, ...]:
    """What a file has of a programme: replicates, plausible values, other columns, in this order.

    Without the weight of the rows, or with neither replicates nor plausible values: nothing.
    """
    replicates = max(len(columns.all_of(r.names)) for r in programme.replications)
    draws = sum(len(columns.all_of(domain.draws)) for domain in programme.domains)
    if columns.get(programme.row_weight) is None or not replicates and not draws:
        return NO_EVIDENCE
    known = (*programme.ids.values(), *programme.weights.values(), *programme.covariates.values())
    return int(replicates > 0), draws, len(columns.among(known)), replicates


def replication_of(programme: Programme, columns: FileColumns) -> Replication | None:
    """The way in which a file tells the replicates: the first whose columns are all there."""
    return next((r for r in programme.replications if columns.all_of(r.names)), None)


def domains_of(programme: Programme, columns: FileColumns) -> tuple[Domain, ...]:
    """Domains whose plausible values are all there."""
    return tuple(domain for domain in programme.domains if columns.all_of(domain.draws))


def no_variables(programme: Programme, columns: FileColumns) -> frozenset[str]:
    """FileColumns of a file that the programme knows, and that are no variables of a model."""
    named = [*programme.ids.values(), *programme.weights.values(), programme.strata]
    named += [name for r in programme.replications for name in r.names]
    named += [name for domain in programme.domains for name in domain.draws]
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in programme.others]
    kept = {name.casefold() for name in programme.covariates.values()}
    alike = {
        name
        for name in columns.names
        if name.casefold() not in kept and any(p.fullmatch(name) for p in patterns)
    }
    return frozenset(columns.among(name for name in named if name)) | alike


def missing_of(programme: Programme, columns: FileColumns) -> Mapping[str, tuple[str, ...]]:
    """What a file lacks of a programme's weights and replicates, by what it is for."""
    lacking: dict[str, tuple[str, ...]] = {}
    for kind, column in programme.weights.items():
        parts = programme.factors.get(kind, ())
        if columns.get(column) is None and not (parts and columns.all_of(parts)):
            lacking[f"weights of {kind}"] = (column,)
    if replication_of(programme, columns) is None:
        usual = programme.replications[0].names
        lacking["replicates"] = tuple(name for name in usual if columns.get(name) is None)
    return lacking
