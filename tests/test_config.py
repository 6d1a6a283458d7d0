"""Settings: where they come from and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reglint.config import Overrides, Resolver
from reglint.errors import ConfigError


def write(folder: Path, files: dict[str, str]) -> None:
    """Create files with their folders."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def resolver(folder: Path, **settings: object) -> Resolver:
    """A resolver with these words of the command line."""
    return Resolver(Overrides(settings), str(folder))


def test_pyproject_and_reglint_toml(folder: Path) -> None:
    """The closest file wins; a pyproject.toml without our table does not count."""
    write(
        folder,
        {
            "pyproject.toml": '[tool.reglint]\nselect = ["RGL1"]\nfail-on = "error"\n',
            "a/pyproject.toml": "[tool.other]\nreglint = 1\n",
            "b/reglint.toml": 'target-torch = "2.13"\n',
            "b/pyproject.toml": '[tool.reglint]\nselect = ["RGL2"]\n',
        },
    )
    found = resolver(folder)
    assert found.at(str(folder / "a")).select == ("RGL1",)
    assert found.at(str(folder / "a")).fail_on == "error"
    assert (found.at(str(folder / "b")).select, found.at(str(folder / "b")).target_torch) == ((), "2.13")


def test_extend(folder: Path) -> None:
    """`extend` starts from another file; lists that extend add up, the rest is replaced."""
    write(
        folder,
        {
            "base.toml": 'select = ["RGL1"]\nignore = ["RGL106"]\nextend-exclude = ["old"]\njobs = 3\n',
            "a/reglint.toml": 'extend = "../base.toml"\nignore = ["RGL102"]\nextend-exclude = ["new"]\n',
        },
    )
    config = resolver(folder).at(str(folder / "a"))
    assert (config.select, config.ignore, config.extend_exclude, config.jobs) == (("RGL1",), ("RGL106", "RGL102"), ("old", "new"), 3)
    assert [Path(path).name for path in config.files] == ["reglint.toml", "base.toml"]
    assert config.root == str(folder / "a")


def test_the_command_line_wins(folder: Path) -> None:
    """`--select` starts afresh, `--ignore` adds, None says nothing."""
    write(folder, {"reglint.toml": 'select = ["RGL1"]\nignore = ["RGL106"]\n'})
    assert resolver(folder, select=("RGL2",)).at(str(folder)).ignore == ()
    config = resolver(folder, ignore=("RGL102",), select=None, force_exclude=None).at(str(folder))
    assert (config.select, config.ignore) == (("RGL1",), ("RGL106", "RGL102"))


def test_isolated_and_explicit_file(folder: Path) -> None:
    """`--isolated` ignores all files, `--config` takes one for everything."""
    write(folder, {"reglint.toml": "jobs = 3\n", "other.toml": "jobs = 5\n"})
    assert Resolver(Overrides(isolated=True), str(folder)).at(str(folder)).jobs == 0
    assert Resolver(Overrides(config="other.toml"), str(folder)).at(str(folder)).jobs == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('selct = ["RGL1"]', r"unknown key `selct`; did you mean `select`\?"),
        ("select = 'RGL1'", "`select` must be a list of strings, not 'RGL1'"),
        ("jobs = -1", "`jobs` must be a whole number"),
        ("force-exclude = 1", "`force-exclude` must be true or false"),
        ('fail-on = "warnings"', "must be one of error, warning, note, never.*did you mean `warning`"),
        ('target-torch = "new"', "must be a torch release"),
        ("per-file-ignores = []", "must be a table"),
        ("[select", "not valid TOML"),
        ('extend = "reglint.toml"', "extends itself"),
        ('extend = "gone.toml"', r"gone\.toml: cannot be read: no such file"),
    ],
)
def test_broken_configuration(folder: Path, text: str, message: str) -> None:
    """Every mistake names the file and what to do."""
    write(folder, {"reglint.toml": text})
    with pytest.raises(ConfigError, match=message) as raised:
        resolver(folder).at(str(folder))
    assert "reglint.toml" in str(raised.value) or "gone.toml" in str(raised.value)
