"""Arrays in files: the bytes are those of numpy.savez, whatever holds the arrays before."""

from __future__ import annotations

import io

import numpy as np
import pytest

from mlm.errors import FilesError
from mlm.statistics.evidence.arrays import array_files
from mlm.statistics.evidence.arrays.array_files import (
    ChainedSums,
    FiledSums,
    StoredArray,
    write_arrays,
)

RNG = np.random.default_rng(3)
SUMS = RNG.normal(size=(3, 500, 4))
ARRAYS = {
    "header": np.array("a text, é"),
    "empty": np.zeros((0, 3)),
    "whole": np.arange(7),
    "texts": np.array(["a", "bcd"]),
    "turned": RNG.normal(size=(2, 4, 300)).transpose(0, 2, 1),
    "fortran": np.asfortranarray(RNG.normal(size=(5, 6))),
    "some": RNG.normal(size=100)[::2],
    "no_width": np.array(["", ""]),
    "sums": SUMS,
}


@pytest.fixture(params=[1 << 24, 100])
def piece(request, monkeypatch):
    monkeypatch.setattr(array_files, "PIECE_BYTES", request.param)


@pytest.fixture
def saved(tmp_path):
    np.savez(tmp_path / "a.npz", **ARRAYS)
    return tmp_path / "a.npz"


def filed(sums: np.ndarray) -> FiledSums:
    found = FiledSums([io.BytesIO() for _ in sums], sums.shape[2])
    for start in range(0, sums.shape[1], 170):
        found.append(sums[:, start : start + 170])
    return found


@pytest.mark.parametrize("as_stored", [False, True])
def test_bytes_are_those_of_numpy(as_stored, saved, piece, tmp_path):
    stored = {name: StoredArray(saved, name) for name in ARRAYS if name != "header"}
    arrays = {**ARRAYS, **stored, "sums": filed(SUMS)} if as_stored else ARRAYS
    arrays = {name: arrays[name] for name in ARRAYS}
    with (tmp_path / "b.npz").open("wb") as file:
        write_arrays(file, arrays)
    if not as_stored:  # an array that is read again has the order of C
        assert (tmp_path / "b.npz").read_bytes() == saved.read_bytes()
    with np.load(tmp_path / "b.npz") as found:
        assert found.files == list(ARRAYS)
        for name, array in ARRAYS.items():
            assert found[name].dtype == array.dtype
            assert np.array_equal(found[name], array)


def test_stored_arrays_are_read_from_where_they_lie(saved, piece):
    for name, array in ARRAYS.items():
        stored = StoredArray(saved, name)
        assert stored.shape == array.shape and stored.dtype == array.dtype
        assert np.array_equal(np.asarray(stored), array)
        if array.ndim:
            pieces = [part.reshape(-1) for part in stored.pieces()]
            assert np.array_equal(
                np.concatenate([array.reshape(-1)[:0], *pieces]), array.reshape(-1)
            )


def test_a_file_that_was_cut_is_told(saved):
    stored = StoredArray(saved, "sums")
    saved.write_bytes(saved.read_bytes()[:-9000])
    with pytest.raises(FilesError, match="cut"):
        np.asarray(stored)


def test_sums_in_files_are_those_that_were_added(piece):
    found = filed(SUMS)
    assert found.shape == SUMS.shape and found.size == SUMS.size
    assert np.array_equal(np.asarray(found), SUMS)
    assert np.array_equal(found.part(1, 100, 400), SUMS[1, 100:400])
    assert np.array_equal(found[2], SUMS[2])
    found.append(SUMS[:, :5])
    assert np.array_equal(np.asarray(found)[:, 500:], SUMS[:, :5])


CUTS = {"one": [(0, 500)], "apart": [(0, 3), (3, 500)], "shared": [(0, 200), (199, 500)]}
CUTS["a group in three parts"] = [(0, 200), (199, 200), (199, 200), (200, 500)]


@pytest.mark.parametrize("cuts", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("as_stored", [False, True, "turned"])
def test_sums_of_parts_follow_each_other_and_those_of_a_shared_group_are_added(
    cuts, as_stored, piece, tmp_path
):
    parts, goes_on = [], [start < stop for (start, _), (_, stop) in pairs_before(cuts)]
    expected = np.zeros_like(SUMS)
    for i, (start, stop) in enumerate(cuts):
        own = SUMS[:, start:stop] * (i + 1)
        expected[:, start:stop] += own
        np.savez(
            tmp_path / f"{i}.npz", sums=np.asfortranarray(own) if as_stored == "turned" else own
        )
        parts.append(StoredArray(tmp_path / f"{i}.npz", "sums") if as_stored else own)
    chained = ChainedSums(parts, goes_on)
    assert chained.shape == SUMS.shape and chained.size == SUMS.size
    np.testing.assert_allclose(np.asarray(chained), expected, rtol=1e-15)
    assert np.array_equal(chained[1], np.asarray(chained)[1])
    with (tmp_path / "all.npz").open("wb") as file:
        write_arrays(file, {"sums": chained})
    with np.load(tmp_path / "all.npz") as found:
        assert np.array_equal(found["sums"], np.asarray(chained))


def pairs_before(cuts):
    """Each part with the one before; the first with one that ends where it begins."""
    return zip(cuts, [(0, 0), *cuts[:-1]], strict=True)
