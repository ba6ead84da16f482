"""A view of nested results that remembers where each value came from.

Every number printed in a report carries its source: a JSON pointer into one of the inputs
(``results#/null/shares/0/share``), or an operation over such pointers. ``trace`` follows a source
back to the number, so a test can check each printed number against the stored results.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Source = str | dict[str, Any]
NUMBER = re.compile(r"\d+(?:\.\d+)?")

OPERATIONS = {
    "sum": lambda values: sum(values),
    "count": lambda values: len(values[0]),
    "difference": lambda values: values[0] - values[1],
    "ratio": lambda values: values[0] / values[1],
    "negative": lambda values: -values[0],
    "root": lambda values: max(values[0], 0.0) ** 0.5,
    "items": lambda values: len(values),
}


class Node:
    """One value of an input together with its source.

    Parameters
    ----------
    value : object
        A JSON value: number, text, list, mapping or None.
    source : str or dict
        Where it stands: a JSON pointer with the name of the input before it, or an operation.
    """

    __slots__ = ("source", "value")

    def __init__(self, value: Any, source: Source):
        self.value = value
        self.source = source

    def __getitem__(self, key: str | int) -> Node:
        """The child with this key or index, its source extended by one step."""
        return Node(self.value[key], f"{self.source}/{escape(key)}")

    def get(self, *keys: str | int) -> Node:
        """The descendant along `keys`; a node with value None where any step is missing."""
        node = self
        for key in keys:
            present = (
                key in node.value
                if isinstance(node.value, Mapping)
                else isinstance(node.value, list) and isinstance(key, int) and key < len(node.value)
            )
            node = node[key] if present else Node(None, f"{node.source}/{escape(key)}")
        return node

    def __iter__(self) -> Iterator[Node]:
        """The items of a list (none when the value is missing)."""
        return (self[i] for i in range(len(self.value or [])))

    def items(self) -> Iterator[tuple[str, Node]]:
        """The keys and children of a mapping (none when the value is missing)."""
        return ((key, self[key]) for key in (self.value or {}))

    def find(self, **match: Any) -> Node | None:
        """The first item of a list whose fields equal `match`, or None."""
        for item in self:
            if all(item.value.get(key) == wanted for key, wanted in match.items()):
                return item
        return None

    @property
    def missing(self) -> bool:
        """Whether there is no value here, or it is not a finite number."""
        is_nan = isinstance(self.value, float) and self.value != self.value
        return self.value is None or is_nan

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say: missing, or a list or mapping without items."""
        return self.missing or self.value in ([], {}, "")

    def number(self, position: int) -> Node:
        """The number that stands at a position among the numbers of a text."""
        source = {"op": f"number {position}", "of": [self.source]}
        return Node(_number_in(self.value, position), source)

    def text(self, default: str = "") -> str:
        """The value as text, `default` when missing."""
        return default if self.missing else str(self.value)


def derive(operation: str, *nodes: Node) -> Node:
    """The node of an operation over other nodes; missing when one of them is missing."""
    source = {"op": operation, "of": [node.source for node in nodes]}
    if any(node.missing for node in nodes):
        return Node(None, source)
    return Node(OPERATIONS[operation]([node.value for node in nodes]), source)


def trace(source: Source, inputs: Mapping[str, Any]) -> Any:
    """The value a source stands for, read again from the inputs.

    Parameters
    ----------
    source : str or dict
        As carried by a printed number.
    inputs : mapping
        The inputs by name: ``results``, ``survey``, ``provenance``, ``configuration``.
    """
    if isinstance(source, dict):
        if source["op"].startswith("number "):
            return _number_in(trace(source["of"][0], inputs), int(source["op"].split()[1]))
        return OPERATIONS[source["op"]]([trace(part, inputs) for part in source["of"]])
    name, _, pointer = source.partition("#")
    value = inputs[name]
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[unescape(step)]
    return value


def _number_in(text: str, position: int) -> int | float:
    found = NUMBER.findall(text)[position]
    return float(found) if "." in found else int(found)


def escape(key: str | int) -> str:
    """A key as one step of a JSON pointer (RFC 6901)."""
    text = str(key)
    if "~" not in text and "/" not in text:
        return text
    return text.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """One step of a JSON pointer as the key it stands for."""
    return step.replace("~1", "/").replace("~0", "~")
