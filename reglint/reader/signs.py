"""What the text of a function shows of what can happen in it, without evaluating it.

Every event that a rule speaks about needs certain words: no gradient without `backward`, no optimizer without the name of
one. A sign is one such group of words. A root is evaluated where the signs of all that it can reach make a finding
possible (`NEEDS`); signs err on the side of being there. Single words give them (words.py), and how words stand in a
function or a class (shapes.py).
"""

from __future__ import annotations

from collections.abc import Iterable


class Sign:
    """One bit per group of words; plain numbers, because enum members are too slow for the millions of words of a project."""

    NONE = 0
    BACKWARD = 1  # a backward pass: most rules
    LOCAL = 2  # one call or statement is enough for a finding
    LOSS = 4  # a criterion of torch
    PROBABILITY_LOSS = 8  # one that expects probabilities or their logarithms
    ACTIVATION = 16  # softmax, sigmoid
    SUMMED = 32  # something reduced by a sum
    WEIGHTED = 64  # a factor computed with exp
    COUNTED = 128  # a running sum that is divided
    EVALUATES = 256  # a function or loop that says it evaluates
    RECURRENT = 512
    RATE = 1024  # dropout=… of a recurrent layer
    BUILDS = 2048  # an optimizer is built
    SCHEDULE = 4096
    OPTIMIZER = 8192  # something called so


# What shows in one definition is found when that is evaluated on its own.
OWN = (Sign.LOCAL, Sign.EVALUATES)
# Other findings need all signs of at least one line, wherever they are in what a root reaches.
NEEDS = (
    Sign.BACKWARD,
    Sign.BUILDS,
    Sign.PROBABILITY_LOSS,
    Sign.LOSS | Sign.ACTIVATION,
    Sign.LOSS | Sign.SUMMED,
    Sign.LOSS | Sign.WEIGHTED,
    Sign.LOSS | Sign.COUNTED,
    Sign.RECURRENT | Sign.RATE,
    Sign.SCHEDULE | Sign.OPTIMIZER,
)
STEPS = (Sign.BUILDS, Sign.BACKWARD)  # what a step model needs: an optimizer, or gradients for a step by hand


def suffices(found: int, needs: Iterable[int]) -> bool:
    """Do the signs allow one of the needs?"""
    return any(found & need == need for need in needs)
