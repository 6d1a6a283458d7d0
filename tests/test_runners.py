"""The tools that run reglint for others: pre-commit, flake8, the GitHub action; each is the real one where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parent.parent
BAD = "import torch.nn as nn\ncriterion = nn.MSELoss(size_average=False)\n"
FIXED = 'import torch.nn as nn\ncriterion = nn.MSELoss(reduction="sum")\n'
HOOKS: list[dict[str, Any]] = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())


def call(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with this reglint importable."""
    environment = {**os.environ, "PYTHONPATH": str(TOP), **variables}
    for name in [name for name in environment if name.startswith("GIT_") or name == "GITHUB_STEP_SUMMARY"]:
        environment.pop(name)
    if "GITHUB_STEP_SUMMARY" in variables:
        environment["GITHUB_STEP_SUMMARY"] = variables["GITHUB_STEP_SUMMARY"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300)


def committed(folder: Path, *paths: str) -> None:
    """Make a repository of a folder, with some paths in its first commit."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q"), ("add", *paths), (*identity, "commit", "-qm", "first")):
        done = call(folder, "git", *arguments)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def reglint(tmp_path: Path) -> Path:
    """A folder with a program `reglint` that runs this one."""
    place = tmp_path / "programs"
    place.mkdir()
    program = place / "reglint"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m reglint "$@"\n')
    program.chmod(0o755)
    return place


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a finding in a.py and one in a notebook, and a file that is excluded."""
    folder = tmp_path / "project"
    (folder / "vendor").mkdir(parents=True)
    (folder / "a.py").write_text(BAD)
    (folder / "vendor" / "b.py").write_text(BAD)
    (folder / "text.md").write_text("size_average=False\n")
    (folder / "reglint.toml").write_text('exclude = ["vendor"]\n')
    cell = (
        '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["import torch\\n", "torch.nn.L1Loss(reduce=False)"]}]}'
    )
    (folder / "c.ipynb").write_text(cell)
    committed(folder, ".")
    return folder


def test_hooks_manifest() -> None:
    """pre-commit accepts the manifest."""
    pytest.importorskip("pre_commit")
    done = call(TOP, sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_hooks(project: Path, reglint: Path, tmp_path: Path, hook: dict[str, Any]) -> None:
    """pre-commit hands over Python files and notebooks, exclusions hold, and what is found or changed fails the commit."""
    pytest.importorskip("pre_commit")
    local = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(local))
    path = f"{reglint}{os.pathsep}{os.environ['PATH']}"
    command = (sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never")
    done = call(project, *command, PATH=path, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 1, done.stdout + done.stderr
    if hook["id"] == "reglint":
        assert "a.py:2:" in done.stdout and "c.ipynb:cell 0:2:" in done.stdout and "vendor" not in done.stdout
    else:
        assert "files were modified by this hook" in done.stdout
        assert (project / "a.py").read_text() == FIXED and 'reduction=\\"none\\"' in (project / "c.ipynb").read_text()
        assert (project / "vendor" / "b.py").read_text() == BAD
        assert call(project, *command, PATH=path, PRE_COMMIT_HOME=str(tmp_path / "home")).returncode == 0


def test_try_repo(project: Path, tmp_path: Path) -> None:
    """`pre-commit try-repo` installs a clone of this project and runs its hook. Needs a package index."""
    pytest.importorskip("pre_commit")
    probe = call(
        tmp_path, sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--timeout", "3", "--retries", "0", "-d", "x", "hatchling"
    )
    if probe.returncode:
        pytest.skip("no package index can be reached")
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("reglint", "rules"):
        shutil.copytree(TOP / name, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".pre-commit-hooks.yaml"):
        shutil.copyfile(TOP / name, clone / name)
    committed(clone, ".")
    command = (sys.executable, "-m", "pre_commit", "try-repo", str(clone), "reglint", "--files", "a.py", "--color", "never")
    done = call(project, *command, PRE_COMMIT_HOME=str(tmp_path / "home"), PYTHONPATH="")
    assert done.returncode == 1 and "a.py:2:13  warning[RGL201]" in done.stdout, done.stdout + done.stderr


@pytest.fixture
def flake8(project: Path) -> list[str]:
    """The command line of flake8 with the plugin as its entry point names it, and no other checks."""
    pytest.importorskip("flake8")
    point = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["entry-points"]["flake8.extension"]["RGL"]
    (project / "flake8.cfg").write_text(f"[flake8]\nselect = RGL\n[flake8:local-plugins]\nextension =\n    RGL = {point}\n")
    return [sys.executable, "-m", "flake8", "--config", "flake8.cfg", "-j1"]


def test_flake8(project: Path, flake8: list[str]) -> None:
    """Findings come with flake8's rows and columns; `# noqa` and the settings of reglint hold, other files are read."""
    done = call(project, *flake8, "a.py", "vendor/b.py")
    assert done.stdout.splitlines()[0].startswith("a.py:2:13: RGL201 ") and done.returncode == 1, done.stdout + done.stderr
    (project / "a.py").write_text(BAD.replace(")\n", ")  # noqa: RGL201\n"))
    assert call(project, *flake8, "a.py").stdout == ""
    (project / "a.py").write_text(BAD)
    (project / "reglint.toml").write_text('fail-on = "error"\n')
    assert call(project, *flake8, "a.py").stdout == ""
    (project / "reglint.toml").write_text('fial-on = "error"\n')
    assert "RGL902" in call(project, *flake8, "a.py").stdout


def test_flake8_reads_standard_input(project: Path, flake8: list[str]) -> None:
    """What an editor pipes in is checked under the name it gives, in the encoding the text declares."""
    text = "# coding: latin-1\n# é\n" + BAD
    command = [*flake8, "--stdin-display-name", "x.py", "-"]
    done = subprocess.run(
        command, input=text.encode("latin-1"), cwd=project, env={**os.environ, "PYTHONPATH": str(TOP)}, capture_output=True, check=False
    )
    assert done.stdout.startswith(b"x.py:4:13: RGL201 "), done


ACTION: dict[str, Any] = yaml.safe_load((TOP / "action.yml").read_text())


def test_action_is_well_formed() -> None:
    """What GitHub demands of a composite action: a shell for every step that runs something, no expression inside a script."""
    assert {"name", "description", "runs"} <= ACTION.keys() and ACTION["runs"]["using"] == "composite"
    assert all(isinstance(given["description"], str) and isinstance(given["default"], str) for given in ACTION["inputs"].values())
    for step in ACTION["runs"]["steps"]:
        assert ("uses" in step) != ("run" in step)
        if "run" in step:
            assert step["shell"] == "bash" and "${{" not in step["run"], "inputs in a script can be commands: pass them in env"
            used = [value for value in step.get("env", {}).values() if "inputs." in value]
            assert all(value.removeprefix("${{ inputs.").removesuffix(" }}") in ACTION["inputs"] for value in used)


def test_action_runs(project: Path, reglint: Path, tmp_path: Path) -> None:
    """The step annotates, writes the summary and SARIF, compares with a revision, and fails as reglint does."""
    step = ACTION["runs"]["steps"][-1]
    (tmp_path / "reglint").mkdir()
    shutil.copytree(reglint, tmp_path / "reglint" / "bin")
    given = dict.fromkeys(step["env"], "") | {"INPUT_PATHS": "a.py c.ipynb", "RUNNER_TEMP": str(tmp_path)}
    summary = tmp_path / "summary.md"
    given |= {"GITHUB_STEP_SUMMARY": str(summary), "INPUT_SARIF_FILE": "out.sarif"}
    done = call(project, "bash", "-e", "-o", "pipefail", "-c", step["run"], **given)
    assert done.returncode == 1, done.stderr
    assert "::warning title=reglint RGL201 deprecated-reduction-argument,file=a.py,line=2" in done.stdout
    assert summary.read_text().startswith("### reglint: ") and "| `a.py:2:13` |" in summary.read_text()
    assert '"version": "2.1.0"' in (project / "out.sarif").read_text()
    assert call(project, "bash", "-e", "-o", "pipefail", "-c", step["run"], **given).stdout == done.stdout
    assert summary.read_text().count("### reglint: ") == 2, "a repeated run writes its summary too"
    done = call(project, "bash", "-e", "-o", "pipefail", "-c", step["run"], **given | {"GITHUB_WORKSPACE": str(project.parent)})
    assert "file=project/a.py,line=2" in done.stdout, "annotations count from the top of the checkout"
    assert '"uri": "project/a.py"' in (project / "out.sarif").read_text()
    done = call(project, "bash", "-e", "-o", "pipefail", "-c", step["run"], **given | {"INPUT_DIFF_BASE": "HEAD", "INPUT_ARGS": "--quiet"})
    assert done.returncode == 0 and done.stdout == "", done.stdout + done.stderr
