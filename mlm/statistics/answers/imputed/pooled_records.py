"""Answers of several imputations as one, by what each field of their records is.

The answers are those of one sample, made for each imputation. How a field is pooled is declared
record by record; what has no rule, and is not the same in all, has no common answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import numpy as np

from mlm.errors import StatisticsError
from mlm.results.coefficient import Coefficient, Estimate
from mlm.results.record import Record
from mlm.results.storing.table_rows import TableRows
from mlm.results.test import RefusedTest, Test
from mlm.statistics.fitting.satterthwaite import estimate_record
from mlm.statistics.inference.profile import Ends
from mlm.statistics.pooling.median_test import median_test
from mlm.statistics.pooling.pooled_ends import pooled_ends
from mlm.statistics.pooling.rubin import pooled
from mlm.statistics.pooling.scales import Transformation

FieldRule = Callable[[Sequence[Record], str], Any]
"""From the records of all imputations and the name of a field to what is told of it."""

Rules = Mapping[type, Mapping[str, FieldRule]]
"""How the fields of kinds of records are pooled."""

IS_REFUSED = "refused"  # kind of a record that tells why there is no answer

AnyRecord = TypeVar("AnyRecord", bound=Record)


class NoCommonAnswer(StatisticsError):
    """Records of imputations that differ in what cannot be pooled.

    Parameters
    ----------
    record, field : str
        Where.
    """

    def __init__(self, record: str, field: str):
        super().__init__(
            f"the imputations differ in {field} of {record}, which has no common value: expected "
            "the same units, rows and categories in all. Look at which imputed variable makes "
            "units or groups, and leave it out, or complete it alike."
        )


def pooled_record(records: Sequence[AnyRecord], rules: Rules) -> AnyRecord:
    """One record of those of all imputations.

    Parameters
    ----------
    records : sequence of Record
        Of each imputation.
    rules : mapping
        How the fields of each kind of record are pooled; the records in it and tuples of them are
        pooled field by field, and other fields must be the same in all. What one of them refuses is
        refused, with the reason that most of those have.

    Raises
    ------
    NoCommonAnswer
        When a field without a rule differs.
    """
    first = records[0]
    if all(each is first or each == first for each in records):
        return first
    kind = type(first)
    if issubclass(kind, (Test, RefusedTest)):
        return median_test(records)
    refused = [each for each in records if getattr(each, "kind", None) == IS_REFUSED]
    if refused:
        return _most_told(refused)
    if any(type(each) is not kind for each in records):
        raise NoCommonAnswer(kind.__name__, "kind")
    known = _rules_of(kind, rules)
    update = rubin(records) if issubclass(kind, Estimate) else {}
    for name in kind.model_fields:
        if name in update:
            continue
        rule = known.get(name)
        update[name] = (
            rule(records, name)
            if rule is not None
            else _same([getattr(each, name) for each in records], rules, (kind.__name__, name))
        )
    return first.model_copy(update=update)


def _most_told(records: Sequence[AnyRecord]) -> AnyRecord:
    """The refusal that most imputations tell, as they may refuse for several reasons."""
    return max(records, key=records.count)


def _rules_of(kind: type, rules: Rules) -> dict[str, FieldRule]:
    """The rules of a kind of record and of those that it is made of, its own first."""
    found: dict[str, FieldRule] = {}
    for each in reversed(kind.__mro__):
        found |= rules.get(each, {})
    return found


def _same(values: Sequence[Any], rules, place: tuple[str, str]) -> Any:
    """A value without a rule: a record, a tuple of records, or the same in all imputations.

    None where one of them has none.
    """
    values = [tuple(each) if isinstance(each, TableRows) else each for each in values]
    first = values[0]
    if all(each is first or each == first for each in values):
        return first
    if any(each is None for each in values):  # it is told of all, or not at all
        return None
    if all(isinstance(each, Record) for each in values):
        return pooled_record(values, rules)
    are_tuples = all(isinstance(each, tuple) for each in values)
    if are_tuples and len({len(each) for each in values}) == 1:
        return tuple(_same(items, rules, place) for items in zip(*values, strict=True))
    raise NoCommonAnswer(*place)


def rubin(records: Sequence[Estimate]) -> dict[str, Any]:
    """The fields of an estimate by Rubin's rules, those of complete data by each imputation."""
    errors = [each.std_error for each in records]
    if None in errors:
        raise NoCommonAnswer(type(records[0]).__name__, "std_error")
    known = [np.inf if each.df is None else each.df for each in records]
    found = pooled(
        np.array([[each.estimate] for each in records]),
        np.array(errors)[:, None, None] ** 2,
        float(np.mean(known)),
    )
    error = float(found.std_error[0])
    made = estimate_record(float(found.estimate[0]), error, float(found.df[0]), float(found.fmi[0]))
    update = dict(made)
    if issubclass(type(records[0]), Coefficient):
        update["t"] = made.estimate / error if error > 0.0 else None
    return update


# --- rules of fields ---------------------------------------------------------------------------


def mean(records: Sequence[Record], name: str) -> Any:
    """Mean over the imputations of a number, or of each in tuples of them; None where one lacks."""
    return _mean([getattr(each, name) for each in records])


def _mean(values: Sequence[Any]) -> Any:
    if any(each is None for each in values):
        return None
    if isinstance(values[0], tuple):
        if len({len(each) for each in values}) > 1:
            raise NoCommonAnswer("tuple", "length")
        return tuple(_mean(items) for items in zip(*values, strict=True))
    return float(values[0] + np.mean([each - values[0] for each in values]))


def root_of(other: str) -> FieldRule:
    """The root of the mean of another field: a standard deviation of a variance."""

    def rule(records: Sequence[Record], name: str) -> float | None:
        found = mean(records, other)
        return None if found is None else float(np.sqrt(max(found, 0.0)))

    return rule


def error_of(other: str) -> FieldRule:
    """The standard error of another field, or of each in a tuple, by Rubin's rules."""

    def rule(records: Sequence[Record], name: str) -> Any:
        pairs = [(getattr(each, other), getattr(each, name)) for each in records]
        if isinstance(pairs[0][0], tuple):
            return tuple(
                _error(values, errors)
                for values, errors in zip(
                    zip(*(v for v, _ in pairs), strict=True),
                    zip(*(e for _, e in pairs), strict=True),
                    strict=True,
                )
            )
        return _error(*zip(*pairs, strict=True))

    return rule


def _error(values: Sequence[float], errors: Sequence[float]) -> float:
    spread = (1.0 + 1.0 / len(values)) * float(np.var(values, ddof=1))
    return float(np.sqrt(np.mean(np.square(errors)) + spread))


def end_of(other: str, scale: Transformation, side: Literal["lower", "upper"]) -> FieldRule:
    """An end of the interval of another field, from the imputations in which it was looked for.

    Of matrices it is taken entry by entry.

    Parameters
    ----------
    other : str
        The field that the interval is of.
    scale : Transformation
        On which reaches are pooled.
    side : {"lower", "upper"}
        Which end.
    """

    def rule(records: Sequence[Record], name: str) -> Any:
        values, ends = ([getattr(each, field) for each in records] for field in (other, name))
        return _end(values, ends, scale, side)

    return rule


def _end(values: Sequence[Any], ends: Sequence[Any], scale: Transformation, side: str) -> Any:
    if isinstance(values[0], tuple):
        return tuple(
            _end(own, its, scale, side)
            for own, its in zip(zip(*values, strict=True), zip(*ends, strict=True), strict=True)
        )
    if any(each is None for each in values):
        return None
    known = [Ends(v, e, e) for v, e in zip(values, ends, strict=True) if e is not None]
    return getattr(pooled_ends(values, known, scale), side) if known else None


def count(records: Sequence[Record], name: str) -> int:
    """Mean of a count, as a whole number."""
    return round(mean(records, name))


def most(records: Sequence[Record], name: str) -> bool | None:
    """Whether it holds for more than half of the imputations; None where one does not tell."""
    values = [getattr(each, name) for each in records]
    return None if None in values else 2 * sum(values) > len(values)


def commonest(records: Sequence[Record], name: str) -> Any:
    """What most of the imputations that tell it have; None where none does."""
    told = [each for each in (getattr(record, name) for record in records) if each is not None]
    return max(told, key=told.count, default=None)


def nothing(records: Sequence[Record], name: str) -> None:
    """What has no common value."""


def every(records: Sequence[Record], name: str) -> bool:
    """Whether it holds for all imputations."""
    return all(getattr(each, name) for each in records)


def some(records: Sequence[Record], name: str) -> bool:
    """Whether it holds for one imputation at least."""
    return any(getattr(each, name) for each in records)


def largest(records: Sequence[Record], name: str) -> float | None:
    """The largest of all imputations."""
    known = [getattr(each, name) for each in records]
    return max((each for each in known if each is not None), default=None)
