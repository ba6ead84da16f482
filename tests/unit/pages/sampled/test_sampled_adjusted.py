"""Adjusted means are told where there are several."""

from __future__ import annotations

from mlm.pages.sections.sampled.adjusted import adjusted_blocks, adjusted_means
from tests.unit.pages.sampled import sampled_context, sampled_inputs


def test_the_adjusted_mean_of_a_single_wave_is_not_told():
    given = sampled_inputs()
    assert len(adjusted_means(sampled_context(given))) > 1
    means = given["results"]["over_time"]["adjusted_means"]
    del means[1:]
    assert adjusted_means(sampled_context(given)) == []
    assert adjusted_blocks(sampled_context(given)) == []
