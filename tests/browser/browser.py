"""Chromium and axe-core for the browser tests, or the reason why there are none."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SERIOUS = ("serious", "critical")


def chromium() -> str | None:
    """Path of Chromium: CHROMIUM in the environment, or the first that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def why_not() -> str | None:
    """Why no browser test can run; None when they can."""
    if find_spec("playwright") is None:
        return "the package playwright is not installed"
    if chromium() is None:
        return f"no Chromium found (looked for {', '.join(NAMES)} and $CHROMIUM)"
    return None


@functools.cache
def axe() -> str | None:
    """The text of axe-core, as the package axe-playwright-python carries it."""
    found = find_spec("axe_playwright_python")
    if found is None:
        return None
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


@contextmanager
def browser() -> Iterator:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield made
        finally:
            made.close()


# rows like those before them have their style and structure too; most of a report is such rows
THIN = """
for (const body of document.querySelectorAll("tbody")) {
  const seen = {};
  for (const row of [...body.rows]) {
    const kind = row.className;
    seen[kind] = (seen[kind] ?? 0) + 1;
    if (seen[kind] > ROWS) row.remove();
  }
}
"""
ROWS = 2
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def faults(page, whole: bool = False) -> list[str]:
    """Serious and critical faults that axe-core finds on an open page.

    Of each table it sees the first two rows of each kind, all of them where `whole`.
    """
    page.evaluate(axe())
    if not whole:
        page.evaluate(THIN.replace("ROWS", str(ROWS)))
    return [
        f"{item['impact']}: {item['id']}: {node['target']}"
        for item in page.evaluate(RUN)
        if item["impact"] in SERIOUS
        for node in item["nodes"][:3]
    ]
