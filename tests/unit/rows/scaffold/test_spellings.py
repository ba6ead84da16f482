"""Drafts find units that recur in another spelling, and propose to ignore it."""

from __future__ import annotations

import pytest

from tests.unit.rows.scaffold.made_files import drafted, runs, school, score, sex, table

FORMS = {
    "decimals": (lambda i: f"{i + 301}", lambda i: f"{i + 301}.0", ()),
    "zeros": (lambda i: f"{7 * i + 1:05d}", lambda i: f"{7 * i + 1}", ("zeros",)),
    "case": (lambda i: f"P{7 * i}x", lambda i: f"p{7 * i}X", ("case",)),
    "dashes": (lambda i: f"a-{7 * i}", lambda i: f"a \u2013 {7 * i}", ("marks", "blanks")),
}


@pytest.mark.parametrize("kind", FORMS)
def test_pupils_in_another_spelling_recur(tmp_path, kind):
    one, other, ignored = FORMS[kind]
    columns = {"school": school, "sex": sex}
    paths = [
        table(tmp_path, f"s_{w}.csv", pupil=form, score=lambda i, w=w: score(i) + w, **columns)
        for w, form in enumerate((one, other))
    ]
    text, configuration = drafted(tmp_path, paths)
    assert configuration.design.follows_lowest
    assert configuration.levels[-1].ignore == ignored
    assert ("ignore" in text) == bool(ignored)
    flow = next(flow for flow in runs(configuration).attrition if flow.level == "pupil")
    assert (flow.stay, flow.leave, flow.new) == (60, 0, 0)
