"""The examples run, print what their READMEs show, and reglint says of them what their READMEs show."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from outputs import same_output

from reglint.dev import ROOT, shown

EXAMPLES = ROOT / "examples"
PROJECTS = sorted(path.parent for path in EXAMPLES.glob("*/README.md"))


def ids(project: Path) -> str:
    """The folder's name."""
    return project.name


def test_every_example_has_a_readme_in_the_table() -> None:
    """Each folder with programs is listed in examples/README.md and has a page of its own."""
    folders = {path.parent.relative_to(EXAMPLES).parts[0] for path in EXAMPLES.rglob("*.py")}
    assert folders == {project.name for project in PROJECTS}
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(folders) if f"({name}/README.md)" not in table] == []


@pytest.mark.parametrize("project", PROJECTS, ids=ids)
def test_every_program_is_shown(project: Path) -> None:
    """What can be started is started in the README, so that nothing rots unseen."""
    commands = shown.commands((project / "README.md").read_text(encoding="utf-8"))
    programs = {path.name for path in project.glob("*.py") if _is_program(path)}
    assert programs == {command.split()[1] for command in commands if command.startswith("python ")}
    assert any(command.startswith("reglint ") for command in commands)


def _is_program(path: Path) -> bool:
    """Whether the top level of a file does something when it is run."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.For | ast.If) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)) for node in tree.body
    )


def test_programs_print_what_is_shown() -> None:
    """`python -m reglint.dev bless` writes the outputs; numbers may differ a little between processors."""
    pytest.importorskip("torch")
    pages = [project / "README.md" for project in PROJECTS]
    today = shown.refresh(pages, programs=("python",))
    assert [page.parent.name for page in pages if not same_output(page.read_text(encoding="utf-8"), today[page])] == []


@pytest.mark.parametrize("project", PROJECTS, ids=ids)
def test_reglint_says_what_is_shown(project: Path) -> None:
    """Findings and formulas in the READMEs are those of today, to the letter."""
    page = project / "README.md"
    assert shown.refresh([page], programs=("reglint",))[page] == page.read_text(encoding="utf-8")
