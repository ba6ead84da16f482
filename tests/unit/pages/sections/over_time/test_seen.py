"""Waves in which few of the followed pupils were seen."""

from __future__ import annotations

import pytest

from mlm.pages.sections.over_time.seen import seen_blocks
from tests.unit.pages.reading import strings_of
from tests.unit.pages.sample import context_of, everything


def told(seen: dict[int, int], **changes) -> str:
    given = everything()
    for place, n in seen.items():
        groups = given["results"]["waves"][place]["groups"]
        next(item for item in groups if item["level"]["unit"] == "pupil")["n"] = n
    given["configuration"] |= changes
    return " ".join(strings_of(seen_blocks(context_of(given))))


@pytest.mark.parametrize("seen", [{0: 1500}, {1: 2000}, {0: 40, 1: 2357}])
def test_waves_with_few_of_the_pupils_are_named_with_their_number(seen):
    text = told(seen)
    for place, n in seen.items():
        assert f"{n:,}" in text, place
    assert "9,433" in text


@pytest.mark.parametrize("seen", [{}, {0: 2400}, {0: 9000, 1: 3000}])
def test_nothing_is_said_where_many_were_seen(seen):
    assert told(seen) == ""
