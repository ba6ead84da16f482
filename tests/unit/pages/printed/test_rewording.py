"""A sentence with a hidden number is said without it; all else stays, in its place."""

from __future__ import annotations

import pytest

from mlm.pages.blocks import column, paragraph, row, table
from mlm.pages.disclosure.trimming import trim
from mlm.pages.language import using
from mlm.pages.printed.rewording import reword
from mlm.pages.rounding import CONFIDENTIAL, count
from mlm.pages.text import join, leaning, or_else, plain_text, say
from mlm.results.reading import At


def number(value: int):
    return count(At(value, f"survey#/{value}"))


def hide(runs, *values: int, words: str = CONFIDENTIAL) -> None:
    """What hiding does to the numbers with these values."""
    for run in runs:
        if run.get("value") in values:
            kept = {key: run[key] for key in ("instead",) if key in run}
            run.clear()
            run.update(kept, text=words, hidden="complementary")


def read():
    told = say("{n} pupils were read, {m} kept.", n=number(40), m=number(33))
    more = say("All {k} schools took part. None was left out.", k=number(12))
    return paragraph(join(told, more))


@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ([], "40 pupils were read, 33 kept. All 12 schools took part. None was left out."),
        ([40], "All 12 schools took part. None was left out."),
        ([12], "40 pupils were read, 33 kept. None was left out."),
        ([33, 12], "None was left out."),
    ],
)
def test_a_sentence_that_carries_nothing_is_left_out(hidden, left):
    block = read()
    before = [run.get("source") for run in block["runs"]]
    hide(block["runs"], *hidden)
    reword(block)
    assert plain_text(block["runs"]).strip() == left
    shown = [
        source for source in before if source and int(source.partition("/")[2]) in (40, 33, 12)
    ]
    for place, run in enumerate(block["runs"]):
        assert "source" not in run or run["source"] == before[place], "a number has moved"
    assert shown


@pytest.mark.parametrize(
    ("code", "after", "stays"),
    [
        ("en", "They are a third of all.", False),
        ("en", "Of these {n} are new.", False),
        ("en", "Italy has none.", True),
        ("en", "This report says more.", True),
        ("fr", "Ils sont un tiers.", False),
        ("fr", "Il n’y a rien d’autre.", True),
    ],
)
def test_a_sentence_that_begins_with_a_word_for_a_hidden_one_goes_with_it(code, after, stays):
    with using(code):
        block = paragraph(join(say("{n} left.", n=number(5)), say(after, n=number(9))))
        hide(block["runs"], 5)
        reword(block)
    assert bool(plain_text(block["runs"]).strip()) is stays


def test_what_a_sentence_carries_is_said_instead():
    told = or_else(say("{n} of {m} stay", n=number(5), m=number(9)), "some stay")
    block = paragraph(say("In wave 1 {told}, in wave 2 {all} do.", told=told, all=number(20)))
    hide(block["runs"], 9)
    reword(block)
    assert plain_text(block["runs"]) == "In wave 1 some stay, in wave 2 20 do."
    assert not any("instead" in run for run in block["runs"])


def test_a_clause_is_left_out_of_its_sentence():
    clause = or_else(say(", {n} for the least", n=number(3)), "")
    block = paragraph(say("{m} on average{clause}.", m=number(7), clause=clause))
    hide(block["runs"], 3)
    reword(block)
    assert plain_text(block["runs"]) == "7 on average."


def test_a_number_that_can_be_read_keeps_its_sentence():
    block = paragraph(say("{n} pupils left.", n=number(4)))
    hide(block["runs"], 4, words="fewer than 10")
    reword(block)
    assert plain_text(block["runs"]) == "fewer than 10 pupils left."


def test_a_number_that_stands_alone_keeps_its_mark():
    figure = {"label": "schools", "runs": [number(4).run()]}
    hide(figure["runs"], 4)
    reword(figure)
    assert plain_text(figure["runs"]) == CONFIDENTIAL


def test_a_cell_says_what_it_carries_and_the_mark_is_counted_as_left_out():
    told = or_else(say("{n} of {m} stay", n=number(5), m=number(9)), "some stay")
    block = table("checks", "Checks", [column("Detail", "text")], [row(told), row(number(8))])
    hide(block["rows"][0]["cells"][0]["runs"], 5)
    reword(block)
    assert plain_text(block["rows"][0]["cells"][0]["runs"]) == "[c] of 9 stay"
    assert trim(block)["complementary"] == 1
    assert plain_text(block["rows"][0]["cells"][0]["runs"]) == "some stay"


@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ([], "Sex matters by 4. It holds in wave 7. It was 9. All are well."),
        ([4], "All are well."),
        ([7], "Sex matters by 4. It was 9. All are well."),
    ],
)
def test_sentences_that_lean_on_a_hidden_one_go_with_it(hidden, left):
    first = say("Sex matters by {n}.", n=number(4))
    more = [leaning(say(text, n=number(n))) for text, n in LEANING]
    block = paragraph(join(first, *more, say("All are well.")))
    hide(block["runs"], *hidden)
    reword(block)
    assert plain_text(block["runs"]).strip() == left
    assert not any("leans" in run for run in block["runs"])


LEANING = (("It holds in wave {n}.", 7), ("It was {n}.", 9))
