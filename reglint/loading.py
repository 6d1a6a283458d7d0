"""Reading files under analysis: encodings, byte order marks, line ends, notebooks. Nothing else opens a source file."""

from __future__ import annotations

import codecs
import io
import os
import tokenize

from reglint.errors import SourceError
from reglint.source import SourceFile

MAX_BYTES = 8_000_000  # generated data in .py form; the largest hand-written modules stay below 1 MB
_UTF16_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bytes(absolute: str) -> bytes:
    """The bytes of a file. Raises SourceError where it cannot be read or is too large to be hand-written."""
    try:
        with open(absolute, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(data) > MAX_BYTES:
        raise SourceError(f"larger than {MAX_BYTES // 1_000_000} MB: left out")
    return data


def decode(data: bytes) -> tuple[str, str]:
    """(text, encoding) of a Python file by its byte order mark or PEP 263 comment; line ends are kept.

    Raises SourceError for UTF-16, binary data, an unknown encoding or bytes that are not valid in it.
    """
    if data.startswith(_UTF16_32):
        raise SourceError("UTF-16 or UTF-32 text: Python reads neither, save the file as UTF-8")
    if b"\0" in data:
        raise SourceError("binary data: contains a null byte", data.count(b"\n", 0, data.index(b"\0")) + 1, 1)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise SourceError(f"{_lower(error.msg)}: save the file as UTF-8", 1, 1) from error
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        message = f"not valid {encoding.removesuffix('-sig')}: byte 0x{data[error.start]:02x}; save as UTF-8 or declare the encoding"
        raise SourceError(message, row, 1) from error
    except (LookupError, ValueError) as error:  # a codec that is no text encoding, such as rot13
        raise SourceError(f"cannot be decoded as {encoding}: {error}", 1, 1) from error


def encode(text: str) -> bytes:
    """The bytes that `decode` reads as this text: in the encoding that its comment declares, in UTF-8 without one."""
    head = "".join(text.splitlines(keepends=True)[:2]).encode("utf-8", "replace")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(head).readline)
        return text.encode(encoding)
    except (SyntaxError, UnicodeEncodeError, LookupError):
        return text.encode("utf-8", "replace")


def source_from_bytes(data: bytes, path: str, absolute: str) -> SourceFile:
    """A source file or notebook (by the end of `path`) from its bytes. Raises SourceError."""
    if path.endswith(".ipynb"):
        from reglint.notebook import read_notebook  # most runs see no notebook

        return read_notebook(data, path, absolute)
    text, _ = decode(data)
    return SourceFile.of(path, absolute, text)


def load(path: str, absolute: str | None = None) -> SourceFile:
    """Read the file at `absolute` (or `path`) and call it `path` in findings. Raises SourceError."""
    where = absolute or os.path.abspath(path)
    return source_from_bytes(read_bytes(where), path, where)


def shown_path(absolute: str, working_directory: str) -> str:
    """A path as findings show it: relative to the working directory, forward slashes."""
    try:
        relative = os.path.relpath(absolute, working_directory)
    except ValueError:
        relative = absolute  # another drive on Windows: no relative path exists
    return relative.replace(os.sep, "/")


def _lower(text: str | None) -> str:
    return text[:1].lower() + text[1:] if text else "cannot be decoded"
