"""RGL105: `p.grad = …` throws the data gradient away."""

from __future__ import annotations

from collections.abc import Iterator

from reglint.checks import Rule, rule
from reglint.findings import Finding, Level
from reglint.step.trace import AttributeSet, Backward, GradientHook, Stepped, Trace


@rule("RGL105", "gradient-overwritten", Level.ERROR, "assigning .grad throws the data gradient away", since="0.1.0", reads="trace")
def check(rule: Rule, trace: Trace) -> Iterator[Finding]:
    """An assignment of something made of the parameter alone, in a backward hook or between backward() and step()."""
    hooks: list[str] = []
    pending = False
    for index, event in enumerate(trace.events):
        if isinstance(event, GradientHook):
            if event.entering:
                hooks.append(event.kind)
            else:
                hooks.pop()
        elif isinstance(event, Backward):
            pending = True
        elif isinstance(event, Stepped):
            pending = False
        elif isinstance(event, AttributeSet) and event.name == "grad" and event.from_parameter_alone and not event.augmented:
            in_hook = bool(hooks) and "backward" in hooks[-1]
            steps = any(isinstance(e, Stepped) for e in trace.events[index:])
            if not in_hook and not (pending and steps):
                continue  # before backward(), or nothing steps: no data gradient is there to be lost
            where = "in a backward hook" if in_hook else "between backward() and step()"
            message = f"assigning .grad {where} replaces the data gradient"
            yield rule.finding(event.place.span, message, help="add to it: p.grad = p.grad + …, or p.grad.add_(…)")
