"""Every case under tests/rules: all rules run on all of them."""

from __future__ import annotations

import pytest
from harness import Case, cases, check

from reglint.checks import all_rules


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_case(case: Case) -> None:
    """Reglint finds in the case what its comments ask for, and nothing else."""
    check(case, built=frozenset(rule.code for rule in all_rules()))
