"""`python -m reglint` is `reglint`: repeat what the cache knows, or run the command line."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """The command line; nothing but the cache is imported where it has the answer."""
    from reglint import cache

    argv = sys.argv[1:]
    if not cache.is_repeatable(argv):
        return _run(argv)
    known = cache.repeat(argv)
    if known is not None:
        sys.stdout.flush()
        try:
            sys.stdout.buffer.write(known[0])
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            from reglint.terminal import ignore_output

            ignore_output()
        return known[1]
    cache.Recorder.inputs = inputs = cache.Inputs(cache.directory_of(argv))
    code = _run(argv)
    if inputs.valid and inputs.files and code in (0, 1):
        cache.keep_run(argv, inputs, code)
    return code


def _run(argv: list[str]) -> int:
    from reglint.cli import main as run

    return run(argv)


def _leave_out_working_directory() -> None:
    """`python -m` imports from the working directory first: from the code under analysis, none of which is ever to run."""
    try:
        here = os.getcwd()
    except OSError:
        return  # it is gone, and all that could be imported from it
    if not sys.flags.safe_path and sys.path[:1] == [here]:
        del sys.path[0]


def run() -> None:
    """The process from its start to its end."""
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        pass  # nobody reads any more
    os._exit(code)  # nothing is left to be done, and taking apart what was read would take a twentieth of the time


if __name__ == "__main__":
    _leave_out_working_directory()
    run()
