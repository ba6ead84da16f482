"""Simulated surveys on the command line: drawn, and checked like real ones."""

import json
import subprocess
import sys

import pytest

from mlm.commands.simulate import simulate
from mlm.errors import MLMError
from tests.examples import ROOT

CONFIG = "config/science.yaml"


def _mlm(*arguments):
    command = [sys.executable, "-m", "mlm", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.study
def test_simulate_writes_each_wave_and_the_truth_the_same_at_each_call(tmp_path):
    for folder in ("first", "second"):
        run = _mlm("simulate", CONFIG, tmp_path / folder)
        assert run.returncode == 0, run.stderr
    names = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert names == ["1984.csv", "1992.csv", "truth.json"]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
    assert json.loads((tmp_path / "first" / "truth.json").read_text())["variances"]


def test_a_real_survey_cannot_be_simulated(tmp_path):
    with pytest.raises(MLMError, match="simulate"):
        simulate(ROOT / "config" / "star.yaml", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.study
def test_check_draws_a_simulated_survey_and_leaves_nothing_behind():
    run = _mlm("check", CONFIG)
    assert run.returncode == 0, run.stderr
    assert "wave 1984" in run.stdout and "wave 1992" in run.stdout
