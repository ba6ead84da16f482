"""A view of a record that remembers where each value came from.

Pages read results through it, so that every printed number carries the place it was read from, as
``results#/final/reml/fixed/3/estimate``. Its attributes are the fields of the record; another name
is an error, also where the value is missing. A field that is named as one of the view's own
attributes (``value``, ``missing``) is read with an underscore behind it: ``item.value_``.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, Union, get_args, get_origin

from mlm.results.record import Record
from mlm.results.storing.keyed import Keyed

Source = str | dict[str, Any]


class At:
    """A value, the place it was read from, and what it may be.

    Attributes
    ----------
    value : object
        A record, a tuple, a number, a name or None.
    source : str or dict
        JSON pointer (RFC 6901) behind the name of the input, or an operation over such pointers.
    """

    __slots__ = ("_keyed", "_kind", "_stored_as", "source", "value")

    def __init__(
        self,
        value: Any,
        source: Source,
        kind: Any = None,
        keyed: Keyed | None = None,
        stored_as: str | None = None,
    ):
        self.value = value
        self.source = source
        self._kind = type(value) if kind is None else kind
        self._keyed = keyed  # how the items of a tuple are stored, where not as a list
        self._stored_as = stored_as  # the field that alone is stored of a record

    def __getattr__(self, name: str) -> At:
        parts = _parts_of_record(type(self.value))
        is_record = parts is not None
        part = (parts if is_record else _parts(self._kind)).get(name)
        if part is None:
            fields = _fields(type(self.value) if is_record else self._kind)
            raise AttributeError(f"{self.source} has no {name}; it has {', '.join(fields)}")
        value = getattr(self.value, part.name) if is_record else None
        step = "" if part.name == self._stored_as else part.step
        return At(value, f"{self.source}{step}", part.kind, part.keyed)

    def __iter__(self) -> Iterator[At]:
        """The items of a tuple; none where it is missing."""
        return (self[i] for i in range(len(self.value or ())))

    def __getitem__(self, place: int) -> At:
        """The item at a place of a tuple."""
        place = range(len(self.value))[place]
        item, kind = self.value[place], _item(self._kind)
        if self._keyed is None:
            return At(item, f"{self.source}/{place}", kind)
        name = escaped(getattr(item, self._keyed.key))
        return At(item, f"{self.source}/{name}", kind, stored_as=self._keyed.value)

    def __len__(self) -> int:
        return len(self.value or ())

    def __bool__(self) -> bool:
        raise TypeError(f"{self.source}: ask for .missing, .empty or .value")

    def step(self, step: str) -> At:
        """What a step of a JSON pointer leads to."""
        if isinstance(self.value, Record):
            return getattr(self, _names_by_step(type(self.value)).get(step) or _attribute(step))
        if self._keyed is None:
            return self[int(step)]
        found = self.find(**{self._keyed.key: step})
        return found if found._stored_as is None else getattr(found, found._stored_as)

    def find(self, **wanted: Any) -> At | None:
        """The first item of a tuple whose fields equal those wanted; None where there is none."""
        for item in self:
            if all(getattr(item.value, name) == value for name, value in wanted.items()):
                return item
        return None

    @property
    def missing(self) -> bool:
        """Whether there is no value here."""
        return self.value is None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say: missing, or a tuple without items."""
        return self.value is None or self.value == ()

    def text(self, default: str = "") -> str:
        """The value as text, ``default`` where it is missing."""
        return default if self.missing else str(self.value)


def steps_of(source: str) -> tuple[str, list[str]]:
    """The input and the steps of a JSON pointer into it."""
    name, _, pointer = source.partition("#")
    steps = pointer.split("/")[1:]
    return name, [unescaped(step) for step in steps] if "~" in pointer else steps


def escaped(step: str) -> str:
    """A name as a step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """The name that a step of a JSON pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


OWN = frozenset(name for name in dir(At) if not name.startswith("_"))


class _Part(NamedTuple):
    """A field of a record: its name, its step in a JSON pointer, what it is, how it is stored."""

    name: str
    step: str
    kind: Any
    keyed: Keyed | None


@cache
def _parts(kind: Any) -> dict[str, _Part]:
    """The fields of a kind of record by the attributes of a view that read them."""
    found = {}
    for name, field in _fields(kind).items():
        keyed = next((mark for mark in field.metadata if isinstance(mark, Keyed)), None)
        part = _Part(name, f"/{field.alias or name}", field.annotation, keyed)
        found[name] = found[_attribute(name)] = part
    return found


@cache
def _parts_of_record(kind: type) -> dict[str, _Part] | None:
    """The same of a class; None where it is no class of records."""
    return _parts(kind) if issubclass(kind, Record) else None


@cache
def _names_by_step(kind: type[Record]) -> dict[str, str]:
    """Attributes of a view by the steps of a JSON pointer that lead to the same field."""
    fields = kind.model_fields
    names = {name: _attribute(name) for name in fields}
    return names | {field.alias: names[name] for name, field in fields.items() if field.alias}


def _attribute(name: str) -> str:
    """The attribute of a view that reads a field."""
    return f"{name}_" if name in OWN else name


@cache
def _fields(kind: Any) -> Mapping[str, Any]:
    """Fields of a kind of record by name; of all its records where it may be one of several."""
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind.model_fields
    fields: dict[str, Any] = {}
    for record in _records(kind):
        fields |= record.model_fields
    return fields


def _records(kind: Any) -> list[type[Record]]:
    if isinstance(kind, type) and issubclass(kind, Record):
        return [kind]
    if hasattr(kind, "__metadata__"):
        return _records(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return [record for part in get_args(kind) for record in _records(part)]
    return []


@cache
def _item(kind: Any) -> Any:
    """What the items of a kind of tuple may be."""
    if hasattr(kind, "__metadata__"):
        return _item(get_args(kind)[0])
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        return next((found for part in get_args(kind) if (found := _item(part))), None)
    return None
