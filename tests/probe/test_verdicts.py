"""Verdicts: when a measurement confirms or refutes what the reader said, and when it has to leave it open."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from reglint.checks import all_rules
from reglint.findings import Finding, Level
from reglint.probe import ProbeReport
from reglint.probe.observed import JUDGED, MEASURED_ONLY
from reglint.probe.verdict import judge
from reglint.source import Span

from .programs import Net, observe, squares, train
from .programs import ce as data_loss

HERE = Path(__file__).relative_to(Path.cwd()).as_posix() if Path(__file__).is_relative_to(Path.cwd()) else Path(__file__).as_posix()


def run() -> ProbeReport:
    """Two steps of SGD with a decay and a penalty."""
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3)
    return observe(lambda: train(model, optimizer, lambda m, d: data_loss(m, d) + 1e-3 * squares(m)))


def said(code: str, row: int, path: str = HERE) -> Finding:
    """A finding of the reader."""
    return Finding(code, "name", Level.WARNING, "message", Span(path, row, 1, row, 2))


def test_statuses() -> None:
    """By the place of the penalty in this file."""
    report = run()
    row = run.__code__.co_firstlineno + 4
    statuses = {}
    for finding in (said("RGL101", row), said("RGL103", row), said("RGL206", row), said("RGL301", row), said("RGL101", 1, "other.py")):
        verdict = judge(report, finding)
        assert verdict is not None and verdict.because
        statuses[finding.code, finding.span.path == HERE] = verdict.status
    assert statuses == {
        ("RGL101", True): "confirmed",
        ("RGL103", True): "refuted",
        ("RGL206", True): "inconclusive",
        ("RGL301", True): "not_reached",
        ("RGL101", False): "not_reached",
    }


def test_spelling_is_not_judged() -> None:
    """No step decides how an argument is spelled."""
    assert judge(run(), said("RGL201", 1)) is None


def test_without_a_step_nothing_is_reached() -> None:
    """No step, no verdict."""
    verdict = judge(observe(lambda: None), said("RGL101", 1))
    assert verdict is not None and verdict.status == "not_reached"


def test_rules_without_a_check_are_known() -> None:
    """Whatever the probe speaks for is registered, or is named and graded here because nothing but a measurement decides it."""
    assert JUDGED - {rule.code for rule in all_rules()} <= set(MEASURED_ONLY)
    assert not set(MEASURED_ONLY) & {rule.code for rule in all_rules()}
