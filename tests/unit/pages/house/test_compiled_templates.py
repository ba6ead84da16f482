"""Templates are compiled once, and anew when they, or what compiles them, have changed."""

from __future__ import annotations

import sys

import pytest
from jinja2 import Environment, FileSystemLoader

from mlm.pages.house import compiled_templates as module
from mlm.pages.house.compiled_templates import CompiledTemplates, compiled_templates

SETTINGS = {"autoescape": True}


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A folder of compiled modules that may be written to."""
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "module.py"))
    return folder


@pytest.fixture
def page(tmp_path):
    (tmp_path / "templates").mkdir()
    path = tmp_path / "templates" / "page.j2"
    path.write_text("{{ number + 1 }}")
    return path


def _filled(page, cache):
    environment = Environment(
        loader=FileSystemLoader(page.parent), bytecode_cache=cache, **SETTINGS
    )
    return environment.get_template(page.name).render(number=1)


def test_a_template_is_compiled_once(kept, page, monkeypatch):
    assert _filled(page, compiled_templates(SETTINGS)) == "2"
    monkeypatch.setattr(Environment, "compile", None)
    assert _filled(page, compiled_templates(SETTINGS)) == "2"


def test_one_that_has_changed_is_compiled_anew(kept, page):
    _filled(page, compiled_templates(SETTINGS))
    page.write_text("{{ number + 2 }}")
    assert _filled(page, compiled_templates(SETTINGS)) == "3"


def test_other_settings_have_files_of_their_own(kept, page):
    _filled(page, compiled_templates(SETTINGS))
    _filled(page, compiled_templates({"autoescape": False}))
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"no template"])
def test_a_broken_file_is_compiled_anew(kept, page, content):
    _filled(page, compiled_templates(SETTINGS))
    (path,) = kept.iterdir()
    head = path.read_bytes()[:10]
    path.write_bytes(head + content)
    assert _filled(page, compiled_templates(SETTINGS)) == "2"


def test_a_folder_that_cannot_be_written_is_no_fault(page, tmp_path):
    assert _filled(page, CompiledTemplates(str(tmp_path / "none"), "%s")) == "2"


def test_nothing_is_kept_where_python_keeps_nothing(kept, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compiled_templates(SETTINGS) is None
