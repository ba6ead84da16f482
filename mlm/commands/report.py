"""Command: one analysis as a page, a PDF and tables. Layer: commands."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlm.commands.arguments import Analysis, Config, OutFolder, SurveyFile
from mlm.errors import ResultError

if TYPE_CHECKING:
    from mlm.pages.previous import Kept
    from mlm.results.kept import KeptRecord
    from mlm.results.residuals import Residuals

KEPT = "kept"
RESIDUALS = "residuals.json"


def report(
    config: Config,
    analysis: Analysis,
    results: Annotated[Path, typer.Option(help="Results of the analysis.", exists=True)],
    survey: SurveyFile,
    out: OutFolder,
    residuals: Annotated[
        Path | None, typer.Option(help="Residuals of the rows, if they are at hand.", exists=True)
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            help="Results of another analysis of the survey, protected together with this one; "
            "its residuals.json is read where it lies beside. May be given several times.",
            exists=True,
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            help="Record of earlier results to compare with; default: the one kept beside the "
            "report.",
            exists=True,
        ),
    ] = None,
) -> None:
    """Write report.json, report.html, report.pdf, figures, tables and tables.xlsx.

    What the next report compares with is kept in kept/ beside the report: current.json and
    previous.json. The same results again leave both as they are.
    """
    from mlm.commands.provenance import provenance
    from mlm.commands.writing import read_json, write_files, write_text
    from mlm.configuration import load_configuration
    from mlm.pages.document import OtherAnalysis
    from mlm.pages.previous import make_record, turn_over, with_shown
    from mlm.pages.report import report_files
    from mlm.results.analysis import AnalysisResults
    from mlm.results.kept import KeptRecord
    from mlm.results.survey.survey import SurveyAccount

    found, account = AnalysisResults.load(results), SurveyAccount.load(survey)
    given = load_configuration(config), analysis, found, account, provenance(config)
    others = tuple(
        OtherAnalysis(AnalysisResults.load(path), _residuals(path.parent / RESIDUALS))
        for path in beside or ()
    )
    own = _residuals(residuals)
    kept = turn_over(_kept(out), make_record(*given))
    before = kept.previous if previous is None else KeptRecord.load(previous)
    files = report_files(*given, residuals=own, previous=before, beside=others)
    write_files(out, files)
    inputs = {"results": read_json(results), "survey": read_json(survey)}
    if own is not None:
        inputs["residuals"] = read_json(residuals)
    current = with_shown(kept.current, json.loads(files["report.json"]), inputs)
    for name, record in (("previous", kept.previous), ("current", current)):
        if record is not None:
            write_text(out / KEPT / f"{name}.json", record.to_json())


def _residuals(path: Path | None) -> Residuals | None:
    """Residuals of the rows of an analysis, where they are at hand."""
    from mlm.results.residuals import Residuals

    return Residuals.load(path) if path is not None and path.is_file() else None


def _kept(out: Path) -> Kept:
    """The records beside a report; none in place of those of another version of mlm."""
    from mlm.pages.previous import Kept

    return Kept(*(_kept_record(out / KEPT / f"{name}.json") for name in ("current", "previous")))


def _kept_record(path: Path) -> KeptRecord | None:
    from mlm.results.kept import KeptRecord

    if not path.is_file():
        return None
    try:
        return KeptRecord.load(path)
    except ResultError:
        text = f"{path} was kept by another version of mlm: nothing is compared with it."
        warnings.warn(text, UserWarning, stacklevel=2)
        path.unlink()  # it is of no more use
        return None
