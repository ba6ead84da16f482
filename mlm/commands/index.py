"""Command: the list of all reports, and the site that may be published. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import MadeBy, OutFile


def index(
    documents: Annotated[
        list[Path],
        typer.Argument(help="report.json of every report, in its folder to publish.", exists=True),
    ],
    out: OutFile,
    config: Annotated[
        list[Path] | None,
        typer.Option(
            help="Configuration of a survey that is listed; may be given several times. A house "
            "style that all of them share is that of the page.",
            exists=True,
        ),
    ] = None,
    made_by: MadeBy = None,
) -> None:
    """Write one page that lists all reports, and publish/ beside it: a site to upload as it is.

    The site holds the reports in public mode and an index of them; those in controlled mode are
    listed on the page only.
    """
    from mlm.commands.made import Making
    from mlm.commands.reporting.publishing import FOLDER, PUBLIC, sizes_beside, write_site
    from mlm.commands.writing import read_json, write_text
    from mlm.configuration import load_configuration
    from mlm.pages.house.style import shared_house
    from mlm.pages.index import index_page
    from mlm.pages.template_folder import template_folder

    made = Making("index", made_by)
    made.check(path.parent for path in documents)
    read = {path: read_json(path) for path in documents}
    site = out.parent / FOLDER
    surveys = [load_configuration(path) for path in config or ()]
    public = [survey for survey in surveys if survey.disclosure.mode == PUBLIC]
    write_site(site, read, shared_house(public, template_folder()))
    house = shared_house(surveys, template_folder())
    write_text(out, index_page(read, out.parent, house=house, sizes=sizes_beside(read)))
    made.record([out, site], near_only=True)
