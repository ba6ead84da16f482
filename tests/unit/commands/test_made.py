"""Files that are not what their job wrote, or are of different runs, are named and not read."""

import os
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlm.commands.made import Making, record_path
from mlm.errors import FilesError
from mlm.results.runs.made import MadeRecord
from tests.drawn_cases import cases


def _make(job, *paths, reads=(), **more):
    made = Making(job)
    made.check(reads)
    made.record(paths, **more)


def _parquet(folder):
    import pyarrow
    import pyarrow.parquet

    path = folder / "K.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"score": [1.5, 2.5]}), path)
    return path


def _statistics(folder):
    path = folder / "statistics.npz"
    np.savez(path, sums=np.arange(6.0))
    return path


def _text(name):
    def write(folder):
        path = folder / name
        path.write_text('{"estimate": 1.25}\n')
        return path

    return write


def _folder(folder):
    path = folder / "K"
    path.mkdir()
    _statistics(path)
    (path / ".snakemake_timestamp").touch()
    return path


def _fit(folder):
    (folder / "fits").mkdir()
    return _text("settled.reml.fit.json")(folder / "fits")


KINDS = {
    "rows": _parquet,
    "ledger": _text("K.json"),
    "statistics": _statistics,
    "statistics of a wave": _folder,
    "fit": _fit,
    "results": _text("results.json"),
    "survey": _text("survey.json"),
    "report": _text("report.json"),
    "page": _text("report.html"),
}


def _one_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "one byte": _one_byte,
    "cut": lambda path: os.truncate(path, path.stat().st_size - 1),
    "empty": lambda path: os.truncate(path, 0),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_file_is_named_with_what_to_delete(tmp_path, kind, damage):
    path = KINDS[kind](tmp_path)
    whole = path.parent if kind == "fit" else path
    if kind == "fit":
        _make("analyse", _text("results.json")(tmp_path), whole)
    else:
        _make("job", path)
    _make("next", _text("x.json")(tmp_path), reads=[path])
    file = path / "statistics.npz" if path.is_dir() else path
    status = file.stat()
    DAMAGES[damage](file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(FilesError) as caught:
        Making("next").check([path])
    assert caught.value.exit_code == 3
    assert str(file) in str(caught.value)
    assert f"delete {whole} and give the same command again" in str(caught.value)


CONTENT = st.binary(min_size=1, max_size=60)


@settings(max_examples=cases(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=CONTENT, found=CONTENT)
def test_a_file_passes_if_and_only_if_it_is_the_one_that_was_written(tmp_path, written, found):
    path = tmp_path / "survey.json"
    path.write_bytes(written)
    _make("link", path)
    path.write_bytes(found)
    try:
        Making("analyse").check([path])
    except FilesError:
        assert found != written
    else:
        assert found == written


def test_files_that_came_or_went_in_a_folder_are_named(tmp_path):
    folder = _folder(tmp_path)
    (folder / "more.npz").touch()
    _make("accumulate", folder)
    (folder / "more.npz").unlink()
    (folder / "late.npz").touch()
    with pytest.raises(FilesError) as caught:
        Making("merge").check([folder])
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        str(folder / "late.npz"),
        str(folder / "more.npz"),
    ]


@pytest.mark.parametrize("content", [None, "", '{"schema": 1', '{"schema": 9, "files": {}}'])
def test_a_file_without_a_readable_record_is_not_read(tmp_path, content):
    path = _statistics(tmp_path)
    if content is not None:
        record_path(path).write_text(content)
    with pytest.raises(FilesError, match=r"statistics\."):
        Making("analyse").check([path])


def _runs(tmp_path):
    """Rows, statistics and results of two runs, whose rows differ."""
    for run in ("first", "second"):
        folder = tmp_path / run
        folder.mkdir()
        paths = [folder / name for name in ("K.parquet", "statistics.npz", "results.json")]
        for path in paths:
            path.write_text(run)
        _make("clean K", paths[0], sources={"K.csv": "0" * 64})
        _make("merge", paths[1], reads=paths[:1])
        _make("analyse", paths[2], reads=paths[1:2])
    return tmp_path / "first", tmp_path / "second"


def test_a_record_names_all_jobs_before_it(tmp_path):
    first, second = _runs(tmp_path)
    records = [MadeRecord.load(record_path(run / "results.json")) for run in (first, second)]
    assert [list(record.digests) for record in records] == [["clean K", "merge"]] * 2
    assert records[0].digests["clean K"] != records[1].digests["clean K"]


@pytest.mark.parametrize("stale", ["K.parquet", "statistics.npz"])
def test_files_of_different_runs_are_named(tmp_path, stale):
    first, second = _runs(tmp_path)
    for path in (first / stale, record_path(first / stale)):
        shutil.copy2(path, second / path.name)
    with pytest.raises(FilesError, match="run of '(clean K|merge)'; delete it"):
        Making("residuals").check(
            second / n for n in ("K.parquet", "statistics.npz", "results.json")
        )
    Making("residuals").check(first / n for n in ("K.parquet", "statistics.npz", "results.json"))
