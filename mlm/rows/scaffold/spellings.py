"""Ids of a column as they are compared from file to file, and spellings that keep them apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from mlm.nouns.ids.identifier import normal_texts
from mlm.nouns.ids.spelling import ALL, Spelling, differences
from mlm.rows.linking.folding import all_folded
from mlm.rows.scaffold.profiles import FileProfile


def ids_of(file: FileProfile, column: str) -> dict[str, str]:
    """Ids of a column in their normal form, by their form with differences of spelling ignored."""
    normal = normal_texts(file.columns[column].values, file.form.marks.decimal)[0].tolist()
    return dict(zip(all_folded(pa.array(normal, pa.string())).to_pylist(), normal, strict=True))


def paths_of(file: FileProfile, columns: Sequence[str]) -> set[tuple[str, ...]]:
    """Ids of units with those of the units around them, spelling ignored.

    Parameters
    ----------
    file : FileProfile
        The file.
    columns : sequence of str
        Columns of ids, from the top.
    """
    codes = np.unique(np.stack([file.columns[c].codes for c in columns]), axis=1)
    known = codes[:, (codes >= 0).all(axis=0)]
    folded = []
    for column in columns:
        texts = file.columns[column].distinct.texts.to_pylist()
        normal = normal_texts(texts, file.form.marks.decimal)[0].tolist()
        folded.append(all_folded(pa.array(normal, pa.string())).to_pylist())
    return {tuple(own[i] for own, i in zip(folded, unit, strict=True)) for unit in known.T}


def spellings_between(files: Sequence[FileProfile], column: str) -> tuple[Spelling, ...]:
    """Differences of spelling for which ids of one file are not found in the next one."""
    found: set[Spelling] = set()
    ids = [ids_of(file, column) for file in files]
    for one, other in zip(ids, ids[1:], strict=False):
        apart = set(one.values()) ^ set(other.values())
        for folded in one.keys() & other.keys():
            if one[folded] in apart and other[folded] in apart:
                found.update(differences(one[folded], other[folded]) or ())
    return tuple(kind for kind in ALL if kind in found)
