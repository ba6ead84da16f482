"""What an office file says of itself, and the lines of the brief about its making."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from mlm.pages.template_words import template_words

BEFORE_ALL = date(2000, 1, 1)  # of a report without a date


def describe(properties, document: Mapping[str, Any]) -> None:
    """Fill the core properties of a file: title, author, language, dates.

    Parameters
    ----------
    properties
        The core properties of python-docx or python-pptx.
    document : mapping
        The document of a report.
    """
    said = document["publication"]
    day = said["date"] or document["date"]
    made = datetime.combine(date.fromisoformat(day) if day else BEFORE_ALL, time())
    properties.title = document["title"]
    properties.subject = document["survey_title"]
    properties.author = properties.last_modified_by = said["publisher"]
    properties.language = document["language"]
    properties.comments = properties.keywords = properties.category = ""
    properties.created = properties.modified = made
    properties.revision = 1


def published(document: Mapping[str, Any]) -> str:
    """Date, publisher, contact and licence on one line."""
    said = document["publication"]
    parts = (said[name] for name in ("day", "publisher", "contact", "licence"))
    return " · ".join(part for part in parts if part)


def citation(document: Mapping[str, Any]) -> str:
    """How the brief is cited."""
    return f"{template_words()['cite']} {document['publication']['cite']}"


def made_with(document: Mapping[str, Any]) -> str:
    """The program that made the brief, and when."""
    made = f"{template_words()['made_with']} mlm {document['version']}"
    return ", ".join(part for part in (made, document["date"]) if part) + "."
