"""Classes of followed pupils: from rows by wave to the models, against n x n matrices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import cho_factor, cho_solve

from mlm.configuration.planning import plan_of
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.linking.linking import link_waves
from mlm.statistics.answers.analysis import analyse
from mlm.statistics.answers.diagnostics.left_out import deletion_record
from mlm.statistics.answers.variation.decomposition import null_record
from mlm.statistics.evidence.merging import merge_waves
from mlm.statistics.fitting.solution import fit_model, solve
from tests.classes_in_schools import WAVES, configuration, frames
from tests.dense_rows import dense
from tests.few_draws import few_draws

pytestmark = pytest.mark.slow

SAME = 1e-8
CLASS = ("school", "wave", "class")


def merged(config, waves):
    """The plan of the analysis and its cross-products over all waves."""
    columns = columns_of_survey(config, waves[WAVES[0]])
    plan = plan_of(config, "score")
    parts = {w: accumulate_wave(config, w, waves[w], columns)["score"] for w in WAVES}
    return plan, merge_waves(plan, parts)


def dense_deviance(fit, frame) -> float:
    """REML deviance at the variances of a fit, from the covariance matrix of all rows."""
    own = dense(fit.model, frame)
    v = own.covariance([fit.sigma2 * omega for omega in fit.omegas], fit.sigma2)
    factor = cho_factor(v, lower=True)
    x, y = own.x, own.y
    information = x.T @ cho_solve(factor, x)
    rest = y - x @ np.linalg.solve(information, x.T @ cho_solve(factor, y))
    logdet = 2.0 * np.log(np.diag(factor[0])).sum() + np.linalg.slogdet(information)[1]
    n = y.size - x.shape[1]
    return logdet + rest @ cho_solve(factor, rest) + n * np.log(2.0 * np.pi)


def test_the_criterion_with_classes_is_that_of_all_rows(tmp_path):
    waves = frames()
    plan, stats = merged(configuration(tmp_path), waves)
    assert plan.groups == (("school",), CLASS, ("school", "pupil"))
    fit = fit_model(plan.null_model(), stats, "REML")
    rows = pd.concat([frame.assign(wave=w, year=w) for w, frame in waves.items()])
    assert stats.n_groups["school:wave:class"] == len(rows.groupby(["wave", "school", "class"]))
    assert fit.deviance == pytest.approx(dense_deviance(fit, rows), rel=SAME)
    assert min(fit.variance(name) for name in stats.n_groups) > 1.0


def check_null(null) -> None:
    """Shares of all levels, and what rows of a class and rows of a pupil have in common."""
    share = {item.level.unit: item.share for item in null.shares}
    assert list(share) == ["school", "class", "pupil", "occasion"]
    assert sum(share.values()) == pytest.approx(1.0)
    alike = {item.level.unit: item.value for item in null.correlations}
    assert alike["class"] == pytest.approx(share["school"] + share["class"])
    assert alike["pupil"] == pytest.approx(share["school"] + share["pupil"])
    within = {item.level.unit: (item.within.unit, item.value) for item in null.unit_correlations}
    school = share["school"]
    assert within["class"] == ("school", pytest.approx(school / (school + share["class"])))
    assert within["pupil"] == ("school", pytest.approx(school / (school + share["pupil"])))


def test_rows_of_a_pupil_are_of_several_classes(tmp_path):
    plan, stats = merged(configuration(tmp_path), frames(pupils=6, classes=2))
    model = plan.null_model()
    check_null(null_record(plan, (solve(model, stats, "ML"), solve(model, stats, "REML"))))


@pytest.mark.study
def test_every_answer_is_given_beside_classes(tmp_path):
    waves = frames()
    config = configuration(tmp_path)
    plan, stats = merged(config, waves)
    with few_draws():
        results, fits = analyse(plan, stats, link_waves(config, waves))
    check_null(results.null)
    assert "(1 | school:wave:class)" in fits["settled.reml"].formula
    assert [effects.level.unit for effects in results.effects] == ["school"]


def test_ids_declared_global_are_one_class_in_all_waves(tmp_path):
    waves = {
        wave: frame.assign(**{"class": frame["school"] + "-" + frame["class"]})
        for wave, frame in frames().items()
    }
    config = configuration(tmp_path, {"crossed: pupil": "crossed: pupil, ids: global"})
    plan, stats = merged(config, waves)
    assert plan.groups[1] == ("class",)
    assert stats.n_groups["class"] == len(pd.concat(waves)["class"].unique())
    found = next(level for level in link_waves(config, waves).levels if level.name == "class")
    assert found.groups_total == stats.n_groups["class"]


def without_schools(folder, waves, crossed: str):
    """What becomes of the null model without each school."""
    folder.mkdir()
    plan, stats = merged(configuration(folder, {"crossed: pupil": crossed}), waves)
    return deletion_record(plan, solve(plan.null_model(), stats, "REML"))


def test_a_school_is_left_out_with_its_classes_however_they_are_known(tmp_path):
    waves = {
        wave: frame.assign(**{"class": frame["school"] + wave + frame["class"]})
        for wave, frame in frames().items()
    }
    by_path = without_schools(tmp_path / "path", waves, "crossed: pupil")
    by_id = without_schools(tmp_path / "id", waves, "crossed: pupil, ids: global")
    assert by_path.kind == by_id.kind == "made"
    found = [[(item.lowest, item.highest) for item in made.range] for made in (by_path, by_id)]
    assert np.array(found[1]) == pytest.approx(np.array(found[0]), rel=1e-4)


def test_no_school_is_left_out_whose_teachers_are_in_others(tmp_path):
    waves = {
        wave: frame.assign(**{"class": f"{i // 2}" + frame["school"].str[-1] + frame["class"]})
        for i, (wave, frame) in enumerate(frames().items())
    }
    other = waves["c"]["school"].eq("00")
    waves["c"].loc[other, "class"] = waves["a"].loc[waves["a"]["school"].eq("01"), "class"].iloc[0]
    refused = without_schools(tmp_path / "id", waves, "crossed: pupil, ids: global")
    assert refused.kind == "refused"
    assert refused.reason.kind == "in_several_groups" and refused.reason.units == 1


def test_units_of_the_classes_are_counted_by_wave(tmp_path):
    waves = frames()
    account = link_waves(configuration(tmp_path), waves)
    found = {level.name: level for level in account.levels}
    counts = [len(frame.groupby(["school", "class"])) for frame in waves.values()]
    assert [entry.groups for entry in found["class"].groups_by_wave] == counts
    assert found["class"].groups_total == sum(counts) and not found["class"].recurring
    pupils = pd.concat(waves)[["school", "pupil"]].drop_duplicates()
    assert found["pupil"].groups_total == len(pupils)
    levels = {item.level.unit: item for item in account.hierarchy}
    assert levels["class"].groups == sum(counts)
    assert levels["school"].children.mean == sum(counts) / 8
    assert {flow.level for flow in account.attrition} == {"school", "pupil"}
