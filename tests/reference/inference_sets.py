"""Reference inference by R (make_inference.R), and the sets it was made from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mlm.fitting import statistics_of
from mlm.formula import parse_formula
from tests.reference.reference_sets import rows

INFERENCE = json.loads((Path(__file__).parent / "inference.json").read_text())


@cache
def part(name: str):
    """Rows of a set, or of the part of a set that R was given."""
    frame = rows(name.removesuffix("_few"))
    if name == "exam_few":
        return frame[frame["school"].isin([str(i) for i in range(1, 21)])]
    if name == "egsingle_few":
        return frame[frame["school"].isin(sorted(frame["school"].unique())[:14])]
    return frame


@cache
def part_statistics(name: str, formula: str):
    """Cross-products of a set for one formula."""
    return statistics_of(parse_formula(formula), part(name))
