"""Records are closed and typed: no mapping, nothing of any type, no text without a name."""

from __future__ import annotations

import importlib
import math
import pkgutil
import types
import typing

import pytest
from pydantic import ValidationError

import mlm.results
from mlm.errors import ResultError
from mlm.results import names
from mlm.results.level import Level
from mlm.results.record import Record
from mlm.results.reference import ChiSquared, ChiSquaredPart, Mixture
from mlm.results.test import Test

NAMED = {alias for alias in vars(names).values() if typing.get_origin(alias) is typing.Annotated}


def _records() -> list[type[Record]]:
    for module in pkgutil.walk_packages(mlm.results.__path__, "mlm.results."):
        importlib.import_module(module.name)
    found, waiting = [], [Record]
    while waiting:
        waiting += (children := waiting.pop().__subclasses__())
        found += children
    inside = {r for r in found if r.__module__.startswith("mlm.results.")}  # pages hold words
    return sorted(inside, key=lambda record: (record.__module__, record.__name__))


def _plain_kinds(kind) -> typing.Iterator[object]:
    """The kinds that an annotation is made of, named texts as they are."""
    if kind in NAMED:
        return
    parts = typing.get_args(kind)
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        yield from _plain_kinds(parts[0])
    elif origin is typing.Literal or kind is Ellipsis:
        return
    elif origin in (tuple, typing.Union, types.UnionType):
        for part in parts:
            yield from _plain_kinds(part)
    else:
        yield origin or kind


@pytest.mark.parametrize("record", _records(), ids=lambda record: record.__name__)
def test_a_record_holds_records_numbers_and_named_texts_alone(record):
    for name, kind in typing.get_type_hints(record, include_extras=True).items():
        if name == "model_config" or name not in record.model_fields:
            continue
        for plain in _plain_kinds(kind):
            is_record = isinstance(plain, type) and issubclass(plain, Record)
            assert is_record or plain in (int, float, bool, type(None)), f"{name}: {plain}"


@pytest.mark.parametrize("record", _records(), ids=lambda record: record.__name__)
def test_a_record_says_what_it_is(record):
    assert record.__doc__ and record.__doc__.strip().endswith(".")


def test_names_of_records_are_unique():
    found = [record.__name__ for record in _records()]
    assert sorted({name for name in found if found.count(name) > 1}) == []


def test_what_a_record_does_not_name_does_not_construct():
    with pytest.raises(ValidationError):
        ChiSquared(df=1, colour=3)
    with pytest.raises(ValidationError):
        Test(statistic=math.nan, df=1, reference=ChiSquared(df=1), p_value=0.5)


def test_a_record_cannot_be_changed():
    level = Level(unit="school", ids=("county", "school"))
    with pytest.raises(ValidationError):
        level.unit = "class"


def test_a_record_comes_back_from_its_file(tmp_path):
    parts = (ChiSquaredPart(df=0, weight=0.5), ChiSquaredPart(df=1, weight=0.5))
    test = Test(statistic=1.0 / 3.0, df=1, reference=Mixture(parts=parts), p_value=0.1)
    path = tmp_path / "test.json"
    path.write_text(test.to_json(), encoding="utf-8")
    assert Test.load(path) == test


def test_a_file_of_another_shape_is_refused_with_its_places(tmp_path):
    path = tmp_path / "test.json"
    path.write_text('{"kind": "chi_squared", "df": "many"}', encoding="utf-8")
    with pytest.raises(ResultError, match=r"test\.json: .*1 faults: df: .*[Dd]elete the file"):
        ChiSquared.load(path)
