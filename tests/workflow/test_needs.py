"""What jobs ask for by what they read and by attempt, and which are sent off together."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import needs
from jobs import STAGES
from mlm.configuration import load_configuration
from needs import MB, NEEDS, SentTogether
from tests.examples import ROOT

NOBODY = SimpleNamespace()
CONFIGURATIONS = {
    name: load_configuration(ROOT / "config" / f"{name}.yaml") for name in ("star", "science")
}


class Input(list):
    """Inputs of a job as Snakemake gives them: paths, with the size of the files among them."""

    @property
    def size(self):
        """Bytes, of a folder those of its entry alone."""
        return sum(Path(path).stat().st_size for path in self)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "w.csv"
    path.write_bytes(bytes(3_000_000))
    return path


def test_every_stage_says_what_it_needs():
    assert NEEDS.keys() == set(STAGES)


@pytest.mark.parametrize("stage", ["clean", "accumulate", "analyse", "residuals"])
def test_a_further_attempt_asks_for_twice_as_much(file, stage):
    for asked in (needs.memory(stage), needs.minutes(stage)):
        first, second, third = (asked(NOBODY, Input([file]), attempt) for attempt in (1, 2, 3))
        assert (second, third) == (pytest.approx(2 * first, abs=1), pytest.approx(4 * first, abs=3))


def test_memory_grows_with_what_is_read(file):
    need, asked = NEEDS["clean"], needs.memory("clean")
    assert asked(NOBODY, Input([file]), 1) == int(need.mb + 3 * need.mb_each)
    assert asked(NOBODY, Input([file, file]), 1) == int(need.mb + 6 * need.mb_each)


MEASURED = {
    "accumulate": [(1.6, 169), (15.9, 298), (64, 547), (637, 1328)],
    "analyse": [(27, 1150), (84, 514), (187, 1983), (227, 1297), (457, 1751), (2096, 3780)],
}
"""MB that were read and peaks in MB (benchmarks/README.md), where each pupil is a row or not."""


@pytest.mark.parametrize("stage", MEASURED)
def test_memory_holds_what_was_measured_and_snakemake_around_it(stage):
    need = needs.OF_ROWS.get(stage, NEEDS[stage])
    asked = [need.memory(size) for size, _ in MEASURED[stage]]
    used = [peak + 250 for _, peak in MEASURED[stage]]
    assert all(a >= b for a, b in zip(asked, used, strict=True))
    assert asked[-1] <= 2.5 * used[-1] and asked == sorted(asked)


def test_a_wave_that_others_took_in_is_cleaned_in_the_same_memory_whatever_its_size(file):
    given = Input([file, file])
    given.parts = [file.parent]
    assert needs.memory("clean")(NOBODY, given, 1) == needs.OF_PARTS["clean"].mb


def test_units_that_are_rows_need_less_than_those_that_are_followed(file):
    given = Input([file] * 100)
    asked = needs.memory("link", CONFIGURATIONS)
    followed = asked(SimpleNamespace(survey="star"), given, 1)
    assert followed == needs.memory("link")(NOBODY, given, 1)
    assert asked(SimpleNamespace(survey="science"), given, 1) == needs.OF_ROWS["link"].mb + 300
    assert asked(SimpleNamespace(survey="science"), given, 2) < followed


def test_one_wave_is_merged_in_little_memory(file):
    wave = CONFIGURATIONS["science"].waves[:1]
    alone = CONFIGURATIONS["science"].model_copy(update={"waves": wave})
    asked = needs.memory("merge", {"alone": alone, **CONFIGURATIONS})
    given = Input([file] * 100)
    assert asked(SimpleNamespace(survey="science"), given, 1) == needs.NEEDS["merge"].mb + 300
    assert asked(SimpleNamespace(survey="alone"), given, 1) == needs.OF_ONE_WAVE["merge"].mb + 30


def test_files_inside_folders_count(file):
    folder = file.parent / "statistics"
    folder.mkdir()
    (folder / "math.npz").write_bytes(bytes(2_000_000))
    entry = folder.stat().st_size
    assert needs.size_mb(Input([file, folder])) == pytest.approx((5_000_000 + entry) / MB)


def test_of_a_file_that_is_not_made_yet_its_error_tells_snakemake(tmp_path):
    with pytest.raises(FileNotFoundError):
        needs.memory("merge")(NOBODY, Input([tmp_path / "w.parquet"]), 1)


@pytest.fixture
def groups(unrun_project):
    def made(limit):
        configuration = load_configuration(unrun_project.config)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(needs, "TOGETHER_MB", limit)
            found = SentTogether({"tiny": configuration})
        return lambda stage, wave=None: found.of(stage)(SimpleNamespace(survey="tiny", wave=wave))

    return made


def test_the_rows_of_a_small_survey_are_the_business_of_one_job(groups):
    of = groups(20.0)
    stages = ("clean", "link", "ledger", "columns", "accumulate", "merge")
    assert {of(stage, "K") for stage in stages} == {"rows-tiny"}


def test_the_waves_of_a_large_survey_are_jobs_of_their_own_beside_what_takes_no_time(groups):
    of = groups(0.001)
    assert of("clean", "1") is None and of("accumulate", "K") is None and of("merge") is None
    assert of("clean", "K") == of("columns") != of("link") == of("ledger")


def test_an_analysis_asks_for_what_drawing_takes_where_many_rows_would_be_lost(file):
    def patterns(lost: int) -> str:
        found = [
            {"variables": names, "rows": n, "groups": n} for names, n in (((), 90), (("x",), lost))
        ]
        analysis = {"analysis": "math", "level": "school", "patterns": found}
        of = {"outcome": "score", "variables": [], "analyses": [analysis]}
        return json.dumps({"missing_covariates": [of]})

    given, wildcards = Input([file]), SimpleNamespace(analysis="math")
    given.tables, given.survey = [file], file.with_name("survey.json")
    for lost, stage in ((4, "analyse"), (10, "impute")):
        given.survey.write_text(patterns(lost))
        need = NEEDS[stage]
        assert needs.memory("analyse")(wildcards, given, 1) == int(need.mb + 3 * need.mb_each)


@pytest.mark.parametrize(
    ("cores", "analyses", "asked"), [(1, 1, 1), (8, 1, 8), (8, 3, 2), (4, 9, 1), (64, 2, 8)]
)
def test_cores_that_would_lie_idle_share_out_an_analysis(tmp_path, cores, analyses, asked):
    sums = tmp_path / "statistics.npz"
    sums.write_bytes(bytes(int(needs.SHARED_OUT_MB * MB)))
    assert needs.processes(cores, analyses)(NOBODY, Input([sums])) == asked


def test_a_small_analysis_or_one_whose_sums_are_not_made_yet_has_one_process(file, tmp_path):
    asked = needs.processes(8, 1)
    assert asked(NOBODY, Input([file])) == 1
    assert asked(NOBODY, Input([tmp_path / "missing.npz"])) == 1
    assert needs.processes(8, 1, least_mb=0.0)(NOBODY, Input([file])) == 8


@pytest.mark.parametrize(
    ("threads", "asked", "given"), [(1, {}, 1), (4, {}, 4), (1, {"cpus_per_task": 3}, 3)]
)
def test_a_job_makes_use_of_the_cores_that_are_asked_for(threads, asked, given):
    assert needs.granted(NOBODY, threads, asked) == given


def test_cores_are_asked_for_by_a_resource_where_the_profile_has_one(unrun_project):
    cores = ("--cores", "1", "--set-resources", "analyse:cpus_per_task=3")
    target = "results/tiny/math/results.json"
    run = unrun_project.snakemake("--dry-run", "--printshellcmds", *cores, "--", target)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "analyse --processes 3 " in run.stdout + run.stderr
