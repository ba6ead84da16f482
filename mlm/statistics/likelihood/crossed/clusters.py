"""Clusters of outermost units, which crossed units do not have: each verb is refused."""

from __future__ import annotations

from mlm.statistics.likelihood.refusals import NotWhereCrossed


def by_cluster(effects: int) -> None:
    """Refuse derivatives by cluster; ``effects`` are those of the crossed units.

    Raises
    ------
    NotWhereCrossed
        Always.
    """
    raise NotWhereCrossed("derivatives by cluster", effects)


def reweighed(effects: int) -> None:
    """Refuse sampling weights of outermost units; ``effects`` are those of the crossed units.

    Raises
    ------
    NotWhereCrossed
        Always.
    """
    raise NotWhereCrossed("sampling weights of outermost units", effects)
