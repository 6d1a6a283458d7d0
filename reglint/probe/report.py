"""What the probe says: measured steps, findings, verdicts; as text and as JSON. No torch here."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reglint.checks import all_rules
from reglint.findings import Finding
from reglint.probe.facts import MemberFact, Trace
from reglint.probe.measured import Measured, measured_steps
from reglint.probe.observed import observed_findings
from reglint.probe.silence import unsuppressed
from reglint.step.formula import Style, UpdateFormula, formulas, to_json

_ABSENT: tuple[int | None, MemberFact | None] = (None, None)
_ROLES = {"prelu": "other", "scale": "other"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the probe says of a finding of the reader: confirmed, refuted, not_reached or inconclusive, and why."""

    code: str
    path: str
    row: int
    status: str
    because: str


@dataclass(frozen=True)
class ProbeReport:
    """The result of one observation. `directory` is what paths are shown relative to."""

    trace: Trace
    directory: str
    verdicts: tuple[Verdict, ...] = ()
    refuted: frozenset[tuple[str, str, int]] = field(default_factory=frozenset)

    @property
    def outcome(self) -> str:
        """ok, no_step, crashed, timeout or no_torch."""
        return self.trace.outcome

    @cached_property
    def steps(self) -> tuple[Measured, ...]:
        """The measured step of each optimizer."""
        return measured_steps(self.trace, self.directory)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the rules say about the measured steps, and what was seen besides, by place."""
        found: list[Finding] = []
        for rule in all_rules():
            if rule.reads in ("step", "both"):
                for step in self.steps:
                    found += rule.check(step.model)
        found += observed_findings(self.trace, self.directory)
        found = list(unsuppressed(found, self.directory))
        filters = {(f.span.path, f.span.row) for f in found if f.code == "RGL109"}
        found = [f for f in found if f.code != "RGL102" or (f.span.path, f.span.row) not in filters]  # where 109 speaks, 102 is silent
        unique = {(f.code, f.span.path, f.span.row, f.message if f.code == "RGL302" else ""): f for f in reversed(found)}
        return tuple(sorted(unique.values(), key=lambda f: (f.span.path, f.span.row, f.code, f.message)))

    def has(self, code: str) -> bool:
        """Was this rule's mistake measured?"""
        return any(finding.code == code for finding in self.findings)

    def formula(self, parameter: str = "*", sources: bool = True) -> str:
        """The measured update of the first parameter whose name matches a pattern. Raises KeyError where none does."""
        for _, made in self.all_formulas():
            if any(fnmatch.fnmatchcase(name, parameter) for name in made.parameters):
                return made.text(sources=sources)
        raise KeyError(f"no measured parameter matches {parameter!r}")

    def all_formulas(self) -> Iterable[tuple[Measured, UpdateFormula]]:
        """Every distinct formula with its step."""
        for step in self.steps:
            for group in step.model.optimizer.groups:
                for made in formulas(step.model, group):
                    yield step, made

    def decay(self, parameter: str) -> float:
        """All that pulls a parameter towards zero in proportion to itself: coupled, decoupled and L2 penalties, in front of w."""
        kinds = ("l2_penalty", "coupled_decay", "decoupled_decay")
        for _, made in self.all_formulas():
            if parameter in made.parameters:
                terms = [*made.terms, *made.change.added]
                return sum(term.coefficient.value or 0.0 for term in terms if term.kind in kinds)
        raise KeyError(f"no measured parameter is called {parameter!r}")

    def names(self) -> tuple[str, ...]:
        """The measured parameters, in the order of their groups."""
        return tuple(name for _, made in self.all_formulas() for name in made.parameters)

    def member(self, parameter: str) -> MemberFact:
        """What happened to one parameter in the measured step of its optimizer. Raises KeyError."""
        for step in self.steps:
            for group in step.fact.groups:
                for member in group.members:
                    if member.name == parameter:
                        return member
        raise KeyError(f"no measured parameter is called {parameter!r}")

    def to_json(self) -> dict[str, Any]:
        """The documented form of `probe --output-format json`."""
        from reglint.report.json import finding_dict

        return {
            "schema_version": 1,
            "outcome": self.outcome,
            "torch": self.trace.torch or None,
            "device": self.trace.device or None,
            "message": self.trace.message or None,
            "steps": [_step_json(step) for step in self.steps],
            "parameters": list(self._parameters()),
            "findings": [finding_dict(finding) for finding in self.findings],
            "verdicts": [{"code": v.code, "path": v.path, "row": v.row, "status": v.status, "because": v.because} for v in self.verdicts],
            "limits": [*self.trace.limits, *self.trace.failures],
        }

    def _parameters(self) -> Iterable[Mapping[str, Any]]:
        members: dict[str, tuple[int | None, MemberFact | None]] = {}
        for step in self.steps:
            for index, part in enumerate(step.fact.groups):
                members.update({m.name: (index, m) for m in part.members if m.name not in members})
        decays = {name: made for _, made in self.all_formulas() for name in made.parameters}
        for fact in self.trace.parameters:
            group, member = members.get(fact.name, _ABSENT)
            made = decays.get(fact.name)
            yield {
                "name": fact.name,
                "role": _ROLES.get(fact.role, fact.role),
                "group": group,
                "before_norm": member.before_norm if member else fact.norm,
                "after_norm": member.after_norm if member else fact.norm,
                "effective_decay": self.decay(fact.name) if made else 0.0,
                "decay_kind": str(made.group.decay) if made else "none",
                "moved": member.moved if member else False,
                "gradient": member.gradient if member else "none",
            }

    def text(self, style: Style = "unicode") -> str:
        """What people read: outcome, formulas with residual and floor, remarks."""
        from reglint.probe.text import render

        return render(self, style)


def _step_json(step: Measured) -> dict[str, Any]:
    return {
        **to_json(step.model),
        "number": step.fact.number,
        "residual": step.residual,
        "floor": step.floor,
        "verdict": explained(step),
        "alternatives": [] if step.without_decay is None else [{"what": "weight_decay 0", "residual": step.without_decay}],
        "remarks": list(step.remarks),
    }


def explained(step: Measured) -> str:
    """`explained` where the replayed update agrees to rounding, `unexplained` where it does not, else `inconclusive`."""
    kinds = {member.law.kind for group in step.fact.groups for member in group.members}
    changes = {member.change.kind for group in step.fact.groups for member in group.members}
    either = any(member.change.signed is not None for group in step.fact.groups for member in group.members)
    if "unknown" in kinds or "normalised" in kinds or "unexplained" in changes or either:
        return "inconclusive"
    if step.gap is None:
        return "not replayed"
    return "explained" if step.gap <= 1.0 else "unexplained"
