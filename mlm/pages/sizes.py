"""Sizes: a difference of the outcome in its standard deviations in a wave, all levels together."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.derived import derive
from mlm.pages.language import _
from mlm.pages.phrases import unsigned
from mlm.pages.rounding import fixed
from mlm.pages.text import Run, leaning, say
from mlm.results.reading import At


def size_words(
    context: Context, difference: At, wave: str | None = None, template: str = ""
) -> list[Run]:
    """A difference told before, in standard deviations of the outcome over the rows of a wave.

    Parameters
    ----------
    context : Context
        The report.
    difference : At
        In units of the outcome.
    wave : str, optional
        Default: the last wave.
    template : str
        Another sentence, with places for ``value``, ``outcome`` and ``wave``.

    Returns
    -------
    list of runs
        Empty where the standard deviation is not known, or may not be shown.
    """
    wave = wave or _last(context)
    sd = sd_of_wave(context, wave)
    if difference.missing or sd is None:
        return []
    words = say(
        template or _("This is {value} standard deviations of {outcome} in {wave}."),
        value=fixed(derive("quotient", unsigned(difference), sd), 2),
        outcome=context.labels.outcome,
        wave=context.labels.wave(wave),
    )
    return leaning(words)


def sd_of_wave(context: Context, wave: str | None) -> At | None:
    """Standard deviation of the outcome in a wave, by default of the last.

    None where it is not known, or may not be shown, and of an outcome in standard deviations.
    """
    wave = wave or _last(context)
    is_said = not context.labels.is_in_sd and not _is_hidden(context, wave)
    return context.spread_of(wave) if is_said else None


def _last(context: Context) -> str:
    return context.results.time.waves.value[-1]


def _is_hidden(context: Context, wave: str) -> bool:
    """Whether the spread of a wave would tell of the unit that holds nearly all its people."""
    return context.rules.is_public and wave in context.dominated_waves
