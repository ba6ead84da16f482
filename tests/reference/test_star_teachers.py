"""STAR with its teachers as a level: what a separate fit with lme4 found of the same model."""

from __future__ import annotations

import pytest

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.nouns.formula import parse_term
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.inference.likelihood_ratio import likelihood_ratio_test
from mlm.statistics.selection.random_part.slopes import with_slope
from tests.examples import CONFIG, ROOT

pytestmark = [pytest.mark.study, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]

TEACHER = ("school", "wave", "teacher")
SLOPE = parse_term("class_type")
DROPPED = ("class_type:ses", "class_type:sex", "class_type:ethnicity", "ses:sex")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The model of the mathematics scores that lme4 fitted, and the cross-products.

    It has free lunch as it was in each grade, not as it was on entry.
    """
    folder = tmp_path_factory.mktemp("star")
    (folder / "data").symlink_to(ROOT / "data")
    described, analyses = (CONFIG / "star.yaml").read_text("utf-8").split("\nanalyses:")
    (folder / "config").mkdir()
    path = folder / "config" / "star.yaml"
    path.write_text(f"{described}\nanalyses:{analyses.replace('ses_entry', 'ses')}", "utf-8")
    configuration = load_configuration(path)
    waves = {name: clean_in_chunks(configuration, name) for name in configuration.wave_names}
    columns = columns_of_survey(configuration, waves["K"])
    plan = plan_of(configuration, "math")
    parts = {w: accumulate_wave(configuration, w, waves[w], columns)["math"] for w in waves}
    dropped = {parse_term(text).key for text in DROPPED}
    terms = [term for term in plan.full_model().terms[1:] if term.key not in dropped]
    return plan.model(tuple(terms)), merge_waves(plan, parts)


def alone(model):
    """The model without teachers."""
    return model.with_random([term for term in model.random if term.group != TEACHER])


def term_test(model, stats, term: str):
    """Likelihood-ratio test of a fixed term."""
    fit = fit_model(model, stats, "ML")
    smaller = fit_model(model.without(parse_term(term)), stats, "ML", fit)
    return likelihood_ratio_test(smaller, fit, stats)


def test_teachers_are_a_third_of_what_was_residual(sample):
    model, stats = sample
    assert stats.n_groups["school:wave:teacher"] == 1300
    fit, apart = (fit_model(chosen, stats, "REML") for chosen in (model, alone(model)))
    assert apart.deviance - fit.deviance == pytest.approx(5464.0, abs=2.0)
    assert fit.variance("school:wave:teacher") == pytest.approx(294.0, abs=0.5)
    assert (apart.sigma2, fit.sigma2) == pytest.approx((687.0, 402.0), abs=0.6)
    schools = apart.variance("school"), fit.variance("school")
    assert schools == pytest.approx((123.0, 105.0), abs=0.6)


@pytest.mark.parametrize(
    ("term", "p_value"),
    [("grade:class_type", 0.75), ("teacher_degree", 0.31), ("teacher_experience^2", 0.17)],
)
def test_what_describes_teachers_is_judged_by_their_number(sample, term, p_value):
    model, stats = sample
    assert term_test(model, stats, term).p_value == pytest.approx(p_value, abs=0.01)
    assert term_test(alone(model), stats, term).p_value < 0.001


def test_effects_of_class_types_do_not_differ_between_schools(sample):
    model, stats = sample
    for chosen, statistic in ((model, 2.9), (alone(model), 218.5)):
        fit = fit_model(chosen, stats, "REML")
        larger = fit_model(with_slope(chosen, ("school",), SLOPE), stats, "REML", fit)
        found = fit.deviance - larger.deviance
        assert found == pytest.approx(statistic, rel=0.03, abs=0.2)
