"""The path to the settled model: where it begins, what each step did, why others were not taken."""

from __future__ import annotations

import itertools
import json

import pytest

from mlm.pages.text import plain_text
from mlm.results.analysis import AnalysisResults
from tests.unit.pages.reading import table_of
from tests.unit.pages.sample import FOLDER, document_of, everything
from tests.unit.pages.sample.survey import made

RUNS = {
    "stored": lambda: (FOLDER / "results.json").read_text("utf-8"),
    "run": lambda: made()["results"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_the_path_leads_from_where_it_begins_to_the_settled_forms(name):
    """Taken steps and forms that were freed, one after the other, and one step a round at most."""
    found = AnalysisResults.model_validate_json(RUNS[name]()).settled.random_part
    at = {item.level: item.start for item in found.levels}
    rounds = [step.round for step in found.path]
    assert rounds == sorted(rounds)
    steps = [step for step in found.path if step.level in at]
    before = [step for step in steps if not step.beside_slopes]
    for moves in (before, found.freed, [step for step in steps if step.beside_slopes]):
        for _, together in itertools.groupby(moves, lambda step: getattr(step, "round", 0)):
            tried = list(together)
            assert all(at[step.level] == step.before for step in tried)
            at |= {step.level: step.form for step in tried if getattr(step, "taken", True)}
    assert at == {item.level: item.form for item in found.levels}
    for number in set(rounds):
        assert sum(step.taken for step in found.path if step.round == number) <= 1


def outcomes(given) -> dict[str, str]:
    """Outcome of each step of the table by its name, headings left out."""
    rows = table_of(document_of(given), "path-settled")["rows"]
    cells = [[cell["text"] for cell in row["cells"]] for row in rows if row["kind"] != "group"]
    return {name: told for name, *__, told in cells}


def test_every_step_says_what_was_compared_and_why_it_was_taken_or_not():
    told = outcomes(everything())
    before = "a variance for each wave and one correlation"
    assert told["Schools: unstructured"].startswith("the most general covariance")
    assert told[f"Schools: {before} instead of unstructured"] == "taken"
    assert told[f"Schools: a part by wave instead of {before}"] == "refused: fits worse"
    assert told[f"Schools: unstructured instead of {before}"].startswith("taken, so that slopes")


def test_only_a_form_that_makes_no_correlation_below_zero_is_said_to_be_compared_so():
    given = everything()
    path = given["results"]["settled"]["random_part"]["path"]
    for form, is_told in (("part_by_wave", True), ("autoregressive", False)):
        for step in path:
            for end in ("form", "before"):
                if step[end] in ("part_by_wave", "autoregressive"):
                    step[end] = form
        notes = table_of(document_of(given), "path-settled")["notes"]
        told = [plain_text(note) for note in notes]
        assert any("“a part by wave” is compared" in note for note in told) is is_told


def test_a_form_that_is_allowed_but_not_taken_says_what_was_better():
    given = everything()
    path = given["results"]["settled"]["random_part"]["path"]
    other = json.loads(json.dumps(path[0])) | {"form": "autoregressive_variances", "taken": False}
    path.insert(1, other)
    name = (
        "Schools: first-order autoregressive with a variance for each wave instead of unstructured"
    )
    assert outcomes(given)[name] == "allowed, but another had a larger p"
    path[0]["taken"] = False
    assert outcomes(given)[name] == "allowed, but has no certified optimum"


def test_a_slope_has_one_row_whatever_its_columns_and_says_both_p_values():
    given = everything()
    slope = next(item for item in given["results"]["slopes"] if item["kind"] == "tested")
    given["results"]["slopes"].append(json.loads(json.dumps(slope)))
    slope["test"] |= {"p_value": 0.001, "p_adjusted": 0.004}
    slope["kept"] = False
    rows = table_of(document_of(given), "path-settled")["rows"]
    cells = [[cell["text"] for cell in row["cells"]] for row in rows]
    told = [row[-3:] for row in cells if row[0] == "Free lunch between schools"]
    assert told == [["0.001", "0.004", "clear alone, but adds nothing beside those kept"]]


def test_the_residual_has_words_of_its_own():
    given = everything()
    path = given["results"]["settled"]["random_part"]["path"]
    rows = {"unit": "pupil", "in_wave": False, "ids": []}
    path.append(path[0] | {"level": rows, "before": "variances_by_wave", "form": "constant"})
    name = "Residual: one variance for all waves instead of a variance for each wave"
    assert outcomes(given)[name] == "taken"
