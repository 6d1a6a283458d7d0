"""One observation from start to end: recorder, watcher and patches together."""

# mypy: disable-error-code="no-untyped-call"
# (torch leaves some of its functions unannotated)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from reglint.probe.account import Account
from reglint.probe.facts import Trace
from reglint.probe.patches import Patches
from reglint.probe.recorder import Recorder
from reglint.probe.watcher import Watcher


class Session:
    """Observe this process. `on_enough` is called from inside the program's own optimizer step after the last observed one."""

    def __init__(self, steps: int = 2, on_enough: Callable[[], None] | None = None) -> None:
        self.recorder = Recorder(steps, on_enough)
        self.watcher = Watcher(self.recorder)
        self.patches = Patches(self.recorder, self.watcher)
        self.installed = False

    def start(self) -> None:
        """Install the hooks."""
        self.patches.install()
        self.installed = True

    def stop(self) -> None:
        """Take the hooks off; once is enough, twice does no harm."""
        if self.installed:
            self.installed = False
            self.patches.remove()

    def know(self, *things: Any) -> None:
        """Announce models and optimizers that were made before the observation began."""
        for thing in things:
            if isinstance(thing, nn.Module):
                self.watcher.roots.append(thing)
                self.recorder.labels[id(thing)] = type(thing).__name__.lower()
            elif thing is not None:
                self.recorder.saw_optimizer(thing, None)

    def trace(self, outcome: str = "ok", message: str = "", *, stop: bool = True) -> Trace:
        """What was measured. Runs the laboratory; the program's random streams are left as they were.

        `stop` False leaves the hooks on, for what may still be seen.
        """
        if stop:
            self.stop()
        with self.recorder.guarded():
            self.recorder.notice_manual_update(None)
        made: list[Trace] = []
        with self.recorder.guarded():
            made.append(Account(self.recorder, self.watcher).trace(outcome, message))
        if made:
            return made[0]
        return Trace("crashed", "", "", message="the probe failed", failures=tuple(self.recorder.failures))
