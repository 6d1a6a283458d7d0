"""What the text of a definition says, looked up once: whether it speaks of training, what it writes to, what of self it calls.

Facts go by the identity of syntax nodes: they hold as long as the nodes do.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from reglint.reader import attributes
from reglint.reader.domain import ClassValue, Env
from reglint.reader.roots import MATTERS, code_of

MUTATORS = frozenset("append extend insert pop remove clear update setdefault add sort reverse popitem discard".split())


# In the text, comments and strings included: an attribute too many that is called only makes it less sure what a module holds.
_CALLED = re.compile(r"(?<![\w.])self\s*\.\s*(\w+)\s*\(")


class Facts:
    """Answers for all definitions of the modules that are held."""

    def __init__(self) -> None:
        self._mattering: dict[int, bool] = {}
        self._changing: dict[int, bool] = {}
        self._kept: dict[int, tuple[tuple[str, str], ...]] = {}
        self._of_classes: dict[int, tuple[frozenset[str], bool]] = {}
        self._of_bodies: dict[int, tuple[frozenset[str], bool]] = {}

    def matters(self, env: Env, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Does the text of a function hold a word of training?"""
        known = self._mattering.get(id(node))
        if known is None:
            known = self._mattering[id(node)] = any(MATTERS.search(line) for line in code_of(node, env.source.lines))
        return known

    def changes(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
        """Does a function write to attributes, items, globals or collections, which may outlive it?"""
        known = self._changing.get(id(node))
        if known is None:
            known = self._changing[id(node)] = any(map(_changes, ast.walk(node)))
        return known

    def kept(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[tuple[str, str], ...]:
        """Attributes of self and the parameters that they are, where a function does no more than `self.rate = rate` with both."""
        known = self._kept.get(id(node))
        if known is None:
            known = self._kept[id(node)] = tuple(_kept(node))
        return known

    def called_attributes(self, cls: ClassValue) -> frozenset[str]:
        """The attributes of self that a class or its bases call: what is bound to them may be a submodule."""
        return self._of_class(cls)[0]

    def called_on_self(self, env: Env, node: ast.ClassDef) -> frozenset[str]:
        """The attributes of self that the body of a class calls."""
        return self._of_body(env, node)[0]

    def reads_training(self, cls: ClassValue) -> bool:
        """Does a method of the class other than train() ask self.training?"""
        return self._of_class(cls)[1]

    def _of_class(self, cls: ClassValue) -> tuple[frozenset[str], bool]:
        known = self._of_classes.get(id(cls.node))
        if known is None:
            parts = [self._of_body(one.env, one.node) for one in attributes.linearized(cls)]
            known = frozenset().union(*(called for called, _ in parts)), any(training for _, training in parts)
            self._of_classes[id(cls.node)] = known
        return known

    def _of_body(self, env: Env, node: ast.ClassDef) -> tuple[frozenset[str], bool]:
        """The attributes of self that are called in a class body, and whether self.training is read there."""
        known = self._of_bodies.get(id(node))
        if known is None:
            text = "\n".join(env.source.lines[node.lineno - 1 : node.end_lineno])
            known = self._of_bodies[id(node)] = (
                frozenset(_CALLED.findall(text)),
                "training" in text and any(map(_asks_for_mode, ast.walk(node))),
            )
        return known


def _asks_for_mode(node: ast.AST) -> bool:
    """Is it `self.training`, and not set?"""
    return isinstance(node, ast.Attribute) and node.attr == "training" and isinstance(node.ctx, ast.Load) and _is_self(node.value)


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _kept(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, str]]:
    parameters = {arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    inner = [n for statement in node.body for n in ast.walk(statement) if isinstance(n, (ast.Name, ast.Attribute))]
    written = Counter(n.id if isinstance(n, ast.Name) else n.attr for n in inner if not isinstance(n.ctx, ast.Load))
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name("self"), attr=attribute)], value=ast.Name(name)):
                times = 1 if attribute == name else 0  # the attribute's own name counts once
                if name in parameters and written[attribute] == 1 and written[name] == times:
                    yield attribute, name


def _changes(node: ast.AST) -> bool:
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return not isinstance(node.ctx, ast.Load) or (isinstance(node, ast.Attribute) and node.attr in MUTATORS)
    return isinstance(node, (ast.Global, ast.Nonlocal)) or (isinstance(node, ast.Name) and node.id in ("setattr", "delattr", "exec"))
