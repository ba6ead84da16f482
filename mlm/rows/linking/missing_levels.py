"""Levels that the configuration leaves out although variables of its terms describe their units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.results.survey.account import WaveLedger
from mlm.results.survey.separability import MissingLevel


def missing_levels(
    configuration: Configuration, ledgers: Sequence[WaveLedger]
) -> Iterator[MissingLevel]:
    """Columns of ids, and the terms that have one value for each id in every wave that has them.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    ledgers : sequence of WaveLedger
        Those of the waves, which name the columns.
    """
    terms = {
        name
        for analysis in configuration.analyses.values()
        for text in analysis.terms
        for name in parse_term(text).variables
    }
    found = [blocks for ledger in ledgers for blocks in ledger.blocks]
    for column in dict.fromkeys(blocks.column for blocks in found):
        same = [blocks for blocks in found if blocks.column == column]
        common = [v for v in same[0].variables if all(v in blocks.variables for blocks in same)]
        variables = tuple(name for name in common if name in terms)
        if variables:
            yield MissingLevel(
                severity="warning",
                column=column,
                groups=sum(blocks.groups for blocks in same),
                variables=variables,
            )
