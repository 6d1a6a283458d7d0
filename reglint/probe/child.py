"""In the process of the probed program: arm the session when torch is there, write the report, stop."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
import traceback
from types import TracebackType
from typing import Any

import torch

from reglint.probe.facts import Trace, to_plain
from reglint.probe.session import Session

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


class Child:
    """One observed process. Several may belong to one program: ranks, spawned or forked trainers."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.directory: str = config["directory"]
        self.keep_running: bool = config["keep_running"]
        self.until_eval: bool = config.get("until_eval", False)
        self.session = Session(config["steps"], self.finish)
        self.written = -1
        self.message = ""
        self.missing_torch = False

    def start(self) -> None:
        """Hook into torch and into the end of the process."""
        # compiled code has no nodes to read; results are the same, and nothing is compiled for two steps
        torch.compiler.set_stance("force_eager")
        self.session.start()
        atexit.register(self.at_exit)
        if sys.excepthook is sys.__excepthook__:
            sys.excepthook = self.excepthook
        with contextlib.suppress(ImportError):
            from multiprocessing import util

            util.register_after_fork(self, Child.after_fork)

    def after_fork(self) -> None:
        """A forked process leaves without atexit; multiprocessing's own finalizers do run."""
        from multiprocessing import util

        if self.written != os.getpid():
            util.Finalize(None, self.at_exit, exitpriority=100)

    def excepthook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Print the program's traceback without our frames, and keep it for the report."""
        report = traceback.TracebackException(kind, error, trace)
        _without_own_frames(report)
        self.message = "".join(report.format())
        sys.stderr.write(self.message)

    def finish(self) -> None:
        """Enough was observed: write the report; then end the process on the spot, or leave it alone for good.

        An exception would be swallowed by a bare `except:` and would run `finally: torch.save(...)`; os._exit does neither.
        """
        watcher = self.session.watcher
        if self.until_eval and watcher.on_evaluated is None:
            self.write("ok", stop=False)  # what there is so far, should no evaluation come
            watcher.on_evaluated = self.finish
            return
        self.write("ok")
        if self.keep_running:
            self.session.stop()
            torch.compiler.set_stance("default")
            return
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # a closed or replaced stream must not keep us here
                stream.flush()
        with contextlib.suppress(Exception):  # the parent kills the whole group in any case
            import multiprocessing

            for process in multiprocessing.active_children():
                process.kill()
        os._exit(0)

    def at_exit(self) -> None:
        """The program ended by itself."""
        if self.written != os.getpid() or self.session.installed:
            self.write("crashed" if self.message else "ok")

    def write(self, outcome: str, *, stop: bool = True) -> None:
        """Write the report of this process, whole or not at all."""
        self.written = os.getpid()
        try:
            self._write(self.session.trace(outcome, self.message, stop=stop))
        except Exception as error:  # the program must end as it would have ended; the parent reads what went wrong
            with open(os.path.join(self.directory, f"failure-{os.getpid()}.txt"), "w", encoding="utf-8") as file:
                file.write(f"{type(error).__name__}: {error}")

    def _write(self, trace: Trace) -> None:
        path = os.path.join(self.directory, f"trace-{os.getpid()}.json")
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump({**to_plain(trace), "device": trace.device or "cpu"}, file)
        os.replace(path + ".part", path)


def _without_own_frames(report: traceback.TracebackException | None) -> None:
    while report is not None:
        report.stack = traceback.StackSummary.from_list([f for f in report.stack if not f.filename.startswith(_OWN)])
        report = report.__cause__ or report.__context__


def arm(config: dict[str, Any]) -> None:
    """Start observing this process; called once, when torch has just been imported."""
    if config.get("device") == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("--device cuda: this torch sees no CUDA device")
    Child(config).start()
