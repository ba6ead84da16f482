"""Records of several imputations as one, field by field."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.results.coefficient import Coefficient, Estimate
from mlm.results.diagnostics import RefusedDeletion
from mlm.results.level import Level
from mlm.results.models import VarianceComponent
from mlm.results.over_time import (
    CorrelationInterval,
    EstimatedStability,
    RefusedDetails,
    Trajectory,
)
from mlm.results.policy import ArmSize
from mlm.results.reason import TooFewGroups, UnitSumsNotKept
from mlm.results.reference import ChiSquared
from mlm.results.slopes import RangeOfSlope
from mlm.results.slopes import TestedSlope as SlopeRecord
from mlm.results.test import RefusedTest, Test
from mlm.results.variation import RowCorrelation
from mlm.statistics.answers.imputed.pooled_records import NoCommonAnswer, pooled_record
from mlm.statistics.answers.imputed.rules import RULES
from mlm.statistics.fitting.satterthwaite import estimate_record
from mlm.statistics.pooling.rubin import pooled

SCHOOL = Level(unit="school", ids=("school",))


def coefficient(estimate: float, error: float) -> Coefficient:
    made = estimate_record(estimate, error, 40.0)
    return Coefficient(**dict(made), term=(), t=estimate / error)


def test_equal_records_are_told_as_they_are():
    one = coefficient(1.0, 0.2)
    assert pooled_record([one, one.model_copy(), one], RULES) is one


def test_a_coefficient_follows_rubin_and_keeps_its_term():
    found = pooled_record([coefficient(1.0, 0.2), coefficient(1.4, 0.3)], RULES)
    expected = pooled(np.array([[1.0], [1.4]]), np.array([[[0.04]], [[0.09]]]), 40.0)
    assert found.estimate == pytest.approx(1.2)
    assert found.std_error == pytest.approx(expected.std_error[0])
    assert found.df == pytest.approx(expected.df[0])
    assert found.missing_information == pytest.approx(expected.fmi[0])
    assert found.t == pytest.approx(1.2 / expected.std_error[0])
    assert isinstance(found, Coefficient) and found.term == ()


def test_an_estimate_without_error_has_no_common_answer():
    one = Estimate(estimate=1.0, std_error=None, df=None, p_value=None, lower=None, upper=None)
    with pytest.raises(NoCommonAnswer, match="differ in std_error of Estimate"):
        pooled_record([one, one.model_copy(update={"estimate": 2.0})], RULES)


def test_what_has_no_rule_must_be_the_same():
    sizes = [ArmSize(category="small", n=n) for n in (40, 41)]
    with pytest.raises(NoCommonAnswer, match="differ in n of ArmSize"):
        pooled_record(sizes, RULES)
    parts = [VarianceComponent(level=SCHOOL, term1=(), variance=v, sd=v**0.5) for v in (1.0, 2.0)]
    other = parts[1].model_copy(update={"level": Level(unit="county", ids=("county",))})
    assert pooled_record(parts, RULES).variance == 1.5
    with pytest.raises(NoCommonAnswer):
        pooled_record([parts[0], other], RULES)


def test_what_one_imputation_lacks_is_not_told():
    level = {"level": SCHOOL, "form": "cs", "waves": ("1", "2"), "other_form": None}
    level |= {"sd": (1.0, 1.0), "correlation": ((1.0, 0.5), (0.5, 1.0)), "kind": "estimated"}
    level |= {"lower": ((None, None), (None, None)), "upper": ((None, None), (None, None))}
    level |= {"average": CorrelationInterval(value=0.5, lower=None, upper=None)}
    reason = TooFewGroups(what="slope_variance", groups=1, needed=2)
    level |= {"details": RefusedDetails(reason=reason)}
    test = RefusedTest(reason=reason)
    both = [EstimatedStability.model_construct(test=each, **level) for each in (test, None)]
    assert pooled_record(both, RULES).test is None


def test_ends_come_from_the_imputations_that_have_them():
    known = RowCorrelation(level=SCHOOL, value=0.2, lower=0.1, upper=0.35)
    more = RowCorrelation(level=SCHOOL, value=0.24, lower=None, upper=None)
    found = pooled_record([known, more], RULES)
    assert found.value == pytest.approx(0.22)
    assert 0.0 < found.lower < 0.12 and 0.37 < found.upper < 0.6
    alone = CorrelationInterval(value=0.9, lower=None, upper=None)
    other = alone.model_copy(update={"value": 0.8})
    assert pooled_record([alone, other], RULES).lower is None


def test_errors_in_tuples_hold_the_spread():
    paths = [
        Trajectory(unit=("1",), estimate=(a, 1.0), std_error=(0.3, 0.3), present=(True, True))
        for a in (0.0, 0.4)
    ]
    found = pooled_record(paths, RULES)
    assert found.estimate == (0.2, 1.0)
    assert found.std_error == pytest.approx((np.sqrt(0.09 + 1.5 * 0.08), 0.3))


def slope(sd: float, has_range: bool = True) -> SlopeRecord:
    ends = RangeOfSlope(
        sd_lower=sd - 0.1,
        sd_upper=sd + 0.2,
        lower_from=-1.0,
        lower_to=-0.2,
        upper_from=0.4,
        upper_to=1.2,
    )
    test = Test(statistic=5.0, df=2, reference=ChiSquared(df=2), p_value=0.08)
    return SlopeRecord(
        variable="x", level=SCHOOL, column={"variable": "x"}, variance=sd**2, sd=sd,
        mean_effect=0.1, sd_units=0.0, lower=-0.6, upper=0.8, range=ends if has_range else None,
        correlation=None, sd_x=1.0, sd_effect=sd, kept=True, or_over=(), test=test,
    )  # fmt: skip


def test_a_slope_has_the_root_of_its_mean_variance_and_wider_ranges():
    found = pooled_record([slope(0.3), slope(0.4), slope(0.5, has_range=False)], RULES)
    assert found.sd == pytest.approx(np.sqrt(np.mean([0.09, 0.16, 0.25])))
    assert found.range.sd_upper - found.range.sd_lower > 0.3
    assert found.test.pooled is None  # the same test, that of the search, in all


def test_what_imputations_refuse_for_several_reasons_is_refused_by_that_of_most():
    """Reasons of one kind that differ in a number, and reasons of two kinds."""
    few, fewer = (TooFewGroups(groups=n, needed=4, what="deletion") for n in (3, 2))
    other = UnitSumsNotKept(what="none")
    reasons = (few, fewer, other, fewer)
    refused = [RefusedDeletion(level=SCHOOL, reason=reason) for reason in reasons]
    assert pooled_record(refused, RULES) == refused[1]
    assert pooled_record(refused[::2], RULES) == refused[0]
    answered = ArmSize(category="small", n=40)
    assert pooled_record([answered, refused[2], answered], RULES) == refused[2]
