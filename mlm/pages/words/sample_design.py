"""How a sample was drawn and weighted, in words: scalings, replicates, sources of errors."""

from __future__ import annotations

from collections.abc import Callable

from mlm.pages.language import N_, _
from mlm.pages.rounding import plain
from mlm.pages.text import Run, say
from mlm.results.reading import At

SCALINGS = {
    "effective": N_("Effective number"),
    "size": N_("Number of units"),
    "none": N_("As given"),
    "group_only": N_("Weights of groups alone"),
    "gk": N_("Graubard and Korn"),
    "unweighted": N_("Unweighted"),
}
SCALED = {
    "effective": N_(
        "Below the top level, weights are scaled inside each unit so that they add up to its "
        "effective number: the number of equally weighted rows or units that they are worth."
    ),
    "size": N_(
        "Below the top level, weights are scaled inside each unit so that they add up to the "
        "number of its rows or units in the sample."
    ),
    "none": N_("The weights are used as they are given, without scaling inside units."),
    "group_only": N_("Groups have their weights; the rows inside a group count alike."),
    "gk": N_(
        "Rows inside a group count alike; each group has its weight times the mean weight of its "
        "rows (Graubard and Korn, 1996)."
    ),
}
WEIGHTS_ARE = {
    "overall": N_("Weights of lower levels are given as overall weights, of a unit in all."),
    "conditional": N_(
        "Weights of lower levels are given as conditional weights, of a unit inside the one above."
    ),
}
ERRORS = {
    "replicates": N_("the replicates of the sample"),
    "jackknife": N_("the jackknife, which leaves out one cluster at a time"),
    "linearised": N_("the spread of the clusters (linearised)"),
}
METHODS = {
    "brr": N_("balanced repeated replication"),
    "jk1": N_("the jackknife that leaves out one cluster at a time (JK1)"),
    "jkn": N_("the jackknife that leaves out one cluster of a stratum at a time (JKn)"),
    "bootstrap": N_("the bootstrap"),
}
HALVES = {
    "one": N_("the jackknife of pairs (JK2), one half of each pair left out"),
    "both": N_("the jackknife of pairs (JK2), each half of a pair left out in turn"),
}
MADE_FROM = {
    "clusters": N_("Each replicate multiplies the weights of whole clusters."),
    "classes": N_(
        "The weights of a replicate change inside clusters too, by a few factors: each replicate "
        "multiplies the weights of the rows that share them."
    ),
    "rows": N_(
        "The weights of a replicate change inside clusters too, so that each replicate was read "
        "from the rows."
    ),
}


def scaling_words(scaling: str) -> str:
    """A scaling of the weights, or that there are none, as the name of a row."""
    return _(SCALINGS[scaling])


def method_words(replicates: At) -> list[Run]:
    """By which method the replicates of a sample were made."""
    return REPLICATES[replicates.method.value](replicates)


def _named(replicates: At) -> list[Run]:
    return say(_(METHODS[replicates.method.value]))


def _fay(replicates: At) -> list[Run]:
    return say(
        _("balanced repeated replication with Fay's factor {factor}"),
        factor=plain(replicates.factor),
    )


def _pairs(replicates: At) -> list[Run]:
    return say(_(HALVES["one" if replicates.halves.missing else replicates.halves.value]))


REPLICATES: dict[str, Callable[[At], list[Run]]] = {
    "fay": _fay,
    "brr": _named,
    "jk1": _named,
    "jk2": _pairs,
    "jkn": _named,
    "bootstrap": _named,
}
