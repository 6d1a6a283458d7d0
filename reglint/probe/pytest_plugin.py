"""A pytest fixture that measures the update of a model and asserts what it is.

    def test_biases_are_not_decayed(assert_update):
        model = Net()
        optimizer = build_optimizer(model)
        assert_update(model, optimizer, loss_fn, batch, decay={"*.bias": 0, "*": 0.01})

`decay` maps name patterns to the strength in front of w, everything included (weight_decay of either kind, L2 penalties
in the loss, edits of gradients); the first pattern that matches a parameter counts. `formula` maps patterns to the whole
formula without sources, `w ← w − 0.1·(∇L_data + 1·w)`; `absent` are rule codes that must not be found. The training state
is as before afterwards. Importing this module does not import torch.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from reglint.probe.report import ProbeReport  # not at run time: every pytest run of every user imports this module

_RELATIVE = 1e-4  # what a penalty measured in float32 shows


@pytest.fixture
def assert_update() -> Callable[..., ProbeReport]:
    """Measure one training step of (model, optimizer, loss_fn, batch) and assert its update; returns the ProbeReport.

    Keywords: `decay`, `formula`, `absent` (see the module), and those of `reglint.probe.probe_step`.
    """

    def check(
        model: Any,
        optimizer: Any,
        loss_fn: Any = None,
        batch: Any = None,
        *,
        decay: Mapping[str, float] | None = None,
        formula: Mapping[str, str] | None = None,
        absent: Iterable[str] = (),
        **options: Any,
    ) -> ProbeReport:
        from reglint.probe.api import probe_step  # torch is needed from here on

        report = probe_step(model, optimizer, loss_fn, batch, **options)
        wrong = [*_wrong_decays(report, decay or {}), *_wrong_formulas(report, formula or {})]
        wrong += [f"{f.code} {f.message}" for f in report.findings if f.code in set(absent)]
        if wrong:
            pytest.fail("\n".join([*wrong, "", "measured:", report.text()]), pytrace=False)
        return report

    return check


def _wrong_decays(report: ProbeReport, decay: Mapping[str, float]) -> Iterable[str]:
    names = report.names()
    yield from _unmatched(names, decay)
    for name in names:
        wanted = next((value for pattern, value in decay.items() if fnmatch.fnmatchcase(name, pattern)), None)
        if wanted is None:
            continue
        found = report.decay(name)
        if abs(found - wanted) > _RELATIVE * max(abs(wanted), abs(found)):
            yield f"{name}: decay {found:g}, expected {wanted:g}"


def _wrong_formulas(report: ProbeReport, formula: Mapping[str, str]) -> Iterable[str]:
    names = report.names()
    yield from _unmatched(names, formula)
    for name in names:
        wanted = next((value for pattern, value in formula.items() if fnmatch.fnmatchcase(name, pattern)), None)
        if wanted is not None and report.formula(name, sources=False) != wanted:
            yield f"{name}: {report.formula(name, sources=False)}, expected {wanted}"


def _unmatched(names: tuple[str, ...], patterns: Iterable[str]) -> Iterable[str]:
    """A pattern that matches nothing is a mistake of the test, or of the model."""
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(name, pattern) for name in names):
            yield f"{pattern!r} matches no parameter that was updated: {', '.join(names[:8])}"
