"""What a report says of the code and configuration that made it."""

import hashlib
import subprocess
from pathlib import Path

from mlm.commands.reporting.provenance import command, day, provenance, revision
from tests.git_at_hand import NEEDS_GIT


def test_configuration_is_named_with_its_hash(tmp_path):
    config = tmp_path / "a.yaml"
    config.write_text("survey: a\n")
    made = provenance(config, "a")
    assert made.configuration.sha256 == hashlib.sha256(b"survey: a\n").hexdigest()
    assert {item.name: item.version for item in made.packages}["numpy"]


def test_outside_a_repository_there_is_no_commit(tmp_path):
    assert revision(tmp_path) == (None, None)


def test_day_can_be_fixed_for_identical_bytes(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert day() == "1970-01-02"


def test_the_command_names_a_configuration_from_elsewhere():
    at_home = command(Path("config/star.yaml"), "star")
    assert at_home == "snakemake --cores all --config surveys=star"
    elsewhere = command(Path("config/examples/chem97.yaml"), "chem97")
    assert elsewhere == "snakemake --cores all --config configs=config/examples/chem97.yaml"


@NEEDS_GIT
def test_a_repository_says_whether_it_was_changed(tmp_path):
    def git(*arguments):
        options = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", "-C", str(tmp_path), *options, *arguments], check=True)

    git("init", "-q")
    (tmp_path / "a.txt").write_text("1")
    git("add", "a.txt")
    git("commit", "-q", "-m", "One")
    head, has_changes = revision(tmp_path)
    assert len(head) == 12 and has_changes is False
    (tmp_path / "a.txt").write_text("2")
    assert revision(tmp_path) == (head, True)


@NEEDS_GIT
def test_code_inside_the_repository_of_something_else_has_no_commit_of_its_own(tmp_path):
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    options = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    commit = ("commit", "-q", "--allow-empty", "-m", "One")
    subprocess.run(["git", "-C", str(tmp_path), *options, *commit], check=True)
    assert revision(tmp_path)[0] is not None
    inside = tmp_path / "environment"
    inside.mkdir()
    assert revision(inside) == (None, None)


def test_code_that_was_unpacked_of_a_commit_names_it(tmp_path):
    (tmp_path / "commit.txt").write_text(f"{'0123456789abcdef' * 2}\n")
    assert revision(tmp_path) == ("0123456789ab", False)
