"""Variances that the data cannot tell apart are named and refused, whatever the structure."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import SingularFit, WeaklyIdentified
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.solution import ordered_model
from mlm.statistics.likelihood.curvature.second_order import second_order
from mlm.statistics.likelihood.identification import NotIdentified, _products, identification
from mlm.statistics.likelihood.making import working_statistics

SAME_NUMBER = 1e-12  # of two sums of products of some hundred rows, relative


def tree_rows(schools=8, classes=3, pupils=4, occasions=2, seed=3) -> pd.DataFrame:
    """Rows of a balanced tree with variables of all kinds that confound it."""
    rng = np.random.default_rng(seed)
    sizes = (schools, classes, pupils, occasions)
    s, c, p, t = (axis.ravel() for axis in np.indices(sizes))
    school = rng.normal(size=schools)
    return pd.DataFrame(
        {
            "school": [f"s{i}" for i in s],
            "class": [f"{i}-{j}" for i, j in zip(s, c, strict=True)],
            "pupil": [f"{i}-{j}-{k}" for i, j, k in zip(s, c, p, strict=True)],
            "row": [f"r{i}" for i in range(s.size)],
            "twin": [f"twin of {i}" for i in s],
            "one": "the only one",
            "region": np.where(s < schools / 2, "north", "south"),
            "kind": np.where(s % 2, "a", "b"),
            "half": (s % 2).astype(float),
            "three": 3.0,
            "t": t.astype(float),
            "wave": [f"w{i}" for i in t],
            "x": rng.normal(size=s.size),
            "y": rng.normal(size=s.size) + school[s],
        }
    )


ROWS = tree_rows()
ONE_WAVE_EACH = ROWS[ROWS["t"] == np.arange(len(ROWS)) // 2 % 2]

UNIDENTIFIED = {
    "one class a school": ("y ~ x + (1 | school/class)", tree_rows(classes=1)),
    "one pupil a class": ("y ~ x + (1 | school/class/pupil)", tree_rows(pupils=1)),
    "one row a pupil": ("y ~ x + (1 | school/pupil)", tree_rows(occasions=1)),
    "one row a group": ("y ~ x + (1 | row)", ROWS),
    "rows inside schools": ("y ~ x + (1 | school/row)", ROWS),
    "one group": ("y ~ x + (1 | one)", ROWS),
    "one group around others": ("y ~ x + (1 | one/school)", ROWS),
    "slopes in one group": ("y ~ x + (1 + x | one)", ROWS),
    "two occasions and a slope": ("y ~ t + (1 + t | pupil)", ROWS),
    "the same in schools": ("y ~ t + (1 + t | pupil) + (1 | school)", ROWS),
    "three occasions and a bend": (
        "y ~ t + I(t ** 2) + (1 + t + I(t ** 2) | pupil)",
        tree_rows(occasions=3),
    ),
    "two rows a group": ("y ~ t + (1 + t | school)", tree_rows(classes=1, pupils=1)),
    "a variance by wave, one row each": ("y ~ wave + (0 + wave | pupil)", ROWS),
    "waves without common pupils": ("y ~ wave + (0 + wave | pupil)", ONE_WAVE_EACH),
    "an intercept and each wave": ("y ~ t + (1 | pupil) + (0 + wave | pupil)", ROWS),
    "fixed and random": ("y ~ school + (1 | school)", ROWS),
    "outer groups fixed and random": ("y ~ region + (1 | region/school)", ROWS),
    "inner groups fixed": ("y ~ class + (1 | school/class)", ROWS),
    "slopes fixed and random": ("y ~ x * school + (0 + x | school)", ROWS),
    "intercepts and slopes fixed": ("y ~ x * school + (1 + x | school)", ROWS),
    "a slope on a category of groups": ("y ~ half + (1 + half | school)", ROWS),
    "the same, coded": ("y ~ x + (1 + kind | school)", ROWS),
    "each category of groups": ("y ~ x + (1 | school) + (0 + kind | school)", ROWS),
    "a slope on a constant": ("y ~ x + (1 | school) + (0 + three | school)", ROWS),
    "crossed with its twin": ("y ~ x + (1 | school) + (1 | twin)", ROWS),
    "crossed with one": ("y ~ x + (1 | school) + (1 | one)", ROWS),
    "crossed with rows": ("y ~ x + (1 | school) + (1 | row)", ROWS),
    "crossed slopes of twins": ("y ~ x + (1 + x | school) + (0 + x | twin)", ROWS),
    "crossed, fixed and random": ("y ~ wave + (1 | school) + (1 | wave)", ROWS),
    "crossed, two occasions": ("y ~ t + (1 + t | pupil) + (1 | wave)", ROWS),
}


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("name", UNIDENTIFIED)
def test_what_the_data_cannot_tell_apart_is_refused(name, criterion):
    formula, rows = UNIDENTIFIED[name]
    with pytest.raises(NotIdentified, match="not identified") as refused:
        mlm.fit(formula, rows, criterion)
    error = refused.value
    assert error.groups and set(error.groups) <= {r.name for r in parse_formula(formula).random}
    assert all(group in str(error) for group in error.groups)


@pytest.mark.parametrize(
    ("name", "cause", "groups"),
    [
        ("one class a school", "alike", ["school", "school:class"]),
        ("one row a group", "alike", ["row", "residual"]),
        ("one group", "one_group", ["one"]),
        ("two occasions and a slope", "alike", ["pupil", "residual"]),
        ("waves without common pupils", "no_rows", ["pupil"]),
        ("fixed and random", "fixed_effects", ["school"]),
        ("crossed with its twin", "alike", ["school", "twin"]),
        ("a slope on a constant", "alike", ["school"]),
    ],
)
def test_a_refusal_says_what_and_why(name, cause, groups):
    formula, rows = UNIDENTIFIED[name]
    with pytest.raises(NotIdentified) as refused:
        mlm.fit(formula, rows)
    first = refused.value.confounded[0]
    assert (first.cause, [part.group for part in first.parts]) == (cause, groups)


def working_of(formula: str, data, pooled: bool = True):
    model = parse_formula(formula)
    stats = data if isinstance(data, CrossProducts) else statistics_of(model, data, None)
    return working_statistics(ordered_model(model, stats), stats, pooled)


UNEVEN = tree_rows(classes=4, pupils=6, occasions=3, seed=5).sample(400, random_state=1)
UNEVEN["rater"] = [f"r{i % 17}" for i in range(len(UNEVEN))]


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ x + t + (1 | school)",
        "y ~ x + t + (1 + t | school/class)",
        "y ~ x + t + (1 + t | school/class/pupil)",
        "y ~ t + (1 | school/class) + (0 + t | school)",
        "y ~ 0 + x + (0 + x | school)",
        "y ~ t + (1 + t | pupil)",
        "y ~ t + (1 + t | school) + (1 | school:pupil)",
        "y ~ x + (1 | school) + (1 + x | rater)",
        "y ~ x + (1 + x | pupil) + (1 + t | rater) + (1 | wave)",
    ],
)
def test_the_products_are_the_information_where_nothing_varies(formula):
    apart = working_of(formula, UNEVEN, pooled=False)
    zero = [np.zeros((width, width)) for width in apart.structure.widths]
    exact = second_order(apart, zero)
    found, whole, _ = _products(working_of(formula, UNEVEN))
    scale = np.abs(found).max()
    assert found == pytest.approx(2.0 * exact.information("REML"), abs=SAME_NUMBER * scale)
    assert whole == pytest.approx(np.diagonal(exact.trace_pairs), rel=SAME_NUMBER)


@pytest.mark.parametrize(("pupils", "formula"), [(400, "(1 | s) + (1 + t | s:p)"), (90, "(1 | p)")])
def test_pooled_levels_have_the_same_products(pupils, formula):
    rng = np.random.default_rng(8)
    each = 3 if pupils > 100 else 9
    rows = pd.DataFrame({"p": np.repeat(np.arange(pupils), each)})
    rows["s"], rows["t"] = rows["p"] % 7, np.tile(np.arange(each, dtype=float), pupils)
    rows = rows.assign(y=rng.normal(size=len(rows)))
    pooled = working_of(f"y ~ t + {formula}", rows)
    assert pooled.structure.pool is not None
    apart, _, _ = _products(working_of(f"y ~ t + {formula}", rows, pooled=False))
    found, _, _ = _products(pooled)
    assert found == pytest.approx(apart, abs=SAME_NUMBER * np.abs(apart).max())


def test_a_variance_of_zero_is_no_matter_of_identification():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"g": np.repeat(np.arange(30), 6)})
    rows["y"] = rng.normal(size=180)
    rows["y"] -= rows.groupby("g")["y"].transform("mean")
    with pytest.warns(SingularFit):
        fit = mlm.fit("y ~ 1 + (1 | g)", rows)
    assert fit.is_singular and fit.variance("g") == 0.0 and not fit.certificate.weak


def test_what_rests_on_little_is_told_with_the_interval_of_the_share():
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"g": [*range(100), 0, 1, 2], "y": rng.normal(size=103)})
    with pytest.warns(WeaklyIdentified, match="is anything from ") as said:
        fit = mlm.fit("y ~ 1 + (1 | g)", rows)
    assert fit.certificate.weak == ("g",) and fit.certificate.condition > 10.0
    assert any("condition number" in str(w.message) for w in said)


def test_as_many_effects_as_rows_rest_on_little_though_times_differ():
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"i": np.repeat(np.arange(80), 2), "t": rng.normal(size=160)})
    rows["y"] = rng.normal(size=160) + np.repeat(rng.normal(size=80), 2)
    with pytest.warns(WeaklyIdentified, match="over i"):
        fit = mlm.fit("y ~ t + (1 + t | i)", rows)
    ends = mlm.profile_intervals(fit, rows)[["lower", "upper"]]
    assert np.isfinite(ends.to_numpy()).all()


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e4])
def test_the_unit_of_the_precisions_does_not_matter(unit):
    rng = np.random.default_rng(6)
    rows = pd.DataFrame({"g": np.arange(120) // 4, "y": rng.normal(size=120)})
    rows["w"] = unit * rng.uniform(0.5, 2.0, size=120)
    model = parse_formula("y ~ 1 + (1 | g)")
    found = identification(working_statistics(model, statistics_of(model, rows, "w")))
    assert not found.confounded and not found.weak
    assert found.condition == pytest.approx(1.2, abs=0.2)


def test_rows_of_known_precision_that_differ_tell_their_groups_from_themselves():
    rng = np.random.default_rng(7)
    rows = pd.DataFrame({"g": np.arange(200), "y": rng.normal(scale=2.0, size=200)})
    same, apart = rows.assign(w=3.0), rows.assign(w=rng.uniform(0.1, 20.0, size=200))
    with pytest.raises(NotIdentified):
        mlm.fit("y ~ 1 + (1 | g)", same, precision="w")
    with warnings.catch_warnings():
        warnings.simplefilter("error", WeaklyIdentified)
        mlm.fit("y ~ 1 + (1 | g)", apart, precision="w")
