"""Import statements: names of the project's modules, of their contents, and of libraries."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reglint.knowledge.names import canonical, star_exports
from reglint.reader.domain import ClassValue, Env, External, ModuleRef, Package
from reglint.reader.machine import Machine
from reglint.step.values import Unknown, Value

MODEL_FILES = ("model", "models", "net", "network", "networks")


def run(m: Machine, node: ast.Import | ast.ImportFrom, only: str | None = None) -> None:
    """Bind what an import statement binds, or `only` one of its names."""
    scope = m.scope.vars
    if isinstance(node, ast.Import):
        for alias in node.names:
            if only is not None and (alias.asname or alias.name.partition(".")[0]) != only:
                continue
            if alias.asname:
                m.write(scope, alias.asname, m.project.import_name(m, alias.name, m.env))
            else:
                top = alias.name.partition(".")[0]
                if top != alias.name:
                    m.project.import_name(m, alias.name, m.env)
                m.write(scope, top, m.project.import_name(m, top, m.env))
        return
    base = absolute(m.env, node)
    for alias in node.names:
        if only is not None and (alias.asname or alias.name) != only:
            continue
        if alias.name == "*":
            _star(m, base)
        else:
            m.write(scope, alias.asname or alias.name, member(m, base, alias.name))


def absolute(env: Env, node: ast.ImportFrom) -> str:
    """The dotted module a from-import names; relative ones are resolved to `./folder` paths of the project."""
    if not node.level:
        return node.module or ""
    folder = env.source.absolute.rpartition("/")[0]
    for _ in range(node.level - 1):
        folder = folder.rpartition("/")[0]
    return f"{folder}:{node.module or ''}"


def member(m: Machine, base: str, name: str) -> Value:
    """`from base import name`: a submodule, or an attribute of the module."""
    module = m.project.import_name(m, base, m.env)
    if isinstance(module, ModuleRef):
        found = m.project.module_attribute(m, module.env, name)
        if found is not None:
            return found
        submodule = m.project.import_name(m, f"{base}.{name}" if not base.endswith(":") else base + name, m.env)
        if isinstance(submodule, (ModuleRef, Package)):
            return submodule
        return Unknown(f"{module.env.name} has no {name}", name)
    if isinstance(module, Package):
        found = m.project.import_name(m, f"{base}.{name}" if not base.endswith(":") else base + name, m.env)
        return found if not isinstance(found, External) else Unknown(f"{base} has no {name}", name)
    if isinstance(module, External):
        return External(canonical(f"{module.name}.{name}"))
    return Unknown(f"{base} is not found", name)


def _star(m: Machine, base: str) -> None:
    """`from base import *` in a script: all public names, which evaluates the module."""
    module = m.project.import_name(m, base, m.env)
    if isinstance(module, ModuleRef):
        for name in m.project.public_names(m, module.env):
            value = m.project.module_attribute(m, module.env, name)
            if value is not None and not isinstance(value, Unknown):
                m.write(m.scope.vars, name, value)
    elif isinstance(module, External):
        for name in star_exports(module.name):
            m.write(m.scope.vars, name, External(canonical(f"{module.name}.{name}")))


def forgotten(m: Machine, name: str) -> Value | None:
    """A class that a program uses without importing it, where the one file beside it that is called so defines its model.

    As it stands the program ends there; what is found in it is found for the one that was meant.
    """
    found = [m.project.module_attribute(m, module.env, name) for module in _beside(m)]
    classes = [value for value in found if isinstance(value, ClassValue)]
    return classes[0] if len(classes) == 1 else None


def _beside(m: Machine) -> Iterator[ModuleRef]:
    folder = m.env.source.absolute.replace("\\", "/").rpartition("/")[0]
    for stem in MODEL_FILES:
        module = m.project.import_name(m, f"{folder}:{stem}", m.env)
        if isinstance(module, ModuleRef) and module.env is not m.env:
            yield module


def from_star(m: Machine, node: ast.ImportFrom, name: str) -> Value | None:
    """The value of a name that a star import may bring in; None if it does not."""
    module = m.project.import_name(m, absolute(m.env, node), m.env)
    if isinstance(module, ModuleRef):
        return m.project.module_attribute(m, module.env, name) if not name.startswith("_") else None
    if isinstance(module, External) and name in star_exports(module.name):
        return External(canonical(f"{module.name}.{name}"))
    return None
