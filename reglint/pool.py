"""Tasks spread over forked workers, or done in place; a worker that hangs or dies costs one task, never the run.

Workers are forked after everything is loaded, so they start in milliseconds and share memory; tasks go out one at a time,
so an expensive file holds up nobody else. Results depend on the task alone, not on which worker did it or when.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from types import FrameType
from typing import Any, NoReturn

from reglint.frames import in_one_piece
from reglint.work import Covered, Job, Outcome, Task

CAN_FORK = sys.platform.startswith("linux") and hasattr(os, "fork")
_THRESHOLD = (500_000, 20, 50)
PATIENCE = 6
"""The limit of a task counts processor time, or what else runs on a machine would decide what is found; this many times it on the clock
ends a task that waits for something."""
Progress = Callable[[int, int], None]


class _TooLong(BaseException):
    """Raised by the alarm; no `except Exception` on the way may swallow it."""


def run_all(job: Job, tasks: Sequence[Task], covered: Covered, *, jobs: int, seconds: float, progress: Progress) -> dict[Task, Outcome]:
    """Do every task, on `jobs` processes, each within `seconds` of processor time. The order of `tasks` is the order they start in."""
    if jobs > 1 and len(tasks) > 1 and CAN_FORK:
        return _Pool(job, covered, min(jobs, len(tasks)), seconds).run(tasks, progress)
    done: dict[Task, Outcome] = {}
    with _calm_collector():
        for task in tasks:
            done[task] = _run_here(job, task, covered, seconds)
            progress(len(done), len(tasks))
            if job.project.is_full():
                job.project.forget()
                others = tasks[len(done) :]
                if others and CAN_FORK and threading.current_thread() is threading.main_thread():
                    # To end a process costs nothing; to take apart all that it has read takes a sixth of its time.
                    return done | _Pool(job, covered, 1, seconds).run(others, _from(len(done), progress))
    return done


def _from(start: int, progress: Progress) -> Progress:
    """Progress of what comes after the first `start` tasks."""
    return lambda done, total: progress(start + done, start + total)


@contextlib.contextmanager
def _calm_collector() -> Iterator[None]:
    """Syntax trees live long: a collector that looks at all of them again and again costs a third of the run."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLD)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def too_long(seconds: float) -> Outcome:
    """The outcome of a task that was given up."""
    return Outcome(crash=f"took longer than {seconds:g} seconds: given up")


def _run_here(job: Job, task: Task, covered: Covered, seconds: float) -> Outcome:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return in_one_piece(lambda: job.run(task, covered))  # no alarm can be set here: the reader's own budget must do
    before = signal.signal(signal.SIGALRM, _ring), signal.signal(signal.SIGPROF, _ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        return in_one_piece(lambda: job.run(task, covered))
    except _TooLong:
        return too_long(seconds)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGPROF, before[1])


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLong


@dataclass(slots=True)
class _Worker:
    pid: int
    pipe: Connection[Any, Any]
    task: Task | None = None
    deadline: float = 0.0


class _Pool:
    """The workers of one call of run_all."""

    def __init__(self, job: Job, covered: Covered, size: int, seconds: float) -> None:
        self._job = job
        self._covered = covered
        self._size = size
        self._seconds = seconds
        self._workers: list[_Worker] = []

    def run(self, tasks: Sequence[Task], progress: Progress) -> dict[Task, Outcome]:
        done: dict[Task, Outcome] = {}
        waiting = list(reversed(tasks))
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()  # what is loaded now lives as long as the workers: collections in them need not look at it
        try:
            self._workers = [self._start() for _ in range(self._size)]
            while len(done) < len(tasks):
                for worker in self._workers:
                    if worker.task is None and waiting:
                        self._give(worker, waiting.pop())
                for task, outcome in self._collect():
                    done[task] = outcome
                    progress(len(done), len(tasks))
        finally:
            for worker in self._workers:
                self._end(worker)
            gc.unfreeze()
        return done

    def _start(self) -> _Worker:
        ours, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            for other in self._workers:
                other.pipe.close()
            ours.close()
            _work(self._job, self._covered, theirs, self._seconds)
        theirs.close()
        return _Worker(pid, ours)

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.task = task
        worker.deadline = time.monotonic() + self._seconds * (PATIENCE + 1)  # it gives up itself, unless it cannot
        with contextlib.suppress(BrokenPipeError):  # it died while idle: collecting finds that out
            worker.pipe.send(task)

    def _collect(self) -> Iterator[tuple[Task, Outcome]]:
        """Wait until something happens; give every task that ended, well or badly."""
        busy = {worker.pipe: worker for worker in self._workers if worker.task is not None}
        now = time.monotonic()
        ready = wait(list(busy), timeout=max(0.0, min(w.deadline for w in busy.values()) - now))
        for pipe, worker in busy.items():
            task = worker.task
            assert task is not None
            if pipe in ready:
                try:
                    outcome, full = pipe.recv()
                    worker.task = None
                    if full:
                        self._replace(worker)  # cheaper than to look for what can be given back
                except (EOFError, OSError):
                    outcome = Outcome(crash="the process that read it died: out of memory, or a crash of the interpreter")
                    self._replace(worker)
                yield task, outcome
            elif time.monotonic() >= worker.deadline:
                self._replace(worker)
                yield task, too_long(self._seconds)

    def _replace(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._end(worker)
        self._workers.append(self._start())

    @staticmethod
    def _end(worker: _Worker) -> None:
        worker.pipe.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(worker.pid, 0)


def _work(job: Job, covered: Covered, pipe: Connection[Any, Any], seconds: float) -> NoReturn:
    """The life of a worker. Leaves without clean-up: buffers and exit handlers belong to the parent."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        gc.set_threshold(*_THRESHOLD)
        while True:
            task = pipe.recv()
            pipe.send((_run_here(job, task, covered, seconds), job.project.is_full()))
    except (EOFError, OSError):
        pass  # the parent has no more work, or is gone
    finally:
        os._exit(0)
