"""Imports run one way: errors, nouns, the rooms, the commands."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib

import pytest

from tests.architecture.imports import ROOT, imports, modules

KNOWN = ("mlm.errors", "mlm.nouns", "mlm.results")

# rooms of the statistics, each of which may know itself and those before it
STATISTICS = (
    "evidence",
    "likelihood",
    "fitting",
    "inference",
    "imputation",
    "pooling",
    "replication",
    "selection",
    "answers",
)


def _statistics() -> dict[str, tuple[str, ...]]:
    rooms = [f"mlm.statistics.{name}" for name in STATISTICS]
    return {room: (*KNOWN, *rooms[: i + 1]) for i, room in enumerate(rooms)}


# who -> whom it may import; the first entry that fits a module's name counts
MAY_IMPORT = {
    "mlm.errors": (),
    "mlm.nouns": ("mlm.errors", "mlm.nouns"),
    "mlm.configuration": ("mlm.errors", "mlm.nouns", "mlm.configuration"),
    "mlm.results": ("mlm.errors", "mlm.nouns.comparison", "mlm.nouns.design", "mlm.results"),
    **_statistics(),
    "mlm.statistics": (),
    "mlm.rows.files": ("mlm.errors", "mlm.nouns", "mlm.rows.messages", "mlm.rows.files"),
    # door 2: a fit comes back to the rows
    "mlm.rows.residuals": (*KNOWN, "mlm.configuration", "mlm.rows", "mlm.statistics"),
    # a simulated sample has the replicates that an analysis would make
    "mlm.rows.simulating": (
        *KNOWN,
        "mlm.configuration",
        "mlm.rows",
        "mlm.statistics.replication.made_factors",
    ),
    "mlm.rows.replicating": (
        *KNOWN,
        "mlm.rows",
        "mlm.statistics.evidence.crossproducts",
        "mlm.statistics.evidence.domain_totals",
        "mlm.statistics.replication.made_factors",
    ),
    # draws of a joint model come back to the rows
    "mlm.rows.imputing": (
        *KNOWN,
        "mlm.configuration",
        "mlm.rows",
        "mlm.statistics.evidence",
        "mlm.statistics.imputation",
    ),
    "mlm.rows": (
        *KNOWN,
        "mlm.configuration",
        "mlm.rows",
        "mlm.statistics.evidence.arrays",
        "mlm.statistics.evidence.bundles",
        "mlm.statistics.evidence.crossproducts",
        "mlm.statistics.evidence.crossing",
        "mlm.statistics.evidence.domain_totals",
        "mlm.statistics.evidence.moments",
        "mlm.statistics.evidence.pattern_sums",
        "mlm.statistics.evidence.sampling",
        "mlm.statistics.evidence.row_parts",
    ),
    "mlm.pages": (*KNOWN, "mlm.configuration", "mlm.pages"),
    "mlm.front": (*KNOWN, "mlm.rows", "mlm.statistics", "mlm.front"),
    "mlm.commands": ("mlm",),
    "mlm.__main__": ("mlm",),
}

# who may import the package by its own name
OUTERMOST = {"mlm.__main__", "mlm.commands.reporting.provenance"}

# third-party packages that a room may import when it is loaded
AT_LOAD = {"mlm.statistics": {"numpy", "scipy"}, "mlm.commands": {"typer"}}

HEAVY = {"pandas", "scipy", "matplotlib", "pyarrow", "formulaic", "snakemake", "typst"}


def _is_in(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def _rule_for(module: str) -> tuple[str, ...] | None:
    return next((allowed for who, allowed in MAY_IMPORT.items() if _is_in(module, (who,))), None)


INTERNAL = [i for i in imports() if _is_in(i.target, ("mlm",))]


def test_every_module_has_a_layer():
    assert [m for m in modules() if m != "mlm" and _rule_for(m) is None] == []


def test_imports_go_down_the_layers():
    wrong = [
        f"{i.module} imports {i.target}"
        for i in INTERNAL
        if i.module != "mlm" and not _is_in(i.target, _rule_for(i.module) or ())
    ]
    assert wrong == []


def test_nobody_imports_the_package_itself_but_its_outermost_layer():
    wrong = [i.module for i in INTERNAL if i.target == "mlm" and i.module not in OUTERMOST]
    assert wrong == []


def test_the_library_knows_no_workflow_engine():
    assert [i.module for i in imports() if _is_in(i.target, ("snakemake",))] == []


@pytest.mark.parametrize("room", AT_LOAD)
def test_a_room_loads_only_the_libraries_it_is_made_of(room):
    standard = set(sys.stdlib_module_names) | {"mlm", "__future__"}
    wrong = {
        f"{i.module} imports {i.target}"
        for i in imports()
        if i.at_load and _is_in(i.module, (room,))
        if i.target.partition(".")[0] not in standard | AT_LOAD[room]
    }
    assert sorted(wrong) == []


@pytest.mark.parametrize("start", ["import mlm", "import mlm.__main__"])
def test_start_up_loads_nothing_heavy(start):
    code = f"{start}; import sys; print(*sorted({HEAVY!r} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "", run.stdout + run.stderr


def test_every_library_that_is_imported_is_declared():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {_plain(re.split(r"[<>=!~ ;\[]", text)[0]) for text in declared["dependencies"]}
    providers = importlib.metadata.packages_distributions()
    outside = {i.target.partition(".")[0] for i in imports()} - set(sys.stdlib_module_names)
    undeclared = {
        module
        for module in outside - {"mlm"}
        if not {_plain(name) for name in providers.get(module, [module])} & names
    }
    assert undeclared == set()


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def test_nothing_is_pickled_but_answers_of_forked_processes():
    """No file holds pickled objects, which would run what they say."""
    pickles = {i.module for i in imports() if i.target in {"pickle", "joblib", "shelve"}}
    assert pickles == {"mlm.nouns.machine.side_by_side"}


def test_distributions_are_taken_from_one_place():
    """``scipy.stats`` loads slowly; the noun gives its numbers without it."""
    assert [i.module for i in imports() if i.target.startswith("scipy.stats")] == []
