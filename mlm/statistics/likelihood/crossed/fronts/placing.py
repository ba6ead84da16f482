"""From the sums of a model with crossed factors to the fronts of its containers."""

from __future__ import annotations

from hashlib import blake2b
from itertools import product

import numpy as np
from scipy.sparse import csr_array, eye_array, vstack

from mlm.errors import ModelError
from mlm.statistics.evidence.crossing import MAX_EFFECTS, Crossing
from mlm.statistics.likelihood.crossed.fronts.containers import (
    Containers,
    GroupLinks,
    best_containers,
    cells,
)
from mlm.statistics.likelihood.crossed.fronts.elimination import (
    EarlyUnits,
    FrontSums,
    PlacedEffects,
)
from mlm.statistics.likelihood.crossed.fronts.layout import Effects, Layout, all_pairs, fronts_of
from mlm.statistics.likelihood.crossed.fronts.patterns import patterns_of, pooled_units
from mlm.statistics.likelihood.crossed.root import WorkingCrossing, row_pairs
from mlm.statistics.likelihood.working_tree import ALL_GROUPS, WorkingLevel, WorkingTree

MOST_OF_DENSE = 0.6  # share of the multiplications of one dense block up to which fronts pay
MAX_FRONT_CELLS = 150_000_000  # numbers in all fronts (1.2 GB)
SMALL = 100  # crossed effects up to which one dense block is fast


def front_sums(
    crossing: WorkingCrossing, level: WorkingLevel | None, evidence: Crossing
) -> FrontSums | None:
    """The sums of a model in fronts; None where one dense block of all crossed effects is as fast.

    Parameters
    ----------
    crossing : WorkingCrossing
        The crossed factors.
    level : WorkingLevel or None
        The level that they are crossed with.
    evidence : Crossing
        Which groups share rows; keeps the places of the effects for models with the same ones.

    Raises
    ------
    ModelError
        When there are more effects than one dense block holds, and they do not lie apart.
    """
    effects = crossing.n_effects
    if effects <= SMALL:
        return None
    tree = () if level is None else (level.group, _digest(level.wide[level.columns]))
    values = (_digest(each.data) for each in (crossing.square, *crossing.links))
    key = (crossing.groups, crossing.sizes, *values, *tree)
    if key not in evidence.placed:
        evidence.placed[key] = _placed_where_faster(crossing, level, evidence)
    placed = evidence.placed[key]
    if placed is None:
        _check_dense(crossing)
        return None
    rest = np.zeros((1, crossing.sums.shape[1]))
    if level is None:
        return FrontSums(placed, np.concatenate([crossing.sums, rest]), WorkingTree(()))
    late = [level.wide[:, a, placed.late].T for a in range(len(level.columns))]
    sums = np.concatenate([crossing.sums, *late, rest])
    part = level.only(placed.early.units)
    pooled = pooled_units(part.made(ALL_GROUPS), placed.early.links, placed.early.patterns)
    return FrontSums(placed, sums, WorkingTree((part,)), pooled)


def _digest(values: np.ndarray) -> bytes:
    return blake2b(np.ascontiguousarray(values)).digest()


def _check_dense(crossing: WorkingCrossing) -> None:
    effects = crossing.n_effects
    if effects <= MAX_EFFECTS:
        return
    names = ", ".join(
        f"{':'.join(group)} ({size} groups)"
        for group, (_, size) in zip(crossing.groups, crossing.sizes, strict=True)
    )
    raise ModelError(
        f"crossed factors {names}: {effects} effects are more than the {MAX_EFFECTS} "
        "that fit in one dense block, and too many units share rows with several groups of each "
        "factor to take the groups apart. Leave out a factor or a slope, or nest the ids (a unit "
        "in another unit as a new unit)."
    )


def _placed_where_faster(crossing, level, evidence) -> PlacedEffects | None:
    linked_groups, trees = links_of_groups(crossing, level, evidence), int(level is not None)
    containers, share = best_containers(linked_groups, trees)
    if containers is None or share > MOST_OF_DENSE:
        return None
    if cells(linked_groups, containers, trees) > MAX_FRONT_CELLS:
        return None
    return _placed(crossing, level, containers)


def links_of_groups(
    crossing: WorkingCrossing, level: WorkingLevel | None, evidence: Crossing
) -> GroupLinks:
    """Which groups of each crossed factor the groups of all places share rows with.

    Factors of the sample without an effect in the model are places without columns, behind the
    others: what lies inside their groups is eliminated apart all the same.
    """
    order = {factor.group: i for i, factor in enumerate(evidence.factors)}
    numbers = [order[group] for group in crossing.groups]
    beside = [i for i in order.values() if i not in numbers]
    numbers += beside
    meets = []
    for d in numbers:
        parts = [] if level is None else [evidence.factors[d].links[0][0]]
        for c in numbers:
            if c == d:
                own = evidence.pairs.get((c, c))
                parts.append(eye_array(evidence.factors[c].size) if own is None else own[0][0])
            else:
                parts.append(evidence.pairs[c, d][0][0] if c < d else evidence.pairs[d, c][0][0].T)
        found = csr_array(vstack(parts, format="csr"))
        found.eliminate_zeros()
        meets.append(found)
    tree = () if level is None else ((len(level.columns), level.parent.size),)
    without = tuple((0, evidence.factors[i].size) for i in beside)
    return GroupLinks((*tree, *crossing.sizes, *without), tuple(meets))


def _placed(
    crossing: WorkingCrossing, level: WorkingLevel | None, containers: Containers
) -> PlacedEffects:
    q, units = (0, 0) if level is None else (len(level.columns), level.parent.size)
    is_early = containers.depth[containers.front[:units]] == 0
    early, late = np.flatnonzero(is_early), np.flatnonzero(~is_early)
    effects = _effects(crossing, q, units, late, containers)
    rows, columns, values = _entries(crossing, level, late)
    links = tuple(link[early] for link in crossing.links)
    pairs = [[row_pairs(a, b) for b in links] for a in links]
    linked = all_pairs(
        [rows, *(pair[1] for row in pairs for pair in row)],
        [columns, *(pair[2] for row in pairs for pair in row)],
        effects.size,
    )
    fronts = fronts_of(effects, containers, *linked)
    layout = fronts.layout
    kept, places = _added(layout, rows, columns)
    base = np.bincount(places, values[kept], minlength=layout.size + 1)
    before = None
    if level is not None:
        read = [[(unit, weight, layout.read(a, b)) for unit, a, b, weight in row] for row in pairs]
        added = [[_added(layout, a, b) for _, a, b, _ in row] for row in pairs]
        inner = level.wide[level.columns][:, :, early]
        patterns = patterns_of(inner, read, added, layout.size)
        before = EarlyUnits(early, links, read, added, patterns)
    return PlacedEffects(fronts, base, before, late, crossing.n_effects)


def _added(layout: Layout, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.flatnonzero(layout.kept(rows, columns))
    return chosen, layout.stored(rows[chosen], columns[chosen])


def _effects(crossing, q: int, units: int, late: np.ndarray, containers: Containers) -> Effects:
    """The crossed effects, column by column in each factor, and those of late units after them."""
    trees = int(q > 0)
    parts = []
    first = units
    for place, (width, size) in enumerate(crossing.sizes, start=trees):
        for column in range(width):
            groups = np.arange(size)
            parts.append((np.full(size, place), np.full(size, column), groups, first + groups))
        first += size
    parts += [(np.zeros_like(late), np.full_like(late, a), late, late) for a in range(q)]
    place, column, group, number = (np.concatenate(part) for part in zip(*parts, strict=True))
    front = containers.front[number]
    return Effects(place, column, group, front, containers.depth[front])


def _entries(crossing: WorkingCrossing, level: WorkingLevel | None, late: np.ndarray):
    """Cross-products of all effects in fronts: rows, columns and values, both orders of each."""
    square = crossing.square.tocoo()
    rows, columns, values = [square.row], [square.col], [square.data]
    count, crossed = late.size, crossing.n_effects
    q = 0 if level is None else len(level.columns)
    for i, j in product(range(q), repeat=2):
        rows.append(crossed + i * count + np.arange(count))
        columns.append(crossed + j * count + np.arange(count))
        values.append(level.wide[level.columns[i], j, late])
    for i in range(q):
        links = crossing.links[i][late].tocoo()
        own = crossed + i * count + links.row
        rows += [own, links.col]
        columns += [links.col, own]
        values += [links.data, links.data]
    both = (np.concatenate(part).astype(np.intp) for part in (rows, columns))
    return (*both, np.concatenate(values))
