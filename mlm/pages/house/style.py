"""The house style of a publisher, as pages, documents and charts use it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlm.configuration.models import Configuration
from mlm.configuration.publication import USUAL_FONT, Fonts
from mlm.configuration.style.logo import MIME, Logo, read_logo
from mlm.pages.drawing.letters import Typeface, fallback_folder, usual_typeface
from mlm.pages.drawing.palette import USUAL, Palette
from mlm.pages.drawing.pictures import drawn_picture
from mlm.pages.language import _

DEJAVU = {
    "DejaVu Sans": ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    "DejaVu Serif": ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
}
LOGO_WIDTH, LOGO_HEIGHT = 224.0, 64.0  # pixels that a logo has in the head of a page
USUAL_OFFICE_FONT = "Arial"
HOUSE_FAMILY = "House Letters"


@dataclass(frozen=True)
class House:
    """The house style of a publisher.

    Parameters
    ----------
    typeface : Typeface
    palette : Palette
    logo : Logo, optional
    publisher : str
        What the logo stands for, told to those who do not see it; may be empty.
    footer : str
        Text at the foot of every page; may be empty.
    office_font : str
        Family name that files of office programs ask for.
    """

    typeface: Typeface
    palette: Palette = USUAL
    logo: Logo | None = None
    publisher: str = ""
    footer: str = ""
    office_font: str = USUAL_OFFICE_FONT

    @property
    def css(self) -> str:
        """Style sheet that comes after the usual one."""
        return self.palette.css

    @property
    def logo_alt(self) -> str:
        """The logo in words."""
        return self.publisher or _("Logo")

    @property
    def logo_size(self) -> tuple[float, float]:
        """Width and height of the logo in the head of a page, in pixels."""
        wide, high = self.logo.width, self.logo.height
        scale = min(LOGO_WIDTH / wide, LOGO_HEIGHT / high)
        return round(wide * scale, 1), round(high * scale, 1)

    @property
    def logo_address(self) -> str:
        """The logo as an address that holds it whole."""
        content = base64.b64encode(self.logo.content).decode("ascii")
        return f"data:{MIME[self.logo.kind]};base64,{content}"

    @property
    def logo_drawing(self) -> str:
        """The logo as an SVG, which holds a picture of pixels whole."""
        if self.logo.kind == "SVG":
            return self.logo.content.decode("utf-8-sig")
        size = f'width="{self.logo.width:g}" height="{self.logo.height:g}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'{size}><image {size} xlink:href="{self.logo_address}"/></svg>'
        )

    @property
    def logo_picture(self) -> bytes:
        """The logo as a picture of pixels, which office programs show."""
        if self.logo.kind != "SVG":
            return self.logo.content
        width, height = self.logo_size
        return drawn_picture(self.logo.content, width, height)

    @property
    def look(self) -> dict[str, Any]:
        """What the templates of the PDF read; the logo lies beside them under its name."""
        logo = None
        if self.logo is not None:
            width, height = self.logo_size
            logo = {"width": width, "height": height, "alt": self.logo_alt}
        return {
            "accent": self.palette.accent,
            "band": self.palette.band,
            "mark": self.palette.mark,
            "note": self.palette.series[1],
            "caveat": self.palette.series[3],
            "families": self.typeface.families,
            "footer": self.footer,
            "logo": logo,
        }


def usual_house(templates: Path) -> House:
    """The look without a house style; `templates` is the folder ``reports/``."""
    return House(usual_typeface(templates / "fonts"))


def house_of(configuration: Configuration, templates: Path) -> House:
    """The house style that a configuration gives.

    Parameters
    ----------
    configuration : Configuration
        Checked: its logo and fonts can be read, its colours be seen.
    templates : Path
        The folder ``reports/``.
    """
    said = configuration.publication
    style = said.style
    logo = None if style.logo is None else read_logo(configuration.root / style.logo, style.logo)
    return House(
        _typeface(style.font, configuration.root, templates / "fonts"),
        Palette(style.colours.accent, style.colours.of_charts),
        logo,
        said.publisher or "",
        style.footer or "",
        _office_font(style.font, configuration.root),
    )


def shared_house(configurations: Sequence[Configuration], templates: Path) -> House:
    """The house style that all surveys share; the usual look where they differ."""
    styles = {(c.publication.style, c.publication.publisher, c.root) for c in configurations}
    if len(styles) != 1:
        return usual_house(templates)
    return house_of(configurations[0], templates)


def _typeface(font: Fonts, root: Path, folder: Path) -> Typeface:
    """The letters of a font, then the usual ones for letters that it lacks."""
    usual = usual_typeface(folder)
    if font.regular == USUAL_FONT:
        return usual
    if font.is_packaged:
        regular, strong = (fallback_folder() / name for name in DEJAVU[font.regular])
        family = font.regular
    else:
        regular, strong = root / font.regular, root / (font.bold or font.regular)
        family = HOUSE_FAMILY
    families = dict.fromkeys((family, *usual.families))
    return Typeface((regular, *usual.regular), (strong, *usual.strong), tuple(families))


def _office_font(font: Fonts, root: Path) -> str:
    """The family name that a font has of itself."""
    if font.regular == USUAL_FONT:
        return USUAL_OFFICE_FONT
    if font.is_packaged:
        return font.regular
    from mlm.pages.house.fonts import family_of

    return family_of(root / font.regular) or USUAL_OFFICE_FONT
