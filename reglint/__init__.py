"""reglint says what update the parameters really get: a static analyser and a one-step probe for PyTorch training code.

The public API; everything is imported when first used, so that `import reglint` costs nothing:

    check_paths(paths, ...) -> Report         lint files and folders
    predict(paths) -> tuple[StepModel, ...]   the training steps found, without running anything
    probe_script, probe_step, watch           measure real steps (needs torch): see reglint.probe
    Finding, Report, UpdateFormula, ReglintError
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["Finding", "ReglintError", "Report", "UpdateFormula", "check_paths", "predict", "probe_script", "probe_step", "watch"]

if TYPE_CHECKING:
    from reglint.api import check_paths, predict
    from reglint.errors import ReglintError
    from reglint.findings import Finding, Report
    from reglint.probe import probe_script, probe_step, watch
    from reglint.step.formula import UpdateFormula

_HOMES = {
    "Finding": "reglint.findings",
    "ReglintError": "reglint.errors",
    "Report": "reglint.findings",
    "UpdateFormula": "reglint.step.formula",
    "check_paths": "reglint.api",
    "predict": "reglint.api",
    "probe_script": "reglint.probe",
    "probe_step": "reglint.probe",
    "watch": "reglint.probe",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
