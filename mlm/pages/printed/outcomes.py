"""Charts of the index: the same finding of all analyses in one unit, standard deviations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mlm.pages.drawing.inline import inline_chart
from mlm.pages.figures import make_chart
from mlm.pages.house.style import House
from mlm.pages.language import N_, _
from mlm.pages.rounding import MINUS, rounded
from mlm.pages.text import plain_text

COMPARED = {
    "proficiency": N_("Minimum proficiency"),
    "policy": N_("Policy"),
    "change": N_("Change over time"),
    "gap": N_("Gap"),
    "ranking": N_("Ranking"),
}  # kinds of findings that stand side by side for all reports
WHERE_TOLD = ("proficiency", "policy")  # kinds whose column is there if a report tells them
OF_GROUPS = ("policy", "gap")  # kinds whose rows say who is compared
LEAST = 2  # analyses that a chart compares


def finding_of(document: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    """The first finding of a kind that a report tells; None where it has none."""
    findings = document["findings"]
    told = (*findings["items"], *findings["further"], *findings["untold"])
    return next((item for item in told if item["kind"] == kind), None)


def outcome_charts(documents: Sequence[Mapping[str, Any]], house: House) -> list[dict[str, Any]]:
    """A chart for each kind of finding that several reports have: a row each, with its interval.

    Parameters
    ----------
    documents : sequence of mapping
        Documents of the reports.
    house : House
        Whose letters and colours they have.

    Returns
    -------
    list of dict
        ``kind``, ``title`` and ``drawing``.
    """
    charts = []
    for kind, label in COMPARED.items():
        data = _data(documents, kind)
        if len(data["label"]) >= LEAST:
            drawing = _drawing(kind, _(label), data, house)
            charts.append({"kind": kind, "title": _(label), "drawing": drawing})
    return charts


def _data(documents: Sequence[Mapping[str, Any]], kind: str) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {"label": [], "estimate": [], "lower": [], "upper": []}
    for document in documents:
        found = finding_of(document, kind)
        sizes = _sizes(found)
        if sizes is not None:
            who = f": {plain_text(found['short'])}" if kind in OF_GROUPS else ""
            data["label"].append(document["title"] + who)
            for name, value in zip(("estimate", "lower", "upper"), sizes, strict=True):
                data[name].append(value)
    return data


def _sizes(found: Mapping[str, Any] | None) -> tuple[float, float, float] | None:
    """Size of a finding with its sign, and the ends of its interval; None where one is hidden."""
    names = ("size", "size_lower", "size_upper", "estimate")
    if found is None or any((found[name] or {}).get("value") is None for name in names):
        return None
    size, lower, upper, estimate = (found[name]["value"] for name in names)
    if found["kind"] == "gap" and upper < 0:  # how far apart, whoever is ahead
        return size, -upper, -lower
    return (-size if estimate < 0 else size), lower, upper


def _drawing(kind: str, title: str, data: dict[str, list[Any]], house: House) -> Markup:
    told = [
        f"{label}: {rounded(value, 2, 'number')}".replace("-", MINUS)
        for label, value in zip(data["label"], data["estimate"], strict=True)
    ]
    block = {
        "kind": "effects",
        "title": [],
        "caption": [{"text": title}],
        "unit": "",
        "alt": [{"text": _("Sizes in standard deviations. {list}.").format(list="; ".join(told))}],
        "data": data,
        "options": {"x": _("Standard deviations of the outcome")},
    }
    chart = make_chart(block, house.typeface, "", house.palette)
    return inline_chart(chart, f"compared-{kind}", plain_text(block["alt"]))
