"""Command: one analysis as a page, a PDF and tables. Layer: commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlm.commands.arguments import (
    Analysis,
    Config,
    MadeBy,
    OutFolder,
    ResidualsBeside,
    ResultsBeside,
    SurveyFile,
)
from mlm.commands.reporting.collecting import rare_collections

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.pages.document import OtherAnalysis
    from mlm.results.residuals import Residuals


@rare_collections()
def report(
    config: Config,
    analysis: Analysis,
    results: Annotated[Path, typer.Option(help="Results of the analysis.", exists=True)],
    survey: SurveyFile,
    out: OutFolder,
    residuals: Annotated[
        Path | None, typer.Option(help="Residuals of the rows, if they are at hand.", exists=True)
    ] = None,
    beside: ResultsBeside = None,
    residuals_beside: ResidualsBeside = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="Record of earlier results to compare with; default: the one kept beside the "
            "report.",
            exists=True,
        ),
    ] = None,
    made_by: MadeBy = None,
) -> None:
    """Write publish/: the report and the brief (HTML, PDF), report.json, figures and tables.

    In controlled mode they are written to controlled/: nothing that names single people lies in
    publish/. What the next report compares with is kept in kept/ beside: current.json and
    previous.json. The same results again leave both as they are.
    """
    from mlm.commands.analyses.job import read_results, result_files
    from mlm.commands.made import Making, job_name
    from mlm.commands.reporting.keeping import read_kept, write_kept
    from mlm.commands.reporting.provenance import provenance
    from mlm.commands.reporting.publishing import write_report
    from mlm.commands.words.doubt_words import warn_of_doubts
    from mlm.commands.words.hidden_words import warn_of_hidden_effects
    from mlm.commands.writing import read_json
    from mlm.configuration import load_configuration
    from mlm.pages.previous import Kept, make_record, turn_over, with_shown
    from mlm.pages.report import report_files
    from mlm.results.runs.kept import KeptRecord
    from mlm.results.storing.tabled import data_of
    from mlm.results.survey.survey import SurveyAccount

    configuration = load_configuration(config)
    made = Making(job_name("report", configuration.survey, analysis), made_by)
    own_files = [survey, *([residuals] if residuals else []), *(residuals_beside or ())]
    given_results = [file for path in (results, *(beside or ())) for file in result_files(path)]
    made.check([*given_results, *own_files])
    found, account = read_results(results), SurveyAccount.load(survey)
    warn_of_doubts(configuration, account)
    given = configuration, analysis, found, account, provenance(config, configuration.survey)
    warn_of_hidden_effects(*given)
    own = _residuals(residuals)
    read = partial(_other_analysis, given, (results, *(beside or ())), made_by)
    others = tuple(map(read, beside or (), _one_each(beside or (), residuals_beside or ())))
    kept = turn_over(read_kept(out), make_record(*given))
    before = kept.previous if previous is None else KeptRecord.load(previous)
    files = report_files(*given, residuals=own, previous=before, beside=others)
    folder = write_report(out, files, configuration.disclosure.mode)
    inputs = {"results": data_of(found), "survey": read_json(survey)}
    if own is not None:
        inputs["residuals"] = read_json(residuals)
    current = with_shown(kept.current, json.loads(files["report.json"]), inputs)
    write_kept(out, Kept(current, kept.previous))
    made.record([folder], style_hashes(configuration))


def style_hashes(configuration: Configuration) -> dict[str, str]:
    """SHA-256 of the logo and the fonts, by the names that the configuration gives them."""
    from mlm.commands.made import file_hash

    return {name: file_hash(path) for name, path in configuration.style_files.items()}


def _other_analysis(
    given: tuple,
    around: Sequence[Path],
    made_by: str | None,
    results: Path,
    residuals: Path | None,
) -> OtherAnalysis:
    """Another analysis of the survey, with what its version before and its report show."""
    from mlm.commands.analyses.job import read_results
    from mlm.commands.reporting.keeping import read_kept
    from mlm.commands.reporting.publishing import read_published
    from mlm.pages.document import OtherAnalysis
    from mlm.pages.previous import make_record, turn_over

    configuration, __, __, *rest = given
    found = read_results(results)
    record = make_record(configuration, found.analysis, found, *rest)
    return OtherAnalysis(
        found,
        _residuals(residuals),
        turn_over(read_kept(results.parent), record).previous,
        read_published(results, around, made_by),
    )


def _one_each(beside: Sequence[Path], residuals: Sequence[Path]) -> Sequence[Path | None]:
    """Residuals of each of the other analyses; a sample has none."""
    from mlm.errors import ResultError

    if residuals and len(residuals) != len(beside):
        raise ResultError(
            f"{len(residuals)} files of residuals were given for {len(beside)} other analyses; "
            "give one for each --beside, in their order, or none"
        )
    return residuals or [None] * len(beside)


def _residuals(path: Path | None) -> Residuals | None:
    """Residuals of the rows of an analysis, where they are at hand and told."""
    from mlm.results.residuals import load_residuals

    return None if path is None else load_residuals(path)
