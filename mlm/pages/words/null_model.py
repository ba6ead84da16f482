"""What the null model contains: time, where there are several waves."""

from __future__ import annotations

from typing import Protocol

from mlm.pages.language import _


class Waves(Protocol):
    """Whether there are several waves."""

    @property
    def is_longitudinal(self) -> bool:
        """Whether the survey has more than one wave."""


def null_content(context: Waves) -> str:
    """In words, as after "contains"."""
    return _("time alone") if context.is_longitudinal else _("no variable")
