"""Notebooks as one Python text: code cells joined in order, magics blanked, rows kept, broken cells left out."""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any

from reglint.errors import SourceError
from reglint.source import Blanked, Cell, SourceFile

# Cell magics whose cell is still Python of this kernel; every other one makes its cell another language or another file.
_PYTHON_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "python", "python3", "wandb", "ignore"})
_ASSIGNED = re.compile(r"(?P<target>\s*[A-Za-z_][\w.,\s\[\]'\"*]*=\s*)[!%].*")
_MAGIC = re.compile(r"\s*(?:[!%?]|[\w.*]+\?{1,2}\s*$)")
_TIMED = re.compile(r"(?P<indent>\s*)%time (?=\S)")
_STRING = re.compile(r"\"\"\"|'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#.*|[\[\](){}]")


def read_notebook(data: bytes, path: str, absolute: str) -> SourceFile:
    """The Python cells of a notebook. Raises SourceError for what is no notebook, or one of Python 2.

    A notebook in another language gives an empty file: there is nothing in it to say anything about.
    """
    try:
        book = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise SourceError(f"not a notebook: invalid JSON ({str(error)[:60]})", getattr(error, "lineno", 0)) from error
    if not _is_python(book):
        return SourceFile(path, absolute, "", ("",), ())
    lines: list[str] = []
    cells: list[Cell] = []
    blanked: list[Blanked] = []
    for index, source in code_cells(book):
        text, broken = blank_magics(source)
        if broken is not None:
            blanked.append(Blanked(broken.message, len(lines) + broken.row, broken.column))
        rows = text.split("\n")
        cells.append(Cell(index, len(lines) + 1, len(rows)))
        lines += rows
    return SourceFile(path, absolute, "\n".join(lines) + "\n", (*lines, ""), tuple(cells), tuple(blanked))


def _is_python(book: Any) -> bool:
    if not isinstance(book, dict) or not isinstance(book.get("cells", book.get("worksheets")), list):
        raise SourceError("not a notebook: has no list of cells")
    metadata = book.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kernel, info = (part if isinstance(part := metadata.get(key), dict) else {} for key in ("kernelspec", "language_info"))
    if kernel.get("name") == "python2" or (str(info.get("version", "")).startswith("2.") and info.get("name") == "python"):
        raise SourceError("a Python 2 notebook: convert it to Python 3")
    language = str(info.get("name") or kernel.get("language") or "python").lower()
    return language in ("python", "ipython", "python3")


def code_cells(book: dict[str, Any]) -> list[tuple[int, str]]:
    """(index over all cells, source with "\\n" line ends) of each code cell; format 3 keeps them in worksheets, as `input`."""
    sheets = book.get("worksheets", ())
    cells = book.get("cells") or [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells", ())]
    found = []
    for index, cell in enumerate(cells):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue  # text, or damaged: its index still counts
        source = cell.get("source", cell.get("input", ""))
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        found.append((index, text.replace("\r\n", "\n").replace("\r", "\n")))
    return found


def blank_magics(source: str) -> tuple[str, Blanked | None]:
    """A cell as plain Python with the same rows, and why it had to be blanked as a whole, if so."""
    if _syntax_error(source) is None:
        return source, None  # plain Python, also where a line of it begins with %
    lines = source.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        name = re.match(r"%%(\w*)", lines[first])
        if name is None or name[1] not in _PYTHON_CELL_MAGICS:
            return "\n" * (len(lines) - 1), None
        lines[first] = ""
    text = "\n".join(_blank_lines(lines))
    error = _syntax_error(text)
    if error is None:
        return text, None
    message = f"syntax error in this cell, left out: {error.msg}"[:100]
    return "\n" * (len(lines) - 1), Blanked(message, error.lineno or 1, max(error.offset or 1, 1))


def _blank_lines(lines: list[str]) -> list[str]:
    """Replace line magics, shell escapes and help requests by statements that do nothing, one per row."""
    done: list[str] = []
    quote, depth, continued, blanking = "", 0, False, False
    for line in lines:
        if blanking:  # the shell command of the line above goes on
            blanking = line.endswith("\\")
            done.append("")
            continue
        if not quote and depth == 0 and not continued:
            plain = _plain(line)
            if plain is not line:
                blanking = line.endswith("\\") and not _TIMED.match(line)
                line = plain
        quote, depth = _state_after(line, quote, depth)
        continued = line.endswith("\\")
        done.append(line)
    return done


def _plain(line: str) -> str:
    """The line itself, or what stands in for it if it is no Python."""
    if timed := _TIMED.match(line):
        # `%time f(x)` runs f(x): a prefix of the same width keeps the columns.
        return f"{timed['indent']}if 1: {line[timed.end() :]}"
    if assigned := _ASSIGNED.match(line):
        return f"{assigned['target']}None"
    if _MAGIC.match(line):
        return f"{line[: len(line) - len(line.lstrip())]}pass"
    return line


def _state_after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Whether a triple-quoted string and how many brackets are open at the end of a line."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            if end < 0:
                return quote, depth
            at, quote = end + 3, ""
            continue
        token = _STRING.search(line, at)
        if token is None:
            break
        at = token.end()
        if token[0] in ('"""', "'''"):
            quote = token[0]
        elif token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth = max(depth - 1, 0)
    return quote, depth


def _syntax_error(text: str) -> SyntaxError | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes: not ours to report
        try:
            ast.parse(text)
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError) as error:
            return SyntaxError(str(error) or "too deeply nested")
    return None
