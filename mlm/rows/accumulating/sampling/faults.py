"""What is wrong with sampling weights, clusters and strata: each told with its count and cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

import numpy as np

from mlm.errors import SamplingError, SamplingFault, listed
from mlm.nouns.hierarchy import group_labels
from mlm.nouns.levels import ROW
from mlm.nouns.sampling import OF_ONE_LEVEL, SamplingDesign
from mlm.rows.accumulating.grouping import Groups
from mlm.rows.accumulating.nesting import Nesting
from mlm.rows.accumulating.sampling.group_weights import SAME_WEIGHT, GroupWeights, HeldValues

FEW_LIGHTER = 0.01  # share of units lighter than those around them that rounding may explain


def refuse_unfit(
    seen: GroupWeights, conditional: Sequence[np.ndarray], around_rows: np.ndarray
) -> None:
    """Refuse weights, clusters and strata that are not those of the design.

    Parameters
    ----------
    seen : GroupWeights
        What all rows have shown.
    conditional : sequence of ndarray (G,)
        By level, outermost first: weight of each group given the one around it, not scaled.
    around_rows : ndarray (G,)
        Overall weight of the lowest groups.

    Raises
    ------
    SamplingError
    """
    faults = [*_unequal(seen), *_clusters(seen)]
    if not faults:
        faults = [*_lighter_rows(seen), *_lighter_groups(seen, conditional)]
    if not faults:
        faults = [*_light_sums(seen, around_rows)]
    if faults:
        raise SamplingError(faults)


def refuse_unknown_levels(design: SamplingDesign, columns: Sequence[str]) -> None:
    """Refuse weights of levels of which the data have no ids: a name that is spelled otherwise.

    Raises
    ------
    SamplingError
    """
    named = [key for key in (*design.weights, *design.mean_weights) if key != ROW]
    unknown = [key for key in named if not set(key.split(":")) <= set(columns)]
    if unknown:
        near = difflib.get_close_matches(unknown[0], columns, n=2, cutoff=0.6)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise SamplingError(
            SamplingFault(
                "unknown_level",
                f"weights of {listed(unknown)}: the data have no ids of that name. Expected "
                f"grouping factors as the formula writes them, or 'row' for the rows.{hint}",
            )
        )


def refuse_levels(design: SamplingDesign, nesting: Nesting) -> None:
    """Refuse a design that does not hold for the levels of a model.

    Raises
    ------
    SamplingError
        For crossed factors, for scalings of one level, and for levels that are not in the model.
    """
    if nesting.crossed:
        names = ", ".join(level.name for level in (*nesting.crossed, *nesting.nested))
        raise SamplingError(
            SamplingFault(
                "crossed",
                f"sampling weights beside crossed units ({names}): the weighted likelihood is a "
                "sum over outermost units, and crossed units have none. Leave one of the factors "
                "out of the model, or the weights.",
            )
        )
    names = [level.name for level in nesting.nested]
    if design.scaling in OF_ONE_LEVEL and len(names) > 1:
        raise SamplingError(
            SamplingFault(
                "scaling_of_one_level",
                f"scaling {design.scaling!r} is defined for rows in one level of groups; the model "
                f"has {len(names)} ({', '.join(names)}). Expected 'effective', 'size' or 'none'.",
            )
        )
    known = {design.key_of(level.group) for level in nesting.nested} - {None}
    if names and not known and design.are == "overall" and ROW in design.weights:
        raise SamplingError(
            SamplingFault(
                "no_unit_weight",
                f"rows have overall weights ({design.weights[ROW]}), and no unit of the model has "
                f"one ({', '.join(names)}): how likely units were to be drawn is not known. Name "
                f"the column of their weights, or write mean_weights=({names[-1]!r},), which gives "
                'each the mean weight of its rows; or say are="conditional" where all units are in '
                "the sample.",
            )
        )
    absent = [key for key in (*design.weights, *design.mean_weights) if key not in {ROW, *known}]
    if absent and design.are == "conditional" and names:
        raise SamplingError(
            SamplingFault(
                "level_not_in_model",
                f"conditional weights of {listed(absent)}, which is no level of the model "
                f"({', '.join(names)}): which units they are within is not known. Add the level, "
                "or give overall weights.",
            )
        )


def _labels(groups: Groups, chosen: np.ndarray) -> str:
    return listed(group_labels([key[chosen] for key in groups.names()]).tolist())


def _unequal(seen: GroupWeights) -> Iterator[SamplingFault]:
    """Columns of weights that differ inside a unit."""
    held: list[tuple[HeldValues | None, str | None, Groups, str]] = [
        (h, c, g, level.name)
        for h, c, g, level in zip(
            seen.given, seen.columns, seen.groups, seen.nesting.nested, strict=True
        )
    ]
    for values, column, groups, name in held:
        wrong = values.unequal(groups.size) if values else np.zeros(0, dtype=int)
        if wrong.size:
            yield SamplingFault(
                "not_constant",
                f"{column}, the weight of {name}, differs between rows of one unit in {wrong.size} "
                f"of {groups.size} units ({_labels(groups, wrong)}); a unit has one weight for all "
                "rows and waves in which it is the same unit. Give what differs between waves or "
                "rows to the level below, as conditional weights.",
            )


def _clusters(seen: GroupWeights) -> Iterator[SamplingFault]:
    if seen.psu is None:
        return
    psu = ":".join(seen.psu_ids)
    if seen.groups:
        several = seen.outermost_in_psu.several(seen.groups[0].size)
        if several.size:
            level = seen.nesting.nested[0].name
            yield SamplingFault(
                "cluster_below_outermost",
                f"{several.size} units of {level}, the outermost of the model, lie in several "
                f"clusters of {psu} ({_labels(seen.groups[0], several)}): the likelihood does not "
                "split into clusters. Use replicate weights, or make the outermost units strata "
                "with fixed effects.",
            )
    if seen.strata is not None:
        several = seen.psu_in_stratum.several(seen.psu.size)
        if several.size:
            strata = seen.design.strata
            both = ":".join(dict.fromkeys([*seen.design.strata_ids, *seen.psu_ids]))
            yield SamplingFault(
                "cluster_in_several_strata",
                f"{several.size} clusters of {psu} lie in several strata of {strata} "
                f"({_labels(seen.psu, several)}). Where numbers of clusters are used again in "
                f"other strata, write psu={both!r} (in a configuration, psu: [<stratum>, "
                "<cluster>]); else correct the strata.",
            )


def _lighter_rows(seen: GroupWeights) -> Iterator[SamplingFault]:
    if seen.lighter <= FEW_LIGHTER * seen.n:
        return
    (ratio, group), around = seen.firsts[0], [c for c in seen.columns if c][-1]
    yield SamplingFault(
        "lighter_than_unit",
        f"a weight of {ratio:.2g} inside {seen.nesting.nested[-1].name} "
        f"{_labels(seen.groups[-1], np.array([group]))}: {seen.lighter} of {seen.n} rows weigh "
        f"less ({seen.design.weights[ROW]}) than the unit that they are in ({around}). Are the "
        'weights of the rows conditional already? Then say are="conditional" (in a configuration '
        "weights_are: conditional).",
    )


def _lighter_groups(seen: GroupWeights, conditional) -> Iterator[SamplingFault]:
    """Units that weigh less than the unit around them."""
    if seen.design.are != "overall":
        return
    for i in range(1, len(conditional)):
        light = np.flatnonzero(conditional[i] < 1.0 - SAME_WEIGHT)
        if light.size > FEW_LIGHTER * conditional[i].size and seen.given[i] is not None:
            yield SamplingFault(
                "lighter_than_unit",
                f"{light.size} of {conditional[i].size} units of {seen.nesting.nested[i].name} "
                f"weigh less than the unit around them ({_labels(seen.groups[i], light)}; weight "
                f"{conditional[i][light[0]]:.2g} inside it). Are these weights conditional "
                'already? Then say are="conditional" (in a configuration weights_are: '
                "conditional).",
            )


def _light_sums(seen: GroupWeights, around_rows: np.ndarray) -> Iterator[SamplingFault]:
    """Lowest units whose rows, given the unit, stand for less than one row."""
    if not seen.groups or ROW not in seen.design.weights:
        return
    size = seen.groups[-1].size
    sums, there = seen.sums.of(size) / around_rows, seen.rows.of(size) > 0
    light = np.flatnonzero(there & (sums < 1.0 - SAME_WEIGHT))
    n, labels = np.count_nonzero(there), _labels(seen.groups[-1], light)
    if light.size > FEW_LIGHTER * n:
        yield SamplingFault(
            "sum_below_one",
            f"the weights of the rows inside {light.size} of {n} units of "
            f"{seen.nesting.nested[-1].name} sum to less than one ({labels}: "
            f"{sums[light[0]]:.2g}), as if a unit held less than one row. Were they divided by "
            "the weight of the unit twice?",
        )
