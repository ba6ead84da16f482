"""Tables of the null model."""

from __future__ import annotations

from mlm.pages.sections.variation.tables import tests_table as table_of_tests
from mlm.pages.text import plain_text
from tests.unit.pages.sample import context_of, inputs


def test_a_level_whose_test_was_refused_has_a_row_without_numbers():
    given = inputs()
    refused = {"kind": "refused", "reason": {"kind": "same_parameters"}}
    given["results"]["null"]["tests"][1]["test"] = refused
    table = table_of_tests(context_of(given))
    schools, pupils = table["rows"]
    assert [cell["text"] for cell in schools["cells"]] == [
        "Schools",
        "1,810.2",
        "½χ²₀ + ½χ²₁",
        "<0.001",
    ]
    assert [cell["text"] for cell in pupils["cells"]] == ["Pupils", "[x]", "[x]", "[x]"]
    why = "Pupils: not tested: the models have the same parameters: there is nothing to test."
    assert plain_text(table["notes"][-1]) == why
