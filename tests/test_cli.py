"""The command line: exit codes, messages, options; nothing heavy is imported for --help."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from reglint.cli import main
from tests.fakes import FAKE_RULES, FakeProject

TORCH = "import torch\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line with the fake reader: exit code, standard output, standard error."""
    monkeypatch.setattr("reglint.engine._project", FakeProject)
    monkeypatch.setattr("reglint.engine.all_rules", lambda: FAKE_RULES)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def test_exit_codes(folder: Path, run: Run) -> None:
    """0 without findings or with notes, 1 with warnings, and what --fail-on and --exit-zero make of it."""
    (folder / "clean.py").write_text(TORCH)
    (folder / "note.py").write_text(TORCH + "x = 1  # bad RGL102\n")
    (folder / "warning.py").write_text(TORCH + "x = 1  # bad RGL101\n")
    assert run("clean.py")[0] == 0
    assert run("check", "note.py")[0] == 0
    assert run("note.py", "--fail-on", "note")[0] == 1
    assert run("warning.py")[0] == 1
    assert run()[0] == 1
    assert run("warning.py", "--fail-on", "error")[0] == 0
    assert run("warning.py", "--fail-on=never")[0] == 0
    assert run("--exit-zero", "warning.py")[0] == 0
    assert run("warning.py", "--ignore", "double-l2,RGL102")[0] == 0
    (folder / "reglint.toml").write_text('fail-on = "error"\n')
    assert run("warning.py")[0] == 0


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["gone.py"], "error: no such file or directory: gone.py"),
        (["chek", "."], "did you mean `reglint check`?"),
        (["--select", "RGL1O1"], "error: unknown rule `RGL1O1`; did you mean `RGL101`?"),
        (["--config", "gone.toml"], "gone.toml: cannot be read: no such file or directory"),
        (["--output-format", "xml"], "Invalid value for '--output-format'"),
        (["--selct", "x"], "No such option '--selct'"),
        (["--target-version", "new"], "must be a torch release"),
        (["--output-file", "no/such/file", "a.py"], "error: cannot write no/such/file: no such file or directory"),
        (["rule", "RGL1O1"], "unknown rule"),
        (["config", "gone"], "no such file or directory: gone"),
    ],
)
def test_wrong_usage(folder: Path, run: Run, argv: list[str], message: str) -> None:
    """Exit code 2 and a message of one or two lines; no traceback."""
    (folder / "a.py").write_text(TORCH)
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_broken_configuration(folder: Path, run: Run) -> None:
    """A broken file is named, exit code 2."""
    (folder / "pyproject.toml").write_text("[tool.reglint]\nselct = []\n")
    code, _, err = run(".")
    assert code == 2
    assert err == f"error: {folder}/pyproject.toml: unknown key `selct`; did you mean `select`?\n"


def test_unreadable_file(folder: Path, run: Run) -> None:
    """A file that cannot be opened is a note; the run goes on."""
    (folder / "a.py").symlink_to(folder / "nowhere")
    (folder / "b.py").write_text(TORCH + "x = 1  # bad RGL101\n")
    code, out, _ = run("a.py", "b.py", "--output-format", "concise")
    assert code == 1
    assert out.splitlines()[0] == "a.py:1:1  note[RGL900] cannot be read: no such file or directory"
    assert "b.py:2:1  warning[RGL101]" in out


def test_a_crash_of_a_check_is_exit_code_2(folder: Path, run: Run) -> None:
    """A bug in reglint is not to be mistaken for a clean file, nor hidden by --exit-zero."""
    (folder / "a.py").write_text(TORCH + "# broken check\n")
    code, out, _ = run("a.py", "--exit-zero")
    assert code == 2
    assert "RGL902" in out
    assert run("a.py", "--select", "RGL2")[0] == 0


def test_no_files(folder: Path, run: Run) -> None:
    """An empty folder is fine, but worth a word."""
    code, _, err = run(".")
    assert code == 0
    assert "no Python files found under ." in err


def test_stdin(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads standard input."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"import torch\nx = 1  # bad RGL101\n")))
    code, out, _ = run("-", "--stdin-filename", "sub/a.py", "--output-format", "concise")
    assert (code, out.split(" ")[0]) == (1, "sub/a.py:2:1")


def test_output_file_and_statistics(folder: Path, run: Run) -> None:
    """A report can go to a file; --statistics counts by rule."""
    (folder / "a.py").write_text(TORCH + "x = 1  # bad RGL101\ny = 2  # bad RGL101, bad RGL201\n")
    assert run("a.py", "--output-format", "json", "-o", "out.json")[:2] == (1, "")
    assert len(json.loads((folder / "out.json").read_text())["findings"]) == 3
    assert run("a.py", "--statistics")[1] == "2  RGL101  double-l2\n1  RGL201  deprecated-reduction-argument\n"


def test_colour(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """None in a pipe; --color, FORCE_COLOR and NO_COLOR have their say in this order of strength."""
    (folder / "a.py").write_text(TORCH + "x = 1  # bad RGL101\n")
    assert "\x1b" not in run("a.py")[1]
    assert "\x1b" in run("a.py", "--color", "always")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in run("a.py")[1]
    assert "\x1b" not in run("a.py", "--color", "never")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("a.py")[1]


def test_quiet_and_verbose(folder: Path, run: Run) -> None:
    """--quiet leaves the findings only, --verbose says what was done on standard error."""
    (folder / "a.py").write_text(TORCH)
    assert run("a.py")[1] == "no findings in 1 file (1 with training code)\n"
    assert run("a.py", "--quiet")[1:] == ("", "")
    assert "1 files, 1 analysed" in run("a.py", "--verbose")[2]


def test_config_command(folder: Path, run: Run) -> None:
    """`reglint config` shows what holds and where it comes from."""
    (folder / "reglint.toml").write_text('select = ["RGL1"]\n')
    shown = json.loads(run("config", "--output-format", "json")[1])
    assert (shown["select"], shown["files"]) == (["RGL1"], [str(folder / "reglint.toml")])
    assert 'select             ["RGL1"]' in run("config")[1]


def test_rules_commands(run: Run) -> None:
    """The table and a page, also as data."""
    assert "RGL900  unparsable-file" in run("rules")[1]
    assert "RGL900" in [entry["code"] for entry in json.loads(run("rules", "--output-format", "json")[1])]
    assert "What it does\n------------" in run("rule", "unparsable-file")[1]
    assert json.loads(run("rule", "rgl900", "--output-format", "json")[1])["name"] == "unparsable-file"


def test_a_bug_is_one_message(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever escapes is two lines and exit code 2."""
    monkeypatch.setattr("reglint.engine.survey_files", lambda *a, **k: 1 / 0)
    code, _, err = run(".")
    assert code == 2
    assert err.startswith("error: internal error: ZeroDivisionError") and "Traceback" not in err


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    for name in ("multiprocessing", "yaml", "msgspec", "signal"):  # names that reglint or its dependencies import as well
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the code under analysis ran')\n")
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    argv = [sys.executable, "-m", "reglint", "check", "--isolated", "--no-cache", "--jobs", "2", "."]
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    argv = ["sh", "-c", f"mkdir gone && cd gone && rmdir ../gone && exec {sys.executable} -m reglint --version"]
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:8]) == (0, "reglint "), done.stderr


def test_interrupt(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is one word and exit code 130."""

    def interrupt(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reglint.engine.survey_files", interrupt)
    assert run(".")[::2] == (130, "\ninterrupted\n")


def python(*argv: str, **options: object) -> subprocess.Popen[bytes]:
    """A Python process with the project on its path."""
    top = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": top}
    return subprocess.Popen(
        [sys.executable, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        preexec_fn=_interruptible,
        **options,  # type: ignore[call-overload]
    )


def _interruptible() -> None:
    """A shell starts what runs in the background with interrupts ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


DRIVER = """
import sys
import reglint.engine
from tests.fakes import FAKE_RULES, FakeProject
reglint.engine._project, reglint.engine.all_rules, reglint.engine._WORTH_A_POOL = FakeProject, lambda: FAKE_RULES, 0
from reglint.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_closed_pipe(folder: Path) -> None:
    """Who reads only the first line gets no traceback from us."""
    (folder / "a.py").write_text(TORCH + "x = 1  # bad RGL101\n" * 5000)
    process = python("-c", DRIVER, "a.py", cwd=folder)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1
    process.stderr.close()


def test_ctrl_c_ends_the_workers_too(folder: Path) -> None:
    """An interrupt while workers are busy: no traceback, no process left behind."""
    for name in ("a.py", "b.py"):
        (folder / name).write_text(TORCH + "# hang!\n")
    code = DRIVER.replace("FakeProject, lambda", "Started, lambda")
    started = """
import os
class Started(FakeProject):
    def read(self, path):
        os.write(1, b'.')
        return super().read(path)
"""
    code = code.replace("reglint.engine._project,", started + "reglint.engine._project,")
    process = python("-c", code, ".", "--jobs", "2", cwd=folder)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.read(2) == b".."
    process.send_signal(signal.SIGINT)
    assert process.stderr.read() == b"\ninterrupted\n"  # ends only when every worker, too, has closed it
    assert process.wait() == 130
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_imports(option: str) -> None:
    """Help and version need click alone."""
    code = f"""
import sys
from reglint.cli import main
main(['{option}'])
heavy = {{'libcst', 'torch', 'yaml', 'msgspec', 'pathspec', 'numpy', 'reglint.engine', 'reglint.checks', 'reglint.config'}}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    process = python("-c", code)
    _, err = process.communicate()
    assert err.decode().strip() == "[]"


def test_the_analyser_imports_no_torch() -> None:
    """Nothing of what `check` needs pulls in torch or the probe."""
    code = """
import sys
import reglint.commands, reglint.engine, reglint.report.text, reglint.api
print([name for name in sys.modules if name.split('.')[0] in ('torch', 'numpy') or name.startswith('reglint.probe')])
"""
    out, _ = python("-c", code).communicate()
    assert out.decode().strip() == "[]"
