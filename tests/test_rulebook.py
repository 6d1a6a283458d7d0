"""The rule book: pages, their programs and the registry say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from harness import Case, lint
from outputs import same_output

from reglint.checks import ENGINE_RULES, all_rules
from reglint.dev import ROOT, index, new_rule, shown

PAGES = sorted(path for path in (ROOT / "rules").glob("RGL*") if path.is_dir())
ENGINE = frozenset(code for code, *_ in ENGINE_RULES)
WITH_PROGRAMS = [page for page in PAGES if page.name[:6] not in ENGINE]
BUILT = {f"{rule.code}-{rule.name}": rule for rule in all_rules()}
# The repaired program of these keeps a penalty of squares, whose equivalent weight_decay RGL112 names.
NOTES_OF_GOOD = {"RGL103": {"RGL112"}}


def ids(page: Path) -> str:
    """The folder's name, which is the rule's code and name."""
    return page.name


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_a_page_has_the_agreed_sections(page: Path) -> None:
    """The title is code and name, the sections are those of every page, and none is empty."""
    text = (page / "README.md").read_text(encoding="utf-8")
    code, _, name = page.name.partition("-")
    assert text.startswith(f"# {code} {name}\n")
    outside_blocks = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    assert tuple(re.findall(r"^## (.+)$", outside_blocks, re.MULTILINE)) == new_rule.HEADINGS
    assert all(section.strip() for section in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:])
    assert "TODO" not in text


@pytest.mark.parametrize("page", WITH_PROGRAMS, ids=ids)
def test_a_page_shows_the_output_of_both_programs(page: Path) -> None:
    """The numbers of a page are those that bad.py and good.py print; a page may show what the probe measures on them as well."""
    commands = shown.commands((page / "README.md").read_text(encoding="utf-8"))
    assert [c for c in commands if not c.startswith("reglint probe")] == ["python bad.py", "python good.py"]


def test_the_shown_outputs_are_those_of_today() -> None:
    """Running all programs again gives what the pages show: `python -m reglint.dev bless` rewrites them."""
    pytest.importorskip("torch")
    pages = [page / "README.md" for page in WITH_PROGRAMS]
    today = shown.refresh(pages)
    assert [page.parent.name for page in pages if not same_output(page.read_text(encoding="utf-8"), today[page])] == []


def test_every_rule_has_a_page_of_its_name() -> None:
    """Nobody can be sent to a page that does not exist."""
    assert BUILT.keys() - {page.name for page in PAGES} == set()


@pytest.mark.parametrize("page", [page for page in WITH_PROGRAMS if page.name in BUILT], ids=ids)
def test_bad_has_exactly_its_own_mistake(page: Path) -> None:
    """Each bad.py yields findings of its rule and of no other."""
    assert {finding.code for finding in lint(Case(page / "bad.py"))} == {page.name[:6]}


@pytest.mark.parametrize("page", WITH_PROGRAMS, ids=ids)
def test_good_has_no_mistake(page: Path) -> None:
    """No rule has a word to say about good.py, those apart that are agreed above."""
    allowed = NOTES_OF_GOOD.get(page.name[:6], set())
    assert [str(finding) for finding in lint(Case(page / "good.py")) if finding.code not in allowed] == []


def test_the_index_is_up_to_date() -> None:
    """`python -m reglint.dev index` writes it."""
    assert index.INDEX.read_text(encoding="utf-8") == index.table()
