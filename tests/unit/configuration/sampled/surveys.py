"""A survey of two cycles with weights, replicates and plausible values, and ways to spoil it."""

from __future__ import annotations

import copy

import yaml

from mlm.configuration import load_configuration

SURVEY = {
    "survey": "cycles",
    "title": "Two cycles",
    "description": "Schools drawn in each cycle.",
    "source": "made for tests",
    "design": "new_schools",
    "levels": [{"name": "school", "id": "SCHOOLID"}, {"name": "pupil"}],
    "time": {"name": "year", "label": "Year"},
    "waves": [
        {"name": "2018", "time": 2018, "files": ["2018.csv"]},
        {"name": "2022", "time": 2022, "files": ["2022.csv"]},
    ],
    "variables": {
        "math": {"label": "Mathematics", "type": "number", "level": "row", "unit": "points"},
        "escs": {"label": "Home", "type": "number", "level": "row"},
        "size": {"label": "Size", "type": "number", "level": "school"},
    },
    "analyses": {"math": {"outcome": "math", "terms": ["escs", "size"]}},
    "sampling": {
        "weights": {"pupil": "W_FSTUWT", "school": "W_FSCHWT"},
        "strata": "STRATUM",
        "replicates": {"method": "fay", "factor": 0.5, "columns": "W_FSTR1-W_FSTR4"},
    },
    "plausible_values": {"math": "PV{1..3}MATH"},
    "minimum_proficiency": {"math": 420.07},
    "linking_error": {"math": {"2018 to 2022": 2.24}},
}


def given(survey_keys: dict | None = None, **changes) -> dict:
    """The survey with other keys of the sample, of the survey (None: none), or of variables.

    Further keys of the survey are ``survey_keys``.
    """
    made = {**copy.deepcopy(SURVEY), **(survey_keys or {})}
    for key, value in changes.items():
        inside = key not in made
        place = made["variables" if key in made["variables"] else "sampling"] if inside else made
        place.pop(key, None)
        if value is not None:
            place[key] = value
    return made


def loaded(folder, **changes):
    """The survey read from a file in a folder."""
    path = folder / "cycles.yaml"
    path.write_text(yaml.safe_dump(given(**changes), sort_keys=False), encoding="utf-8")
    return load_configuration(path)
