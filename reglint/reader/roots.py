"""Where evaluation starts: a script's top level, and the functions and classes that nobody was seen to call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from reglint.reader.domain import Arguments, ClassValue, Env, Function, Obj
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.trace import Returned
from reglint.step.values import Value

# A definition without one of these words cannot hold anything a rule speaks about.
MATTERS = re.compile(
    r"loss|optim|backward|criterion|dropout|Dropout|\.eval\(|\.train\(|zero_grad|\.step\(|scheduler|weight_decay|requires?_grad|"
    r"no_grad|softmax|Softmax|sigmoid|Sigmoid|clip_grad|parameters\(|size_average|reduce=|DataLoader|Sampler|nn\.|entropy|regulari|autograd|"
    r"\.grad|Variable|attention|LSTM|GRU|RNN"
)


@dataclass(frozen=True, slots=True)
class Root:
    """A function or class to evaluate on its own. `functions` are the qualified names it would cover."""

    name: str
    functions: tuple[str, ...]
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

    def run(self, m: Machine, env: Env, covered: frozenset[tuple[str, str]] | set[tuple[str, str]]) -> None:
        """Call it with unknown arguments; a class is instantiated, then its methods that nobody called run in order."""
        from reglint.reader import calls

        value = m.project.module_attribute(m, env, self.node.name)
        place = Place(env.source, self.node)
        with m.inside(env.scope):
            if isinstance(value, Function):
                made = calls.call_function(m, value, Arguments((), {}, False), None, root=True)
                m.emit(Returned, place, value=made, function=value.name)
            elif isinstance(value, ClassValue):
                self._run_class(m, env, value, place, covered)

    def _run_class(
        self, m: Machine, env: Env, cls: ClassValue, place: Place, covered: frozenset[tuple[str, str]] | set[tuple[str, str]]
    ) -> None:
        from reglint.reader import calls, modules

        obj: Obj = calls.instantiate(m, cls, Arguments((), {}, False), place, root=True)
        obj.state["root"] = True
        path = env.source.path
        assert isinstance(self.node, ast.ClassDef)
        called = _called_on_self(self.node)
        methods = [n for n in self.node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name != "__init__"]
        # Those that other methods call come last: they are usually covered by then.
        for node in sorted(methods, key=lambda n: n.name in called):
            function = cls.attrs.get(node.name)
            name = f"{cls.name}.{node.name}"
            if not isinstance(function, Function) or (path, name) in covered or (path, name) in m.covered:
                continue  # replaced by a decorator, or evaluated by a caller
            given: tuple[Value, ...] = () if _is_static(node) else (obj,)
            if node.name == "forward" and obj.state.get("module"):
                modules.mode_unknown(m, obj)
            mark = m.journal.mark()
            made = calls.call_function(m, function, Arguments(given, {}, False), None, root=True)
            m.emit(Returned, Place(env.source, node), value=made, function=name)
            m.journal.take(mark)


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


def _called_on_self(node: ast.ClassDef) -> set[str]:
    return {
        n.func.attr
        for n in ast.walk(node)
        if isinstance(n, ast.Call)
        and isinstance(n.func, ast.Attribute)
        and isinstance(n.func.value, ast.Name)
        and n.func.value.id == "self"
    }


def file_roots(tree: ast.Module, text: str) -> Iterator[Root]:
    """The functions and classes of a file that can matter; those that others of the file call come last."""
    lines = text.split("\n")
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    roots: list[Root] = []
    for node in definitions(tree.body):
        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        if not any(MATTERS.search(line) for line in lines[first - 1 : node.end_lineno]):
            continue  # nothing in it that a rule speaks about
        if isinstance(node, ast.ClassDef):
            names = tuple(f"{node.name}.{n.name}" for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))
            roots.append(Root(node.name, names, node))
        else:
            roots.append(Root(node.name, (node.name,), node))
    yield from sorted(roots, key=lambda r: (r.name in called, isinstance(r.node, ast.ClassDef)))


def definitions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Top-level functions and classes, also those under a top-level if or try."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node
        elif isinstance(node, ast.If):
            yield from definitions(node.body)
            yield from definitions(node.orelse)
        elif isinstance(node, ast.Try):
            yield from definitions(node.body)


def main_part(tree: ast.Module) -> bool:
    """Does running the file do more than define things? A main guard, a loop, a with block or a bare call counts."""
    for node in tree.body:
        if isinstance(node, (ast.For, ast.While, ast.With)):
            return True
        if isinstance(node, ast.If):
            if _is_main_guard(node) or any(isinstance(n, (ast.For, ast.While, ast.Call)) for s in node.body for n in ast.walk(s)):
                return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return True
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            return True
    return False


def _is_main_guard(node: ast.If) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))
