"""Hash of the code that a stage runs, found without importing it.

Snakemake does not notice that a module behind ``python -m mlm`` has changed. So each rule carries,
as a parameter, a hash over the command's module and every module of the package that it imports,
directly or through others, imports inside functions included. Comments, docstrings and layout do
not count: what is hashed is the syntax tree.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from content import state_of

FORMAT = 4  # of the cache file; a change makes old caches void


class Package:
    """The modules of one package on disk, with their hashes and imports.

    Parameters
    ----------
    folder : Path
        Folder of the package; its name is the package's name.
    cache : Path, optional
        File that keeps hashes and imports of unchanged files between runs.
    """

    def __init__(self, folder: Path, cache: Path | None = None):
        self.folder = Path(folder)
        self.name = self.folder.name
        self._cache_file = cache
        self._stored = _read_cache(cache)
        self._facts: dict[str, dict] = {}
        self._next: dict[str, set[str]] = {}

    def hash_of(self, *modules: str) -> str:
        """Hash over some modules and all that they import within the package."""
        digest = hashlib.sha256()
        for module in sorted(self.reached_from(*modules)):
            digest.update(f"{module} {self._fact(module)['hash']}\n".encode())
        return digest.hexdigest()[:16]

    def reached_from(self, *modules: str) -> set[str]:
        """Names of some modules, of the packages that hold them and of all that they import.

        Raises
        ------
        KeyError
            When one of ``modules`` is not a module of the package.
        """
        reached: set[str] = set()
        waiting = list(modules)
        while waiting:
            module = waiting.pop()
            if module in reached:
                continue
            reached.add(module)
            waiting.extend(self._next_to(module))
        return reached

    def _next_to(self, module: str) -> set[str]:
        """What a module imports, and the package that holds it; for all stages found once."""
        if module not in self._next:
            found = set().union(*map(self._resolved, self._fact(module)["imports"]))
            self._next[module] = found | ({module.rpartition(".")[0]} & self.modules.keys())
        return self._next[module]

    def _resolved(self, name: str) -> list[str]:
        """Modules behind an imported name: itself, or the module or package that provides it."""
        if name in self.modules:
            return [name]
        if name.endswith("?"):
            return [module for module in self.modules if module.startswith(name[:-1])]
        provider, _, wanted = name.rpartition(".")
        if provider not in self.modules:
            return []
        if wanted in self._fact(provider)["own"]:
            return [provider]
        return [provider, *(m for m in self._fact(provider)["lazy"] if m in self.modules)]

    def save_cache(self) -> None:
        """Keep what was read for the next run; a folder that cannot be written is no error."""
        if self._cache_file is None or all(
            self._stored.get(module) == fact for module, fact in self._facts.items()
        ):
            return
        content = {"format": FORMAT, "modules": {**self._stored, **self._facts}}
        temporary = self._cache_file.with_name(f"{self._cache_file.name}.{os.getpid()}")
        try:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(content), encoding="utf-8")
            temporary.replace(self._cache_file)
        except OSError:
            temporary.unlink(missing_ok=True)

    @cached_property
    def modules(self) -> dict[str, Path]:
        """File of every module, by dotted name."""
        found = {}
        for path in self.folder.rglob("*.py"):
            parts = [self.name, *path.relative_to(self.folder).with_suffix("").parts]
            if parts[-1] == "__init__":
                parts.pop()
            found[".".join(parts)] = path
        return found

    def _fact(self, module: str) -> dict:
        """Hash, imports and file state of a module; from the cache where the file is the same."""
        if module not in self._facts:
            path = self.modules[module]
            state = [str(path), *state_of(path)]
            stored = self._stored.get(module)
            if stored is None or stored["state"] != state:
                stored = {"state": state, **_read_module(path, module)}
            self._facts[module] = stored
        return self._facts[module]


def _read_module(path: Path, module: str) -> dict:
    tree = _parsed(path)
    nodes = list(ast.walk(tree))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    imports, lazy, own = _imported_names(nodes, package), set(), set()
    if _imports_on_first_use(tree):
        lazy, own = _names_as_text(nodes, package), _names_at_load(tree)
    else:
        imports |= _modules_as_text(nodes, package)
    _remove_docstrings(nodes)
    digest = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
    return {
        "hash": digest,
        "imports": sorted(imports),
        "lazy": sorted(lazy),
        "own": sorted(own),
    }


def _parsed(path: Path) -> ast.Module:
    """The syntax tree; the collector, which finds nothing in it, takes twice as long as parsing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    finally:
        if collecting:
            gc.enable()


def _imported_names(nodes: Sequence[ast.AST], package: str) -> set[str]:
    """Dotted names of all that a module imports from its own package, at any depth of nesting.

    ``import a`` gives ``a.*`` too, because any name of ``a`` may be used then.
    """
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
            found.update(f"{alias.name}.*" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    top = package.partition(".")[0]
    return {name for name in found if name.partition(".")[0] == top}


def _modules_as_text(nodes: Sequence[ast.AST], package: str) -> set[str]:
    """Texts that name a module of the package, as for ``import_module``.

    A text that is put together, ``f"a.b.{name}"``, gives ``a.b.?``: every module whose name begins
    so may be meant.
    """
    top = f"{package.partition('.')[0]}."
    found = set()
    for node in nodes:
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            start = str(node.values[0].value)
            found |= {f"{start}?"} if start.startswith(top) else set()
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} if node.value.startswith(top) else set()
    return found


def _imports_on_first_use(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body
    )


def _names_at_load(tree: ast.Module) -> set[str]:
    """Names that a module binds by assignment when it is loaded."""
    targets = [t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _names_as_text(nodes: Sequence[ast.AST], package: str) -> set[str]:
    """Texts that may name a module: a package that imports on first use keeps such a table."""
    texts = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    top = package.partition(".")[0]
    words = {text for text in texts if text.replace(".", "").replace("_", "").isalnum()}
    return {
        word if word.startswith(f"{top}.") else f"{package}.{word.lstrip('.')}" for word in words
    }


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _remove_docstrings(nodes: Sequence[ast.AST]) -> None:
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]


def _read_cache(path: Path | None) -> dict:
    try:
        content = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return content.get("modules", {}) if content.get("format") == FORMAT else {}
