"""Run many small programs with one import of torch: this process imports it, then forks for each of them.

`python -m reglint.dev.runner` reads jobs `[[folder, [program.py, argument, …]], …]` as JSON from stdin and writes
`[[exit status, output], …]` to stdout. Importing torch takes longer than all that the programs do.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

PATIENCE = 90  # seconds for one program; they take two
Job = tuple[str, list[str]]
Result = tuple[int, str]


def run_all(jobs: Sequence[Job], timeout: float = 600) -> list[Result]:
    """Run programs, each with its folder as working directory; give exit status and what was printed to stdout (stderr on failure)."""
    if not jobs:
        return []
    root = str(Path(__file__).resolve().parents[2])
    # One thread: these tensors are tiny, and threads that wait for a busy processor cost more than they give.
    env = os.environ | {"PYTHONWARNINGS": "ignore", "PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    if not hasattr(os, "fork"):
        return [_spawn(job, env, timeout) for job in jobs]
    done = subprocess.run(
        [sys.executable, "-m", "reglint.dev.runner"],
        input=json.dumps(jobs),
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=True,
    )
    return [(status, output) for status, output in json.loads(done.stdout)]


def _spawn(job: Job, env: dict[str, str], timeout: float) -> Result:
    folder, argv = job
    done = subprocess.run([sys.executable, *argv], cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=timeout)
    return done.returncode, done.stdout if done.returncode == 0 else done.stdout + done.stderr


def _fork(job: Job, tries: int = 2) -> Result:
    """Run one program in a fork. Processes that a program starts itself can wait for each other for ever: then once more."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        child = os.fork()
        if child == 0:
            os.setsid()
            os._exit(_in_child(job, output.fileno()))
        deadline = time.monotonic() + PATIENCE
        done, status = os.waitpid(child, os.WNOHANG)
        while not done and time.monotonic() < deadline:
            time.sleep(0.02)
            done, status = os.waitpid(child, os.WNOHANG)
        if not done:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return _fork(job, tries - 1) if tries > 1 else (1, f"no end after {PATIENCE} seconds")
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read()


def _in_child(job: Job, output: int) -> int:
    folder, argv = job
    os.dup2(output, 1)
    os.chdir(folder)
    sys.argv = argv
    sys.path[0] = folder
    status = 0
    try:
        runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # whatever a program dies of is its result, not ours
        status = 1
        traceback.print_exc(file=sys.stdout)
    sys.stdout.flush()
    return status


def main() -> None:
    """Answer the jobs on stdin."""
    with contextlib.suppress(ImportError):
        import torch

        # Loads what torch puts off until an optimizer is built; that takes as long as torch itself.
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    jobs: list[Job] = json.load(sys.stdin)
    json.dump([_fork(job) for job in jobs], sys.stdout)


if __name__ == "__main__":
    main()
