"""Files of every kind with random damage end with a message, or in an account that adds up.

Figures of the long run: ``pytest -m study -s`` on this file prints them.
"""

from __future__ import annotations

import io
import json
import random
import resource
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from mlm.commands import program
from tests.unit.rows.files.formats import KINDS, write
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

N_MUTANTS = 200
N_FEW = {"csv": 12, "csv.gz": 12, "tsv": 12}
"""Damaged files of a kind in the fast tests; one where each costs a process."""

LONGEST_MESSAGE = 20_000
MOST_SECONDS = 20
MOST_MEGABYTES = 1000
HEAD = 1024
"""Bytes at the beginning that are damaged as often as all others."""


def mutants(whole: bytes, n: int, seed: str) -> Iterator[bytes]:
    """Copies with bytes changed, a piece cut out, doubled or blanked, or the end cut off."""
    draw = random.Random(seed)
    for _ in range(n):
        content = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            limit = len(content) if draw.random() < 0.5 else min(len(content), HEAD)
            place = draw.randrange(max(limit, 1))
            length = draw.choice([1, 1, 4, 64])
            piece = content[place : place + length]
            content[place : place + length] = draw.choice(
                [
                    draw.randbytes(len(piece)),
                    b"",
                    piece * 2,
                    bytes(len(piece)),
                    b"\xff" * len(piece),
                ]
            )
        if draw.random() < 0.1:
            del content[draw.randrange(len(content)) :]
        yield bytes(content)


class Damaged:
    """A survey whose first wave is of some kind, and what came of damaged copies of its file."""

    def __init__(self, folder: Path, kind: str):
        self._folder, self._name = folder, f"a.{kind}"
        delimiter = 'delimiter: "\\t", ' if kind == "tsv" else ""
        write_survey(
            folder, CONFIGURATION.replace("files: [a.csv]", f"{delimiter}files: [{self._name}]")
        )
        rows = pd.read_csv(io.StringIO(WAVE_A), dtype={"school": str, "pupil": str})
        texts = ("school", "pupil", "sex", "kind")
        write(folder / self._name, rows.astype(dict.fromkeys(texts, object)))
        self.whole = (folder / self._name).read_bytes()
        self.codes: Counter[int] = Counter()
        self.longest_message, self.most_seconds = 0, 0.0

    def clean(self, content: bytes, capsys, monkeypatch) -> None:
        """Clean the wave with another content of its file."""
        (self._folder / self._name).write_bytes(content)
        out, ledger = self._folder / "a.parquet.out", self._folder / "a.json"
        arguments = ["clean", "--out", str(out), "--ledger", str(ledger)]
        configuration = str(self._folder / "small.yaml")
        given = ["--", configuration, "a", str(self._folder / self._name)]
        monkeypatch.setattr(sys, "argv", ["mlm", *arguments, *given])
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
        began = time.monotonic()
        with pytest.raises(SystemExit) as end:
            program.main()
        self.most_seconds = max(self.most_seconds, time.monotonic() - began)
        code, said = end.value.code or 0, capsys.readouterr().err
        self.codes[code] += 1
        self.longest_message = max(self.longest_message, len(said))
        if code == 0:
            account = json.loads(ledger.read_text(encoding="utf-8"))
            excluded = sum(entry["rows"] for entry in account["excluded"])
            assert account["rows_read"] == account["rows_kept"] + excluded
        else:
            assert code == 2, said
            assert "Traceback" not in said
            assert self._name in said or "wave a" in said, said

    def check_bounds(self) -> None:
        """Messages, time and memory stay within bounds."""
        assert self.longest_message < LONGEST_MESSAGE
        assert self.most_seconds < MOST_SECONDS
        assert _megabytes() < MOST_MEGABYTES


def _megabytes() -> float:
    usage = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in usage) / 1024


@pytest.mark.study
@pytest.mark.parametrize("kind", KINDS)
def test_a_few_damaged_files(tmp_path, capsys, monkeypatch, kind):
    damaged = Damaged(tmp_path, kind)
    for content in mutants(damaged.whole, N_FEW.get(kind, 1), seed=f"few {kind}"):
        damaged.clean(content, capsys, monkeypatch)
    assert damaged.longest_message < LONGEST_MESSAGE


@pytest.mark.study
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_files(tmp_path, capsys, monkeypatch, kind):
    damaged = Damaged(tmp_path, kind)
    damaged.clean(damaged.whole, capsys, monkeypatch)
    assert damaged.codes == {0: 1}, "the sound file is read"
    damaged.codes.clear()
    for content in mutants(damaged.whole, N_MUTANTS, seed=kind):
        damaged.clean(content, capsys, monkeypatch)
    with capsys.disabled():
        print(
            f"\n{kind}: {dict(damaged.codes)}, longest message {damaged.longest_message} "
            f"characters, longest time {damaged.most_seconds:.1f} s, memory {_megabytes():.0f} MB"
        )
    assert damaged.codes[2] >= N_MUTANTS / 4
    damaged.check_bounds()
