"""Replicates from classes of rows that share their factors are those from the rows themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.front.fitting import sample_of
from mlm.front.refits_from_rows import replicate_samples
from mlm.rows.accumulating.sources import source_of
from mlm.rows.replicating.replicate_rows import replicates_of_rows
from tests.equivalence.test_replicates import DESIGN, FORMULAS, ROWS, WEIGHTS, adjusted, quietly

pytestmark = pytest.mark.slow

SAME = 1e-10  # relative: sums of the same products in another order
NAMES = tuple(f"r{r}" for r in range(6))


def both_ways(frame, formula: str, design, waves=()):
    """The sample of each replicate from classes, and from rows."""
    fit = quietly(mlm.fit, formula, frame, design=design)
    stats = sample_of(fit, frame)
    known, _ = replicates_of_rows(source_of(frame), design.replicates)
    by_classes, by_rows = (
        replicate_samples([fit.model], stats, frame, known, waves, by_classes=how)
        for how in (True, False)
    )
    assert (by_classes.made_from, by_rows.made_from) == ("classes", "rows")
    return zip(by_classes.each, by_rows.each, strict=True)


def check(frame, formula: str, design, waves=()) -> None:
    for found, expected in quietly(lambda: list(both_ways(frame, formula, design, waves))):
        assert found.n_obs == expected.n_obs
        scale = np.abs(expected.total).max()
        np.testing.assert_allclose(found.total, expected.total, atol=SAME * scale)
        for own, other in zip(found.levels, expected.levels, strict=True):
            keys = {key: i for i, key in enumerate(zip(*other.keys, strict=True))}
            places = [keys.get(key, -1) for key in zip(*own.keys, strict=True)]
            there = np.flatnonzero(np.array(places) >= 0)
            places = np.array(places)[there]
            assert places.size == other.size
            largest = np.abs(other.sums).max()
            sums = np.asarray(own.sums)[:, there]
            np.testing.assert_allclose(sums, other.sums[:, places], atol=SAME * largest)
            np.testing.assert_allclose(own.weights[there], other.weights[places], rtol=SAME)
            np.testing.assert_array_equal(own.counts[there], other.counts[places])
            gone = np.setdiff1d(np.arange(own.size), there)
            assert not own.counts[gone].any() and not own.weights[gone].any()


@pytest.mark.parametrize("scaling", ["effective", "size", "none"])
@pytest.mark.parametrize("name", FORMULAS)
def test_cells_of_non_response(name, scaling):
    design = mlm.SamplingDesign(WEIGHTS, scaling=scaling, replicates=DESIGN.replicates)
    check(adjusted(ROWS), FORMULAS[name], design)


def test_rows_without_a_value_belong_to_no_class():
    frame = adjusted(ROWS)
    frame.loc[frame.index % 7 == 0, "y"] = np.nan
    frame.loc[frame["school"] == 5, "y"] = np.nan
    check(frame, FORMULAS["three levels"], DESIGN)


def test_halves_of_schools_that_are_in_the_sample_with_certainty():
    """A replicate leaves half of the rows of a school out."""
    frame = ROWS.assign(zone=ROWS["school"], half=np.arange(len(ROWS)) % 2)
    check(
        frame,
        FORMULAS["three levels"],
        mlm.SamplingDesign(WEIGHTS, replicates=mlm.jk2(zone="zone", unit="half")),
    )


def test_groups_that_a_replicate_empties_weigh_nothing():
    frame = adjusted(ROWS)
    frame.loc[(frame["school"] == 2) & (frame["class"] == frame["class"].min()), "r3"] = 0.0
    check(frame, FORMULAS["three levels"], DESIGN)


def test_schools_that_weigh_as_the_mean_of_their_rows():
    design = mlm.SamplingDesign(
        {"row": "w"}, mean_weights=("school",), replicates=DESIGN.replicates
    )
    check(adjusted(ROWS), FORMULAS["a slope"], design)


def test_waves_that_have_replicates_of_their_own():
    other = adjusted(ROWS).assign(school=ROWS["school"] + 100, wave="b")
    frame = pd.concat([adjusted(ROWS).assign(wave="a"), other], ignore_index=True)
    design = mlm.SamplingDesign(WEIGHTS, wave="wave", replicates=DESIGN.replicates)
    check(frame, FORMULAS["two levels"], design, ("a", "b"))


def test_rows_are_read_where_each_has_factors_of_its_own():
    noise = np.exp(0.02 * np.random.default_rng(2).normal(size=(len(ROWS), len(NAMES))))
    frame = ROWS.assign(**dict(zip(NAMES, (ROWS[[*NAMES]].to_numpy() * noise).T, strict=True)))
    fit = quietly(mlm.fit, FORMULAS["two levels"], frame, design=DESIGN)
    assert quietly(mlm.replicate, fit, frame).made_from == "rows"


def test_factors_that_are_written_with_few_digits_are_one_class():
    frame = adjusted(ROWS)
    frame = frame.assign(**{name: frame[name].round(5) for name in NAMES})
    fit = quietly(mlm.fit, FORMULAS["two levels"], frame, design=DESIGN)
    found = quietly(mlm.replicate, fit, frame)
    exact = quietly(mlm.replicate, fit, adjusted(ROWS))
    assert found.made_from == "classes"
    np.testing.assert_allclose(found.draws[0].std_error, exact.draws[0].std_error, rtol=1e-4)
