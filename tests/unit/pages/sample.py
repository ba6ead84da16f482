"""A small, complete sample of a configuration, results and a linked survey, for tests of the pages.

The numbers are invented but consistent: shares add to one, rows read are rows kept plus excluded.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace

from mlm.configuration.parts import Disclosure
from mlm.nouns.design import SAME_PUPILS
from tests.unit.pages.sample_answers import units
from tests.unit.pages.sample_results import results
from tests.unit.pages.sample_survey import survey

__all__ = ["configuration", "inputs", "provenance", "results", "survey", "units"]

WAVES = [("K", "Kindergarten"), ("1", "Grade 1"), ("2", "Grade 2")]


def variable(label, kind="number", **more):
    fields = {"unit": None, "categories": None, "reference": None, "range": None, "missing": {}}
    return SimpleNamespace(label=label, type=kind, level="row", **(fields | more))


def configuration():
    return SimpleNamespace(
        survey="sample",
        title="Sample class-size study",
        description="Pupils of eighty schools, allocated at random to small or regular classes.",
        source="Invented for tests.",
        language="en",
        disclosure=Disclosure(),
        design=SAME_PUPILS,
        time_below="pupil",
        levels=[
            SimpleNamespace(name="school", id="school", label=None, plural="schools"),
            SimpleNamespace(name="pupil", id="pupil", label=None, plural="pupils"),
        ],
        time=SimpleNamespace(name="grade", label="School grade", coding="categories"),
        waves=[
            SimpleNamespace(name=n, label=w, time=i, files=[]) for i, (n, w) in enumerate(WAVES)
        ],
        variables={
            "math": variable("Mathematics score", unit="scale points"),
            "class_type": variable(
                "Class type",
                "category",
                categories={"reg": "Regular class", "small": "Small class"},
                reference="reg",
            ),
            "ses": variable(
                "Free lunch", "category", categories={"F": "Free lunch", "N": "No free lunch"}
            ),
            "experience": variable("Teacher experience", unit="years"),
        },
        analyses={
            "math": SimpleNamespace(
                title=None,
                outcome="math",
                terms=["class_type", "ses", "experience", "experience^2"],
                time_interactions=["class_type"],
                protected=["class_type"],
                policy={"class_type": "randomised"},
                slopes=["ses"],
                alpha=0.05,
                ranking=SimpleNamespace(reliability=0.7, separable=0.3, stability=0.5),
            )
        },
        path="config/sample.yaml",
    )


def provenance():
    return {
        "version": "0.1.0",
        "commit": "fccb67f",
        "date": "2026-11-20",
        "python": "3.11.7",
        "packages": {"numpy": "2.4.6", "scipy": "1.17.1"},
        "command": "snakemake --cores 2",
        "configuration": {"path": "config/sample.yaml", "sha256": "cd" * 32},
        "inputs": [{"file": "data/wave_K.csv", "sha256": "ab" * 32}],
    }


def inputs():
    """Fresh copies of everything a report is made of."""
    return copy.deepcopy(
        {
            "configuration": configuration(),
            "analysis": "math",
            "results": results(),
            "survey": survey(),
            "provenance": provenance(),
        }
    )
