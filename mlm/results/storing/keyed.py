"""Tuples of records that are stored as a mapping from a name to each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, WrapSerializer


@dataclass(frozen=True)
class Keyed:
    """Marks a field that is a tuple of records here, and a JSON object in a file.

    Attributes
    ----------
    key : str
        Field of the records that tells them apart, and under which they are stored.
    value : str or None
        Field, a whole number, that alone is stored of each; None where the whole record is.
    """

    key: str
    value: str | None = None

    def __get_pydantic_core_schema__(self, source, handler):
        stored = WrapSerializer(self._stored, when_used="json")
        return handler.generate_schema(Annotated[source, BeforeValidator(self._records), stored])

    def __get_pydantic_json_schema__(self, schema, handler):
        item = {"type": "integer"} if self.value else handler(schema["schema"])["items"]
        return {"type": "object", "additionalProperties": item}

    def _records(self, stored: Any) -> Any:
        if not isinstance(stored, Mapping):
            return stored
        if self.value is not None:
            return [{self.key: name, self.value: value} for name, value in stored.items()]
        for name, record in stored.items():
            if not isinstance(record, Mapping) or record.get(self.key) != name:
                raise ValueError(f"what stands under {name!r} must have it as its {self.key}")
        return list(stored.values())

    def _stored(self, records: tuple, handler) -> dict[str, Any]:
        stored = {
            record[self.key]: record if self.value is None else record[self.value]
            for record in handler(records)
        }
        if len(stored) < len(records):
            raise ValueError(f"two records have the same {self.key}")
        return stored
