"""The `junit` format: one test suite per file, one failed test per finding."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree

from reglint.findings import Level, Report
from reglint.report.text import where

# Characters that XML 1.0 cannot hold, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """An XML document; a run without findings has one passed test, since some readers reject an empty report."""
    failures = sum(finding.level is not Level.NOTE for finding in report.findings)
    root = ElementTree.Element("testsuites", name="reglint", tests=str(max(len(report.findings), 1)), failures=str(failures), errors="0")
    for path, group in groupby(report.findings, key=lambda finding: finding.span.path):
        findings = list(group)
        failed = sum(finding.level is not Level.NOTE for finding in findings)
        suite = ElementTree.SubElement(
            root, "testsuite", name=_clean(path), tests=str(len(findings)), failures=str(failed), errors="0", skipped="0"
        )
        for finding in findings:
            place = where(finding.span)
            case = ElementTree.SubElement(
                suite, "testcase", name=_clean(f"{finding.code} {finding.name} {place}"), classname=_clean(path), time="0"
            )
            text = _clean(f"{place} {finding.level} {finding.message}")
            if finding.level is Level.NOTE:
                ElementTree.SubElement(case, "system-out").text = text  # a note never fails anything
            else:
                ElementTree.SubElement(case, "failure", type=finding.level.value, message=_clean(finding.message)).text = text
    if not report.findings:
        suite = ElementTree.SubElement(root, "testsuite", name="reglint", tests="1", failures="0", errors="0", skipped="0")
        ElementTree.SubElement(suite, "testcase", name="no findings", classname="reglint", time="0")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
