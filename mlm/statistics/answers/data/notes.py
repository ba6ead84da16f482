"""What a reader must know: merged levels, singular or uncertain fits, units that moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlm.nouns.plan import Plan
from mlm.results.notes import (
    AliasedColumns,
    LevelLeftOut,
    MergedLevels,
    NotConverged,
    Note,
    SingularFit,
    SubsetsIncomplete,
    UnitChanges,
    WeaklyIdentified,
)
from mlm.results.survey.survey import SurveyAccount, UnitMoves
from mlm.statistics.evidence.names import level_record, term_records
from mlm.statistics.evidence.separable import LeftOutLevel, MergedLevel
from mlm.statistics.fitting.fit import Fit


def notes(
    plan: Plan,
    fits: Mapping[str, Fit],
    changes: Sequence[MergedLevel | LeftOutLevel],
    survey: SurveyAccount,
    complete: bool,
) -> tuple[Note, ...]:
    """Notes of an analysis.

    Parameters
    ----------
    plan : Plan
        Its levels.
    fits : mapping of str to Fit
        The fits that it keeps, by name.
    changes : sequence of MergedLevel or LeftOutLevel
        Levels that the sample cannot tell apart, and those whose variance nothing tells.
    survey : SurveyAccount
        What linking the waves found.
    complete : bool
        Whether all subsets of the terms were looked at.
    """
    out: list[Note] = [_changed(plan, change) for change in changes]
    distinct: dict[int, tuple[str, Fit]] = {}
    for name, fit in fits.items():  # a fit may have two names
        distinct.setdefault(id(fit), (name, fit))
    for name, fit in distinct.values():
        out += _of_fit(plan, name, fit)
    out += [_moved(moves) for moves in survey.unit_changes if moves.count]
    return (*out, *(() if complete else (SubsetsIncomplete(),)))


def _changed(plan: Plan, found: MergedLevel | LeftOutLevel) -> MergedLevels | LevelLeftOut:
    if isinstance(found, LeftOutLevel):
        return LevelLeftOut(level=level_record(plan, found.level), terms=term_records(found.terms))
    level, child = level_record(plan, found.outer), level_record(plan, found.inner)
    return MergedLevels(level=level, child=child, groups=found.groups, children=found.children)


def _of_fit(plan: Plan, name: str, fit: Fit) -> list[Note]:
    out: list[Note] = []
    if not fit.converged:
        out.append(NotConverged(fit=name))
    if fit.is_singular:
        out.append(SingularFit(fit=name))
    weak = tuple(level_record(plan, group) for group in fit.certificate.weak)
    if weak:
        out.append(WeaklyIdentified(fit=name, levels=weak, condition=fit.certificate.condition))
    if fit.aliased:
        out.append(AliasedColumns(fit=name, columns=fit.aliased_coefficients))
    return out


def _moved(moves: UnitMoves) -> UnitChanges:
    return UnitChanges(
        level=moves.level,
        parent=moves.parent,
        count=moves.count,
        of=moves.of,
        same_wave=moves.same_wave,
    )
