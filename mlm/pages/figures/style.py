"""The look of all charts: colours by level, fonts, axes, and SVG with the same bytes every time."""

from __future__ import annotations

import io
import logging
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from mlm.pages.language import current

PALETTE = ("#12436D", "#28A197", "#801650", "#F46A25")
HATCHES = ("", "", "//", "\\\\")
GROUP_COLOURS = ("#12436D", "#F46A25", "#28A197", "#801650", "#6B7785", "#1F2933")
GROUP_SHAPES = ("o", "s", "D", "^", "v", "P")
GROUP_LINES = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)), (0, (8, 2)), (0, (2, 2)))
LOWEST = "#6B7785"
INK = "#1F2933"
MUTED = "#5C6670"
RULE = "#C9CFD6"
PAPER = "#FFFFFF"
FAMILY = "Source Sans Pro"
FALLBACK = "DejaVu Sans"
WIDTH = 7.2
SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mlm",
    "font.family": [FAMILY, FALLBACK],
    "font.size": 10.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.labelsize": 10.5,
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 10.5,
    "text.usetex": False,
    "text.parse_math": False,
    "path.simplify": True,
}


class _Marks(ScalarFormatter):
    """Numbers at the axes, with the decimal mark of the report's language."""

    def __call__(self, x, pos=None):
        return super().__call__(x, pos).replace(".", current().decimal)


@cache
def register(fonts: Path) -> None:
    """Make the fonts in a folder known to matplotlib, once."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    for path in sorted(fonts.glob("*.otf")):
        font_manager.fontManager.addfont(path)


@contextmanager
def canvas(height: float, fonts: Path, width: float = WIDTH) -> Iterator[tuple[Figure, Axes]]:
    """A figure with one pair of axes, drawn in the style of the reports."""
    register(fonts)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        figure.patch.set_alpha(0)
        axes = figure.add_subplot()
        _bare(axes)
        yield figure, axes


def panels(figure: Figure, axes: Axes, count: int) -> list[Axes]:
    """The canvas divided into panels side by side."""
    axes.remove()
    made = list(figure.subplots(1, count))
    for each in made:
        _bare(each)
    return made


def _bare(axes: Axes) -> None:
    axes.patch.set_alpha(0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(_Marks())
    axes.spines[["top", "right"]].set_visible(False)


def to_svg(figure: Figure) -> str:
    """The figure as SVG text with a fixed salt and without a date."""
    stream = io.StringIO()
    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        FigureCanvasSVG(figure).print_svg(
            stream, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return stream.getvalue()


def level_style(level: str, levels: Sequence[str]) -> tuple[str, str]:
    """Colour and hatch of a level: the same in every chart of a survey; the lowest is grey."""
    if level == levels[-1]:
        return LOWEST, ""
    position = levels.index(level) if level in levels else 0
    return PALETTE[position % len(PALETTE)], HATCHES[position % len(HATCHES)]


def zero_line(axes: Axes, vertical: bool = True) -> None:
    """A thin line at zero."""
    draw = axes.axvline if vertical else axes.axhline
    draw(0, color=INK, linewidth=0.9, zorder=1)


def grid(axes: Axes, axis: str) -> None:
    """Light lines along one axis, behind the marks."""
    axes.grid(axis=axis, color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def key_above(axes: Axes, columns: int) -> None:
    """The key on a line of its own above the chart."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=columns,
        borderaxespad=0.2,
        handletextpad=0.5,
    )


def name_ticks(axes: Axes, places: Sequence[float], names: Sequence[str], room: int = 90) -> None:
    """Names below the horizontal axis; where they would touch, only every second, third, ...

    `room` is the number of letters that stand beside each other below the axis.
    """
    texts = [shorten(name, 18) for name in names]
    space = room / max(len(texts), 1)
    step = 1
    while step < len(texts) and not _fit(texts[::step], step * space):
        step += 1
    axes.set_xticks(list(places)[::step], texts[::step])


def _fit(texts: Sequence[str], space: float) -> bool:
    """Whether texts stand beside each other, centred at places so many letters apart."""
    pairs = zip(texts, texts[1:], strict=False)
    return all((len(left) + len(right)) / 2 + 0.5 <= space for left, right in pairs)


def shorten(text: str, length: int = 44) -> str:
    """The text on one line, cut with an ellipsis where it is too long to stand beside a chart."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def on_two_lines(text: str, length: int = 44) -> str:
    """The text on one line where that is long enough, else on two, the second cut if need be."""
    first, *rest = textwrap.wrap(" ".join(text.split()), length) or [""]
    return f"{first}\n{shorten(' '.join(rest), length)}" if rest else first
