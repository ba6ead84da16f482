"""Where waves stand on the axis of a chart, and the points of a curve over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def rows_of_waves(data: Mapping[str, Any]) -> list[int]:
    """Rows of the data that are waves, not points of a curve."""
    parts = data.get("part", ["wave"] * len(data["wave"]))
    return [i for i, part in enumerate(parts) if part == "wave"]


def wave_places(data: Mapping[str, Any], waves: Sequence[int]) -> tuple[list[float], float]:
    """Place of each wave and the mean step: its time where the data have it, else its number."""
    if "time" not in data:
        return [float(i) for i, _ in enumerate(waves)], 1.0
    times = [data["time"][i] for i in waves]
    return times, (times[-1] - times[0]) / max(len(times) - 1, 1)


def curve_of(
    data: Mapping[str, Any], rows: Sequence[int] | None = None
) -> list[tuple[float, float]]:
    """The points of a curve, among some rows."""
    if "part" not in data:
        return []
    chosen = range(len(data["part"])) if rows is None else rows
    return [(data["time"][i], data["curve"][i]) for i in chosen if data["part"][i] == "curve"]
