"""Cleaning of one wave: files in, one checked table and its ledger out.

The files are read chunk by chunk; coded columns wait on disk until the units are put in order. What
must fit into memory is the ids and one column, not the wave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import number_columns
from mlm.errors import SurveyError
from mlm.results.survey.account import MissingReason
from mlm.results.survey.cell_doubts import CellDoubt
from mlm.rows.cleaning.blocks import blocks_of_rows
from mlm.rows.cleaning.clean_wave import CleanWave
from mlm.rows.cleaning.completion import complete_columns
from mlm.rows.cleaning.delivery import Delivery, open_delivery
from mlm.rows.cleaning.exclusions import Exclusions
from mlm.rows.cleaning.id_forms import FormCounts
from mlm.rows.cleaning.ids import Ids
from mlm.rows.cleaning.intake import ROW, Intake
from mlm.rows.cleaning.ledger import build_ledger
from mlm.rows.cleaning.moments import Moments
from mlm.rows.cleaning.over_waves import WaveRows, for_other_waves
from mlm.rows.cleaning.policies import exclude_units
from mlm.rows.cleaning.sampled.counting_rows import lacking_problems
from mlm.rows.cleaning.sampled.roles import role_account, role_problems
from mlm.rows.cleaning.sampled.texts import SampledTexts
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder
from mlm.rows.messages import counted

NOBODY = "no row has an id at every level; correct the ids or the id columns"
NO_ROW_LEFT = "the policies of the levels ('moves', 'twice') leave no row"

LARGEST_NUMBER = 1e100
"""Size of a number from which it is taken for an error: its square is near the end of all."""


def clean_in_chunks(
    configuration: Configuration,
    wave: str,
    *,
    show_values: bool = False,
) -> CleanWave:
    """Cleaned rows of a wave, on disk, for waves that do not fit into memory.

    Parameters
    ----------
    configuration : Configuration
        The survey and its codebook.
    wave : str
        Name of the wave.
    show_values : bool
        Whether messages may show codes that few cells share.

    Returns
    -------
    CleanWave
        The id of every level (string, never null, named by level), then every variable: double
        for numbers, string for categories, null where missing. Sorted by the ids, top to bottom.
        ``ledger`` holds what was read, kept, excluded and missing (see ``build_ledger``).

    Raises
    ------
    SurveyError
        Holds every problem of the files, columns, cells and units of the wave.
    """
    told = {"show_values": show_values, "keeps": False}
    with cleaned_with_intake(configuration, wave, **told) as (cleaned, _):
        return cleaned


class NoRowLeft(SurveyError):
    """Policies leave none of some rows."""


class TakenIn(Protocol):
    """Coded rows of a wave, with what was noted of them; attributes as those of ``Intake``."""

    configuration: Configuration
    wave: str
    delivery: Delivery
    store: ColumnFile
    exclusions: Exclusions
    labels: Mapping[str, Mapping[str, str]]
    forms: FormCounts
    texts: Mapping[str, SampledTexts]
    is_whole: bool

    def collected_ids(self) -> dict[str, Ids]:
        """Ids of the rows by level, top to bottom."""

    def reasons(self) -> dict[str, list[MissingReason]]:
        """Reasons of missing cells by variable, in the order of their numbers."""

    def cell_doubts(self) -> tuple[CellDoubt, ...]:
        """Cells and lines that may mean something else than they say."""


NO_OUTCOME = "the outcome is missing in every row; check its column"


@contextmanager
def cleaned_with_intake(
    configuration: Configuration,
    wave: str,
    *,
    show_values: bool = False,
    keeps: bool = True,
) -> Iterator[tuple[CleanWave, Intake]]:
    """The same, with what was taken in of its files as long as that is asked for.

    Parameters and errors as for ``clean_in_chunks``; ``keeps`` is whether the columns of the files
    are asked for again.
    """
    delivery = open_delivery(configuration, wave)
    intake = Intake(configuration, wave, delivery)
    try:
        yield _cleaned(intake, show_values, keeps), intake
    finally:
        intake.store.close()


def _cleaned(intake: Intake, show_values: bool, keeps: bool) -> CleanWave:
    """The clean wave of what is taken in; all problems are told together."""
    delivery, problems = intake.delivery, []
    try:
        problems += intake.read()
        problems += delivery.row_problems() if not problems else []
        problems += intake.cell_problems(show_values)
        if not intake.n_kept:
            problems += [] if problems else [NOBODY]
        else:
            cleaned, more = put_in_order(intake, keeps)
            known = {problem.partition(":")[0] for problem in problems}
            follow = {f"{name}: {NO_OUTCOME}" for name in known}  # from what its cells lack
            problems += [problem for problem in more if problem not in follow]
    except SurveyError as error:
        problems += error.problems
    if problems:
        raise SurveyError([f"wave {intake.wave}: {problem}" for problem in problems])
    return cleaned


def put_in_order(intake: TakenIn, keeps: bool = False) -> tuple[CleanWave, list[str]]:
    """Rows with units excluded by their policies, columns completed, and all their problems.

    What is said of all rows of the wave together is said where the intake is whole. ``keeps`` is
    whether its columns are asked for again: otherwise each goes when it is in order.

    Raises
    ------
    SurveyError
        With the problems that let nothing more be computed.
    """
    configuration, delivery = intake.configuration, intake.delivery
    row = intake.store.column(ROW)
    ids = intake.collected_ids()
    pa.default_memory_pool().release_unused()
    units, problems = exclude_units(
        configuration, intake.wave, ids, row, delivery, intake.exclusions
    )
    if not len(units.rows):
        raise SurveyError(problems) if problems else NoRowLeft(NO_ROW_LEFT)
    own = {intake.wave: WaveRows(ids, units, ColumnFile())}
    try:
        waves = _with_other_waves(configuration, own)
    except SurveyError as error:
        raise SurveyError([*problems, *error.problems]) from None
    columns = waves[intake.wave].columns
    reasons, more = complete_columns(
        configuration,
        intake.wave,
        intake.store.column if keeps else intake.store.taken,
        waves,
        intake.reasons(),
        delivery,
        row,
    )
    problems += more
    too_large = _size_problems(configuration, delivery, units, columns, row)
    if too_large:  # nothing more can be computed from them
        raise SurveyError([*problems, *too_large])
    if not problems:
        problems += _level_problems(configuration, delivery, units, columns, row)
        problems += _outcome_problems(configuration, columns) if intake.is_whole else []
        problems += role_problems(configuration, columns, delivery, units, row)
        problems += lacking_problems(configuration, columns, delivery, units, row)
    ledger = build_ledger(
        configuration,
        intake.wave,
        files=delivery.account(),
        excluded=intake.exclusions.account(delivery),
        columns=columns,
        reasons=reasons,
        units=units,
        labels=intake.labels,
        cell_doubts=intake.cell_doubts(),
        id_forms=tuple(intake.forms.found()),
        roles=role_account(configuration, columns, delivery, units, row),
        blocks=tuple(blocks_of_rows(configuration, intake.wave, delivery, columns, units, row))
        if intake.is_whole
        else (),
    )
    texts = {name: coder.texts for name, coder in intake.texts.items()}
    cleaned = CleanWave(configuration, intake.wave, ids, units, columns, reasons, ledger, texts)
    return cleaned, problems


def _with_other_waves(
    configuration: Configuration, own: dict[str, WaveRows]
) -> dict[str, WaveRows]:
    """The waves looked at in order of time, where statistics over several are asked for."""
    needed = for_other_waves(configuration)
    if needed is None:
        return own
    waves = {}
    (asking,) = own
    for wave in configuration.waves_looked_at(asking):
        if wave in own:
            waves[wave] = own[wave]
            continue
        try:
            cleaned = clean_in_chunks(needed, wave)
        except SurveyError as error:
            raise SurveyError(
                f"statistics over waves ('waves: all', 'first') need wave {wave} too, which has "
                f"{counted(len(error.problems), 'problem')}; solve them first"
            ) from None
        waves[wave] = WaveRows(cleaned.ids, cleaned.units, cleaned.columns)
    return waves


def _level_problems(
    configuration: Configuration,
    delivery: Delivery,
    units: UnitOrder,
    columns,
    row: np.ndarray,
) -> list[str]:
    """Variables that differ within a unit of the level they describe."""
    problems = []
    for name, variable in configuration.single_variables.items():
        if variable.level not in configuration.level_names[:-1] or variable.aggregate:
            continue
        values = columns.column(name)
        present = values >= 0 if variable.is_category else ~np.isnan(values)
        varying, rows = units.varying(variable.level, values, present)
        if varying:
            level = configuration.level(variable.level)
            places = delivery.places(row[units.rows[rows]])
            problems.append(
                f"{name}: differs within {counted(varying, level.name, level.plural)} although "
                f"its level is {level.name} ({places}); correct the cells, or say a lower level"
            )
    return problems


def _size_problems(
    configuration: Configuration,
    delivery: Delivery,
    units: UnitOrder,
    columns,
    row: np.ndarray,
) -> list[str]:
    """Numbers too large to be squared and added."""
    problems = []
    for name in number_columns(configuration):
        with np.errstate(invalid="ignore"):
            large = np.flatnonzero(np.abs(columns.column(name)) > LARGEST_NUMBER)
        if large.size:
            places = delivery.places(row[units.rows[large]])
            many = counted(large.size, "value")
            problems.append(
                f"{name}: {many} beyond {LARGEST_NUMBER:g} ({places}); correct the cells, or "
                "declare codes that mean missing"
            )
    return problems


def _outcome_problems(configuration: Configuration, columns: ColumnFile) -> list[str]:
    outcomes = dict.fromkeys(analysis.outcome for analysis in configuration.analyses.values())
    names = [column for outcome in outcomes for column in configuration.holding(outcome)]
    return outcome_problems({name: Moments.of(columns.column(name)) for name in names})


def outcome_problems(outcomes: Mapping[str, Moments]) -> list[str]:
    """Outcomes that are missing, or the same, in all rows of a wave."""
    problems = []
    for name, moments in outcomes.items():
        if not moments.n:
            problems.append(f"{name}: {NO_OUTCOME}")
        elif moments.low == moments.high:
            problems.append(
                f"{name}: the outcome has the same value in every row, there is nothing to "
                "explain; check its column"
            )
    return problems
