"""Samples of three designs through the whole chain, from files to the records of an analysis.

Forty of 800 schools are drawn with chances that fall with their effects on the outcome, and twelve
of their forty pupils: once for both waves with their pupils (``same_pupils``), once with new pupils
in each wave (``same_schools``), or anew in each wave (``new_schools``). Files are written, cleaned,
linked and analysed as in a run; errors come from the jackknife.

    python -m tests.recovery.sampled_chain 200
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import yaml

from mlm.configuration import load_configuration
from mlm.configuration.planning import plan_of
from mlm.front.sampled_analysis import analyse_rows
from mlm.rows.accumulating.record_rows import RecordRows
from mlm.rows.cleaning.cleaning import clean_in_chunks
from mlm.rows.linking.linking import link_waves

DESIGNS = ("same_pupils", "same_schools", "new_schools")
SCHOOLS, OF_SCHOOL, DRAWN, PUPILS, CUT = 800, 40, 40, 12, 480.0
SCHOOL, SCHOOL_WAVE, PUPIL, REST = 625.0, 100.0, 900.0, 2025.0
WAVES = ("2018", "2022")
TILT = 0.012  # by which the logarithm of a school's chance falls with its effect


def configuration_of(design: str, draws: int = 0) -> dict:
    """Configuration of a survey of a design, as a file has it; the score by some draws."""
    weights = {"school": "w_school", "pupil": "w_pupil"}
    scores = {"plausible_values": {"score": f"PV1-PV{draws}"}} if draws else {}
    return {
        "survey": "chain",
        "title": "Samples through the chain",
        "description": "Made for a study.",
        "source": "made for a study",
        "design": design,
        "levels": [{"name": "school", "id": "school"}, {"name": "pupil", "id": "pupil"}],
        "time": {"name": "year", "label": "Year"},
        "waves": [{"name": w, "time": int(w), "files": [f"{w}.csv"]} for w in WAVES],
        "variables": {
            "score": {"label": "Score", "type": "number", "level": "row", "unit": "points"},
            "ses": {"label": "Home", "type": "number", "level": "row"},
            "sex": {
                "label": "Sex",
                "type": "category",
                "level": "row",
                "categories": {"boy": "Boy", "girl": "Girl"},
            },
        },
        "analyses": {"score": {"outcome": "score", "terms": ["ses", "sex"], "slopes": []}},
        "sampling": {"weights": weights},
        "minimum_proficiency": {"score": CUT},
        **scores,
    }


@cache
def population(design: str, schools: int = SCHOOLS) -> dict[str, pd.DataFrame]:
    """Rows of each wave: the same every time."""
    rng, waves = np.random.default_rng(DESIGNS.index(design)), {}
    school = np.repeat(np.arange(schools), OF_SCHOOL)
    effect, pupil, girl = None, None, None
    for place, wave in enumerate(WAVES):
        if effect is None or design == "new_schools":
            effect = _standard(rng, schools) * np.sqrt(SCHOOL)
        if pupil is None or design != "same_pupils":
            pupil, girl = rng.normal(size=school.size), rng.random(school.size) < 0.5
        lasting = np.sqrt(PUPIL) if design == "same_pupils" else 0.0
        moved = 0.0 if design == "new_schools" else np.sqrt(SCHOOL_WAVE)
        ses = rng.normal(size=school.size)
        score = 500.0 + 8.0 * place + 10.0 * ses + 6.0 * girl + effect[school] + lasting * pupil
        score = score + moved * _standard(rng, schools)[school]
        score = score + np.sqrt(REST) * rng.normal(size=school.size)
        waves[wave] = pd.DataFrame(
            {
                "school": school,
                "pupil": np.arange(school.size) % OF_SCHOOL,
                "score": score.round(4),
                "ses": ses.round(4),
                "sex": np.where(girl, "girl", "boy"),
                "effect": effect[school],
            }
        )
    return waves


def _standard(rng: np.random.Generator, n: int) -> np.ndarray:
    values = rng.normal(size=n)
    return (values - values.mean()) / values.std()


def truth(design: str, count: int = SCHOOLS) -> dict[str, float]:
    """What is true of the population of so many schools."""
    first, last = population(design, count).values()
    mean = [wave["score"].mean() for wave in (first, last)]
    share = [(wave["score"] >= CUT).mean() for wave in (first, last)]
    by_sex = last.groupby("sex")["score"].mean()
    parts = {"same_pupils": PUPIL + SCHOOL_WAVE, "same_schools": SCHOOL_WAVE, "new_schools": 0.0}
    # followed pupils have no level of schools in a wave: half of what is of one wave of two is
    # taken for the schools, as the mean over both waves holds it
    schools = SCHOOL + (SCHOOL_WAVE / len(WAVES) if design == "same_pupils" else 0.0)
    return {
        "mean": mean[1],
        "change of the mean": mean[1] - mean[0],
        "share at the cut": share[1],
        "change of the share": share[1] - share[0],
        "gap": by_sex["girl"] - by_sex["boy"],
        "effect of ses": 10.0,
        "effect of sex": 6.0,
        "share of schools": schools / (SCHOOL + parts[design] + REST),
    }


def sample(
    design: str, seed: int, drawn: int = DRAWN, schools: int = SCHOOLS
) -> dict[str, pd.DataFrame]:
    """Rows of each wave of a sample."""
    rng, waves, rows, chance = np.random.default_rng([seed, 15]), {}, None, None
    for wave, frame in population(design, schools).items():
        if chance is None or design == "new_schools":
            effect = frame["effect"].to_numpy()[::OF_SCHOOL]
            size = np.exp(0.4 * rng.normal(size=schools) - TILT * effect)
            chance = size / size.sum() * drawn
            steps = rng.random() + np.arange(drawn)
            chosen = np.unique(np.searchsorted(np.cumsum(chance), steps))
        if rows is None or design != "same_pupils":
            of_each = [rng.choice(OF_SCHOOL, PUPILS, replace=False) for _ in chosen]
            rows = np.concatenate([s * OF_SCHOOL + c for s, c in zip(chosen, of_each, strict=True)])
        found = frame.iloc[rows].drop(columns="effect")
        weight = 1.0 / chance[rows // OF_SCHOOL]
        found = found.assign(w_school=weight, w_pupil=weight * OF_SCHOOL / PUPILS)
        if design == "new_schools":
            found["school"] = found["school"] + schools * (1 + WAVES.index(wave))
        waves[wave] = found
    return waves


def analysed(design: str, seed: int):
    """Results of a sample: files written, cleaned, linked, analysed."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for wave, frame in sample(design, seed).items():
            frame.to_csv(folder / f"{wave}.csv", index=False)
        path = folder / "chain.yaml"
        path.write_text(yaml.safe_dump(configuration_of(design)), encoding="utf-8")
        configuration = load_configuration(path).under(folder)
        waves = {w: clean_in_chunks(configuration, w) for w in configuration.wave_names}
        survey = link_waves(configuration, waves, {w: own.ledger for w, own in waves.items()})
        rows = {w: RecordRows(own, len(own.units.rows)) for w, own in waves.items()}
        return analyse_rows(plan_of(configuration, "score"), rows, survey)[0]


def told(results) -> dict[str, object]:
    """Estimates with intervals, by what they are of."""
    return quantities(results.means, results.shares_at[0], results.full)


def quantities(means, at_cut, full) -> dict[str, object]:
    """The same of the means, the shares at the cut and the full model."""
    last, cut = means.waves[1], at_cut.waves[1]
    (sex,) = (item for item in means.by if item.variable == "sex")
    fixed = {c.term[0].variable: c for c in full.fixed if len(c.term) == 1}
    share = next(s for s in full.shares if s.level.ids[-1:] == ("school",))
    return {
        "mean": last,
        "change of the mean": last.change,
        "share at the cut": cut,
        "change of the share": cut.change,
        "gap": sex.categories[1].waves[1].gap,
        "effect of ses": fixed["ses"],
        "effect of sex": fixed["sex"],
        "share of schools": share,
    }


def rates(design: str, samples: int) -> dict[str, tuple[float, float]]:
    """By quantity: bias over the standard deviation, and share of intervals that hold the truth."""
    true, held, apart = truth(design), {}, {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(samples):
            for name, item in told(analysed(design, seed)).items():
                held.setdefault(name, []).append(item.lower <= true[name] <= item.upper)
                apart.setdefault(name, []).append(item.estimate - true[name])
    bias = {name: np.mean(each) / np.std(each) for name, each in apart.items()}
    return {name: (float(bias[name]), float(np.mean(each))) for name, each in held.items()}


def main(samples: int) -> None:
    """Print a row a quantity."""
    found = {design: rates(design, samples) for design in DESIGNS}
    for name in found[DESIGNS[0]]:
        cells = [f"{found[d][name][1]:.3f} ({found[d][name][0]:+.2f})" for d in DESIGNS]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
