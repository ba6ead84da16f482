"""The chart of shares names each level once, whatever a piece of the settled model holds."""

from __future__ import annotations

from mlm.pages.figures import shares
from mlm.pages.sections.variation.chart import shares_figure
from mlm.pages.text import plain_text
from tests.unit.pages.sample import context_of, inputs


def test_a_piece_that_holds_another_level_keeps_its_own_name_in_the_key(monkeypatch):
    given = inputs()
    null, variances = given["results"]["null"]["shares"], given["results"]["settled"]["variances"]
    levels = [item["level"] for item in null]
    holder = next(item for item in variances if item["level"] == levels[0])
    holder["holds"] = [levels[-1]]
    context = context_of(given)
    block = shares_figure(context)
    shown: list[str] = []
    monkeypatch.setattr(shares, "box_entry", lambda label, *__: shown.append(label))
    monkeypatch.setattr(shares, "key", lambda *__: None)
    shares._key(None, block["data"], block["options"])
    assert shown == list(dict.fromkeys(shown)) and " and " not in shown[0]
    assert "In the settled model the piece of " in plain_text(block["how"])
