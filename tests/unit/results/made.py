"""An instance of every kind of a union of records, made from the annotations of its fields."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator

from mlm.results.record import Record

NAME = "xyz"


def kinds(union) -> tuple[type[Record], ...]:
    """The records of an annotated union."""
    return typing.get_args(typing.get_args(union)[0])


def instances(record: type[Record]) -> Iterator[Record]:
    """A record of the kind for each choice of one of its fields."""
    hints = typing.get_type_hints(record, include_extras=True)
    values = {name: _values(hints[name]) for name in record.model_fields}
    first = {name: found[0] for name, found in values.items()}
    for name, found in values.items():
        for value in found:
            yield record(**{_key(record, n): v for n, v in {**first, name: value}.items()})


def _key(record: type[Record], name: str) -> str:
    return record.model_fields[name].alias or name


def _values(kind) -> list:
    """Values that a field of a kind may have; the first is one that is there."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _values(parts[0])
    if origin is typing.Literal:
        return list(parts)
    if origin in (typing.Union, types.UnionType):
        return [value for part in parts for value in _values(part)]
    if origin is tuple:
        return [(value,) for value in _values(parts[0])]
    if isinstance(kind, type) and issubclass(kind, Record):
        return list(instances(kind))[:1]
    plain = {int: [7, 1], float: [2.5], str: [NAME], bool: [True, False], type(None): [None]}
    return plain[kind]
