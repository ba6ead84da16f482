"""Marks of single units."""

from __future__ import annotations

import pytest

from mlm.pages.disclosure.singles import pooled


@pytest.mark.parametrize("counts", [[1] * 25, [1, 30, 1], [4, 4], [10], [9, 11, 3, 12, 2]])
def test_pooled_marks_keep_the_sum_and_the_least_size(counts):
    values = [float(i) for i in range(len(counts))]
    sizes, (means,) = pooled(counts, [values], 10)
    if sum(counts) < 10:
        assert sizes == []
        return
    assert min(sizes) >= 10 and sum(sizes) == sum(counts)
    whole = sum(n * v for n, v in zip(counts, values, strict=True))
    assert sum(n * v for n, v in zip(sizes, means, strict=True)) == pytest.approx(whole)
