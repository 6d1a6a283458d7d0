"""Fixes: what they change and what they leave alone, on the command line and in memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from reglint.cli import main
from reglint.edits import Doubt, ensure_sound, replaced, rewrite
from reglint.findings import Edit, FileError, Finding, Fix, Level, Report, Safety
from reglint.fixer import PASSES, Change, fix, write
from reglint.source import SourceFile, Span

OLD = "import torch.nn as nn\ncriterion = nn.MSELoss(size_average=False)\n"
NEW = 'import torch.nn as nn\ncriterion = nn.MSELoss(reduction="sum")\n'
UNSAFE = "import torch.nn as nn\ncriterion = nn.KLDivLoss()\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(folder: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command line: exit code, standard output, standard error."""

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return call


def edit(row: int, column: int, end_column: int, content: str, path: str = "a.py") -> Edit:
    """An edit on one row."""
    return Edit(Span(path, row, column, row, end_column), content)


def test_fix_writes_and_exits_with_what_is_left(folder: Path, run: Run) -> None:
    """`--fix` applies safe fixes; the exit code is that of the findings that remain."""
    (folder / "a.py").write_text(OLD)
    (folder / "b.py").write_text(UNSAFE)
    code, out, err = run("--fix", ".")
    assert (folder / "a.py").read_text() == NEW
    assert (folder / "b.py").read_text() == UNSAFE
    assert code == 1 and "RGL205" in out and "RGL201" not in out
    assert err == "fixed 1 finding in 1 file (RGL201); 1 more with --unsafe-fixes, which change the numbers\n"
    code, out, err = run("--fix", "--unsafe-fixes", "b.py")
    assert code == 0 and "batchmean" in (folder / "b.py").read_text() and err.startswith("fixed 1 finding in 1 file (RGL205)\n")
    assert run("--fix", ".")[2] == "nothing fixed\n"


@pytest.mark.parametrize(
    ("body", "fixed"),
    [
        ("nn.Linear(3, 5)(x), dim=1", True),
        ("nn.Conv2d(3, 5, 1)(x) / 4, dim=1", False),
        ("F.interpolate(x), dim=1", False),
        ("x, dim=2", False),
    ],
)
def test_a_fix_that_is_right_for_inputs_of_two_dimensions(folder: Path, run: Run, body: str, fixed: bool) -> None:
    """Over maps "batchmean" would add up all positions: it is neither written nor named where these are shown."""
    head = "import torch.nn as nn\nimport torch.nn.functional as F\n"
    (folder / "a.py").write_text(f"{head}def loss(x, target):\n    return F.kl_div(F.log_softmax({body}), target)\n")
    found = run("a.py")[1]
    assert "RGL205" in found and ("batchmean" in found) is fixed
    run("--fix", "--unsafe-fixes", "a.py")
    assert ("batchmean" in (folder / "a.py").read_text()) is fixed


def test_what_could_be_fixed_is_said_once(folder: Path, run: Run) -> None:
    """Without `--fix` the last line says what it would do; with it, its own line does, and formats for programs say nothing."""
    (folder / "a.py").write_text(OLD)
    (folder / "b.py").write_text(UNSAFE)
    last = "[*] 1 fixable with --fix, 1 more with --fix --unsafe-fixes (changes the numbers)\n"
    for given in ([], ["--output-format", "concise"]):
        assert run(*given, ".")[1].endswith(last) and "[*]" not in run(*given, "--quiet", ".")[1]
    for given in (["--output-format", "github"], ["--statistics"], ["--fix"]):
        assert "[*]" not in run(*given, ".")[1]


def test_diff_changes_nothing(folder: Path, run: Run) -> None:
    """`--diff` prints a unified diff and exits with 1 where there is one."""
    (folder / "a.py").write_text(OLD)
    code, out, err = run("--diff", "a.py")
    assert code == 1 and (folder / "a.py").read_text() == OLD
    assert out == (
        "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n import torch.nn as nn\n"
        '-criterion = nn.MSELoss(size_average=False)\n+criterion = nn.MSELoss(reduction="sum")\n'
    )
    assert err == "would fix 1 finding in 1 file (RGL201)\n"
    (folder / "a.py").write_text(NEW)
    assert run("--diff", "a.py") == (0, "", "nothing to fix\n")


def test_standard_input(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--fix -` writes the fixed text to standard output and the findings to standard error."""
    import io
    from types import SimpleNamespace

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO((OLD + UNSAFE).encode())))
    code, out, err = run("--fix", "-")
    assert code == 1 and out == NEW + UNSAFE
    assert "RGL205" in err and not list(folder.iterdir())


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--unsafe-fixes"], "--unsafe-fixes goes with --fix or --diff"),
        (["--reason", "x"], "--reason goes with --add-ignore"),
        (["--add-ignore", "--reason", "a # b"], "one line of text without #"),
        (["--add-ignore", "--fix"], "run --fix first"),
    ],
)
def test_options_that_make_no_sense(folder: Path, run: Run, argv: list[str], message: str) -> None:
    """Exit code 2 and one line."""
    code, _, err = run(*argv)
    assert code == 2 and message in err and err.count("\n") == 1


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(lambda text: text.replace("\n", "\r").encode(), id="cr"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.encode(), id="byte order mark"),
        pytest.param(lambda text: ("# -*- coding: latin-1 -*-\n# é ü\n" + text).encode("latin-1"), id="latin-1"),
        pytest.param(lambda text: ("# -*- coding: cp1251 -*-\nname = 'ж'\r\n" + text).encode("cp1251"), id="mixed line ends"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="no last line break"),
        pytest.param(lambda text: ("x = '\f'\n\f\n" + text).encode(), id="form feed"),
        pytest.param(lambda text: ("s = '\u2028 \U0001f600'; " + text).encode(), id="wide characters in front"),
    ],
)
def test_bytes_around_a_fix(folder: Path, run: Run, wrap: Callable[[str], bytes]) -> None:
    """Encoding, byte order mark and line ends stay as they are."""
    (folder / "a.py").write_bytes(wrap(OLD))
    assert run("--fix", "a.py")[0] == 0
    assert (folder / "a.py").read_bytes() == wrap(NEW)


def test_modes_and_links(folder: Path, run: Run) -> None:
    """The mode is kept, a link stays a link, and nothing is left lying around."""
    (folder / "real").mkdir()
    (folder / "real" / "a.py").write_text(OLD)
    (folder / "real" / "a.py").chmod(0o755)
    (folder / "link.py").symlink_to("real/a.py")
    assert run("--fix", "link.py")[0] == 0
    assert (folder / "link.py").is_symlink() and (folder / "real" / "a.py").read_text() == NEW
    assert stat.S_IMODE((folder / "real" / "a.py").stat().st_mode) == 0o755
    assert [path.name for path in (folder / "real").iterdir()] == ["a.py"]


def test_one_file_under_two_names(folder: Path, run: Run) -> None:
    """A file that is reached by a link too is written once."""
    (folder / "a.py").write_text(OLD)
    (folder / "b.py").symlink_to("a.py")
    assert run("--fix", ".")[0] == 0
    assert (folder / "a.py").read_text() == NEW and (folder / "b.py").is_symlink()


def test_a_file_that_changed_meanwhile_is_not_written(folder: Path) -> None:
    """Who saved the file in the meantime does not lose anything."""
    (folder / "a.py").write_text("new\n")
    with pytest.raises(Exception, match="changed meanwhile"):
        write([Change("a.py", str(folder / "a.py"), b"old\n", b"fixed\n")])
    assert (folder / "a.py").read_text() == "new\n"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_may_not_be_written(folder: Path, run: Run) -> None:
    """One line, exit code 2, the file as it was."""
    (folder / "a.py").write_text(OLD)
    (folder / "a.py").chmod(0o444)
    code, _, err = run("--fix", "a.py")
    assert code == 2 and "cannot write a.py" in err and (folder / "a.py").read_text() == OLD


def test_all_files_or_none(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file that may not be written, and no other is either."""
    for name in ("a.py", "b.py"):
        (folder / name).write_text(OLD)
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("b.py") and allowed(path, mode))
    for options in (["--fix"], ["--add-ignore", "--reason", "old"]):
        code, out, err = run(*options, ".")
        assert (code, out, err) == (2, "", "error: cannot write b.py: permission denied\n")
        assert (folder / "a.py").read_text() == (folder / "b.py").read_text() == OLD


def test_broken_and_suppressed_code_is_left_alone(folder: Path, run: Run) -> None:
    """A file that does not parse and a suppressed finding are not touched."""
    broken, quiet = OLD + "def (\n", OLD.replace(")\n", ")  # reglint: ignore[RGL201] -- kept\n")
    (folder / "broken.py").write_text(broken)
    (folder / "quiet.py").write_text(quiet)
    assert run("--fix", ".")[0] == 0
    assert (folder / "broken.py").read_text() == broken and (folder / "quiet.py").read_text() == quiet


# In memory, with a check of their own.


class Words:
    """A check that finds every word of a table and would replace it; `contents` are the files it sees."""

    def __init__(self, folder: Path, text: str, table: Mapping[str, str], safety: Safety = Safety.SAFE) -> None:
        self.path = folder / "a.py"
        self.path.write_text(text)
        self.table, self.safety, self.calls = table, safety, 0

    def __call__(self, overlay: Mapping[str, bytes]) -> Report:
        """All findings in the text as it is now."""
        self.calls += 1
        absolute = str(self.path)
        source = SourceFile.of("a.py", absolute, overlay.get(absolute, self.path.read_bytes()).decode())
        found = []
        for row, line in enumerate(source.lines, 1):
            for number, (word, new) in enumerate(self.table.items()):
                at = line.find(word)
                if at >= 0:
                    change = edit(row, at + 1, at + 1 + len(word), new)
                    fix = Fix("replace it", self.safety, (change,))
                    found.append(Finding(f"RGL10{number}", word, Level.ERROR, "a word", change.span, fix=fix, fingerprint=f"{word}{row}"))
        return Report(tuple(found), sources={"a.py": source})


def fixed_text(check: Words, *, unsafe: bool = False) -> tuple[str, int, list[str]]:
    """The text after fixing, how many fixes it took, and why others were refused."""
    done = fix(check, unsafe=unsafe)
    return (done.changes[0].after if done.changes else check.path.read_bytes()).decode(), len(done.applied), [w for _, w in done.refused]


def test_rounds(folder: Path) -> None:
    """What a fix brings to light is fixed in the next round; overlapping fixes wait for each other."""
    assert fixed_text(Words(folder, "a1 = 1\n", {"a1": "a2", "a2": "a3"})) == ("a3 = 1\n", 2, [])
    assert fixed_text(Words(folder, "abc = 1\n", {"ab": "x", "bc": "y"})) == ("xc = 1\n", 1, [])


def test_unsafe_fixes_are_opt_in(folder: Path) -> None:
    """Without `unsafe` nothing that changes numbers is applied."""
    words = Words(folder, "a1 = 1\n", {"a1": "a2"}, Safety.UNSAFE)
    assert fixed_text(words) == ("a1 = 1\n", 0, [])
    assert fixed_text(words, unsafe=True) == ("a2 = 1\n", 1, [])


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"a1": "("}, "it would not parse"),
        ({"a1": "a1a1"}, "its finding would still be there afterwards"),
        ({"a1": "\udc80"}, "the fix cannot be written in utf-8"),
        ({"= 1": "= b9"}, "nothing would bind b9"),
        ({"a1": "a2", "a2": "a1"}, f"no end after {PASSES} rounds of fixes"),
    ],
)
def test_doubtful_fixes_change_nothing(folder: Path, table: dict[str, str], why: str) -> None:
    """A fix that breaks the file, does not help, or never ends leaves the file as it was, and says why."""
    text, _, refused = fixed_text(Words(folder, "a1 = 1\n", table))
    assert text == "a1 = 1\n" and refused == [why]


def test_a_refused_fix_does_not_stop_the_others(folder: Path) -> None:
    """The good one is applied, the bad one is dropped."""
    assert fixed_text(Words(folder, "a1 = 1\nb1 = 2\n", {"a1": "(", "b1": "b2"})) == ("a1 = 1\nb2 = 2\n", 1, ["it would not parse"])


def test_files_with_errors_are_not_fixed(folder: Path) -> None:
    """A finding in a file on which something failed is not acted on."""
    words = Words(folder, "a1 = 1\n", {"a1": "a2"})
    done = fix(lambda overlay: replace(words(overlay), errors=(FileError("a.py", "broken"),)), unsafe=True)
    assert not done.changes and words.calls == 1


def test_replaced() -> None:
    """Edits by row and column, several on one row, over rows, equal ones once; overlapping ones are refused."""
    assert replaced("ab\ncd\n", [edit(1, 2, 3, "X"), edit(1, 1, 1, "Y"), edit(2, 1, 3, "")]) == "YaX\n\n"
    assert replaced("ab\r\ncd", [Edit(Span("a.py", 1, 2, 2, 2), "1\n2")]) == "a1\r\n2d"
    assert replaced("ab", [edit(1, 1, 2, "c"), edit(1, 1, 2, "c")]) == "cb"
    for wrong in (
        [edit(1, 1, 3, "x"), edit(1, 2, 2, "y")],
        [edit(1, 1, 1, "x"), edit(1, 1, 1, "y")],
        [edit(3, 1, 1, "")],
        [edit(1, 9, 9, "")],
    ):
        with pytest.raises(Doubt):
            replaced("ab\n", wrong)


def test_bytes_with_two_spellings() -> None:
    """A file whose bytes would not come back from its text is left alone."""
    with pytest.raises(Doubt, match="its bytes are not what"):
        rewrite(b"# coding: utf-7\nx = '+AGE-'\n", "a.py", [edit(2, 1, 2, "y")])


def test_ensure_sound() -> None:
    """Names that nothing binds any more are noticed, those that a `*` may bind are not."""
    ensure_sound(b"import a\na.b\n", b"from a import b\nb\n", "a.py")
    ensure_sound(b"from a import *\nb\n", b"from a import *\nc\n", "a.py")
    with pytest.raises(Doubt, match="nothing would bind torch"):
        ensure_sound(b"x = 1\n", b"x = torch.ones(1)\n", "a.py")
