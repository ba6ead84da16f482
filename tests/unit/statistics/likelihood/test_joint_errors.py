"""Errors of sums of very many effects, kept without their weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from mlm.statistics.likelihood import joint_errors
from mlm.statistics.likelihood.joint_errors import ProductErrors, few_weights


def test_sums_of_many_effects_keep_their_covariance_alone(monkeypatch):
    rng = np.random.default_rng(4)
    weights = csr_array(random_array((6, 40), density=0.3, rng=rng))
    root = random_array((40, 40), density=0.1, rng=rng)
    matrix = csr_array(root @ root.T)
    fixed, of_fixed = rng.normal(size=(6, 2)), np.array([[2.0, 0.5], [0.5, 1.0]])
    found = []
    for most in (40, 39):
        monkeypatch.setattr(joint_errors, "MANY_EFFECTS", most)
        part = few_weights(weights, matrix)
        assert part[0].shape[1] == (40 if most == 40 else 6)
        errors = ProductErrors((part,), fixed, of_fixed)
        some = np.array([5, 0, 2])
        found.append((errors.covariance(), errors.covariance(some, False), errors.variances()))
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-12)
