"""What a reader sees first of a report or a brief: all that stands above the first chart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.text import plain_text


def first_screen(report: Mapping[str, Any]) -> str:
    """Its words, the contents apart.

    Parameters
    ----------
    report : mapping
        ``report.json``.
    """
    findings, publication = report["findings"], report["publication"]
    said = [publication[name] for name in ("day", "publisher", "contact", "licence")]
    parts = [report["survey_title"], report["title"], *said, "Findings", findings["who"]]
    parts += [finding["runs"] for finding in findings["items"]]
    return " ".join(map(plain_text, parts))
