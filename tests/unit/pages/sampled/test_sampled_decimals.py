"""Two numbers of one quantity in a sentence have as many decimals."""

from __future__ import annotations

from mlm.pages.printed.agreement import agree
from mlm.pages.sections.sampled.by_category import means_measure
from mlm.pages.sections.sampled.estimates import mean_decimals
from mlm.pages.sections.sampled.groups import gap_words, gaps_figure, gaps_table, moves_table
from tests.unit.pages.sampled import sampled_context, sampled_inputs


def test_a_gap_in_two_waves_has_one_number_of_decimals():
    given = sampled_inputs()
    categories = given["results"]["means"]["by"][0]["categories"]
    for wave, error in zip(categories[1]["waves"], (2.1, 12.0), strict=True):
        wave["gap"] |= {"estimate": 10.7, "std_error": error}
    context = sampled_context(given)
    runs = gap_words(context, means_measure(context), context.results.means.by[0])
    decimals = [run["decimals"] for run in runs if run.get("style") == "signed"]
    assert decimals == [0, 0]


def test_both_numbers_of_a_title_are_rounded_alike_by_what_is_said_of_one():
    numbers = [
        {"text": "+10.7", "value": 10.7, "source": "results#/a", "style": "signed", "decimals": 1},
        {"text": "+9.1", "value": 9.1, "source": "results#/b", "style": "signed", "decimals": 1},
    ]
    rounder = numbers[1] | {"text": "+9", "value": 9.0, "decimals": 0}
    document = {
        "blocks": [{"type": "figure", "title": numbers}, {"type": "paragraph", "runs": [rounder]}],
        "findings": {"items": [], "further": [], "untold": [], "remarks": []}
        | {"figure": None, "lead": None, "table": None},
        "sections": [],
    }
    agree(document, {"results": {"a": 10.7, "b": 9.1}})
    assert [run["text"] for run in numbers] == ["+11", "+9"]


def test_a_gap_is_no_finer_than_the_means_that_it_is_between():
    """Else the mean of few rows would follow from it more finely than it may be told."""
    given = sampled_inputs()
    categories = given["results"]["means"]["by"][0]["categories"]
    for wave in categories[1]["waves"]:
        wave |= {"rows": 20, "std_error": 5.0}
        for name in ("gap", "change", "moved"):
            if wave[name] is not None:
                wave[name] |= {"std_error": 0.2}
    context = sampled_context(given)
    measure, item = means_measure(context), context.results.means.by[0]
    blocks = [*gaps_table(context, measure, item), *moves_table(context, measure, item)]
    cells = [cell for block in blocks for row in block["rows"] for cell in row["cells"]]
    of_few = f"{item.categories[1].source}/"
    ends = [c for c in cells if c.get("style") == "signed" and c["source"].startswith(of_few)]
    assert len(ends) >= 9
    assert max(cell["decimals"] for cell in ends) <= mean_decimals(
        context, item.categories[1].waves[0]
    )
    (chart,) = gaps_figure(context, measure)
    place = chart["data"]["variable"].index(context.labels.variable(item.variable.value))
    assert float(chart["data"]["estimate"][place]).is_integer()
