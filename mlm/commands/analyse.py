"""Command: all models of one analysis, from sums or, of a sample, from rows. Layer: commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlm.commands.arguments import (
    Analysis,
    CompleteStatistics,
    Config,
    MadeBy,
    ManyStatistics,
    OutFolder,
    Processes,
    ShiftedStatistics,
    SurveyFile,
)

if TYPE_CHECKING:
    from mlm.configuration import Configuration


def analyse(
    config: Config,
    analysis: Analysis,
    survey: SurveyFile,
    out: OutFolder,
    statistics: ManyStatistics = None,
    complete: CompleteStatistics = None,
    shifted: ShiftedStatistics = None,
    rows: Annotated[
        list[Path] | None,
        typer.Option(
            "--rows",
            help="Cleaned rows of a wave; once for each wave, in their order. Of a survey with "
            "sampling weights or plausible values all is made of them; others take them beside "
            "--statistics, to draw what rows lack where the configuration does not say what "
            "becomes of these and they are many.",
            show_default=False,
            exists=True,
        ),
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option(
            help="Recipe of the columns, beside --rows and --statistics.",
            show_default=False,
            exists=True,
        ),
    ] = None,
    processes: Processes = 1,
    made_by: MadeBy = None,
) -> None:
    """Null model, full model, reduction, slopes, effects, stability: results.json and the fits."""
    from mlm.configuration import load_configuration
    from mlm.errors import ResultError
    from mlm.nouns.machine.side_by_side import at_most
    from mlm.statistics.likelihood.threads import one_thread

    configuration = load_configuration(config)
    refusal = _refusal(configuration, statistics, rows)
    refusal = refusal or _beside_refusal(statistics, complete, shifted)
    if refusal is not None:
        raise ResultError(refusal)
    with _named(analysis), at_most(processes), one_thread():
        if configuration.is_sampled:
            from mlm.commands.analyses.of_sample import analyse_sample

            analyse_sample(configuration, analysis, rows, survey, out, made_by)
        elif len(statistics) > 1:
            from mlm.commands.analyses.of_imputations import analyse_imputed

            given = (statistics, complete, shifted or ())
            analyse_imputed(configuration, analysis, *given, survey, out, made_by)
        else:
            from mlm.commands.analyses.of_sums import analyse_sums

            given = (statistics[0], survey, out, made_by)
            analyse_sums(configuration, analysis, *given, rows or (), columns)


@contextmanager
def _named(analysis: str) -> Iterator[None]:
    """Name the analysis that cannot be fitted."""
    from mlm.errors import FitError

    try:
        yield
    except FitError as error:
        text = f"analysis {analysis}: {error} Only a fit can tell this: mlm check fits nothing."
        raise FitError(text) from error


def _beside_refusal(
    statistics: list[Path] | None, complete: Path | None, shifted: list[str] | None
) -> str | None:
    """Why nothing can stand beside what was given; None: it can, or nothing is to."""
    if not (complete or shifted) or len(statistics or ()) > 1:
        return None
    name = "--complete" if complete else "--shifted"
    return (
        f"{name} stands beside imputations, and {len(statistics or ())} --statistics was given; "
        "give --statistics once for each completed data set, two at least"
    )


def _refusal(
    configuration: Configuration, statistics: list[Path] | None, rows: list[Path] | None
) -> str | None:
    """Why an analysis is not made of what was given; None: it is."""
    name, waves = configuration.survey, len(configuration.waves)
    if configuration.is_sampled and (statistics or not rows):
        return (
            f"{name} has sampling weights or plausible values: weights are scaled by what all rows "
            "of a unit have over the waves, and draws are made in one pass, so that sums of waves "
            f"do not do; give no --statistics, but its clean rows: --rows {waves} times, one a wave"
        )
    if not configuration.is_sampled and not statistics:
        return (
            f"{name} has neither 'sampling' nor 'plausible_values': its analyses are made of the "
            "cross-products of all waves; give --statistics (of mlm merge)"
        )
    if not configuration.is_sampled and rows and not configuration.is_undecided:
        return (
            f"{name} says what becomes of rows that lack a covariate ('missing'), so that nothing "
            "is drawn by its analyses; give no --rows"
        )
    return None
