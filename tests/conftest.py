"""What holds for all tests: rare collections of garbage, and which of them are studies or slow."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import settings

from tests.drawn_cases import EACH_TIME

settings.load_profile(EACH_TIME)  # another by --hypothesis-profile

LONGEST = ("workflow", "browser")  # markers of tests, those of the longest first

Value = tuple[str, str]  # a parameter and one of its values as text


def pytest_configure() -> None:
    """Collect no garbage while tests are found: nearly all that is loaded stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave what is loaded out of collections; they take a tenth of the time otherwise."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the studies what of a battery shows no value that others lack; they are slow too.

    What takes longest comes first: files go to the process that is free (``--dist loadfile``), so
    that none waits long for another at the end.
    """
    batteries: dict[object, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("battery") and not item.get_closest_marker("study"):
            batteries[item.function].append(item)
    for cases in batteries.values():
        mark = cases[0].get_closest_marker("battery")
        values = [
            {(name, repr(value)) for name, value in case.callspec.params.items()} for case in cases
        ]
        kept = representative(values, *mark.args)
        for place, case in enumerate(cases):
            if place not in kept:
                case.add_marker("study")
    for item in items:
        if item.get_closest_marker("study"):
            item.add_marker("slow")
    items.sort(key=lambda item: [not item.get_closest_marker(name) for name in LONGEST])


def representative(cases: Sequence[set[Value]], most: int | None = None) -> set[int]:
    """Places of the fewest cases that show each value; of `most` of them, spread over the battery.

    The case is taken that shows most values which none taken before does, the first of several.
    """
    left, kept = set().union(*cases), []
    while left:
        best = max(range(len(cases)), key=lambda place: (len(cases[place] & left), -place))
        kept.append(best)
        left -= cases[best]
    if most is None or most >= len(kept):
        return set(kept)
    return {kept[place * len(kept) // most] for place in range(most)}
