"""What may be published: the folder of a report, and the site of all of them. Layer: commands.

A report in public mode lies whole in ``publish/`` beside the results that it is made of, and
nothing else lies there; one that shows everything lies in ``controlled/``. The site is a copy of
the folders to publish with an index, to be uploaded as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlm.pages.house.style import House

PUBLIC = "public"
FOLDER, INSIDE = "publish", "controlled"  # of reports in public mode, and of the others
UNITS = "units"  # pages of single units, in controlled mode
TIDY = "tidy.csv"
LINE = b"\r\n"


def folder_of(mode: str) -> str:
    """Name of the folder of a report in a mode: only one in public mode lies in ``publish/``."""
    return FOLDER if mode == PUBLIC else INSIDE


def write_report(out: Path, files: Mapping[str, bytes], mode: str) -> Path:
    """Write the files of a report into the folder of its mode, whole; the folder.

    A report in the folder of the other mode, and files of the same names right in ``out``, which a
    version wrote there, are removed and named, since they would pass for the report. So are pages
    of single units of a survey that is now public.
    """
    from mlm.commands.made import record_path
    from mlm.commands.writing import write_folder

    folder = out / folder_of(mode)
    write_folder(folder, files)
    other = out / ({FOLDER, INSIDE} - {folder.name}).pop()
    tops = sorted({name.partition("/")[0] for name in files})
    known = [out / name for name in (*tops, "report.made.json")]
    left = [path for start in (".tables-", ".figures-") for path in out.glob(f"{start}*")]
    others = [other, *([out / UNITS] if mode == PUBLIC else [])]
    made = [path for each in others for path in (each, record_path(each))]
    former = [path for path in (*known, *left, *made) if path.exists()]
    for path in former:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if former:
        names = ", ".join(path.name for path in former)
        print(f"{out}: the report lies in {folder.name}/; removed an earlier one: {names}.")
    return folder


def read_published(
    results: Path, around: Iterable[Path], made_by: str | None
) -> dict[str, bytes] | None:
    """The files of the report beside some results, if they are of this round; else None.

    Parameters
    ----------
    results : Path
        ``results.json`` of an analysis.
    around : iterable of Path
        Those of all analyses of the survey: a report is of this round if it was protected together
        with all of them.
    made_by : str, optional
        Configuration, code and software of this run; the report must be made by the same code.
    """
    from mlm.commands.made import checked_record, files_of
    from mlm.errors import FilesError

    folder = results.parent / FOLDER
    try:
        report, *sources = map(checked_record, (folder, *around))
    except FilesError:
        return None
    is_of_round = all(report.digests.get(each.job) == each.digest for each in sources)
    if not is_of_round or _code(report.made_by) != _code(made_by):
        return None
    files = files_of(folder)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files.values()}


def _code(made_by: str | None) -> str:
    """What a text of code and software says beside the configuration of one analysis."""
    return (made_by or "").partition("code ")[2]


def is_public(document: Mapping[str, Any]) -> bool:
    """Whether a report was made to be published; one that names all is for inside use."""
    return document["disclosure"]["mode"] == PUBLIC


def write_site(
    folder: Path, documents: Mapping[Path, Mapping[str, Any]], house: House | None = None
) -> None:
    """Write the reports that may be published and an index of them, in one folder, whole.

    Parameters
    ----------
    folder : Path
        Holds afterwards ``index.html``, ``<survey>/<analysis>/``, the long tables of all analyses
        of a survey, ``<survey>/tidy.csv``, and of all surveys, ``tidy.csv``; and nothing else.
    documents : mapping of Path to mapping
        Each report's document by the path of its ``report.json`` in its folder to publish.
    house : House, optional
        The house style of the index; default: the usual look.

    Raises
    ------
    ResultError
        When the index says a number that no report says.
    """
    from mlm.commands.made import files_of
    from mlm.commands.writing import whole_folder
    from mlm.pages.disclosure.auditing import check_index
    from mlm.pages.index import index_page

    with whole_folder(folder) as new:
        listed = {}
        for path, document in documents.items():
            if not is_public(document):
                continue
            place = new / document["survey"] / document["analysis"]
            listed[place / path.name] = document
            _copy(files_of(path.parent).values(), path.parent, place)
        _join_tidy(new, list(listed))
        page = index_page(listed, new, has_tidy=True, house=house, sizes=sizes_beside(listed))
        check_index(page.encode(), list(listed.values()))
        (new / "index.html").write_text(page, "utf-8", newline="\n")


def sizes_beside(documents: Iterable[Path]) -> dict[Path, dict[str, int]]:
    """Bytes of the files beside each document, by their names."""
    return {
        path: {file.name: file.stat().st_size for file in path.parent.iterdir() if file.is_file()}
        for path in documents
    }


def _join_tidy(site: Path, documents: list[Path]) -> None:
    """Write the long tables of all analyses one below the other: of each survey, and of all."""
    parts: dict[Path, list[bytes]] = {}
    for document in documents:
        place = document.parent
        content = (place / TIDY).read_bytes()
        for folder in (place.parent, site):
            parts.setdefault(folder, []).append(content)
    for folder, contents in parts.items():
        head = contents[0].partition(LINE)[0]
        rows = (content.partition(LINE)[2] for content in contents)
        (folder / TIDY).write_bytes(head + LINE + b"".join(rows))


def _copy(files: Iterable[Path], source: Path, target: Path) -> None:
    for file in files:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
