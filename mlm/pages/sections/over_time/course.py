"""Whether a line or curve of time fits the waves, in words; its points for charts."""

from __future__ import annotations

from typing import Any

from mlm.pages.context import Context
from mlm.pages.derived import field_of
from mlm.pages.language import _
from mlm.pages.phrases import is_made, test
from mlm.pages.rounding import NOT_APPLICABLE, drawn
from mlm.pages.text import Run, say
from mlm.results.reading import At

WAVE, CURVE = "wave", "curve"  # parts of the data of a chart
TIME_DECIMALS = 4


def is_rejected(found: At) -> bool:
    """Whether the waves depart from the line or curve, by a test of their departures."""
    return not found.missing and found.rejected.value


def curve_name(context: Context) -> str:
    """What time is in the models: a straight line, or a curve of its degree."""
    degree = context.results.time.degree.value
    if degree == 1:
        return _("straight line")
    return _("curve of degree {degree}").format(degree=degree)


def departs_from_line(context: Context) -> bool:
    """Whether time is a line or curve in the models that the means of the waves depart from."""
    found = field_of(context.results.over_time.value, "lack_of_fit")
    return found is not None and found.rejected


def course_finding(context: Context) -> list[Run]:
    """That the waves depart from the line or curve; nothing where they do not."""
    found = context.results.over_time.lack_of_fit
    if not is_rejected(found):
        return []
    return say(
        _("A {line} does not fit the means of the waves ({test}): each wave is given its own."),
        line=curve_name(context),
        test=test(found.test),
    )


def course_words(context: Context) -> list[Run]:
    """Whether the means of the waves follow the line or curve; nothing without a test."""
    found = context.results.over_time.lack_of_fit
    if found.missing or not is_made(found.test):
        return []
    template = (
        _(
            "The means of the waves do not follow a {line} ({test}, for their departures "
            "from it). They therefore come from the model with a mean of its own for each "
            "wave; the {line} is drawn beside them."
        )
        if found.rejected.value
        else _(
            "There is no clear evidence that the means of the waves depart from a {line} "
            "({test}): they are read off it, and the means of the waves by themselves "
            "stand beside."
        )
    )
    return say(template, line=curve_name(context), test=test(found.test))


def course_within_words(context: Context, item: At) -> list[Run]:
    """Whether differences between groups follow the line or curve; nothing without a test."""
    found = item.lack_of_fit
    if found.missing or not is_made(found.test):
        return []
    template = (
        _(
            "The differences do not follow a {line} ({test}): the means of the groups come "
            "from the model with a mean of its own for each group in each wave."
        )
        if found.rejected.value
        else _("There is no clear evidence that the differences depart from a {line} ({test}).")
    )
    return say(template, line=curve_name(context), test=test(found.test))


def with_curve(
    context: Context, data: dict[str, list[Any]], means: list[At], curve: At, **same: Any
) -> dict[str, list[Any]]:
    """Rows of a chart, one a wave, with the times of the waves and the points of a curve.

    Parameters
    ----------
    data : dict of str to list
        Columns of the chart, one row a wave.
    means : list of At
        The waves' means, by whose largest error the curve is rounded.
    curve : At
        Points of the curve; without any the chart stays as it is.
    same : object
        Columns that the points of the curve have as well.
    """
    if curve.empty:
        return data
    times = {wave.name: wave.time for wave in context.configuration.waves}
    points = list(curve)
    added = {name: [same.get(name, NOT_APPLICABLE)] * len(points) for name in data}
    known, error = len(means), max(mean.std_error.value for mean in means)
    at = [times[mean.wave.value] for mean in means] + [point.time.value for point in points]
    return {
        **{name: [*values, *added[name]] for name, values in data.items()},
        "part": [WAVE] * known + [CURVE] * len(points),
        "time": [drawn(time, decimals=TIME_DECIMALS) for time in at],
        "curve": [NOT_APPLICABLE] * known + [drawn(point.estimate, error) for point in points],
    }
