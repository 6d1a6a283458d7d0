"""What `reglint formula` prints: the predicted steps, as text or JSON."""

from __future__ import annotations

import json

from reglint.step import formula
from reglint.step.model import StepModel


def render_text(steps: tuple[StepModel, ...]) -> str:
    """One paragraph per step, or a line that says there is none."""
    if not steps:
        return "no training step found\n"
    return "\n\n".join(formula.render(step).rstrip("\n") for step in steps) + "\n"


def render_json(steps: tuple[StepModel, ...]) -> str:
    """All steps as one JSON object."""
    data = {"schema_version": 1, "steps": [formula.to_json(step) for step in steps]}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
