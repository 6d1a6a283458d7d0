"""Running a program under observation in a process group of its own; collecting what its processes report."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TextIO

import msgspec

from reglint.errors import UsageError
from reglint.probe.facts import Trace
from reglint.probe.ranks import merged
from reglint.probe.report import ProbeReport

_HERE = os.path.dirname(os.path.abspath(__file__))
_GRACE = 5.0  # seconds that other ranks get after the first report
TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to run and how. `command` is the whole command line; `timeout` in seconds, 0 for none.

    `cwd` empty: the current directory. `keep_running`: the program runs to its end after the observation. `until_eval`:
    loaders end early after the observed steps, so that an evaluation comes and its modes are seen.
    """

    command: tuple[str, ...]
    steps: int = 2
    timeout: float = TIMEOUT
    device: str = "auto"
    cwd: str = ""
    keep_running: bool = False
    until_eval: bool = False


def python_command(script: str | None, module: str | None, args: Sequence[str], cwd: str = "") -> tuple[str, ...]:
    """The command line that runs a script or module with this Python. Raises UsageError for a script that does not exist."""
    if module is not None:
        return (sys.executable, "-m", module, *args)
    assert script is not None
    if not os.path.isfile(os.path.join(cwd or os.curdir, script)):
        raise UsageError(f"no such script: {script}")
    return (sys.executable, script, *args)


def command_line(words: Sequence[str], cwd: str = "") -> tuple[str, ...]:
    """What a user wrote as one: a script with arguments, run by this Python, or any command. Raises UsageError for nothing."""
    if not words:
        raise UsageError("nothing to run: give a script, -m MODULE, or -- COMMAND")
    path = os.path.join(cwd or os.curdir, words[0])
    if words[0].endswith(".py") or (os.path.isfile(path) and not os.access(path, os.X_OK)):  # an executable file is a command
        return python_command(words[0], None, words[1:], cwd)
    return tuple(words)


def probe_script(
    script: str,
    args: Sequence[str] = (),
    *,
    steps: int = 2,
    timeout: float = TIMEOUT,
    device: str = "auto",
    cwd: str = "",
    keep_running: bool = False,
    until_eval: bool = False,
) -> ProbeReport:
    """Run a script unmodified in a process of its own and measure its training step. It is executed: files, network and all.

    Its output goes to standard error. Raises UsageError where there is no such script; all else is an `outcome`.
    """
    command = python_command(script, None, args, cwd)
    return run(Request(command, steps, timeout, device, cwd, keep_running, until_eval))


def run(request: Request, output: TextIO | int | None = None) -> ProbeReport:
    """Run the command and return what was measured; `output` receives the program's standard output (default: our stderr)."""
    directory = tempfile.mkdtemp(prefix="reglint-probe-")
    try:
        process = _start(request, directory, output)
        try:
            timed_out = _wait(process, request, directory)
        finally:
            _kill(process)
        return ProbeReport(_collect(directory, process.returncode, timed_out, request), os.getcwd())
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _start(request: Request, directory: str, output: Any) -> subprocess.Popen[bytes]:
    config = {
        "directory": directory,
        "root": os.path.dirname(os.path.dirname(_HERE)),
        "steps": request.steps,
        "timeout": request.timeout,
        "device": request.device,
        "keep_running": request.keep_running,
        "until_eval": request.until_eval,
    }
    paths = [os.path.join(_HERE, "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "REGLINT_PROBE": json.dumps(config), "PYTHONPATH": os.pathsep.join(paths)}
    if request.device == "cpu":
        environment["CUDA_VISIBLE_DEVICES"] = ""
    try:
        return subprocess.Popen(
            request.command,
            cwd=request.cwd or None,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=_stream(output),
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"cannot run {request.command[0]}: {error.strerror}") from error


def _stream(output: Any) -> Any:
    """Our standard error, where it is a real file; what a test captures is none."""
    if output is not None:
        return output
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return sys.stderr.fileno()
    return subprocess.DEVNULL


def _wait(process: subprocess.Popen[bytes], request: Request, directory: str) -> bool:
    """Until the program ends, enough is reported, or the time is up (then True)."""
    began = time.monotonic()
    first_report: float | None = None
    pause = 0.01
    while process.poll() is None:
        now = time.monotonic()
        if request.timeout and now - began > request.timeout:
            return True
        if first_report is None and not (request.keep_running or request.until_eval) and any(_has_steps(t) for t in _traces(directory)):
            first_report = now
        if first_report is not None and now - first_report > _GRACE:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    return False


def _has_steps(trace: Trace) -> bool:
    return bool(trace.steps)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group: workers and background children outlive their parent otherwise."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _traces(directory: str) -> list[Trace]:
    found = []
    for name in sorted(os.listdir(directory)):
        if name.startswith("trace-") and name.endswith(".json"):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                found.append(msgspec.convert(json.load(file), Trace))  # json, not msgspec: NaN is a possible value
    return found


def _collect(directory: str, code: int, timed_out: bool, request: Request) -> Trace:
    """One trace out of those of all processes, with the outcome."""
    traces = _traces(directory)
    with_steps = [trace for trace in traces if trace.steps]
    if with_steps:
        best = merged(with_steps)
        message = f"the program failed after the observed steps:\n{best.message}" if best.outcome == "crashed" else ""
        return replace(best, outcome="ok", message=message)
    base = traces[0] if traces else Trace("no_step", "", "")
    if timed_out:
        return replace(base, outcome="timeout", message=f"time limit of {request.timeout:g} s{_location(directory)}")
    crash = next((trace for trace in traces if trace.outcome == "crashed"), None)
    if crash is not None:
        return replace(crash, message=crash.message)
    notes = [_read(directory, name) for name in sorted(os.listdir(directory)) if name.startswith("failure-")]
    if notes:
        return replace(base, outcome="crashed", message=f"the probe failed in the program's process: {notes[0]}")
    if code != 0:
        missing = _torch_missing(request)
        if missing and not traces:
            return replace(base, outcome="no_torch", message=missing)
        return replace(base, outcome="crashed", message=f"exit code {code} before the first step (its own messages are above)")
    return replace(base, outcome="no_step", message=_why_no_step(directory, traces))


def _why_no_step(directory: str, traces: list[Trace]) -> str:
    if not any(name.startswith("hello-") for name in os.listdir(directory)):
        return "the interpreter did not load the probe: PYTHONPATH is ignored under -I, -E and -S"
    if not traces:
        return "the program never imported torch"
    if any(trace.backwards for trace in traces):
        return "backward passes ran, but no optimizer stepped and no weight moved"
    return "no backward pass and no optimizer step"


def _torch_missing(request: Request) -> str:
    """Ask the Python that was run whether it has torch; only after a failure."""
    python = request.command[0]
    if "python" not in os.path.basename(python):
        return ""
    code = "import importlib.util as u, sys; sys.exit(7 if u.find_spec('torch') is None else 0)"
    answer = subprocess.run([python, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return f"{python} has no torch: install reglint where the training runs, or pip install torch" if answer.returncode == 7 else ""


def _location(directory: str) -> str:
    """The innermost line of the program's own code in the stacks that were dumped just before the limit."""
    for name in sorted(os.listdir(directory)):
        if not name.startswith("stacks-"):
            continue
        for line in _read(directory, name).splitlines():
            if (
                line.startswith("  File ")
                and "site-packages" not in line
                and _HERE not in line
                and f"{os.sep}lib{os.sep}python" not in line
            ):
                return f"; it was at {line.strip()}"
    return ""


def _read(directory: str, name: str) -> str:
    with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
        return file.read()
