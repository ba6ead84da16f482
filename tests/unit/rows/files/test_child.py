"""Random damage to files ends in a message or in an account that adds up, never in a crash."""

from __future__ import annotations

import random

from mlm.configuration import load_configuration
from mlm.errors import MLMError
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

N_MUTANTS = 60  # of each kind; many more with the studies
MARKS = b',"\n\r\x00\xff;: -[]{}#&*!|9aX\t'


def mutants(text: str, seed: int):
    """Copies of a text with one to three bytes changed, added or removed."""
    draw = random.Random(seed)
    for _ in range(N_MUTANTS):
        content = bytearray(text, "utf-8")
        for _ in range(draw.randint(1, 3)):
            place = draw.randrange(len(content))
            new = bytes([draw.choice(MARKS)]) if draw.random() < 0.7 else b""
            content[place : place + draw.randint(0, 1)] = new
        yield bytes(content)


def test_damaged_waves(tmp_path):
    configuration = write_survey(tmp_path)
    refused = 0
    for content in mutants(WAVE_A, seed=1):
        (tmp_path / "a.csv").write_bytes(content)
        try:
            table, ledger = clean_wave(configuration, "a")
        except MLMError as error:
            assert "a.csv" in str(error) or "wave a" in str(error)
            refused += 1
            continue
        excluded = sum(entry.rows for entry in ledger.excluded)
        assert ledger.rows_read == table.num_rows + excluded
        assert not any(table[level].null_count for level in ("school", "pupil"))
    assert refused > N_MUTANTS / 3


def test_damaged_configurations(tmp_path):
    path = tmp_path / "small.yaml"
    refused = 0
    for content in mutants(CONFIGURATION, seed=2):
        path.write_bytes(content)
        try:
            load_configuration(path)
        except MLMError as error:
            assert "small.yaml" in str(error)
            refused += 1
    assert refused > N_MUTANTS / 3
