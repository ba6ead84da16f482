"""Are there more effects beside crossed units than a dense matrix holds? Found before any pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.planning import plan_of
from mlm.nouns.hierarchy import GroupingFactor, Hierarchy
from mlm.nouns.plan import Plan
from mlm.rows.accumulating.wave_statistics import unscaled
from mlm.rows.linking.survey_rows import SurveyRows, n_different, present
from mlm.statistics.evidence.crossing import MAX_EFFECTS


def crossed_problems(configuration: Configuration, rows: SurveyRows) -> list[str]:
    """One problem for each analysis with too many effects; none where no units are crossed.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    rows : SurveyRows
        The cleaned rows of all waves.
    """
    if configuration.crossed_level is None:
        return []
    problems = []
    for analysis in configuration.analyses:
        problem = _problem(plan_of(configuration, analysis), configuration, rows)
        if problem is not None:
            problems.append(f"analysis {analysis}: {problem}")
    return problems


def _problem(plan: Plan, configuration: Configuration, rows: SurveyRows) -> str | None:
    """The problem of one analysis; its complete rows are looked at only where all are too many."""
    columns = plan.row_columns(unscaled(configuration))
    groups = [(group, plan.row_candidates(group, columns)) for group in plan.groups]
    levels = Hierarchy.of(groups, True).levels
    units = [rows.unit(level.group) for level in levels]
    if _over_limit(levels, [int(unit.max()) + 1 for unit in units]) is None:
        return None
    complete = _with_complete_row(rows, list(columns.variables))
    return _over_limit(levels, [n_different(unit[complete]) for unit in units])


def _with_complete_row(rows: SurveyRows, names: list[str]) -> np.ndarray:
    """Entries (bool, R) with a row that has a value in each variable."""
    found = np.zeros(len(rows.rows), dtype=bool)
    for wave in range(len(rows.waves)):
        for entry, values in rows.entry_blocks(names, wave):
            found[entry[np.logical_and.reduce([present(each) for each in values])]] = True
    return found


def _over_limit(levels: Sequence[GroupingFactor], sizes: Sequence[int]) -> str | None:
    """What to do where factors crossed with the last level have too many effects; else None.

    Parameters
    ----------
    levels : sequence of GroupingFactor
        Levels with their candidates; the last is the one that the others are crossed with.
    sizes : sequence of int
        Number of groups of each.
    """
    effects = sum(n * len(level.candidates) for level, n in zip(levels[:-1], sizes, strict=False))
    if effects <= MAX_EFFECTS:
        return None
    names = ", ".join(f"{v.name} ({n} groups)" for v, n in zip(levels, sizes, strict=True))
    return (
        f"crossed factors {names}: {effects} effects beside {levels[-1].name} are more than "
        f"the {MAX_EFFECTS} that fit in a dense block. Leave out a factor or a slope, or nest "
        "the ids (a unit in another unit as a new unit)."
    )
