"""No written file holds a number with more digits than the rule gives, and none tells of a row."""

from __future__ import annotations

import copy
import json
import math
import re

import numpy as np
import pytest
from hypothesis import given as drawn_from
from hypothesis import strategies as st

from mlm.pages.blocks import figure
from mlm.pages.document import OtherAnalysis, figures_of
from mlm.pages.drawing.letters import usual_typeface
from mlm.pages.figures import make_chart
from mlm.pages.previous import make_record
from mlm.pages.report import _source
from mlm.pages.rounding import (
    OPEN,
    SHARES,
    decimals_for_mean,
    decimals_for_spread,
    render,
    rounded,
)
from mlm.pages.template_folder import template_folder
from mlm.results.analysis import AnalysisResults
from tests.unit.pages.reading import table_of
from tests.unit.pages.sample import document_of, everything, files_of, inputs, records, residuals
from tests.unit.pages.written_numbers import faults_of

BOTH_TOLD = 0.5
"""Of what each leaves open: mean and deviation together leave less in 1 of 20,000 draws (88 %)."""

pytestmark = pytest.mark.slow

STYLES = ("number", "signed", *SHARES, "count", "p", "p_equals", "plain", "tiny")


@pytest.fixture(scope="module")
def files():
    """All files of a report with every part but what is painted, its inputs made with 16 digits."""
    given = everything()
    given["residuals"] = residuals()
    return files_of(_with_all_digits(given), painted=())


def _with_all_digits(value):
    """The inputs with every number that is not whole moved in its last digits."""
    if isinstance(value, dict):
        kept = ("configuration", "provenance")
        return {k: v if k in kept else _with_all_digits(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_all_digits(item) for item in value]
    if isinstance(value, float) and not value.is_integer():
        return value * (1 + 1e-9 / math.pi)
    return value


def test_no_number_of_a_written_file_has_more_digits_than_the_rule_gives(files):
    too_fine, checked = faults_of(files)
    assert too_fine == []
    assert checked > 2_000


def test_an_exact_number_in_any_file_is_found(files):
    document = json.loads(files["report.json"])
    cell = table_of(document, "studied")["rows"][0]["cells"][-2]
    exact = f"{cell['value'] + 0.000123456:.9f}"
    short = f'"value": {cell["value"]},'
    spoilt = {
        "report.json": files["report.json"].decode().replace(short, f'"value": {exact},').encode(),
        "tables/studied.csv": files["tables/studied.csv"] + f"x,{exact}\r\n".encode(),
        "report.html": files["report.html"] + f'<data value="{exact}">1</data>'.encode(),
    }
    for name, content in spoilt.items():
        assert content != files[name]
        assert faults_of({**files, name: content})[0] != [], name


@pytest.mark.study
def test_charts_are_drawn_from_what_is_published_in_hundredths_of_a_point(files):
    document = json.loads(files["report.json"])
    for block in figures_of(document):
        svg = files[f"figures/{block['id']}.svg"].decode()
        made = make_chart(block, usual_typeface(template_folder() / "fonts"), _source(document))
        assert made.alone == svg
        for text in (made.wide, made.narrow, svg):
            tags = re.findall(r"<[^>]+>", re.sub(r"matrix\([^)]*\)", "", text))
            assert not [n for tag in tags for n in re.findall(r"\d+\.\d{3,}", tag)]


def test_a_chart_refuses_a_number_that_no_rule_has_rounded():
    with pytest.raises(TypeError, match="exact number 0.123"):
        figure("x", "shares", "", "", "", {"share": [0.123]})
    with pytest.raises(TypeError, match="exact number 0.5"):
        figure("x", "shares", "", "", "", {}, {"bound": 0.5})


@drawn_from(
    st.floats(-1e12, 1e12, allow_subnormal=False), st.integers(-4, 9), st.sampled_from(STYLES)
)
def test_a_rounded_value_reads_and_rounds_as_the_exact_one(value, places, style):
    value = abs(value) % 1 if style.startswith("p_") or style == "p" else value
    value = int(value) if style == "count" else value
    value = value % 100 if style in SHARES else value  # a share, or how a variance grew
    short = rounded(value, places, style)
    assert render(short, places, style) == render(value, places, style)
    assert rounded(short, places, style) == short


# --- one row more or less ---------------------------------------------------------------------


def possible(before: dict, after: dict) -> tuple[float, float]:
    """Between which values the row lies that the second sample lacks, by what is published."""

    def sums(of):
        n, mean, sd = of["n"], of["mean"], of["sd"]
        means = np.array([mean - of["mean_unit"] / 2, mean + of["mean_unit"] / 2])
        sds = np.array([max(sd - of["sd_unit"] / 2, 0.0), sd + of["sd_unit"] / 2])
        return n * means, (n - 1) * sds**2

    (s1, q1), (s2, q2) = sums(before), sums(after)
    low, high = s1[0] - s2[1], s1[1] - s2[0]
    n, centre = before["n"], before["mean"]
    square = max(q1[1] - q2[0], 0.0) * n / (n - 1)  # largest squared distance from the mean
    slack = before["mean_unit"]
    return max(low, centre - slack - square**0.5), min(high, centre + slack + square**0.5)


def told(values: np.ndarray) -> dict:
    """What is published of a sample."""
    n, sd = len(values), float(values.std(ddof=1))
    places = decimals_for_mean(sd, n), decimals_for_spread(sd, n)
    return {
        "n": n,
        "mean": rounded(float(values.mean()), places[0], "number"),
        "sd": rounded(sd, places[1], "number"),
        "mean_unit": 10.0 ** -places[0],
        "sd_unit": 10.0 ** -places[1],
    }


@drawn_from(
    st.integers(10, 4_000),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.01, 1.0, 47.7, 12_000.0]),
    st.floats(-2.5, 2.5),
)
def test_two_samples_that_differ_by_a_row_do_not_tell_its_value(n, seed, scale, z):
    values = np.random.default_rng(seed).normal(500.0, scale, n)
    values[0] = 500.0 + z * scale
    low, high = possible(told(values), told(values[1:]))
    sd = values.std(ddof=1)
    assert low <= values[0] <= high
    assert high - low >= BOTH_TOLD * OPEN * sd


def studied(document, wave: int = 0) -> tuple[float, float, int, int]:
    """Mean and SD of a wave with their decimals, as the first table shows them."""
    mean, sd = table_of(document, "studied")["rows"][wave]["cells"][-2:]
    return mean["value"], sd["value"], mean["decimals"], sd["decimals"]


def _sample(scores: np.ndarray) -> dict:
    """The sample with these scores in its first wave."""
    given = inputs()
    wave = given["results"]["waves"][0]
    wave.update(rows=len(scores), mean=float(scores.mean()), sd=float(scores.std(ddof=1)))
    return given


def _two_versions(before: dict, after: dict) -> list[dict]:
    """Reports before and after a pupil left, the second protected with the first."""
    made = records(before)
    names = ("configuration", "analysis", "results", "survey", "provenance")
    kept = json.loads(make_record(**{name: made[name] for name in names}).to_json())
    return [document_of(before), document_of(after | {"previous": kept})]


def _two_analyses(wider: dict, narrower: dict) -> list[dict]:
    """Reports of two analyses, of which the second has a variable that one pupil lacks."""
    analyses = wider["configuration"]["analyses"]
    analyses["both"] = copy.deepcopy(analyses["math"])
    both = narrower["results"] | {"analysis": "both"}
    both["full"]["terms"].append([{"variable": "books", "category": None, "power": 1}])
    both["n_obs"] -= 1
    results = {"math": wider["results"], "both": both}
    return [
        document_of(
            wider | {"analysis": own, "results": results[own]},
            beside=[OtherAnalysis(AnalysisResults.model_validate_json(json.dumps(results[other])))],
        )
        for own, other in (("math", "both"), ("both", "math"))
    ]


@pytest.mark.parametrize("documents_of", [_two_versions, _two_analyses])
def test_two_reports_do_not_give_the_score_of_the_pupil_that_one_lacks(documents_of):
    scores = np.round(np.random.default_rng(7).normal(510, 62.84, 600), 1)
    exact = 600 * scores.mean() - 599 * scores[1:].mean()
    assert exact == pytest.approx(scores[0], abs=1e-6)  # what all digits would give
    documents = documents_of(_sample(scores), _sample(scores[1:]))
    facts = [
        {"n": n, "mean": m, "sd": s, "mean_unit": 10.0**-a, "sd_unit": 10.0**-b}
        for n, (m, s, a, b) in zip((600, 599), map(studied, documents), strict=True)
    ]
    low, high = possible(*facts)
    assert low <= scores[0] <= high
    assert high - low >= 0.5 * 62.84
    assert len(np.arange(low, high, 0.1)) > 300  # scores that are as possible as the true one
