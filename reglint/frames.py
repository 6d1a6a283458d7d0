"""Room for the interpreter's frames in one piece.

CPython keeps the frames of Python functions in chunks of 16 KiB, and gives a chunk back to the kernel when its last frame
ends (push_chunk and _PyThreadState_PopFrame in Python/pystate.c, 3.11 and later). An evaluation that goes down into calls
and up again crosses the edge of a chunk a hundred thousand times in a run: a tenth of its time. A frame that claims much
room makes the interpreter get one large chunk, and all deeper frames find room in it. What is claimed is never touched.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType
from typing import TypeVar

T = TypeVar("T")
CLAIMED = 1 << 17  # references, 1 MiB; the chunk is twice as large


def _call(work: Callable[[], T]) -> T:
    return work()


def in_one_piece(work: Callable[[], T]) -> T:
    """What `work` gives, evaluated where deep calls cost no more than flat ones."""
    return _roomy(work)


_roomy = FunctionType(_call.__code__.replace(co_stacksize=CLAIMED), {}) if sys.implementation.name == "cpython" else _call
