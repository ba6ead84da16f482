"""The sample without a wave, or with waves of other weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlm.errors import StatisticsError
from mlm.nouns.levels import WAVE
from mlm.statistics.evidence import by_wave
from mlm.statistics.evidence.by_wave import has_waves_apart, reweighted, without_wave
from mlm.statistics.evidence.wave_parts import WaveParts
from mlm.statistics.fitting.solution import fit_model
from tests.effects_over_waves import WAVES, decayed
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)


@pytest.mark.parametrize("design", ["same_pupils", "same_schools", "new_schools"])
def test_the_sample_without_a_wave_gives_the_fit_to_its_rows(design):
    sizes = {
        "same_pupils": {"county": 6, "school": 3, "pupil": 6, WAVE: 3, "row": (0, 1)},
        "same_schools": {"county": 6, "school": 4, WAVE: 3, "row": (3, 6)},
        "new_schools": {"county": 6, WAVE: 3, "school": 4, "row": (3, 6)},
    }[design]
    rng = np.random.default_rng(4)
    frame = nested_rows(rng, sizes, {"county": 0.3, "school": 0.3, "pupil": 0.3})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    plan = make_plan(design)
    stats = merged(plan, frame)
    fewer = make_plan(design, waves=("w0", "w1"))
    rest = frame[frame[WAVE] != "w2"]
    a = fit_model(plan.full_model(), without_wave(plan, stats, "w2"), "REML")
    b = fit_model(fewer.full_model(), merged(fewer, rest), "REML")
    assert a.n_obs == b.n_obs == len(rest)
    assert a.n_groups == b.n_groups
    assert a.deviance == pytest.approx(b.deviance, abs=1e-6)
    assert a.beta == pytest.approx(b.beta, abs=1e-6)


def test_weights_of_one_change_nothing():
    plan, fitted, _ = decayed()
    same = reweighted(plan, fitted.stats, dict.fromkeys(WAVES, 1.0))
    assert fit_model(fitted.fit.model, same).deviance == pytest.approx(fitted.fit.deviance)


def test_samples_whose_waves_are_not_apart_are_refused():
    plan, fitted, _ = decayed()
    stats = fitted.stats
    assert has_waves_apart(plan, stats)
    mixed = replace(stats, parts={})
    assert not has_waves_apart(plan, mixed)
    with pytest.raises(StatisticsError, match="not kept apart"):
        without_wave(plan, mixed, "w3")


def test_waves_stay_apart_in_a_file(tmp_path):
    from mlm.statistics.evidence.crossproducts import CrossProducts

    plan, fitted, _ = decayed()
    stats = fitted.stats
    stats.save(tmp_path / "statistics.npz")
    assert has_waves_apart(plan, CrossProducts.load(tmp_path / "statistics.npz"))


def test_a_large_sample_without_a_wave_keeps_the_others_apart(monkeypatch):
    """Its sums are those of the waves that are left, made when they are asked for."""
    sizes = {"county": 4, "school": 3, "pupil": 5, WAVE: 3, "row": (0, 1)}
    frame = nested_rows(
        np.random.default_rng(5), sizes, {"county": 0.3, "school": 0.3, "pupil": 0.3}
    )
    plan = make_plan("same_pupils")
    stats = merged(plan, frame.assign(**{WAVE: "w" + frame[WAVE]}))
    levels = [
        replace(v, sums=v.sums.apart() if isinstance(v.sums, WaveParts) else v.sums)
        for v in stats.levels
    ]
    apart = replace(stats, levels=tuple(levels))
    known = without_wave(plan, apart, "w2")
    monkeypatch.setattr(by_wave, "MOST_SUMS_TOGETHER", 0)
    found = without_wave(plan, apart, "w2")
    kept = [v.sums.keeps_whole for v in found.levels if isinstance(v.sums, WaveParts)]
    assert kept and not any(kept)
    for mine, its in zip(found.levels, known.levels, strict=True):
        assert mine.candidates == its.candidates
        assert np.asarray(mine.sums) == pytest.approx(np.asarray(its.sums), rel=1e-12, abs=1e-12)
