"""What makes reglint fast, as properties that hold or do not; nothing here is timed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reglint.config import Overrides
from reglint.engine import Request, check
from reglint.findings import Report
from reglint.reader import reach, signs
from reglint.reader.outline import Outline, outline
from reglint.reader.signs import Sign
from reglint.reader.tree import parse
from reglint.source import SourceFile

TOP = Path(__file__).parent.parent
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"


def found(folder: Path, triage: bool) -> list[tuple[object, ...]]:
    """(path, cell, row, column, code) of all findings in a folder."""
    overrides = Overrides({"select": ("ALL",), "jobs": 1}, isolated=True)
    report: Report = check(Request((str(folder),), overrides, str(TOP), triage=triage))
    return [(f.span.path, f.span.cell, f.span.row, f.span.column, f.code) for f in report.findings]


FOLDERS = sorted(p for parent in ("tests/rules", "rules") for p in (TOP / parent).iterdir() if p.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: p.name)
def test_triage_loses_nothing(folder: Path) -> None:
    """The findings in the cases and pages of every rule are the same when everything is evaluated."""
    assert found(folder, triage=True) == found(folder, triage=False)


def signs_of(text: str, name: str) -> int:
    """What one unit of a file reaches within the file."""
    source = SourceFile.of("a.py", "/a.py", text)
    made: Outline = outline(source, parse(source))
    return reach.Reach(lambda path: made if path == "/a.py" else None, lambda *_: None).near("/a.py", name)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("def f(x):\n    return F.dropout(x)\n", Sign.LOCAL),
        ("from torch.nn.functional import dropout as drop\ndef f(x):\n    return drop(x)\n", Sign.LOCAL),
        ("def f(x, **kw):\n    return g(x)\ndef g(x):\n    x.backward()\n", Sign.BACKWARD),
        ("from torch.optim import SGD as Descent\ndef f(p):\n    return Descent(p)\n", Sign.BUILDS),
        ("import torch.optim as O\ndef f(p):\n    return O.Adam(p)\n", Sign.BUILDS),
        ("def f(p):\n    return getattr(torch.optim, p.name)(p)\n", Sign.BUILDS),
        ("class f(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = [nn.Linear(1, 1)]\n", Sign.LOCAL),
        ("def f(x):\n    return TABLE[x](x)\nTABLE = {}\nTABLE['a'] = nn.NLLLoss()\n", Sign.PROBABILITY_LOSS),
    ],
)
def test_signs_see_through_names(text: str, sign: int) -> None:
    """Aliases, tables and callees do not hide a word."""
    assert signs_of(HEAD + text, "f") & sign == sign


@pytest.mark.parametrize(
    "body",
    [
        "return F.dropout(x, 0.5, training=self.training)",
        "return F.scaled_dot_product_attention(x, x, x, dropout_p=self.p if self.training else 0.0)",
        '"""About backward() and optim."""\n    return x  # loss.backward(), then optim.SGD',
        "return checkpoint(x, save_for_backward=x.grad_checkpointing)",
    ],
)
def test_signs_are_not_everywhere(body: str) -> None:
    """What cannot lead to a finding is not evaluated: gated dropout, words in comments and docstrings, look-alikes."""
    assert not signs.suffices(signs_of(f"{HEAD}def f(self, x):\n    {body}\n", "f"), (*signs.NEEDS, *signs.OWN))


def modules_after(*argv: str) -> set[str]:
    """What a command line leaves imported."""
    code = f"import sys; sys.argv = ['reglint', *{argv!r}]\nfrom reglint.__main__ import main\nmain()\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_imports_little() -> None:
    """--help and --version need the command line and nothing else of reglint."""
    for argv in (("--help",), ("--version",)):
        loaded = modules_after(*argv)
        assert not loaded & {"libcst", "torch", "reglint.engine", "reglint.checks", "reglint.reader", "tomllib"}


def test_a_repeated_run_imports_nothing(tmp_path: Path) -> None:
    """The cache answers without the reader, the rules, click or the configuration."""
    (tmp_path / "a.py").write_text("import torch\n")
    argv = ("check", str(tmp_path), "--isolated", "-q", "--cache-dir", str(tmp_path / "cache"))
    modules_after(*argv)
    assert {name for name in modules_after(*argv) if name.startswith("reglint")} == {"reglint", "reglint.__main__", "reglint.cache"}


def test_no_libcst_on_the_way() -> None:
    """Linting never imports libcst."""
    assert "libcst" not in modules_after("check", "rules/RGL101-double-l2", "--isolated", "-q", "--no-cache")
