"""The formats for other programs, against what those programs document; each schema says only what we may write."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from reglint.config import Overrides
from reglint.engine import Request
from reglint.findings import Finding, Level, Report
from reglint.report import github, render
from reglint.runs import Run
from reglint.source import Span

Lint = Callable[..., Report]
ROW = {"type": "integer", "minimum": 1}
BOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["text"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["import torch.nn as nn\n", "nn.L1Loss(reduce=False)"]},
    ],
    "metadata": {},
    "nbformat": 4,
}


def closed(required: str, **properties: Any) -> dict[str, Any]:
    """A JSON schema for an object with these required keys and no others than those listed."""
    return {"type": "object", "required": required.split(), "properties": properties, "additionalProperties": False}


@pytest.fixture
def report(folder: Path) -> Report:
    """Findings in a file with wide characters and in a notebook, one with a fix."""
    (folder / "a.py").write_text("import torch.nn as nn\né = nn.MSELoss(size_average=False)\n")
    (folder / "b.ipynb").write_text(json.dumps(BOOK, indent=1) + "\n")
    (folder / "c.py").write_text("import torch\nx = (\n")
    return Run(Request((".",), Overrides({"jobs": 1}, isolated=True), str(folder))).check()


# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format: what is required, and the severities.
POINT = closed("line", line=ROW, column=ROW)
GITLAB = {
    "type": "array",
    "items": closed(
        "description check_name fingerprint severity location",
        type={"const": "issue"},
        description={"type": "string", "minLength": 1},
        check_name={"type": "string", "pattern": r"^RGL\d{3}$"},
        categories={"type": "array", "items": {"enum": ["Bug Risk"]}},  # of the Code Climate specification
        fingerprint={"type": "string", "pattern": "^[0-9a-f]{40}$"},
        severity={"enum": ["info", "minor", "major", "critical", "blocker"]},
        location=closed(
            "path positions", path={"type": "string", "pattern": r"^(?!\./|/)"}, positions=closed("begin end", begin=POINT, end=POINT)
        ),
    ),
}


def test_gitlab(report: Report) -> None:
    """A Code Quality report: relative paths, unique fingerprints, the line of the file for a cell."""
    issues = json.loads(render(report, "gitlab"))
    jsonschema.validate(issues, GITLAB)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 3
    assert issues[1]["location"] == {"path": "b.ipynb", "positions": {"begin": {"line": 16}, "end": {"line": 16}}}
    assert issues[1]["description"].startswith("cell 1, row 2: ")


# reviewdog/reviewdog, proto/rdf/reviewdog.proto: DiagnosticResult as its JSON mapping writes it.
RANGE = closed("start", start=POINT, end=POINT)
RDJSON = closed(
    "source diagnostics",
    source=closed("name url", name={"const": "reglint"}, url={"type": "string"}),
    diagnostics={
        "type": "array",
        "items": closed(
            "message location severity code",
            message={"type": "string", "minLength": 1},
            location=closed("path range", path={"type": "string"}, range=RANGE),
            severity={"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
            code=closed("value url", value={"type": "string"}, url={"type": "string", "pattern": "^https://"}),
            suggestions={"type": "array", "items": closed("range text", range=RANGE, text={"type": "string"})},
        ),
    },
)


def test_rdjson(report: Report) -> None:
    """reviewdog's format: columns in bytes, suggestions where lines are lines of the file, none in notebooks."""
    data = json.loads(render(report, "rdjson"))
    jsonschema.validate(data, RDJSON)
    first, second, _ = data["diagnostics"]
    assert first["location"]["range"]["start"] == {"line": 2, "column": 6}
    assert first["suggestions"] and "suggestions" not in second
    assert second["location"]["range"]["start"] == {"line": 16}
    text = "import torch.nn as nn\né = nn.MSELoss(size_average=False)\n".encode().split(b"\n")
    for suggestion in first["suggestions"]:
        line, start, end = (
            suggestion["range"]["start"]["line"],
            suggestion["range"]["start"]["column"],
            suggestion["range"]["end"]["column"],
        )
        text[line - 1] = text[line - 1][: start - 1] + suggestion["text"].encode() + text[line - 1][end - 1 :]
    assert text[1].decode() == 'é = nn.MSELoss(reduction="sum")'


# The schema of Jenkins (xunit-plugin, junit-10.xsd), as far as we write it: element → (required, other attributes, children).
JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors"}, set[str](), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"}, {"skipped"}, {"testcase"}),
    "testcase": ({"name", "classname", "time"}, set[str](), {"failure", "system-out"}),
    "failure": ({"type", "message"}, set[str](), set[str]()),
    "system-out": (set[str](), set[str](), set[str]()),
}


def test_junit(report: Report) -> None:
    """Elements, attributes and counts are those of the schema; the counts add up."""
    root = ElementTree.fromstring(render(report, "junit"))
    for element in root.iter():
        required, other, children = JUNIT[element.tag]
        assert required <= set(element.keys()) <= required | other
        assert {child.tag for child in element} <= children
    suites = root.findall("testsuite")
    for name in ("tests", "failures"):
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in suites)
    assert all(int(suite.get("tests", "")) == len(suite) for suite in suites)
    assert int(root.get("failures", "")) == len(root.findall("./testsuite/testcase/failure")) == 2


def many(count: int, level: Level = Level.WARNING) -> Report:
    """A report with many findings in one file."""
    spans = (Span("a.py", row, 1, row, 2) for row in range(1, count + 1))
    return Report(tuple(Finding("RGL101", "double-l2", level, "a | b <c>\nd", span) for span in spans), files=1, analysed=1)


def test_github_limits() -> None:
    """GitHub shows 10 annotations per level and step: the rest are lines of the log that are no commands."""
    both = replace(many(25), findings=(*many(25).findings, *many(3, Level.ERROR).findings))
    lines = render(both, "github").splitlines()
    assert [sum(line.startswith(f"::{level} ") for line in lines) for level in ("error", "warning")] == [3, 10]
    assert len(lines) == 28
    assert all(line.startswith(("::", "a.py:")) for line in lines)


def test_github_summary(tmp_path: Path) -> None:
    """A Markdown table is appended, special characters escaped, below 1 MiB whatever there is."""
    target = tmp_path / "summary.md"
    target.write_text("before\n")
    github.append_summary(many(2), str(target))
    text = target.read_text()
    assert text.startswith("before\n### reglint: 2 warnings in 1 file") and "| a \\| b &lt;c> d |\n" in text
    large = github.summary(many(30_000))
    assert len(large.encode()) < github.SUMMARY_BYTES and large.endswith(" more, see the log\n")
    assert github.summary(Report()).count("\n") == 2


def test_notebook_rows(report: Report) -> None:
    """The row of the .ipynb file is that of the string the flagged line is kept in."""
    finding = report.findings[1]
    assert finding.span.cell == 1
    line = (json.dumps(BOOK, indent=1) + "\n").splitlines()[report.file_row(finding.span) - 1]
    assert "nn.L1Loss" in line
    region = json.loads(render(report, "sarif"))["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 16}
    assert ",file=b.ipynb,line=16::cell 1, row 2: " in render(report, "github")
