"""Which signs a root can reach: those of its own text and of every definition of its file it can get at by name.

Names stand for all they may mean: a class for all of its methods, a module handed on as a whole for all of its content.
A program that is run also reaches what trains through its imports, a few files deep: it gives the numbers to what others
define. Functions in other files are roots of their own: what can be found in them alone is found there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from reglint.reader.lazy import MAX_STARS
from reglint.reader.outline import EVERYTHING, Import, Outline
from reglint.reader.signs import Sign

Node = tuple[str, str]  # (absolute path of a file, name of a unit)
Find = Callable[[str, str, bool], str | None]  # (folder, dotted name, relative) -> path of a file, of a folder with a slash, or None
_DEPTH = 12  # re-exports of re-exports
HOPS = 2


class Reach:
    """Answers for all units of a project; each unit is looked at once."""

    def __init__(self, outline_of: Callable[[str], Outline | None], find: Find) -> None:
        self._outline_of = outline_of
        self._find = find
        self._known: dict[Node, int] = {}
        self._looked_into: dict[tuple[str, str], int] = {}  # (file, name) to the depth left when it was
        self._stars: dict[str, dict[str, tuple[str, ...]]] = {}

    def near(self, path: str, name: str) -> int:
        """The signs of a unit and of all that it reaches within its file (Tarjan's components, without recursion)."""
        start = (path, name)
        if start in self._known:
            return self._known[start]
        index: dict[Node, int] = {start: 0}
        low: dict[Node, int] = {start: 0}
        found: dict[Node, int] = {start: self.own(start)}
        open_: list[Node] = [start]
        work: list[tuple[Node, Iterator[Node]]] = [(start, self._inside(start))]
        while work:
            node, following = work[-1]
            for other in following:
                if other in self._known:
                    found[node] |= self._known[other]
                elif other not in index:
                    index[other] = low[other] = len(index)
                    found[other] = self.own(other)
                    open_.append(other)
                    work.append((other, self._inside(other)))
                    break
                else:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                    found[parent] |= found[node]
                if low[node] == index[node]:
                    self._close(node, open_, found)
        return self._known[start]

    def far(self, path: str, name: str, wanted: int) -> bool:
        """Does a unit reach one of the wanted signs through at most HOPS imports?"""
        layer: list[Node] = [(path, name)]
        seen = set(layer)
        for hop in range(HOPS + 1):
            following: list[Node] = []
            while layer:
                node = layer.pop()
                if self.own(node) & wanted:
                    return True
                for other in self._next(node) if hop < HOPS else self._inside(node):
                    if other not in seen:
                        seen.add(other)
                        (layer if other[0] == node[0] else following).append(other)
            layer = following
        return False

    def _inside(self, node: Node) -> Iterator[Node]:
        outline = self._outline_of(node[0])
        unit = outline.units.get(node[1]) if outline is not None else None
        if outline is not None and unit is not None:
            for word in unit.names:
                if word in outline.units:
                    yield (node[0], word)

    def _close(self, node: Node, open_: list[Node], found: dict[Node, int]) -> None:
        """All members of a component reach the same."""
        while True:
            member = open_.pop()
            self._known[member] = found[node]
            if member == node:
                return

    def own(self, node: Node) -> int:
        """The signs of a unit's own text."""
        outline = self._outline_of(node[0])
        unit = outline.units.get(node[1]) if outline is not None else None
        return unit.signs if unit is not None else Sign.NONE

    def _next(self, node: Node) -> list[Node]:
        path, name = node
        outline = self._outline_of(path)
        unit = outline.units.get(name) if outline is not None else None
        if outline is None or unit is None:
            return []
        tails: dict[str, list[str]] = {}
        for alias, tail in unit.through:
            tails.setdefault(alias, []).append(tail)
        found: dict[Node, None] = {}
        self._looked_into.clear()
        for word in unit.names:
            if word in outline.units:
                found[(path, word)] = None
            for one in outline.imports.get(word, ()):
                found.update(dict.fromkeys(self._of_import(path, one, tails.get(word, [EVERYTHING]), _DEPTH)))
            if outline.stars and word not in outline.units and word not in outline.imports:
                for home in self._starred(path).get(word, ()):
                    found.update(dict.fromkeys(self._in_module(home, f"{word}.{EVERYTHING}", _DEPTH)))
        found.pop(node, None)
        return list(found)

    def _of_import(self, path: str, one: Import, tails: list[str], depth: int) -> Iterator[Node]:
        """The units that the name of an import stands for, followed by each of the tails."""
        level, module, member = one
        folder = os.path.dirname(path)
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        target = self._find(folder, module, level > 0)
        if target is None or depth == 0:
            return  # a library
        if member:
            yield from self._member(target, folder, module, level > 0, member, tails, depth)
        else:
            for tail in tails:
                yield from self._in_module(target, tail, depth)

    def _member(self, target: str, folder: str, module: str, relative: bool, member: str, tails: list[str], depth: int) -> Iterator[Node]:
        outline = self._outline_of(target) if not target.endswith("/") else None
        if outline is not None and (member in outline.units or member in outline.imports or outline.stars):
            for tail in tails:
                yield from self._in_module(target, member if tail == EVERYTHING else f"{member}.{tail}", depth)
        else:
            inner = self._find(folder, f"{module}.{member}" if module else member, relative)
            for tail in tails if inner is not None else ():
                yield from self._in_module(str(inner), tail, depth)

    def _in_module(self, target: str, tail: str, depth: int) -> Iterator[Node]:
        """What `module.tail` stands for; EVERYTHING is all of the module."""
        if depth <= self._looked_into.get((target, tail), 0):
            return  # imports in a circle, or two ways to the same name: what it stands for was given already
        self._looked_into[(target, tail)] = depth
        first, _, rest = tail.partition(".")
        outline = self._outline_of(target) if not target.endswith("/") else None
        if outline is not None:
            if tail == EVERYTHING:
                yield from ((target, name) for name in outline.units if name)
                return
            if first in outline.units:
                yield (target, first)
            for one in outline.imports.get(first, ()):
                yield from self._of_import(target, one, [rest or EVERYTHING], depth - 1)
            if first in outline.units or first in outline.imports:
                return
            for home in self._starred(target).get(first, ()):
                yield from self._in_module(home, tail, depth - 1)
        if tail != EVERYTHING:
            folder = target.rstrip("/") if target.endswith("/") else os.path.dirname(target)
            inner = self._find(folder, first, True)
            if inner is not None and inner != target:
                yield from self._in_module(inner, rest or EVERYTHING, depth - 1)

    def star_brings(self, target: str, name: str) -> bool:
        """May `from target import *` bind a name? True where the file is not known."""
        outline = self._outline_of(target)
        if outline is None:
            return True
        return name in outline.units or name in outline.imports or name in self._starred(target)

    def _starred(self, target: str) -> dict[str, tuple[str, ...]]:
        """The names that the star imports of a file bring in, and the files that bind them."""
        known = self._stars.get(target)
        if known is not None:
            return known
        found: dict[str, tuple[str, ...]] = {}
        self._stars[target] = found  # star imports in a circle bring in nothing new
        outline = self._outline_of(target)
        if outline is None or len(outline.stars) > MAX_STARS:
            return found
        for level, module, _ in outline.stars:
            folder = os.path.dirname(target)
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            home = self._find(folder, module, level > 0)
            inner = self._outline_of(home) if home is not None and not home.endswith("/") else None
            if home is None or inner is None:
                continue  # a library, or a folder without names of its own
            for name in (*inner.units, *inner.imports):
                if name and home not in found.get(name, ()):
                    found[name] = (*found.get(name, ()), home)
            for name, homes in self._starred(home).items():
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *homes)))
        return found
