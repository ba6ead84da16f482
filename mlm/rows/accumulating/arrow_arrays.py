"""Columns of Arrow as plain arrays: numbers, or positions in distinct values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlm.rows.accumulating.batches import Coded, WrittenNumbers, in_nfc
from mlm.rows.cleaning.texts import written_numbers

if TYPE_CHECKING:
    import pyarrow as pa

LONG_DIGITS = 18
"""Digits of the numbers that every integer of eight bytes holds."""


def is_number(kind: pa.DataType) -> bool:
    """Whether a type of Arrow is one of numbers, truth values among them."""
    import pyarrow as pa

    found = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind)
    return found or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)


class ArrowArrays:
    """The parts of one column as arrays; a dictionary that several parts share is decoded once."""

    def __init__(self):
        self._known: tuple[pa.Array, np.ndarray | None, np.ndarray] | None = None

    def of(self, column: pa.Array) -> np.ndarray | Coded:
        """An Arrow array as numbers, or as positions in its distinct values."""
        import pyarrow as pa

        kind = column.type
        if pa.types.is_decimal(kind) and kind.scale == 0 and kind.precision <= LONG_DIGITS:
            return self.of(column.cast(pa.int64()))
        if pa.types.is_decimal(kind) or pa.types.is_null(kind) or kind == pa.float16():
            return column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        is_plain = pa.types.is_floating(kind) or (
            pa.types.is_integer(kind) and column.null_count == 0
        )
        if is_plain:
            return column.to_numpy(zero_copy_only=False)
        if pa.types.is_string(kind) and column.null_count == 0:
            numbers = written_numbers(column)
            if numbers is not None:
                return numbers.view(WrittenNumbers)
        if not pa.types.is_dictionary(kind):
            column = column.dictionary_encode()
        codes = column.indices
        codes = codes.fill_null(-1) if codes.null_count else codes
        places, values = self._values(column.dictionary)
        codes = codes.to_numpy()
        return Coded(codes if places is None else np.append(places, -1)[codes], values)

    def _values(self, dictionary: pa.Array) -> tuple[np.ndarray | None, np.ndarray]:
        """The values, in NFC, and the place of each entry among them; None where it is its own."""
        if self._known is None or not _is_same(self._known[0], dictionary):
            self._known = dictionary, *_distinct_in_nfc(dictionary)
        return self._known[1:]


def _distinct_in_nfc(dictionary: pa.Array) -> tuple[np.ndarray | None, np.ndarray]:
    values = dictionary.to_numpy(zero_copy_only=False)
    found = in_nfc(Coded(np.arange(len(values)), values))
    return (None if found.values is values else found.codes), found.values


def _is_same(one: pa.Array, other: pa.Array) -> bool:
    """Whether two Arrow arrays are the same memory."""
    if len(one) != len(other) or one.offset != other.offset or one.type != other.type:
        return False
    pairs = zip(one.buffers(), other.buffers(), strict=True)
    return all((a and a.address) == (b and b.address) for a, b in pairs)
