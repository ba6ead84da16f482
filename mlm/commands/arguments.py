"""Arguments that several commands share, with their help texts. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_EXISTING = {"exists": True, "file_okay": True, "readable": True}

Config = Annotated[
    Path, typer.Argument(help="Configuration file of the survey.", show_default=False)
]
Wave = Annotated[str, typer.Argument(help="Name of the wave.", show_default=False)]
Analysis = Annotated[str, typer.Argument(help="Name of the analysis.", show_default=False)]
WaveFiles = Annotated[
    list[Path],
    typer.Argument(
        help="The wave's files, in the order in which the configuration names them.",
        show_default=False,
    ),
]
MadeBy = Annotated[
    str | None,
    typer.Option(
        "--made-by",
        help="Configuration, code and software of the run, for the record beside the output.",
        show_default=False,
    ),
]
OutFile = Annotated[Path, typer.Option("--out", help="File to write.", show_default=False)]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write.", show_default=False)]
CleanFile = Annotated[
    Path, typer.Argument(help="Cleaned rows of the wave.", show_default=False, **_EXISTING)
]
CleanFiles = Annotated[
    list[Path],
    typer.Argument(
        help="Cleaned rows, one file a wave in order of the waves.", show_default=False, **_EXISTING
    ),
]
SomeCleanFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Cleaned rows, one file a wave in order of the waves, if they are to be read.",
        show_default=False,
        **_EXISTING,
    ),
]
FitsFolder = Annotated[
    Path, typer.Option("--fits", help="Folder of the fits, as analyse wrote it.", exists=True)
]
StatisticsFolders = Annotated[
    list[Path],
    typer.Argument(
        help="Statistics, one folder a wave in order of the waves.", show_default=False, exists=True
    ),
]
StatisticsFile = Annotated[
    Path,
    typer.Option(
        "--statistics", help="Merged statistics of an analysis.", show_default=False, **_EXISTING
    ),
]
SurveyFile = Annotated[
    Path,
    typer.Option("--survey", help="The linked survey.", show_default=False, **_EXISTING),
]
ManyStatistics = Annotated[
    list[Path] | None,
    typer.Option(
        "--statistics",
        help="Merged statistics of the analysis, where rows count alike; of imputed data once for "
        "each completed data set, and the results are pooled.",
        show_default=False,
        exists=True,
    ),
]
CompleteStatistics = Annotated[
    Path | None,
    typer.Option(
        "--complete",
        help="Merged statistics of the rows without missing values, to stand beside imputations.",
        show_default=False,
        exists=True,
    ),
]
ShiftedStatistics = Annotated[
    list[str] | None,
    typer.Option(
        "--shifted",
        help="VARIABLE:SHIFT:FILE, merged statistics of a data set in which imputed values of a "
        "variable were moved; once for each of its imputations.",
        show_default=False,
    ),
]
ResultsBeside = Annotated[
    list[Path] | None,
    typer.Option(
        "--beside",
        help="Results of another analysis of the survey, protected together with this one. May be "
        "given several times.",
        exists=True,
    ),
]
ResidualsBeside = Annotated[
    list[Path] | None,
    typer.Option(
        "--residuals-beside",
        help="Residuals of the other analyses, in the order of --beside, if they are at hand.",
        exists=True,
    ),
]
Processes = Annotated[
    int,
    typer.Option(
        help="What does not hang on each other is worked out by so many processes at once; the "
        "numbers are the same at the digits that are printed.",
        min=1,
    ),
]
