"""Files of a wave taken in by themselves, and cleaned from what was taken in."""

from __future__ import annotations

import pytest

from mlm.commands.clean import clean
from mlm.commands.shared_out.intake import intake
from mlm.errors import FilesError, SurveyError
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey


@pytest.fixture
def taken(tmp_path):
    """The first wave of the small survey in two files, of which each is taken in."""
    head, *rows = WAVE_A.splitlines(keepends=True)
    write_survey(tmp_path, CONFIGURATION.replace("[a.csv]", "[a.csv, more.csv]"), a=head + rows[0])
    (tmp_path / "more.csv").write_text(head + "".join(rows[1:]), encoding="utf-8")
    for i, name in enumerate(("a.csv", "more.csv")):
        intake(tmp_path / "small.yaml", "a", [tmp_path / name], tmp_path / f"part-{i}", first=i)
    return tmp_path


def cleaned(folder, name: str, parts: int) -> tuple[bytes, str]:
    """Rows and ledger of the wave from its first parts, or from its files."""
    files = [folder / "a.csv", folder / "more.csv"]
    out, ledger = folder / f"{name}.parquet", folder / f"{name}.json"
    given = [folder / f"part-{i}" for i in range(parts)]
    clean(folder / "small.yaml", "a", files, out, ledger, part=given)
    return out.read_bytes(), ledger.read_text(encoding="utf-8")


def test_parts_give_the_bytes_of_the_files(taken):
    assert cleaned(taken, "parted", 2) == cleaned(taken, "whole", 0)


def test_parts_of_files_that_are_others_now_are_refused(taken):
    path = taken / "more.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("60", "61"), encoding="utf-8")
    with pytest.raises(FilesError, match=r"part-1: made of another more.csv than the one that is"):
        cleaned(taken, "parted", 2)


def test_files_with_a_fault_keep_no_rows_and_clean_tells_it(taken):
    path = taken / "more.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("60", "600"), encoding="utf-8")
    intake(taken / "small.yaml", "a", [path], taken / "part-1", first=1)
    assert [entry.name for entry in (taken / "part-1").iterdir()] == ["account.json"]
    with pytest.raises(SurveyError, match=r"score: 1 cell outside the range .* \(more.csv line 3"):
        cleaned(taken, "parted", 2)
