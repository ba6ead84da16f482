"""Which levels and crossed factors are held in draws, and which samples have too many to draw."""

from __future__ import annotations

import pytest

from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.selection import few_units
from mlm.statistics.selection.bound import simultaneous_bound
from mlm.statistics.selection.rises import DrawnRises
from tests.crossed_rows import crossed_sample

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
SLOPES = "y ~ x + z + (1 | a) + (1 | b) + (1 + x | c)"


@pytest.mark.parametrize(
    ("many", "left", "too_many"),
    [
        (12, ["a", "b", "c"], False),  # 10 groups of crossed factors
        (9, ["b", "c"], True),  # the tree alone has as many
        (5, ["c"], False),  # a factor of 6 groups follows the tree
        (3, ["b", "c"], True),  # both factors have many: none is held, none few
    ],
)
def test_crossed_factors_with_many_groups_are_held_after_the_tree(
    monkeypatch, many, left, too_many
):
    fit, stats, _ = crossed_sample(SLOPES)
    monkeypatch.setattr(few_units, "GROUPS_OF_KNOWN_VARIANCE", many)
    model, rest = few_units.without_many_groups(fit, excerpt(fit.model, stats))
    assert sorted(level.group[0] for level in rest.all_levels) == left
    assert sorted(term.group[0] for term in model.random) == left
    assert few_units.too_many_to_draw(fit, stats) is too_many


def test_too_many_effects_for_one_matrix_are_not_drawn(monkeypatch):
    fit, stats, _ = crossed_sample(SLOPES)
    monkeypatch.setattr(few_units, "GROUPS_OF_KNOWN_VARIANCE", 5)
    monkeypatch.setattr(few_units, "MOST_ELIMINATED", 6 + 2 * 4)
    assert not few_units.too_many_to_draw(fit, stats)
    monkeypatch.setattr(few_units, "MOST_ELIMINATED", 6 + 2 * 4 - 1)
    assert few_units.too_many_to_draw(fit, stats)


@pytest.mark.study
def test_rises_beside_a_factor_that_is_held_are_nearly_those_of_the_whole_sample(monkeypatch):
    """The factor's variance is known from six groups here: the bound may differ by a tenth."""
    fit, stats, _ = crossed_sample(SLOPES)
    full, bounds = fit_model(fit.model, stats, "ML"), []
    for many in (12, 5):
        monkeypatch.setattr(few_units, "GROUPS_OF_KNOWN_VARIANCE", many)
        rises = DrawnRises(full, full.model.with_terms(full.model.terms[:1]), stats)
        assert rises.holds_factors is (many == 5)
        rises.more(12)
        bounds.append(rises.critical(0.05)[0])
    assert bounds[1] == pytest.approx(bounds[0], rel=0.1)
    assert min(bounds) > 5.99
    assert simultaneous_bound(full, stats, 0.05, draws=12).draws == 4
