"""What a report says of the code and configuration that made it."""

import hashlib
from pathlib import Path

from mlm.commands.provenance import command, day, provenance, revision


def test_configuration_is_named_with_its_hash(tmp_path):
    config = tmp_path / "a.yaml"
    config.write_text("survey: a\n")
    made = provenance(config)
    assert made.configuration.sha256 == hashlib.sha256(b"survey: a\n").hexdigest()
    assert {library.name: library.version for library in made.packages}["numpy"]
    assert set(made.commit or "0") <= set("0123456789abcdef")


def test_outside_a_repository_there_is_no_commit(tmp_path):
    assert revision(tmp_path) == (None, None)


def test_day_can_be_fixed_for_identical_bytes(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert day() == "1970-01-02"


def test_the_command_names_a_configuration_from_elsewhere():
    assert command(Path("config/star.yaml")) == "snakemake --cores all"
    elsewhere = command(Path("config/examples/chem97.yaml"))
    assert elsewhere == "snakemake --cores all --config configs=config/examples/chem97.yaml"
