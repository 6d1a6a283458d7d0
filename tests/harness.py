"""Rule cases: source files that say in comments what reglint must find in them.

A case is a file `tests/rules/RGLNNN/name.py` or `.ipynb`, or a folder (a project of several files). Every rule runs on
every case; a finding that no comment asks for fails the case as a missing one does. The comments:

    loss = loss + l2          # want RGL101 "0.0005"                on the line where the finding begins
    opt = Adam(...)           # want RGL107:warning RGL102:note     several, each with an optional level and substring
    # want-next RGL201 "sum"                                        for the line below, where no comment can stand
    # quiet RGL102 -- the biases are decayed, not the point here    drop the notes of a rule in this whole case

`quiet` drops notes only: errors and warnings always have to be asked for.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "rules"
_COMMENT = re.compile(r"#\s*want(?P<next>-next)?\s+(?=RGL)(?P<list>[^#]*)")
_ITEM = re.compile(r'\s*(?P<code>RGL\d{3})(?::(?P<level>error|warning|note))?(?:\s+"(?P<text>[^"]*)")?')
_QUIET = re.compile(r"#\s*quiet\s+(?P<codes>RGL\d{3}(?:\s*,?\s+RGL\d{3})*)\s*(?:--\s*(?P<reason>\S.*))?$")
_SUSPECT = re.compile(r"#\s*(want|quiet)\S*\s")


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line of a file; `cell` counts from 0 over all cells of a notebook and is -1 in plain files."""

    path: str
    cell: int
    row: int

    def __str__(self) -> str:
        cell = f"cell {self.cell}:" if self.cell >= 0 else ""
        return f"{self.path}:{cell}{self.row}"


@dataclass(frozen=True, slots=True)
class Want:
    """What a comment asks for; `level` and `text` are empty where it leaves them open."""

    line: Line
    code: str
    level: str = ""
    text: str = ""

    def accepts(self, got: Got) -> bool:
        """Whether a finding is the one asked for."""
        return (self.line, self.code) == (got.line, got.code) and self.level in ("", got.level) and self.text in got.message

    def __str__(self) -> str:
        level = f":{self.level}" if self.level else ""
        text = f' "{self.text}"' if self.text else ""
        return f"{self.line} {self.code}{level}{text}"


@dataclass(frozen=True, slots=True)
class Got:
    """A finding, reduced to what a comment can ask for."""

    line: Line
    code: str
    level: str
    message: str

    def __str__(self) -> str:
        return f'{self.line} {self.code}:{self.level} "{self.message}"'


@dataclass(frozen=True, slots=True)
class Case:
    """A file or a folder under tests/rules/RGLNNN."""

    path: Path

    @property
    def id(self) -> str:
        """`RGL101/trainer_class`, what the test is called."""
        return f"{self.path.parent.name}/{self.path.stem}"

    def files(self) -> Iterator[Path]:
        """Every Python file and notebook of the case, in order."""
        if self.path.is_file():
            yield self.path
        else:
            yield from sorted(p for p in self.path.rglob("*") if p.suffix in (".py", ".ipynb"))


def cases(root: Path = CASES) -> tuple[Case, ...]:
    """All cases under `root`, in order; anything that is neither a source file nor a folder of them is left out."""
    found = (Case(path) for folder in sorted(root.glob("RGL[0-9][0-9][0-9]")) for path in sorted(folder.iterdir()))
    return tuple(case for case in found if next(case.files(), None) is not None)


def parts(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file as one part (-1), or those of each code cell of a notebook with its index over all cells."""
    if path.suffix != ".ipynb":
        yield -1, path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        return
    for index, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            yield index, "".join(cell["source"]).splitlines()


def read_comments(case: Case) -> tuple[list[Want], frozenset[str]]:
    """What the comments of a case ask for, and the codes whose notes it drops. Raises ValueError for a malformed one."""
    wants: list[Want] = []
    quiet: set[str] = set()
    for path in case.files():
        for cell, lines in parts(path):
            for row, text in enumerate(lines, 1):
                here = Line(path.absolute().as_posix(), cell, row)
                if found := _COMMENT.search(text):
                    wants += _items(here, found)
                elif found := _QUIET.search(text):
                    if found["reason"] is None:
                        raise ValueError(f"{here}: `quiet` needs a reason: # quiet RGL102 -- why")
                    quiet.update(re.findall(r"RGL\d{3}", found["codes"]))
                elif _SUSPECT.search(text) and "RGL" in text:
                    raise ValueError(f"{here}: cannot be understood: {text.strip()}")
    return wants, frozenset(quiet)


def _items(here: Line, comment: re.Match[str]) -> Iterator[Want]:
    line = Line(here.path, here.cell, here.row + 1) if comment["next"] else here
    rest = comment["list"].rstrip()
    while rest:
        item = _ITEM.match(rest)
        if item is None:
            raise ValueError(f"{here}: cannot be understood: {rest}")
        yield Want(line, item["code"], item["level"] or "", item["text"] or "")
        rest = rest[item.end() :].lstrip(" ,")


def compare(wants: Iterable[Want], got: Iterable[Got], quiet: frozenset[str] = frozenset()) -> list[str]:
    """The difference, line by line in the order of the source; empty where every finding is asked for and every wish met."""
    left = list(wants)
    extra: list[Got] = []
    for finding in got:
        # The most demanding wish first, so that a bare `RGL101` does not use up the finding that `RGL101 "0.02"` needs.
        match = max((w for w in left if w.accepts(finding)), key=lambda w: (len(w.text), w.level), default=None)
        if match is not None:
            left.remove(match)
        elif not (finding.level == "note" and finding.code in quiet):
            extra.append(finding)
    lines = [(w.line, f"- missing     {w}") for w in left] + [(g.line, f"+ unexpected  {g}") for g in extra]
    return [text for _, text in sorted(lines)]


def lint(case: Case) -> list[Got]:
    """Run every rule on a case through the public API."""
    import reglint

    report = reglint.check_paths([case.path], select=["ALL"], isolated=True, jobs=1, cache=False)
    return [
        Got(
            Line(Path(os.path.abspath(f.span.path)).as_posix(), -1 if f.span.cell is None else f.span.cell, f.span.row),
            f.code,
            str(f.level),
            f.message,
        )
        for f in report.findings
    ]


def check(case: Case, built: frozenset[str] | None = None) -> None:
    """Fail with a readable difference unless reglint finds in `case` exactly what its comments ask for.

    `built`: codes that exist; wishes for others are put off until they do.
    """
    wants, quiet = read_comments(case)
    if built is not None:
        wants = [want for want in wants if want.code in built]
    difference = compare(wants, lint(case), quiet)
    assert not difference, "\n".join([f"{case.id}:", *difference])
