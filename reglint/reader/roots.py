"""Where evaluation starts: a script's top level, and the functions and classes that nobody was seen to call."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reglint.reader.domain import Arguments, ClassValue, Env, Function, Obj
from reglint.reader.machine import Machine, OutOfBudget
from reglint.source import Place, SourceFile
from reglint.step.trace import Returned
from reglint.step.values import Value

# A function without one of these words says nothing that a rule speaks about. Building a model is not among them:
# layers matter where a model is trained or evaluated, and are reached from there.
MATTERS = re.compile(
    r"loss|optim|backward\(|criterion|Loss|zero_grad|\.step\(|scheduler|weight_decay=|requires?\w*_?grad|no_grad|inference_mode\(|grad_enabled|"
    r"clip_grad|\.\w*parameters\(|size_average|reduce=|reduction=|DataLoader|Sampler|entropy|regulari|autograd|\.grad\b|Variable\(|volatile|"
    r"\.eval\(|\.train\(|\b[Ff]\.\w*dropout|functional\.\w*dropout|(?<![.\w])\w*dropout\w*\(|nn\.\w*Dropout|dropout_p|dot_product_attention|flash_attn\w*func|kl_div|"
    r"_hook\(|scaler|epoch|bernoulli|rand\w*\(.*\)\s*[<>]|[<>]=? ?[\w.]*rand|binomial\(|\b(?:lam|reg|l2|wd\b)\w* ?\*"
)
# In a constructor, layers kept in plain containers, parameters that are moved and recurrent dropout matter as well.
MATTERS_IN_INIT = re.compile(
    r"LSTM\(|GRU\(|RNN\(|self\.\w+\s*=\s*(?:\[\s*(?:\]|[\w.]*[A-Z]\w*\()|\{|\(\[)|self\.\w+\.append\(|require\w*_?grad|Parameter\(.*\)\.|"
    r"Dropout\w*\([^)]*(?:keep|1\.?\d*\s*-)"
)


Definition = ast.FunctionDef | ast.AsyncFunctionDef
REST_BUDGET = 8_000  # evaluated nodes for a function or class that no script was seen to use


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

        obj = Obj(cls, "", {}, place)
        # Where some program was seen to build it, its defaults say nothing of what it is built with.
        built = any((env.source.path, f"{cls.name}{how}") in covered for how in (".__init__", "()"))
        try:
            calls.construct(m, obj, cls, Arguments((), {}, built), place, root=True)
        except OutOfBudget:
            obj.state["unresolved"] = True  # what was built so far is all that is known of it
            m.budget = REST_BUDGET
        obj.state["root"] = True
        path = env.source.path
        assert isinstance(self.node, ast.ClassDef)
        called = m.project.facts.called_on_self(env, self.node)
        methods = [n for n in self.node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name != "__init__"]
        # Those that other methods call come last: they are usually covered by then.
        for node in sorted(methods, key=lambda n: n.name in called):
            function = cls.attrs.get(node.name)
            name = f"{cls.name}.{node.name}"
            if name not in self.functions or not isinstance(function, Function) or (path, name) in covered or (path, name) in m.covered:
                continue  # says nothing of training, is replaced by a decorator, or was evaluated by a caller
            given: tuple[Value, ...] = () if _is_static(node) else (obj,)
            if node.name == "forward" and obj.state.get("module"):
                modules.mode_unknown(m, obj)
            mark = m.journal.mark()
            made = calls.call_function(m, function, Arguments(given, {}, False), None, root=True)
            m.emit(Returned, Place(env.source, node), value=made, function=name)
            m.journal.take(mark)


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


_CALL = re.compile(r"(?<![\w.])(?<!def )(?<!class )([^\W\d]\w*)\(")


def _called(text: str) -> set[str]:
    return set(_CALL.findall(text))


_CALL_ON_SELF = re.compile(r"(?<![\w.])self\.(\w+)\(")


def _called_on_self(text: str) -> set[str]:
    return set(_CALL_ON_SELF.findall(text))


def _matters(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> bool:
    """Does the text of a function, its decorators included, hold a word of training?"""
    if node.name == "__init__":
        return any(MATTERS_IN_INIT.search(line) or MATTERS.search(line) for line in code_of(node, lines)) or _initialises_late(node)
    return any(MATTERS.search(line) for line in code_of(node, lines))


TRAINS = re.compile(r"backward\(|zero_grad|\.step\(|\.eval\(|\.train\(|no_grad")


def _leading_to(draws: Mapping[str, str], called: Callable[[str], set[str]]) -> set[str]:
    """The names of functions, by their texts, that train or evaluate, or call one that does."""
    drawn = {name for name, text in draws.items() if TRAINS.search(text)}
    rest = [(name, called(text)) for name, text in draws.items() if name not in drawn] if drawn else []
    while callers := [name for name, others in rest if name not in drawn and others & drawn]:
        drawn.update(callers)
    return drawn


def code_of(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: Sequence[str]) -> Iterator[str]:
    """The lines of a function without its docstring and without comment lines; its decorators first."""
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    skip = range(0)
    if isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
        skip = range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    for row in range(first, (node.end_lineno or first) + 1):
        if row not in skip and not lines[row - 1].lstrip().startswith("#"):
            yield lines[row - 1]


def _initialises_late(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Does a constructor set attributes before it calls super().__init__(), or never call it?"""
    for statement in node.body:
        if any(isinstance(n, ast.Attribute) and n.attr == "__init__" for n in ast.walk(statement)):
            return False
        if isinstance(statement, ast.Assign) and any(_is_self_attribute(t) for t in statement.targets):
            return True
    return False


def _is_self_attribute(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def file_roots(nodes: Iterable[Definition | ast.ClassDef], functions: Mapping[str, str], source: SourceFile) -> Iterator[Root]:
    """Those of a file's definitions that can matter; what others of the file call comes last.

    `functions`: the texts of all top-level functions of the file, by name.
    """
    lines = source.lines
    called = _called(source.text)
    leading = _leading_to(functions, _called)
    roots: list[Root] = []
    for node in sorted(nodes, key=lambda n: n.lineno):
        if isinstance(node, ast.ClassDef):
            methods = [n for n in node.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
            texts = {n.name: "\n".join(code_of(n, lines)) for n in methods}
            mattering = {n.name for n in methods if _matters(n, lines)} | _leading_to(texts, _called_on_self)
            if "__init__" in mattering:
                mattering.add("forward")  # whether a module is used shows there
            names = tuple(f"{node.name}.{n.name}" for n in methods if n.name in mattering)
            if names:
                roots.append(Root(node.name, names, node))
        elif node.name in leading or _matters(node, lines):
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


def is_script(tree: ast.Module) -> bool:
    """Is a file with a main part made to be run? A main guard, a loop or a bare call shows it; `logger = get_logger()` does not."""
    return any(
        isinstance(node, (ast.For, ast.While, ast.With))
        or (isinstance(node, ast.If) and _is_main_guard(node))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in tree.body
    )


def _is_main_guard(node: ast.If) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))
