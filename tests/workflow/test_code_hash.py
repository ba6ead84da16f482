"""The hash of a stage's code: what moves it, and what does not."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from code_hash import Package
from jobs import Jobs
from made_by import STATISTICAL, _version, module_of, software
from parts import PARTS

ROOT = Path(__file__).parents[2]

CLEANING = '''from . import rules


def clean():
    """Clean."""
    return rules.A
'''
FILES = {
    "__init__.py": '_HOMES = {"fit": "demo.engine"}\n\n\ndef __getattr__(name):\n    return name\n',
    "stage.py": "def run():\n    from demo.room.cleaning import clean\n\n    return clean()\n",
    "public.py": "from demo import fit\n",
    "other.py": "x = 1\n",
    "drawing.py": 'def draw(kind):\n    return import_module(f"demo.room.{kind}")\n',
    "named.py": 'def load():\n    return import_module("demo.engine")\n',
    "engine.py": "def fit():\n    return 1\n",
    "room/__init__.py": "",
    "room/cleaning.py": CLEANING,
    "room/rules.py": "A = 1\n",
}


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "demo"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_imports_inside_functions_and_relative_imports_count(package):
    assert Package(package).reached_from("demo.stage") == {
        "demo",
        "demo.stage",
        "demo.room",
        "demo.room.cleaning",
        "demo.room.rules",
    }


def test_a_name_of_the_package_itself_brings_in_nothing_else(package):
    (package / "version.py").write_text("from demo import _HOMES\n")
    assert Package(package).reached_from("demo.version") == {"demo", "demo.version"}


def test_names_that_a_package_imports_on_first_use_count(package):
    assert "demo.engine" in Package(package).reached_from("demo.public")


def test_modules_imported_by_name_count(package):
    assert "demo.engine" in Package(package).reached_from("demo.named")
    assert "demo.room.rules" in Package(package).reached_from("demo.drawing")


CHANGES = {
    "comment": ("room/rules.py", "# why\nA = 1\n", False),
    "docstring": ("room/cleaning.py", CLEANING.replace("Clean.", "Tidy."), False),
    "layout": ("room/rules.py", "A = (\n    1\n)\n", False),
    "value": ("room/rules.py", "A = 2\n", True),
    "module that is not used": ("other.py", "x = 2\n", False),
    "package that holds a module": ("room/__init__.py", "B = 1\n", True),
}


@pytest.mark.parametrize("case", CHANGES)
def test_hash_moves_with_code_that_the_stage_uses_only(package, case):
    file, text, moves = CHANGES[case]
    before = Package(package).hash_of("demo.stage")
    (package / file).write_text(text)
    assert (Package(package).hash_of("demo.stage") != before) == moves


def test_cache_gives_the_same_hash_and_notices_a_change(package, tmp_path):
    cache = tmp_path / "cache.json"
    first = Package(package, cache)
    before = first.hash_of("demo.stage")
    first.save_cache()
    assert Package(package, cache).hash_of("demo.stage") == before
    (package / "room" / "rules.py").write_text("A = 22\n")
    assert Package(package, cache).hash_of("demo.stage") != before


def test_a_module_that_comes_later_is_found_in_spite_of_the_cache(package, tmp_path):
    cache = tmp_path / "cache.json"
    (package / "stage.py").write_text("from demo.room import later\n")
    first = Package(package, cache)
    first.hash_of("demo.stage")
    first.save_cache()
    (package / "room" / "later.py").write_text("C = 1\n")
    assert "demo.room.later" in Package(package, cache).reached_from("demo.stage")


def test_what_modules_import_is_found_once_for_all_stages(package, monkeypatch):
    asked = []
    resolved = Package._resolved
    monkeypatch.setattr(
        Package, "_resolved", lambda self, name: asked.append(name) or resolved(self, name)
    )
    found = Package(package)
    first = found.hash_of("demo.stage")
    asked.clear()
    assert found.hash_of("demo.stage") == first
    assert not asked


def test_versions_are_looked_up_once_for_all_stages(monkeypatch):
    asked = []
    monkeypatch.setattr("importlib.metadata.version", lambda name: asked.append(name) or "1.2")
    _version.cache_clear()
    try:
        assert {software(stage).partition(", ")[2] for stage in ("clean", "link")} == {
            ", ".join(f"{name} 1.2" for name in STATISTICAL)
        }
    finally:
        _version.cache_clear()
    assert asked == [*STATISTICAL]


def test_broken_cache_is_ignored(package, tmp_path):
    cache = tmp_path / "cache.json"
    cache.write_text("{")
    assert Package(package, cache).hash_of("demo.stage") == Package(package).hash_of("demo.stage")


UNUSED = {
    "simulate": "mlm.pages",
    "intake": "mlm.statistics",
    "clean": "mlm.statistics",
    "complete": "mlm.statistics",
    "link_wave": "mlm.pages",
    "link": "mlm.pages",
    "ledger": "mlm.statistics",
    "columns": "mlm.pages",
    "accumulate_part": "mlm.pages",
    "accumulate": "mlm.pages",
    "merge": "mlm.pages",
    "merge_imputed": "mlm.pages",
    "impute": "mlm.pages",
    "analyse": "mlm.pages",
    "analyse_imputed": "mlm.rows",
    "analyse_sample": "mlm.pages",
    "residuals_of_wave": "mlm.pages",
    "residuals": "mlm.pages",
    "report": "mlm.rows.cleaning.cleaning",
    "units": "mlm.rows.cleaning.cleaning",
    "index": "mlm.statistics",
}


def test_every_stage_is_told_what_of_the_configuration_it_uses_and_what_code_it_has_no_use_for():
    rules = "".join(path.read_text("utf-8") for path in (ROOT / "workflow" / "rules").iterdir())
    stages = set(re.findall(r"^rule (\w+):", rules, re.MULTILINE))
    assert stages == UNUSED.keys() == PARTS.keys() | {"index"}


@pytest.mark.parametrize(("stage", "unused"), UNUSED.items())
def test_a_stage_does_not_hang_on_rooms_it_has_no_use_for(stage, unused):
    reached = Package(ROOT / "mlm").reached_from(module_of(stage))
    assert not {m for m in reached if m == unused or m.startswith(f"{unused}.")}


def test_the_cache_is_kept_and_used_by_the_next_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").symlink_to(ROOT / "config")
    (tmp_path / "data").symlink_to(ROOT / "data")
    first = Jobs({"surveys": "star"})
    wildcards = SimpleNamespace(survey="star", wave="K")
    made_by = first.made_by("clean")(wildcards)
    first.keep_hashes()
    monkeypatch.setattr(ast, "parse", None)  # reading a module would fail
    assert Jobs({"surveys": "star"}).made_by("clean")(wildcards) == made_by
