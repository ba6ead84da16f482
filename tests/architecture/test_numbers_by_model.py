"""Every number of findings, answers and policy comes from a model that is declared for its place.

Which models the answers fit is held by the test of fits by caller; here each printed number is
followed by its source to a record, and each record is declared to be of one model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from mlm.results.analysis import AnalysisResults
from tests.unit.pages.reading import numbers_of
from tests.unit.pages.sample import document_of, everything
from tests.unit.pages.sample.survey import everything_made

SETTLED = "the settled model"
NULL = "the null model"
SLOPE = "the full model with one slope more, the settled model where it is kept"
PRODUCT = "the settled model with one product more"
PATH = "the full model and those between it and the settled one"
PUPILS = "the full model with and without products of pupils"
SHORTER = "the settled model without the last wave, or carried beyond it"
ALONE = "unadjusted: rows of a wave, or a wave alone"
COUNTS = "counts and names"
IMPUTED = "the settled model, of complete rows and of shifted imputations"
CHECKS = "checks of the settled model"

MODELS = {
    r"null/": NULL,
    r"settled/": SETTLED,
    r"associations": SETTLED,
    r"effects/": SETTLED,
    r"not_compared": SETTLED,
    r"over_time/(adjusted_means|test|curve|lack_of_fit|by|by_wave|formula)\b": SETTLED,
    r"over_time/levels/\*/(?!details/(back_test|prediction))": SETTLED,
    r"over_time/levels/\*/details/(back_test|prediction)": SHORTER,
    r"policy/\*/(effects|time_test|by_wave|test)\b": SETTLED,
    r"policy/\*/(unadjusted|unadjusted_waves|balance|overlap)\b": ALONE,
    r"slopes/(?!\*/sd_x$)": SLOPE,
    r"slopes/\*/sd_x$": ALONE,
    r"slope_details/searched/\*/along": SETTLED,
    r"slope_details/searched/\*/explained": PRODUCT,
    r"full/": PATH,
    r"reduction/": PATH,
    r"inclusion/": PATH,
    r"within_between/": PATH,
    r"pupil_level/": PUPILS,
    r"diagnostics/": CHECKS,
    r"imputed/": IMPUTED,
    r"waves/\*/(mean|sd)": ALONE,
    r"n_obs": COUNTS,
    r"levels/": COUNTS,
    r"time/": COUNTS,
    r"rows_without": COUNTS,
    r"waves/\*/(rows|groups|rows_clean)": COUNTS,
}
"""Which model a record of the results is of, by its place; numbers in lists by ``*``."""

NO_NUMBERS = {"schema_version", "survey", "analysis", "outcome", "design", "criterion", "notes"}
"""Fields without numbers of a model."""

FOUND = {NULL, SETTLED, SLOPE, ALONE, COUNTS}
ALLOWED = {
    "findings": FOUND,
    "variation": {NULL, SETTLED, COUNTS},
    "variables": {NULL, SETTLED, PATH, PUPILS, ALONE, COUNTS},
    "slopes": {SETTLED, SLOPE, PRODUCT, ALONE, COUNTS},
    "units": {SETTLED, COUNTS},
    "change": {SETTLED, SHORTER, ALONE, COUNTS, CHECKS},
    "policy": {SETTLED, ALONE, COUNTS},
}
"""Models that the numbers of a section may come from."""

TALLIES = {"findings": {r"full/terms$"}}
"""Lists of other models that are only counted."""


def places(source) -> Iterator[str]:
    """Places in the inputs that a number was made from."""
    if isinstance(source, dict):
        for part in source["of"]:
            yield from places(part)
    else:
        yield re.sub(r"/\d+(?=/|$)", "/*", source)


def model_of(place: str) -> str | None:
    """The model that a place is of; None where none is declared."""
    name, _, way = place.partition("#/")
    if name in ("survey", "provenance"):
        return COUNTS
    if name == "residuals":
        return CHECKS
    found = [model for pattern, model in MODELS.items() if re.match(pattern, way)]
    return found[0] if len(set(found)) == 1 else None


GIVEN = {"stored": everything, "run": everything_made}


@pytest.fixture(
    scope="module", params=["stored", pytest.param("run", marks=pytest.mark.study)], name="parts"
)
def parts_of_document(request):
    """Findings and answers of a report, with the places of their numbers."""
    document = document_of(GIVEN[request.param]())
    sections = {section["id"]: section for section in document["sections"]}
    parts = {"findings": document["findings"], **sections}
    return {
        name: {place for found in numbers_of(parts[name]) for place in places(found["source"])}
        for name in ALLOWED
    }


@pytest.mark.parametrize("section", ALLOWED)
def test_numbers_are_of_the_models_declared_for_their_section(parts, section):
    tallies = TALLIES.get(section, ())
    strange = {
        place: model_of(place)
        for place in parts[section]
        if model_of(place) not in ALLOWED[section]
        and not any(re.search(pattern, place) for pattern in tallies)
    }
    assert parts[section] and strange == {}


def test_every_field_of_the_results_is_declared():
    fields = set(AnalysisResults.model_fields) - NO_NUMBERS
    lacking = {name for name in fields if not any(re.match(rf"{name}\b", p) for p in MODELS)}
    assert lacking == set()


@pytest.mark.parametrize(
    "place", ["results#/final/reml", "results#/policy/*/guess", "results#/waves/*/median"]
)
def test_a_place_without_a_declared_model_is_told(place):
    assert model_of(place) is None
