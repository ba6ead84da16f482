"""Reports of a survey, made as the workflow makes them but in this process and without PDF.

This is the defender's side: nothing that attacks reads it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from mlm.commands.accumulate import accumulate
from mlm.commands.analyse import analyse
from mlm.commands.clean import clean
from mlm.commands.columns import columns
from mlm.commands.link import link
from mlm.commands.merge import merge
from mlm.commands.report import report
from mlm.commands.residuals import residuals
from tests.attack.surveys import WAVES, Row, Survey
from tests.few_draws import few_draws

ANALYSES = ("plain", "full")


def make_versions(survey: Survey, folder: Path) -> dict[str, dict[str, Path]]:
    """Make the reports twice, the second time without who withdrew; folders to publish.

    What is kept for the next report lies beside the reports, so that the second version knows the
    first; the first is copied away as a reader would.
    """
    published = {}
    for version, rows in (("first", survey.rows), ("second", survey.without)):
        made = make_reports(survey, rows, folder)
        published[version] = {}
        for analysis, path in made.items():
            target = folder / version / analysis
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
            published[version][analysis] = target
    return published


def make_reports(survey: Survey, rows: list[Row], folder: Path) -> dict[str, Path]:
    """Make all reports of the rows; the folder to publish of each analysis."""
    config = survey.write(folder / "data", rows)
    at = folder / "results"
    for wave in WAVES:
        clean(config, wave, [folder / "data" / f"{wave}.csv"],
              _parent(at / f"clean/{wave}.parquet"), at / f"clean/{wave}.json")  # fmt: skip
    cleaned = [at / f"clean/{wave}.parquet" for wave in WAVES]
    columns(config, cleaned[0], at / "columns.json")
    for wave, path in zip(WAVES, cleaned, strict=True):
        accumulate(config, wave, path, at / "columns.json", _parent(at / "statistics" / wave))
    ledgers = [path.with_suffix(".json") for path in cleaned]
    link(config, cleaned, ledgers, at / "survey.json")
    for analysis in ANALYSES:
        merged = at / f"{analysis}.npz"
        merge(config, analysis, [at / "statistics" / wave for wave in WAVES], merged)
        with few_draws():
            out = _parent(at / analysis / "x").parent
            analyse(config, analysis, at / "survey.json", out, [merged], rows=cleaned,
                    columns=at / "columns.json")  # fmt: skip
        residuals(config, analysis, cleaned, merged, at / analysis / "fits",
                  at / analysis / "residuals.json")  # fmt: skip
    for analysis in ANALYSES:
        beside = [at / other / "results.json" for other in ANALYSES if other != analysis]
        with _quickly():
            report(config, analysis, at / analysis / "results.json", at / "survey.json",
                   at / analysis, residuals=at / analysis / "residuals.json",
                   beside=beside,
                   residuals_beside=[path.with_name("residuals.json") for path in beside]
                   )  # fmt: skip
    return {analysis: at / analysis / "publish" for analysis in ANALYSES}


@contextmanager
def _quickly() -> Iterator[None]:
    """Without what says the same again: PDF, PNG, Word, slides, and the fonts of pages."""
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    with (
        patch("mlm.pages.pdf.report_pdf", lambda *given: b""),
        patch("mlm.pages.pdf.brief_pdf", lambda *given: b""),
        patch("mlm.pages.office.word.brief_docx", lambda *given: empty.getvalue()),
        patch("mlm.pages.office.slides.brief_pptx", lambda *given: empty.getvalue()),
        patch("mlm.pages.drawing.pictures.pictures", lambda *given: {}),
        patch("mlm.pages.house.fonts.font_faces", lambda *given: ""),
    ):
        yield


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
