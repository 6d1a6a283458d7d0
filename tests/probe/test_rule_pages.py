"""The programs of the rule pages under observation: the mistake is measured in bad.py and gone in good.py."""

from __future__ import annotations

import runpy
import warnings
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from reglint.probe import ProbeReport, watch

RULES = Path(__file__).parents[2] / "rules"

# Rules whose mistake one real run shows.
MEASURED = (
    "RGL101 RGL102 RGL103 RGL104 RGL105 RGL107 RGL108 RGL111 RGL112 RGL109 RGL113 RGL203 RGL204 RGL206 RGL208 RGL214 RGL301 RGL302 RGL303 "
    "RGL304 RGL401 RGL402 RGL403 RGL404 RGL405 RGL502 RGL503 RGL504"
).split()

# The update of the weights in bad.py and in good.py, where the two differ.
FORMULAS = {
    "RGL101": ("w ← w − 0.1·(∇L_data + 0.02·w + 0.01·w)", "w ← w − 0.1·(∇L_data + 0.01·w)"),
    "RGL103": ("w ← w − 0.1·(∇L_data + 0.01·w/‖w‖)", "w ← w − 0.1·(∇L_data + 0.02·w)"),
    "RGL104": ("w ← w − 0.1·(∇L_data)", "w ← w − 0.1·(∇L_data + 0.01·sign(w))"),
    "RGL106": ("w ← w − 0.1·(∇L_data + 0.00015625·sign(w))", "w ← w − 0.1·(∇L_data + 0.01·sign(w))"),
    "RGL107": ("w ← w − Adam[lr=0.001](∇L_data + 0.01·w)", "w ← 0.99999·w − AdamW[lr=0.001](∇L_data)"),
    "RGL111": ("w ← w − 0.1·(∇L_data + 30·w)", "w ← w − 0.1·(∇L_data + 0.3·w)"),
    "RGL112": ("w ← w − 0.1·(∇L_data + 0.02·w)", "w ← w − 0.1·(∇L_data + 0.01·w)"),
}


def observe(path: Path) -> ProbeReport:
    """Run a program in this process as `__main__`; it may end with an error, which is sometimes the point of the page."""
    torch.manual_seed(0)
    with watch(steps=3) as seen, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runpy.run_path(str(path), run_name="__main__")
    assert seen.report is not None and seen.report.trace.failures == ()
    return seen.report


def page(code: str) -> Path:
    """The folder of a rule; skips where the page is not written yet."""
    found = list(RULES.glob(f"{code}-*/bad.py"))
    if not found:
        pytest.skip(f"no page of {code}")
    return found[0].parent


@pytest.mark.parametrize("code", MEASURED)
def test_mistake_is_measured(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """bad.py shows the rule's mistake to the probe, good.py does not."""
    folder = page(code)
    assert observe(folder / "bad.py").has(code)
    assert not observe(folder / "good.py").has(code)


@pytest.mark.parametrize("code", FORMULAS)
def test_formula_is_measured(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The measured formulas of the two programs."""
    folder = page(code)
    measured = tuple(next(made.text() for _, made in observe(folder / f"{name}.py").all_formulas()) for name in ("bad", "good"))
    assert measured == FORMULAS[code]
