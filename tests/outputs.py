"""Comparing shown outputs with those of today: words exactly, numbers within what another processor may make of them."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[-+]?\d+)?(?![\w])")


def same_output(shown: str, today: str, tolerance: float = 0.02) -> bool:
    """Whether two outputs agree; numbers without a point are words."""
    if _NUMBER.sub("#", shown) != _NUMBER.sub("#", today):
        return False
    return all(_close(a, b, tolerance) for a, b in zip(_NUMBER.findall(shown), _NUMBER.findall(today), strict=True))


def _close(a: str, b: str, tolerance: float) -> bool:
    if "." not in a and "e" not in a:
        return a == b
    return math.isclose(float(a), float(b), rel_tol=tolerance, abs_tol=2e-4) or max(abs(float(a)), abs(float(b))) < 1e-5
