"""Hadamard matrices: rows of +1 and -1 that are orthogonal, which balance half-samples.

Constructions of Paley (1933), J. Math. Phys. 12, 311-320, over fields of p and p squared elements,
and Kronecker products of what they give.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from mlm.errors import StatisticsError


def hadamard(order: int) -> np.ndarray:
    """Hadamard matrix H of an order: entries +1 and -1, H'H = order I, its first column ones.

    Parameters
    ----------
    order : int
        1, 2, or a multiple of 4 for which a construction is known here: all up to 88, and 96, 100,
        104, 108, 112, 120, 124, 128.

    Raises
    ------
    StatisticsError
        When none is known; the message names the next order that is.
    """
    if not is_constructed(order):
        larger = next(n for n in range(max(order, 1), 4 * order + 8) if is_constructed(n))
        raise StatisticsError(
            f"no Hadamard matrix of order {order} is constructed here; the next order is {larger}."
        )
    made = _made(order)
    return made * made[:, :1]


@cache
def is_constructed(order: int) -> bool:
    """Whether a Hadamard matrix of an order is made here."""
    if order in (1, 2):
        return True
    if order < 4 or order % 4:
        return False
    return _of_paley(order) or _split(order) is not None


def _of_paley(order: int) -> bool:
    first, second = order - 1, order // 2 - 1
    return (first % 4 == 3 and _is_field(first)) or (second % 4 == 1 and _is_field(second))


@cache
def _split(order: int) -> tuple[int, int] | None:
    """Two orders above 1 whose product is an order, both constructed."""
    for one in range(2, int(order**0.5) + 1):
        if order % one == 0 and is_constructed(one) and is_constructed(order // one):
            return one, order // one
    return None


def _made(order: int) -> np.ndarray:
    if order == 1:
        return np.ones((1, 1), dtype=int)
    if order == 2:
        return np.array([[1, 1], [1, -1]])
    if (order - 1) % 4 == 3 and _is_field(order - 1):
        return _first_of_paley(order - 1)
    if (order // 2 - 1) % 4 == 1 and _is_field(order // 2 - 1):
        return _second_of_paley(order // 2 - 1)
    one, other = _split(order)
    return np.kron(_made(one), _made(other))


def _first_of_paley(q: int) -> np.ndarray:
    """Of order q + 1, q a power of a prime, one less than a multiple of 4."""
    skew = np.zeros((q + 1, q + 1), dtype=int)
    skew[0, 1:], skew[1:, 0] = 1, -1
    skew[1:, 1:] = _characters(q)
    return skew + np.eye(q + 1, dtype=int)


def _second_of_paley(q: int) -> np.ndarray:
    """Of order 2 (q + 1), q a power of a prime, one more than a multiple of 4."""
    symmetric = np.zeros((q + 1, q + 1), dtype=int)
    symmetric[0, 1:] = symmetric[1:, 0] = 1
    symmetric[1:, 1:] = _characters(q)
    block = np.array([[1, 1], [1, -1]])
    diagonal = np.array([[1, -1], [-1, -1]])
    return np.kron(symmetric, block) + np.kron(np.eye(q + 1, dtype=int), diagonal)


def _characters(q: int) -> np.ndarray:
    """Whether the difference of two elements is a square (1), zero (0) or neither (-1)."""
    if _is_prime(q):
        difference = np.subtract.outer(np.arange(q), np.arange(q)) % q
        return _legendre(difference, q)
    p = round(q**0.5)
    non_square = int(np.flatnonzero(_legendre(np.arange(p), p) == -1)[0])
    real, other = np.divmod(np.arange(q), p)
    real, other = np.subtract.outer(real, real), np.subtract.outer(other, other)
    # an element is a square where its norm to the field of p elements is one
    return _legendre((real**2 - non_square * other**2) % p, p)


def _legendre(values: np.ndarray, p: int) -> np.ndarray:
    squares = np.full(p, -1)
    squares[np.arange(1, p) ** 2 % p] = 1
    squares[0] = 0
    return squares[values]


def _is_field(q: int) -> bool:
    """Whether q is an odd prime or the square of one."""
    root = round(q**0.5)
    return q > 2 and (_is_prime(q) or (root > 2 and root * root == q and _is_prime(root)))


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))
