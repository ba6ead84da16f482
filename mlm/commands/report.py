"""Command: one analysis as a page, a PDF and tables. Layer: commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Analysis, Config, OutFolder, SurveyFile

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
    from mlm.commands.writing import read_json, write_files, write_json
    from mlm.configuration import load_configuration
    from mlm.pages.previous import make_record, turn_over, with_shown
    from mlm.pages.report import report_files

    found = _results(results, residuals)
    given = (
        load_configuration(config),
        analysis,
        found,
        read_json(survey),
        provenance(config),
    )
    others = [_results(path, path.parent / RESIDUALS) for path in beside or ()]
    kept = turn_over(_kept(out), make_record(*given))
    before = read_json(previous) if previous is not None else kept["previous"]
    others_by_name = {other["analysis"]: other for other in others}
    files = report_files(*given, previous=before, beside=others_by_name)
    write_files(out, files)
    document = json.loads(files["report.json"])
    kept["current"] = with_shown(kept["current"], document, found, given[3])
    for name in ("previous", "current"):
        if kept[name] is not None:
            write_json(out / KEPT / f"{name}.json", kept[name])


def _results(path: Path, residuals: Path | None) -> dict:
    """Results of an analysis with the residuals of its rows, where they are at hand."""
    from mlm.commands.writing import read_json
    from mlm.statistics.answers.policy.policy_records import with_row_overlap

    found = read_json(path)
    if residuals is not None and residuals.is_file():
        found["residuals"] = read_json(residuals)
        overlaps = (found["residuals"] or {}).get("overlap", [])
        found["policy_details"] = with_row_overlap(found.get("policy_details", []), overlaps)
    return found


def _kept(out: Path) -> dict:
    """The records beside a report, None where there is none."""
    from mlm.commands.writing import read_json

    paths = {name: out / KEPT / f"{name}.json" for name in ("current", "previous")}
    return {name: read_json(path) if path.is_file() else None for name, path in paths.items()}
