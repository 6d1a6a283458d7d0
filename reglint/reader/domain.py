"""Objects that evaluation creates: the heap side of the abstract values in step/values.py.

Whatever can change lives in a dict (`attrs`, `vars`), because the journal in state.py undoes and joins writes to dicts.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reglint.errors import SourceError
from reglint.reader.journal import Attributes, Store
from reglint.reader.tree import parse
from reglint.records import record
from reglint.source import Place, SourceFile
from reglint.step.values import Const, Origin, OriginKind, Value

NONE = Const(None)
PARAMETER_NAME = Origin(OriginKind.LITERAL, "the name of a parameter")  # marks the names that filters test


class Scope:
    """Variables of a function, class body or module; `outer` is the enclosing function scope or the module."""

    __slots__ = ("env", "outer", "shared", "vars")

    def __init__(self, env: Env, outer: Scope | None) -> None:
        self.vars: dict[str, Value] = Store()
        self.outer = outer
        self.env = env
        self.shared: dict[str, Scope] = {}


class Env:
    """A project module: its source and its globals."""

    __slots__ = ("_tree", "is_main", "name", "package", "scope", "source")

    def __init__(self, source: SourceFile, name: str, package: str, tree: ast.Module | None, is_main: bool) -> None:
        self.source = source
        self.name = name
        self.package = package
        self._tree = tree
        self.is_main = is_main
        self.scope = Scope(self, None)

    @property
    def parsed(self) -> bool:
        """Is the whole tree there?"""
        return self._tree is not None

    @property
    def tree(self) -> ast.Module:
        """The whole syntax tree, which few need of a module that is imported; empty where it cannot be parsed."""
        if self._tree is None:
            try:
                self._tree = parse(self.source)
            except SourceError:  # in a definition that nobody has asked for yet
                self._tree = ast.Module([], [])
        return self._tree


@dataclass(frozen=True, slots=True, eq=False)
class ModuleRef(Value):
    """A project module as a value."""

    env: Env


@dataclass(frozen=True, slots=True, eq=False)
class Package(Value):
    """A folder of the project without a file of its own for this name: `import pkg.sub` reaches through it."""

    name: str


@record(eq=False)
class External(Value):
    """A name of a library that is not part of the project, in canonical spelling."""

    name: str


@record(eq=False)
class Tuple(Value):
    """A tuple whose elements are known."""

    items: tuple[Value, ...]


@dataclass(slots=True, eq=False)
class Collection(Value):
    """A list, set or dict. `attrs["items"]` holds the content, `attrs["open"]` whether more of unknown number may be in it.

    Lists and sets hold a tuple of values; dicts a dict from constant keys to values.
    """

    kind: str
    attrs: dict[Any, Any]
    place: Place | None = None

    def __post_init__(self) -> None:
        self.attrs = self.attrs if isinstance(self.attrs, Store) else Store(self.attrs)

    @property
    def items(self) -> Any:
        return self.attrs["items"]

    @property
    def open(self) -> bool:
        return self.attrs["open"] is not False


def new_list(items: tuple[Value, ...] = (), open_: bool = False, place: Place | None = None, kind: str = "list") -> Collection:
    """A list (or set) value."""
    return Collection(kind, {"items": items, "open": open_}, place)


def new_dict(items: dict[Any, Value] | None = None, open_: bool = False, place: Place | None = None) -> Collection:
    """A dict value."""
    return Collection("dict", {"items": dict(items or {}), "open": open_}, place)


@dataclass(slots=True, eq=False)
class Function(Value):
    """A function or lambda of the project with the scope it closes over."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    name: str
    defaults: dict[str, Value]
    decorators: tuple[Value, ...] = ()
    owner: ClassValue | None = None
    attrs: dict[str, Value] = field(default_factory=dict)

    @property
    def env(self) -> Env:
        return self.scope.env


@dataclass(slots=True, eq=False)
class ClassValue(Value):
    """A class of the project. `order`: itself and its project bases as attributes are looked up, once somebody has asked."""

    node: ast.ClassDef
    env: Env
    name: str
    bases: tuple[Value, ...]
    attrs: dict[str, Value]
    fields: dict[str, Value | None] = field(default_factory=dict)
    is_dataclass: bool = False
    order: tuple[ClassValue, ...] | None = None


@dataclass(slots=True, eq=False)
class Obj(Value):
    """An instance of a project class or of a library class (`library` is the canonical name of the nearest library class).

    `arguments` are the bound constructor arguments of a library class, `held` its attributes so far, `waiting` its
    constructor where that has not run yet (on_demand.py). Whoever reads in `state` what a constructor sets must `settle` first.
    """

    cls: ClassValue | None
    library: str
    held: dict[str, Value]
    place: Place | None
    arguments: dict[str, Value] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    waiting: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        self.held = Attributes(self.held)
        self.state = Store(self.state)

    @property
    def attrs(self) -> dict[str, Value]:
        """Its own attributes."""
        if self.waiting is not None:
            self.settle()
        return self.held

    def settle(self) -> None:
        """Run the constructor if it has not run yet."""
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            waiting()

    @property
    def uid(self) -> int:
        return id(self)


@record(eq=False)
class Bound(Value):
    """A method of the project bound to its object."""

    self: Value
    function: Function


@record(eq=False)
class Method(Value):
    """A method of a library object or of an unknown value, by name."""

    self: Value
    name: str


@record(eq=False)
class Super(Value):
    """`super()` inside a method of `cls`."""

    self: Value
    cls: ClassValue


@record(eq=False)
class PartialCall(Value):
    """functools.partial."""

    function: Value
    args: tuple[Value, ...]
    keywords: dict[str, Value]


@dataclass(slots=True, eq=False)
class Param(Value):
    """A parameter tensor. `state["requires_grad"]` may change; `name` is filled in when its model is walked.

    `plain`: a tensor that asks for a gradient and is no nn.Parameter: no module ever registers it.
    """

    layer: str
    role: str
    ndim: int | None
    name: str
    place: Place | None
    state: dict[str, Any] = field(default_factory=lambda: Store({"requires_grad": True}))
    shape: tuple[int | None, ...] | None = None
    plain: bool = False

    @property
    def uid(self) -> int:
        return id(self)


def is_plain(value: Value) -> bool:
    """Is it a tensor that asks for a gradient, but no nn.Parameter?"""
    return isinstance(value, Param) and value.plain


@dataclass(slots=True, eq=False)
class Params(Value):
    """An iterable over parameters: `model.parameters()`, a filtered list of them, a union.

    `members` are (name, parameter) pairs, None where a model is not resolved. `owners` are the models' identities,
    `tests` the open conditions of a filter. `named`: yields pairs. `iterator` can be used up (`state["used"]`).
    """

    label: str
    owners: tuple[Value, ...]
    members: tuple[tuple[str, Param], ...] | None
    named: bool = False
    filtered: bool = False
    iterator: bool = True
    state: dict[str, Any] = field(default_factory=lambda: Store({"used": False}))
    what: str = "parameters"


@record(eq=False)
class Each(Value):
    """The parameter at hand in a loop over `params`: stands for every one of them."""

    params: Params
    aspect: str = "tensor"  # tensor or name


@record(eq=False)
class Iteration(Value):
    """Something to loop over whose elements are `element`. `kind`: batches, epochs or other; `count` and `numbers` where known.

    `last` is the last element, where it is another.
    """

    kind: str
    element: Value
    label: str = ""
    count: Value | None = None
    numbers: range | None = None
    last: Value | None = None


@dataclass(slots=True)
class Arguments:
    """The arguments of a call as evaluated. `extra`: `*x` or `**x` of unknown content was passed."""

    positional: tuple[Value, ...]
    keywords: dict[str, Value]
    extra: bool = False
