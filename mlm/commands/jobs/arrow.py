"""pyarrow on its own, for the stages that use no data frames. Layer: commands."""

from __future__ import annotations

import sys


class _NoPandas:
    """Finds no pandas, as where it is not installed."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def arrow_without_pandas() -> None:
    """Load pyarrow, and let it look for pandas once, in vain.

    It would load pandas with the first list that it converts, to see whether that is one of its
    columns: most of the time that cleaning a small file takes. Nothing else changes: who imports
    pandas later gets it, and so does ``to_pandas``.
    """
    import pyarrow

    if "pandas" in sys.modules:
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        pyarrow.array([None])
    finally:
        sys.meta_path.remove(_NoPandas)
