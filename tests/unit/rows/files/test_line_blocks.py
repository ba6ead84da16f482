"""Blocks of whole lines: their lines are those of the text, wherever it is cut."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.rows.files import text
from mlm.rows.files.line_blocks import LOOKED_BACK, LongLine, line_blocks
from mlm.rows.files.text import open_text
from mlm.rows.files.wave_file import FileFormat


class Slow(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def readinto(self, buffer) -> int:
        return super().readinto(memoryview(buffer)[:3])


@given(st.lists(st.text("ab,", max_size=6)), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_lines_stay_as_they_are(lines, mark, ends_whole):
    written = mark.join(lines) + (mark if ends_whole else "")
    first, *others = [bytes(b) for b in line_blocks(Slow(written.encode()), 9)] or [b""]
    assert all(len(block) <= 10 for block in (first, *others))
    assert all(block.startswith(b"\n") for block in others)
    found = first + b"".join(block[1:] for block in others)
    assert found == written.encode()
    assert all(block[-1:] in (b"\n", b"\r") for block in [first, *others][:-1])


def test_a_line_that_is_longer_than_a_block_is_told():
    with pytest.raises(LongLine):
        list(line_blocks(io.BytesIO(b"a,b\n" + b"1" * 50 + b"\n"), 20))


def test_a_line_break_is_found_however_long_the_last_line():
    written = b"a\n" + b"1" * (3 * LOOKED_BACK) + b"\n2\n"
    blocks = [bytes(block) for block in line_blocks(io.BytesIO(written), 3 * LOOKED_BACK + 1)]
    assert blocks == [b"a\n", b"\n" + written[2:-2], b"\n2\n"]


def cells_of(path, delimiter: str = ",") -> list[dict]:
    file = open_text(path, path.name, "0", FileFormat(delimiter=delimiter))
    return [row for chunk in file.chunks(list(file.columns)) for row in chunk.to_pylist()]


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("head", ["id,x", '"id","x"', "\ufeffid,x", '\ufeff"id","x"'])
def test_cells_are_the_same_in_whatever_blocks(mark, head, tmp_path, monkeypatch):
    lines = [head, *(f"{i},{'é' * (i % 4)}" for i in range(200)), "\ufeff7,bom"]
    path = tmp_path / "w.csv"
    path.write_text(mark.join(lines) + mark, encoding="utf-8", newline="")
    whole = cells_of(path)
    for size in (24, 31, 47, 80):
        monkeypatch.setattr(text, "CHUNK_BYTES", size)
        assert cells_of(path) == whole
    assert len(whole) == 201 and whole[-1] == {"id": "\ufeff7", "x": "bom"}


def test_quotation_marks_in_the_header_alone_do_not_hold_lines_together(tmp_path, monkeypatch):
    used = []
    blocks = text.line_blocks
    monkeypatch.setattr(text, "line_blocks", lambda *given: used.append(1) or blocks(*given))
    (tmp_path / "a.csv").write_text('"id","x"\n1,2\n', encoding="utf-8")
    assert cells_of(tmp_path / "a.csv") == [{"id": "1", "x": "2"}] and used
    (tmp_path / "b.csv").write_text('"id","x"\n1,"2\n3"\n', encoding="utf-8")
    used.clear()
    assert cells_of(tmp_path / "b.csv") == [{"id": "1", "x": "2\n3"}] and not used
