"""The project around the files: which module a name means, loading modules, and reading roots."""

from __future__ import annotations

import ast
import gc
import os
from collections.abc import Callable, Mapping
from functools import cached_property, partial

from reglint.errors import SourceError
from reglint.knowledge.names import canonical
from reglint.reader import attributes, glance, imports, lazy, on_demand, training
from reglint.reader.domain import ClassValue, Env, External, ModuleRef, Package
from reglint.reader.facts import Facts
from reglint.reader.machine import Machine, OutOfBudget
from reglint.reader.outline import Outline, outline
from reglint.reader.patience import WITHOUT_STEP
from reglint.reader.reach import Reach
from reglint.reader.reading import Problem, Reading
from reglint.reader.roots import REST_BUDGET, Root, file_roots, is_script, main_part
from reglint.reader.signs import NEEDS, OWN, STEPS, Sign, suffices
from reglint.reader.tree import check_syntax, parse
from reglint.source import SourceFile
from reglint.step.model import StepModel
from reglint.step.trace import Trace
from reglint.step.values import Const, Interner, Value

NEVER_LOCAL = frozenset({"torch", "numpy", "scipy", "sklearn", "tensorflow", "pandas", "matplotlib", "builtins", "typing", "os", "sys"})

ENOUGH = 3_000_000  # characters of source whose trees are held at a time

Load = Callable[[], SourceFile]


class Project:
    """All files that may be read from. `sources` maps paths as shown to loaders; other files are found through imports."""

    def __init__(self, sources: Mapping[str, Load], open_file: Callable[[str], SourceFile] | None = None) -> None:
        self.triage = True  # evaluate only what can lead to a finding
        self._told = 0
        self.steps_only = False  # only step models are asked for, no findings
        self._outlines: dict[str, Outline | None] = {}
        self._plain: set[str] = set()  # files in which nothing matters by itself
        self._reach = Reach(self._outline_of, self._find)
        self._sources = sources
        self._open = open_file
        self._envs: dict[str, Env | None] = {}
        self._modules: dict[tuple[str, str], str | None] = {}
        self._files: dict[str, bool] = {}
        self._loaded: dict[str, SourceFile] = {}
        self._trees: dict[str, ast.Module] = {}
        self._globals: dict[int, lazy.Globals] = {}
        self._origins: dict[str, set[str]] = {}  # the files that the globals of a file were made from, so far
        self.facts = Facts()
        self.interner = Interner()  # of what stands in modules, which all roots share
        self.problems: dict[str, Problem] = {}

    @cached_property
    def _by_absolute(self) -> dict[str, str]:
        return {os.path.abspath(path).replace(os.sep, "/"): path for path in self._sources}

    # -- files ---------------------------------------------------------------------------------------------------

    def source(self, path: str) -> SourceFile:
        """The text of a file. Raises SourceError."""
        found = self._loaded.get(path)
        if found is None:
            found = self._loaded[path] = self._sources[path]()
        return found

    def tree(self, path: str) -> ast.Module:
        """The syntax tree of a file. Raises SourceError."""
        found = self._trees.get(path)
        if found is None:
            found = self._trees[path] = parse(self.source(path))
        return found

    def _problem(self, path: str, error: SourceError) -> Problem:
        return self.problems.setdefault(path, Problem(path, str(error), error.row, error.column))

    # -- names ---------------------------------------------------------------------------------------------------

    def import_name(self, m: Machine, dotted: str, env: Env | None) -> Value:
        """What a dotted module name means in a file: a project module, a folder of one, or a library."""
        folder, relative, name = dotted.rpartition(":")
        start = folder if relative else (os.path.dirname(env.source.absolute).replace(os.sep, "/") if env is not None else "")
        if not relative and name.partition(".")[0] in NEVER_LOCAL:
            return External(canonical(name))
        path = self._find(start, name, bool(relative))
        if path is None:
            return External(canonical(name)) if not relative else Package(dotted)
        if path.endswith("/"):
            return Package(dotted)
        loaded = self._env(m, path)
        return ModuleRef(loaded) if loaded is not None else External(canonical(name))

    def _find(self, start: str, name: str, relative: bool) -> str | None:
        """The file (or folder, with a slash) of a module name, looked for in `start` and, if absolute, in its parents."""
        at = (start, name if not relative else f":{name}")
        if at in self._modules:
            return self._modules[at]
        parts = name.split(".") if name else []
        found: str | None = None
        base = start
        for _ in range(1 if relative else 12):
            for root in (base,) if relative else (base, f"{base}/src"):
                found = self._in_folder(root, parts)
                if found is not None:
                    break
            if found is not None or not base or base == "/" or os.path.exists(f"{base}/.git"):
                break
            base = base.rpartition("/")[0]
        self._modules[at] = found
        return found

    def _in_folder(self, root: str, parts: list[str]) -> str | None:
        path = "/".join((root, *parts))
        if self._is_file(f"{path}.py") and parts:
            return f"{path}.py"
        if self._is_file(f"{path}/__init__.py"):
            return f"{path}/__init__.py"
        if parts and self._has_python(path):
            return f"{path}/"
        return None

    def _is_file(self, path: str) -> bool:
        known = self._files.get(path)
        if known is None:
            known = self._files[path] = path in self._by_absolute or os.path.isfile(path)
        return known

    def _has_python(self, folder: str) -> bool:
        known = self._files.get(folder + "/")
        if known is None:
            try:
                known = any(e.endswith(".py") for e in os.listdir(folder))
            except OSError:
                known = False
            self._files[folder + "/"] = known
        return known

    # -- modules -------------------------------------------------------------------------------------------------

    def _env(self, m: Machine, absolute: str) -> Env | None:
        """The loaded module of a file, None where it cannot be read."""
        try:
            env = self._module(absolute)
        except SourceError as error:
            env = self._envs[absolute] = None
            if absolute in self._by_absolute:
                self._problem(self._by_absolute[absolute], error)
        if env is not None:
            m.files.add(env.source.path)
        return env

    def _module(self, absolute: str) -> Env | None:
        """The loaded module of a file, None where there is none or it was seen to be broken. Raises SourceError."""
        if absolute not in self._envs:
            path = self._by_absolute.get(absolute)
            source = self.source(path) if path is not None else self._open(absolute) if self._open is not None else None
            env = new_env(source, self._trees.get(source.path), False) if source is not None else None
            if env is not None:
                self._globals[id(env)] = lazy.of_module(env)
            self._envs[absolute] = env
        return self._envs[absolute]

    def module_attribute(self, m: Machine, env: Env, name: str) -> Value | None:
        """A global of a module; evaluated when first asked for."""
        found = env.scope.vars.get(name)
        return found if found is not None else self.lazy_global(m, env, name)

    def lazy_global(self, m: Machine, env: Env, name: str) -> Value | None:
        """A global that is not bound yet. A script's own top level runs in order: there it is simply not bound."""
        if env.is_main:
            return None
        return lazy.value_of(m, env, name, self._globals[id(env)])

    def public_names(self, m: Machine, env: Env, seen: frozenset[int] = frozenset()) -> list[str]:
        """What `from module import *` brings in: all names without a leading underscore, those of its star imports too."""
        known = self._globals[id(env)]
        names = [n for n in known.statements if not n.startswith("_")]
        for node in known.stars:
            if len(known.stars) > lazy.MAX_STARS:
                break  # the front of a library: what it holds is found where it stands
            starred = self.import_name(m, imports.absolute(env, node), env)
            if isinstance(starred, ModuleRef) and id(starred.env) not in seen:
                names.extend(n for n in self.public_names(m, starred.env, seen | {id(env)}) if n not in names)
        return names

    def star_brings(self, env: Env, node: ast.ImportFrom, name: str) -> bool:
        """May a star import bind a name? A library's may."""
        folder, relative, module = imports.absolute(env, node).rpartition(":")
        start = folder if relative else os.path.dirname(env.source.absolute).replace(os.sep, "/")
        path = self._find(start, module, bool(relative)) if relative or module.partition(".")[0] not in NEVER_LOCAL else None
        return path is None or path.endswith("/") or self._reach.star_brings(path, name)

    def note_origin(self, env: Env, files: set[str]) -> None:
        """The files that were looked into for a global of a module: whoever reads it later depends on them as well."""
        self._origins.setdefault(env.source.path, set()).update(files)

    def _with_origins(self, files: set[str]) -> frozenset[str]:
        found, waiting = set(files), list(files)
        while waiting:
            more = self._origins.get(waiting.pop(), set()) - found
            found |= more
            waiting.extend(more)
        return frozenset(found)

    # -- roots ---------------------------------------------------------------------------------------------------

    def scan(self, path: str) -> tuple[Outline | None, tuple[Problem, ...]]:
        """Parse a file for its outline; the tree is not kept. Raises nothing: what is wrong is in the problems."""
        try:
            source = self._sources[path]()
            if self.triage and not glance.may_matter(source.text):
                check_syntax(source)
                return Outline(known=False), ()
            return outline(source, parse(source)), ()
        except SourceError as error:
            return None, (self._problem(path, error),)

    def learn(self, outlines: Mapping[str, Outline | None]) -> None:
        """Take over what scans of files (by path as shown) gave."""
        absolute = {path: where for where, path in self._by_absolute.items()}
        for path, found in outlines.items():
            if path not in absolute:
                continue  # no file of the project
            if found is not None and not found.known:
                self._plain.add(absolute[path])
            else:
                self._outlines[absolute[path]] = found

    def _outline_of(self, absolute: str) -> Outline | None:
        """The outline of a file, looked at now if no scan brought it: a file that was not asked for."""
        if absolute not in self._outlines:
            path = self._by_absolute.get(absolute)
            try:
                source = self.source(path) if path is not None else self._open(absolute) if self._open is not None else None
                self._outlines[absolute] = outline(source, parse(source)) if source is not None else None
            except SourceError:
                self._outlines[absolute] = None
        return self._outlines[absolute]

    def roots(self) -> tuple[str, ...]:
        """The files whose main part is worth evaluating."""
        return tuple(path for where, path in self._mattering_files() if self._worth_running(where))

    def rest(self) -> tuple[str, ...]:
        """The files with a function or class that is worth evaluating."""
        return tuple(path for where, path in self._mattering_files() if any(self._worth(where, name) for name in self._names(where)))

    def _mattering_files(self) -> list[tuple[str, str]]:
        """Absolute and shown paths, by the latter."""
        return sorted((item for item in self._by_absolute.items() if item[0] not in self._plain), key=lambda item: item[1])

    def _names(self, absolute: str) -> frozenset[str]:
        found = self._outline_of(absolute)
        return found.roots if found is not None else frozenset()

    def _worth(self, absolute: str, name: str) -> bool:
        """Can evaluating a definition on its own lead to a finding?"""
        if not self.triage or suffices(self._reach.near(absolute, name), STEPS if self.steps_only else NEEDS):
            return True
        return not self.steps_only and suffices(self._reach.own((absolute, name)), OWN)

    def _worth_running(self, absolute: str) -> bool:
        found = self._outline_of(absolute)
        if found is None or not found.runs:
            return False
        if self.triage and not found.script:  # `logger = get_logger()`: what it calls is a root of its own
            return suffices(self._reach.own((absolute, "")), (STEPS if self.steps_only else (*NEEDS, *OWN)))
        return self._worth(absolute, "") or self._reach.far(absolute, "", Sign.BUILDS | Sign.BACKWARD)

    def signs_of(self, cls: ClassValue) -> int:
        """The signs of a class, of its project bases, and of what they reach in their files; all of them where it is none at the margin."""
        found = Sign.NONE
        for one in attributes.linearized(cls):
            where = one.env.source.absolute.replace(os.sep, "/")
            if where not in self._plain:
                found |= self._reach.near(where, one.name) if one.name in self._names(where) else ~Sign.NONE
        return found

    def lookups(self) -> tuple[str, ...]:
        """The paths whose being there was asked for since the last time."""
        before, self._told = self._told, len(self._files)
        return tuple(self._files)[before:]

    def is_full(self) -> bool:
        """Is much held? Trees take thirty times the space of their text, and can be made again."""
        held = sum(known.held for known in self._globals.values()) + sum(len(self.source(path).text) for path in self._trees)
        return held >= ENOUGH

    def forget(self) -> None:
        """Give memory back. All of it, because what is in one module refers to others: half of it would keep the rest,
        or meet a second copy.
        """
        for held in (self._envs, self._trees, self._loaded, self._globals):
            held.clear()
        self.facts = Facts()  # they go by identity, and what comes next may stand where something was
        self.interner = Interner()
        gc.collect()

    def read(self, path: str) -> Reading:
        """Evaluate one file as the program that is run."""
        try:
            source, tree = self.source(path), self.tree(path)
        except SourceError as error:
            return Reading(problems=(self._problem(path, error),), files=frozenset({path}))
        if not main_part(tree):
            return Reading(files=frozenset({path}))
        env = new_env(source, tree, True)
        # What merely defines things, with a call or two on the way, is not worth what a program is.
        m = Machine(self) if is_script(tree) else Machine(self, REST_BUDGET)

        def run() -> None:
            from reglint.reader.statements import run_block

            with m.inside(env.scope):
                run_block(m, tree.body)

        trace, steps = self._run(m, "", path, run, False)
        return Reading((trace,), steps, frozenset(m.covered), self._with_origins(m.files | {path}))

    def read_rest(self, path: str, covered: frozenset[tuple[str, str]]) -> Reading:
        """Evaluate the functions and classes of a file that no other root reached."""
        try:
            here = self.source(path).absolute.replace(os.sep, "/")
            env = self._module(here)
        except SourceError as error:
            return Reading(problems=(self._problem(path, error),), files=frozenset({path}))
        if env is None:
            return Reading(files=frozenset({path}))  # cannot happen: it was asked for
        known = self._globals[id(env)]
        worth = [name for name in self._names(here) if self._worth(here, name)]  # what the others reach leads to no finding
        nodes = [node for name in worth for node in lazy.definitions_of(env, name, known)]
        traces: list[Trace] = []
        steps: list[StepModel] = []
        reached: set[tuple[str, str]] = set()
        files: set[str] = {path}
        for root in file_roots(nodes, lazy.functions(env, known), env.source):
            if all((path, name) in covered or (path, name) in reached for name in root.functions):
                continue  # some caller was evaluated, with real arguments
            m = Machine(self, REST_BUDGET)
            near = self._reach.near(here, root.node.name)
            if self.triage and not suffices(near, NEEDS):
                m.home = env  # what is wrong shows in its own text
            if self.triage and not suffices(near, STEPS):
                m.quiet.of_all = WITHOUT_STEP
            seen = covered | reached
            trace, found = self._run(m, root.name, path, partial(root.run, m, env, seen), True)
            traces.append(trace)
            steps.extend(found)
            reached |= m.covered
            files |= m.files
        return Reading(tuple(traces), tuple(steps), frozenset(reached), self._with_origins(files))

    def _run(self, m: Machine, name: str, path: str, run: Callable[[], None], speculative: bool) -> tuple[Trace, tuple[StepModel, ...]]:
        mark = m.journal.mark()
        try:
            run()
        except (OutOfBudget, RecursionError):
            m.complete = False
        m.loops, m.guards, m.frames = (), (), ()
        on_demand.leave(m)
        trace, steps = training.finish(m, name, path, speculative)
        m.journal.take(mark)
        return trace, steps


def new_env(source: SourceFile, tree: ast.Module | None, is_main: bool) -> Env:
    """An empty module with its dunder names."""
    name = "__main__" if is_main else source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    env = Env(source, name, name.rpartition(".")[0], tree, is_main)
    env.scope.vars["__name__"] = Const(name)
    env.scope.vars["__file__"] = Const(source.absolute)
    return env


__all__ = ["Project", "Root"]
