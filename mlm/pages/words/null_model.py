"""What the null model contains: time, where there are several waves."""

from __future__ import annotations

from mlm.pages.context import Context
from mlm.pages.language import _


def null_content(context: Context) -> str:
    """In words, as after "contains"."""
    return _("time alone") if context.is_longitudinal else _("no variable")
