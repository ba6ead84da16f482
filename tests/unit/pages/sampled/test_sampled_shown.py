"""Nothing of the results of a sample is left out of their report unless it is declared so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from unittest.mock import patch

from mlm.results.reading import At
from mlm.results.record import Record
from tests.unit.pages.reading import numbers_of
from tests.unit.pages.sampled import sampled_records, sampled_report
from tests.unit.pages.sampled.variants import VARIANTS

NOT_SHOWN = {
    r"/(level|within)/(unit|ids|in_wave)$": "a level is told as one name",
    r"/(term[12]?/\*|terms/\*/\*|column|dropped/\*/\*|protected/\*/\*)/\w+$": "as one name",
    r"/reference/df$": "the degrees of freedom of its test",
    r"/test/p_value$": "adjusted for the family of the test",
    r"(joint|test)/p_adjusted$": "a family of one, or of a test that is told unadjusted",
    r"(^|/)kind$": "told by the words of its kind",
    r"^over_time/adjusted_means/\*/p_value$": "of a level against zero",
    r"^over_time/by/.*/p_value$": "of levels; gaps have intervals and one test of all",
    r"^over_time/by/\*/categories/\*/waves/\*/(lower|upper)$": "drawn in the chart",
    r"/latest/\*/p_value$": "the test of the whole variable is told",
    r"^full/fixed/\*/(lower|upper|t)$": "those of the settled model are told",
    r"^slopes/\*/variance$": "told as a standard deviation",
    r"^sample/small_units/rows$": "told as fewer than ten",
    r"^rows_without/\*/rows$": "told with the missing values of the data",
    r"^waves/\*/(mean|sd|rows_clean)$": "of the rows as they are; weighted ones are told",
    r"^weighted_moments/\*/(weighted_mean|wave)$": "the mean of the wave is told",
    r"^time/(degree|coding|name)$": "told as the course of time",
    r"^(schema|analysis|criterion|design|survey)$": "what the report is of",
    r"^policy/\*/balance/.*/(sampling_error|measurement_error|missing_information)$": (
        "covariates are observed: errors are of sampling alone"
    ),
    r"^within_between/\*/means/\*/term$": "the units of the mean are told",
    r"^policy/\*/unadjusted/\*/standing$": "of the policy as a whole",
}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a record with its place, lists of values as one."""
    if isinstance(value, Record):
        for name, field in type(value).model_fields.items():
            yield from _leaves(getattr(value, name), f"{path}/{field.alias or name}")
    elif isinstance(value, tuple) and any(isinstance(item, Record | tuple) for item in value):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{path}/{place}")
    else:
        yield path.removeprefix("/"), value


def _kind_of_place(path: str) -> str:
    """A place with a star for each number of an item."""
    return re.sub(r"(^|/)\d+(?=/|$)", r"\1*", path)


def _places(source: object) -> Iterator[str]:
    """The places that a number comes from."""
    if isinstance(source, dict):
        for part in source["of"]:
            yield from _places(part)
    elif source:
        yield _kind_of_place(str(source).removeprefix("results#/"))


@cache
def _found() -> tuple[set[str], set[str], set[str], set[str]]:
    """Places of numbers and of other values; those printed, and those that pages read."""
    numbers, others, printed, read = set(), set(), set(), set()
    asked = At.__getattr__

    def noted(at: At, name: str) -> At:
        found = asked(at, name)
        read.update(_places(found.source))
        return found

    for name in ("stored", "everything"):
        given = VARIANTS[name]()
        given["configuration"]["disclosure"] = {"mode": "controlled"}
        with patch.object(At, "__getattr__", noted):
            document = sampled_report(given).document
        for number in numbers_of(document):
            printed.update(_places(number["source"]))
        for path, value in _leaves(sampled_records(given)["results"]):
            first = value[0] if isinstance(value, tuple) and value else value
            is_number = isinstance(first, int | float) and not isinstance(first, bool)
            if value is not None:
                (numbers if is_number else others).add(_kind_of_place(path))
    return numbers, others, printed, read


def _undeclared(places: set[str]) -> list[str]:
    return sorted(p for p in places if not any(re.search(known, p) for known in NOT_SHOWN))


def test_every_number_is_printed_or_declared():
    numbers, _others, printed, _read = _found()
    inside = {place.rpartition("/")[0] for place in printed}  # an item of a list of numbers
    assert _undeclared(numbers - printed - inside) == []


def test_everything_else_is_read_or_declared():
    _numbers, others, _printed, read = _found()
    assert _undeclared(others - read) == []


def test_what_is_declared_is_there():
    numbers, others, _printed, _read = _found()
    places = numbers | others
    idle = [known for known in NOT_SHOWN if not any(re.search(known, p) for p in places)]
    assert idle == []
