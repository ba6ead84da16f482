"""The report document: everything a report says, as one JSON that HTML and PDF lay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mlm.configuration.models import Configuration
from mlm.errors import ResultError
from mlm.pages.blocks import finish, finish_figure
from mlm.pages.context import Context
from mlm.pages.contexts.making import make_context
from mlm.pages.disclosure.auditing import AuditInput
from mlm.pages.disclosure.hiding import disclose
from mlm.pages.disclosure.sheet import Sheet
from mlm.pages.findings.publication import publication
from mlm.pages.kinds.kind_of import kind_of
from mlm.pages.language import _, current, using
from mlm.pages.printed.agreement import agree
from mlm.pages.sections.findings import findings
from mlm.pages.sections.method.disclosure import disclosure_section
from mlm.pages.sections.section import in_order
from mlm.pages.tidy_table.rows import Row, sources_of, tidy_rows
from mlm.results.residuals import Residuals
from mlm.results.runs.kept import KeptRecord
from mlm.results.runs.provenance import Provenance
from mlm.results.sampled.loading import AnyResults
from mlm.results.survey.survey import SurveyAccount

REPORT_SCHEMA = 1
SENTENCES = ("runs", "title", "caption", "how", "alt", "studied")  # keys of runs


@dataclass(frozen=True)
class OtherAnalysis:
    """Results of another analysis of the survey.

    Attributes
    ----------
    results : AnalysisResults or SampledResults
    residuals : Residuals, optional
        Of its rows, if at hand.
    previous : KeptRecord, optional
        Record of the results before.
    files : mapping of str to bytes, optional
        Its report as it was published, where that is of these results.
    """

    results: AnyResults
    residuals: Residuals | None = None
    previous: KeptRecord | None = None
    files: Mapping[str, bytes] | None = None


class ProtectedReport(NamedTuple):
    """A protected document, what the audit of its files needs, and the rows of its long table.

    ``protection`` is None in controlled mode.
    """

    document: dict[str, Any]
    protection: AuditInput | None
    tidy: list[Row]


def make_protected(
    configuration: Configuration,
    analysis: str,
    results: AnyResults,
    survey: SurveyAccount,
    provenance: Provenance,
    residuals: Residuals | None = None,
    previous: KeptRecord | None = None,
    beside: Sequence[OtherAnalysis] = (),
) -> ProtectedReport:
    """The report of one analysis, with what the audit of its files needs, and its long table.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration: labels, units, levels, waves.
    analysis : str
        Name of the analysis.
    results, survey, provenance
        Results of the analysis, the linked survey with its ledgers, and what made them.
    residuals : Residuals, optional
        Residuals of the rows of the analysis, where they were read a second time.
    previous : KeptRecord, optional
        Record of the results before, made by :func:`mlm.pages.previous.make_record`.
    beside : sequence of OtherAnalysis
        The other analyses of the survey: a public report hides what would let a small count be
        found by comparing reports.

    Raises
    ------
    ResultError
        When `results` or `residuals` are of another analysis.
    """
    _check(analysis, results, residuals)
    with using(configuration.language):
        given = survey, provenance
        context = make_context(configuration, analysis, results, *given, residuals, previous)
        others = []
        for found in sorted(beside, key=lambda found: found.results.analysis):
            if context.rules.is_public:
                known = found.results, *given, found.residuals, found.previous
                other = make_context(configuration, found.results.analysis, *known)
                others.append(Sheet(_unprotected(other), other, found.files))
        return _make(context, others)


def _make(context: Context, others: list[Sheet]) -> ProtectedReport:
    document = _unprotected(context)
    sources = sources_of(tables_of(document))
    protection = _protect(document, context, others)
    for block in tables_of(document):
        finish(block)
    for block in figures_of(document):
        finish_figure(block)
    _number(document)
    long = tidy_rows(context, document, tables_of(document), sources)
    return ProtectedReport(_link_numbers(document), protection, long)


def _unprotected(context: Context) -> dict[str, Any]:
    """The report before anything is hidden."""
    configuration, provenance = context.configuration, context.provenance.value
    kind = kind_of(context)
    made = [section for make in kind.sections if (section := make(context)) is not None]
    sections = in_order(made)
    chosen = kind.chosen(context)
    document = {
        "schema": REPORT_SCHEMA,
        "survey": context.results.survey.value,
        "analysis": context.analysis,
        "language": current().code,
        "title": _title(context),
        "survey_title": configuration.title,
        "description": configuration.description,
        "date": provenance.date,
        "version": provenance.version or "",
        "publication": publication(context),
        "findings": findings(context, chosen) | kind.lead(context, chosen),
        "brief": kind.brief(context, chosen),
        "sections": [section.to_dict() for section in sections],
    }
    agree(document, context.inputs)
    return document


def _protect(document: dict[str, Any], context: Context, others: list[Sheet]) -> AuditInput | None:
    """Hide what a public report must not show, and add the section that says so."""
    log, protection = disclose(document, context, others)
    document["disclosure"] = {
        "mode": context.rules.mode,
        "threshold": context.rules.threshold,
        "zeros": "shown",
        "analyses": [other.context.analysis for other in others],
        "log": log,
    }
    section = disclosure_section(context, document)
    document["sections"].insert(-1, section.to_dict())
    return protection


def tables_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every table of a document in reading order."""
    return (block for block in blocks_of(document) if block["type"] == "table")


def figures_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every figure of a document in reading order."""
    return (block for block in blocks_of(document) if block["type"] == "figure")


def blocks_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every block of a document, those of the first screen first."""
    for key in ("figure", "lead", "table"):
        if document["findings"][key] is not None:
            yield document["findings"][key]
    for section in document["sections"]:
        yield from section["blocks"]


def _number(document: Mapping[str, Any]) -> None:
    """Number tables and figures in reading order; each table has its number in all files."""
    for blocks, words in ((tables_of, _("Table {n}")), (figures_of, _("Figure {n}"))):
        for n, block in enumerate(blocks(document), start=1):
            block["label"] = words.format(n=n)


def _title(context: Context) -> str:
    return context.labels.analysis.title or context.labels.outcome


def _check(analysis: str, results: AnyResults, residuals: Residuals | None) -> None:
    for name, found in (("results", results), ("residuals", residuals)):
        if found is not None and found.analysis != analysis:
            raise ResultError(
                f"the {name} are those of {found.analysis}, not of {analysis}. Give the "
                f"{name}.json of this analysis."
            )


def _link_numbers(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every number in a sentence naming the table cell that shows it too."""
    cells: dict[str, str] = {}
    for table in tables_of(document):
        for row in table["rows"]:
            for cell in row["cells"]:
                if "source" in cell:
                    cells.setdefault(str(cell["source"]), cell["id"])
    runs: list[dict[str, Any]] = []
    _find_runs(document, runs)
    for run in runs:
        cell = cells.get(str(run["source"])) if "source" in run else None
        if cell:
            run["cell"] = cell
    return document


def _find_runs(value: Any, found: list[dict[str, Any]]) -> None:
    """Add every run of every sentence."""
    for key, item in value.items() if isinstance(value, dict) else (("", each) for each in value):
        is_list = isinstance(item, list)
        if not is_list and not isinstance(item, dict):
            continue
        if is_list and key in SENTENCES:
            found += item
        elif is_list and key in ("notes", "items"):
            for each in item:
                if isinstance(each, list):
                    found += each
            _find_runs([entry for entry in item if isinstance(entry, dict)], found)
        else:
            _find_runs(item, found)
