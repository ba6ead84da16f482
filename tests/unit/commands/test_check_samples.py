"""`mlm check` tells of a sample what stops its run, and what should be looked at."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.commands.check import check
from mlm.errors import SurveyError
from tests.cycles import write_cycles


def _conditional(frame):
    """Weights given the school, as if they were overall ones; replicates with them."""
    names = ["W_FSTUWT", *(f"W_FSTR{r}" for r in range(1, 5))]
    return frame.assign(**{name: frame[name] / frame["W_FSCHWT"] for name in names})


def _other_factor(frame):
    names = [f"W_FSTR{r}" for r in range(1, 5)]
    own = frame["W_FSTUWT"]
    return frame.assign(**{name: own + 0.4 * (frame[name] - own) for name in names})


def _reversed(frame):
    """Replicate weights of the rows in the opposite order."""
    names = [f"W_FSTR{r}" for r in range(1, 5)]
    return frame.assign(**{name: frame[name].to_numpy()[::-1] for name in names})


def _one_shuffled(frame):
    other = np.random.default_rng(1).permutation(len(frame))
    ratio = (frame["W_FSTR2"] / frame["W_FSTUWT"]).to_numpy()[other]
    return frame.assign(W_FSTR2=ratio * frame["W_FSTUWT"])


STOPPED = {
    "replicates of other rows": (
        _reversed,
        "times their weight; every row is expected near 1. They seem to be those of other rows: "
        "were the columns sorted, or joined, by themselves? Join them by the ids of the rows again",
    ),
    "one replicate of other rows": (
        _one_shuffled,
        "wave 2022: the factors of 1 of 4 replicate weights (W_FSTR2) differ inside school as much "
        "as between, those of the others do not: these columns seem to be of other rows, or no "
        "replicates. Join them by the ids of the rows again",
    ),
    "conditional": (_conditional, "write 'weights_are: conditional' under 'sampling'"),
    "another factor": (_other_factor, "wave 2022: the replicate weights differ from the weights"),
    "a negative weight": (
        lambda frame: frame.assign(W_FSCHWT=-frame["W_FSCHWT"]),
        "wave 2022: W_FSCHWT: 100 weights below zero",
    ),
    "a constant score": (
        lambda frame: frame.assign(PV2MATH=500.0),
        "wave 2022: PV2MATH: the outcome has the same value in every row",
    ),
}


@pytest.mark.parametrize("case", STOPPED)
def test_what_stops_a_run_is_told(tmp_path, case):
    spoil, expected = STOPPED[case]
    write_cycles(tmp_path, spoil)
    with pytest.raises(SurveyError) as caught:
        check([tmp_path / "cycles.yaml"])
    assert expected in str(caught.value)


def test_a_mean_among_plausible_values_is_told(tmp_path):
    write_cycles(tmp_path)
    for path in (tmp_path / "2018.csv", tmp_path / "2022.csv"):
        frame = pd.read_csv(path, dtype={"SCHOOLID": str})
        frame["PV3MATH"] = (frame["PV1MATH"] + frame["PV2MATH"]) / 2
        frame.to_csv(path, index=False)
    with pytest.raises(
        SurveyError, match="wave 2018: math: the plausible value PV3MATH correlates"
    ):
        check([tmp_path / "cycles.yaml"])


def test_what_is_to_be_looked_at_is_printed(tmp_path, capsys):
    def spoil(frame):
        frame.loc[3, "PV2MATH"] = None
        frame.loc[[5, 6], "W_FSTUWT"] = 0.0
        names = ["W_FSTUWT", "W_FSCHWT", *(f"W_FSTR{r}" for r in range(1, 5))]
        return frame.assign(**{name: 3 * frame[name] for name in names})

    write_cycles(tmp_path, spoil)
    check([tmp_path / "cycles.yaml"])
    told = capsys.readouterr().out
    assert (
        "plausible values of math: wave 2022: rows with all 3 values: 99; with only some: 1" in told
    )
    assert "rows that have a weight of zero in W_FSTUWT: 2 (2022.csv lines 7, 8)" in told
    assert "sum of weight W_FSTUWT" in told and "a change by more than a third" in told


def test_strata_of_one_cluster_are_told(tmp_path, capsys):
    def lone(frame):
        frame.loc[frame["SCHOOLID"] == frame["SCHOOLID"][0], "STRATUM"] = "R9"

    write_cycles(tmp_path, lone, replicates=None)
    check([tmp_path / "cycles.yaml"])
    told = capsys.readouterr().out
    assert "please look: strata STRATUM: 1 of 5 has one cluster (R9 of wave 2022)" in told
    assert "join them in the files as the sample was drawn, or give replicate weights" in told


def test_strata_of_replicated_samples_may_have_one_cluster(tmp_path, capsys):
    write_cycles(tmp_path, lambda frame: frame.__setitem__("STRATUM", frame["SCHOOLID"]))
    check([tmp_path / "cycles.yaml"])
    assert "one cluster (" not in capsys.readouterr().out


def test_draws_that_are_named_in_several_ways_are_to_be_looked_at(tmp_path, capsys):
    names = ["PV1MATH", "PV2MATH", "PV3READ"]
    write_cycles(tmp_path, plausible_values={"math": names})
    for path in (tmp_path / "2018.csv", tmp_path / "2022.csv"):
        frame = pd.read_csv(path, dtype={"SCHOOLID": str})
        frame.rename(columns={"PV3MATH": "PV3READ"}).to_csv(path, index=False)
    check([tmp_path / "cycles.yaml"])
    told = capsys.readouterr().out
    assert "named in 2 ways (PV#MATH, PV#READ); are all of them draws of math?" in told


def test_a_sound_sample_has_no_problem(tmp_path, capsys):
    write_cycles(tmp_path)
    check([tmp_path / "cycles.yaml"])
    assert "please look" not in capsys.readouterr().out
