"""Everything that reglint raises on purpose.

ReglintError            base: one or two lines for the user, exit code 2
├── UsageError          an option or a path that cannot be right
├── ConfigError         a configuration file that cannot be understood
└── SourceError         one file that cannot be read or parsed: becomes RGL900, the run goes on
"""

from __future__ import annotations


class ReglintError(Exception):
    """Base of all errors meant for the user: the message says what, where and what to do."""


class UsageError(ReglintError):
    """An option, a code or a path on the command line that cannot be right."""


class ConfigError(ReglintError):
    """A configuration file with broken syntax, an unknown key or a value of the wrong type."""


class SourceError(ReglintError):
    """A file under analysis that cannot be read, decoded or parsed.

    `row` and `column` count from 1; 0 where the place inside the file is not known.
    """

    def __init__(self, message: str, row: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.row = row
        self.column = column
