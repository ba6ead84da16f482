"""A report before anything is hidden: what each of its numbers says of the counts of a survey."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlm.pages.context import Context
from mlm.pages.derived import trace
from mlm.pages.disclosure.facts import (
    LinearBound,
    drawn_half,
    exactly,
    half_unit,
    is_ratio,
    quotient,
    written_half,
)
from mlm.pages.disclosure.groups_of_rows import rows_told
from mlm.pages.disclosure.means import quotient_of
from mlm.pages.disclosure.printed import Printed, figure_sources
from mlm.pages.disclosure.relations import key_of
from mlm.pages.rounding import render, rounded
from mlm.results.reading import Source

CHART = "chart"
OWN = ("results", "residuals")  # inputs of one analysis


@dataclass(frozen=True)
class Shorter:
    """A printed share or mean with a digit fewer.

    Attributes
    ----------
    name : str
        Its name as a fact.
    bounds : tuple of LinearBound
        What it says of counts.
    value, text, decimals
        As it is printed.
    """

    name: str
    bounds: tuple[LinearBound, ...]
    value: float
    text: str
    decimals: int


@dataclass(frozen=True)
class Sheet:
    """A report before anything is hidden.

    Attributes
    ----------
    document : mapping
    context : Context
    files : mapping of str to bytes, optional
        Its files as they were published, where they were, of the same results.
    """

    document: Mapping[str, Any]
    context: Context
    files: Mapping[str, bytes] | None = None

    @cached_property
    def shown(self) -> Printed:
        """What the report prints, before anything is hidden."""
        return Printed().take(self.document)

    def key(self, source: Source) -> str:
        """The key of a count: the same in all reports for the survey, their own for results."""
        if not isinstance(source, str):
            return self._own(key_of(source))
        if source not in self._keys:
            self._keys[source] = self._own(source)
        return self._keys[source]

    @cached_property
    def _keys(self) -> dict[str, str]:
        """Keys of the counts that were asked for, by their sources."""
        return {}

    def _own(self, key: str) -> str:
        for name in (*OWN, "previous"):
            key = key.replace(f"{name}#", f"{name}({self.context.analysis})#")
        return key

    def facts(self) -> Iterator[tuple[str, tuple[LinearBound, ...]]]:
        """Name and meaning of every printed number that says something of counts."""
        for __, number in self.shown.numbers:
            source, style = number["source"], number["style"]
            found = self.fact(source, style, number["value"], half_unit(number))
            if found is not None:
                yield self.fact_name(source, style, number["decimals"]), found
        for figure in self.shown.figures:
            for column, position, source in figure_sources(figure):
                value = figure["data"][column][position]
                half = drawn_half(value) if is_ratio(source) else written_half(value)
                found = self.fact(source, "count", value, half)
                if found is not None:
                    yield self.fact_name(source, "count", CHART), found

    def shorter_facts(self) -> Iterator[tuple[str, Shorter]]:
        """Name of every printed share or mean of counts, and the same with a digit fewer."""
        for __, number in self.shown.numbers:
            place = number["source"], number["style"], number["decimals"]
            found = self.shorter(*place)
            if found is not None:
                yield self.fact_name(*place), found
        for figure in self.shown.figures:
            for *__, source in figure_sources(figure):
                found = self.shorter(source, "count", CHART)
                if found is not None:
                    yield self.fact_name(source, "count", CHART), found

    def shorter(self, source: Source, style: str, decimals: int | str) -> Shorter | None:
        """A printed number with a digit fewer; None where it is no share or mean of counts.

        A share in a chart is one of a hundred then.
        """
        places = 0 if decimals == CHART else int(decimals) - 1
        if places < 0 or (style == "count" and not is_ratio(source)):
            return None
        if not is_ratio(source) and quotient_of(source, self.context) is None:
            return None
        kind = "percent" if decimals == CHART else style
        exact = trace(source, self.context.inputs)
        value, half = rounded(exact, places, kind), half_unit({"decimals": places, "style": kind})
        bounds = None if value is None else self.fact(source, kind, value, half)
        if not bounds:
            return None
        name = f"{self.key(source)} to {places}"
        return Shorter(name, bounds, value, render(exact, places, kind), places)

    def fact(
        self, source: Source, style: str, value: float, half: float
    ) -> tuple[LinearBound, ...] | None:
        """What a number says of counts; None where it says nothing."""
        if is_ratio(source):
            return quotient(*(self.key(part) for part in source["of"]), value, half)
        told = rows_told(source, self.context)
        if told:
            counts = [exactly(self.key(rows.source), rows.value) for rows in told]
            own = exactly(self.key(source), value) if style == "count" else ()
            return (*itertools.chain(*counts), *own)
        if style == "count":
            return exactly(self.key(source), value)
        keys = [self.key(part.source) for part in quotient_of(source, self.context) or ()]
        return quotient(*keys, value, half) if keys else None

    def fact_name(self, source: Source, style: str, decimals: int | str) -> str:
        """Name of a fact: the key of a printed count; of all else with its decimals."""
        key, is_count = self.key(source), style == "count" and not is_ratio(source)
        return key if is_count and not rows_told(source, self.context) else f"{key} to {decimals}"

    def printed(self) -> tuple[list[Source], list[Source]]:
        """Sources of the counts that the report prints, and the wholes of the shares it prints."""
        numbers = self.shown.numbers
        printed = [n["source"] for __, n in numbers if n["style"] == "count"]
        shares = [n["source"] for __, n in numbers if is_ratio(n["source"])]
        for figure in self.shown.figures:
            for *__, source in figure_sources(figure):
                (shares if is_ratio(source) else printed).append(source)
        means = [quotient_of(n["source"], self.context) for __, n in numbers]
        parts = [part.source for found in means if found is not None for part in found]
        parts += [rows.source for __, n in numbers for rows in rows_told(n["source"], self.context)]
        return [*printed, *(s["of"][0] for s in shares), *parts], [s["of"][1] for s in shares]
