"""Who publishes a report, when, and how it is cited."""

from __future__ import annotations

from datetime import date
from typing import Any

from mlm.pages.context import Context
from mlm.pages.language import DEFAULT, _, current

BRITISH = "en_GB"


def publication(context: Context) -> dict[str, Any]:
    """Publisher, contact, licence, date, address and citation; empty texts where not said."""
    said = context.configuration.publication
    day = said.date or _made_on(context)
    address = f"https://doi.org/{said.doi}" if said.doi else said.url or ""
    return {
        "publisher": said.publisher or "",
        "contact": said.contact or "",
        "licence": said.licence or "",
        "address": address,
        "date": day.isoformat() if day else "",
        "day": long_date(day) if day else "",
        "next": said.next or "",
        "cite": _citation(context, day, address),
    }


def long_date(day: date) -> str:
    """A date in words, in the language of the report: ``28 November 2026``."""
    from babel.dates import format_date

    code = current().code
    return format_date(day, "long", BRITISH if code == DEFAULT else code)


def _made_on(context: Context) -> date | None:
    made = context.provenance.date.value if not context.provenance.missing else None
    return None if made is None else date.fromisoformat(made)


def _citation(context: Context, day: date | None, address: str) -> str:
    """``Office (2026). Mathematics and class type. Tennessee class-size study. https://...``"""
    said, labels = context.configuration.publication, context.labels
    parts = [said.publisher or "", labels.analysis.title or labels.outcome]
    if day is not None:
        dated = 0 if said.publisher else 1
        parts[dated] = _("{name} ({year})").format(name=parts[dated], year=day.year)
    parts.append(context.configuration.title)
    sentences = [part.rstrip(".") for part in parts if part]
    return ". ".join(sentences) + "." + (f" {address}" if address else "")
