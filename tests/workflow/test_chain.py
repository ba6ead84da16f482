"""What is made again: all that is damaged, lacks a part, or was made of what is not there now."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain import Chain, Job
from content import Contents
from mlm.commands.made import Making, record_path
from tests.drawn_cases import cases

# two waves, what links them, and a report: which job reads which
READS = {
    "clean K": (),
    "clean 1": (),
    "link": ("clean K", "clean 1"),
    "statistics": ("clean K", "clean 1"),
    "results": ("statistics", "link"),
    "report": ("results", "link"),
}
SOURCES = {"clean K": "K.csv", "clean 1": "1.csv"}
BELOW = {
    "clean K": {"link", "statistics", "results", "report"},
    "clean 1": {"link", "statistics", "results", "report"},
    "link": {"results", "report"},
    "statistics": {"results", "report"},
    "results": {"report"},
    "report": set(),
}


class Survey:
    """Files of six jobs, which a test may damage and make again."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in SOURCES.values():
            (folder / name).write_text(f"score of {name}\n")
        for job in READS:
            self.make(job)

    def outputs(self, job):
        """Two files of a job; the first bears its name."""
        return [self.folder / f"{job}.npz", self.folder / f"{job}.json"]

    def make(self, job):
        """Run a job: what it writes says what it read."""
        read = [path for other in READS[job] for path in self.outputs(other)]
        made = Making(job, "code 1")
        made.check(read)
        sources = {SOURCES[job]: self.folder / SOURCES[job]} if job in SOURCES else {}
        texts = [path.read_text() for path in (*read, *sources.values())]
        for path in self.outputs(job):
            path.write_text(f"{path.name} of {hash(tuple(texts))}")
        contents = Contents()
        made.record(
            self.outputs(job), {name: contents.hash_of(path) for name, path in sources.items()}
        )

    def files(self):
        """Every file of every job."""
        return [
            path
            for job in READS
            for path in (*self.outputs(job), record_path(self.outputs(job)[0]))
        ]

    def job_of(self, path):
        """The job that made a file."""
        return path.name.partition(".")[0]

    def chain(self, made_by="code 1"):
        """The chain as it stands."""
        jobs = []
        for job, reads in READS.items():
            outputs = self.outputs(job)
            record = record_path(outputs[0])
            mark = self.folder / "marks" / job
            sources = {SOURCES[job]: self.folder / SOURCES[job]} if job in SOURCES else {}
            jobs.append(Job(job, mark, (*outputs, record), record, made_by, sources, reads))
        return Chain(jobs, {}, Contents())

    def rerun(self):
        """What Snakemake does with the marks: marked jobs, missing ones before them, all below."""
        chain = self.chain()
        marked = set(chain.broken)
        for job in reversed(READS):
            needed = any(job in READS[other] for other in marked)
            if needed and not all(path.exists() for path in chain.jobs[job].outputs):
                marked.add(job)
        for job in READS:
            if job in marked or any(other in marked for other in READS[job]):
                marked.add(job)
                for path in chain.jobs[job].existing:
                    path.unlink()
                self.make(job)


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "gone": lambda path: path.unlink(),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "one byte": _flip,
}


@pytest.fixture(scope="module")
def made():
    with TemporaryDirectory() as folder:
        yield Survey(Path(folder))


def _copy(made, folder):
    shutil.copytree(made.folder, folder, dirs_exist_ok=True)
    copy = object.__new__(Survey)
    copy.folder = Path(folder)
    return copy


def test_nothing_is_made_again_where_nothing_changed(made):
    assert made.chain().broken == {}


FILES = st.sampled_from(
    [f"{job}{suffix}" for job in READS for suffix in (".npz", ".json", ".made.json")]
)


@settings(max_examples=cases(12))
@given(damaged=st.dictionaries(FILES, st.sampled_from(sorted(DAMAGES)), min_size=1, max_size=6))
def test_after_any_damage_one_rerun_gives_what_a_clean_run_gives(made, damaged):
    with TemporaryDirectory() as folder:
        survey = _copy(made, folder)
        wanted = {path.name: path.read_bytes() for path in survey.files()}
        for name, damage in damaged.items():
            DAMAGES[damage](survey.folder / name)
        survey.rerun()
        assert {path.name: path.read_bytes() for path in survey.files()} == wanted
        assert survey.chain().broken == {}


@pytest.mark.parametrize("job", READS)
def test_what_is_made_of_a_job_that_was_lost_is_made_again(made, tmp_path, job):
    survey = _copy(made, tmp_path)
    for path in (*survey.outputs(job), record_path(survey.outputs(job)[0])):
        path.unlink()
    chain = survey.chain()
    assert chain.broken.keys() == BELOW[job]
    gone = [reason for reason in chain.reasons() if reason.endswith("is not there")]
    assert bool(gone) == bool(BELOW[job])


@pytest.mark.parametrize("days", [-3, 0, 3])
def test_a_corrected_source_counts_whatever_its_date(made, tmp_path, days):
    survey = _copy(made, tmp_path)
    source = survey.folder / "K.csv"
    status = source.stat()
    source.write_text(source.read_text().replace("score", "grade"))
    when = status.st_mtime_ns + days * 86_400 * 10**9
    os.utime(source, ns=(when, when))
    assert survey.chain().broken.keys() == {"clean K"}
    source.write_text(source.read_text().replace("grade", "score"))
    assert survey.chain().broken == {}


def test_a_refused_source_is_asked_for_again_until_it_is_good(made, tmp_path):
    survey = _copy(made, tmp_path)
    (survey.folder / "K.csv").write_text("grade of K.csv\n")
    for path in (*survey.outputs("clean K"), record_path(survey.outputs("clean K")[0])):
        path.unlink()  # as Snakemake does before it runs a job
    for _ in range(2):  # the job fails; the same command again
        assert survey.chain().broken.keys() == BELOW["clean K"]
    survey.rerun()
    assert survey.chain().broken == {}


def test_other_code_makes_all_again_though_no_memory_of_snakemake_is_left(made):
    chain = made.chain(made_by="code 2, numpy 3")
    assert chain.broken == dict.fromkeys(READS, "")
    assert chain.reasons() == ["6 jobs: other code, numpy"]


def test_a_source_that_is_not_on_this_disk_is_left_to_the_job(made, tmp_path):
    survey = _copy(made, tmp_path)
    (survey.folder / "K.csv").unlink()
    assert survey.chain().broken == {}


def test_marks_are_written_anew_for_what_is_broken_only(made, tmp_path):
    survey = _copy(made, tmp_path)
    survey.outputs("results")[0].unlink()
    survey.chain().mark()
    first = {path.name: path.read_text() for path in (tmp_path / "marks").iterdir()}
    survey.chain().mark()
    second = {path.name: path.read_text() for path in (tmp_path / "marks").iterdir()}
    assert first.keys() == second.keys() == {"results"}
    assert first != second


def test_outputs_from_the_future_are_brought_to_the_present(made, tmp_path):
    survey = _copy(made, tmp_path)
    os.utime(survey.outputs("link")[0], (4e9, 4e9))
    survey.chain().mark()
    assert survey.outputs("link")[0].stat().st_mtime < 4e9
    assert not (tmp_path / "marks").exists()
