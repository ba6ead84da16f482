"""How studies ended is kept: none is red, none was forgotten, and a failure hides no other."""

from __future__ import annotations

import re

import pytest

from tests import studies
from tests.architecture.imports import ROOT
from tests.studies import NEVER, Row, read, run, table, write

MARKED = re.compile(r"pytest\.mark\." "study")


def with_studies() -> list[str]:
    """Files in which tests are marked as studies, each of them or some."""
    files = (ROOT / "tests").rglob("test_*.py")
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    return [file for file, text in texts.items() if MARKED.search(text)]


def test_each_file_of_studies_has_a_row_which_is_not_red():
    """Run ``python -m tests.studies FILE`` for what is named here."""
    rows = read()
    assert [file for file in with_studies() if file not in rows] == []
    assert [file for file, row in rows.items() if row.failed] == []
    assert [file for file in rows if not (ROOT / file).exists()] == []


def test_rows_are_read_as_they_were_written(tmp_path):
    rows = {"tests/recovery/b.py": Row("tests/recovery/b.py", 3, 1, 2, 4.25, "abc+", "2026-11-30")}
    rows["tests/unit/rows/a.py"] = Row("tests/unit/rows/a.py")
    write(rows, tmp_path / "rows.csv")
    assert read(tmp_path / "rows.csv") == rows
    assert [row.room for row in rows.values()] == ["recovery", "unit/rows"]


def test_what_has_passed_at_a_commit_is_not_run_again(tmp_path):
    ledger, asked = tmp_path / "rows.csv", []
    known = [
        Row("passed", 1, commit="abc", cpu_minutes=9.0),
        Row("failed", 1, 1, commit="abc", cpu_minutes=1.0),
        Row("older", 1, commit="abd", cpu_minutes=2.0),
        Row("never", commit=NEVER),
    ]
    write({row.file: row for row in known}, ledger)

    def outcome(file: str, commit: str) -> Row:
        asked.append(file)
        return Row(file, 0, int(file == "older"), commit=commit)

    ended = run([*(row.file for row in known), "new"], "abc", 1, ledger, outcome)
    assert asked == ["new", "older", "failed", "never"]
    assert sorted(row.file for row in ended) == sorted(asked)
    found = read(ledger)
    assert found["passed"] == known[0] and found["older"].failed == 1
    assert {row.commit for row in found.values()} == {"abc"}
    assert not Row("changed", 1, commit="abc+").has_passed_at("abc+")


@pytest.mark.slow
def test_a_file_that_fails_or_dies_hides_no_other(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(studies, "ROOT", tmp_path)
    monkeypatch.setattr(studies, "LOGS", tmp_path / "logs")
    monkeypatch.setattr(studies, "CHOSEN", ("-p", "no:xdist", "-p", "no:cacheprovider"))
    texts = {
        "test_dies.py": "import os\ndef test_it(): os._exit(3)\n",
        "test_fails.py": "def test_it(): assert False\ndef test_more(): pass\n",
        "test_holds.py": "import pytest\ndef test_it(): pass\ndef test_no(): pytest.skip('no')\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    ledger = tmp_path / "rows.csv"
    run(texts, "abc", 2, ledger)
    found = {file: (row.passed, row.failed, row.skipped) for file, row in read(ledger).items()}
    assert found == {
        "test_dies.py": (0, 1, 0),
        "test_fails.py": (1, 1, 0),
        "test_holds.py": (1, 0, 1),
    }
    assert all(row.cpu_minutes > 0.0 for row in read(ledger).values())
    assert "assert False" in (tmp_path / "logs" / "test_fails.txt").read_text()
    assert capsys.readouterr().out.count("FAILED") == 2


def test_the_table_names_what_is_red_and_what_was_never_run():
    rows = [
        Row("tests/recovery/a.py", 4, 1, 0, 30.0, "abc"),
        Row("tests/recovery/b.py"),
        Row("tests/unit/rows/c.py", 5, 0, 1, 0.5, "abd"),
    ]
    found = table(rows).splitlines()
    assert found[1].split() == ["recovery", "2", "4", "1", "0", "30.0", "abc,", "never"]
    assert found[3].split()[:6] == ["all", "3", "9", "1", "1", "30.5"]
    assert found[4:] == [
        "FAILED at abc: tests/recovery/a.py",
        "never run to its end: tests/recovery/b.py",
    ]


@pytest.mark.parametrize("missing", ["git", "repository"])
def test_where_nothing_is_known_of_commits_all_is_run(missing, tmp_path, monkeypatch):
    monkeypatch.setattr(studies, "ROOT", tmp_path)
    monkeypatch.setattr(studies, "LEDGER", tmp_path / "rows.csv")
    if missing == "git":
        monkeypatch.setenv("PATH", str(tmp_path))
    assert studies.commit_at_hand() == "unknown+"
