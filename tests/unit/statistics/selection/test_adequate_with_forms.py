"""Minimal adequate models where terms have forms: deviances are followed as far as needed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.selection.adequate import Adequacy, Lattice, minimal_adequate
from mlm.statistics.selection.submodels import DevianceBounds
from tests.unit.statistics.fitting.test_form_search import rows

TERMS = 4
EFFECTS = np.array([0.0, 0.06, 0.1, 0.14])
MODEL = parse_formula(
    "y ~ " + " + ".join(f"x{i}" for i in range(TERMS)) + " + (1 | school) + us(0 + wave | pupil)"
)
CRITICAL = 9.49
MARGIN = 4.0
EXACT = 1e-4  # deviance: searches end where a further step would gain less than 1e-6


@cache
def sample():
    frame = rows(3, schools=12, pupils=14)
    rng = np.random.default_rng(3)
    x = rng.normal(size=(len(frame), TERMS))
    frame[[f"x{i}" for i in range(TERMS)]] = x
    return statistics_of(MODEL, frame.assign(y=frame["y"] + x @ EFFECTS))


def unfitted():
    """The same sample without what was fitted to it."""
    return replace(sample())


@cache
def full():
    return fit_model(MODEL, sample(), "ML")


@cache
def excesses() -> dict[int, float]:
    """The deviance of every submodel over that of the full one, each fitted."""
    lattice = Lattice(MODEL, ())
    fits = {gone: fit_model(lattice.model(gone), sample(), "ML") for gone in range(2**TERMS)}
    return {gone: fit.deviance - full().deviance for gone, fit in fits.items()}


@pytest.fixture
def undecided(monkeypatch):
    """Bounds decide nothing, so that every decision follows a deviance down."""
    monkeypatch.setattr(DevianceBounds, "bounds", lambda *_: (-np.inf, np.inf))
    monkeypatch.setattr(DevianceBounds, "refined", lambda *_: (-np.inf, np.inf))


@pytest.mark.parametrize("margin", [0.0, MARGIN])
def test_decisions_are_those_of_fits(undecided, margin):
    lattice = Lattice(MODEL, ())
    for gone, excess in excesses().items():
        adequacy = Adequacy(full(), unfitted(), CRITICAL, lattice, margin)
        assert adequacy.of(gone) == (excess <= CRITICAL)
        if excess <= CRITICAL:
            assert adequacy.least >= excess - EXACT
        else:
            assert adequacy.most <= excess + EXACT


def test_within_the_margin_deviances_are_known_well(undecided):
    near = [g for g, excess in excesses().items() if abs(excess - CRITICAL) < MARGIN]
    assert len(near) > 2
    for gone in near:
        adequacy = Adequacy(full(), unfitted(), CRITICAL, Lattice(MODEL, ()), MARGIN)
        passes = adequacy.of(gone)
        known = adequacy.least if passes else adequacy.most
        assert known == pytest.approx(excesses()[gone], abs=EXACT)


def test_once_a_model_lies_too_near_the_bound_others_are_only_decided(monkeypatch):
    """The same minimal models, none of them told as stable, with fewer models followed down."""
    found, followed = [], []
    for unsettled in (0.0, MARGIN):
        count = 0
        whole = Adequacy._fitted

        def counted(self, gone, whole=whole):
            nonlocal count
            count += 1
            return whole(self, gone)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Adequacy, "_fitted", counted)
            patch.setattr(DevianceBounds, "refined", DevianceBounds.bounds)
            models = minimal_adequate(full(), unfitted(), CRITICAL, (), (), MARGIN, unsettled)
        found.append(models)
        followed.append(count)
    first, second = found
    assert set(first.dropped) == set(second.dropped)
    assert not first.is_stable(CRITICAL, MARGIN) and not second.is_stable(CRITICAL, MARGIN)
    assert followed[1] <= followed[0]
