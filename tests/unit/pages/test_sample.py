"""The hand-kept sample of the pages holds what runs make, and reports of a run hold together."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import is_traced, numbers_of
from tests.unit.pages.sample import FOLDER, RECORDS, document_of, sources
from tests.unit.pages.sample.survey import everything_made, made

pytestmark = pytest.mark.slow

STORED = ["results", "survey", "residuals"]
# what the survey of the sample does not give, and which one would
ELSEWHERE = {
    "results/slopes/*<refused>/reason<no_variation_within>": "a variable of pupils",
    "results/slopes/*<tested>/test<made>/p_adjusted=null": "one variable with slopes",
    "results/reduction/adequate/*/lacks/term/*/category=null": "a number that is lacked",
    "results/over_time/by_wave=[]": "effects of schools that do not change",
    "results/over_time/levels/*<estimated>/details<details>/prediction/units=[]": "nobody returns",
    "results/policy/*/time_test<made>/reference<chi_squared>": "no degrees of freedom of errors",
    "results/pupil_level/left_out=[...]": "products that others determine",
    "results/slope_details/searched/*/along/points/*/value=number": "a slope of a number",
    "results/slope_details/searched/*/along/points/*/category=null": "a slope of a number",
    "results/diagnostics/influence<made>/term/*/category=null": "another coefficient moves most",
    "results/diagnostics/influence<made>/units/*/term/*/category=null": "another moves most",
    "results/diagnostics/deletion<made>/term/*/category=null": "another coefficient moves most",
    "results/slopes/*<tested>/correlation=number": "schools with an intercept",
    "survey/waves/*/labels=[...]": "files with labels of values",
    "survey/units_that_left=[]": "no unit left for good",
    "survey/missingness=[]": "few cells without a value",
    "survey/separability=[...]": "ids of pupils that are used again",
}
PLAIN = {bool: "bool", int: "number", float: "number", str: "text", type(None): "null"}


def shapes(value, place: str) -> Iterator[tuple[str, str]]:
    """Every place of a stored file, lists taken together, with the kind of its value."""
    if isinstance(value, dict):
        place += f"<{value['kind']}>" if "kind" in value else ""
        yield place, "record"
        for key, item in value.items():
            yield from shapes(item, f"{place}/{key}")
    elif isinstance(value, list):
        yield place, "[...]" if value else "[]"
        for item in value:
            yield from shapes(item, f"{place}/*")
    else:
        yield place, PLAIN[type(value)]


def unknown(stored, run, name: str) -> Iterator[str]:
    """Outermost places of a stored file that a run has not, or has with values of another kind."""
    known = set(shapes(run, name))
    places = {place for place, _ in known}
    told: list[str] = []
    for place, kind in dict.fromkeys(shapes(stored, name)):
        inside = any(place.startswith((f"{outer}/", f"{outer}<")) for outer in told)
        if (place, kind) in known or inside:
            continue
        told.append(place)
        yield f"{place}={kind}" if place in places else place


def stored(name: str):
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", STORED)
def test_stored_records_are_as_a_run_writes_them(name):
    """Where a record has a new field: ``python -m tests.unit.pages.sample`` writes it."""
    record = RECORDS[name].model_validate_json((FOLDER / f"{name}.json").read_text("utf-8"))
    assert json.loads(record.to_json()) == stored(name)


def test_the_sample_holds_nothing_that_no_run_makes():
    found = {
        place for name in STORED for place in unknown(stored(name), json.loads(made()[name]), name)
    }
    assert found == ELSEWHERE.keys()


@pytest.fixture(scope="module")
def run():
    given = everything_made()
    return given, document_of(given)


def test_every_number_of_a_report_of_a_run_leads_back_to_it(run):
    given, document = run
    numbers = numbers_of(document)
    assert len(numbers) > 500
    inputs = sources(given) | {"disclosure": document["disclosure"]}
    for found in numbers:
        assert is_traced(found, inputs), found


def test_a_report_of_a_run_says_each_thing_once(run):
    _, document = run
    names = [block["id"] for block in (*tables_of(document), *figures_of(document))]
    assert len(set(names)) == len(names) > 40
