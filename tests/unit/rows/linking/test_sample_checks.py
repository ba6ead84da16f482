"""What of a sample is told when its waves are linked: weights, clusters, replicates, sums."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.configuration.sampled.planning import sampling_design
from mlm.errors import SurveyError
from mlm.results.survey.checks import LighterRows
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.linking import link_waves
from tests.cycles import wave_rows, write_cycles


def _linked(folder, spoil=None, **changes):
    configuration = write_cycles(folder, spoil, **changes)
    waves = {wave: clean_in_chunks(configuration, wave) for wave in configuration.wave_names}
    ledgers = {wave: cleaned.ledger for wave, cleaned in waves.items()}
    return link_waves(configuration, waves, ledgers)


def _conditional(frame):
    frame["W_FSTUWT"] = frame["W_FSTUWT"] / frame["W_FSCHWT"]
    for r in range(1, 5):
        frame[f"W_FSTR{r}"] = frame[f"W_FSTR{r}"] / frame["W_FSCHWT"]


def _one_school(frame):
    frame.loc[2, "W_FSCHWT"] += 5.0


def _shuffled(frame):
    for r in range(1, 5):
        frame[f"W_FSTR{r}"] = frame[f"W_FSTR{r}"].to_numpy()[::-1] * 1.2


def _of_a_jackknife(frame):
    for r in range(1, 5):
        frame[f"W_FSTR{r}"] = frame["W_FSTUWT"]
    frame.loc[:4, "W_FSTR1"] = 0.0


FAULTS = {
    "conditional already": (
        _conditional,
        "sampling: weights: wave 2022 (2022.csv): 100 of 100 rows have a smaller weight (W_FSTUWT) "
        "than the school that they are in (W_FSCHWT); first in school 2200, 2201, 2202. Overall "
        "weights are never smaller, as a row is in the sample at most as often as its school. If "
        "W_FSTUWT is the weight inside the school alone, write 'weights_are: conditional' under "
        "'sampling'",
    ),
    "a school's weight varies": (
        _one_school,
        "W_FSCHWT, the weight of wave:school, differs between rows of one unit in 1 of 40 units",
    ),
    "replicates of others": (_shuffled, "wave 2022: the replicate weights sum to"),
    "replicates of a jackknife": (
        _of_a_jackknife,
        "wave 2022: the replicate weights differ from the weights by",
    ),
}


def test_a_cluster_in_several_strata_is_told(tmp_path):
    with pytest.raises(SurveyError, match=r"psu='wave:STRATUM:school' \(in a configuration, psu:"):
        _linked(tmp_path, lambda frame: frame.loc.__setitem__((4, "STRATUM"), "R9"))


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_not_of_the_design_stops_the_survey(tmp_path, case):
    spoil, expected = FAULTS[case]
    with pytest.raises(SurveyError) as caught:
        _linked(tmp_path, spoil)
    assert expected in str(caught.value)


def test_a_single_row_that_weighs_less_than_its_school_is_told(tmp_path):
    def spoil(frame):
        frame.loc[7, "W_FSTUWT"] = 0.9 * frame.loc[7, "W_FSCHWT"]
        frame.loc[8, "W_FSTUWT"] = np.nan
        for r in range(1, 5):
            frame.loc[7, f"W_FSTR{r}"] *= frame.loc[7, "W_FSTUWT"] / wave_rows(2022)["W_FSTUWT"][7]

    found = [c for c in _linked(tmp_path, spoil).checks if c.kind == "lighter_rows"]
    assert found == [
        LighterRows(
            result="warning",
            variable="W_FSTUWT",
            level="school",
            around="W_FSCHWT",
            wave="2022",
            rows=1,
            of=99,
            ids=("2201",),
        )
    ]


def test_a_school_that_recurs_has_one_weight_in_all_waves(tmp_path):
    def again(frame):
        frame["SCHOOLID"] = [f"18{s:02d}" for s in np.repeat(np.arange(20), 5)]
        frame["W_FSCHWT"] = frame["W_FSCHWT"] + 1.0
        frame["size"] = 100 + np.repeat(np.arange(20), 5) * 10

    with pytest.raises(SurveyError, match="a unit has one weight for all rows and waves"):
        _linked(tmp_path, again, design="same_schools")


def test_rows_without_a_weight_are_no_fault(tmp_path):
    def spoil(frame):
        frame.loc[[0, 9], "W_FSTUWT"] = 0.0
        frame.loc[[4], ["W_FSTUWT", "STRATUM"]] = np.nan

    account = _linked(tmp_path, spoil)
    assert [entry.rows for entry in account.waves[1].roles.unweighted] == [1, 2]


def _moved(account) -> list[tuple[str, str]]:
    return [(c.variable, c.result) for c in account.checks if c.kind == "weights_move"]


@pytest.mark.parametrize(("times", "result"), [(1.0, "ok"), (1.5, "warning"), (0.5, "warning")])
def test_a_sum_of_weights_that_moves_is_in_doubt(tmp_path, times, result):
    def spoil(frame):
        names = ["W_FSTUWT", "W_FSCHWT", *(f"W_FSTR{r}" for r in range(1, 5))]
        frame[names] = frame[names] * times

    assert _moved(_linked(tmp_path, spoil)) == [("W_FSTUWT", result)]


def _with_pairs(folder, halves: int):
    """The survey whose schools are numbered in zones of some halves."""
    pairs = {"method": "jk2", "zone": "ZONE", "unit": "HALF"}
    configuration = write_cycles(folder, replicates=pairs)
    school = np.repeat(np.arange(20), 5)
    for path in (folder / "2018.csv", folder / "2022.csv"):
        frame = pd.read_csv(path, dtype=str)
        frame["ZONE"], frame["HALF"] = school // halves, school % halves
        frame.to_csv(path, index=False)
    waves = {wave: clean_in_chunks(configuration, wave) for wave in configuration.wave_names}
    ledgers = {wave: cleaned.ledger for wave, cleaned in waves.items()}
    return link_waves(configuration, waves, ledgers)


def test_replicates_are_made_of_pairs(tmp_path):
    assert _with_pairs(tmp_path, 2).rows.kept == 200


def test_zones_of_more_than_two_halves_are_told(tmp_path):
    with pytest.raises(SurveyError, match="wave:ZONE: 10 of 10 have another number of HALF"):
        _with_pairs(tmp_path, 4)


FOLLOWED = {
    "design": "same_pupils",
    "levels": [{"name": "school", "id": "SCHOOLID"}, {"name": "pupil", "id": "P"}],
}


def _followed(folder, weights: dict, spoil=None):
    """The survey with the same pupils in both waves, who have the same weights."""
    configuration = write_cycles(folder, weights=weights, **FOLLOWED)
    first = pd.read_csv(folder / "2018.csv", dtype=str).assign(P=[f"p{i}" for i in range(100)])
    last = pd.read_csv(folder / "2022.csv", dtype=str)
    drawn = [f"PV{m}MATH" for m in (1, 2, 3)]
    last = first.assign(**{name: last[name] for name in (*drawn, "escs")})
    if spoil is not None:
        last = spoil(last)
    first.to_csv(folder / "2018.csv", index=False)
    last.to_csv(folder / "2022.csv", index=False)
    waves = {wave: clean_in_chunks(configuration, wave) for wave in configuration.wave_names}
    ledgers = {wave: cleaned.ledger for wave, cleaned in waves.items()}
    return configuration, link_waves(configuration, waves, ledgers)


def test_weights_of_occasions_that_are_those_of_pupils_are_told(tmp_path):
    """Scaled inside each pupil they would be lost."""
    with pytest.raises(SurveyError, match="is the same in all occasions of each of 100 pupils"):
        _followed(tmp_path, {"row": "W_FSTUWT", "school": "W_FSCHWT"})


def test_occasions_of_followed_pupils_have_their_weight_in_replicates(tmp_path):
    configuration, account = _followed(tmp_path, {"pupil": "W_FSTUWT", "school": "W_FSCHWT"})
    assert account.rows.kept == 200
    design = sampling_design(configuration)
    assert design.weights == {"pupil": "W_FSTUWT", "school": "W_FSCHWT", "row": "W_FSTUWT"}


def test_a_pupil_has_one_weight_in_all_waves(tmp_path):
    def later(frame):
        return frame.assign(W_FSTUWT=[str(float(w) + 4) for w in frame["W_FSTUWT"]])

    with pytest.raises(SurveyError, match="W_FSTUWT, the weight of school:pupil, differs between"):
        _followed(tmp_path, {"pupil": "W_FSTUWT", "school": "W_FSCHWT"}, later)
