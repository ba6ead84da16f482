"""Many weightings of outermost units, which crossed units do not have: refused."""

from __future__ import annotations

from mlm.statistics.likelihood.refusals import NotWhereCrossed


def eliminated_under(effects: int) -> None:
    """Refuse replicates of outermost units; ``effects`` are those of the crossed units.

    Raises
    ------
    NotWhereCrossed
        Always.
    """
    raise NotWhereCrossed("replicates of outermost units", effects)
