"""Simulated example surveys as cross-products, without files in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.nouns.model import Factor, Model, Term
from mlm.nouns.plan import Plan
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.simulating.simulation import simulate_survey
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.selection.random_part.slopes import with_slope
from tests.examples import CONFIG

ANALYSES = {"science": "score", "national": "literacy"}


@dataclass(frozen=True)
class Simulated:
    """One draw of an example survey: plan, sample and truth."""

    plan: Plan
    stats: CrossProducts
    truth: Mapping

    @property
    def model(self) -> Model:
        """The configured full model with the true random slopes."""
        model = self.plan.full_model()
        for slope in self.truth["slopes"]:
            term = Term((Factor(slope["variable"]),))
            model = with_slope(model, tuple(slope["group"].split(":")), term)
        return model

    def true_effects(self, fit: Fit) -> list[float]:
        """True value of every fixed effect of a fit, 0 where the survey has none."""
        known = {frozenset(name.split(":")): value for name, value in self.truth["fixed"].items()}
        return [known.get(frozenset(name.split(":")), 0.0) for name in fit.names]

    @property
    def true_terms(self) -> set[frozenset[str]]:
        """Terms with an effect, each as the set of its variables."""
        return {
            frozenset(part.split("[")[0] for part in name.split(":"))
            for name in self.truth["fixed"]
            if name != "Intercept"
        }


def simulated(survey: str, seed: int | None = None, sizes: Mapping | None = None) -> Simulated:
    """One draw of an example survey."""
    configuration = load_configuration(CONFIG / f"{survey}.yaml")
    waves, truth = simulate_survey(configuration, seed=seed, sizes=sizes)
    frames = {wave: _typed(configuration, frame) for wave, frame in waves.items()}
    columns = columns_of_survey(configuration, next(iter(frames.values())))
    name = ANALYSES[survey]
    parts = {
        wave: accumulate_wave(configuration, wave, frame, columns)[name]
        for wave, frame in frames.items()
    }
    plan = plan_of(configuration, name)
    return Simulated(plan, merge_waves(plan, parts), truth)


def _typed(configuration, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows with numbers for text, empty cells missing."""
    out = {level.name: frame[level.id] for level in configuration.levels}
    for name, variable in configuration.variables.items():
        cells = frame[name].where(frame[name] != "")
        out[name] = pd.to_numeric(cells) if variable.type == "number" else cells
    return pd.DataFrame(out)
