"""The normal form of ids, and of Unicode, has one home; what reads ids goes through it."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.architecture.imports import imports, modules, nodes, tree

HOMES = {"mlm.nouns.characters", "mlm.nouns.ids.spelling"}

# calls that give ids or their texts another form, and the modules that may make them
CALLS = {
    "normalize": HOMES,
    "utf8_normalize": set(),
    "normal_ids": {"mlm.rows.accumulating.id_columns"},
    "normal_texts": {"mlm.rows.cleaning.ids", "mlm.rows.scaffold.spellings"},
    "normal_text": {"mlm.rows.cleaning.ids"},
    "read_ids": {"mlm.rows.cleaning.intake", "mlm.rows.completing.imputation"},
    "NumberedIds": {"mlm.rows.accumulating.grouping"},
}


@cache
def _called(module: str) -> frozenset[str]:
    calls = (node for node in nodes(modules()[module]) if isinstance(node, ast.Call))
    return frozenset(getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls)


def test_unicode_is_normalised_in_one_home():
    assert {i.module for i in imports() if i.target.startswith("unicodedata")} == HOMES


def test_ids_get_their_form_in_one_home():
    for call, homes in CALLS.items():
        callers = {module for module in modules() if call in _called(module)}
        assert callers - {"mlm.nouns.ids.identifier"} <= homes, call


def test_cells_of_levels_are_read_as_ids():
    """They are taken from the chunks of files by ``read_ids`` alone."""
    taken = re.compile(r"Distinct\.of\(\w+\[(level|name)")
    known = [name for name, path in modules().items() if "Distinct" in path.read_text("utf-8")]
    assert known and [name for name in known if taken.search(ast.unparse(tree(name)))] == []
