"""The fonts that typst sets in: found in their folders once, not with every page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst


def fonts_found_in(*folders: str) -> typst.Fonts:
    """The fonts that come with typst and those that lie in some folders now; none of the system."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=list(folders))


@cache
def fonts_in(*folders: str) -> typst.Fonts:
    """The same for folders whose files stay as they are: they are looked through once."""
    return fonts_found_in(*folders)
