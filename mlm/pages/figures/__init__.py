"""Charts: one drawing a module, each from the data of a figure block to the text of an SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

KINDS = (
    "shares",
    "path",
    "coefficients",
    "caterpillar",
    "adjusted_means",
    "policy",
    "stability",
    "slopes",
    "shrinkage",
    "fan",
    "attrition",
    "missing",
    "along",
    "quantiles",
    "trends",
    "trajectories",
    "spread",
)


def draw(block: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of a figure block.

    Parameters
    ----------
    block : mapping
        A block made by :func:`mlm.pages.blocks.figure`.
    fonts : Path
        Folder with the fonts of the reports.
    """
    from importlib import import_module

    if block["kind"] not in KINDS:
        raise ValueError(f"no drawing named {block['kind']}; known: {', '.join(KINDS)}")
    module = import_module(f"mlm.pages.figures.{block['kind']}")
    drawing: Callable[..., str] = module.draw
    return drawing(block["data"], block["options"], fonts)
