"""What charts have in common."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Kindergarten", "Grade 1", "Grade 2", "Grade 3"], [0, 1, 2, 3]),
        ([f"Year {i}.5" for i in range(6)], [0, 2, 4]),
        (["1984", "1992"], [0, 1]),
        (["x" * 40] * 9, [0, 5]),
    ],
)
def test_names_below_an_axis_do_not_touch(names, shown):
    from matplotlib.figure import Figure

    from mlm.pages.figures.style import name_ticks

    axes = Figure().add_subplot()
    name_ticks(axes, range(len(names)), names, 40)
    assert axes.get_xticks().tolist() == shown
