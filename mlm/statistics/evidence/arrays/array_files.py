"""Arrays that lie in files: read when they are asked for, and written piece by piece."""

from __future__ import annotations

import math
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mlm.errors import FilesError

PIECE_BYTES = 1 << 24
"""Of an array that are in memory while it is written, or read from another file."""

_LOCAL_HEADER = 30  # bytes before the name of a member of a zip file
_LENGTHS = struct.Struct("<HH")  # of its name and of what follows it: the last of these bytes


class StoredArray:
    """An array that lies in an ``.npz`` file, read each time it is asked for.

    Its bytes are read as they lie there; whoever reads a file of another run compares its hash.

    Parameters
    ----------
    path : str or Path
        The file.
    name : str
        Name of the array.
    """

    def __init__(self, path: str | Path, name: str):
        self.place = str(path), name
        with zipfile.ZipFile(path) as file:
            info = file.getinfo(f"{name}.npy")
            with file.open(info) as member:
                version = np.lib.format.read_magic(member)
                read = np.lib.format.read_array_header_1_0
                if version != (1, 0):
                    read = np.lib.format.read_array_header_2_0
                self.shape, self._is_fortran, self.dtype = read(member)
                header = member.tell()
        with open(path, "rb") as file:
            file.seek(info.header_offset + _LOCAL_HEADER - _LENGTHS.size)
            lengths = _LENGTHS.unpack(file.read(_LENGTHS.size))
        self._start = info.header_offset + _LOCAL_HEADER + sum(lengths) + header

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    def pieces(self) -> Iterator[np.ndarray]:
        """All elements in order, some at a time."""
        if self._is_fortran:
            yield from pieces_of(np.asarray(self))
            return
        step = max(1, PIECE_BYTES // max(self.dtype.itemsize, 1))
        for start in range(0, self.size, step):
            yield self._read(min(step, self.size - start), start)

    def tables(self, first: int) -> Iterator[np.ndarray]:
        """Of an array of three dimensions: the rows (n, k) of one of its tables, some at a time."""
        _, size, k = self.shape
        if self._is_fortran:
            yield np.array(np.asarray(self)[first], order="C")
            return
        step = max(1, PIECE_BYTES // (k * self.dtype.itemsize))
        for start in range(0, size, step):
            n = min(step, size - start)
            yield self._read(n * k, (first * size + start) * k).reshape(n, k)

    @property
    def has_tables(self) -> bool:
        """Whether the rows of one of its tables follow each other, in three dimensions."""
        return len(self.shape) == 3 and not self._is_fortran

    def part(self, candidate: int, start: int, stop: int) -> np.ndarray:
        """Of an array that has tables: some rows (n, k) of one of them.

        Parameters
        ----------
        candidate : int
            Place of the table.
        start, stop : int
            The first row, and the one after the last.
        """
        _, size, k = self.shape
        count = (stop - start) * k
        return self._read(count, (candidate * size + start) * k).reshape(-1, k)

    def _read(self, count: int, start: int = 0) -> np.ndarray:
        place = self._start + start * self.dtype.itemsize
        found = np.fromfile(self.place[0], self.dtype, count, offset=place)
        if found.size != count:
            raise FilesError(f"{self.place[0]}: cut; delete it and give the same command again")
        return found

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        order = "F" if self._is_fortran else "C"
        return self._read(self.size).reshape(self.shape, order=order)

    def __getitem__(self, key) -> np.ndarray:
        return np.asarray(self)[key]


class FiledSums:
    """Sums (q, G, k) of groups in files, one a candidate, written while the groups go by.

    Parameters
    ----------
    files : sequence of file
        One for each of the q candidates, open for reading and writing; they are kept open.
    k : int
        Number of columns.
    """

    dtype, ndim = np.dtype(float), 3

    def __init__(self, files: Sequence[BinaryIO], k: int):
        self._files, self.shape = list(files), (len(files), 0, k)

    @property
    def size(self) -> int:
        """Number of sums."""
        return math.prod(self.shape)

    def append(self, sums: np.ndarray) -> None:
        """Add the sums of the next groups.

        Parameters
        ----------
        sums : ndarray (q, n, k)
            Of groups that follow those that are there.
        """
        for file, own in zip(self._files, sums, strict=True):
            file.write(memoryview(np.ascontiguousarray(own)).cast("B"))
        q, size, k = self.shape
        self.shape = q, size + sums.shape[1], k

    def part(self, candidate: int, start: int, stop: int) -> np.ndarray:
        """Sums (n, k) of a candidate of some groups.

        Parameters
        ----------
        candidate : int
            Its place.
        start, stop : int
            The first group, and the one after the last.

        Raises
        ------
        FilesError
            The file is cut.
        """
        k = self.shape[2]
        found = np.empty((stop - start, k))
        file = self._files[candidate]
        file.seek(start * k * self.dtype.itemsize)
        if found.size and file.readinto(memoryview(found).cast("B")) != found.nbytes:
            raise FilesError("a temporary file of sums is cut; give the same command again")
        file.seek(0, 2)
        return found

    def pieces(self) -> Iterator[np.ndarray]:
        """All sums in order, some at a time."""
        q, size, k = self.shape
        step = max(1, PIECE_BYTES // (k * self.dtype.itemsize))
        for candidate in range(q):
            for start in range(0, size, step):
                yield self.part(candidate, start, min(start + step, size))

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        q, size, _ = self.shape
        out = np.empty(self.shape)
        for candidate in range(q):
            out[candidate] = self.part(candidate, 0, size)
        return out

    def __getitem__(self, key) -> np.ndarray:
        return np.asarray(self)[key]


class ChainedSums:
    """Sums (q, G, k) of groups that follow each other in several parts, read as they are written.

    The last group of a part may go on as the first of the next one.

    Parameters
    ----------
    parts : sequence of StoredArray or ndarray (q, g, k)
        In order.
    goes_on : sequence of bool
        For each part, whether its first group is the last of the part before.
    """

    dtype, ndim = np.dtype(float), 3

    def __init__(self, parts: Sequence[Any], goes_on: Sequence[bool]):
        self._parts, self._goes_on = list(parts), list(goes_on)
        q, _, k = parts[0].shape
        self.shape = q, sum(part.shape[1] for part in parts) - sum(self._goes_on), k

    @property
    def size(self) -> int:
        """Number of sums."""
        return math.prod(self.shape)

    def pieces(self) -> Iterator[np.ndarray]:
        """All sums in order, some at a time."""
        for candidate in range(self.shape[0]):
            yield from self._of(candidate)

    def _of(self, candidate: int) -> Iterator[np.ndarray]:
        """Sums of a candidate; a last group is held until the next part is known not to have it."""
        held = np.zeros((0, self.shape[2]))
        for part, goes_on in zip(self._parts, self._goes_on, strict=True):
            is_first = True
            for values in _tables(part, candidate):
                if is_first and goes_on:
                    values[0] += held[0]
                else:
                    yield held
                yield values[:-1]
                held, is_first = values[-1:], False
        yield held

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.concatenate([piece.ravel() for piece in self.pieces()]).reshape(self.shape)

    def __getitem__(self, key) -> np.ndarray:
        return np.asarray(self)[key]


def _tables(part: Any, candidate: int) -> Iterator[np.ndarray]:
    """Sums (n, k) of a candidate of some groups at a time, as arrays of their own."""
    if isinstance(part, StoredArray):
        return part.tables(candidate)
    return iter([np.array(part[candidate], order="C")])


def pieces_of(array: np.ndarray) -> Iterator[np.ndarray]:
    """The elements of an array in C order, some at a time.

    Parameters
    ----------
    array : ndarray
        Of any layout; pieces that lie as they are written are no copies.
    """
    if array.flags.c_contiguous or array.nbytes <= PIECE_BYTES or array.ndim < 2:
        yield np.ascontiguousarray(array)
        return
    step = max(1, PIECE_BYTES // max(array[0].nbytes, 1))
    for start in range(0, len(array), step):
        if step == 1:
            yield from pieces_of(array[start])
        else:
            yield np.ascontiguousarray(array[start : start + step])


def write_arrays(file: BinaryIO | str | Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays as ``numpy.savez`` does, to the byte; those that lie in files piece by piece.

    Parameters
    ----------
    file : file, str or Path
        Where to.
    arrays : mapping of str to array
        By name: arrays of NumPy, ``StoredArray``, ``FiledSums`` or ``ChainedSums``.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, given in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                _write(member, given if hasattr(given, "pieces") else np.asanyarray(given))


def _write(member: Any, array: Any) -> None:
    in_file = hasattr(array, "pieces")
    if not in_file and (array.dtype.kind not in "fiu" or array.ndim == 0 or array.flags.fnc):
        np.lib.format.write_array(member, array, allow_pickle=False)
        return
    descr = np.lib.format.dtype_to_descr(array.dtype)
    head = {"descr": descr, "fortran_order": False, "shape": tuple(array.shape)}
    np.lib.format.write_array_header_1_0(member, head)
    for piece in array.pieces() if in_file else pieces_of(array):
        member.write(piece.reshape(-1).view(np.uint8))
