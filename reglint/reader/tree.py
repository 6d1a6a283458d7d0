"""Source text to syntax tree, with the standard library's parser.

It is eleven times cheaper than a concrete syntax tree and gives positions for free; fixes are text edits at those
positions. Errors become SourceError with the place.
"""

from __future__ import annotations

import ast
import warnings
from _symtable import symtable  # type: ignore[import-not-found]  # the wrapper around it would ask for every scope

from reglint.errors import SourceError
from reglint.source import SourceFile


def parse(source: SourceFile) -> ast.Module:
    """Parse a file. Raises SourceError where the text is no Python that this interpreter can read."""
    return parse_text(source.text)


def parse_text(text: str) -> ast.Module:
    """Parse the text of a file or of a part of it. Raises SourceError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes of the code under analysis are not ours to report
            return ast.parse(text)
    except SyntaxError as error:
        raise SourceError(_message(error), error.lineno or 0, error.offset or 0) from None
    except (RecursionError, MemoryError):
        raise SourceError("too deeply nested to be parsed") from None
    except ValueError as error:
        raise SourceError(f"cannot be parsed: {error}") from None


def check_syntax(source: SourceFile) -> None:
    """Only make sure that a file can be parsed; no tree is made, which is two thirds of the time. Raises SourceError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            symtable(source.text, source.path, "exec")
            return
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # it also refuses what parses, such as two parameters of one name: the parser has the last word
    parse(source)


def _message(error: SyntaxError) -> str:
    """The message of a syntax error in our style; says so where the file is Python 2."""
    text = error.msg or "invalid syntax"
    if text.startswith("Missing parentheses in call to 'print'") or text.startswith("multiple exception types"):
        return "syntax error: this is Python 2; reglint reads Python 3"
    return f"syntax error: {text[:1].lower()}{text[1:]}"[:100]
