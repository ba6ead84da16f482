"""The keys of a configuration that ``sampling: {programme: ...}`` fills; what is written wins.

What is filled follows from the configuration alone, not from the files: the same configuration
means the same everywhere. Whether the columns are in the files is looked at when they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from mlm.configuration.document import KeyPath, format_path
from mlm.configuration.names import parse_term
from mlm.configuration.programmes.catalogue import programmes_named
from mlm.configuration.programmes.cycles import Cycles
from mlm.configuration.programmes.programme import Programme
from mlm.configuration.programmes.recognition import FileColumns
from mlm.configuration.programmes.roles import roles_of
from mlm.nouns.levels import ROW

PROGRAMME: KeyPath = ("sampling", "programme")
UNIT = "points"
"""Unit of scores, where the configuration gives none."""


@dataclass(frozen=True)
class Filled:
    """What a programme filled.

    Attributes
    ----------
    cycles : Cycles
        The programme in the cycle of each wave.
    entries : tuple of (KeyPath, entry)
        Keys that were filled, with their entries.
    """

    cycles: Cycles
    entries: tuple[tuple[KeyPath, object], ...]

    @property
    def title(self) -> str:
        """Programme and cycles."""
        return self.cycles.title

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the facts stand."""
        return tuple(dict.fromkeys(s for p in self.cycles.programmes for s in p.sources))

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Keys (``sampling.weights.school``) and their entries, as a configuration has them."""
        return tuple((format_path(path), entry_text(entry)) for path, entry in self.entries)

    def is_filled(self, key: str) -> bool:
        """Whether a key (``sampling.weights.school``), or one around it, was filled."""
        own = (format_path(path) for path, _ in self.entries)
        return any(key == path or key.startswith((f"{path}.", f"{path}[")) for path in own)

    def advice(self, key: str, column: str) -> str:
        """What to say further of a column that files lack; nothing of one that was not filled."""
        if not self.is_filled(key):
            return ""
        known = self.cycles.programmes
        told = f"; 'programme: {self.title}' filled it"
        for kind, factors in ((k, f) for p in known for k, f in p.factors.items()):
            if column.casefold() in map(str.casefold, factors):
                whole = self.cycles.programme.weights[kind]
                return (
                    f"{told}, as a factor of the weight of each {kind}: export it with the others, "
                    f"or write weights: {{{kind}: {whole}}} if that column was merged"
                )
        if column.casefold() in {name.casefold() for p in known for name in p.elsewhere}:
            return (
                f"{told}: the column is in the file of schools; merge it by the ids of country and "
                "school, or write school_weight: mean"
            )
        return f"{told}: is that the programme and the cycle of these files?"


def entry_text(entry: object) -> str:
    """An entry as a configuration has it."""
    if isinstance(entry, Mapping):
        return "{" + ", ".join(f"{key}: {entry_text(value)}" for key, value in entry.items()) + "}"
    if isinstance(entry, list):
        return "[" + ", ".join(map(entry_text, entry)) + "]"
    return f"{entry:g}" if isinstance(entry, float) else str(entry)


@dataclass
class Filling:
    """Values of a configuration while they are filled."""

    data: dict
    filled: Filled | None = None
    problems: list[tuple[KeyPath, str]] = field(default_factory=list)


def filled_in(data: object) -> Filling:
    """Values of a configuration with what its programme fills.

    Parameters
    ----------
    data : object
        Values as they stand in the file: mappings, lists and texts. They are not changed.

    Returns
    -------
    Filling
        The values, what was filled, and what is wrong with the name of the programme.
    """
    sampling = data.get("sampling") if isinstance(data, dict) else None
    text = sampling.get("programme") if isinstance(sampling, dict) else None
    if not isinstance(text, str):
        return Filling(data)
    waves = [w for w in _entries(data.get("waves")) if isinstance(w.get("name"), str)]
    try:
        programmes = [_of_wave(text, wave) for wave in waves]
    except ValueError as error:
        others = {key: value for key, value in data.items() if key != "sampling"}
        return Filling(others, problems=[(PROGRAMME, str(error))])
    if not programmes:
        return Filling(data)
    cycles = _cycles(programmes, waves, _spelling(data, programmes))
    filler = _Filler(deepcopy(data), cycles)
    filler.fill()
    return Filling(filler.data, Filled(cycles, tuple(filler.entries)))


def _entries(value: object) -> list[dict]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _of_wave(text: str, wave: Mapping) -> Programme:
    """The programme of a wave: the one that is named, or its cycle in the year of the wave.

    Raises
    ------
    ValueError
        None is so named, or the cycle or the grade is not said.
    """
    known = programmes_named(text)
    if len({p.cycle for p in known}) > 1:
        years = {wave["name"], str(wave.get("time")).removesuffix(".0")}
        of_year = [p for p in known if p.cycle in years]
        if not of_year:
            cycles = ", ".join(dict.fromkeys(p.cycle for p in known))
            raise ValueError(
                f"wave {wave['name']!r} (time {wave.get('time')}) is named after no cycle of "
                f"{known[0].name} ({cycles}); say the cycle, as '{known[-1].title}', or give the "
                "wave its year"
            )
        known = tuple(of_year)
    if len(known) > 1:
        titles = " or ".join(p.title for p in known)
        raise ValueError(f"files of grades have other columns; say which: {titles}")
    return known[0]


def _spelling(data: Mapping, programmes: Sequence[Programme]) -> bool:
    """Whether the ids of the levels are written in small letters, as files of some programs are."""
    known = {name for p in programmes for name in p.ids.values()}
    used = [level.get("id") for level in _entries(data.get("levels"))]
    same = [
        text for text in used if isinstance(text, str) and text.upper() in map(str.upper, known)
    ]
    return bool(same) and all(text == text.lower() and text not in known for text in same)


def _cycles(programmes: Sequence[Programme], waves: Sequence[Mapping], small: bool) -> Cycles:
    """Columns of each cycle as its files have them, that of schools merged."""
    columns = [FileColumns(_columns_of(p, small)) for p in programmes]
    return Cycles(
        tuple(wave["name"] for wave in waves),
        tuple(programmes),
        tuple(p.replications[0] for p in programmes),
        tuple(roles_of(p, own) for p, own in zip(programmes, columns, strict=True)),
    )


def _columns_of(programme: Programme, small: bool) -> Iterator[str]:
    parts = [name for factors in programme.factors.values() for name in factors]
    weights = [name for kind, name in programme.weights.items() if kind not in programme.factors]
    named = [*programme.ids.values(), *weights, *parts]
    named += [name for name in programme.replications[0].names if name]
    named += [name for domain in programme.domains for name in domain.draws]
    return (name.lower() if small else name for name in named)


class _Filler:
    """Values of a configuration and what was added to them."""

    def __init__(self, data: dict, cycles: Cycles):
        self.data, self.cycles = data, cycles
        self.entries: list[tuple[KeyPath, object]] = []

    def fill(self) -> None:
        """All keys, in the order in which a configuration has them."""
        self._weights()
        self._add(("sampling",), "weights_are", self.cycles.programme.are)
        self._replicates()
        self._scores()

    def _weights(self) -> None:
        sampling = self.data["sampling"]
        weights = self._part(("sampling",), "weights")
        levels = [level.get("name") for level in _entries(self.data.get("levels"))]
        for place, name in enumerate(levels):
            is_row = place == len(levels) - 1
            kind = self._kind(place, is_row)
            entry = self.cycles.weight(kind) if kind else None
            known = {name, ROW} if is_row else {name}
            above_rows = place == len(levels) - 2 and sampling.get("school_weight") is not None
            if entry is None or known & weights.keys() or above_rows:
                continue
            self._add(("sampling", "weights"), name, entry)

    def _kind(self, place: int, is_row: bool) -> str | None:
        """Kind of unit of a level, by its ids, else by its name."""
        level = _entries(self.data["levels"])[place]
        ids = {str(level.get("id")).casefold()}
        if isinstance(level.get("names"), dict):
            ids |= {str(text).casefold() for text in level["names"].values()}
        for programme in self.cycles.programmes:
            for kind, column in programme.ids.items():
                if column.casefold() in ids:
                    return kind
        if is_row:
            return self.cycles.programme.rows
        return level.get("name") if level.get("name") in self.cycles.programme.ids else None

    def _replicates(self) -> None:
        errors = self.data["sampling"].get("standard_errors")
        entry = self.cycles.replicates() if errors in (None, "replicates") else None
        if entry is not None:
            self._add(("sampling",), "replicates", entry)

    def _scores(self) -> None:
        """Plausible values, entries of the codebook and cuts of the scores that analyses name."""
        drawn = self._part((), "plausible_values")
        named, outcomes = self._named()
        minima = {} if "minimum_proficiency" in self.data else self.cycles.minima()
        for domain in self.cycles.domains():
            entry = self._variable(domain.name)
            told = drawn.keys() | ({domain.name} if entry.get("column") else set())
            if domain.name not in named or "derive" in entry or "aggregate" in entry:
                continue
            if domain.name not in told:
                self._add(("plausible_values",), domain.name, self.cycles.entries(domain.name))
            if domain.name not in self._part((), "plausible_values"):
                continue
            label = {"label": domain.label, "type": "number", "level": ROW, "unit": UNIT}
            for key, value in label.items():
                self._add(("variables", domain.name), key, value)
            if domain.name in outcomes and domain.name in minima:
                self._add(("minimum_proficiency",), domain.name, minima[domain.name])

    def _variable(self, name: str) -> dict:
        known = self.data.get("variables")
        entry = known.get(name) if isinstance(known, dict) else None
        return entry if isinstance(entry, dict) else {}

    def _named(self) -> tuple[set[str], set[str]]:
        """Variables that analyses name, and those that are outcomes."""
        known = self.data.get("analyses")
        analyses = (
            [a for a in known.values() if isinstance(a, dict)] if isinstance(known, dict) else []
        )
        outcomes = {a["outcome"] for a in analyses if isinstance(a.get("outcome"), str)}
        terms = [t for a in analyses for t in a.get("terms") or () if isinstance(t, str)]
        return outcomes | set(_variables(terms)), outcomes

    def _part(self, path: KeyPath, key: str) -> dict:
        """A mapping below a path; what is no mapping is left to the checks."""
        around = self._around(path)
        value = around.get(key) if isinstance(around, dict) else None
        return value if isinstance(value, dict) else {}

    def _around(self, path: KeyPath) -> object:
        value: object = self.data
        for key in path:
            if not isinstance(value, dict):
                return None
            value = value.setdefault(key, {})
        return value

    def _add(self, path: KeyPath, key: str, entry: object) -> None:
        """An entry where none is written."""
        around = self._around(path)
        if isinstance(around, dict) and around.get(key) is None:
            around[key] = entry
            self.entries.append(((*path, key), entry))


def _variables(terms: Iterable[str]) -> Iterator[str]:
    for text in terms:
        try:
            yield from parse_term(text).variables
        except ValueError:
            continue
