"""A programme over the waves of a survey: one name for each column, and the keys that it fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlm.configuration.programmes.programme import Domain, Programme, Replication
from mlm.nouns.replicates import columns_of, is_range

Entry = str | float | list[str] | dict[str, object]
"""An entry of a configuration, as YAML has it."""


@dataclass(frozen=True)
class Cycles:
    """The cycles of a programme, one a wave.

    Columns are named as in the last wave; entries add other names by wave.

    Attributes
    ----------
    waves : tuple of str
        Names of the waves.
    programmes : tuple of Programme
        The programme in the cycle of each.
    ways : tuple of Replication or None
        How the replicates of each wave are known.
    roles : tuple of dict
        Columns of each by what they are (``roles_of``).
    """

    waves: tuple[str, ...]
    programmes: tuple[Programme, ...]
    ways: tuple[Replication | None, ...]
    roles: tuple[Mapping[str, str], ...]

    @property
    def programme(self) -> Programme:
        """The programme in its last cycle."""
        return self.programmes[-1]

    @property
    def title(self) -> str:
        """Programme and cycles: ``PISA 2012 and 2018``."""
        cycles = list(dict.fromkeys(p.cycle for p in self.programmes))
        if len(cycles) < 2:
            return self.programme.title
        grade = f", grade {self.programme.grade}" if self.programme.grade else ""
        return f"{self.programme.name} {', '.join(cycles[:-1])} and {cycles[-1]}{grade}"

    def column(self, role: str) -> str | None:
        """The column with a role in all waves, as the last one names it."""
        return self.roles[-1][role] if all(role in own for own in self.roles) else None

    def family(self, role: str) -> tuple[str, ...]:
        """Columns numbered from 1 that all waves have: replicates, draws of a score."""
        found: list[str] = []
        while (column := self.column(f"{role} {len(found) + 1}")) is not None:
            found.append(column)
        return tuple(found)

    def names(self) -> dict[str, dict[int, str]]:
        """Other names of columns, by name in the last wave and place of the wave."""
        last, found = self.roles[-1], {}
        for i, own in enumerate(self.roles):
            for role, column in own.items():
                if role in last and column != last[role]:
                    found.setdefault(last[role], {})[i] = column
        return found

    def domains(self) -> tuple[Domain, ...]:
        """Domains all of whose plausible values are in all waves."""
        whole = [
            {domain.name for domain in p.domains if _are_all(domain, own)}
            for p, own in zip(self.programmes, self.roles, strict=True)
        ]
        return tuple(d for d in self.programme.domains if all(d.name in names for names in whole))

    def minima(self) -> dict[str, float]:
        """Least scores of pupils who are proficient, by domain: the same in all waves."""
        found = {}
        for domain in self.domains():
            known = {p.domain(domain.name).minimum for p in self.programmes}
            if None not in known and len(known) == 1:
                found[domain.name] = known.pop()
        return found

    # --- entries of a configuration ----------------------------------------------------------

    def entry(self, role: str) -> Entry:
        """The column of a role, with its names in other waves."""
        column = self.column(role)
        own = {
            wave: roles[role]
            for wave, roles in zip(self.waves, self.roles, strict=True)
            if roles[role] != column
        }
        return {"column": column, "names": own} if own else column

    def entries(self, role: str) -> Entry:
        """The columns of a family, with their names in other waves: of each as many."""
        own = self.family(role)
        numbers = range(1, len(own) + 1)
        others = {
            wave: written([roles[f"{role} {i}"] for i in numbers])
            for wave, roles in zip(self.waves, self.roles, strict=True)
        }
        others = {wave: text for wave, text in others.items() if text != written(own)}
        return {"columns": written(own), "names": others} if others else written(own)

    def weight(self, kind: str) -> Entry | None:
        """The weight of a kind of unit, or its factors; None where waves have no column of it."""
        if self.column(f"weight {kind}") is not None:
            return self.entry(f"weight {kind}")
        factors = self.family(f"factor {kind}")
        if len(factors) < len(self.programme.factors.get(kind, ())) or not factors:
            return None
        return [self.entry(f"factor {kind} {i}") for i in range(1, len(factors) + 1)]

    def lacks_weight(self, kind: str) -> bool:
        """Whether the programme has a weight of a kind of unit, and waves have no column of it."""
        return kind in self.programme.weights and self.weight(kind) is None

    def replicates(self) -> dict[str, Entry] | None:
        """The key ``replicates``; None where waves do not tell them in one way.

        Pairs have both halves where a wave has them.
        """
        known = self.ways[-1]
        if known is None or None in self.ways:
            return None
        found: dict[str, Entry] = {"method": known.method}
        if known.factor is not None:
            found["factor"] = known.factor
        if known.halves:
            found["halves"] = "both" if self.has_both_ways else known.halves
        if known.columns:
            return (
                {**found, "columns": self.entries("replicate")}
                if self.family("replicate")
                else None
            )
        if self.column("zone") is None or self.column("unit") is None:
            return None
        return {**found, "zone": self.entry("zone"), "unit": self.entry("unit")}

    @property
    def has_both_ways(self) -> bool:
        """Whether pairs have one replicate in some waves and two in others."""
        return len({way.halves for way in self.ways if way is not None}) > 1


def written(own: Sequence[str]) -> Entry:
    """Columns by the first and last where these tell all."""
    text = f"{own[0]}-{own[-1]}" if own else ""
    if own and is_range(text) and columns_of(text) == tuple(own):
        return text
    return list(own)


def _are_all(domain: Domain, roles: Mapping[str, str]) -> bool:
    """Whether a wave has all plausible values of a domain."""
    return all(f"{domain.name} {m}" in roles for m in range(1, len(domain.draws) + 1))
