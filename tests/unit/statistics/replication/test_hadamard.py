"""Hadamard matrices: orthogonal at every order that is made, and refused at the others."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import StatisticsError
from mlm.statistics.replication.hadamard import hadamard, is_constructed

TO = 130


def test_each_that_is_made_is_orthogonal_and_begins_with_ones():
    for order in filter(is_constructed, range(TO)):
        made = hadamard(order)
        assert set(np.unique(made)) <= {-1, 1}
        assert (made.T @ made == order * np.eye(order, dtype=int)).all(), order
        assert (made[:, 0] == 1).all()


def test_all_multiples_of_four_to_88_and_those_of_surveys_are_made():
    assert [n for n in range(4, TO, 4) if not is_constructed(n)] == [92, 116]
    assert is_constructed(80) and is_constructed(100)  # PISA, TALIS


@pytest.mark.parametrize(("order", "larger"), [(0, 1), (3, 4), (18, 20), (92, 96), (116, 120)])
def test_an_order_that_is_not_made_is_refused_with_the_next(order, larger):
    with pytest.raises(StatisticsError, match=f"order {order} .* next order is {larger}"):
        hadamard(order)
