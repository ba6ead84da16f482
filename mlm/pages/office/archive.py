"""Archives of office programs with the same bytes for the same content."""

from __future__ import annotations

import io
import zipfile

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that an archive can hold


def saved(made) -> bytes:
    """A document or presentation as it is written, the same bytes for the same content."""
    stream = io.BytesIO()
    made.save(stream)
    return timeless(stream.getvalue())


def timeless(archive: bytes) -> bytes:
    """The same archive with one date for all its members.

    Parameters
    ----------
    archive : bytes
        A ZIP archive, whose members are stamped with the time they were written.
    """
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as given,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in given.namelist():
            member = zipfile.ZipInfo(name, FIRST_DAY)
            member.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(member, given.read(name))
    return stream.getvalue()
