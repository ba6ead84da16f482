"""What a configuration says of publishing: who publishes the reports, and how they look."""

from __future__ import annotations

from datetime import date as CalendarDate
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from mlm.configuration.names import COLOUR, Identifier
from mlm.configuration.parts import ConfigurationPart, Text

Colour = Annotated[str, StringConstraints(pattern=COLOUR, to_lower=True)]

ACCENT = "#12436d"
SERIES = ("#12436d", "#28a197", "#801650", "#f46a25")
USUAL_FONT = "Source Sans Pro"
PACKAGED_FONTS = (USUAL_FONT, "DejaVu Sans", "DejaVu Serif")


class Colours(ConfigurationPart):
    """Colours of the house; those of the dark scheme are derived from them."""

    accent: Colour = Field(
        ACCENT, description='Colour of the head of a page and of links, as "#12436d".'
    )
    series: tuple[Colour, ...] = Field(
        (),
        max_length=len(SERIES),
        description="Colours of charts, up to four, in the order of their use; default of the "
        "first: the accent.",
    )

    @property
    def of_charts(self) -> tuple[str, ...]:
        """The four colours of charts: those that are given, then the usual ones."""
        first = (self.accent,) if not self.series and self.accent != ACCENT else ()
        given = (*self.series, *first)
        return (*given, *SERIES[len(given) :])


class Fonts(ConfigurationPart):
    """Font files, relative to the project's folder, or the name of a font that comes with mlm."""

    regular: Text = Field(
        USUAL_FONT,
        description="TTF or OTF file; or Source Sans Pro, DejaVu Sans, DejaVu Serif.",
    )
    bold: Text | None = Field(
        None, description="TTF or OTF file for headings and emphasis; default: the regular one."
    )

    @property
    def is_packaged(self) -> bool:
        """Whether the font comes with mlm."""
        return self.regular in PACKAGED_FONTS


def _in_full(font: object) -> object:
    """A font in full; its regular file or its name may stand alone."""
    return {"regular": font} if isinstance(font, str) else font


def _as_list(levels: object) -> object:
    """A list of levels; one may stand alone."""
    return [levels] if isinstance(levels, str) else levels


class HouseStyle(ConfigurationPart):
    """The house style of the publisher: logo, colours, font, footer."""

    logo: Text | None = Field(
        None, description="PNG, SVG or JPEG file, relative to the project's folder; embedded."
    )
    colours: Colours = Field(Colours(), description="Colours of pages, documents and charts.")
    font: Annotated[Fonts, BeforeValidator(_in_full, json_schema_input_type=Text | Fonts)] = Field(
        Fonts(),
        description="Font of pages, PDFs and charts: a file, a font that comes with mlm, or two "
        "files, regular and bold.",
    )
    footer: Text | None = Field(None, description="Text at the foot of every page.")

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that the style is made of."""
        fonts = () if self.font.is_packaged else (self.font.regular,)
        named = (self.logo, *fonts, self.font.bold)
        return tuple(dict.fromkeys(name for name in named if name is not None))


class Publication(ConfigurationPart):
    """Who publishes the reports, how they are cited, and their look."""

    publisher: Text | None = Field(None, description="Office or institute that publishes.")
    contact: Text | None = Field(None, description="Address or e-mail for questions.")
    licence: Text | None = Field(
        None, description="Terms of use of the reports, such as CC BY 4.0."
    )
    doi: Annotated[str, StringConstraints(pattern=r"^10\.[0-9.]+/\S+$")] | None = Field(
        None, description="DOI of the reports, such as 10.1234/abc."
    )
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] | None = Field(
        None, description="Where the reports are published."
    )
    date: CalendarDate | None = Field(
        None, description="Date of publication; default: that of the run."
    )
    next: Text | None = Field(None, description="When the next results are published, in words.")
    unit_pages: Annotated[
        tuple[Identifier, ...],
        BeforeValidator(_as_list, json_schema_input_type=Identifier | tuple[Identifier, ...]),
    ] = Field(
        (),
        description="Level, or list of levels, each of whose units gets a page of its own, such as "
        "school. In controlled mode only.",
    )
    style: HouseStyle = Field(HouseStyle(), description="House style: logo, colours, font, footer.")
