"""Effects and the root of their covariance, moved together.

Where groups tell little of their effects, effects and covariance hold each other fast: each is
drawn given the other and hardly moves. Given the effects in units of the root of their covariance
the rows tell the root directly. Drawing it in both ways moves a chain as fast as the better one.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.small_matrices import backward, cholesky, forward
from mlm.statistics.imputation.tree_effects import LevelMessage


def moved_root(
    effects: np.ndarray,
    covariance: np.ndarray,
    message: LevelMessage,
    around: np.ndarray,
    prior: MixedPrior,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Effects (D, G) and their covariance (D, D), drawn given the standardised effects.

    Row by row of the root a draw is proposed as the groups tell it, and accepted as the prior
    tells.

    Parameters
    ----------
    effects : ndarray (D, G)
        Of a level.
    covariance : ndarray (D, D)
        Their covariance.
    message : LevelMessage
        What the groups tell.
    around : ndarray (D, G)
        Effects of the levels around.
    prior : MixedPrior
        Of the covariance.
    rng : Generator
        Random numbers.

    Source
    ------
    Yu & Meng (2011), J. Comput. Graph. Stat. 20, 531-570, section 2.
    """
    move = _Move(effects.copy(), cholesky(covariance), message, around, prior)
    standard = forward(move.root, effects)
    for i in range(len(standard)):
        left = move.left(i)
        move.scaled(i, left, rng)
        move.turned(i, standard[: i + 1], left, rng)
    return move.effects, move.root @ move.root.T


class _Move:
    """The effects and the root of their covariance while they move."""

    def __init__(self, effects, root, message: LevelMessage, around, prior: MixedPrior):
        self.effects, self.root, self._message = effects, root, message
        self._prior, self._whole = prior, around + effects
        self._density = prior.log_density(root)

    def left(self, i: int) -> np.ndarray:
        """What the groups tell of one effect (G,), less what the others make of it."""
        known = self._message.precision[i]
        others = np.einsum("jg,jg->g", known, self._whole) - known[i] * self.effects[i]
        return self._message.linear[i] - others

    def scaled(self, i: int, left: np.ndarray, rng: np.random.Generator) -> None:
        """Another length of one row: small standard deviations move as easily as large ones."""
        own = self.effects[i]
        precision = float(own @ (self._message.precision[i, i] * own))
        if not precision > 0.0:
            return
        mean = float(own @ left) / precision
        by = mean + rng.standard_normal() / np.sqrt(precision)
        self._take(i, by * self.root[i], by * own, i * np.log(abs(by)), rng)

    def turned(self, i: int, z: np.ndarray, left: np.ndarray, rng: np.random.Generator) -> None:
        """Another row, of standard effects (i + 1, G)."""
        precision = (z * self._message.precision[i, i]) @ z.T
        try:
            edge = cholesky(precision)
        except np.linalg.LinAlgError:  # the groups tell nothing of these effects
            return
        half = forward(edge, z @ left)
        row = backward(edge, half + rng.standard_normal(i + 1))
        self._take(i, np.append(row, np.zeros(len(self.root) - i - 1)), row @ z, 0.0, rng)

    def _take(self, i: int, row, effects, volume: float, rng: np.random.Generator) -> None:
        """Accept what was proposed, as the prior and the volume tell."""
        moved = self.root.copy()
        moved[i] = row
        after = self._prior.log_density(moved)
        if np.log(rng.random()) < after + volume - self._density:
            self._whole[i] += effects - self.effects[i]
            self.root, self._density, self.effects[i] = moved, after, effects
