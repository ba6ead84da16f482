"""From a configuration to the plan of an analysis."""

from __future__ import annotations

import pytest

from mlm.configuration.models import Configuration
from mlm.configuration.planning import plan_of
from tests.unit.pages.sample import stored_configuration


def with_times(coding: str, times: list[float]) -> Configuration:
    given = stored_configuration()
    given["time"] |= {"coding": coding, "degree": 2 if coding == "polynomial" else None}
    for wave, time in zip(given["waves"], times, strict=True):
        wave["time"] = time
    return Configuration.model_validate(given)


@pytest.mark.parametrize("protected", [[], ["ses"]])
def test_no_reduction_drops_a_policy(protected):
    given = stored_configuration()
    analysis = given["analyses"]["math"]
    assert list(analysis["policy"]) == ["class_type"]
    analysis["protected"] = protected
    plan = plan_of(Configuration.model_validate(given), "math")
    kept = [str(term) for term in plan.protected]
    assert kept.count("class_type") == 1
    assert set(protected) < set(kept)


@pytest.mark.parametrize(
    ("coding", "times", "expected"),
    [
        ("trend", [2019, 2021, 2022], (0.0, 2.0, 3.0)),
        ("trend", [-9, -7, -6], (0.0, 2.0, 3.0)),
        ("trend", [-0.5, 0.5, 1.5], (-0.5, 0.5, 1.5)),
        ("trend", [0, 2, 3], (0.0, 2.0, 3.0)),
        ("polynomial", [-0.5, 0.5, 1.5], (0.0, 1.0, 2.0)),
    ],
)
def test_a_line_counts_from_the_first_wave_where_zero_is_not_among_them(coding, times, expected):
    time = plan_of(with_times(coding, times), "math").time
    assert time.times == expected
    assert time.origin + time.times[0] == times[0]
