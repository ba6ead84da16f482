"""What an analysis is told of the sample."""

from __future__ import annotations

import pytest

from mlm.configuration.planning import plan_of
from tests.unit.configuration.sampled.surveys import loaded


def _sampling(folder, **changes):
    return plan_of(loaded(folder, **changes), "math").sampling


def test_a_survey_without_these_keys_has_no_sample(tmp_path):
    keys = ("sampling", "plausible_values", "minimum_proficiency", "linking_error")
    assert _sampling(tmp_path, **dict.fromkeys(keys)) is None


def test_the_lowest_level_are_the_rows_and_waves_are_samples_of_their_own(tmp_path):
    found = _sampling(tmp_path, psu="school")
    design = found.design
    assert design.weights == {"row": "W_FSTUWT", "school": "W_FSCHWT"}
    assert (design.psu_ids, design.strata_ids) == (("wave", "school"), ("wave", "STRATUM"))
    assert design.wave == "wave"
    assert (design.replicates.columns[-1], design.replicates.factor) == ("W_FSTR4", 0.5)
    (score,) = found.scores
    assert (score.name, score.columns) == ("math", ("PV1MATH", "PV2MATH", "PV3MATH"))
    assert found.cuts == {"minimum_proficiency": 420.07}
    assert found.linking_errors == {("2018", "2022"): 2.24}


def test_schools_that_recur_are_clusters_in_all_waves(tmp_path):
    found = _sampling(tmp_path, design="same_schools", psu="school")
    assert (found.design.psu_ids, found.design.strata_ids) == (("school",), ("STRATUM",))


def test_plausible_values_may_stand_without_weights(tmp_path):
    found = _sampling(tmp_path, sampling=None, linking_error=None)
    assert found.design is None
    assert len(found.scores) == 1


def test_scores_of_terms_come_after_that_of_the_outcome(tmp_path):
    drawn = {"escs": "HOME1-HOME3", "math": "PV1MATH-PV3MATH"}
    found = _sampling(tmp_path, plausible_values=drawn)
    assert [score.name for score in found.scores] == ["math", "escs"]


@pytest.mark.parametrize(
    ("keys", "scales", "psu", "strata"),
    [
        ({"method": "jkn", "columns": "R1-R2", "scales": [0.5, 0.75]}, (0.5, 0.75), None, None),
        ({"method": "jk1", "columns": "R1-R2", "scale": 0.5}, (0.5, 0.5), None, None),
        ({"method": "jk2", "zone": "ZONE", "unit": "HALF"}, (), "HALF", "wave:ZONE"),
        ({"method": "jk1", "unit": "PSU"}, (), "wave:PSU", None),
    ],
)
def test_replicates_are_those_of_the_keys(tmp_path, keys, scales, psu, strata):
    found = _sampling(tmp_path, replicates=keys).design.replicates
    assert (found.scales, found.psu, found.strata) == (scales, psu, strata)


def test_a_level_of_which_replicates_are_made_is_known_by_the_ids_around_it(tmp_path):
    """Schools of two counties may have the same number."""
    levels = [{"name": name, "id": name.upper()} for name in ("county", "school", "pupil")]
    keys = {"method": "jkn", "zone": "county", "unit": "school"}
    made = _sampling(tmp_path, replicates=keys, levels=levels).design.replicates
    assert (made.psu, made.strata) == ("county:school", "wave:county")
    alone = _sampling(tmp_path, replicates={"method": "jk1", "unit": "school"}, levels=levels)
    assert alone.design.replicates.psu == "wave:county:school"
    strata = _sampling(tmp_path, strata="county", psu="school", levels=levels)
    assert strata.design.strata == "wave:county"


def test_errors_by_the_formula_of_a_program(tmp_path):
    found = _sampling(tmp_path, standard_errors={"match": "wemix"}).design
    assert (found.standard_errors, found.sandwich) == ("linearised", "block")


def test_schools_without_a_weight_have_the_mean_of_their_rows(tmp_path):
    found = _sampling(tmp_path, weights={"pupil": "W"}, school_weight="mean").design
    assert (found.weights, found.mean_weights) == ({"row": "W"}, ("school",))


def test_nested_values_come_nest_by_nest(tmp_path):
    found = _sampling(tmp_path, plausible_values={"math": {"columns": "P1-P6", "nests": 3}})
    assert (found.scores[0].nests, found.scores[0].columns[2:4]) == (3, ("P3", "P4"))


@pytest.mark.parametrize("said", [True, False])
def test_values_describe_single_units_where_it_is_said(tmp_path, said):
    for nests in ({}, {"nests": 3}):
        entry = {"columns": "P1-P6", "describe_units": said, **nests}
        found = _sampling(tmp_path, plausible_values={"math": entry})
        assert found.scores[0].describe_units == said
    plain = _sampling(tmp_path, plausible_values={"math": "P1-P6"})
    assert not plain.scores[0].describe_units


def test_schools_may_lie_in_larger_units_where_the_sample_is_replicated(tmp_path):
    """A likelihood is no sum over schools then, and replicates need none."""
    levels = [{"name": name, "id": name.upper()} for name in ("county", "school", "pupil")]
    design = _sampling(tmp_path, psu="school", levels=levels).design
    groups = [("county",), ("county", "wave"), ("county", "wave", "school")]
    assert design.psu_ids == groups[-1] == design.drawn_first(groups)
    models = design.of_models(groups)
    assert models.psu is None and models.strata is None
    assert design.of_models(groups[-1:]) == design
