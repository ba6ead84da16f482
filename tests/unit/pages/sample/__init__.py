"""A small, complete sample of a configuration, results and a linked survey, for tests of the pages.

The numbers are invented but consistent: shares add to one, rows read are rows kept plus excluded.
They are stored as analyses store theirs, and hold nothing that the analysis of a small survey
beside them does not hold; a test changes them and reads them as records.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Collection
from contextlib import ExitStack
from functools import cache, lru_cache
from pathlib import Path
from unittest.mock import patch

from mlm.configuration.models import Configuration
from mlm.pages import report
from mlm.pages.context import Context
from mlm.pages.contexts.making import make_context
from mlm.pages.document import make_protected
from mlm.results.analysis import AnalysisResults
from mlm.results.record import Record
from mlm.results.residuals import Residuals
from mlm.results.runs.kept import KeptRecord
from mlm.results.runs.provenance import Provenance
from mlm.results.survey.survey import SurveyAccount

FOLDER = Path(__file__).parent
RECORDS = {
    "results": AnalysisResults,
    "survey": SurveyAccount,
    "provenance": Provenance,
    "residuals": Residuals,
    "previous": KeptRecord,
}

WAVES = [("K", "Kindergarten"), ("1", "Grade 1"), ("2", "Grade 2")]


def stored_configuration() -> dict:
    """The configuration as its file gives it."""
    return {
        "survey": "sample",
        "title": "Sample class-size study",
        "description": "Pupils of eighty schools, allocated at random to small or regular classes.",
        "source": "Invented for tests.",
        "design": "same_pupils",
        "levels": [
            {"name": "school", "id": "school", "plural": "schools"},
            {"name": "pupil", "id": "pupil", "plural": "pupils"},
        ],
        "time": {"name": "grade", "label": "School grade", "coding": "categories"},
        "waves": [
            {"name": name, "label": label, "time": i, "files": [f"data/wave_{name}.csv"]}
            for i, (name, label) in enumerate(WAVES)
        ],
        "variables": {
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
        "analyses": {
            "math": {
                "outcome": "math",
                "terms": ["class_type", "ses", "experience", "experience^2"],
                "time_interactions": ["class_type"],
                "protected": ["class_type"],
                "policy": {
                    "class_type": {
                        "evidence": "randomised",
                        "level": "pupil",
                        "wave": "K",
                        "as": "attended",
                    }
                },
                "slopes": ["ses"],
            }
        },
    }


def variable(label: str, kind: str = "number", **more) -> dict:
    return {"label": label, "type": kind, "level": "row", **more}


def configuration() -> Configuration:
    """The configuration of the sample."""
    return Configuration.model_validate(stored_configuration())


def provenance():
    return {
        "version": "0.1.0",
        "commit": "fccb67f",
        "has_changes": False,
        "date": "2026-11-20",
        "python": "3.11.7",
        "packages": [
            {"name": "numpy", "version": "2.4.6"},
            {"name": "scipy", "version": "1.17.1"},
        ],
        "command": "snakemake --cores 2",
        "configuration": {"path": "config/sample.yaml", "sha256": "cd" * 32},
    }


@cache
def _stored(name: str) -> str:
    return (FOLDER / f"{name}.json").read_text("utf-8")


def everything() -> dict:
    """Stored inputs of a report with every part that has results, to be changed by a test."""
    stored = {name: json.loads(_stored(name)) for name in ("results", "survey")}
    return {"configuration": stored_configuration(), "analysis": "math", **stored} | {
        "provenance": provenance(),
        "residuals": None,
        "previous": None,
    }


def residuals() -> dict:
    """Stored residuals of the rows."""
    return json.loads(_stored("residuals"))


def inputs() -> dict:
    """The same without the parts beside the five answers."""
    given = everything()
    results = given["results"]
    results["pupil_level"] |= {"variables": [], "block": None, "terms": [], "left_out": []}
    results["pupil_level"]["moved"] = None
    results["within_between"] = []
    results["inclusion"] |= {"terms": [], "resampled": None}
    results["slope_details"] = {"searched": [], "left_out": []}
    results["policy"][0] |= {
        "balance": {"kind": "refused", "reason": {"kind": "no_covariates"}},
        "overlap": [],
        "unadjusted": [],
        "unadjusted_waves": [],
    }
    refused = {"kind": "refused", "reason": {"kind": "not_fitted", "what": "residual_variances"}}
    results["diagnostics"] = {"residual_variance": refused, "normality": []}
    none = {"kind": "refused", "reason": {"kind": "no_groups"}}
    results["diagnostics"] |= {"influence": none, "deletion": none | {"level": None}}
    results["over_time"]["by"] = []
    few = {"kind": "too_few_waves", "waves": 2, "needed": 3, "what": "back_test"}
    results["over_time"]["levels"][0]["details"] = {"kind": "refused", "reason": few}
    return given


def units(n: int = 12) -> list[dict]:
    """Effects of so many units, in order."""
    rows = []
    for i in range(n):
        estimate = (i - (n - 1) / 2) * 40 / n
        rows.append(
            {
                "unit": [str(i + 1)],
                "n": 180 + 9 * i,
                "n_compared": 60 + 3 * i,
                "ranked": True,
                "side": "above" if estimate > 9 else "below" if estimate < -9 else "expected",
                "raw": estimate * 1.1,
                "estimate": estimate,
                "std_error": 3.1,
                "comparative_se": 3.1,
                "reliability": 0.93,
                "lower": estimate - 6.1,
                "upper": estimate + 6.1,
                "goldstein_lower": estimate - 4.3,
                "goldstein_upper": estimate + 4.3,
                "mean_rank": n - i + 0.2,
                "rank_lower": max(n - i - 2, 1),
                "rank_upper": min(n - i + 2, n),
                "probability_top": 0.1,
                "probability_bottom": 0.1,
            }
        )
    return rows


def records(given: dict) -> dict:
    """The inputs as pages take them: stored inputs read as records, which refuse unknown keys."""
    return {name: _record(name, value) for name, value in given.items()}


def _record(name: str, value):
    if name == "configuration":
        return Configuration.model_validate(value)
    kind = RECORDS.get(name)
    if kind is None or value is None or isinstance(value, kind):
        return value
    return _read(kind, json.dumps(value))


@lru_cache(maxsize=32)
def _read(kind: type[Record], stored: str) -> Record:
    """The record that is stored so; records do not change, so that the same is read once."""
    return kind.model_validate_json(stored)


_DOCUMENTS: dict[str, bytes] = {}


def document_of(given: dict, **more) -> dict:
    """The document of a report of changed inputs; that of the same inputs is made once."""
    key = json.dumps((given, more), default=repr)
    if key not in _DOCUMENTS:
        _DOCUMENTS[key] = pickle.dumps(make_protected(**records(given), **more).document)
    return pickle.loads(_DOCUMENTS[key])


PAINTED = (
    "drawing.pictures.pictures",
    "office.slides.brief_pptx",
    "office.word.brief_docx",
    "pdf.brief_pdf",
    "pdf.report_pdf",
)


def files_of(given: dict, painted: Collection[str] = PAINTED) -> dict[str, bytes]:
    """All files of a report of changed inputs; as `files_of_records`."""
    return files_of_records(records(given), painted)


def files_of_records(taken: dict, painted: Collection[str] = PAINTED) -> dict[str, bytes]:
    """All files of a report of inputs as pages take them.

    Pictures and laid out pages take most of the time; those that are not `painted` are left out.
    """
    rendered = report._rendered
    with ExitStack() as stack:
        for name in PAINTED:
            if name not in painted:
                nothing = {} if name.endswith("pictures") else b""
                stack.enter_context(patch(f"mlm.pages.{name}", return_value=nothing))
        stack.enter_context(patch.object(report, "_rendered", lambda *a: _made(rendered(*a))))
        return report.report_files(**taken)


def _made(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if content}


def context_of(given: dict) -> Context:
    """The context of a report of changed inputs."""
    return make_context(**records(given))


def sources(given: dict) -> dict:
    """The stored inputs that the numbers of a report are traced in."""
    return {name: given[name] for name in RECORDS}
