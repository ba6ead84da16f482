"""The examples in docstrings run and show what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import mlm

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


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
def test_examples_of_a_module_hold(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0
    assert result.attempted or name not in WITH_EXAMPLES, "its examples have gone"
