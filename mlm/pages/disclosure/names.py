"""Names of numbers that stay the same when lists grow: positions replaced by what stands there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlm.results.reading import Source, escaped, steps_of
from mlm.results.storing.tabled import DataRows

IDENTITY = ("wave", "other", "name", "level", "parent", "child", "variable", "category", "reason")
IDENTITY += ("file", "unit", "term", "outcome", "kind", "there")
NUMBERED = ("sd", "waves", "size")  # what tells items apart that have no name


def name_of(source: Source, inputs: Mapping[str, Any]) -> str:
    """A source as text in which every position in a list is the identity of its item.

    ``survey#/waves/0/rows_kept`` reads ``survey#/waves/{"wave": "K"}/rows_kept``, so that the same
    number of two versions of the results has the same name.
    """
    if isinstance(source, dict):
        parts = [name_of(part, inputs) for part in source["of"]]
        parts += [json.dumps(source["where"])] if "where" in source else []
        return f"{source['op']}({'; '.join(parts)})"
    head, way = steps_of(source)
    value, steps = inputs[head], []
    for step in way:
        if isinstance(value, list | DataRows):
            value = value[int(step)]
            steps.append(_identity(value) or step)
        else:
            value = value[step]
            steps.append(escaped(step))
    return "/".join([f"{head}#", *steps])


def rows_name(wave: str) -> str:
    """Name of the rows kept of a wave."""
    return f"survey#/waves/{_identity({'wave': wave})}/rows_kept"


def _identity(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    known = {key: item[key] for key in IDENTITY if item.get(key) is not None}
    if not known:
        known = {key: item[key] for key in NUMBERED if isinstance(item.get(key), int)}
    return json.dumps(known, sort_keys=True, ensure_ascii=False) if known else ""
