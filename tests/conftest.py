"""What holds for all tests: rare collections of garbage, since thousands of results stay alive."""

from __future__ import annotations

import gc


def pytest_configure() -> None:
    """Collect no garbage while tests are found: nearly all that is loaded stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave what is loaded out of collections; they take a tenth of the time otherwise."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
