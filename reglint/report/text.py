"""The formats for people: `full` with code frames and formulas, `concise` with one line per finding."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from reglint.findings import Edit, Finding, Fix, Level, Report, Safety
from reglint.report.frames import Label, frame
from reglint.source import SourceFile, Span

_COLOURS = {Level.ERROR: "1;31", Level.WARNING: "1;33", Level.NOTE: "1;36"}


def render_concise(report: Report, *, colour: bool = False, hint: bool = False) -> str:
    """`path:row:column  level[RGL101] message`, one line each; with `hint` one more where something can be fixed."""
    return "".join(f"{line}\n" for line in (*(_headline(finding, colour) for finding in report.findings), *_hint(report, hint)))


def render_full(report: Report, *, colour: bool = False, quiet: bool = False, hint: bool = False) -> str:
    """Each finding with its frame, formulas, help and fix; at the end a summary, with `hint` what can be fixed, unless `quiet`."""
    blocks = ["\n".join(_block(finding, report, colour)) + "\n" for finding in report.findings]
    if not quiet:
        blocks.append("".join(f"{line}\n" for line in (summary(report), *_hint(report, hint))))
    return "\n".join(blocks)


def _hint(report: Report, wanted: bool) -> list[str]:
    told = fixable(report) if wanted else ""
    return [told] if told else []


def fixable(report: Report) -> str:
    """`[*] 2 fixable with --fix, 1 more with --fix --unsafe-fixes (changes the numbers)`; empty where nothing is."""
    broken = {error.path for error in report.errors}
    counts = Counter(f.fix.safety for f in report.findings if f.fix is not None and f.span.path not in broken)
    safe, unsafe = counts[Safety.SAFE], counts[Safety.UNSAFE]
    parts = [f"{safe} fixable with --fix"] if safe else []
    if unsafe:
        parts.append(f"{unsafe} {'more' if safe else 'fixable'} with --fix --unsafe-fixes (changes the numbers)")
    return f"[*] {', '.join(parts)}" if parts else ""


def summary(report: Report) -> str:
    """`2 warnings, 1 note in 12 files (5 with training code)`."""
    counts = [f"{n} {level}{'s' if n != 1 else ''}" for level in Level if (n := report.count(level))]
    files = f"{report.files} file{'s' if report.files != 1 else ''}"
    return f"{', '.join(counts) or 'no findings'} in {files} ({report.analysed} with training code)"


def where(span: Span) -> str:
    """`train.py:12:5`, or `book.ipynb:cell 3:12:5`."""
    cell = f"cell {span.cell}:" if span.cell is not None else ""
    return f"{span.path}:{cell}{span.row}:{span.column}"


def _headline(finding: Finding, colour: bool) -> str:
    level = f"{finding.level}[{finding.code}]"
    if not colour:
        return f"{where(finding.span)}  {level} {finding.message}"
    return f"{_paint('1', where(finding.span))}  {_paint(_COLOURS[finding.level], level)} {_paint('1', finding.message)}"


def _block(finding: Finding, report: Report, colour: bool) -> list[str]:
    labels = [Label(finding.span, finding.name, True), *(Label(r.span, r.message, False) for r in finding.related)]
    frames = frame(labels, report.sources) if _has_place(finding) else []
    margin = next((line.index("|") for line in frames if "|" in line), 2)
    lines = [_headline(finding, colour), *(_paint_frame(line, finding.level) if colour else line for line in frames)]
    pairs: list[tuple[str, str]] = []
    if finding.formula is not None:
        pairs += [("update", finding.formula.effective), ("meant", finding.formula.intended)]
    if finding.help is not None:
        pairs.append(("help", finding.help))
    if finding.fix is not None:
        pairs.append(("fix", f"{finding.fix.message}{' (changes the numbers)' if finding.fix.safety is Safety.UNSAFE else ''}"))
    if frames and pairs:
        lines.append(" " * margin + "|")
    for word, text in pairs:
        first, *rest = text.split("\n")
        lines.append(f"{' ' * margin}= {_paint('1', f'{word:<6}') if colour else f'{word:<6}'} {first}")
        lines += [f"{' ' * (margin + 9)}{line}" for line in rest]
    if finding.fix is not None:
        lines += [" " * (margin + 2) + line for line in fix_diff(finding.fix, report, colour)]
    return lines


def _has_place(finding: Finding) -> bool:
    """Findings about a whole file have nothing to underline."""
    return finding.code not in ("RGL900", "RGL902") or finding.span.end_column > finding.span.column


def fix_diff(fix: Fix, report: Report, colour: bool = False) -> list[str]:
    """The lines a fix removes and adds, with - and +."""
    by_path: dict[str, list[Edit]] = defaultdict(list)
    for edit in fix.edits:
        by_path[edit.span.path].append(edit)
    lines: list[str] = []
    for path, edits in by_path.items():
        source = report.sources.get(path)
        if source is None:
            continue  # the file is not at hand: the message has to do
        for before, after in _changes(edits, source):
            removed = [f"- {line}".rstrip() for line in before if line not in after]
            added = [f"+ {line}".rstrip() for line in after if line not in before]
            lines += [_paint("31", line) for line in removed] if colour else removed
            lines += [_paint("32", line) for line in added] if colour else added
    return lines


def _changes(edits: list[Edit], source: SourceFile) -> Iterator[tuple[list[str], list[str]]]:
    """(lines before, lines after) of each stretch of neighbouring edits, from the top down."""
    ordered = sorted(edits, key=lambda e: (source.text_row(e.span), e.span.column))
    groups: list[tuple[int, int, list[Edit]]] = []  # first and last row, from 0, with the edits in between
    for edit in ordered:
        first = source.text_row(edit.span) - 1
        last = first + edit.span.end_row - edit.span.row
        if not 0 <= first <= last < len(source.lines):
            continue  # the file changed since: nothing sensible can be shown
        if groups and first <= groups[-1][1]:
            groups[-1] = (groups[-1][0], max(last, groups[-1][1]), [*groups[-1][2], edit])
        else:
            groups.append((first, last, [edit]))
    for start, end, group in groups:
        lines = list(source.lines[start : end + 1])
        for edit in reversed(group):
            first = source.text_row(edit.span) - 1 - start
            last = first + edit.span.end_row - edit.span.row
            merged = lines[first][: edit.span.column - 1] + edit.content + lines[last][edit.span.end_column - 1 :]
            lines[first : last + 1] = merged.split("\n")
        yield list(source.lines[start : end + 1]), lines


def _paint(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _paint_frame(line: str, level: Level) -> str:
    """Underlines in the colour of the level, everything else as it is."""
    head, bar, rest = line.partition("|")
    stripped = rest.strip()
    if not bar or head.strip() or not stripped or stripped[0] not in "^-":
        return line
    return f"{head}|{_paint(_COLOURS[level] if stripped[0] == '^' else '1;34', rest)}"
