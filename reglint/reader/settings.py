"""What a function that nobody was seen to call is given for its settings: an instance of the class that holds them."""

from __future__ import annotations

import ast

from reglint.reader import attributes, collections
from reglint.reader.domain import Arguments, ClassValue, Function, Obj, Scope
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Phi, Value

# Methods that a class of mere settings may have: it is made, shown and compared.
PLAIN = frozenset({"__init__", "__post_init__", "__repr__", "__str__", "__eq__"})


def given(m: Machine, function: Function, arg: ast.arg) -> Value | None:
    """Settings with their defaults for `config: TrainConfig`, or for `config` where the file has a class Config; else None.

    Of a union it is one or the other. Whatever they hold can be set from outside, and nobody has to read all of it here.
    """
    place = Place(function.env.source, arg)
    found: Value | None = None
    for cls in _classes(m, function, arg):
        if cls is None or not _is_settings(cls) or any(frame.name == f"{cls.name}.__init__" for frame in m.frames):
            return None
        made = _made(m, cls, place)
        found = made if found is None else Phi(m.condition(m.fresh(f"which settings {arg.arg} are"))[0], found, made)
    return found


def _made(m: Machine, cls: ClassValue, place: Place) -> Value:
    made = Obj(cls, "", {}, place)
    from reglint.reader import calls

    calls.construct(m, made, cls, Arguments((), {}), place, root=True)
    for name, value in list(made.attrs.items()):
        m.write(made.attrs, name, collections.default_named(str(name), value, place))
    m.settings.setdefault(id(made), (made, set()))[1].update(str(name) for name in made.attrs)
    return made


def _classes(m: Machine, function: Function, arg: ast.arg) -> list[ClassValue | None]:
    """The classes that a parameter is annotated with or named after; None for what is no class of the project."""
    if arg.annotation is None:
        found = m.project.module_attribute(m, function.env, arg.arg.capitalize()) if arg.arg.islower() else None
        return [found if isinstance(found, ClassValue) else None]
    return [_class(m, function, note) for note in _members(arg.annotation) if not (isinstance(note, ast.Constant) and note.value is None)]


def _members(note: ast.expr) -> list[ast.expr]:
    """The alternatives of `A | B`, `Union[A, B]` and `Optional[A]`, by their names alone."""
    if isinstance(note, ast.BinOp) and isinstance(note.op, ast.BitOr):
        return [*_members(note.left), *_members(note.right)]
    if isinstance(note, ast.Subscript):
        generic = note.value.attr if isinstance(note.value, ast.Attribute) else note.value.id if isinstance(note.value, ast.Name) else ""
        if generic in ("Union", "Optional"):
            inside = note.slice.elts if isinstance(note.slice, ast.Tuple) else [note.slice]
            return [member for one in inside for member in _members(one)]
    return [note]


def _class(m: Machine, function: Function, note: ast.expr) -> ClassValue | None:
    found: Value | None = None  # of a generic type
    if isinstance(note, (ast.Name, ast.Attribute)):
        from reglint.reader.expressions import evaluate

        with m.inside(Scope(function.env, function.scope)):
            found = evaluate(m, note)
    elif isinstance(note, ast.Constant) and isinstance(note.value, str) and note.value.isidentifier():
        found = m.project.module_attribute(m, function.env, note.value)
    return found if isinstance(found, ClassValue) else None


def _is_settings(cls: ClassValue) -> bool:
    """Does the class hold values and nothing else?"""
    if attributes.library_base(cls):
        return False
    definitions = (node for one in attributes.linearized(cls) for node in one.node.body)
    methods = {node.name for node in definitions if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return cls.is_dataclass or ("__init__" in methods and methods <= PLAIN)
