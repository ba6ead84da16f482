"""What must not change a fit, and what must change it in a known way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from tests.nested_rows import formula, nested_rows

# Two searches end at points that differ by rounding of the criterion, about 1e-11 of it; at a flat
# optimum that is 1e-5 in theta, half of it quadratic in the estimates of the fixed effects.
DEVIANCE = 1e-8  # absolute
ESTIMATE = 1e-5  # in standard errors
VARIANCE = 1e-4  # relative
LEVELS = ["county", "school"]
SIZES = {"county": 8, "school": (3, 6), "row": (4, 9)}
FORMULAS = [
    formula(LEVELS),
    formula(LEVELS, "x * kind + z + I(x ** 2)"),
    formula(LEVELS, slopes=("school",)),
    formula(LEVELS, "x * group_kind", slopes=("county", "school")),
]
PLAIN: dict[tuple[str, str], mlm.Fit] = {}
CASES = [(text, criterion) for text in FORMULAS for criterion in ("ML", "REML")]
pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(20)
    slopes = {"county": 0.1, "school": 0.15}
    return nested_rows(rng, SIZES, {"county": 0.4, "school": 0.3}, slopes)


def plain(rows: pd.DataFrame, text: str, criterion: str) -> mlm.Fit:
    """The fit of the rows as they are, which nearly all tests compare with: made once."""
    if (text, criterion) not in PLAIN:
        PLAIN[text, criterion] = mlm.fit(text, rows, criterion)
    return PLAIN[text, criterion]


def assert_same(a, b, shift: float = 0.0, scale: float = 1.0) -> None:
    """Fit b is fit a of a response that became ``shift + scale * y``."""
    degrees = a.n_obs - (len(a.beta) if a.criterion == "REML" else 0)
    assert b.deviance == pytest.approx(a.deviance + 2 * degrees * np.log(scale), abs=DEVIANCE)
    error = a.fixed_effects["std_error"].to_numpy()
    expected = scale * a.beta
    expected[a.names.index("Intercept")] += shift
    assert a.names == b.names
    assert np.abs((b.beta - expected) / (scale * error)).max() < ESTIMATE
    assert b.fixed_effects["std_error"].to_numpy() == pytest.approx(scale * error, rel=VARIANCE)
    assert b.sigma2 == pytest.approx(scale**2 * a.sigma2, rel=VARIANCE)
    for mine, its in zip(a.omegas, b.omegas, strict=True):
        np.testing.assert_allclose(its, mine, rtol=0, atol=VARIANCE * max(1.0, np.abs(mine).max()))


@pytest.mark.battery
@pytest.mark.parametrize("text,criterion", CASES)
def test_permuting_rows_changes_nothing(rows, text, criterion):
    shuffled = rows.sample(frac=1.0, random_state=4).reset_index(drop=True)
    assert_same(plain(rows, text, criterion), mlm.fit(text, shuffled, criterion))


@pytest.mark.battery
@pytest.mark.parametrize("text,criterion", CASES)
def test_renaming_groups_changes_nothing_but_their_names(rows, text, criterion):
    renamed = rows.assign(
        county=[f"Ã{9 - int(c)}" for c in rows["county"]], school=rows["school"] + ".x"
    )
    a, b = plain(rows, text, criterion), mlm.fit(text, renamed, criterion)
    assert_same(a, b)
    mine = mlm.posterior_means(a, rows).of("county")
    its = mlm.posterior_means(b, renamed).of("county")
    known = dict(zip(its.units, its.mean[:, 0], strict=True))
    moved = [known[f"Ã{9 - int(unit)}"] for unit in mine.units]
    assert moved == pytest.approx(mine.mean[:, 0], abs=ESTIMATE)


@pytest.mark.battery
@pytest.mark.parametrize("text,criterion", CASES)
@pytest.mark.parametrize("shift,scale", [(-1e4, 1e3), (1e6, 1.0), (0.0, 1e-6)])
def test_a_linear_change_of_the_response_shifts_and_scales_the_estimates(
    rows, text, criterion, shift, scale
):
    changed = rows.assign(y=shift + scale * rows["y"])
    a, b = plain(rows, text, criterion), mlm.fit(text, changed, criterion)
    assert_same(a, b, shift, scale)


@pytest.mark.battery
@pytest.mark.parametrize("text,criterion", CASES)
@pytest.mark.parametrize("factor", [1e6, 1e-6])
def test_scaling_a_column_scales_its_effects_alone(rows, text, criterion, factor):
    a = plain(rows, text, criterion)
    b = mlm.fit(text, rows.assign(x=factor * rows["x"]), criterion)
    powers = np.array(
        [2 if "I(x" in name else int("x" in name.split(":")) for name in a.names], dtype=float
    )
    determinant = 2 * np.log(factor) * powers.sum() if criterion == "REML" else 0.0
    assert b.deviance == pytest.approx(a.deviance + determinant, abs=DEVIANCE)
    error = a.fixed_effects["std_error"].to_numpy()
    assert np.abs(b.beta * factor**powers / error - a.beta / error).max() < ESTIMATE
    assert b.sigma2 == pytest.approx(a.sigma2, rel=VARIANCE)


SHIFT = 1e6  # keeps 10 of the 16 digits of x, so the criterion holds to about 1e-8 of its size
SHIFTED = 1e-5


@pytest.mark.parametrize("text,criterion", CASES)
def test_shifting_a_column_changes_its_intercepts_alone(rows, text, criterion):
    """With margins in the model, x and x + c span the same space, fixed and random."""
    a = plain(rows, text, criterion)
    b = mlm.fit(text, rows.assign(x=rows["x"] + SHIFT), criterion)
    assert b.deviance == pytest.approx(a.deviance, abs=SHIFTED)
    assert b.sigma2 == pytest.approx(a.sigma2, rel=VARIANCE)
    kept = [i for i, name in enumerate(a.names) if name == "z" or "I(x" in name]
    if not any("I(x" in name for name in a.names):
        kept += [i for i, name in enumerate(a.names) if "x" in name.split(":")]
    error = a.fixed_effects["std_error"].to_numpy()
    assert np.abs((b.beta - a.beta) / error)[kept].max() < 10 * ESTIMATE


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_the_order_of_random_terms_does_not_matter(rows, criterion):
    a = mlm.fit("y ~ x + (1 | county) + (1 + x | county:school)", rows, criterion)
    b = mlm.fit("y ~ x + (1 + x | county:school) + (1 | county)", rows, criterion)
    assert a.model == b.model
    assert a.deviance == b.deviance


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_the_order_of_fixed_terms_does_not_matter(rows, criterion):
    a = mlm.fit("y ~ x + z + kind + (1 | county/school)", rows, criterion)
    b = mlm.fit("y ~ kind + z + x + (1 | county/school)", rows, criterion)
    assert b.deviance == pytest.approx(a.deviance, abs=DEVIANCE)
    reordered = b.fixed_effects.loc[list(a.names)]
    assert reordered["estimate"].to_numpy() == pytest.approx(a.beta, abs=1e-6)
    assert reordered["df"].to_numpy() == pytest.approx(a.degrees, rel=1e-3)


@pytest.mark.battery
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("random", ["(1 | county/school)", "(1 + x | county/school)"])
def test_a_larger_model_never_fits_worse(rows, seed, random):
    noise = np.random.default_rng(seed).normal(size=len(rows))
    data = rows.assign(noise=noise)
    small = mlm.fit(f"y ~ x + {random}", data, "ML")
    test = mlm.likelihood_ratio_test(small, mlm.fit(f"y ~ x + noise + {random}", data, "ML"))
    assert test.is_valid, test
    assert test.statistic >= 0.0
    assert 0.0 <= test.p_value <= 1.0


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("seed", range(4))
def test_a_further_variance_never_fits_worse(seed, criterion):
    frame = nested_rows(np.random.default_rng(seed), SIZES, {"school": 0.2})
    texts = ["(1 | county:school)", "(1 | county/school)", "(1 | county) + (1 + x | county:school)"]
    fits = [mlm.fit(f"y ~ x + {text}", frame, criterion) for text in texts]
    for small, large in zip(fits, fits[1:], strict=False):
        assert mlm.likelihood_ratio_test(small, large).is_valid
        assert large.deviance <= small.deviance + DEVIANCE


@pytest.mark.parametrize("text,criterion", CASES)
def test_a_fit_keeps_every_digit_in_json(rows, tmp_path, text, criterion):
    fit = plain(rows, text, criterion)
    fit.to_json(tmp_path / "fit.json")
    again = mlm.Fit.from_json(tmp_path / "fit.json")
    assert again.to_record() == fit.to_record()
    assert again.model == fit.model
    pd.testing.assert_frame_equal(again.fixed_effects, fit.fixed_effects)
    pd.testing.assert_frame_equal(again.variance_components, fit.variance_components)
    a, b = mlm.posterior_means(fit, rows).table, mlm.posterior_means(again, rows).table
    pd.testing.assert_frame_equal(a, b)
