"""What is kept of the results of an analysis, so that the next report can say what changed.

Two records are kept beside a report: ``current`` and ``previous``. When results differ from the
current record, that one becomes the previous one; the same results again change nothing, so a
report that is made twice reads the same. A record holds exact counts: it is not for publication.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlm.configuration.models import Configuration
from mlm.pages.disclosure.counting import shown_counts, shown_ratios
from mlm.results.analysis import AnalysisResults
from mlm.results.coefficient import Coefficient
from mlm.results.runs.kept import (
    KeptCategory,
    KeptCoefficient,
    KeptEffects,
    KeptLevelTest,
    KeptPolicyEffect,
    KeptRecord,
    KeptRows,
    KeptShare,
    KeptUnit,
    KeptVariable,
    ShownCount,
    ShownRatio,
    Verdict,
)
from mlm.results.runs.provenance import Provenance
from mlm.results.sampled.loading import AnyResults
from mlm.results.sampled.models import SampledCoefficient
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount
from mlm.results.units import UnitEffect, UnitEffects

COMPARED_DIGITS = 6  # significant digits in which two records are compared
UNITS_KEPT = 100_000
"""Units of a level that are kept one by one; of more none is told of alone in a later report."""

ABOUT = {"date", "version", "commit", "shown", "ratios", "policies", "level_tests"}
"""Fields of a record that are not compared: the last two follow from others, and older records lack
them."""


@dataclass(frozen=True)
class Kept:
    """The records beside a report."""

    current: KeptRecord | None = None
    previous: KeptRecord | None = None


def make_record(
    configuration: Configuration,
    analysis: str,
    results: AnyResults,
    survey: SurveyAccount,
    provenance: Provenance,
) -> KeptRecord:
    """The record of an analysis; parameters as for :func:`mlm.pages.document.make_protected`.

    Of a sample with weights or plausible values no units are kept.
    """
    is_sampled = isinstance(results, SampledResults)
    own = _of_sample(results) if is_sampled else _of_rows_alike(results)
    return KeptRecord(
        date=provenance.date,
        version=provenance.version,
        commit=provenance.commit,
        waves=results.time.waves,
        rows=tuple(KeptRows(wave=wave.wave, rows=wave.rows_kept) for wave in survey.waves),
        n_obs=results.n_obs,
        account=_digest(survey, results),
        codebook=codebook(configuration, analysis),
        terms=results.settled.terms,
        policies=_policies(results),
        **own,
    )


def _of_rows_alike(results: AnalysisResults) -> dict[str, Any]:
    """What is kept of models of rows that count alike."""
    return {
        "fixed": _coefficients(results.settled.reml.fixed),
        "shares": tuple(
            KeptShare(level=item.level, share=item.share, lower=item.lower, upper=item.upper)
            for item in results.null.shares
            if item.share is not None
        ),
        "effects": tuple(_effects(item) for item in results.effects),
        "level_tests": tuple(
            KeptLevelTest(level=item.level, p_value=item.test.p_value)
            for item in results.null.tests
            if item.test.is_valid
        ),
    }


def _of_sample(results: SampledResults) -> dict[str, Any]:
    """What is kept of models of a sample."""
    return {
        "fixed": _coefficients(results.settled.fixed),
        "shares": tuple(
            KeptShare(level=item.level, share=item.estimate, lower=item.lower, upper=item.upper)
            for item in results.null.shares
        ),
        "effects": (),
    }


def _policies(results: AnyResults) -> tuple[KeptPolicyEffect, ...]:
    """What is kept of the effects of policies."""
    return tuple(
        KeptPolicyEffect(
            variable=policy.variable,
            category=effect.category,
            wave=effect.wave,
            side=side_of_zero(effect.lower, effect.upper),
        )
        for policy in results.policy
        for effect in policy.effects
    )


def side_of_zero(lower: float | None, upper: float | None) -> Verdict:
    """On which side of zero an interval lies; between where it holds zero or is not known."""
    if lower is None or upper is None or lower * upper <= 0.0:
        return "between"
    return "above" if lower > 0.0 else "below"


def _coefficients(fixed: Iterable[Coefficient | SampledCoefficient]) -> tuple[KeptCoefficient, ...]:
    return tuple(
        KeptCoefficient(term=item.term, estimate=item.estimate, std_error=item.std_error)
        for item in fixed
    )


def _digest(survey: SurveyAccount, results: AnyResults) -> str:
    """What stands for all counts of the survey and the models: another one when any differs."""
    parts = [survey, *results.levels, *results.waves]
    account = [part.model_dump(mode="json", by_alias=True) for part in parts]
    text = json.dumps(account, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def with_shown(
    record: KeptRecord, document: Mapping[str, Any], inputs: Mapping[str, Any]
) -> KeptRecord:
    """The record with the counts that its report shows, by names that later versions share.

    Parameters
    ----------
    record : KeptRecord
    document : mapping
        The finished report.
    inputs : mapping
        JSON of ``results``, ``survey`` and ``residuals``, whatever the report reads.
    """
    shown = shown_counts(document, inputs)
    counts = tuple(ShownCount(name=name, count=count) for name, count in sorted(shown.items()))
    shares = sorted(set(shown_ratios(document, inputs)))
    ratios = tuple(ShownRatio(top=t, bottom=b, value=v, half=h) for t, b, v, h in shares)
    return record.model_copy(update={"shown": counts, "ratios": ratios})


def verdict(unit: UnitEffect) -> Verdict:
    """Whether a unit lies above zero, below it, or cannot be told from it."""
    return "between" if unit.side == "expected" else unit.side


def turn_over(kept: Kept, record: KeptRecord) -> Kept:
    """The records to keep, given those that were kept and that of the results at hand."""
    if kept.current is None:
        return Kept(record, kept.previous)
    if _compared(kept.current) == _compared(record):
        return kept
    return Kept(record, kept.current)


def _compared(record: KeptRecord) -> dict[str, Any]:
    """A record without what says when and by what it was made, and without rounding errors."""
    return _rounded(record.model_dump(exclude=ABOUT))


def alike(record: KeptRecord, fields: Iterable[str] | None = None) -> dict[str, Any]:
    """What of a record is the same where nothing changed, without what units are compared with.

    Parameters
    ----------
    fields : iterable of str, optional
        Those alone; default: all that tell of results.
    """
    other = {"compare": None, "against": None, "wave": None}
    effects = tuple(item.model_copy(update=other) for item in record.effects)
    found = _compared(record.model_copy(update={"effects": effects}))
    return found if fields is None else {name: found[name] for name in fields}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{COMPARED_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return tuple(_rounded(item) for item in value) if isinstance(value, tuple) else value


def _effects(item: UnitEffects) -> KeptEffects:
    units = tuple(
        KeptUnit(
            unit=unit.unit,
            verdict=verdict(unit),
            estimate=unit.estimate,
            std_error=unit.std_error,
            n=unit.n,
        )
        for unit in (item.units if len(item.units) <= UNITS_KEPT else ())
    )
    return KeptEffects(
        level=item.level,
        compare=item.compare,
        against=item.against,
        wave=item.wave,
        granted=item.licence.granted,
        units=units,
    )


def codebook(configuration: Configuration, analysis: str) -> tuple[KeptVariable, ...]:
    """Type, unit, range and categories of the variables of an analysis."""
    chosen = configuration.analyses[analysis]
    factors = [part for term in chosen.terms for part in term.split(":")]
    names = [chosen.outcome, *(factor.partition("^")[0] for factor in factors)]
    known = configuration.variables
    return tuple(
        KeptVariable(
            name=name,
            type=known[name].type,
            unit=known[name].unit,
            range=known[name].range,
            categories=tuple(
                KeptCategory(code=code, label=category.label)
                for code, category in (known[name].categories or {}).items()
            ),
        )
        for name in dict.fromkeys(names)
        if name in known
    )
