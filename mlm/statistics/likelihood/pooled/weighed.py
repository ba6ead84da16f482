"""Sums of effects of pooled groups, from sums over the groups of a pattern, made once.

Given the effects around, the effects of a group are its gain times its own sums: what a sum over
groups with shares ``a_g`` and one proportion v of their effects holds is ``v' Q_p`` times the
shared sums ``sum a_g S_g`` of the groups of each pattern. Only the gains and the proportion change
with the covariance. Letters: K sums, P patterns, H enclosing groups, w working columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

from mlm.statistics.evidence.wave_parts import GROUPS_AT_A_TIME
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.unit_shares import UnitShares
from mlm.statistics.likelihood.working_tree import WorkingTree


@dataclass(frozen=True)
class WeighedEffects:
    """Sums of effects at one covariance, over sigma.

    Attributes
    ----------
    told : ndarray (K, w)
        Combinations of the working columns that tell of the effects, those around left out.
    passed : tuple of csr_array (K, r H)
        For each level around: what its effects take from the sums.
    spread : csr_array (K, K)
        Covariance over sigma^2 of what is of the groups alone.
    """

    told: np.ndarray
    passed: tuple[csr_array, ...]
    spread: csr_array


@dataclass(frozen=True)
class WeighedGroups:
    """Shared sums of the groups of a pooled level.

    Attributes
    ----------
    count : int
        Sums K.
    of_sums : tuple of ndarray of int (n,)
        Sum and pattern of the pairs that share groups,
    sums, squares : ndarray (n, q, w), (n,)
        the sums of their groups by share, and the sum of squared shares.
    of_parents : tuple of ndarray of int (m,)
        Sum and enclosing group of the pairs that share groups,
    totals : ndarray (m, P)
        the shares of their groups of each pattern,
    crosses : dict of int to ndarray (m, q, P)
        and by column around that is not the same in a pattern, its sums by share.
    """

    count: int
    of_sums: tuple[np.ndarray, np.ndarray]
    sums: np.ndarray
    squares: np.ndarray
    of_parents: tuple[np.ndarray, np.ndarray]
    totals: np.ndarray
    crosses: dict[int, np.ndarray]

    def effects(
        self, tree: WorkingTree, pool: Pool, gain: np.ndarray, onto: np.ndarray
    ) -> WeighedEffects:
        """The sums at one covariance.

        Parameters
        ----------
        tree, pool
            The levels, of which the innermost is pooled.
        gain : ndarray (q, q, P)
            ``Q`` of each pattern.
        onto : ndarray (q,)
            Weights of the effects of a group.
        """
        along = np.einsum("i,ijp->jp", onto, gain)
        of, pattern = self.of_sums
        by_pair = np.einsum("nqw,qn->nw", self.sums, along[:, pattern])
        added = csr_array((np.ones(of.size), (of, np.arange(of.size))), shape=(self.count, of.size))
        own = self.squares * (onto @ along)[pattern]
        spread = csr_array(diags_array(np.bincount(of, own, self.count)))
        passed = tuple(self._passed(tree, pool, along, m) for m in range(len(tree.levels) - 1))
        return WeighedEffects(added @ by_pair, passed, spread)

    def _passed(self, tree: WorkingTree, pool: Pool, along: np.ndarray, m: int) -> csr_array:
        """What the effects of a level around take from the sums, (K, r H)."""
        level, reach = tree.levels[m], tree.reach[-1]
        of, parent = self.of_parents
        around = parent if m + 2 == len(tree.levels) else tree.parents[-2][m][parent]
        known = [reach[place] for place in pool.around.known.tolist()]
        values = []
        for column in level.columns.tolist():
            if column in known:
                held = pool.around.values[known.index(column)]
                values.append(self.totals @ np.einsum("qp,qp->p", along, held))
            else:
                values.append(np.einsum("mqp,qp->m", self.crosses[column], along))
        size, r = tree.sizes[m], len(values)
        columns = around + size * np.arange(r)[:, None]
        places = np.tile(of, r), columns.ravel()
        return csr_array(coo_array((np.concatenate(values), places), shape=(self.count, r * size)))


def weighed_groups(tree: WorkingTree, pool: Pool, shares: UnitShares) -> WeighedGroups | None:
    """The shared sums of a pooled level, of one model at a time made once.

    Parameters
    ----------
    tree : WorkingTree
        Levels of the model, of which the innermost is pooled.
    pool : Pool
        Its groups.
    shares : UnitShares
        Of the groups.

    Returns
    -------
    WeighedGroups or None
        None where a group has a share in several sums.
    """
    if not shares.weighed or shares.weighed[0][0] is not tree:
        shares.weighed[:] = [(tree, _made(tree, pool, shares.table))]
    return shares.weighed[0][1]


def _made(tree: WorkingTree, pool: Pool, table: csr_array) -> WeighedGroups | None:
    cells, level = table.tocoo(), tree.levels[-1]
    count, size = table.shape
    if np.bincount(cells.col, minlength=size).max(initial=0) > 1:
        return None
    order = np.argsort(cells.col, kind="stable")
    of, group, share = cells.row[order].astype(np.int64), cells.col[order], cells.data[order]
    pattern, n_patterns = pool.pattern[group].astype(np.int64), pool.counts.size
    pairs, pair = np.unique(of * n_patterns + pattern, return_inverse=True)
    parent = level.parent[group].astype(np.int64)
    n_parents = int(level.parent.max(initial=0)) + 1
    owners, owner = np.unique(of * n_parents + parent, return_inverse=True)
    places = owner * n_patterns + pattern
    shape = owners.size, n_patterns

    def by_owner(values: np.ndarray) -> np.ndarray:
        return np.bincount(places, values, owners.size * n_patterns).reshape(shape)

    reach = tree.reach[-1]
    others = [reach[place] for place in pool.around.other.tolist()]
    q, w = len(level.columns), pool.moments.shape[-1]
    sums, own = np.zeros((pairs.size, q * w)), {c: np.zeros((q, group.size)) for c in others}
    for start in range(0, size, GROUPS_AT_A_TIME):
        stop = min(start + GROUPS_AT_A_TIME, size)
        some = slice(*np.searchsorted(group, [start, stop]).tolist())
        if some.start == some.stop:
            continue
        wide = level.some(slice(start, stop))[:, :, group[some] - start]  # (w, q, n)
        for column, values in own.items():
            values[:, some] = wide[column]
        there, local = np.unique(pair[some], return_inverse=True)
        entries = share[some], (local, np.arange(local.size))
        matrix = csr_array(entries, shape=(there.size, local.size))
        sums[there] += matrix @ wide.transpose(2, 1, 0).reshape(-1, q * w)
    crosses = {
        column: np.stack([by_owner(share * each) for each in values], axis=1)
        for column, values in own.items()
    }
    return WeighedGroups(
        count,
        tuple(np.divmod(pairs, n_patterns)),
        sums.reshape(-1, q, w),
        np.bincount(pair, share**2, pairs.size),
        tuple(np.divmod(owners, n_parents)),
        by_owner(share),
        crosses,
    )
