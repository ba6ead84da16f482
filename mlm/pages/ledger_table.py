"""The ledger as one table: every row and every missing cell of a survey, by wave and reason."""

from __future__ import annotations

import csv
import io

HEADER = ("wave", "account", "level", "variable", "reason", "number", "of")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def ledger_table(survey: dict) -> list[tuple]:
    """Lines of the ledger, under ``HEADER``.

    Parameters
    ----------
    survey : dict
        What ``link_waves`` returned.

    Returns
    -------
    list of tuple
        Accounts: ``rows read``, ``rows kept``, ``rows excluded`` (by reason; kept plus excluded
        are read), ``units`` (by level), ``cells missing`` (by variable and reason, of the rows
        kept), ``cells recoded``, ``stay``, ``leave``, ``new`` (units by level, to the next wave).
    """
    lines: list[tuple] = []
    levels = {(e["variable"], e["wave"]): e["level"] for e in survey["missingness"]}
    for ledger in survey["waves"]:
        wave, read, kept = ledger["wave"], ledger["rows_read"], ledger["rows_kept"]
        lines.append((wave, "rows read", "", "", "", read, read))
        lines.append((wave, "rows kept", "", "", "", kept, read))
        for entry in ledger["excluded"]:
            lines.append((wave, "rows excluded", "", "", entry["reason"], entry["rows"], read))
        for level, number in ledger["groups"].items():
            lines.append((wave, "units", level, "", "", number, ""))
        for entry in ledger["missing"]:
            name = entry["variable"]
            level = levels.get((name, wave), "")
            lines.append(
                (wave, "cells missing", level, name, entry["reason"], entry["cells"], kept)
            )
        for entry in ledger["recoded"]:
            counted_as = f"counted as {entry['category']}"
            lines.append(
                (wave, "cells recoded", "", entry["variable"], counted_as, entry["cells"], kept)
            )
    for flow in survey["attrition"]:
        before = flow["stay"] + flow["leave"]
        for account in ("stay", "leave"):
            reason = f"to wave {flow['to']}"
            lines.append((flow["from"], account, flow["level"], "", reason, flow[account], before))
        after, reason = flow["stay"] + flow["new"], f"not in wave {flow['from']}"
        lines.append((flow["to"], "new", flow["level"], "", reason, flow["new"], after))
    return lines


def ledger_text(survey: dict) -> str:
    """The table as CSV; no cell of it can be taken for a formula by a spreadsheet."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([_safe(cell) for cell in line] for line in ledger_table(survey))
    return stream.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
