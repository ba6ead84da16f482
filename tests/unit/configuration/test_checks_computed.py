"""The order of computed variables, held against the plain way to find it."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from mlm.configuration.checks_computed import in_order, inputs_of
from mlm.configuration.variable import Variable

NAMES = [f"v{number}" for number in range(8)]


def by_rounds(variables: dict[str, Variable]) -> list[str]:
    """Again and again all whose parts are there; those in a circle never are."""
    waiting = {n: set(inputs_of(v)) for n, v in variables.items() if not v.is_read}
    order: list[str] = []
    while ready := [name for name, parts in waiting.items() if not parts & waiting.keys()]:
        order += ready
        for name in ready:
            del waiting[name]
    return order


@given(st.lists(st.sets(st.sampled_from([*NAMES, "unknown"]), max_size=3), min_size=8, max_size=8))
def test_variables_come_after_those_they_are_made_of(parts):
    variables = {
        name: Variable(
            label=name, type="number", level="row", derive=" + ".join(sorted(made_of)) or None
        )
        for name, made_of in zip(NAMES, parts, strict=True)
    }
    assert in_order(SimpleNamespace(variables=variables)) == by_rounds(variables)
