"""The remembered hash of a file: read again exactly when it may have changed."""

import hashlib
import os
import time

import pytest

import content
from content import Contents


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(content, "SETTLED", -1.0)  # as if the file had been there for long
    path = tmp_path / "wave.csv"
    path.write_text("score\n1\n")
    return path


def _sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_unchanged_file_is_not_read_again(file, tmp_path, monkeypatch):
    first = Contents(tmp_path / "cache.json")
    known = first.hash_of(file)
    first.save()
    monkeypatch.setattr(content.hashlib, "file_digest", None)  # reading would fail
    assert Contents(tmp_path / "cache.json").hash_of(file) == known == _sha(file)


@pytest.mark.parametrize("days", [-3, 0, 3])
def test_a_file_of_the_same_size_with_any_date_is_read_again(file, tmp_path, days):
    status = file.stat()
    first = Contents(tmp_path / "cache.json")
    before = first.hash_of(file)
    first.save()
    file.write_text("score\n2\n")
    when = status.st_mtime_ns + days * 86_400 * 10**9
    os.utime(file, ns=(when, when))
    assert Contents(tmp_path / "cache.json").hash_of(file) == _sha(file) != before


def test_a_file_that_replaced_another_is_read_again(file, tmp_path):
    first = Contents(tmp_path / "cache.json")
    first.hash_of(file)
    first.save()
    other, status = tmp_path / "other.csv", file.stat()
    other.write_text("score\n2\n")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, file)
    assert Contents(tmp_path / "cache.json").hash_of(file) == _sha(file)


def test_what_changed_a_moment_ago_is_not_remembered(tmp_path):
    path = tmp_path / "wave.csv"
    path.write_text("score\n1\n")
    first = Contents(tmp_path / "cache.json")
    first.hash_of(path)
    first.save()
    assert time.time() - path.stat().st_mtime < content.SETTLED
    assert not (tmp_path / "cache.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"content_format": 0}'])
def test_a_broken_memory_is_ignored(file, tmp_path, text):
    (tmp_path / "cache.json").write_text(text)
    assert Contents(tmp_path / "cache.json").hash_of(file) == _sha(file)
