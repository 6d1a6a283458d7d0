"""Where settings come from: argparse, click, fire and hydra, YAML and JSON files of the project."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

import yaml

from reglint.reader.domain import NONE, Arguments, ClassValue, Collection, External, Function, Method, Obj, Tuple, new_dict, new_list
from reglint.reader.library.registry import bound, handles
from reglint.reader.machine import Machine
from reglint.source import Place
from reglint.step.values import Const, Expr, Origin, OriginKind, Unknown, Value

PLAIN_TYPES = ("builtins.float", "builtins.int", "builtins.str", "pathlib.Path")
MAX_CONFIG_BYTES = 1_000_000


# -- argparse ----------------------------------------------------------------------------------------------------------


@handles("argparse.ArgumentParser", "configargparse.ArgumentParser", "configargparse.ArgParser", "jsonargparse.ArgumentParser", "tap.Tap")
def parser(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """A parser; its options are collected by add_argument."""
    obj = Obj(None, "argparse.ArgumentParser", {}, place)
    obj.state["options"] = {}
    parents = m.resolve(args.keywords.get("parents", NONE))
    for one in parents.items if isinstance(parents, (Collection, Tuple)) else ():
        parent = m.resolve(one)
        if isinstance(parent, Obj):
            obj.state["options"].update(_options(parent))
    return obj


def subparser(obj: Obj, place: Place) -> Obj:
    """parser.add_subparsers().add_parser(): its options end up in the same namespace."""
    made = Obj(None, "argparse.ArgumentParser", {}, place)
    made.state["options"], made.state["above"] = _options(obj), obj
    return made


def set_defaults(m: Machine, obj: Obj, args: Arguments) -> None:
    """parser.set_defaults(wd=0.1): an option keeps its name."""
    known = _options(obj)
    for key, value in args.keywords.items():
        before = known.get(key)
        if isinstance(value, Const) and isinstance(before, Const) and before.origin is not None:
            value = Const(value.value, before.origin)
        m.write(known, key, value)


def add_argument(m: Machine, obj: Obj, args: Arguments, place: Place) -> Value:
    """parser.add_argument: remember the option and its default."""
    flags = [a.value for a in args.positional if isinstance(a, Const) and isinstance(a.value, str)]
    if not flags:
        obj.state["open"] = True
        return NONE
    long = next((f for f in flags if f.startswith("--")), flags[0])
    dest = args.keywords.get("dest")
    name = dest.value if isinstance(dest, Const) and isinstance(dest.value, str) else long.lstrip("-").replace("-", "_")
    value, before = _option_value(m, long, args, place), _options(obj).get(name)
    same = isinstance(before, Const) and isinstance(value, Const) and before.value == value.value
    if "above" in obj.state and before is not None and not same:
        value = Unknown(f"{long} has a default of its own in each subcommand", long.lstrip("-"))
    m.write(_options(obj), name, value)
    return NONE


def _options(obj: Obj) -> dict[str, Value]:
    shared: dict[str, Value] = obj.state.setdefault("options", {})
    return shared


def _option_value(m: Machine, flag: str, args: Arguments, place: Place) -> Value:
    action = args.keywords.get("action")
    default = args.keywords.get("default")
    kind = action.value if isinstance(action, Const) else None
    if default is None and kind in ("store_true", "store_false"):
        default = Const(kind == "store_false")
    if default is None:
        return Unknown(f"{flag} has no default", flag.lstrip("-"))
    origin = Origin(OriginKind.OPTION, flag, place)
    if isinstance(default, Const):
        if default.value is None:
            return Unknown(f"{flag} is None by default", flag.lstrip("-"))
        kind_ = args.keywords.get("type")
        if isinstance(default.value, str) and kind_ is not None and not (isinstance(kind_, External) and kind_.name in PLAIN_TYPES):
            return Unknown(f"the default of {flag} is converted by a function", flag.lstrip("-"))
        return Const(_converted(default.value, args.keywords.get("type")), origin)
    return (
        default if isinstance(default, (Collection, Tuple, ClassValue)) else Unknown(f"the default of {flag} is computed", flag.lstrip("-"))
    )


def _converted(value: object, kind: Value | None) -> object:
    if isinstance(value, str) and isinstance(kind, External) and kind.name in ("builtins.float", "builtins.int"):
        try:
            return float(value) if kind.name == "builtins.float" else int(value)
        except ValueError:
            return value
    if isinstance(value, int) and isinstance(kind, External) and kind.name == "builtins.float" and not isinstance(value, bool):
        return float(value)
    return value


def parse_args(m: Machine, obj: Obj, known: bool, place: Place) -> Value:
    """parser.parse_args(): a namespace of the defaults."""
    namespace = Obj(None, "argparse.Namespace", dict(_options(obj)), place)
    namespace.state["open"] = True
    return Tuple((namespace, new_list((), True))) if known else namespace


# -- click, fire, hydra ------------------------------------------------------------------------------------------------


def decorated(m: Machine, function: Function, place: Place) -> Value:
    """Apply what is known of a function's decorators; the others are taken to keep its meaning."""
    for decorator in function.decorators:
        name = _name(decorator)
        if isinstance(decorator, Expr) and name in ("click.option", "click.argument", "typer.Option"):
            _click_option(function, decorator)
        elif name in ("hydra.main",) and isinstance(decorator, Expr):
            config = hydra_config(m, decorator)
            spec = function.node.args
            if spec.args and config is not None:
                function.defaults[spec.args[0].arg] = config
        elif name.endswith(".setter") or name.endswith(".register"):
            continue  # a property's setter: the getter stays what is read
    from reglint.reader import calls

    result = function
    for decorator in reversed(function.decorators):
        if isinstance(decorator, Method) and isinstance(decorator.self, Function) and decorator.name in ("setter", "getter", "deleter"):
            m.write(decorator.self.attrs, decorator.name, function)
            return decorator.self  # the property stays what the name means
        if isinstance(decorator, Function) and calls.worth_following(m, decorator):
            made = m.resolve(calls.call(m, decorator, Arguments((result,), {}), place))
            result = made if isinstance(made, Function) else result  # what else it may give is not followed
    return result


def _name(decorator: Value) -> str:
    if isinstance(decorator, External):
        return decorator.name
    if isinstance(decorator, Obj):
        return decorator.library
    return decorator.name if isinstance(decorator, Expr) else ""


def _click_option(function: Function, option: Expr) -> None:
    flags = [a.value for a in option.args if isinstance(a, Const) and isinstance(a.value, str)]
    plain = next((f for f in flags if not f.startswith("-")), None)
    long = next((f for f in flags if f.startswith("--")), plain or "")
    name = (plain or long.lstrip("-").partition("/")[0]).replace("-", "_")
    default = option.attrs.get("default")
    if default is None and isinstance(flag := option.attrs.get("is_flag"), Const) and flag.value:
        default = Const(False)
    if isinstance(default, Const) and default.value is not None:
        function.defaults[name] = Const(default.value, Origin(OriginKind.OPTION, long, option.place))


@handles("fire.Fire", "typer.run", "absl.app.run", "tf.app.run", "app.run")
def run_with_defaults(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """Runners that call a function with options from the command line."""
    from reglint.reader import calls

    target = m.resolve(args.positional[0]) if args.positional else None
    if isinstance(target, Function):
        return calls.call_function(m, target, Arguments((), {}), place, root=True)
    return NONE


def hydra_config(m: Machine, decorator: Expr) -> Value | None:
    """The configuration file that hydra.main names, read with its defaults list followed one level."""
    named = dict(zip(("config_path", "config_name"), decorator.args, strict=False)) | dict(decorator.attrs)
    path, name = named.get("config_path"), named.get("config_name")
    if not (isinstance(path, Const) and isinstance(name, Const) and isinstance(name.value, str)):
        return None
    folder = os.path.join(os.path.dirname(m.env.source.absolute), str(path.value or "."))
    file = os.path.join(folder, name.value if name.value.endswith((".yaml", ".yml")) else f"{name.value}.yaml")
    content = read_file(m, file)
    if not isinstance(content, Collection):
        return content
    defaults = content.items.get("defaults")
    for entry in defaults.items if isinstance(defaults, Collection) else ():
        if isinstance(entry, Collection) and entry.kind == "dict":
            for group, choice in entry.items.items():
                if isinstance(choice, Const) and isinstance(group, str):
                    part = read_file(m, os.path.join(folder, group.replace("override ", ""), f"{choice.value}.yaml"))
                    if part is not None:
                        content.items.setdefault(group, part)
    content.attrs["open"] = True
    return content


# -- files -------------------------------------------------------------------------------------------------------------


@handles("builtins.open", "pathlib.Path.open", "io.open", "codecs.open")
def open_(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """open(path): an expression that the readers of configuration files recognise."""
    return Expr("open", args.positional[:1], {}, place)


@handles("yaml.safe_load", "yaml.load", "yaml.full_load", "json.load", "omegaconf.OmegaConf.load", "toml.load", "tomllib.load")
def load_file(m: Machine, name: str, args: Arguments, place: Place) -> Value:
    """A configuration file of the project, where its path is known."""
    source = m.resolve(args.positional[0]) if args.positional else Unknown("no file")
    if isinstance(source, Expr) and source.op == "open" and source.args:
        source = m.resolve(source.args[0])
    if (
        isinstance(source, Expr)
        and source.op == "read"
        and source.args
        and isinstance(source.args[0], Expr)
        and source.args[0].op == "open"
    ):
        source = source.args[0].args[0]
    if isinstance(source, Const) and isinstance(source.value, str):
        here = os.path.dirname(m.env.source.absolute)
        for folder in _upwards(here):
            found = read_file(m, os.path.join(folder, source.value))
            if found is not None:
                return found
    return Unknown("a configuration file that is not known", "config")


def _upwards(folder: str) -> list[str]:
    """The script's folder and its parents up to the repository's root: where programs are usually started."""
    found = [folder]
    while not os.path.exists(os.path.join(folder, ".git")) and len(found) < 5 and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
        found.append(folder)
    return found


def read_file(m: Machine, path: str) -> Value | None:
    """The content of a YAML or JSON file as values; None where it cannot be read."""
    if not path.endswith((".yaml", ".yml", ".json")):
        return None
    m.files.add(path)  # also where it is not there: it may be next time
    if not os.path.isfile(path) or os.path.getsize(path) > MAX_CONFIG_BYTES:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file) if path.endswith(".json") else yaml.safe_load(file)
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return None
    label = os.path.basename(path)
    return _as_value(content, label, "")


def _as_value(content: Any, label: str, key: str) -> Value:
    if isinstance(content, dict):
        return new_dict({str(k): _as_value(v, label, f"{key}.{k}" if key else str(k)) for k, v in content.items()})
    if isinstance(content, list):
        return new_list(tuple(_as_value(v, label, key) for v in content))
    if isinstance(content, str):
        with contextlib.suppress(ValueError):
            content = float(content) if "e" in content.lower() or "." in content else content  # YAML 1.1 reads 1e-4 as text
    if content is None:
        return Unknown(f"{key} is empty in {label}", key)
    return Const(content, Origin(OriginKind.FILE, f"{key} in {label}"))


__all__ = ["bound", "decorated"]
