"""The dynamic witness: real training steps under observation, and the update formula that they follow.

    with reglint.watch(model, optimizer) as seen: ...      around a training loop of one's own
    probe_step(model, optimizer, loss_fn, batch)            one step that leaves no trace
    probe_script("train.py", ["--epochs", "1"])             an unmodified script in a process of its own
    reglint probe train.py --epochs 1                       the same from the command line

Importing this package does not import torch; the first two functions need it in this process, the others in the child.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reglint.probe.api import probe_step, watch
    from reglint.probe.launch import probe_script
    from reglint.probe.report import ProbeReport

__all__ = ["ProbeReport", "probe_script", "probe_step", "watch"]

_HOMES = {
    "ProbeReport": "reglint.probe.report",
    "probe_script": "reglint.probe.launch",
    "probe_step": "reglint.probe.api",
    "watch": "reglint.probe.api",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
