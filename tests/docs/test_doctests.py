"""The examples in docstrings run and show what they say."""

from __future__ import annotations

import doctest
import importlib.util
import pkgutil
from pathlib import Path

import pytest

import mlm

pytestmark = pytest.mark.slow

MODULES = [
    name
    for _, name, _ in pkgutil.walk_packages(mlm.__path__, "mlm.")
    if not name.endswith("__main__")
]
WITH_EXAMPLES = {
    "mlm.front.fitting",
    "mlm.nouns.formula",
    "mlm.statistics.inference.likelihood_ratio",
}


def has_examples(name: str) -> bool:
    """Whether the source of a module holds a prompt; most hold none, and are not searched."""
    return ">>>" in Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")


def test_examples_are_where_they_should_be():
    assert {name for name in MODULES if has_examples(name)} >= WITH_EXAMPLES


@pytest.mark.parametrize("name", list(filter(has_examples, MODULES)))
@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_examples_of_a_module_hold(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
    assert result.attempted, "its examples have gone"
