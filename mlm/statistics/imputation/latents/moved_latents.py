"""Latents of one variable and what explains them: moved by what the categories tell, then drawn.

One latent alone is integrated out. Of several, each is the difference of a utility and that of the
reference, all utilities independent of each other. Given the largest utility of a row the others
lie below it, each by itself: they are integrated out, that of the reference as well, and what
explains one utility is moved without regard to the others. So what is common to all latents, the
reference's own part, moves as easily as what is one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.latent_draws import drawn_below, sides_of
from mlm.statistics.imputation.latents.below_top import BelowTop
from mlm.statistics.imputation.latents.curved_moves import move_effects, move_regression
from mlm.statistics.imputation.latents.moves import LatentMove, OuterEffects

TURNS = 3  # of effects on several latents, in an iteration
WALKING = 0.1  # of the moves, which go at random: those that follow slopes may be caught in a tail


@dataclass
class MovedLatents:
    """Latents of one variable and what explains them, while they are moved and drawn.

    Attributes
    ----------
    values : ndarray (c, n)
        The latents, drawn in place; their residuals have the covariance of differences of
        independent utilities, (I + J) times one number.
    expected : ndarray (c, n)
        Their expectations given coefficients and effects; moved along in place.
    code : ndarray of int (n,)
        Position of the category, 0 for the reference.
    known : ndarray (k, n)
        Predictors.
    coefficients : ndarray (k, c)
        Of the predictors; moved in place.
    ridged : int
        Predictors, the first ones, whose coefficients have normal priors around zero.
    """

    values: np.ndarray
    expected: np.ndarray
    code: np.ndarray
    known: np.ndarray
    coefficients: np.ndarray
    ridged: int

    def moved(
        self,
        variance: float,
        outer: Sequence[OuterEffects],
        first: int,
        rng: np.random.Generator,
    ) -> None:
        """Move what explains the latents, then draw them given their categories.

        Parameters
        ----------
        variance : float
            Of the residual of each latent.
        outer : sequence of OuterEffects
            Effects of the levels around, outermost first; those on the latents are moved.
        first : int
            Place of the effects on the first latent.
        rng : Generator
            Random numbers.

        Source
        ------
        van Dyk & Park (2008), J. Am. Stat. Assoc. 103, 790-796, for drawing with some unknowns
        integrated out; McCulloch & Rossi (1994), J. Econometrics 64, 207-240, for utilities.
        """
        if len(self.values) > 1:
            for turn in range(TURNS):
                self._moved_below_the_largest(np.sqrt(0.5 * variance), outer, first, rng, turn)
            return
        sides = sides_of(0, [0], self.values, self.code, np.sqrt(variance))
        move = LatentMove(sides, self.expected[0], rng, outer[-1].groups if outer else None)
        self._move(move, [0], outer, first)
        self._move_effects([move], [0], outer, first, rng)
        self.expected[0] = move.expected
        self.values[0] = sides.drawn(self.expected[0], rng.random(self.code.size))

    def _moved_below_the_largest(self, spread: float, outer, first: int, rng, turn: int) -> None:
        """All of several latents, utilities that are not the largest integrated out.

        After the first turn effects alone are moved: the largest utilities, which hold them, are
        others then.
        """
        size, n = self.values.shape
        groups = outer[-1].groups if outer else None
        base = (self.expected - self.values).sum(axis=0) / (size + 1.0)
        base += rng.standard_normal(n) * spread / np.sqrt(size + 1.0)
        top = np.maximum(self.values.max(axis=0), 0.0) + base
        known, none, every = BelowTop(self.code == 0, top, spread), np.zeros(n), list(range(size))
        move = LatentMove(known, none, rng, groups, -1.0)
        if not turn:
            self._move(move, every, outer, first)
        self._move_effects([move], every, outer, first, rng)
        top -= move.expected
        self.expected -= move.expected
        moves: list[LatentMove] = []
        for i in every:
            known = BelowTop(self.code == i + 1, top, spread)
            moves.append(LatentMove(known, self.expected[i], rng, groups))
            if not turn:
                self._move(moves[i], [i], outer, first)
        self._move_effects(moves, every, outer, first, rng)
        self.expected[:] = [move.expected for move in moves]
        self._draw(top, spread, rng)

    def _move(self, move: LatentMove, at: list[int], outer, first: int) -> None:
        """Move what explains one utility, or all as the reference's does."""
        before = self.coefficients[:, at]
        for level in outer:
            level.places = first + np.array(at)
        if move.rng.random() < WALKING:
            self.coefficients[:, at] = move.coefficients(self.known, before, self.ridged)
            for level in outer:
                move.effects(level)
                move.stretched(level)
                move.sheared(level)
        else:
            self.coefficients[:, at] = move_regression(move, self.known, before, self.ridged, outer)

    @staticmethod
    def _move_effects(moves, at, outer, first: int, rng) -> None:
        """Effects on one utility, or on all."""
        for level in outer:
            level.places = first + np.array(at)
            move_effects(moves, level, rng)

    def _draw(self, top: np.ndarray, spread: float, rng: np.random.Generator) -> None:
        """Utilities below the largest, then the largest above them; the latents from all."""
        centres = np.vstack([np.zeros(top.size), self.expected])
        numbers, rows = rng.random((len(centres), top.size)), np.arange(top.size)
        utilities = centres + spread * drawn_below((top - centres) / spread, numbers)
        utilities[self.code, rows] = -np.inf
        centre = centres[self.code, rows]
        bound = (centre - utilities.max(axis=0)) / spread
        utilities[self.code, rows] = centre - spread * drawn_below(bound, rng.random(top.size))
        self.values[:] = utilities[1:] - utilities[0]
