"""Sums over the rows of each wave, written apart and added up, against all rows at once."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.errors import ResultError, SurveyError
from mlm.nouns.levels import WAVE
from mlm.rows.residuals.wave_residuals import (
    residuals_by_wave,
    residuals_from_sums,
    sums_of_waves,
)
from mlm.statistics.fitting.solution import fit_model
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged, observed

ADDED = 1e-12  # the same numbers, added in another order


@pytest.fixture(scope="module")
def waves(tmp_path_factory):
    """A plan with a policy of rows, a fit to three waves, their sample and their files."""
    folder = tmp_path_factory.mktemp("waves")
    plan = make_plan("new_schools", policy=observed("kind"), terms=("kind", "x", "z"))
    sizes = {"county": 6, "school": 5, "pupil": 4, "row": 1}
    frame = nested_rows(np.random.default_rng(11), sizes, {"county": 0.3, "school": 0.5})
    frame[WAVE] = np.array(plan.time.waves)[np.arange(len(frame)) % 3]
    frame["x"] += 1.5 * (frame["kind"] == "b")
    stats = merged(plan, frame)
    files = {wave: folder / f"{wave}.parquet" for wave in plan.time.waves}
    for wave, path in files.items():
        frame[frame[WAVE] == wave].drop(columns=WAVE).to_parquet(path)
    return plan, fit_model(plan.full_model(), stats), stats, files


def _saved(waves, folder, names):
    plan, fit, stats, files = waves
    folder.mkdir(exist_ok=True)
    for wave in names:
        sums_of_waves(plan, fit, stats, {wave: files[wave]}).save(folder / f"{wave}.npz")
    return {wave: folder / f"{wave}.npz" for wave in names}


def test_waves_that_are_summed_apart_add_up_to_all_rows(waves, tmp_path):
    plan, fit, stats, files = waves
    apart = residuals_from_sums(plan, fit, stats, _saved(waves, tmp_path, files))
    together = residuals_by_wave(plan, fit, stats, files)
    assert apart.overlap == together.overlap and len(apart.overlap) == 2
    assert apart.histogram == together.histogram and apart.beyond == together.beyond
    assert apart.moments == pytest.approx(together.moments, abs=ADDED)
    assert [wave.scores for wave in apart.waves] == [wave.scores for wave in together.waves]
    for own, its in zip(apart.variables, together.variables, strict=True):
        assert own.variable == its.variable
        assert own.parts[3].mean == pytest.approx(its.parts[3].mean, abs=ADDED)


def test_the_same_sums_are_the_same_bytes(waves, tmp_path):
    first, second = (_saved(waves, tmp_path / name, ["w1"])["w1"] for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_wave_that_lacks_is_noticed(waves, tmp_path):
    plan, fit, stats, files = waves
    paths = _saved(waves, tmp_path, list(files)[:2])
    with pytest.raises(SurveyError, match="the waves w0, w1: 80 complete rows .* has 120 rows"):
        residuals_from_sums(plan, fit, stats, paths)


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"no sums"])
def test_a_file_that_is_damaged_is_named(waves, tmp_path, damage):
    plan, fit, stats, files = waves
    paths = _saved(waves, tmp_path, files)
    paths["w1"].write_bytes(damage(paths["w1"].read_bytes()))
    with pytest.raises(ResultError, match="w1.npz: not sums over the rows of a wave"):
        residuals_from_sums(plan, fit, stats, paths)
