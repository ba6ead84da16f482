"""Integers and pairs of them are numbered as a dictionary would number them."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.rows.accumulating.numbering import Numbering, PairNumbering


def test_numbering_goes_on_when_keys_lie_too_far_apart_for_a_table():
    book, known = Numbering(), {}
    for keys in ([5, 3, 5], [3, 1 << 60, 4], [-(1 << 60), 5, 1 << 60]):
        expected = [known.setdefault(key, len(known)) for key in keys]
        assert book.codes(np.array(keys)).tolist() == expected
    assert book.keys.tolist() == list(known)


UNIQUE = [([1, 0, 1], [2, 0, 2], 3), ([4, 4, 0], [9, 3, 0], 10)]
SHARED = [([1, 0], [2, 2], 10)]  # the second number 2 with two first ones
AFTER = [([7, 1, 4], [300, 2, 9], 301), ([7, 7], [2, 300], 301)]


@pytest.mark.parametrize(
    "batches",
    [UNIQUE, SHARED, UNIQUE + SHARED, UNIQUE + SHARED + AFTER, [([0, 1, 0], [5, 5, 6], 7)]],
)
def test_pairs_keep_their_numbers_whether_ids_are_unique_or_not(batches):
    numbering, known = PairNumbering(), {}
    for first, second, n_second in batches:
        pairs = zip(first, second, strict=True)
        expected = [known.setdefault(pair, len(known)) for pair in pairs]
        codes = numbering.codes(np.array(first), np.array(second), n_second)
        assert codes.tolist() == expected
    assert numbering.size == len(known)
    assert list(zip(*(part.tolist() for part in numbering.pairs()), strict=True)) == list(known)
