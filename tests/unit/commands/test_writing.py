"""Outputs are written whole or not at all."""

import math

import pytest

from mlm.commands.writing import (
    check_disk_space,
    read_json,
    size_text,
    whole_file,
    whole_folder,
    write_folder,
    write_json,
)
from mlm.errors import FilesError


def test_file_keeps_its_old_content_when_the_writer_fails(tmp_path):
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_temporary_file_has_the_suffix_of_the_final_one(tmp_path):
    with whole_file(tmp_path / "new" / "table.npz") as temporary:
        assert temporary.suffix == ".npz"
    assert (tmp_path / "new" / "table.npz").exists()


def test_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "gone.csv").write_text("old")
    with whole_folder(folder) as temporary:
        (temporary / "new.csv").write_text("new")
    assert [p.name for p in folder.iterdir()] == ["new.csv"]
    assert [p.name for p in tmp_path.iterdir()] == ["tables"]


def test_folder_keeps_its_old_content_when_the_writer_fails(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "old.csv").write_text("old")
    with pytest.raises(RuntimeError), whole_folder(folder) as temporary:
        (temporary / "new.csv").write_text("half")
        raise RuntimeError
    assert [p.name for p in folder.iterdir()] == ["old.csv"]
    assert [p.name for p in tmp_path.iterdir()] == ["tables"]


def test_a_folder_holds_the_files_that_were_written_last_and_no_others(tmp_path):
    write_folder(tmp_path / "out", {"page.html": b"1", "tables/a.csv": b"1", "old/b.csv": b"1"})
    write_folder(tmp_path / "out", {"page.html": b"2", "tables/a.csv": b"2"})
    found = {str(p.relative_to(tmp_path)): p.read_bytes() for p in tmp_path.rglob("*.*")}
    assert found == {"out/page.html": b"2", "out/tables/a.csv": b"2"}
    assert not (tmp_path / "out" / "old").exists()


def test_json_returns_the_same_numbers_and_refuses_those_that_are_not_finite(tmp_path):
    content = {"effect": 0.1 + 0.2, "name": "Æ", "none": None}
    write_json(tmp_path / "a.json", content)
    assert read_json(tmp_path / "a.json") == content
    with pytest.raises(ValueError):
        write_json(tmp_path / "b.json", {"effect": math.nan})
    assert not (tmp_path / "b.json").exists()


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [(0, "0 kB"), (40_960, "41 kB"), (1_500_000, "1.5 MB"), (1 << 40, "1,099.5 GB")],
)
def test_sizes_are_told_in_a_fitting_unit(n_bytes, text):
    assert size_text(n_bytes) == text


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path):
    check_disk_space([tmp_path / "made" / "later"], needed=1)
    with pytest.raises(FilesError, match="B are free, 4,611,686,018.4 GB may be needed"):
        check_disk_space([tmp_path / "made" / "later"], needed=1 << 62)
    assert list(tmp_path.iterdir()) == []
