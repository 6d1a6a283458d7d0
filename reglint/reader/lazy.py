"""The globals of an imported module, evaluated when first asked for.

Importing a module evaluates nothing. When a name is asked for, the top-level statements that bind it, and those that
change what it holds (`parser.add_argument(…)`), are evaluated in order: silently and for good, apart from the root that
asks. A script that is itself the root runs in order instead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reglint.errors import SourceError
from reglint.reader.domain import Env
from reglint.reader.journal import Journal
from reglint.reader.machine import Activation, Machine, OutOfBudget
from reglint.reader.roots import Definition, definitions
from reglint.reader.slices import Slice, cut
from reglint.reader.tree import parse
from reglint.step.values import Value

NAME_BUDGET = 20_000  # evaluated nodes for the statements of one global
MAX_STARS = 30  # a package that re-exports more than this is the front of a library: what it holds is found where it stands


@dataclass(slots=True)
class Globals:
    """Which statements of a module bind or change which name, in order; `stars` are its star imports."""

    statements: dict[str, list[ast.stmt | Slice]] = field(default_factory=dict)
    stars: list[ast.ImportFrom] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    held: int = 0  # characters whose tree is held

    def nodes(self, name: str) -> list[ast.stmt]:
        """The statements that bind or change a name. Raises SourceError where the file was cut in the wrong place."""
        found = self.statements.get(name, ())
        self.held += sum(len(one.text) for one in found if isinstance(one, Slice) and not one.is_parsed)
        return [one.node() if isinstance(one, Slice) else one for one in found]


def of_module(env: Env) -> Globals:
    """The globals of a module; of its definitions only those that are asked for will be parsed. Raises SourceError."""
    found = cut(env.source) if not env.parsed else None
    if found is None:
        known = index(env.tree if env.parsed else parse(env.source))
        known.held = len(env.source.text)
        return known
    slices, others = found
    known = _sorted(others)
    known.held = len(env.source.text) - sum(len(one.text) for one in slices)
    for one in slices:
        places = known.statements.setdefault(one.name, [])
        places.append(one)
        places.sort(key=lambda s: s.row if isinstance(s, Slice) else s.lineno)
    return known


def definitions_of(env: Env, name: str, known: Globals) -> list[Definition | ast.ClassDef]:
    """The functions and classes of a name at the top level of a module, also those under an if or try."""
    return [one for one in definitions(_nodes(env, name, known)) if one.name == name]


def functions(env: Env, known: Globals) -> dict[str, str]:
    """The texts of the functions at the top level of a module, by name."""
    found: dict[str, str] = {}
    for name, statements in known.statements.items():
        for one in statements:
            if isinstance(one, Slice):
                if not one.is_class:
                    found[name] = f"{found.get(name, '')}{one.text}"
            elif any(d.name == name and not isinstance(d, ast.ClassDef) for d in definitions([one])):
                found[name] = "\n".join([found.get(name, ""), *env.source.lines[one.lineno - 1 : one.end_lineno]])
    return found


def index(tree: ast.Module) -> Globals:
    """Sort the top-level statements of a module by the names they bind or change."""
    return _sorted(tree.body)


def _sorted(body: list[ast.stmt]) -> Globals:
    found = Globals()
    for node in _flat(body):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            found.stars.append(node)
            continue
        if isinstance(node, ast.If) and any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test)):
            continue  # the main part does not run on import
        for name in dict.fromkeys(_names(node)):
            found.statements.setdefault(name, []).append(node)
    return found


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements one by one, those for type checkers as well: what they import is what is loaded later, when it is asked for."""
    for node in body:
        if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING":
            yield from node.body
            yield from node.orelse
        else:
            yield node


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _names(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (a.asname or a.name.partition(".")[0] for a in aliases)
        case ast.Assign(targets=targets):
            for target in targets:
                yield from _targets(target)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            yield from _targets(target)
        case ast.Expr(value=ast.Call() as called):
            root = _root(called.func)
            if root is not None and not isinstance(called.func, ast.Name):
                yield root
        case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While():
            if isinstance(node, ast.For):
                yield from _targets(node.target)
            for name in ("body", "orelse", "finalbody"):
                for inner in getattr(node, name, ()):
                    yield from _names(inner)
            for handler in getattr(node, "handlers", ()):
                for inner in handler.body:
                    yield from _names(inner)


def _targets(target: ast.expr) -> Iterator[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from _targets(part)
        return
    root = _root(target.value if isinstance(target, ast.Starred) else target)
    if root is not None:
        yield root


def _root(node: ast.expr) -> str | None:
    """The variable that an attribute or item chain starts from."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def value_of(m: Machine, env: Env, name: str, known: Globals) -> Value | None:
    """Evaluate what binds a global; None where nothing does or its evaluation is under way already."""
    from reglint.reader import imports
    from reglint.reader.statements import run_block

    if name in known.statements and name not in known.busy:
        known.busy.add(name)
        statements = _nodes(env, name, known)
        with apart(m, env):
            for node in statements:
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    imports.run(m, node, only=name)
                elif id(node) not in known.done:
                    known.done.add(id(node))
                    run_block(m, [node])
        found = env.scope.vars.get(name)
        if found is not None:
            return found
    if len(known.stars) > MAX_STARS:
        return None
    for node in reversed(known.stars):
        if not m.project.star_brings(env, node, name):
            continue  # seen in its outline, without evaluating it
        with apart(m, env):
            found = imports.from_star(m, node, name)
        if found is not None:
            env.scope.vars[name] = found
            return found
    return None


def _nodes(env: Env, name: str, known: Globals) -> list[ast.stmt]:
    try:
        return known.nodes(name)
    except SourceError:
        pass  # cut in the wrong place, or not to be parsed at all
    try:
        whole = index(parse(env.source))
    except SourceError:
        return []
    known.statements, known.stars = whole.statements, whole.stars
    return known.nodes(name)


@contextmanager
def apart(m: Machine, env: Env) -> Iterator[None]:
    """Evaluate in a module apart from the root that asks: without its guards and loops, without events, never undone."""
    before = (m.journal, m.guards, m.loops, m.frames, m.activation, m.grad, m.budget, m.complete, m.loop_exits, m.active)
    files, m.files = m.files, set()
    m.journal, m.guards, m.loops, m.frames, m.grad = Journal(), (), (), (), True
    m.activation, m.budget, m.loop_exits, m.active = Activation(None, ()), NAME_BUDGET, [], []
    own, m.interner = m.interner, m.project.interner
    m.journal.mark()
    m.muted += 1
    try:
        with m.inside(env.scope):
            yield
    except OutOfBudget:
        pass  # what is bound so far stands, the rest is unknown
    finally:
        m.muted -= 1
        m.interner = own
        m.project.note_origin(env, m.files)
        m.files |= files
        (m.journal, m.guards, m.loops, m.frames, m.activation, m.grad, m.budget, m.complete, m.loop_exits, m.active) = before
