"""The ledger as one table: every row and every missing cell of a survey, by wave and reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from mlm.configuration import Configuration
from mlm.configuration.missing.planning import missing_values_of
from mlm.pages.text import plain_text
from mlm.pages.words.exclusions import exclusion_words, missing_words, weight_words
from mlm.pages.words.survey_names import ConfiguredNames
from mlm.results.reading import At
from mlm.results.survey.survey import SurveyAccount

HEADER = ("wave", "account", "level", "variable", "reason", "number", "of")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def ledger_table(configuration: Configuration, survey: SurveyAccount) -> list[tuple]:
    """Lines of the ledger, under ``HEADER``.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration, which names its levels.
    survey : SurveyAccount
        What ``link_waves`` returned.

    Returns
    -------
    list of tuple
        Accounts: ``rows read``, ``rows kept``, ``rows excluded`` (by reason; kept plus excluded
        are read), ``rows without weight`` (kept, of a sample, by reason), ``units`` (by level),
        ``cells missing`` (by variable and reason, of the rows kept), ``cells recoded``, ``stay``,
        ``leave``, ``new`` (units by level, to the next wave), ``rows lacking a covariate`` (with
        the outcome, of all waves, by analysis, and what becomes of them).
    """
    names = ConfiguredNames(configuration)
    account = At(survey, "survey#")
    levels = {(e.variable, e.wave): e.level for e in survey.missingness}
    lines = [line for ledger in account.waves for line in _of_wave(ledger, names, levels)]
    lines += [line for flow in survey.attrition for line in _of_flow(flow)]
    return [*lines, *_lacking(configuration, survey)]


def _of_wave(ledger: At, names: ConfiguredNames, levels: dict) -> Iterator[tuple]:
    """Rows, units and cells of a wave."""
    found = ledger.value
    wave, read, kept = found.wave, found.rows_read, found.rows_kept
    yield wave, "rows read", "", "", "", read, read
    yield wave, "rows kept", "", "", "", kept, read
    for entry in ledger.excluded:
        reason = plain_text(exclusion_words(entry.reason, names))
        yield wave, "rows excluded", "", "", reason, entry.rows.value, read
    for entry in ledger.roles.unweighted:
        reason = plain_text(weight_words(entry.reason))
        name = entry.variable.value
        yield wave, "rows without weight", "", name, reason, entry.rows.value, kept
    for units in found.groups:
        yield wave, "units", units.level, "", "", units.n, ""
    for entry in ledger.missing_:
        name, reason = entry.variable.value, plain_text(missing_words(entry.reason))
        level = levels.get((name, wave), "")
        yield wave, "cells missing", level, name, reason, entry.cells.value, kept
    for cells in found.recoded:
        counted_as = f"counted as {cells.category}"
        yield wave, "cells recoded", "", cells.variable, counted_as, cells.cells, kept


def _of_flow(flow) -> Iterator[tuple]:
    """Units that stay or leave from one wave to the next, and those that are new there."""
    before, after = flow.stay + flow.leave, flow.stay + flow.new
    yield flow.wave, "stay", flow.level, "", f"to wave {flow.other}", flow.stay, before
    yield flow.wave, "leave", flow.level, "", f"to wave {flow.other}", flow.leave, before
    yield flow.other, "new", flow.level, "", f"not in wave {flow.wave}", flow.new, after


BECOMES = {"joint": "imputed", "files": "imputed by files", "complete": "left out"}
"""What becomes of rows that lack a covariate, by method."""


def _lacking(configuration: Configuration, survey: SurveyAccount) -> Iterator[tuple]:
    """Rows with the outcome that lack a covariate, by analysis, and what becomes of them."""
    for name, analysis in configuration.analyses.items():
        found = survey.lacking(name)
        if found is None:
            continue
        missing = missing_values_of(configuration, frozenset())
        method = missing.by_share(found.share_lost).method
        becomes = BECOMES[method]
        if method == "joint" != missing.method:
            becomes += " where it can be, as nothing is said and they are many"
        told = f"analysis {name}: {becomes}"
        yield "", "rows lacking a covariate", "", analysis.outcome, told, found.lost, found.rows


def ledger_text(configuration: Configuration, survey: SurveyAccount) -> str:
    """The table as CSV; no cell of it can be taken for a formula by a spreadsheet."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    lines = ledger_table(configuration, survey)
    writer.writerows([_safe(cell) for cell in line] for line in lines)
    return stream.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
