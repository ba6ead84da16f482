"""Files of a wave in any format, read as text, chunk by chunk."""

from mlm.rows.files.opening import open_file
from mlm.rows.files.wave_file import FileFormat, Notes, WaveFile

__all__ = ["FileFormat", "Notes", "WaveFile", "open_file"]
