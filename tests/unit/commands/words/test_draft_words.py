"""What is still a draft is told: guesses, texts of the draft, and marks of what to write."""

from __future__ import annotations

from types import SimpleNamespace

from mlm.commands.words.draft_words import draft_words
from mlm.rows.scaffold.sampling_text import DESCRIPTION, SOURCE


def told(tmp_path, *lines: str, description: str = "A survey.", source: str = "Ours.") -> list[str]:
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return draft_words(path, SimpleNamespace(description=description, source=source))


def test_what_was_written_is_silent(tmp_path):
    assert told(tmp_path, "# Drafted, guesses marked '# ?'.", "survey: mine", "title: Mine") == []


def test_texts_of_the_draft_are_told(tmp_path):
    texts = told(tmp_path, "survey: mine", description=DESCRIPTION, source=SOURCE)
    assert len(texts) == 2
    assert texts[0].startswith("please look: 'description' is still the text of the draft")
    assert texts[1].startswith("please look: 'source'")


def test_guesses_are_told_with_their_lines(tmp_path):
    (one,) = told(tmp_path, "a: 1", "title: x # ?")
    assert "still marked '# ?': line 2; check" in one
    (many,) = told(tmp_path, *["a: 1 # ?"] * 5)
    assert "lines 1, 2, 3 and 2 others; check" in many
    (four,) = told(tmp_path, *["a: 1 # ?"] * 4)
    assert "lines 1, 2, 3 and 1 other; check" in four


def test_marks_of_what_is_to_be_written_are_told(tmp_path):
    texts = told(tmp_path, "title: CHANGE ME", "source: TODO", "label: method", "x: FIXME later")
    assert [text.split(":")[1] for text in texts] == [
        " line 1 says CHANGE ME", " line 2 says TODO", " line 4 says FIXME"]  # fmt: skip
