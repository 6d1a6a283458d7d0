"""Findings as diagnostics, fixes as code actions, formulas as hovers: from reglint's words to those of the protocol."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types
from pygls.workspace import PositionCodec

from reglint.checks import URL
from reglint.edits import Doubt, conflict, ensure_sound, rewrite
from reglint.findings import Edit, Finding, Fix, Level, Safety
from reglint.ignores import with_ignores
from reglint.lsp.documents import Reading
from reglint.rulebook import find_rule, page_text
from reglint.source import Span
from reglint.step.formula import render
from reglint.step.model import StepModel

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.reglint"
_SEVERITIES = {
    Level.ERROR: types.DiagnosticSeverity.Error,
    Level.WARNING: types.DiagnosticSeverity.Warning,
    Level.NOTE: types.DiagnosticSeverity.Information,
}


def range_of(span: Span, reading: Reading, codec: PositionCodec) -> types.Range:
    """A span in the units of the client."""
    made = types.Range(types.Position(span.row - 1, span.column - 1), types.Position(span.end_row - 1, span.end_column - 1))
    source = reading.report.sources.get(span.path)
    if source is None:
        return made
    shift = source.text_row(span) - span.row
    return codec.range_to_client_units([f"{line}\n" for line in source.lines[shift:]], made)


def diagnostics(reading: Reading, codec: PositionCodec) -> dict[str, list[types.Diagnostic]]:
    """The diagnostics of every document that has some, by URI."""
    found: dict[str, list[types.Diagnostic]] = {}
    for finding in reading.report.findings:
        found.setdefault(reading.snapshot.uri(finding.span), []).append(diagnostic(finding, reading, codec))
    return found


def diagnostic(finding: Finding, reading: Reading, codec: PositionCodec) -> types.Diagnostic:
    """A finding with its formula, its page and the places that belong to it."""
    lines = [finding.message]
    if finding.formula is not None:
        lines += [f"update: {finding.formula.effective}", f"meant:  {finding.formula.intended}"]
    if finding.help is not None:
        lines.append(f"help: {finding.help}")
    related = [
        types.DiagnosticRelatedInformation(types.Location(reading.snapshot.uri(r.span), range_of(r.span, reading, codec)), r.message)
        for r in finding.related
    ]
    return types.Diagnostic(
        range=range_of(finding.span, reading, codec),
        message="\n".join(lines),
        severity=_SEVERITIES[finding.level],
        code=finding.code,
        code_description=types.CodeDescription(URL.format(code=finding.code, name=finding.name)),
        source="reglint",
        tags=[types.DiagnosticTag.Unnecessary] if finding.code == "RGL901" else None,
        related_information=related or None,
    )


def actions(reading: Reading, uri: str, wanted: types.Range, codec: PositionCodec) -> list[types.CodeAction]:
    """For every finding in the range its fix, if it has a sound one, and the comment that silences it; then all safe fixes at once."""
    made: list[types.CodeAction] = []
    ignored = {(f.span, f.code): f.fix for f in with_ignores(reading.report, None).findings}
    for finding in reading.report.findings:
        here = range_of(finding.span, reading, codec)
        if reading.snapshot.uri(finding.span) != uri or not _overlap(here, wanted):
            continue
        told = [diagnostic(finding, reading, codec)]
        for fix, preferred in ((finding.fix, True), (ignored[finding.span, finding.code], False)):
            if fix is None or not _sound(fix.edits, reading):
                continue
            title = f"{finding.code}: {fix.message}" + (" (changes the numbers)" if fix.safety is Safety.UNSAFE else "")
            edit = _workspace_edit(fix.edits, reading, codec)
            safe = preferred and fix.safety is Safety.SAFE
            made.append(types.CodeAction(title, types.CodeActionKind.QuickFix, told, edit=edit, is_preferred=safe or None))
    if every := _together(reading):
        edit = _workspace_edit(every, reading, codec)
        made.append(types.CodeAction("reglint: apply all safe fixes", FIX_ALL, edit=edit))
    return made


def _overlap(a: types.Range, b: types.Range) -> bool:
    return a.start.line <= b.end.line and b.start.line <= a.end.line


def _sound(edits: tuple[Edit, ...], reading: Reading) -> bool:
    """Can the edits be made without breaking anything?"""
    try:
        for path in {edit.span.path for edit in edits}:
            source = reading.report.sources[path]
            data = reading.snapshot.overlay[source.absolute]  # only what is open is changed
            ensure_sound(data, rewrite(data, path, [edit for edit in edits if edit.span.path == path]), path)
    except (Doubt, KeyError):
        return False
    return True


def _together(reading: Reading) -> tuple[Edit, ...]:
    """The edits of all safe fixes that do not touch each other."""
    chosen: list[Fix] = []
    for finding in reading.report.findings:
        fix = finding.fix
        if fix is None or fix.safety is not Safety.SAFE or any(conflict(fix.edits, other.edits) for other in chosen):
            continue
        if _sound(fix.edits, reading):
            chosen.append(fix)
    return tuple(dict.fromkeys(edit for fix in chosen for edit in fix.edits))


def _workspace_edit(edits: Iterable[Edit], reading: Reading, codec: PositionCodec) -> types.WorkspaceEdit:
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in edits:
        made = types.TextEdit(range_of(edit.span, reading, codec), edit.content)
        changes.setdefault(reading.snapshot.uri(edit.span), []).append(made)
    return types.WorkspaceEdit(changes=changes)


def hover(reading: Reading, steps: tuple[StepModel, ...], uri: str, row: int) -> str | None:
    """Markdown for a row, from 1: the formulas of the steps taken or built there, then the pages of the findings."""
    path, cell = reading.snapshot.place(uri)

    def here(span: Span) -> bool:
        return (span.path, span.cell) == (path, cell) and span.row <= row <= span.end_row

    def takes_place_here(step: StepModel) -> bool:
        return any(here(span) for span in (step.span, step.optimizer.span, *(objective.span for objective in step.objectives)))

    parts = [f"```text\n{render(step)}\n```" for step in steps if takes_place_here(step)]
    codes = dict.fromkeys(f.code for f in reading.report.findings if here(f.span))
    parts += [page for code in codes if (page := page_text(find_rule(code)))]
    return "\n\n---\n\n".join(dict.fromkeys(parts)) or None
