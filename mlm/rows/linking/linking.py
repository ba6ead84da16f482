"""The waves of a survey linked to each other: units, flows, and checks of the claimed design."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.errors import SurveyError
from mlm.results.survey.account import WaveLedger
from mlm.results.survey.survey import (
    Children,
    LevelAccount,
    Missingness,
    RowTotals,
    SizeCount,
    Sizes,
    SurveyAccount,
    UnitsInWave,
    UnitsInWaves,
)
from mlm.rows.linking.apart.joined_waves import JoinedWaves
from mlm.rows.linking.apart.wave_part import LinkedPart
from mlm.rows.linking.attrition import attrition_by_category, units_that_left
from mlm.rows.linking.crossed_limit import crossed_problems
from mlm.rows.linking.design_checks import check_design, check_stable_variables
from mlm.rows.linking.entries.lowest_units import LowestUnits
from mlm.rows.linking.hierarchy_account import hierarchy_account
from mlm.rows.linking.id_form_checks import id_form_checks
from mlm.rows.linking.identifiability import identifiability_doubts
from mlm.rows.linking.ledger_checks import check_ledgers, ledger_problems
from mlm.rows.linking.lone_strata import lone_strata
from mlm.rows.linking.missing_account import missing_covariates
from mlm.rows.linking.missing_levels import missing_levels
from mlm.rows.linking.persons_in_units import with_persons
from mlm.rows.linking.policy_changes import changed_groups_problems, groups_in_waves
from mlm.rows.linking.policy_flow import groups_followed
from mlm.rows.linking.product_cells import product_cells
from mlm.rows.linking.sample_checks import lighter_rows, sample_problems
from mlm.rows.linking.spellings import spelling_checks
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track, track


def link_waves(
    configuration: Configuration,
    waves: Mapping[str, object],
    ledgers: Mapping[str, WaveLedger] | None = None,
    parts: Sequence[LinkedPart] = (),
) -> SurveyAccount:
    """Account of a survey over its waves (``survey.json``).

    Parameters
    ----------
    configuration : Configuration
        The survey.
    waves : mapping of str to path, CleanWave, Arrow table or data frame
        Cleaned rows of every wave; a path is a Parquet file.
    ledgers : mapping of str to WaveLedger, optional
        Ledger of every wave.
    parts : sequence of LinkedPart, optional
        What was written of each wave that was read by itself, in their order.

    Returns
    -------
    SurveyAccount
        ``unit_changes`` are units that are others after a move, ``crossed_units`` are those that
        stay the same; ``units_that_left`` names no person.

    Raises
    ------
    SurveyError
        The units that recur contradict the design, or too many effects are crossed; the message
        gives the counts.
    """
    rows, ledgers = _rows(configuration, waves, parts), ledgers or {}
    tracks = with_persons(configuration, rows, _tracks(configuration, rows))
    spelled = spelling_checks(configuration, rows, tracks)
    checks, problems = check_design(configuration, rows, tracks, spelled)
    more_checks, more_problems = check_stable_variables(configuration, rows)
    in_order = [ledgers[name] for name in configuration.wave_names if name in ledgers]
    problems += [*more_problems, *ledger_problems(configuration, in_order)]
    problems += crossed_problems(configuration, rows)
    problems += sample_problems(configuration, rows)
    in_groups = tuple(groups_in_waves(configuration, rows, tracks))
    problems += changed_groups_problems(configuration, in_groups)
    if problems:
        raise SurveyError(problems)
    recurring, crossed = configuration.levels_above_time, configuration.crossed_level
    followed = [tracks[name] for name in recurring]
    is_person = configuration.design.follows_lowest
    return SurveyAccount(
        survey=configuration.survey,
        design=configuration.design.name,
        waves=tuple(in_order),
        rows=_totals(in_order),
        levels=tuple(_level(configuration, rows, units) for units in tracks.values()),
        children=tuple(_children(configuration, rows)),
        unit_changes=tuple(tracks[name].moves() for name in recurring[1:] if name != crossed),
        crossed_units=(tracks[crossed].moves(),) if crossed else (),
        attrition=tuple(flow for units in followed for flow in units.flows()),
        attrition_by=tuple(attrition_by_category(configuration, rows, followed)),
        groups_in_waves=in_groups,
        groups_followed=tuple(groups_followed(configuration, rows, tracks)),
        product_cells=tuple(product_cells(configuration, rows)),
        units_that_left=tuple(
            entry
            for units in (followed[:-1] if is_person else followed)
            for entry in units_that_left(configuration, rows, units)
        ),
        missingness=tuple(_missingness(configuration, in_order)),
        missing_covariates=tuple(missing_covariates(configuration, rows)),
        hierarchy=hierarchy_account(configuration, rows),
        separability=(
            *identifiability_doubts(configuration, rows),
            *missing_levels(configuration, in_order),
        ),
        checks=(
            *checks,
            *spelled,
            *id_form_checks(configuration, in_order),
            *more_checks,
            *check_ledgers(configuration, in_order),
            *lone_strata(configuration, rows),
            *lighter_rows(configuration, rows),
        ),
    )


def _rows(
    configuration: Configuration, waves: Mapping[str, object], parts: Sequence[LinkedPart]
) -> SurveyRows:
    """The rows of all waves, which are not read where each wave was read by itself."""
    if parts and all(part.rows_are_units for part in parts):
        return JoinedWaves(configuration, waves, parts)
    return SurveyRows(configuration, waves)


def _tracks(configuration: Configuration, rows: SurveyRows) -> dict[str, Track | LowestUnits]:
    """The units of each level over the waves."""
    return {
        level.name: track(
            rows, configuration.path_in_wave(level.name), level.ids if level.id else "local"
        )
        for level in configuration.levels
    }


def _missingness(
    configuration: Configuration, ledgers: Sequence[WaveLedger]
) -> Iterator[Missingness]:
    """Cells without a value by variable, wave and reason, with the level of the variable."""
    for ledger in ledgers:
        for entry in ledger.missing:
            yield Missingness(
                variable=entry.variable,
                level=configuration.variables[entry.variable].level,
                wave=ledger.wave,
                reason=entry.reason,
                cells=entry.cells,
                rows=ledger.rows_kept,
            )


def _totals(ledgers: Sequence[WaveLedger]) -> RowTotals:
    read = sum(ledger.rows_read for ledger in ledgers)
    kept = sum(ledger.rows_kept for ledger in ledgers)
    return RowTotals(read=read, kept=kept, excluded=read - kept)


def _level(
    configuration: Configuration, rows: SurveyRows, units: Track | LowestUnits
) -> LevelAccount:
    """Units of a level: in each wave, in all, and in how many waves each of them is found.

    Units of a level below time belong to one wave each. A unit that changes its parent is another
    unit of the path, and one unit of the survey (``distinct``) where ids are unique; a crossed
    unit is one unit in both.
    """
    level = configuration.level(units.level)
    is_held = level.name in rows.held
    unit = rows.unit(configuration.unit_path(level.name)) if is_held else None
    by_wave = tuple(
        UnitsInWave(
            wave=name,
            groups=len(rows.first_entries(unit, i)) if is_held else int(rows.rows_of_wave[i]),
        )
        for i, name in enumerate(rows.waves)
    )
    recurring = level.name not in configuration.levels_below_time
    groups_total = int(unit.max()) + 1 if recurring else sum(entry.groups for entry in by_wave)
    return LevelAccount(
        name=level.name,
        plural=level.plural or f"{level.name}s",
        groups_by_wave=by_wave,
        groups_total=groups_total,
        recurring=recurring,
        distinct=units.n_units if recurring else None,
        known_by=("id" if units.by_id else "path") if recurring else None,
        in_waves=_in_waves(units) if recurring else (),
    )


def _in_waves(units: Track) -> tuple[UnitsInWaves, ...]:
    """Units that are found in one wave, in two, and so on, and the persons in them."""
    times, highest = units.found.sum(axis=1), len(units.waves) + 1
    found_in = np.bincount(times, minlength=highest).tolist()
    persons_in = np.bincount(times, weights=units.persons, minlength=highest).astype(int).tolist()
    return tuple(
        UnitsInWaves(waves=i, units=found_in[i], persons=persons_in[i]) for i in range(1, highest)
    )


def _children(configuration: Configuration, rows: SurveyRows) -> Iterator[Children]:
    """Sizes of the units of each level in its children, by wave."""
    names = configuration.level_names
    for level, child in itertools.pairwise(names):
        path = names[: names.index(child) + 1]
        by_wave = tuple(
            _sizes(wave, _children_in_wave(rows, path, i)) for i, wave in enumerate(rows.waves)
        )
        yield Children(level=level, child=child, by_wave=by_wave, counts=())
    if configuration.design.follows_lowest:
        occasions = np.bincount(rows.unit(configuration.unit_path(names[-1])), rows.rows)
        found = np.bincount(occasions.astype(np.int64))
        counts = tuple(SizeCount(size=size, units=int(n)) for size, n in enumerate(found) if n)
        yield Children(level=names[-1], child=None, by_wave=(), counts=counts)


def _children_in_wave(rows: SurveyRows, path: Sequence[str], wave: int) -> np.ndarray:
    """Number of children (G,) that each unit has in a wave, from the path of the children."""
    unit = rows.unit(path[:-1])
    if path[-1] not in rows.held:
        return np.bincount(unit[rows.part(wave)], rows.rows[rows.part(wave)]).astype(np.int64)
    return np.bincount(unit[rows.first_entries(rows.unit(path), wave)])


def _sizes(wave: str, sizes: np.ndarray) -> Sizes:
    """Distribution of the numbers of children (G,), 0 for units that the wave has not."""
    sizes = sizes[sizes > 0]
    return Sizes(
        wave=wave,
        groups=len(sizes),
        min=int(sizes.min()),
        median=float(np.median(sizes)),
        mean=float(sizes.mean()),
        max=int(sizes.max()),
        one_child=int((sizes == 1).sum()),
    )
