"""A deviance on its way down is called on one side of a limit when it is surely there."""

from __future__ import annotations

import pytest

from mlm.statistics.selection.sides import SidesOfLimit


@pytest.mark.parametrize(
    "deviance,fall,is_sure",
    [(120.0, 1.0, True), (120.0, 8.0, False), (103.0, 0.0, False), (90.0, 50.0, True)],
)
def test_a_side_is_sure_once_what_may_yet_fall_does_not_change_it(deviance, fall, is_sure):
    sides = SidesOfLimit(limit=100.0, margin=5.0)
    assert sides(deviance, fall) is is_sure
    assert (sides.lower is not None) is is_sure
    if is_sure:
        assert sides.lower <= deviance
