"""The `sarif` format, version 2.1.0: what GitHub code scanning and most other dashboards read."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from reglint import __version__
from reglint.checks import Rule, all_rules
from reglint.findings import FileError, Finding, Fix, Report
from reglint.rulebook import page_text
from reglint.source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST = 25_000  # results of a run; code scanning refuses a file with more


def render(report: Report) -> str:
    """One run with the rules that spoke, their pages as help, and the results."""
    worst = sorted(report.findings, key=lambda finding: -finding.level.rank)[:MOST] if len(report.findings) > MOST else report.findings
    used = {finding.code for finding in worst}
    rules = [rule for rule in all_rules() if rule.code in used]
    index = {rule.code: position for position, rule in enumerate(rules)}
    driver = {
        "name": "reglint",
        "version": __version__,
        "informationUri": "https://github.com/reglint/reglint",
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the directory reglint was run in"}}},
        "results": [_result(finding, index.get(finding.code), report) for finding in worst],
        "invocations": [
            {
                "executionSuccessful": not report.crashed,
                "toolExecutionNotifications": [*_left_out(len(report.findings) - len(worst)), *map(_notification, report.errors)],
            }
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _notification(error: FileError) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": _message(error.message),
        "locations": [{"physicalLocation": {"artifactLocation": _uri(error.path)}}],
    }


def _left_out(count: int) -> list[dict[str, Any]]:
    return [{"level": "warning", "message": _message(f"{count} more findings are left out, none of them worse")}] if count else []


def _message(text: str) -> dict[str, str]:
    """A plain message; `[text](target)` would be a link in it, and formulas look like that: `SGD[lr=0.1](∇L)`."""
    return {"text": text.replace("](", "] (")}


def _rule(rule: Rule) -> dict[str, Any]:
    page = page_text(rule) or rule.summary
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": page, "markdown": page},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": rule.level.value},
        "properties": {"tags": ["correctness", "pytorch"], "precision": "high"},
    }


def _result(finding: Finding, rule_index: int | None, report: Report) -> dict[str, Any]:
    text = finding.message
    if finding.formula is not None:
        text += f"\n\nupdate: {finding.formula.effective}\nmeant: {finding.formula.intended}"
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": finding.level.value,
        "message": _message(text),
        "locations": [_location(finding.span, report)],
        "partialFingerprints": {"reglint/v1": finding.fingerprint},
    }
    if rule_index is not None:
        result["ruleIndex"] = rule_index
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_location(related.span, report), "message": _message(related.message)}
            for number, related in enumerate(finding.related)
        ]
    if finding.fix is not None and finding.span.cell is None:  # rows of a cell are not rows of the .ipynb file
        result["fixes"] = [_fix(finding.fix)]
    return result


def _location(span: Span, report: Report) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _uri(span.path)}
    if span.cell is None:
        physical["region"] = _region(span)
        return {"physicalLocation": physical}
    physical["region"] = {"startLine": report.file_row(span)}  # of the .ipynb file; columns would mean nothing there
    return {"physicalLocation": physical, "logicalLocations": [{"name": f"cell {span.cell}, row {span.row}"}]}


def _region(span: Span) -> dict[str, int]:
    return {"startLine": span.row, "startColumn": span.column, "endLine": span.end_row, "endColumn": span.end_column}


def _uri(path: str) -> dict[str, str]:
    return {"uri": quote(path), "uriBaseId": "SRCROOT"}


def _fix(fix: Fix) -> dict[str, Any]:
    paths = sorted({edit.span.path for edit in fix.edits})
    changes = [
        {
            "artifactLocation": _uri(path),
            "replacements": [
                {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.content}}
                for edit in fix.edits
                if edit.span.path == path
            ],
        }
        for path in paths
    ]
    return {"description": _message(fix.message), "artifactChanges": changes}
