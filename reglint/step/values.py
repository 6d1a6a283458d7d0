"""Abstract values: what is known of a number, a tensor or an object without running the program.

`Const` is known and says where from; `Unknown` is not and says why; `Phi` is one of two, by a condition;
`Expr` is a computation over the others. Values compare by identity; an `Interner` gives structural equality.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import field

from reglint.records import record
from reglint.source import Place


class OriginKind(enum.StrEnum):
    """Where a constant comes from. The first two are fixed by the author, the others can be set by whoever runs it."""

    LITERAL = "literal"
    CONSTANT = "constant"
    LIBRARY = "library default"
    OPTION = "option"
    PARAMETER = "parameter"
    FIELD = "field"
    FILE = "file"


@record()
class Origin:
    """The source of a number: `default of --wd at train.py:14`."""

    kind: OriginKind
    label: str = ""
    place: Place | None = None

    @property
    def adjustable(self) -> bool:
        """Can the value differ from run to run (an option, a default argument, a config file)?"""
        return self.kind not in (OriginKind.LITERAL, OriginKind.CONSTANT, OriginKind.LIBRARY)

    def __str__(self) -> str:
        where = f" at {self.place}" if self.place is not None else ""
        match self.kind:
            case OriginKind.LITERAL:
                return f"literal{where}"
            case OriginKind.LIBRARY:
                return f"default of {self.label}"
            case OriginKind.CONSTANT:
                return f"{self.label}{where}"
            case OriginKind.FILE:
                return f"{self.label}{where}"
            case _:
                return f"default of {self.label}{where}"


class Value:
    """Base of all abstract values."""

    __slots__ = ()


@record(eq=False)
class Const(Value):
    """A Python scalar, string, None or Ellipsis that is known."""

    value: object
    origin: Origin | None = None

    @property
    def adjustable(self) -> bool:
        """Whether whoever runs the program can change it without editing the code."""
        return self.origin is not None and self.origin.adjustable


@record(eq=False)
class Unknown(Value):
    """Nothing is known, for `reason`; `name` is the variable or parameter it came in by, if any."""

    reason: str
    name: str = ""


ABSENT = Unknown("set on one side of a branch only")
"""An entry of a dict or namespace that does not exist on this side of a Phi."""


@record(eq=False)
class Condition:
    """A branch whose outcome is open. `key` is equal for tests that always agree; `default` is the outcome with default options."""

    key: Hashable
    text: str = ""
    test: Value | None = None
    default: bool | None = None


@record(eq=False)
class Phi(Value):
    """`then` where the condition held, `other` where it did not."""

    condition: Condition
    then: Value
    other: Value
    size: int = 2


@record(eq=False)
class Expr(Value):
    """A computation that is not carried out: `op` names it, `args` are its operands in order.

    Operators are `add sub mul div floordiv mod pow neg compare and or not getitem`; functions and tensor
    methods carry the last part of their torch name (`sum mean norm softmax detach item`), `call` is a call of
    something unknown, `attribute` an unresolved attribute, `criterion` the result of a loss, `forward` that of a model.
    """

    op: str
    args: tuple[Value, ...] = ()
    attrs: Mapping[str, Value] = field(default_factory=dict)
    place: Place | None = None
    name: str = ""


def alternatives(value: Value) -> Iterator[Value]:
    """All leaves of a tree of Phis, `then` first; a value that is no Phi is its own only leaf."""
    if isinstance(value, Phi):
        yield from alternatives(value.then)
        yield from alternatives(value.other)
    else:
        yield value


CHANGING = ("random.", "numpy.random.", "torch.rand", "time.", "builtins.input", "builtins.next", "uuid.", "secrets.")
_OWN_NUMBERS = 1 << 40  # an interner with a parent counts from here


class Interner:
    """Gives equal numbers to values that are the same computation over the same leaves.

    Expressions form a graph with shared nodes; interning keeps the cost linear where nested tuples would be exponential.
    What an interner's `parent` knows keeps its number; the numbers of the two never mean different things.
    """

    def __init__(self, parent: Interner | None = None) -> None:
        self._by_identity: dict[int, tuple[Value, int]] = {}
        self._by_structure: dict[Hashable, int] = {}
        self._parent = parent

    def key(self, value: Value) -> int:
        """The number of the value's equivalence class; an `Unknown` is equal to itself alone."""
        known = self._by_identity.get(id(value))
        if known is not None:
            return known[1]
        parent = self._parent
        if parent is not None and (known := parent._by_identity.get(id(value))) is not None:
            return known[1]
        structure = self._structure(value)
        inherited = parent._by_structure.get(structure) if parent is not None else None
        if inherited is not None:
            return inherited
        start = 0 if parent is None else _OWN_NUMBERS
        number_ = self._by_structure.setdefault(structure, start + len(self._by_structure))
        self._by_identity[id(value)] = (value, number_)
        return number_

    def _structure(self, value: Value) -> Hashable:
        match value:
            case Const(constant, origin) if origin is not None and origin.adjustable:
                return ("default", origin.label, repr(constant))
            case Const(constant):
                return ("const", type(constant).__name__, repr(constant))
            case Expr() if value.name.startswith(CHANGING):
                return ("object", id(value))  # each call gives another value
            case Expr():
                named = tuple((n, self.key(a)) for n, a in value.attrs.items())
                return (value.op, value.name, tuple(self.key(a) for a in value.args), named)
            case Phi():
                return ("phi", value.condition.key, self.key(value.then), self.key(value.other))
            case _:
                return ("object", id(value))


def same(one: Value, other: Value) -> bool:
    """Are they the same computation over the same leaves?"""
    interner = Interner()
    return one is other or interner.key(one) == interner.key(other)


def number(value: Value) -> float | None:
    """The value as a float where it is a known number (bools excluded), else None."""
    if isinstance(value, Const) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return float(value.value)
    return None
