"""`reglint probe`: options, formats, exit codes, verdicts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "scripts"


def reglint(*args: str, cwd: Path = SCRIPTS) -> subprocess.CompletedProcess[str]:
    """Run the command line from the folder of the scripts."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from reglint.cli import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", code, "probe", *args], capture_output=True, text=True, cwd=cwd, check=False)


def test_full_report() -> None:
    """Formula, residual, verdict and finding on standard output; the warning and the script's prints on standard error."""
    done = reglint("double.py", "--wd", "1e-3")
    assert done.returncode == 1, done.stderr
    assert "w ← w − SGD(momentum 0.9)[lr=0.1](∇L_data + 0.0002·w [double.py:22] + 0.001·w [weight_decay])" in done.stdout
    assert "explained: residual" in done.stdout and "rounding allows" in done.stdout
    assert "double.py:22  RGL101 confirmed: measured: " in done.stdout and "double.py:22:13  warning[RGL101]" in done.stdout
    assert "the program is executed now" in done.stderr and "argv ['--wd', '1e-3']" in done.stderr and "argv" not in done.stdout


def test_json_report(tmp_path: Path) -> None:
    """One JSON object, in a file where asked for; --fail-on never is exit code 0."""
    out = tmp_path / "report.json"
    done = reglint("--output-format", "json", "-o", str(out), "--fail-on", "never", "--steps", "1", "double.py")
    assert done.returncode == 0 and done.stdout == ""
    made = json.loads(out.read_text())
    assert made["outcome"] == "ok" and made["device"] == "cpu"
    assert [(t["kind"], t["coefficient"]) for t in made["steps"][0]["groups"][0]["terms"]] == [
        ("data", 1.0),
        ("l2_penalty", 0.0002),
        ("coupled_decay", 0.0005),
    ]
    assert {"code": "RGL101", "status": "confirmed"}.items() <= next(v for v in made["verdicts"] if v["code"] == "RGL101").items()


def test_refuted(tmp_path: Path) -> None:
    """Run with --wd 0 there is no double L2, whatever the default says: exit code 0."""
    done = reglint("double.py", "--wd", "0")
    assert "RGL101 refuted: the measured update does not show it" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("ends.py", "error"), "crashed: "),
        (("ends.py", "exit"), "no_step: "),
        (("missing.py",), "no such script: missing.py"),
        ((), "nothing to run"),
        (("--", "no-such-command", "x"), "cannot run no-such-command"),
    ],
)
def test_exit_code_two(args: tuple[str, ...], text: str) -> None:
    """No step observed, or wrong usage."""
    done = reglint(*args)
    assert done.returncode == 2 and text in done.stdout + done.stderr
    assert "reglint/probe" not in done.stderr


def test_suppressions_hold(tmp_path: Path) -> None:
    """A comment silences the measured finding as it does the predicted one."""
    text = (SCRIPTS / "double.py").read_text().replace("squares(model)\n", "squares(model)  # reglint: ignore[double-l2] -- meant\n")
    (tmp_path / "double.py").write_text(text)
    (tmp_path / "loop.py").write_text((SCRIPTS / "loop.py").read_text())
    done = reglint("double.py", cwd=tmp_path)
    assert done.returncode == 0 and "RGL101" not in done.stdout and "0.0002·w" in done.stdout


def test_commands(tmp_path: Path) -> None:
    """A whole command line: an interpreter by its path with options; one that ignores the probe is told apart."""
    script = tmp_path / "train.py"
    script.write_text("import torch\nw = torch.ones(2, requires_grad=True)\nw.sum().backward()\n")
    done = reglint("--", sys.executable, "-u", str(script))
    assert done.returncode == 2 and "no weight moved" in done.stdout
    done = reglint("--", sys.executable, "-I", str(script))
    assert done.returncode == 2 and "PYTHONPATH is ignored under -I, -E and -S" in done.stdout


def test_no_torch(tmp_path: Path) -> None:
    """A Python without torch is told from a program that fails."""
    script = tmp_path / "train.py"
    script.write_text("import torch\n")
    without = tmp_path / "without"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(without)], check=True)
    done = reglint("--", str(without / "bin" / "python"), str(script))
    assert done.returncode == 2 and "no_torch: " in done.stdout and "has no torch" in done.stdout


def check(*args: str, cwd: Path = SCRIPTS) -> subprocess.CompletedProcess[str]:
    """Run `reglint check` from the folder of the scripts."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from reglint.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", code, "check", "--isolated", *args]
    return subprocess.run(words, capture_output=True, text=True, cwd=cwd, check=False)


def test_check_verified(tmp_path: Path) -> None:
    """A refuted finding is still shown, and fails nothing; run as predicted it is confirmed and fails; nothing is cached."""
    cached = ("--cache-dir", str(tmp_path), "double.py")
    assert check(*cached).returncode == 1
    for _ in range(2):
        refuted = check("--verify", "double.py --wd 0", *cached)
        assert refuted.returncode == 0, refuted.stderr
        assert "RGL101] " in refuted.stdout and "(refuted)" in refuted.stdout
        assert "refuted: the measured update does not show it: w ← w" in refuted.stdout
        assert "the program is executed now" in refuted.stderr and "argv" not in refuted.stdout
    confirmed = check("--verify", "double.py --wd 1e-3", "--output-format", "concise", *cached)
    assert confirmed.returncode == 1 and "(confirmed)" in confirmed.stdout


def test_unverified_findings_fail() -> None:
    """Where no step is observed nothing is refuted, and the reason is said."""
    done = check("--verify", "ends.py error", "--no-cache", "double.py")
    assert done.returncode == 1 and "(not reached)" in done.stdout and "crashed: " in done.stderr
    done = check("--verify", "double.py", "--fix", "double.py")
    assert done.returncode == 2 and "leave out --fix" in done.stderr
    assert check("--verify", "missing.py", "--no-cache", "double.py").returncode == 2


def test_fail_on() -> None:
    """What was measured fails by its level; a refuted warning fails nothing, though a measured note does where notes fail."""
    assert reglint("--fail-on", "error", "double.py", "--wd", "1e-3").returncode == 0
    done = reglint("--fail-on", "note", "--quiet", "double.py", "--wd", "0")
    assert done.returncode == 1 and "RGL101 refuted" in done.stdout and "note[RGL112]" in done.stdout and "warning" not in done.stdout
