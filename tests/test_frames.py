"""Frames in one piece change nothing but the time."""

from __future__ import annotations

import sys

import pytest

from reglint.frames import in_one_piece


def test_results_and_errors_pass() -> None:
    assert in_one_piece(lambda: 3) == 3
    with pytest.raises(KeyError):
        in_one_piece(lambda: {}["missing"])
    assert in_one_piece(lambda: in_one_piece(lambda: "inside")) == "inside"


def test_the_recursion_limit_holds() -> None:
    def deeper(n: int) -> int:
        return deeper(n + 1)

    with pytest.raises(RecursionError):
        in_one_piece(lambda: deeper(0))
    assert in_one_piece(lambda: sum(1 for _ in range(sys.getrecursionlimit()))) == sys.getrecursionlimit()
