"""Streams of random numbers that are found by counting: the same wherever and in whichever order.

Each step of each iteration of a chain has a counter of its own, so that how many numbers one step
takes moves no other.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class DrawnFor(IntEnum):
    """What numbers are drawn for."""

    EFFECTS = 0
    VALUES = 1
    RESIDUAL = 2
    EFFECT_COVARIANCES = 3
    CENTRES = 4
    COMPLETION = 5
    LATENTS = 6
    UNITS = 7
    STARTS = 8
    MIXING = 9


def stream(seed: int, chain: int, iteration: int, step: DrawnFor) -> np.random.Generator:
    """Numbers for one step.

    Parameters
    ----------
    seed, chain, iteration : int
        Not negative.
    step : DrawnFor
        What they are drawn for.

    Source
    ------
    Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3 (Philox).
    """
    return np.random.Generator(np.random.Philox(key=[seed, chain], counter=[0, 0, step, iteration]))
