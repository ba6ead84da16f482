"""Which forms over waves hold which, and the distribution of the test between them."""

from __future__ import annotations

import pytest

from mlm.nouns.formula import parse_formula
from mlm.results.test import RefusedTest
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from tests.forms_over_waves import WAVES, survey

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

ROWS = survey(moves=False)
TEXT = "y ~ x + wave + (1 | school) + (0 + wave | school) + (0 + x | school) + (0 + wave | pupil)"
STATS = statistics_of(parse_formula(TEXT), ROWS)
HELD = {
    "us": {"cs", "csh", "ar1", "ar1h", "toeph", "adh", "diag"},
    "toeph": {"cs", "csh", "ar1", "ar1h", "diag"},
    "adh": {"ar1", "ar1h", "diag"},
    "csh": {"cs", "diag"},
    "ar1h": {"ar1", "diag"},
    "cs": set(),
    "ar1": set(),
    "diag": set(),
}


def fit(pupils: str, schools: str = "(1 | school)") -> Fit:
    return fit_model(
        parse_formula(f"y ~ x + wave + {schools} + {pupils}".replace("+  +", "+")), STATS
    )


@pytest.mark.parametrize("large", HELD)
def test_a_form_holds_others_in_its_interior(large):
    big = fit(f"{large}(0 + wave | pupil)")
    for small in HELD:
        if small == large:
            continue
        found = likelihood_ratio_test(fit(f"{small}(0 + wave | pupil)"), big)
        assert found.is_valid == (small in HELD[large]), (small, large)
        if found.is_valid:
            assert found.reference.kind == "chi_squared" and found.reference.df == found.df


def test_one_variance_and_a_residual_lie_inside_forms_in_the_residuals_place():
    small = fit("(1 | pupil)")
    for form in ("us", "csh", "toeph"):
        found = likelihood_ratio_test(small, fit(f"{form}(0 + wave | pupil)"))
        assert found.reference.df == found.df and found.reference.conservative is None
    for form in ("ar1", "ar1h", "adh", "diag"):
        found = likelihood_ratio_test(small, fit(f"{form}(0 + wave | pupil)"))
        assert isinstance(found, RefusedTest) and found.reason.kind in ("not_nested",)


def test_an_effect_common_to_all_waves_lies_on_a_bound():
    pupils = "us(0 + wave | pupil)"
    small = fit(pupils)
    for form, df in (("cs", 1), ("csh", WAVES)):
        found = likelihood_ratio_test(small, fit(pupils, f"{form}(0 + wave | school)"))
        parts = [(part.df, part.weight) for part in found.reference.parts]
        assert parts == [(df - 1, 0.5), (df, 0.5)]
    whole = likelihood_ratio_test(small, fit(pupils, "(0 + wave | school)"))
    assert whole.reference.df == whole.df == WAVES * (WAVES + 1) // 2 - 1
    assert whole.reference.conservative == "several_variances"


def test_a_level_that_is_missing_lies_on_several_bounds():
    pupils = "us(0 + wave | pupil)"
    found = likelihood_ratio_test(fit(pupils, ""), fit(pupils, "csh(0 + wave | school)"))
    assert found.df == WAVES + 1
    assert found.reference.df == WAVES * (WAVES + 1) // 2
    curve = likelihood_ratio_test(fit(pupils, ""), fit(pupils, "ar1(0 + wave | school)"))
    assert (curve.df, curve.reference.df) == (2, 3)
    assert curve.reference.conservative == "several_variances"
    single = likelihood_ratio_test(fit(pupils, ""), fit(pupils, "(1 | school)"))
    assert [(part.df, part.weight) for part in single.reference.parts] == [(0, 0.5), (1, 0.5)]


def test_terms_that_both_models_have_count_for_nothing():
    """Of a term that is alike in both no covariance is at a bound."""
    beside = "(0 + x | school)"
    for pupils in ("us(0 + wave | pupil)", "cs(0 + wave | pupil)"):
        small, large = fit(pupils, beside), fit(pupils, f"csh(0 + wave | school) + {beside}")
        assert likelihood_ratio_test(small, large).reference.df == WAVES * (WAVES + 1) // 2


def test_a_slope_beside_a_form_is_one_more_variance():
    pupils, schools = "us(0 + wave | pupil)", "csh(0 + wave | school)"
    found = likelihood_ratio_test(
        fit(pupils, schools), fit(pupils, f"{schools} + (0 + x | school)")
    )
    assert [(part.df, part.weight) for part in found.reference.parts] == [(0, 0.5), (1, 0.5)]


def test_several_slopes_beside_forms_have_the_mixture_of_their_cone():
    """As beside terms without a form that have the same covariance."""
    slopes = "(1 | school) + (0 + x | school)"
    small, large = fit("cs(0 + wave | pupil)", ""), fit("cs(0 + wave | pupil)", slopes)
    found = likelihood_ratio_test(small, large, STATS).reference
    plain = [fit("(1 | pupil)", random) for random in ("", slopes)]
    expected = likelihood_ratio_test(*plain, STATS).reference
    assert [part.df for part in found.parts] == [0, 1, 2]
    weights = [[part.weight for part in reference.parts] for reference in (found, expected)]
    assert weights[0] == pytest.approx(weights[1], abs=1e-5)
