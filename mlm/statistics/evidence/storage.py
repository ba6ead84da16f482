"""Cross-products in a file: arrays in one ``.npz``, the recipe as JSON text, nothing pickled."""

from __future__ import annotations

import json
import zipfile
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from mlm.errors import ResultError
from mlm.nouns.columns import Columns
from mlm.statistics.evidence.arrays.array_files import StoredArray, write_arrays
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums
from mlm.statistics.evidence.bundles import Bundles
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.sampling_storage import (
    sampled_arrays,
    sampled_of,
    sampled_text,
    weighed_levels,
)
from mlm.statistics.evidence.wave_parts import WavePart, WaveParts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

STORAGE_SCHEMA = 1
PARTS = ("places", "sums", "sources", "multiples", "pick", "scale")  # arrays of a wave's part
WHICH = "_which"  # end of the name of what tells which distinct product each product is
BUNDLED = ("units", "part", "totals")  # arrays of the bundles of a wave
UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


def save(stats: CrossProducts, path: str | Path | BinaryIO) -> None:
    """Write cross-products to one ``.npz`` file, or to one that is open."""
    factors = stats.crossing.factors
    header = {
        "schema": STORAGE_SCHEMA,
        "columns": stats.columns.to_dict(),
        "dropped": stats.dropped,
        "n_rows": stats.n_rows,
        "log_weights": stats.log_weights,
        "levels": [_described(level) for level in stats.levels],
        "crossed": [_described(factor) for factor in factors],
        "parts": list(stats.parts),
        "precision": stats.precision,
        "bundles": [_bundled(bundles) for bundles in stats.bundles],
        "sampled": sampled_text(stats.sampled),
    }
    arrays = {"total": stats.total}
    arrays |= sampled_arrays(stats.sampled, stats.levels)
    arrays |= {f"part_{i}": total for i, total in enumerate(stats.parts.values())}
    for i, bundles in enumerate(stats.bundles):
        arrays |= {f"bundle_{i}_{name}": getattr(bundles, name) for name in BUNDLED}
    for i, level in enumerate(stats.levels):
        arrays[f"parent_{i}"] = level.parent
        arrays |= _sums(i, level)
        arrays |= {f"key_{i}_{j}": _plain(key) for j, key in enumerate(level.keys)}
    for c, factor in enumerate(factors):
        arrays[f"crossed_sums_{c}"] = factor.sums
        arrays |= {f"crossed_key_{c}_{j}": _plain(key) for j, key in enumerate(factor.keys)}
        arrays |= _tables(f"link_{c}", factor.links)
    for (c, d), pair in stats.crossing.pairs.items():
        arrays |= _tables(f"pair_{c}_{d}", pair)
    arrays = _with_distinct(arrays)
    header |= {"same": same} if (same := _alike(arrays)) else {}
    text = np.array(json.dumps(header, sort_keys=True))
    with nullcontext(path) if hasattr(path, "write") else open(path, "wb") as file:
        write_arrays(file, {"header": text, **arrays})


def _sums(i: int, level: GroupSums) -> dict:
    """Arrays of the sums of a level; those in another file are read as they are written.

    What is the sum of waves that are stored is made of them again.
    """
    if not isinstance(level.sums, WaveParts):
        return {f"sums_{i}": level.sums}
    return {
        f"wave_{i}_{w}_{name}": getattr(part, name)
        for w, part in enumerate(level.sums.parts)
        for name in PARTS
    }


def _with_distinct(arrays: dict) -> dict:
    """Arrays with those of distinct products in two: these, and which of them a product is."""
    out = {}
    for name, array in arrays.items():
        if isinstance(array, DistinctSums):
            out |= {name: array.in_order, name + WHICH: array.which}
        else:
            out[name] = array
    return out


def _together(arrays: dict) -> dict:
    """The same arrays, put together again; those that are read whole are all products."""
    out = dict(arrays)
    for name in [name for name in arrays if name.endswith(WHICH)]:
        base = name.removesuffix(WHICH)
        found = DistinctSums(out[base], out.pop(name))
        out[base] = np.asarray(found) if found.is_in_memory else found
    return out


def _alike(arrays: dict) -> dict[str, str]:
    """Names of sums that are the same array as an earlier one, with its name; these go."""
    known: dict[Any, str] = {}
    same = {}
    for name in [name for name in arrays if _are_sums(name)]:
        array = arrays[name]
        key = array.place if isinstance(array, StoredArray) else id(array)
        if key in known:
            same[name] = known[key]
            del arrays[name]
            arrays.pop(name + WHICH, None)
        known.setdefault(key, name)
    return same


def _are_sums(name: str) -> bool:
    return ("sums_" in name or name.endswith("_sums")) and not name.endswith(WHICH)


def load(
    path: str | Path | BinaryIO, lazily: bool = False, largest: int | None = None
) -> CrossProducts:
    """Cross-products that ``save`` wrote.

    Parameters
    ----------
    path : str, Path or file
        Where from; a path where something stays in the file.
    lazily : bool
        Whether the ids and sums of groups stay in the file until they are asked for.
    largest : int, optional
        Bytes of the sums of a wave beyond which they stay there, and parts of them are read.

    Raises
    ------
    ResultError
        When the file is not one of ours or is of another schema.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {
                name: StoredArray(path, name)
                if lazily and _is_large(name)
                else _read(path, stored, name, largest)
                for name in stored.files
            }
        header = json.loads(str(arrays["header"]))
        arrays = _together(arrays)
        arrays |= {name: arrays[other] for name, other in header.get("same", {}).items()}
    except UNREADABLE as error:
        raise ResultError(f"{path}: not a file of cross-products ({error}).") from error
    if header.get("schema") != STORAGE_SCHEMA:
        raise ResultError(f"{path}: schema {header.get('schema')}, expected {STORAGE_SCHEMA}.")
    columns = Columns.from_dict(header["columns"])
    by_name = {column.name: column for column in columns.columns}
    levels = tuple(
        GroupSums(
            tuple(entry["group"]),
            tuple(arrays[f"key_{i}_{j}"] for j in range(len(entry["group"]))),
            arrays[f"parent_{i}"],
            tuple(by_name[name] for name in entry["candidates"]),
            _level_sums(entry, i, arrays),
        )
        for i, entry in enumerate(header["levels"])
    )
    crossing = _crossing(header["crossed"], arrays, by_name, levels)
    weights = header["n_rows"], header["log_weights"]
    parts = {name: arrays[f"part_{i}"] for i, name in enumerate(header.get("parts", []))}
    bundles = tuple(
        _bundles(entry, {name: arrays[f"bundle_{i}_{name}"] for name in BUNDLED}, by_name)
        for i, entry in enumerate(header.get("bundles", []))
    )
    text = header.get("sampled")
    kept = parts, header.get("precision"), bundles, sampled_of(text, arrays)
    levels = weighed_levels(text, levels, arrays)
    return CrossProducts(
        columns, arrays["total"], levels, header["dropped"], crossing, *weights, *kept
    )


def _read(path, stored, name: str, largest: int | None) -> np.ndarray | StoredArray:
    """An array; sums of a wave, or distinct ones, of more bytes than the largest stay in the file.

    These are read in parts.
    """
    are_distinct = name.startswith("sums_") and name + WHICH in stored.files
    if largest is not None and (
        name.startswith("wave_") and name.endswith("_sums") or are_distinct
    ):
        filed = StoredArray(path, name)
        if filed.has_tables and _size(filed, stored) * filed.dtype.itemsize > largest:
            return filed
    return stored[name]


def _size(filed: StoredArray, stored) -> int:
    """Number of all products whose distinct ones lie in a file."""
    name = filed.place[1] + WHICH
    return filed.shape[1] * stored[name].size if name in stored.files else filed.size


def _is_large(name: str) -> bool:
    return name.startswith(("sums_", "key_")) and not name.endswith(WHICH)


def _level_sums(entry: dict, i: int, arrays):
    if "shape" not in entry:
        return arrays[f"sums_{i}"]
    parts = [
        WavePart(**{name: arrays[f"wave_{i}_{w}_{name}"] for name in PARTS})
        for w in range(entry["waves"])
    ]
    return WaveParts(entry["shape"], parts, keeps_whole=entry.get("keeps_whole", False))


def _described(level: GroupSums | CrossedFactor) -> dict:
    described = {"group": level.group, "candidates": [c.name for c in level.candidates]}
    if isinstance(level.sums, WaveParts):
        sums = level.sums
        described |= {"shape": sums.shape, "waves": len(sums.parts)}
        described |= {"keeps_whole": sums.keeps_whole}
    return described


def _bundled(bundles: Bundles) -> dict:
    names = {name: getattr(bundles, name) for name in ("wave", "outer", "inner", "bits")}
    return {**names, "columns": [column.name for column in bundles.columns]}


def _bundles(entry: dict, arrays: dict, by_name: dict) -> Bundles:
    return Bundles(
        wave=entry["wave"],
        columns=tuple(by_name[name] for name in entry["columns"]),
        outer=tuple(entry["outer"]),
        inner=tuple(entry["inner"]),
        bits=entry["bits"],
        **arrays,
    )


def _plain(key: np.ndarray) -> np.ndarray:
    return key.astype(str) if key.dtype == object else key


def _tables(name: str, tables) -> dict[str, np.ndarray]:
    out = {}
    for i, row in enumerate(tables):
        for j, table in enumerate(row):
            entries = table.tocoo()
            out[f"{name}_{i}_{j}_data"] = entries.data
            out[f"{name}_{i}_{j}_at"] = np.stack([entries.row, entries.col])
    return out


def _table(arrays, name: str, i: int, j: int, shape: tuple[int, int]) -> csr_array:
    from scipy.sparse import csr_array

    at = arrays[f"{name}_{i}_{j}_at"]
    return csr_array((arrays[f"{name}_{i}_{j}_data"], (at[0], at[1])), shape=shape)


def _crossing(entries, arrays, by_name, levels) -> Crossing:
    factors = []
    tree = levels[-1] if levels else None
    for c, entry in enumerate(entries):
        sums = arrays[f"crossed_sums_{c}"]
        shape = (tree.size if tree else 0, sums.shape[1])
        links = tuple(
            tuple(_table(arrays, f"link_{c}", i, j, shape) for j in range(sums.shape[0]))
            for i in range(len(tree.candidates) if tree else 0)
        )
        keys = tuple(arrays[f"crossed_key_{c}_{j}"] for j in range(len(entry["group"])))
        candidates = tuple(by_name[name] for name in entry["candidates"])
        factors.append(CrossedFactor(tuple(entry["group"]), keys, candidates, sums, links))
    pairs = {}
    for c in range(len(factors)):
        for d in range(c + 1, len(factors)):
            shape = (factors[c].size, factors[d].size)
            pairs[c, d] = tuple(
                tuple(
                    _table(arrays, f"pair_{c}_{d}", i, j, shape)
                    for j in range(len(factors[d].candidates))
                )
                for i in range(len(factors[c].candidates))
            )
    return Crossing(tuple(factors), pairs)
