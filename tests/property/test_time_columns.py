"""Columns with time, made when waves are merged, equal those made from the rows of all waves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.errors import StatisticsError
from mlm.front.fitting import statistics_of
from mlm.nouns.columns import CONSTANT
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import WAVE
from mlm.rows.accumulating.accumulate import accumulate
from mlm.statistics.evidence import merging
from mlm.statistics.evidence.by_wave import reweighted
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.evidence.joining import joined
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.evidence.wave_parts import WaveParts
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.effects import posterior_means
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.making import collapsed
from tests.nested_rows import nested_rows
from tests.plans import DESIGNS, make_plan, merged, waves_of, with_time
from tests.property.equality import assert_equal

SIZES = {
    "same_pupils": {"county": 4, "school": (2, 4), "pupil": (4, 8), WAVE: 3, "row": (0, 1)},
    "same_schools": {"county": 4, "school": (2, 4), WAVE: 3, "row": (3, 8)},
    "new_schools": {"county": 4, WAVE: 3, "school": (2, 4), "row": (3, 8)},
    "cross_section": {"county": 4, WAVE: 3, "school": (2, 4), "row": (3, 8)},
}
CASES = [(design, coding) for design in DESIGNS for coding in ("categories", "trend")]
DEVIANCE = 1e-7  # the same criterion in other working columns
ESTIMATE = 1e-6  # absolute; effects are of size one


def rows(design: str, seed: int = 1) -> pd.DataFrame:
    frame = nested_rows(
        np.random.default_rng(seed), SIZES[design], {"county": 0.3, "school": 0.2, "pupil": 0.3}
    )
    frame[WAVE] = "w" + frame[WAVE]
    return frame


@pytest.mark.parametrize("design,coding", CASES)
def test_merged_waves_equal_a_pass_over_all_rows(design, coding):
    plan, frame = make_plan(design, coding, by_time=("x", "kind")), rows(design)
    stats = merged(plan, frame)
    levels = Hierarchy.of((level.group, level.candidates) for level in stats.levels)
    assert_equal(stats, accumulate(with_time(plan, frame), stats.columns, levels))


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("design,coding", CASES)
@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_a_fit_to_merged_waves_equals_the_fit_to_the_rows(design, coding, criterion):
    plan, frame = make_plan(design, coding), rows(design, 2)
    model = plan.full_model()
    mine = fit_model(model, merged(plan, frame), criterion)
    direct = fit_model(model, statistics_of(model, with_time(plan, frame)), criterion)
    assert mine.names == direct.names
    assert mine.deviance == pytest.approx(direct.deviance, abs=DEVIANCE)
    assert mine.beta == pytest.approx(direct.beta, abs=ESTIMATE)


def test_waves_may_be_given_in_any_order():
    plan, frame = make_plan("same_schools"), rows("same_schools")
    waves = waves_of(plan, frame)
    backwards = dict(reversed(list(waves.items())))
    assert_equal(merge_waves(plan, backwards), merge_waves(plan, waves))


def test_a_missing_wave_is_named():
    plan, frame = make_plan("same_schools"), rows("same_schools")
    waves = waves_of(plan, frame)
    del waves["w1"]
    with pytest.raises(StatisticsError, match="no cross-products of the waves w1"):
        merge_waves(plan, waves)


def test_a_wave_of_an_older_configuration_is_told():
    plan, frame = make_plan("same_schools"), rows("same_schools")
    older = make_plan("same_schools", terms=("x", "z"))
    waves = waves_of(plan, frame) | {"w2": waves_of(older, frame)["w2"]}
    with pytest.raises(StatisticsError, match=r"wave w2 lacks.*Accumulate the wave again"):
        merge_waves(plan, waves)


def test_another_wave_leaves_the_statistics_of_older_ones_as_they_are():
    short, long = make_plan("same_schools", waves=("w0", "w1")), make_plan("same_schools")
    frame = rows("same_schools")
    before, after = waves_of(short, frame), waves_of(long, frame)
    for wave in short.time.waves:
        assert_equal(before[wave], after[wave])
        assert np.array_equal(before[wave].total, after[wave].total)


@pytest.fixture
def kept_by_wave(monkeypatch):
    """Keep the sums of every level by wave, as those of millions of pupils are."""
    monkeypatch.setattr(merging, "LARGE_LEVEL", 0)
    monkeypatch.setattr(merging, "KEPT_SAVING", 0.0)


@pytest.mark.battery
@pytest.mark.parametrize("design,coding", CASES)
def test_sums_kept_by_wave_are_the_same_sums(design, coding, kept_by_wave, tmp_path):
    plan, frame = make_plan(design, coding, by_time=("x", "kind")), rows(design)
    waves = {}
    for wave, stats in waves_of(plan, frame).items():
        stats.save(tmp_path / f"{wave}.npz")
        waves[wave] = CrossProducts.load(tmp_path / f"{wave}.npz", lazily=True)
    merge_waves(plan, waves).save(tmp_path / "all.npz")
    stats = CrossProducts.load(tmp_path / "all.npz")
    assert all(isinstance(level.sums, WaveParts) for level in stats.levels)
    levels = Hierarchy.of((level.group, level.candidates) for level in stats.levels)
    assert_equal(stats, accumulate(with_time(plan, frame), stats.columns, levels))


@pytest.mark.parametrize("key", [0, [1, 0], np.s_[1:, 3], np.s_[0, :, 2], np.s_[:, :, [4, 1]]])
def test_parts_of_sums_kept_by_wave(key, kept_by_wave):
    stats = merged(make_plan("same_pupils"), rows("same_pupils"))
    sums = stats.levels[-1].sums
    np.testing.assert_array_equal(sums[key], np.asarray(sums)[key])
    chosen = np.ix_([1], [3, 0], [2, 5])
    np.testing.assert_array_equal(sums[chosen], np.asarray(sums)[chosen])


@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_what_is_made_of_sums_kept_by_wave_is_the_same(monkeypatch):
    plan, frame = make_plan("same_pupils"), rows("same_pupils", 3)
    made = [_made_of(plan, merged(plan, frame))]
    monkeypatch.setattr(merging, "LARGE_LEVEL", 0)
    monkeypatch.setattr(merging, "KEPT_SAVING", 0.0)
    made.append(_made_of(plan, merged(plan, frame)))
    for expected, found in zip(*made, strict=True):
        assert found == pytest.approx(expected, abs=ESTIMATE)


def _made_of(plan, stats):
    """A fit, effects, a drawn sample and one with a wave that counts half."""
    fit = fit_model(plan.full_model(), stats, "REML")
    yield fit.beta
    yield posterior_means(evaluation_of(fit, stats)).effects[0].mean
    drawn = drawing_of(fit, stats).draw(np.random.default_rng(1))
    yield fit_model(fit.model, drawn, "ML").beta
    weighted = reweighted(plan, stats, {"w0": 1.0, "w1": 0.5, "w2": 1.0})
    yield fit_model(fit.model, weighted, "ML").beta
    few = excerpt(fit.model, stats)
    yield fit_model(*collapsed(fit.model, fit.omegas, few, 1), "ML").beta


@pytest.mark.parametrize("ids", [("a", "b"), ("äöü", "ab"), ("x" * 20, "y"), ("Ω", "ß")])
def test_ids_are_told_apart_whatever_their_letters(ids):
    samples = []
    for names in (ids, ids[::-1]):
        keys = (np.array(names),)
        sums = np.ones((1, 2, 1))
        samples.append(GroupSums(("unit",), keys, np.zeros(2, dtype=int), (CONSTANT,), sums))
    found = joined(samples, None)
    assert found.keys[0].tolist() == list(ids)
    assert [place.tolist() for place in found.places] == [[0, 1], [1, 0]]
