"""Texts as integers that sort as the texts do, without a table of hashes.

A text is cut into words of eight bytes, and each word is an integer. Two texts get the same number
only if all their words are the same, so that no two ids can be taken for one.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

WORD = 8
BLOCK = 1 << 16  # texts that are worked on while they are in the cache
MOST_DIGITS = 18  # that an integer of 64 bits holds, whatever they are
MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits at random: a product mixes the bits
DELETE = 0x7F  # last character of ASCII
PACKED_BITS = 63  # of a key and its position in one integer
CLOSE_TOGETHER = 2  # times as many integers as keys between the least and the largest
_FIRST_BYTES = np.array([2**64 - (1 << 8 * (WORD - k)) for k in range(WORD + 1)], dtype=np.uint64)
"""Masks that keep the first 0 to 8 bytes of a word."""


def ranks(texts: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Number of each text among the distinct ones in the order of their bytes.

    Parameters
    ----------
    texts : pyarrow.StringArray, length n
        Texts without nulls.

    Returns
    -------
    rank : ndarray of int32, shape (n,)
        0 for the first text in order; the same texts have the same number.
    first : ndarray of int64, shape (U,)
        Place of a text of each number.
    """
    if not len(texts):
        return np.zeros(0, np.int32), np.zeros(0, np.int64)
    if (numbers := sortable_numbers(texts)) is not None:
        return number(numbers)
    offsets, data = _bytes(texts)
    longest = int(np.diff(offsets).max())
    rank, first = number(_word(offsets, data, 0))
    for place in range(WORD, longest, WORD):
        if len(first) == len(texts):
            return rank, first
        further, distinct = number(_word(offsets, data, place))
        rank, first = number(rank * np.int64(len(distinct)) + further)
    if (data[int(offsets[0]) : int(offsets[-1])] == 0).any():
        # only texts with NUL bytes can differ in nothing but their length
        rank, first = number(rank * np.int64(longest + 1) + np.diff(offsets))
    return rank, first


def numbered(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number (n,) of each integer among the distinct ones (U,), and these, in order."""
    if not are_close(keys):
        rank, first = number(keys)
        return rank, keys[first]
    low = int(keys.min())
    places = keys - low
    is_there = np.zeros(int(keys.max()) - low + 1, dtype=bool)
    is_there[places] = True
    counts = np.cumsum(is_there, dtype=np.int32)
    counts -= 1
    return counts.take(places, mode="clip"), np.flatnonzero(is_there) + low


def written_numbers(texts: pa.StringArray) -> np.ndarray | None:
    """Texts (n,) as integers that sort as they do, and are written as they are; None for others."""
    numbers = sortable_numbers(texts)
    if numbers is None or len(str(numbers.min())) < len(texts[0].as_py()):  # zeros in front
        return None
    return numbers


def sortable_numbers(texts: pa.StringArray) -> np.ndarray | None:
    """Texts (n,) of as many digits each as numbers, which sort as they do; None for others."""
    lengths = byte_lengths(texts)
    longest = int(lengths.max(initial=0))
    if 0 < longest <= MOST_DIGITS and longest == lengths.min() and are_digits(texts):
        return pc.cast(texts, pa.int64()).to_numpy()
    return None


def number_texts(numbers: np.ndarray) -> pa.StringArray:
    """Integers (n,) of zero and above as texts of their digits."""
    return pc.cast(pa.array(numbers), pa.string())


def number(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number (n,) of each integer among the distinct ones in order, and a place (U,) of each."""
    if are_close(keys):
        return _number_dense(keys)
    order = _packed_order(keys)
    order = np.argsort(keys) if order is None else order
    in_order = keys[order]
    is_new = np.ones(len(keys), dtype=bool)
    np.not_equal(in_order[1:], in_order[:-1], out=is_new[1:])
    del in_order
    counts = np.cumsum(is_new, dtype=np.int32)
    counts -= 1
    rank = np.empty(len(keys), dtype=np.int32)
    rank[order] = counts
    return rank, order[is_new]


def stable_order(keys: np.ndarray) -> np.ndarray:
    """Positions (n,) that sort some integers; equal ones keep their order."""
    order = _packed_order(keys)
    return np.argsort(keys, kind="stable") if order is None else order


def _packed_order(keys: np.ndarray) -> np.ndarray | None:
    """The same, where a key and its position fit into one integer: sorting it alone is faster."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    low, bits = keys.min(), (len(keys) - 1).bit_length()
    if (int(keys.max()) - int(low)).bit_length() + bits > PACKED_BITS:
        return None
    is_unsigned = keys.dtype.kind == "u"
    packed = np.subtract(keys, low).astype(np.int64) if is_unsigned else keys - np.int64(low)
    packed <<= bits
    for start in range(0, len(packed), BLOCK):
        part = packed[start : start + BLOCK]
        part |= np.arange(start, start + len(part))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def are_close(keys: np.ndarray) -> bool:
    """Whether integers lie so close together that a table of all between them is small."""
    return len(keys) > 0 and int(keys.max()) - int(keys.min()) < CLOSE_TOGETHER * len(keys)


def _number_dense(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same of integers that lie close together, by a table of all between them."""
    low = keys.min()
    places = np.subtract(keys, low).astype(np.int64, copy=False)
    first = np.full(int(keys.max()) - int(low) + 1, -1, dtype=np.int64)
    first[places] = np.arange(len(keys))
    counts = np.cumsum(first >= 0, dtype=np.int32)
    counts -= 1
    return counts.take(places, mode="clip"), first[first >= 0]


def are_digits(texts: pa.StringArray) -> bool:
    """Whether texts without nulls hold the digits 0 to 9 alone, or nothing."""
    offsets, data = _bytes(texts)
    held = data[int(offsets[0]) : int(offsets[-1])]
    return not len(held) or bool(held.min() >= ord("0") and held.max() <= ord("9"))


def are_plain(texts: pa.StringArray) -> bool:
    """Whether texts hold characters of ASCII alone that can be seen: no blank is among them."""
    offsets, data = _bytes(texts)
    held = data[int(offsets[0]) : int(offsets[-1])] if len(offsets) else data[:0]
    return not len(held) or bool(held.min() > ord(" ") and held.max() < DELETE)


def byte_lengths(texts: pa.StringArray) -> np.ndarray:
    """Number of bytes of each text (n,)."""
    return np.diff(_bytes(texts)[0])


def single_bytes(texts: pa.StringArray) -> np.ndarray | None:
    """Texts (n,) of a byte each as these bytes, 0 for an empty one; None where one is longer."""
    offsets, data = _bytes(texts)
    held = data[int(offsets[0]) : int(offsets[-1])] if len(texts) else data[:0]
    if not len(texts) or len(held) > len(texts):
        return None
    has_one = np.diff(offsets)
    if has_one.max() > 1:
        return None
    if len(held) == len(texts):
        return held
    out = np.zeros(len(texts), dtype=np.uint8)
    out[has_one.astype(bool)] = held
    return out


def begin_with(texts: pa.StringArray, character: str) -> np.ndarray:
    """Texts (bool, n) whose first byte is a character of ASCII."""
    offsets, data = _bytes(texts)
    found = np.diff(offsets) > 0
    found[found] = data[offsets[:-1][found]] == ord(character)
    return found


def hashes(texts: pa.StringArray) -> np.ndarray:
    """A number (n,) of 64 bits for each text, the same for the same bytes."""
    offsets, data = _bytes(texts)
    lengths = np.diff(offsets)
    found = lengths.astype(np.uint64) * MIX
    for place in range(0, int(lengths.max(initial=0)), WORD):
        found = (found ^ _word(offsets, data, place)) * MIX
        found ^= found >> np.uint64(29)
    return found * MIX


def _bytes(texts: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Where each text begins, and the next one after the last (n + 1,), in the bytes of all."""
    _, offsets, data = texts.buffers()
    size = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    offsets = np.frombuffer(offsets, size)[texts.offset : texts.offset + len(texts) + 1]
    return offsets, np.frombuffer(data or b"", np.uint8)


def _word(offsets: np.ndarray, data: np.ndarray, place: int) -> np.ndarray:
    """Eight bytes of each text from some place on as an integer (n,); 0 beyond its end."""
    words = np.empty(len(offsets) - 1, dtype=np.uint64)
    for start in range(0, len(words), BLOCK):
        ends = offsets[start + 1 : start + BLOCK + 1].astype(np.int64)
        begins = offsets[start : start + len(ends)].astype(np.int64) + place
        # bytes of a block of texts lie side by side: eight more follow, so that all words are whole
        first = int(begins[0])
        block = np.zeros(int(ends[-1]) - int(begins[0]) + place + 2 * WORD, dtype=np.uint8)
        part = data[first : int(ends[-1])]
        block[: len(part)] = part
        eight = np.ndarray(len(block) - WORD + 1, ">u8", buffer=block, strides=(1,))
        left = np.clip(ends - begins, 0, WORD)
        found = eight[np.minimum(begins - first, len(eight) - 1)].astype(np.uint64)
        words[start : start + len(ends)] = found & _FIRST_BYTES[left]
    return words
