"""A fit in a file: described by a schema, read back as it was, refused where it is another's."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import mlm
from mlm.errors import ResultError
from tests.nested_rows import nested_rows

SCHEMA = json.loads((Path(__file__).parents[4] / "docs/fit.schema.json").read_text("utf-8"))


@pytest.fixture
def fit():
    rng = np.random.default_rng(3)
    rows = nested_rows(rng, {"county": 8, "school": 3, "row": 6}, {"county": 0.4, "school": 0.3})
    return mlm.fit("y ~ x * kind + (1 + x | county) + (1 | county:school)", rows)


@pytest.fixture
def file(fit, tmp_path):
    path = tmp_path / "fit.json"
    fit.to_json(path)
    return path


def test_a_stored_fit_holds_to_the_published_schema(file):
    jsonschema.validate(json.loads(file.read_text("utf-8")), SCHEMA)


def test_every_part_of_a_fit_comes_back(fit, file):
    again = mlm.Fit.from_json(file)
    for name, value in vars(fit).items():
        found = getattr(again, name)
        if name == "omegas":
            for mine, other in zip(value, found, strict=True):
                assert np.array_equal(mine, other)
        elif isinstance(value, np.ndarray):
            assert np.array_equal(value, found), name
        elif name == "model":
            assert found.formula == value.formula
        else:
            assert found == value, name


def test_infinite_degrees_of_freedom_and_a_step_without_bound_come_back(fit, tmp_path):
    certificate = replace(fit.certificate, decrement=math.inf)
    fit = replace(fit, degrees=np.full(fit.beta.size, math.inf), certificate=certificate)
    fit.to_json(tmp_path / "fit.json")
    again = mlm.Fit.from_json(tmp_path / "fit.json")
    assert np.isinf(again.degrees).all() and again.certificate == certificate


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 2}, "schema: Input should be 3"),
        ({"names": None}, "names: "),
        ({"colour": "red"}, "colour: Extra inputs"),
        ({"formula": "no formula"}, "expected one '~'"),
    ],
    ids=lambda value: "".join(value) if isinstance(value, dict) else "",
)
def test_a_file_that_is_no_stored_fit_is_refused(file, change, said):
    stored = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(stored | change), encoding="utf-8")
    with pytest.raises(ResultError, match=said):
        mlm.Fit.from_json(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ResultError, match="not a stored fit"):
        mlm.Fit.from_json(tmp_path / "none.json")
