"""Files of a wave in any format, read as text, chunk by chunk."""

from mlm.rows.files.opening import SUFFIXES, open_file
from mlm.rows.files.wave_file import FileFormat, Notes, WaveFile

__all__ = ["SUFFIXES", "FileFormat", "Notes", "WaveFile", "open_file"]
