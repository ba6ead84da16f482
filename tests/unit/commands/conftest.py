"""What tests of commands share with those of pages: what is hidden in reports of the sample."""

from __future__ import annotations

from tests.unit.pages.hidden_once import counts_hidden_once, tables_sought_once

__all__ = ["counts_hidden_once", "tables_sought_once"]
