"""Imports point one way, and what is heavy is imported in few places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "reglint"
# From the bottom up; a module may import what stands in its own line or below.
LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "frames", "records", "__init__"}),
    frozenset({"source", "notebook", "loading", "findings", "edits", "notebook_edits", "knowledge"}),
    frozenset({"step"}),
    frozenset({"reader", "probe"}),
    frozenset({"checks"}),
    frozenset(
        {"config", "patterns", "selection", "discovery", "survey", "suppressions", "fingerprints", "work", "pool", "settle", "engine"}
        | {"fixer", "ignores", "baseline", "revision", "runs", "cache", "units", "report", "rulebook"}
    ),
    frozenset({"api", "cli", "checking", "commands", "options", "terminal", "lsp", "flake8_plugin", "dev", "__main__"}),
)
ENGINE, COMMANDS = 5, 6


@cache
def modules() -> list[str]:
    """Every module of the package by dotted name below `reglint`, packages under their own name."""
    names = (path.relative_to(PACKAGE).with_suffix("") for path in sorted(PACKAGE.rglob("*.py")) if "_rules" not in path.parts)
    return [".".join(p for p in name.parts if p != "__init__") or "__init__" for name in names]


def layer(module: str) -> int:
    """The layer of a module. Raises KeyError for one that has no place in the table."""
    top = module.partition(".")[0]
    if module in ("probe", "probe.cli", "probe.plugin"):
        return COMMANDS
    if top == "probe" and not any(name.partition(".")[0] == "torch" for name in imports(module)):
        return ENGINE  # runs the checks on what the other half of the probe, which knows torch, measured
    for index, names in enumerate(LAYERS):
        if top in names:
            return index
    raise KeyError(f"{module} has no layer: add it to the table")


def imports(module: str, *, everything: bool = True) -> Iterator[str]:
    """Dotted names of what a module imports; without those inside functions unless `everything`."""
    path = PACKAGE / ("__init__.py" if module == "__init__" else module.replace(".", "/") + ".py")
    if not path.exists():
        path = PACKAGE / module.replace(".", "/") / "__init__.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if everything else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute"
            names = modules()
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full.removeprefix("reglint.") in names else str(node.module)


@pytest.mark.parametrize("module", [name for name in modules() if name not in ("__init__", "__main__")])
def test_layers(module: str) -> None:
    """No module imports from a layer above its own; the reader and the probe do not know each other."""
    for name in imports(module):
        if name == "reglint" or not name.startswith("reglint."):
            continue
        other = name.removeprefix("reglint.")
        if other.partition(".")[0] == module.partition(".")[0]:
            continue  # the order within a package is its own affair
        assert layer(other) <= layer(module), f"{module} imports {other}, which stands above it"
        pair = {module.partition(".")[0], other.partition(".")[0]}
        assert pair != {"reader", "probe"}, f"{module} imports {other}: the witnesses are independent"


@pytest.mark.parametrize("module", modules())
def test_heavy_imports(module: str) -> None:
    """torch only in the probe's child, libcst only in the reader and the fixer, click only in the command line."""
    allowed = {
        "torch": ("probe.", "dev."),
        "numpy": ("probe.", "dev."),
        "libcst": ("reader.",),
        "click": ("cli", "checking", "commands", "options", "terminal", "lsp", "probe.cli", "dev"),
    }
    for name in imports(module):
        places = allowed.get(name.partition(".")[0])
        assert places is None or module.startswith(places), f"{module} imports {name}"
