"""Reference inference by R (make_inference.R), and the sets it was made from."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from tests.reference.reference_sets import rows

INFERENCE = json.loads((Path(__file__).parent / "inference.json").read_text())


@cache
def part(name: str):
    """Rows of a set, or of the part of a set that R was given."""
    frame = rows(name.split("_")[0])
    if name in ("exam_few", "exam_weighted"):
        frame = frame[frame["school"].isin([str(i) for i in range(1, 21)])]
        return frame.assign(w=1 + frame["pupil"].astype(int) % 4)
    if name == "egsingle_few":
        return frame[frame["school"].isin(sorted(frame["school"].unique())[:14])]
    if name == "star_few":
        return frame[frame["school"].isin([str(i) for i in range(1, 26)])]
    return frame


@cache
def part_statistics(name: str, formula: str, precision: str | None = None):
    """Cross-products of a set for one formula."""
    return statistics_of(parse_formula(formula), part(name), precision)
