"""Which of equal numbers is called the largest."""

import numpy as np
import pytest

from mlm.statistics.answers.ties import first_of_largest


@pytest.mark.parametrize("noise", [-1e-14, 0.0, 1e-14])
def test_the_first_of_equals_is_named_whatever_their_last_digits(noise):
    assert first_of_largest(np.array([0.2, 1.7, 1.7 * (1.0 + noise), 0.1])) == 1


def test_what_is_larger_is_the_largest():
    assert first_of_largest(np.array([1.7, 1.7 * (1.0 + 1e-8)])) == 1
    assert first_of_largest(np.zeros(3)) == 0
