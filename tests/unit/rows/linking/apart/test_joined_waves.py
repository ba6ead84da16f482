"""Waves that were read one by one are linked as those that are read together, to the byte."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.configuration import load_configuration
from mlm.rows.linking.apart import joined_waves
from mlm.rows.linking.apart.part_of_wave import part_of_wave
from mlm.rows.linking.apart.wave_part import LinkedPart
from mlm.rows.linking.entries import id_buckets
from mlm.rows.linking.linking import link_waves
from mlm.rows.linking.survey_rows import SurveyRows
from tests.unit.rows.linking.entries.test_lowest_units import CONFIGURATION, KINDS, waves_of

pytestmark = pytest.mark.slow


@pytest.fixture
def configured(tmp_path):
    def make(design: str = "same_schools", declared: str = ", id: pupil", policy: bool = False):
        text = CONFIGURATION.format(design=design, id=declared)
        if policy:
            text = text.replace('"sex:kind"]', '"sex:kind"], policy: {town: observational}')
        path = tmp_path / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return load_configuration(path)

    return make


def parts_of_waves(configuration, waves, folder) -> list[LinkedPart]:
    """Each wave read by itself."""
    parts = []
    for wave, frame in waves.items():
        (folder / wave).mkdir()
        part_of_wave(configuration, wave, frame, folder / wave)
        parts.append(LinkedPart(folder / wave))
    return parts


def both(configuration, waves, folder, monkeypatch) -> tuple[str, str]:
    """Accounts of the waves read together, and joined without any row of theirs."""
    expected = link_waves(configuration, waves).to_json()
    parts = parts_of_waves(configuration, waves, folder)
    with monkeypatch.context() as context:
        context.setattr(SurveyRows, "blocks", None)
        nothing = {wave: frame.iloc[:0] for wave, frame in waves.items()}
        return expected, link_waves(configuration, nothing, parts=parts).to_json()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("declared", [", id: pupil", ", id: pupil, ids: local", ""])
@pytest.mark.parametrize("design", ["same_schools", "new_schools"])
def test_joined_waves_are_those_that_are_read_together(
    kind, declared, design, configured, tmp_path, monkeypatch
):
    configuration = configured(design, declared, policy=design == "same_schools")
    waves = waves_of(kind, np.random.default_rng(len(kind)))
    expected, found = both(configuration, waves, tmp_path, monkeypatch)
    assert found == expected


@pytest.mark.parametrize("kind", KINDS)
def test_buckets_of_several_waves_are_put_together(kind, configured, tmp_path, monkeypatch):
    for module in (joined_waves, id_buckets):
        monkeypatch.setattr(module, "HELD_ROWS", 30)
    waves = waves_of(kind, np.random.default_rng(5))
    expected, found = both(configured(), waves, tmp_path, monkeypatch)
    assert found == expected


def test_ids_that_are_numbers_in_one_wave_alone_are_texts_in_all(configured, tmp_path, monkeypatch):
    rng = np.random.default_rng(8)
    waves = waves_of("of one length", rng)
    waves["b"] = waves_of("padded", rng)["b"]
    parts = parts_of_waves(configured(), waves, tmp_path)
    assert [part.are_numbers for part in parts] == [True, False, True]
    for wave in waves:
        for file in (tmp_path / wave).iterdir():
            file.unlink()
        (tmp_path / wave).rmdir()
    expected, found = both(configured(), waves, tmp_path, monkeypatch)
    assert found == expected


def test_a_number_that_the_first_waves_lack_and_one_that_follows_from_another(
    configured, tmp_path, monkeypatch
):
    waves = waves_of("unique", np.random.default_rng(9))
    for wave, frame in waves.items():
        frame["books"] = frame["home"] * 2.0
        if wave == "a":
            frame["home"] = np.nan
    expected, found = both(configured(), waves, tmp_path, monkeypatch)
    assert '"books"' in expected and found == expected


def test_rows_that_are_no_units_are_read_together(configured, tmp_path):
    waves = waves_of("shared", np.random.default_rng(1))
    mixed = {wave: frame.sample(frac=1.0, random_state=3) for wave, frame in waves.items()}
    configuration = configured()
    parts = parts_of_waves(configuration, mixed, tmp_path)
    assert not any(part.rows_are_units for part in parts)
    expected = link_waves(configuration, mixed)
    assert link_waves(configuration, mixed, parts=parts).to_json() == expected.to_json()


def test_a_wave_alone_tells_nothing_of_others(configured, tmp_path):
    waves = waves_of("padded", np.random.default_rng(2))
    texts = CONFIGURATION.format(design="same_schools", id=", id: pupil").splitlines()
    (tmp_path / "two.yaml").write_text(
        "\n".join(line for line in texts if "files: [c.csv]" not in line), encoding="utf-8"
    )
    files = []
    for name, configuration in (
        ("three", configured()),
        ("two", load_configuration(tmp_path / "two.yaml")),
    ):
        (tmp_path / name).mkdir()
        part_of_wave(configuration, "b", waves["b"], tmp_path / name)
        own = sorted((tmp_path / name).iterdir())
        files.append({path.name: path.read_bytes() for path in own if path.suffix == ".arrow"})
        with np.load(tmp_path / name / "answers.npz") as answers:
            files[-1] |= {key: answers[key].tobytes() for key in answers}
    assert files[0] == files[1] and isinstance(waves["b"], pd.DataFrame)
