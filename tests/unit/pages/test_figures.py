"""Every kind of figure has a module that draws it, and every drawing is a kind."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from mlm.pages import figures

NOT_DRAWINGS = {"waves"}


@pytest.mark.parametrize("kind", figures.KINDS)
def test_a_kind_of_figure_has_a_module_that_draws_it(kind):
    module = importlib.import_module(f"mlm.pages.figures.{kind}")
    assert callable(module.draw) and module.draw.__doc__


def test_every_drawing_is_a_kind():
    modules = {module.name for module in pkgutil.iter_modules(figures.__path__)}
    assert modules - NOT_DRAWINGS == set(figures.KINDS)
