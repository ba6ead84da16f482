"""How the outcome is distributed in each wave, in bars that hold enough people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlm.pages.blocks import Block, figure
from mlm.pages.context import Context
from mlm.pages.language import _
from mlm.pages.rounding import decimals_for_size, drawn
from mlm.pages.text import Run, join, say
from mlm.results.reading import At

LEAST_BARS = 4  # below which there is no distribution to see
Bar = tuple[float, float, int]


def distribution_blocks(context: Context) -> list[Block]:
    """Bars of the outcome by wave; nothing where rows were not read, or bars would hold too few."""
    least = context.rules.threshold if context.rules.is_public else 1
    data: dict[str, list[Any]] = {name: [] for name in ("wave", "low", "high", "share")}
    width = 0.0
    for wave in context.residuals.waves:
        name = wave.wave.value
        if context.rules.is_public and name in context.dominated_waves:
            continue
        edges, rows = wave.scores.edges.value, wave.scores.rows.value
        bars = [(low, high, _rounded(n, least)) for low, high, n in bars_of(edges, rows, least)]
        if len(bars) < LEAST_BARS:
            continue
        width = edges[1] - edges[0]
        whole = sum(n for *_ends, n in bars)
        for low, high, n in bars:
            data["wave"].append(context.labels.wave(name))
            data["low"].append(drawn(low, decimals=decimals_for_size(width, 1)))
            data["high"].append(drawn(high, decimals=decimals_for_size(width, 1)))
            data["share"].append(drawn(n / whole, decimals=3))
    return [_figure(context, data, width, least)] if width else []


def bars_of(edges: Sequence[float], rows: Sequence[int], least: int) -> list[Bar]:
    """Cells joined, from the lowest up, into bars of at least so many rows.

    Parameters
    ----------
    edges : sequence of float
        One more than cells.
    rows : sequence of int
        In each cell.
    least : int
        Rows of a bar.

    Returns
    -------
    list of (float, float, int)
        Ends and rows of each bar; none where all cells together hold fewer rows.
    """
    bars: list[Bar] = []
    start, held = None, 0
    for low, high, n in zip(edges, edges[1:], rows, strict=False):
        if start is None and n == 0 and not bars:
            continue
        start = low if start is None else start
        held += n
        if held >= least:
            bars.append((start, high, held))
            start, held = None, 0
    if held and bars:
        last = max(high for high, n in zip(edges[1:], rows, strict=True) if n)
        bars[-1] = (bars[-1][0], last, bars[-1][2] + held)
    return bars


def _rounded(rows: int, base: int) -> int:
    """A count rounded to a multiple of the threshold, so that no single person shows in it."""
    return base * max(round(rows / base), 1)


def _figure(context: Context, data: dict[str, list[Any]], width: float, least: int) -> Block:
    outcome, unit = context.labels.outcome, context.labels.unit
    how = _(
        "One panel per wave, all on one scale: the share of the rows used whose value lies in each "
        "bar. A wider bar joins values that few have; its area is their share."
    )
    hidden: list[Run] = []
    if least > 1:
        hidden = say(
            _("No bar holds fewer than {least} rows, and numbers are rounded to multiples of it."),
            least=str(least),
        )
    return figure(
        "distribution",
        "distribution",
        say(_("Distribution of {outcome} in each wave"), outcome=outcome),
        join(how, hidden),
        say(
            _(
                "Bars of {outcome} in each wave; means and standard deviations are in the table of "
                "what was studied."
            ),
            outcome=outcome,
        ),
        data,
        {
            "x": f"{outcome} ({unit})",
            "y": _("Share of the rows"),
            "width": drawn(width, decimals=decimals_for_size(width, 1)),
            "means": _means(context, data["wave"]),
            "mean": _("mean of the wave"),
        },
        unit=_("share of the rows used, by {unit}").format(unit=unit),
    )


def _means(context: Context, shown: Sequence[str]) -> dict[str, float]:
    """The means of the waves that are shown, rounded as they are printed."""
    found: dict[str, At] = {context.labels.wave(w.wave.value): w for w in context.results.waves}
    decimals = decimals_for_size(max(wave.sd.value or 0.0 for wave in found.values()), 3)
    return {
        name: drawn(wave.mean, decimals=decimals).value
        for name, wave in found.items()
        if name in shown and not wave.mean.missing
    }
