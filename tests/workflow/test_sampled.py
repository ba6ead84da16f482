"""Surveys with sampling weights or plausible values: which jobs they have, and what reruns them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import parts
import stages
from tests.unit.configuration.sampled.surveys import given, loaded

OF_A_SAMPLE = ["clean 2018", "clean 2022", "link", "ledger", "analyse_sample math", "report math"]


def _jobs(configuration) -> list[str]:
    return [f"{task.stage} {task.own}".strip() for task in stages.tasks(configuration)]


@pytest.mark.parametrize(
    "changes",
    [{}, {"sampling": None}, {"plausible_values": None, "minimum_proficiency": None}],
    ids=["both", "plausible values alone", "weights alone"],
)
def test_the_analysis_of_a_sample_reads_the_rows_of_all_waves(tmp_path, changes):
    configuration = loaded(tmp_path, **changes)
    assert _jobs(configuration) == OF_A_SAMPLE
    read = {task.name: stages.read_by(task, configuration) for task in stages.tasks(configuration)}
    assert read["analyse_sample math of cycles"] == [
        "clean 2018 of cycles",
        "clean 2022 of cycles",
        "link of cycles",
    ]
    assert read["report math of cycles"] == ["analyse_sample math of cycles", "link of cycles"]


def test_other_surveys_have_no_such_job(tmp_path):
    keys = ("sampling", "plausible_values", "minimum_proficiency", "linking_error")
    found = _jobs(loaded(tmp_path, **dict.fromkeys(keys)))
    assert {"accumulate 2018", "merge math", "analyse math", "residuals math"} <= set(found)
    assert "analyse_sample math" not in found


def _moved(tmp_path, before: dict, after: dict) -> set[str]:
    wildcards = SimpleNamespace(survey="cycles", wave="2018", analysis="math")
    old, new = (loaded(tmp_path, **keys) for keys in (before, after))
    told = {s: (parts.part_of(s, old, wildcards), parts.part_of(s, new, wildcards)) for s in PARTS}
    return {stage for stage, (one, other) in told.items() if one != other}


PARTS = ("clean", "link", "analyse_sample", "report")


def test_what_is_said_of_scores_is_no_business_of_cleaning(tmp_path):
    assert _moved(tmp_path, {}, {"minimum_proficiency": {"math": 400}}) == {*PARTS[2:]}
    assert _moved(tmp_path, {}, {"linking_error": {"math": {"2018 to 2022": 3}}}) == {*PARTS[2:]}


def test_a_weight_is(tmp_path):
    moved = _moved(tmp_path, {}, {"weights": {"pupil": "OTHER", "school": "W_FSCHWT"}})
    assert moved == {*PARTS}


def test_names_of_columns_in_a_further_wave_leave_older_waves_alone(tmp_path):
    replicates = given()["sampling"]["replicates"]
    named = {"columns": "W_FSTR1-W_FSTR4", "names": {"2022": "W_FSTURWT1-W_FSTURWT4"}}
    moved = _moved(tmp_path, {}, {"replicates": {**replicates, "columns": named}})
    assert "clean" not in moved and "link" in moved
