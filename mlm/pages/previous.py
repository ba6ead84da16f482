"""What is kept of the results of an analysis, so that the next report can say what changed.

A record holds what a later report compares: rows, codebook, terms, coefficients, shares, verdicts.
Two are kept beside a report: ``current`` and ``previous``. When results differ from the current
record, that one becomes the previous one; the same results again change nothing, so a report that
is made twice reads the same. A record holds exact counts: it is not for publication.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mlm.configuration.models import Configuration
from mlm.configuration.parts import Analysis
from mlm.pages.disclosure.counting import shown_counts

RECORD_SCHEMA = 1
COMPARED_DIGITS = 6  # significant digits in which two records are compared
ABOUT = ("schema", "date", "version", "commit", "shown")
ABOVE, BELOW, BETWEEN = "above", "below", "between"


def make_record(
    configuration: Configuration,
    analysis: str,
    results: Mapping[str, Any],
    survey: Mapping[str, Any],
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """The record of an analysis.

    Parameters
    ----------
    configuration, analysis, results, survey, provenance
        As for :func:`mlm.pages.document.make_document`.
    """
    final = results["slopes_model"]
    return {
        "schema": RECORD_SCHEMA,
        "date": provenance.get("date"),
        "version": provenance.get("version"),
        "commit": provenance.get("commit"),
        "waves": list(results.get("time", {}).get("waves") or []),
        "rows": {wave["wave"]: wave["rows_kept"] for wave in survey.get("waves", ())},
        "n_obs": results["n_obs"],
        "account": _digest(survey, results["levels"], results.get("waves")),
        "codebook": codebook(configuration, configuration.analyses[analysis]),
        "terms": list(final.get("terms") or []),
        "fixed": {
            item["term"]: {key: item[key] for key in ("estimate", "std_error")}
            for item in final["reml"]["fixed"]
        },
        "shares": {
            item["level"]: {key: item.get(key) for key in ("share", "lower", "upper")}
            for item in results["null"]["shares"]
        },
        "licence": {item["level"]: item["licence"]["granted"] for item in results["effects"]},
        "units": {item["level"]: _verdicts(item["units"]) for item in results["effects"]},
    }


def _digest(*account: Any) -> str:
    """What stands for all counts of the survey and the models: another one when any differs."""
    text = json.dumps(account, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_shown(
    record: Mapping[str, Any],
    document: Mapping[str, Any],
    results: Mapping[str, Any],
    survey: Mapping[str, Any],
) -> dict[str, Any]:
    """The record with the counts that its report shows, by names that later versions share."""
    return {**record, "shown": shown_counts(document, {"results": results, "survey": survey})}


def verdict(unit: Mapping[str, Any]) -> str:
    """Whether a unit's 95% interval lies above zero, below it, or holds it."""
    return ABOVE if unit["lower"] > 0 else BELOW if unit["upper"] < 0 else BETWEEN


def turn_over(
    kept: Mapping[str, Mapping[str, Any] | None], record: Mapping[str, Any]
) -> dict[str, Mapping[str, Any] | None]:
    """The records to keep, given those that were kept and that of the results at hand.

    Parameters
    ----------
    kept : mapping
        ``current`` and ``previous``, each a record or None.
    record : mapping
        Record of the results at hand.
    """
    current = kept.get("current")
    if current is None:
        return {"current": record, "previous": kept.get("previous")}
    if _compared(current) == _compared(record):
        return {"current": current, "previous": kept.get("previous")}
    return {"current": record, "previous": current}


def _compared(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what says when and by what it was made, and without rounding errors."""
    return {key: _rounded(value) for key, value in record.items() if key not in ABOUT}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{COMPARED_DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def _verdicts(units: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    keys = ("estimate", "std_error", "n", "people")
    return {
        unit["unit"]: {"verdict": verdict(unit), **{k: unit[k] for k in keys if k in unit}}
        for unit in units
    }


def codebook(configuration: Configuration, analysis: Analysis) -> dict[str, dict[str, Any]]:
    """Type, unit, range and categories of the variables of an analysis, by name."""
    factors = [part for term in analysis.terms for part in term.split(":")]
    names = [analysis.outcome, *(factor.partition("^")[0] for factor in factors)]
    return {
        name: {
            "type": variable.type,
            "unit": variable.unit,
            "range": list(variable.range) if variable.range else None,
            "categories": dict(variable.categories or {}),
        }
        for name in dict.fromkeys(names)
        if (variable := configuration.variables.get(name)) is not None
    }
