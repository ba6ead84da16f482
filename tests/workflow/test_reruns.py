"""What reruns after a change, and what does not: real runs of snakemake on a small survey."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.workflow.project import THIRD_WAVE

pytestmark = pytest.mark.workflow

CLEAN = ["Clean wave 1 of tiny", "Clean wave K of tiny"]
LEDGER = ["List the rows of tiny"]
LINK = ["Link the waves of tiny", *LEDGER]
COLUMNS = ["Fix the columns of tiny"]
ACCUMULATE = ["Accumulate wave 1 of tiny", "Accumulate wave K of tiny"]
MERGE = ["Merge the waves of tiny for math"]
RESIDUALS = ["Residuals of math of tiny"]
ANALYSE = ["Analyse math of tiny", *RESIDUALS]
REPORT = ["Report math of tiny"]
INDEX = ["Write the index of all reports"]
PAGES = [*REPORT, *INDEX]
EVERYTHING = [*CLEAN, *LINK, *COLUMNS, *ACCUMULATE, *MERGE, *ANALYSE, *PAGES]

FITS = [f"{model}.{by}" for model in ("null", "full", "settled") for by in ("ml", "reml")]
OUTPUTS = [
    "index.html",
    "publish/index.html",
    "publish/tiny/math/report.html",
    "publish/tiny/math/report.json",
    "publish/tiny/math/report.pdf",
    "publish/tiny/math/tables.xlsx",
    "publish/tiny/math/tidy.csv",
    "tiny/survey.json",
    "tiny/ledger.csv",
    "tiny/math/results.json",
    *(f"tiny/math/fits/{fit}.fit.json" for fit in FITS),
    "tiny/math/residuals.json",
    "tiny/math/publish/report.json",
    "tiny/math/publish/report.html",
    "tiny/math/publish/report.pdf",
    "tiny/math/publish/tables.xlsx",
    "tiny/math/publish/tidy.csv",
]


def test_first_run_makes_everything_and_a_second_finds_nothing_to_do(project):
    missing = [name for name in OUTPUTS if not (project.folder / "results" / name).is_file()]
    assert missing == []
    second = project.snakemake()
    assert second.returncode == 0
    assert "Nothing to be done" in second.stdout + second.stderr


CODE_CHANGES = {
    "cleaning": ("mlm/rows/cleaning/cleaning.py", EVERYTHING),
    "linking": ("mlm/rows/linking/linking.py", [*LINK, *ANALYSE, *PAGES]),
    "merging": ("mlm/statistics/evidence/merging.py", [*MERGE, *ANALYSE, *PAGES]),
    "reduction": ("mlm/statistics/selection/backward.py", [*ANALYSE, *PAGES]),
    "residuals": ("mlm/rows/residuals/residuals.py", [*RESIDUALS, *PAGES]),
    "words of exclusions": ("mlm/pages/words/exclusions.py", [*LEDGER, *PAGES]),
    "page sections": ("mlm/pages/sections/variation/section.py", PAGES),
    "command": ("mlm/commands/index.py", INDEX),
}


@pytest.mark.parametrize("case", CODE_CHANGES)
def test_changed_code_reruns_the_rules_that_use_it_and_what_depends_on_them(project, case):
    file, expected = CODE_CHANGES[case]
    project.append(file, "\n\ndef one_more_function():\n    return 1\n")
    assert project.planned() == sorted(expected)


def test_comments_docstrings_and_time_stamps_rerun_nothing(project):
    project.append("mlm/rows/cleaning/cleaning.py", "\n# a comment\n")
    project.append("mlm/errors.py", "\n# a comment\n")
    (project.folder / "data" / "wave_K.csv").touch()
    project.append("config/tiny.yaml", "# a comment\n")
    assert project.planned() == []


def test_changed_template_reruns_the_pages(project):
    template = sorted((project.folder / "reports").rglob("*.j2"))[0]
    project.append(str(template.relative_to(project.folder)), "\n")
    assert project.planned() == sorted(PAGES)


PARAMETER_CHANGES = {
    "two thresholds exchanged": (
        "reliability: 0.7, separable: 0.3",
        "reliability: 0.3, separable: 0.7",
        [*MERGE, *ANALYSE, *PAGES],
    ),
    "two categories exchanged": (
        "{F: Girl, M: Boy}",
        "{M: Boy, F: Girl}",
        EVERYTHING,
    ),
    "two labels exchanged": (
        "{F: Girl, M: Boy}",
        "{F: Boy, M: Girl}",
        None,
    ),
    "term": (
        'sex, "class_type:ses"]',
        "sex]",
        [*LINK, *COLUMNS, *ACCUMULATE, *MERGE, *ANALYSE, *PAGES],
    ),
    "label": ("label: Sex", "label: Gender", PAGES),
    "significance level": ("alpha: 0.05", "alpha: 0.01", [*MERGE, *ANALYSE, *PAGES]),
}


@pytest.mark.parametrize("case", PARAMETER_CHANGES)
def test_changed_parameter_reruns_its_rules(project, case):
    before, after, expected = PARAMETER_CHANGES[case]
    project.replace("config/tiny.yaml", before, after)
    planned = project.planned()
    if expected is None:
        assert set(PAGES) <= set(planned)
    else:
        assert planned == sorted(expected)


def test_changed_data_rerun_their_wave_and_what_depends_on_it(project):
    project.replace("data/wave_1.csv", ",small,", ",reg,")
    assert project.planned() == sorted([CLEAN[0], ACCUMULATE[0], *LINK, *MERGE, *ANALYSE, *PAGES])


def test_another_logo_makes_the_reports_again_whatever_its_date(project):
    logo = project.folder / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"></svg>')
    project.replace(
        "config/tiny.yaml", "design:", "publication: {style: {logo: logo.svg}}\ndesign:"
    )
    assert project.planned() == sorted(PAGES)
    assert project.snakemake().returncode == 0
    assert project.planned() == []
    old = (project.folder / "results/index.html").stat().st_mtime - 86_400
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 30"></svg>')
    os.utime(logo, (old, old))
    assert project.planned() == sorted(PAGES)


def _days_older(project, days):
    path = project.folder / "data" / "wave_1.csv"
    when = (project.folder / "results/index.html").stat().st_mtime - days * 86_400
    os.utime(path, (when, when))


def test_a_corrected_file_that_keeps_its_old_date_reruns_its_wave(project):
    project.replace("data/wave_1.csv", ",small,", ",reg,")
    _days_older(project, 3)
    assert {CLEAN[0], *REPORT} <= set(project.planned())


def test_a_refused_wave_is_refused_until_it_is_good_and_ends_in_a_new_report(project):
    good = (project.folder / "data/wave_1.csv").read_text()
    project.replace("data/wave_1.csv", ",small,", ",smull,")
    _days_older(project, 3)
    runs = [project.snakemake() for _ in range(2)]
    assert [run.returncode for run in runs] == [2, 2]
    assert "Made again" in runs[1].stderr and "clean/1.parquet is not there" in runs[1].stderr
    (project.folder / "data/wave_1.csv").write_text(good)
    _days_older(project, 3)
    assert project.planned() == sorted([CLEAN[0], ACCUMULATE[0], *LINK, *MERGE, *ANALYSE, *PAGES])


LOST = {
    "linked survey": (["survey.json"], [*LINK, *ANALYSE, *PAGES]),
    "fit and statistics": (
        ["math/fits/settled.reml.fit.json", "statistics/K/math.npz"],
        [ACCUMULATE[1], *MERGE, *ANALYSE, *PAGES],
    ),
}


@pytest.mark.parametrize("case", LOST)
def test_what_was_lost_between_is_made_again_with_what_depends_on_it(project, case):
    names, expected = LOST[case]
    for name in names:
        os.remove(project.folder / "results/tiny" / name)
    assert project.planned() == sorted(expected)
    report = project.snakemake("--dry-run", "results/tiny/math/publish/report.html")
    assert f"Job 0: {REPORT[0]}" in report.stdout + report.stderr


def test_a_changed_byte_is_noticed_without_snakemakes_own_notes(project):
    shutil.rmtree(project.folder / ".snakemake")
    assert project.planned() == []
    path = project.folder / "results/tiny/math/publish/report.json"
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert project.planned() == sorted(PAGES)


def test_a_new_wave_runs_one_cleaning_one_accumulation_and_what_depends_on_them(project):
    older = _contents(project, "clean/K.parquet", "statistics/K/math.npz", "columns.json")
    project.replace("config/tiny.yaml", "variables:\n", THIRD_WAVE + "variables:\n")
    assert project.planned() == sorted(
        [
            "Clean wave 2 of tiny",
            "Accumulate wave 2 of tiny",
            *LINK,
            *MERGE,
            *ANALYSE,
            *PAGES,
        ]
    )
    run = project.snakemake()
    assert run.returncode == 0, run.stdout + run.stderr
    assert _contents(project, *older) == older
    assert project.planned() == []


def test_an_older_wave_accumulated_under_the_longer_configuration_is_the_same(project):
    older = _contents(project, "statistics/K/math.npz", "statistics/1/math.npz", "columns.json")
    project.replace("config/tiny.yaml", "variables:\n", THIRD_WAVE + "variables:\n")
    run = project.snakemake(
        "--forcerun", "columns", "accumulate", "--until", "accumulate", "--quiet", "rules"
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert _contents(project, *older) == older


def test_an_output_that_was_lost_is_made_again(project):
    os.remove(project.folder / "results/tiny/math/publish/report.pdf")
    assert project.planned() == sorted(PAGES)


def _contents(project, *names) -> dict[str, bytes]:
    folder = project.folder / "results" / "tiny"
    return {name: (folder / name).read_bytes() for name in names}
