"""Every fix on every case and on every page's bad.py: it parses, ends, removes its finding and touches nothing else."""

from __future__ import annotations

import ast
import difflib
import shutil
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path

import pytest

from reglint.checks import all_rules
from reglint.config import Overrides
from reglint.edits import rewrite
from reglint.engine import Request, check
from reglint.findings import Finding, Report, Safety
from reglint.fixer import fix
from reglint.loading import source_from_bytes
from tests.harness import CASES, cases

RULES = CASES.parent.parent / "rules"
PATHS = [*(case.path for case in cases()), *sorted(RULES.glob("RGL*/bad.py"))]
FIXING = {rule.code for rule in all_rules() if rule.fix is not None}


def name(path: Path) -> str:
    """`RGL201/spellings`, or `RGL201-deprecated-reduction-argument/bad`."""
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture
def project(request: pytest.FixtureRequest, folder: Path) -> Path:
    """A copy of a case in the working directory."""
    path: Path = request.param
    if path.is_dir():
        shutil.copytree(path, folder / "case", ignore=shutil.ignore_patterns("__pycache__"))
    else:
        (folder / "case").mkdir()
        shutil.copyfile(path, folder / "case" / path.name)
    return folder / "case"


def lint(folder: Path, overlay: Mapping[str, bytes]) -> Report:
    """All rules on a folder."""
    settings = {"select": ("ALL",), "jobs": 1, "cache": False}
    return check(Request((str(folder),), Overrides(settings, isolated=True), str(folder), overlay=overlay))


@cache
def has_fixes(path: Path) -> bool:
    """Does a rule that fixes have its say in this case? (The others are not run twice.)"""
    text = "".join(file.read_text(errors="replace") for file in ([path] if path.is_file() else path.rglob("*.[pi]*")) if file.is_file())
    return any(code in text or path.parent.name.startswith(code) for code in FIXING)


@pytest.mark.parametrize("project", [path for path in PATHS if has_fixes(path)], ids=name, indirect=True)
def test_fixes_together(project: Path) -> None:
    """All fixes end in files that parse, refuse nothing, leave no fixable finding, and change flagged lines only."""
    before = lint(project, {})
    done = fix(partial(lint, project), unsafe=True)
    assert [why for _, why in done.refused] == []
    assert not any(finding.fix for finding in done.report.findings)
    assert not done.report.errors or before.errors
    lost = Counter(f.code for f in done.report.findings) - Counter(f.code for f in before.findings)
    assert not lost, f"new findings after fixing: {lost}"
    for change in done.changes:
        wanted = {row for f in done.applied for row in rows_of(f, change.path)}
        old, new = (source_from_bytes(data, change.path, change.absolute).lines for data in (change.before, change.after))
        assert changed_rows(old, new) <= wanted


def rows_of(finding: Finding, path: str) -> Iterator[int]:
    """The rows that a fix says it changes, one to the right for insertions of lines."""
    assert finding.fix is not None
    for edit in finding.fix.edits:
        if edit.span.path == path:
            yield from range(edit.span.row, edit.span.end_row + 1)


def changed_rows(old: tuple[str, ...], new: tuple[str, ...]) -> set[int]:
    """The rows of the old text that are not in the new one; insertions count as the row in front of which they stand."""
    opcodes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return {row + 1 for kind, i, j, _, _ in opcodes if kind != "equal" for row in range(i, max(j, i + 1))}


@pytest.mark.parametrize("project", [path for path in PATHS if has_fixes(path)], ids=name, indirect=True)
def test_fixes_one_by_one(project: Path) -> None:
    """Each fix alone removes its own finding and brings up no other."""
    before = lint(project, {})
    for finding in before.findings:
        if finding.fix is None:
            continue
        overlay = {}
        for path in {edit.span.path for edit in finding.fix.edits}:
            source = before.sources[path]
            data = Path(source.absolute).read_bytes()
            overlay[source.absolute] = rewrite(data, path, [edit for edit in finding.fix.edits if edit.span.path == path])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ast.parse(source_from_bytes(overlay[source.absolute], path, path).text)
        after = lint(project, overlay)
        # Without messages: what others say of the changed code, with its numbers, may change with it.
        was, now = (Counter((f.span.path, f.code) for f in report.findings) for report in (before, after))
        gone = (finding.span.path, finding.code)
        assert now[gone] < was[gone], f"{finding.code} at {finding.span} is still there"
        assert now - was == Counter(), f"the fix of {finding.code} at {finding.span} brings up {now - was}"


def test_good_is_what_the_fix_makes_of_bad(folder: Path) -> None:
    """Where a page's bad.py can be fixed, its good.py computes with the same code."""
    for bad in sorted(RULES.glob("RGL*/bad.py")):
        good = bad.with_name("good.py")
        if not good.exists() or bad.parent.name[:6] not in FIXING or bad.parent.name.startswith("RGL9"):
            continue
        target = folder / bad.parent.name
        target.mkdir()
        shutil.copyfile(bad, target / "bad.py")
        done = fix(partial(lint, target), unsafe=True)
        if not done.applied:
            continue  # this spelling of the mistake is left to the reader
        assert code_of(done.changes[0].after) == code_of(good.read_bytes()), bad


def code_of(data: bytes) -> str:
    """A module's code without its docstring and comments."""
    tree = ast.parse(data)
    if isinstance(tree.body[0], ast.Expr) and isinstance(tree.body[0].value, ast.Constant):
        del tree.body[0]
    return ast.dump(tree)


def test_safe_fixes_train_the_same(folder: Path) -> None:
    """A program before and after its safe fixes has the same parameters after the same steps, bit by bit."""
    pytest.importorskip("torch")
    from reglint.probe import probe_script

    bad = next(RULES.glob("RGL201-*/bad.py"))
    assert next(rule for rule in all_rules() if rule.code == "RGL201").fix is Safety.SAFE
    norms = []
    for number, data in enumerate((bad.read_bytes(), None)):
        target = folder / str(number)
        target.mkdir()
        if data is None:
            (target / "bad.py").write_bytes(bad.read_bytes())
            data = fix(partial(lint, target), unsafe=False).changes[0].after
        (target / "bad.py").write_bytes(data)
        report = probe_script(target / "bad.py")
        norms.append([(p["name"], p["before_norm"], p["after_norm"]) for p in report.to_json()["parameters"]])
    assert norms[0] == norms[1] and norms[0]
