"""Waves whose residuals do not average zero."""

from __future__ import annotations

from mlm.pages.sections.missed_waves import missed_waves
from tests.unit.pages.sample import context_of, everything, residuals


def test_waves_are_missed_where_the_interval_of_the_mean_excludes_zero():
    given = everything()
    assert missed_waves(context_of(given)) == []
    given["residuals"] = residuals()
    waves = given["residuals"]["waves"]
    for wave, mean in zip(waves, (0.58, -0.6, 0.6), strict=True):
        wave.update(mean=mean, std_error=0.3)
    waves[2]["rows"] = 7  # too few to be told of in public
    found = missed_waves(context_of(given))
    assert [(mean.value, mean.source) for mean in found] == [(-0.6, "residuals#/waves/1/mean")]
