"""Elimination in containers equals that in one dense block, whatever the variances."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import random_array

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.crossed.fronts import containers, layout, patterns, placing
from mlm.statistics.likelihood.making import working_statistics

DEVIANCE = 1e-10  # relative; sums in another order
SLOPE = 1e-8  # relative to the largest part of a gradient; inverses of matrices near singular ones
EFFECTS = 1e-9  # of means and covariances of the order of one
COUNTIES, SCHOOLS, CLASSES, PUPILS = 3, 4, 2, 4


def survey(seed: int, move: float, waves: int = 3) -> pd.DataFrame:
    """Pupils of classes in schools in counties; some change school, most inside their county."""
    rng = np.random.default_rng(seed)
    n = COUNTIES * SCHOOLS * CLASSES * PUPILS
    home = np.arange(n) // PUPILS
    parts = []
    for wave in range(waves):
        moved = rng.random(n) < move
        near = home // (SCHOOLS * CLASSES) * SCHOOLS * CLASSES
        near = near + rng.integers(SCHOOLS * CLASSES, size=n)
        far = rng.integers(COUNTIES * SCHOOLS * CLASSES, size=n)
        place = np.where(moved, np.where(rng.random(n) < 0.8, near, far), home)
        ids = {
            "county": place // (SCHOOLS * CLASSES),
            "school": place // CLASSES,
            "class": place * waves + wave,
            "pupil": np.arange(n),
        }
        parts.append(pd.DataFrame({name: code.astype(str) for name, code in ids.items()}))
        parts[-1]["t"] = float(wave)
        parts[-1]["w"] = f"w{wave}"
    rows = pd.concat(parts, ignore_index=True).sample(frac=0.9, random_state=seed)
    rows["x"] = rng.normal(size=len(rows))
    return rows.assign(y=rng.normal(size=len(rows)) + rows["x"])


MODELS = {
    "intercepts": "y ~ x + t + (1 | county) + (1 | school) + (1 | class) + (1 | pupil)",
    "growth": "y ~ x + t + (1 | county) + (1 + t | school) + (1 | class) + (1 + t | pupil)",
    "slopes of classes": "y ~ x + (1 | school) + (1 + x | class) + (1 | pupil)",
    "waves": "y ~ x + w + (1 | county) + (w | school) + (1 | class) + (w | pupil)",
    "without a tree": "y ~ x + (1 | county) + (1 + x | school) + (1 | class)",
    "without schools": "y ~ x + (1 | class) + (1 | pupil)",
}
LEVELS = ("county", "school", "class", "pupil")  # of the sample, also where a model has no effect


@cache
def counted(text: str, seed: int, move: float) -> CrossProducts:
    """Cross-products of a survey."""
    return with_all_levels(text, survey(seed, move))


def with_all_levels(text: str, rows: pd.DataFrame) -> CrossProducts:
    """Cross-products with the sums of all levels."""
    known = {term.name for term in parse_formula(text).random}
    beside = [f"(1 | {level})" for level in LEVELS if level in rows and level not in known]
    return statistics_of(parse_formula(" + ".join([text, *beside])), rows)


def both(text: str, stats: CrossProducts, monkeypatch):
    """The working statistics with one dense block, and those in containers."""
    model = parse_formula(text)
    found = []
    for small in (10**6, 0):
        monkeypatch.setattr(placing, "SMALL", small)
        monkeypatch.setattr(placing, "MOST_OF_DENSE", 1.0)
        stats.crossing.placed.clear()
        stats.structures.clear()
        found.append(working_statistics(model, stats))
    return found


def covariances(rng: np.random.Generator, widths, rank) -> list[np.ndarray]:
    """Relative covariances, of full rank or less."""
    roots = [rng.normal(size=(q, min(q, rank))) for q in widths]
    return [0.3 * root @ root.T for root in roots]


@pytest.fixture(params=[0.0, 1e9], ids=["single units", "patterns"])
def larger(request, monkeypatch) -> float:
    """Early units eliminated each by itself, or all of one pattern together."""
    monkeypatch.setattr(patterns, "LARGER", request.param)
    return request.param


@pytest.mark.battery
@pytest.mark.parametrize("criterion", ["ML", "REML"])
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("seed,move", [(0, 0.05), (1, 0.3)])
def test_criterion_and_gradient_are_those_of_one_dense_block(
    name, criterion, seed, move, larger, monkeypatch
):
    dense, apart = both(MODELS[name], counted(MODELS[name], seed, move), monkeypatch)
    assert dense.structure.fronts is None and apart.structure.fronts is not None
    is_pooled = apart.structure.fronts.pooled is not None
    assert is_pooled == (larger > 0.0 and name != "without a tree")
    rng = np.random.default_rng(seed)
    widths = dense.structure.widths
    for zero in (None, *range(len(widths))):
        omegas = covariances(rng, widths, rank=2 if zero is None else 1)
        if zero is not None:
            omegas[zero] = np.zeros_like(omegas[zero])
        one, other = (evaluate(working, omegas, criterion) for working in (dense, apart))
        assert other.deviance == pytest.approx(one.deviance, rel=DEVIANCE)
        assert other.beta == pytest.approx(one.beta, rel=1e-8, abs=1e-10)
        slopes = [gradient(w, at, criterion) for w, at in ((dense, one), (apart, other))]
        for mine, its in zip(*slopes, strict=True):
            np.testing.assert_allclose(its, mine, rtol=SLOPE, atol=SLOPE * np.abs(mine).max())


@pytest.mark.battery
@pytest.mark.parametrize("name", MODELS)
def test_means_and_covariances_of_effects_are_those_of_one_dense_block(name, larger, monkeypatch):
    dense, apart = both(MODELS[name], counted(MODELS[name], 4, 0.1), monkeypatch)
    rng = np.random.default_rng(4)
    omegas = covariances(rng, dense.structure.widths, rank=2)
    one, other = (evaluate(working, omegas, "REML") for working in (dense, apart))
    contrast = rng.normal(size=len(dense.total))
    for mine, its in zip(
        dense.structure.means(one, contrast), apart.structure.means(other, contrast), strict=True
    ):
        np.testing.assert_allclose(its, mine, rtol=EFFECTS, atol=EFFECTS)
    found = [w.structure.posterior(at, contrast) for w, at in ((dense, one), (apart, other))]
    for errors in ("given", "compared"):
        for mine, its in zip(*(getattr(each, errors) for each in found), strict=True):
            np.testing.assert_allclose(its, mine, rtol=EFFECTS, atol=EFFECTS)


@pytest.mark.battery
@pytest.mark.parametrize("with_fixed", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_joint_errors_of_sums_are_those_of_one_dense_block(name, with_fixed, monkeypatch):
    dense, apart = both(MODELS[name], counted(MODELS[name], 5, 0.1), monkeypatch)
    rng, structure = np.random.default_rng(5), dense.structure
    omegas = covariances(rng, structure.widths, rank=2)
    one, other = (evaluate(working, omegas, "REML") for working in (dense, apart))
    places = list(zip(structure.groups, structure.widths, structure.sizes, strict=True))
    for chosen in (("school",), ("school", "county"), ("school", "class", "pupil")):
        weights = {
            place: random_array((6, q * size), density=0.1, rng=rng, format="csr")
            for place, (group, q, size) in enumerate(places)
            if group[0] in chosen
        }
        if not weights:
            continue
        mine, its = structure.joint(one, weights), apart.structure.joint(other, weights)
        expected, found = (each.covariance(with_fixed=with_fixed) for each in (mine, its))
        np.testing.assert_allclose(found, expected, rtol=EFFECTS, atol=EFFECTS)
        some = np.array([4, 1])
        for each in (mine, its):
            of_some = each.covariance(some, with_fixed)
            np.testing.assert_allclose(of_some, expected[np.ix_(some, some)], atol=EFFECTS)
            variances = each.variances(with_fixed)
            np.testing.assert_allclose(variances, np.diagonal(expected), atol=EFFECTS)


def test_pupils_who_stay_are_eliminated_before_all_fronts(monkeypatch):
    rows = survey(2, 0.1)
    model = MODELS["intercepts"]
    _, apart = both(model, with_all_levels(model, rows), monkeypatch)
    placed = apart.structure.fronts.placed
    schools = rows.groupby("pupil")["school"].nunique()
    assert placed.late.size == (schools > 1).sum()
    assert placed.early.units.size == (schools == 1).sum()


def test_models_with_the_same_random_part_share_the_places(monkeypatch):
    monkeypatch.setattr(placing, "SMALL", 0)
    text = MODELS["intercepts"]
    full, less = parse_formula(text), parse_formula(text.replace("x + ", ""))
    stats = statistics_of(full, survey(3, 0.1))
    first, second = (working_statistics(model, stats).structure.fronts for model in (full, less))
    assert first.placed is second.placed
    assert first.sums.shape[1] == second.sums.shape[1] + 1


RATED = "y ~ x + (1 | pupil) + (1 | dept) + (1 | dept:teacher) + (1 | dept:teacher:year)"


def ratings(seed: int) -> pd.DataFrame:
    """Teachers of departments in years, some rated by many pupils, who meet them everywhere."""
    rng = np.random.default_rng(seed)
    teacher = rng.choice(40, size=900, p=np.r_[np.full(8, 0.09), np.full(32, 0.28 / 32)])
    ids = {"pupil": rng.integers(60, size=900), "dept": teacher % 5, "teacher": teacher}
    ids["year"] = rng.integers(3, size=900)
    frame = pd.DataFrame({name: codes.astype(str) for name, codes in ids.items()})
    return frame.assign(x=rng.normal(size=900), y=rng.normal(size=900))


def split_by_borders(monkeypatch):
    """Working statistics of ratings in one block, in fronts, and in fronts of like borders."""
    monkeypatch.setattr(containers, "ADDING", 0.0)
    rated = with_all_levels(RATED, ratings(7))
    dense, apart = both(RATED, rated, monkeypatch)
    monkeypatch.setattr(layout, "MANY_CELLS", 1)
    return dense, apart, both(RATED, rated, monkeypatch)[1]


def test_fronts_stand_together_where_their_borders_are_of_like_size(monkeypatch):
    dense, apart, split = split_by_borders(monkeypatch)
    together, alike = (
        [b.shape for b in w.structure.fronts.placed.fronts.blocks] for w in (apart, split)
    )
    assert len(alike) > len(together)
    filled = [sum(count * b * b for count, _, b in shapes) for shapes in (together, alike)]
    assert filled[1] < 0.8 * filled[0], "pupils of the teachers with many do not fill up the others"
    assert sum(count for count, *_ in alike) == sum(count for count, *_ in together)
    omegas = [np.array([[v]]) for v in (0.3, 0.1, 0.4, 0.2)]
    one, *others = (evaluate(working, omegas, "REML") for working in (dense, apart, split))
    mine = np.concatenate(gradient(dense, one, "REML"))
    for working, other in zip((apart, split), others, strict=True):
        assert other.deviance == pytest.approx(one.deviance, rel=DEVIANCE)
        its = np.concatenate(gradient(working, other, "REML"))
        np.testing.assert_allclose(its, mine, rtol=SLOPE, atol=SLOPE * np.abs(mine).max())
