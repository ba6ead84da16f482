"""Sizes, docstrings and words of the source files."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections import Counter

import pytest

from tests.architecture.imports import ROOT, modules, tree
from tests.git_at_hand import WITHOUT_GIT

MAX_MODULE_LINES = 400
MAX_MODULES = 25  # of a folder
MAX_FUNCTION_LINES = 60

# written in pieces, so that this file does not hold what it looks for
HOSTS = re.compile("py" r"pi\.org|python" r"hosted|npm" r"js\.org|deb" r"ian\.org")
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|root|farm|home/\w|tmp/\w|Users/\w)")


def _tracked(*patterns: str) -> list:
    if shutil.which("git") is None:
        pytest.skip(WITHOUT_GIT)
    run = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True)
    if run.returncode:
        pytest.skip("not a git checkout: the list of tracked files is not known")
    names = [name for name in run.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _body_lines(function: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_no_folder_has_more_modules_than_one_sees_at_once():
    counts = Counter(path.parent for path in modules().values() if path.name != "__init__.py")
    assert {str(f.relative_to(ROOT)): n for f, n in counts.items() if n > MAX_MODULES} == {}


@pytest.mark.parametrize("name", modules())
def test_module_is_short_and_documented(name):
    text = modules()[name].read_text(encoding="utf-8")
    parsed = tree(name)
    assert len(text.splitlines()) <= MAX_MODULE_LINES
    assert ast.get_docstring(parsed), f"{name} has no docstring"
    long = [f.name for f in _functions(parsed) if _body_lines(f) > MAX_FUNCTION_LINES]
    assert long == [], f"functions over {MAX_FUNCTION_LINES} lines"
    silent = [
        node.name
        for node in parsed.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert silent == [], "public names without a docstring"


def _public_functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Public functions of a module, and public methods of its public classes."""
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    bodies = [tree.body, *(node.body for node in classes)]
    found = [f for body in bodies for f in body if isinstance(f, ast.FunctionDef)]
    return [f for f in found if not f.name.startswith("_")]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in modules()
        # the verbs of a structure are described once, by their protocol
        if name.startswith("mlm.statistics.") and ".likelihood" not in name
    ],
)
def test_parameters_of_statistics_are_described(name):
    silent = []
    for function in _public_functions(tree(name)):
        arguments = [*function.args.args, *function.args.kwonlyargs]
        names = [a.arg for a in arguments if a.arg not in {"self", "cls"}]
        document = ast.get_docstring(function) or ""
        is_described = "Parameters\n----------" in document and all(n in document for n in names)
        if len(names) >= 3 and not is_described:
            silent.append(function.name)
    assert silent == []


def test_no_module_is_a_drawer_for_odds_and_ends():
    drawers = {"utils", "util", "helpers", "misc", "common"}
    assert [name for name in modules() if name.rpartition(".")[2] in drawers] == []


def test_tracked_files_name_no_package_host_and_no_path_of_one_machine():
    wrong = []
    for path in _tracked():
        if path.suffix in {".png", ".ttf", ".otf", ".woff2", ".gz", ".parquet", ".pdf", ".npz"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        patterns = [HOSTS] if path.suffix in {".csv", ".lock", ".svg"} else [HOSTS, MACHINE_PATH]
        wrong.extend(f"{path.name}: {m[0]}" for p in patterns if (m := p.search(text)))
    assert wrong == []


def test_nothing_that_is_made_is_tracked():
    made = re.compile(r"^(results|logs|\.snakemake|\.venv)/|\.pyc$")
    assert [p for p in _tracked() if made.search(str(p.relative_to(ROOT)))] == []
