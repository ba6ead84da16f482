"""Which variances of a model the data can tell apart, whatever their values are.

The covariance of the rows is linear in the (co)variances, ``V = sum of v_i G_i``, and beside fixed
columns X the data tell of it through ``P V P`` alone, ``P = I - X (X'X)^-1 X'``. The (co)variances
are identified where the matrices ``P G_i P`` are linearly independent: where

    M_ij = tr(P G_i P G_j)

has full rank. A combination of them that is zero is a direction in which neither the REML criterion
nor the data in the ML criterion change. ``M / 2`` is also the expected information where all random
effects have variance zero, in units of the residual variance.

Source
------
Searle, Casella and McCulloch (1992), Variance Components, sections 6.6 and 6.7 (information);
Rothenberg (1971), Econometrica 39, 577-591 (rank of the information and identification).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import cholesky, lapack

from mlm.errors import ModelError
from mlm.nouns.levels import RESIDUAL
from mlm.statistics.likelihood.covariance import triangle
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Block, Working

ROUNDING = 1e-12  # share of tr(G_i G_i) that rounding may leave, with well conditioned columns
NOTHING = 2e-6  # information of a variance whose standard error is a thousand residual variances
INVOLVED = 1e-3  # weight, in units of the other's size, from which one is part of a combination
WEAK = 0.5  # standard error of a variance of zero, in residual variances, and
INFLATED = 10.0  # inflation of its square by the other variances, above which both it is weak


Cause = Literal["alike", "one_group", "no_rows", "fixed_effects"]


@dataclass(frozen=True)
class VariancePart:
    """Variances and covariances of one random term that a statement is about.

    Attributes
    ----------
    group : str
        Grouping factor, or ``residual``.
    groups : int
        How many of them; rows for the residual.
    entries : tuple of (str, str)
        Names of the columns of each (co)variance; twice the same for a variance.
    """

    group: str
    groups: int
    entries: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        if self.group == RESIDUAL:
            return f"the residual variance ({self.groups} rows)"
        names = list(dict.fromkeys(name for entry in self.entries for name in entry))
        if len(self.entries) == 1:
            what = "variance" if len(names) == 1 else "covariance"
        else:
            what = (
                "variances and covariances" if any(a != b for a, b in self.entries) else "variances"
            )
        return f"the {what} of {_listed(names)} over {self.group} ({self.groups} groups)"


@dataclass(frozen=True)
class Confounded:
    """A combination of (co)variances that the data do not see.

    Attributes
    ----------
    parts : tuple of VariancePart
        What is in it, by grouping factor, the residual last.
    cause : {"alike", "one_group", "no_rows", "fixed_effects"}
        They add the same to the covariance of the rows; there is a single group; no group has rows
        of both columns of a covariance; the fixed effects leave nothing of it.
    """

    parts: tuple[VariancePart, ...]
    cause: Cause

    def __str__(self) -> str:
        (first, *_), words = self.parts, _listed([str(part) for part in self.parts])
        if self.cause == "one_group":
            return f"there is only one group of {first.group}: nothing tells {words}"
        if self.cause == "no_rows":
            return f"no group has rows of both columns: nothing tells {words}"
        if self.cause == "fixed_effects":
            return f"the fixed effects take up all that would tell {words}"
        return f"the data cannot tell apart {words}"


@dataclass(frozen=True)
class Identification:
    """What the data tell of the variances of a model.

    Attributes
    ----------
    confounded : tuple of Confounded
        Combinations that the data do not see.
    weak : tuple of VariancePart
        Those that the data can hardly tell from the others.
    condition : float
        Largest inflation of the variance of an estimate by the others being estimated too; infinite
        where some are confounded.
    """

    confounded: tuple[Confounded, ...]
    weak: tuple[VariancePart, ...]
    condition: float


class NotIdentified(ModelError):
    """Variances that the data cannot tell apart.

    Parameters
    ----------
    formula : str
        The model.
    confounded : tuple of Confounded
        What cannot be told from what.
    """

    def __init__(self, formula: str, confounded: tuple[Confounded, ...]):
        self.formula, self.confounded = formula, confounded
        found = "; ".join(map(str, confounded))
        super().__init__(
            f"{formula}: not identified: {found}. Any value would fit as well. Leave one of them "
            "out of the model, or add rows that differ in it."
        )

    @property
    def groups(self) -> tuple[str, ...]:
        """Grouping factors that are involved, without the residual."""
        parts = (part.group for found in self.confounded for part in found.parts)
        return tuple(dict.fromkeys(group for group in parts if group != RESIDUAL))


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


@one_thread()
def identification(working: Working) -> Identification:
    """What the data tell of the variances of a model, before it is fitted.

    Parameters
    ----------
    working : Working
        Statistics of the model; the innermost level may be pooled.

    Returns
    -------
    Identification
    """
    if not working.blocks:
        return Identification((), (), 1.0)
    many = _many(working)
    if many.any() and working.structure.has_weights:  # these weigh rows and say nothing of them
        parts = [
            part for part, is_one in zip(_parts(working), [*many, True], strict=True) if is_one
        ]
        return Identification((Confounded(_joined(parts), "alike"),), (), np.inf)
    products, whole, least = _products(working)
    size = np.sqrt(np.maximum(np.diagonal(products), least))
    spread = _inflation(products, size)
    if (size**2 <= least * spread).any():
        found = _dependent(_parts(working), products, whole, least)
        if found:
            return Identification(found, (), np.inf)
    error = np.sqrt(2.0 * spread) / size
    weak = ((error > WEAK) & (spread > INFLATED))[:-1] | many
    parts = _joined([_parts(working)[i] for i in np.flatnonzero(weak)]) if weak.any() else ()
    return Identification((), parts, float(spread.max()))


def tells_apart(working: Working, directions: np.ndarray) -> bool:
    """Whether the data tell apart parameters that the (co)variances are functions of.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    directions : ndarray (m, t + 1)
        Derivatives by the parameters of the (co)variances in the working basis, block by block and
        column by column of the lower triangle, the residual variance last.
    """
    products, _, least = _products(working)
    along = directions @ products @ directions.T
    enough = np.maximum(NOTHING, directions**2 @ least)
    size = np.sqrt(np.maximum(np.diagonal(along), enough))
    return bool((size**2 > enough * _inflation(along, size)).all())


def _inflation(products: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Diagonal of the inverse of products scaled by sizes; infinite where there is none."""
    try:
        found = np.diagonal(np.linalg.inv(products / (size[:, None] * size)))
    except np.linalg.LinAlgError:
        return np.full(size.size, np.inf)
    return np.where(found > 0.0, found, np.inf)


def _many(working: Working) -> np.ndarray:
    """Which (co)variances are of a term with as many random effects as rows, (t,).

    With rows of known precision that differ they may be told all the same.
    """
    sizes, rows = working.structure.sizes, working.n_obs if not working.log_weights else np.inf
    many = [sizes[b.level] * b.size >= rows for b in working.blocks]
    return np.repeat(many, [b.size * (b.size + 1) // 2 for b in working.blocks])


def identified(working: Working) -> Identification:
    """The same where nothing is confounded.

    Parameters
    ----------
    working : Working
        Statistics of the model.

    Raises
    ------
    NotIdentified
        Naming what the data cannot tell apart.
    """
    found = identification(working)
    if found.confounded:
        raise NotIdentified(working.model.formula, found.confounded)
    return found


def _dependent(
    parts: list[VariancePart], products: np.ndarray, whole: np.ndarray, least: np.ndarray
) -> tuple[Confounded, ...]:
    """Combinations that are zero, found by taking one after the other, the residual first.

    Parameters
    ----------
    parts : list of VariancePart
        One a (co)variance, the residual last.
    products : ndarray (t + 1, t + 1)
        ``tr(P G_i P G_j)``.
    whole, least : ndarray (t + 1,)
        ``tr(G_i G_i)``, and what must be left of ``tr(P G_i P G_i)``.
    """
    kept, found = [len(parts) - 1], []
    size = np.sqrt(np.maximum(np.diagonal(products), least))
    for i in range(len(parts) - 1):
        weights = np.linalg.lstsq(products[np.ix_(kept, kept)], products[kept, i], rcond=None)[0]
        if products[i, i] - weights @ products[kept, i] > least[i]:
            kept.append(i)
            continue
        share = np.abs(weights) * size[kept] / size[i]
        used = [k for k, part in zip(kept, share, strict=True) if part > INVOLVED]
        found.append(_confounded([parts[k] for k in sorted((i, *used))], whole[i]))
    return _together(found)


def _confounded(parts: list[VariancePart], whole: float) -> Confounded:
    """A combination and its cause; ``whole`` is tr(G G) of the one of a combination of one."""
    cause: Cause = "alike"
    if len(parts) == 1:
        cause = "fixed_effects" if whole > NOTHING else "no_rows"
        cause = "one_group" if parts[0].groups == 1 else cause
    return Confounded(_joined(parts), cause)


def _together(found: list[Confounded]) -> tuple[Confounded, ...]:
    """Combinations of one (co)variance together that have the same groups and cause."""
    out: dict = {}
    for i, item in enumerate(found):
        key = (item.cause, item.parts[0].group) if item.cause != "alike" else (item.cause, i)
        out[key] = [*out.get(key, ()), *item.parts]
    return tuple(Confounded(_joined(parts), cause) for (cause, _), parts in out.items())


def _joined(parts: list[VariancePart]) -> tuple[VariancePart, ...]:
    """The parts with those of one grouping factor together, the residual last."""
    found: dict[str, VariancePart] = {}
    for part in sorted(parts, key=lambda part: part.group == RESIDUAL):
        before = found.get(part.group)
        entries = (*before.entries, *part.entries) if before else part.entries
        found[part.group] = VariancePart(part.group, part.groups, entries)
    return tuple(found.values())


def _parts(working: Working) -> list[VariancePart]:
    """Each (co)variance by block, and the residual variance last."""
    names, sizes, out = working.names, working.structure.sizes, []
    for block in working.blocks:
        place = block.level
        for i, j in zip(*triangle(block.size), strict=True):
            pair = (block.names[j], block.names[i])
            out.append(VariancePart(names[place], sizes[place], (pair,)))
    return [*out, VariancePart(RESIDUAL, working.n_obs)]


def _products(working: Working) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """M of all (co)variances, the residual last; ``tr(G_i G_i)``; what must be left of them.

    With rows of known precision the unit of precision is their geometric mean. Overall sampling
    weights of rows count as precisions here: ``D G D`` are linearly independent beside D X where G
    are beside X, whatever the diagonal D.
    """
    p, structure, blocks = working.n_fixed, working.structure, working.blocks
    basis, noise = _orthonormal(working.total[:p, :p])
    traces = structure.traces(basis)
    inside = {b.level: traces.inside(b.level) for b in blocks}
    pairs = {tuple(sorted((b.level, c.level))) for b in blocks for c in blocks}
    found = {pair: traces.of(*pair) for pair in pairs}
    entries = [_entries(block) for block in blocks]
    ends = np.cumsum([rows.size for rows, _ in entries]).tolist()
    own = [slice(end - rows.size, end) for end, (rows, _) in zip(ends, entries, strict=True)]
    out, whole = np.zeros((ends[-1] + 1,) * 2), np.full(ends[-1] + 1, float(working.n_obs))
    out[-1, -1] = working.n_obs - p
    for m, b in enumerate(blocks):
        i, j = entries[m]
        columns, twice = structure.columns[b.level], np.where(i == j, 1.0, 2.0)
        left = working.total[columns[i], columns[j]]
        left = left - np.trace(inside[b.level][i, j], axis1=1, axis2=2)
        out[own[m], -1] = out[-1, own[m]] = twice * left
        for n, other in enumerate(blocks[: m + 1]):
            (first, one), (second, two) = sorted(((b.level, m), (other.level, n)))
            both = found[first, second]
            cut = both.projected(inside[first], inside[second])
            table = _entry_products(cut, entries[one], entries[two])
            out[own[one], own[two]], out[own[two], own[one]] = table, table.T
        both = _entry_products(found[b.level, b.level].whole, entries[m], entries[m])
        whole[own[m]] = np.diagonal(both)
    unit = np.full(whole.size, np.exp(-working.log_weights / working.n_obs))
    unit[-1] = 1.0
    whole = whole * unit**2
    return out * np.outer(unit, unit), whole, np.maximum(NOTHING, noise * whole)


def _entries(block: Block) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the (co)variances of a block among the columns of its place."""
    rows, columns = triangle(block.size)
    return block.start + rows, block.start + columns


def _entry_products(table: np.ndarray, first, second) -> np.ndarray:
    """Products of symmetric entries (i, j) and (k, m) from those of ordered pairs of columns."""
    (i, j), (k, m) = first, second
    i, j = i[:, None], j[:, None]
    total = table[i, j, k, m] + table[j, i, k, m] + table[i, j, m, k] + table[j, i, m, k]
    return total * np.where(i == j, 0.5, 1.0) * np.where(k == m, 0.5, 1.0)


def _orthonormal(square: np.ndarray) -> tuple[np.ndarray, float]:
    """``B`` with ``B' X'X B = I`` from X'X (p, p), and the share that rounding may leave."""
    if not len(square):
        return square, ROUNDING
    scale = np.sqrt(np.diagonal(square))
    root = cholesky(square / (scale[:, None] * scale))
    basis, _ = lapack.dtrtri(root)
    return basis / scale[:, None], ROUNDING * max(1.0, float(np.sum(basis**2)) / 1e2)
