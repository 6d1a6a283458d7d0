"""What a function that nobody was seen to call is given for its settings: an instance of the class that holds them."""

from __future__ import annotations

import ast

from reglint.reader import attributes, collections
from reglint.reader.domain import Arguments, ClassValue, Function, Obj, Scope
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Value

# Methods that a class of mere settings may have: it is made, shown and compared.
PLAIN = frozenset({"__init__", "__post_init__", "__repr__", "__str__", "__eq__"})


def given(m: Machine, function: Function, arg: ast.arg) -> Value | None:
    """Settings with their defaults for `config: TrainConfig`, or for `config` where the file has a class Config; else None.

    Whatever they hold can be set from outside, and nobody has to read all of it here.
    """
    cls = _class(m, function, arg)
    if cls is None or not _is_settings(cls) or any(frame.name == f"{cls.name}.__init__" for frame in m.frames):
        return None
    place = Place(function.env.source, arg)
    made = Obj(cls, "", {}, place)
    from reglint.reader import calls

    calls.construct(m, made, cls, Arguments((), {}), place, root=True)
    for name, value in list(made.attrs.items()):
        m.write(made.attrs, name, collections.default_named(str(name), value, place))
    m.settings.setdefault(id(made), (made, set()))[1].update(str(name) for name in made.attrs)
    return made


def _class(m: Machine, function: Function, arg: ast.arg) -> ClassValue | None:
    note = arg.annotation
    if note is None:
        found = m.project.module_attribute(m, function.env, arg.arg.capitalize()) if arg.arg.islower() else None
    elif isinstance(note, (ast.Name, ast.Attribute)):
        from reglint.reader.expressions import evaluate

        with m.inside(Scope(function.env, function.scope)):
            found = evaluate(m, note)
    elif isinstance(note, ast.Constant) and isinstance(note.value, str) and note.value.isidentifier():
        found = m.project.module_attribute(m, function.env, note.value)
    else:
        found = None  # a union, or a generic type
    return found if isinstance(found, ClassValue) else None


def _is_settings(cls: ClassValue) -> bool:
    """Does the class hold values and nothing else?"""
    if attributes.library_base(cls):
        return False
    definitions = (node for one in attributes.linearized(cls) for node in one.node.body)
    methods = {node.name for node in definitions if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return cls.is_dataclass or ("__init__" in methods and methods <= PLAIN)
