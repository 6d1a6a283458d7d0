"""The comparison of outputs forgives digits, never words."""

from __future__ import annotations

import pytest
from outputs import same_output


@pytest.mark.parametrize(
    ("shown", "today", "same"),
    [
        ("loss 0.4412", "loss 0.4413", True),
        ("loss 0.4412", "loss 0.5412", False),
        ("step 20 loss 0.1", "step 21 loss 0.1", False),
        ("train 3.7e-11", "train 4.1e-11", True),
        ("decay 0.0300", "decay 0.0100", False),
        ("dropout on 0.5", "dropout off 0.5", False),
        ("a 1.0", "a 1.0\nb 2.0", False),
    ],
)
def test_words_are_exact_and_numbers_are_close(shown: str, today: str, same: bool) -> None:
    """A percent of a number is another processor, another word is another program."""
    assert same_output(shown, today) is same
