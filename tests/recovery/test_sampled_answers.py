"""Intervals of what an analysis of a sample tells hold the population as often as they say.

Schools are drawn in each wave with a probability that falls with their effect on the outcome:
thirty of 1,500, and twelve of their thirty pupils. Without weights every mean is too low.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from mlm.front.sampled_analysis import analyse_rows
from mlm.nouns.formula import parse_term
from mlm.nouns.levels import ROW, WAVE
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.sources import source_of
from tests.bands import FALSE_ALARM, binomial_band
from tests.sampled_surveys import CUT, WAVES, plan_of_survey
from tests.survey_accounts import EMPTY

SCHOOLS, OF_SCHOOL, DRAWN, PUPILS, SURVEYS = 1500, 30, 30, 12, 200
HELD = 0.92
"""Share of intervals of 95 % that hold the truth with thirty clusters, at least."""


@dataclass(frozen=True)
class Population:
    """Schools and pupils of one wave."""

    effect: np.ndarray
    private: np.ndarray
    girl: np.ndarray
    ses: np.ndarray
    score: np.ndarray

    @classmethod
    def of(cls, place: int) -> Population:
        """The wave at a place."""
        rng, n = np.random.default_rng(place), SCHOOLS * OF_SCHOOL
        effect, private = 25.0 * rng.normal(size=SCHOOLS), rng.random(SCHOOLS) < 0.4
        school = np.repeat(np.arange(SCHOOLS), OF_SCHOOL)
        girl, ses = rng.random(n) < 0.5, rng.normal(size=n) + effect[school] / 50.0
        score = 500.0 + 8.0 * place + 10.0 * ses + 6.0 * girl + 12.0 * private[school]
        score = score + effect[school] + 45.0 * rng.normal(size=n)
        return cls(effect, private, girl, ses, score)

    def gap(self, of: np.ndarray) -> float:
        """Difference of the means of two groups of pupils."""
        return self.score[of].mean() - self.score[~of].mean()

    def drawn(self, rng: np.random.Generator, wave: str) -> pd.DataFrame:
        """Schools by size, systematically, and pupils of each at random."""
        size = np.exp(0.4 * rng.normal(size=SCHOOLS) - 0.012 * self.effect)
        chance = size / size.sum() * DRAWN
        places = np.searchsorted(np.cumsum(chance), rng.random() + np.arange(DRAWN - 1))
        schools = np.unique(places)
        rows = np.concatenate(
            [s * OF_SCHOOL + rng.choice(OF_SCHOOL, PUPILS, replace=False) for s in schools]
        )
        own = rows // OF_SCHOOL
        return pd.DataFrame(
            {
                "school": np.char.add(wave, own.astype(str)),
                "score": self.score[rows],
                "ses": self.ses[rows],
                "sex": np.where(self.girl[rows], "girl", "boy"),
                "kind": np.where(self.private[own], "private", "public"),
                "w_school": 1.0 / chance[own],
                "w_pupil": OF_SCHOOL / PUPILS / chance[own],
            }
        )


@pytest.mark.study
def test_intervals_of_a_sample_of_thirty_schools_a_wave():
    waves = [Population.of(place) for place in range(2)]
    first, later = waves
    gaps = [wave.gap(wave.girl) for wave in waves]
    shares = [(wave.score >= CUT).mean() for wave in waves]
    truth = {
        "change": later.score.mean() - first.score.mean(),
        "share": shares[1],
        "change of the share": shares[1] - shares[0],
        "gap": gaps[1],
        "moved": gaps[1] - gaps[0],
        "gap of schools": later.gap(np.repeat(later.private, OF_SCHOOL)),
        "sex": 6.0,
        "kind": 12.0,
    }
    held = dict.fromkeys(truth, 0)
    for seed in range(SURVEYS):
        rng = np.random.default_rng([seed, 7])
        sources = {
            name: source_of(wave.drawn(rng, name)) for name, wave in zip(WAVES, waves, strict=True)
        }
        told = _told(analyse_rows(_plan(), sources, EMPTY)[0])
        for name, estimate in told.items():
            held[name] += estimate.lower <= truth[name] <= estimate.upper
    low, _ = binomial_band(SURVEYS, HELD, FALSE_ALARM / len(truth))
    assert {name: n for name, n in held.items() if n / SURVEYS < low} == {}


def _plan():
    design = SamplingDesign({ROW: "w_pupil", "school": "w_school"}, wave=WAVE)
    plan = plan_of_survey("weights", new=True, slopes=(), design=design)
    terms = tuple(map(parse_term, ("sex", "ses", "kind")))
    time = (parse_term(WAVE),)
    return replace(plan, terms=terms, time_terms=time, protected=(*time, *terms), policy={})


def _told(results) -> dict:
    by = {item.variable: item.categories[1].waves for item in results.means.by}
    fixed = {c.term[0].variable: c for c in results.settled.fixed if c.term}
    change = results.means.waves[1].change
    reach = change.upper - change.estimate  # with the linking error, which this population lacks
    narrow = reach * change.sampling_error / change.std_error
    ends = {"lower": change.estimate - narrow, "upper": change.estimate + narrow}
    return {
        "change": change.model_copy(update=ends),
        "share": results.shares_at[0].waves[1],
        "change of the share": results.shares_at[0].waves[1].change,
        "gap": by["sex"][1].gap,
        "moved": by["sex"][1].moved,
        "gap of schools": by["kind"][1].gap,
        "sex": fixed["sex"],
        "kind": fixed["kind"],
    }
