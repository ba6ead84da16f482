"""Every field of what is pooled has a rule, or is known to be the same in all imputations."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Literal, Union, get_args, get_origin

import pytest

from mlm.results import reason
from mlm.results.coefficient import Estimate
from mlm.results.diagnostics import Normality, ResidualVariances
from mlm.results.over_time import EstimatedStability, Trajectories
from mlm.results.policy import PolicyInRows
from mlm.results.random_part import SettledModel
from mlm.results.record import Record
from mlm.results.sample import WaveSample
from mlm.results.slopes import SlopeDetails
from mlm.results.slopes import TestedSlope as SlopeRecord
from mlm.results.test import RefusedTest, Test
from mlm.results.variables import PupilLevel
from mlm.results.variation import NullModel
from mlm.statistics.answers.imputed.pooled_records import commonest
from mlm.statistics.answers.imputed.rules import RULES

POOLED = (
    *(NullModel, SettledModel, SlopeDetails, SlopeRecord, PolicyInRows, EstimatedStability),
    *(Trajectories, WaveSample, PupilLevel, ResidualVariances, Normality),
)
ALIKE = {
    # of the design, the claim and the units, which imputations share
    "ArmSize": "category n",
    "Balance": "mixed threshold wave",
    "CrossLevelProduct": "configured variable",
    "EstimatedStability": "form waves",
    "Factor": "category function power variable",
    "Fit": "criterion n_obs n_params",
    "Imbalance": "category",
    "LevelSize": "distinct n",
    "Normality": "units",
    "NotCompared": "category",
    "NullModel": "formula",
    "Overlap": "category units",
    "PupilLevel": "variables",
    "QuantilePoint": "units",
    "SearchedSlope": "variable",
    "SettledModel": "formula intervals",
    "SharesAt": "category",
    "Trajectories": "present waves",
    "Trajectory": "present unit",
    "TrajectoryQuantile": "probability",
    "UnadjustedEffect": "category standing wave",
    "UnadjustedWave": "formula rows wave",
    "WaveSample": "rows rows_clean wave",
    "WaveVariance": "wave",
    # of searches that are made once, for all imputations together
    "FormStep": "before beside_slopes form round taken",
    "FreedForm": "before form",
    "LevelForm": "form recurs start",
    "RandomPartPath": "formula",
    "ResidualVariances": "in_settled",
    "TestedSlope": "kept variable",
    # of one prediction, drawn from all imputations
    "Prediction": "draws error expected_rank_correlation form reliability sd time",
    "UnitPrediction": "estimate lower mean_rank probability_bottom probability_top rank_lower "
    "rank_upper std_error unit upper",
    # refused where there are several imputations
    "BackTest": "correlation coverage expected_correlation expected_lower expected_upper form "
    "reliability_observed reliability_predicted returning units wave",
    # made from pooled numbers
    "Coefficient": "t",
}
LEFT = {each for each in vars(reason).values() if isinstance(each, type)} | {Test, RefusedTest}


def parts(annotation) -> Iterator[type]:
    """Types that an annotation is made of."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from parts(get_args(annotation)[0])
    elif origin is Literal:
        yield str
    elif origin in (Union, types.UnionType, tuple):
        for each in get_args(annotation):
            yield from parts(each)
    elif annotation not in (Ellipsis, type(None)):
        yield annotation


def without_rule(kind: type, seen: set[type]) -> Iterator[tuple[str, str]]:
    """Record and name of each field that must be the same in all imputations."""
    if kind in seen or kind in LEFT or kind.__name__.startswith("Refused"):
        return
    seen.add(kind)
    known = {name for each in kind.__mro__ for name in RULES.get(each, {})} | {"kind"}
    known |= set(Estimate.model_fields) if issubclass(kind, Estimate) else set()
    for name in kind.model_fields.keys() - known:
        found = set(parts(kind.model_fields[name].annotation))
        inner = {each for each in found if isinstance(each, type) and issubclass(each, Record)}
        if found - inner:
            yield kind.__name__, name
        for each in inner:
            yield from without_rule(each, seen)


def test_a_field_without_a_rule_is_known_to_be_the_same_in_all():
    seen: set[type] = set()
    found = {place for kind in POOLED for place in without_rule(kind, seen)}
    alike = {(kind, name) for kind, names in ALIKE.items() for name in names.split()}
    assert found - alike == set(), "fields that imputations may differ in: give them a rule"
    assert alike - found == set(), "fields that have a rule, or are gone"


@pytest.mark.parametrize(
    ("told", "wanted"), [((None, "ar1", None, "cs", "cs"), "cs"), ((None, None), None)]
)
def test_the_commonest_of_those_that_tell_is_told(told, wanted):
    records = [EstimatedStability.model_construct(other_form=form) for form in told]
    assert RULES[EstimatedStability]["other_form"] is commonest
    assert commonest(records, "other_form") == wanted
