"""The page of `--report`: one HTML file with formulas, a table and a plot of the parameters, and the findings; no network.

The same page shows predicted steps and measured ones; what only a measurement knows stays empty for the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from reglint import __version__
from reglint.checks import URL
from reglint.findings import Finding
from reglint.report.mathml import mathml
from reglint.report.page_assets import SCRIPT, STYLE
from reglint.report.plot import Point, plot
from reglint.report.text import where
from reglint.step.formula import UpdateFormula, formulas
from reglint.step.model import Parameter, StepModel

_PULLS = ("l2_penalty", "coupled_decay", "decoupled_decay")


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter. Coefficients are those in front of w in the update; None where they are not known.

    `update` is ‖Δw‖/‖w‖ of the measured step, None where nothing was measured.
    """

    name: str
    role: str
    step: str
    group: int
    lr: float | None
    pulls: tuple[tuple[str, float | None], ...]
    update: float | None = None

    @property
    def decay(self) -> float | None:
        """All that pulls the weight towards zero in proportion to itself."""
        known = [value for _, value in self.pulls if value is not None]
        return sum(known) if len(known) == len(self.pulls) else None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows. `verdicts`: what a measurement says of a finding, by code and place as shown."""

    title: str
    steps: tuple[StepModel, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    verdicts: tuple[tuple[str, str, str, str], ...] = ()
    remarks: tuple[str, ...] = ()


def rows_of(steps: Iterable[StepModel]) -> tuple[Row, ...]:
    """The parameters of steps, module by module in the order in which they were made."""
    rows: list[Row] = []
    for step in steps:
        found: list[tuple[str, int, Row]] = []
        for index, group in enumerate(step.optimizer.groups):
            members = {member.name: member for member in group.params.members or ()}
            made = {name: formula for formula in formulas(step, group) for name in formula.parameters}
            for name in members or made:
                member = members.get(name)
                found.append((name.rpartition(".")[0], member.uid if member else 0, _row(name, member, step, index, made[name])))
        first: dict[str, int] = {}
        for module, uid, _ in found:
            first[module] = min(uid, first.get(module, uid))
        rows += [row for module, _, row in sorted(found, key=lambda entry: first[entry[0]])]
    return tuple(rows)


def _row(name: str, member: Parameter | None, step: StepModel, group: int, made: UpdateFormula) -> Row:
    terms = [*made.terms, *made.change.added]
    pulls = tuple((term.kind, term.coefficient.value) for term in terms if term.kind in _PULLS)
    return Row(name, member.role.value if member else "not resolved", step.optimizer.short, group, made.lr.value, pulls)


def render(page: Page) -> str:
    """The page as HTML."""
    parts = [
        f"<h1>{escape(page.title)}</h1>",
        _steps(page.steps),
        _findings(page),
        _plots(page.rows),
        _table(page.rows),
        _remarks(page.remarks),
        f"<footer>reglint {__version__}</footer>",
    ]
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>{escape(page.title)}</title>"
    body = "\n".join(part for part in parts if part)
    head = f"<head>{head}\n<style>{STYLE}</style></head>"
    return f"<!doctype html>\n<html lang=en>{head}\n<body><main>\n{body}\n</main>\n<script>{SCRIPT}</script></body></html>\n"


def _steps(steps: tuple[StepModel, ...]) -> str:
    if not steps:
        return "<p class=empty>No training step was found.</p>"
    return "\n".join(_step(step) for step in steps)


def _step(step: StepModel) -> str:
    blocks = []
    for group in step.optimizer.groups:
        for made in formulas(step, group):
            names = ", ".join(made.parameters[:8]) + (f" and {len(made.parameters) - 8} more" if len(made.parameters) > 8 else "")
            blocks.append(f"<figure><figcaption>{escape(names)}</figcaption>{mathml(made.text())}{_sources(made)}</figure>")
    place = escape(where(step.optimizer.span))
    kind = "measured" if step.witness == "probe" else "predicted"
    return f"<section class=step><h2>{escape(step.optimizer.short)} <small>{place}, {kind}</small></h2>\n{''.join(blocks)}</section>"


def _sources(made: UpdateFormula) -> str:
    """Where each number comes from."""
    numbers = [("η", made.lr), *((term.kind.replace("_", " "), term.coefficient) for term in made.terms)]
    items = "".join(
        f"<dt>{escape(name)}{'' if number.value is None else f' = {number}'}</dt><dd>{escape(number.source or 'not known')}</dd>"
        for name, number in numbers
        if number.source or number.value is None
    )
    return f"<dl>{items}</dl>" if items else ""


def _findings(page: Page) -> str:
    if not page.findings:
        return "<h2>Findings</h2><p class=empty>None.</p>"
    verdicts = {(code, place): (status, because) for code, place, status, because in page.verdicts}
    return "<h2>Findings</h2>\n" + "\n".join(_finding(f, verdicts.get((f.code, f"{f.span.path}:{f.span.row}"))) for f in page.findings)


def _finding(finding: Finding, verdict: tuple[str, str] | None) -> str:
    url = escape(URL.format(code=finding.code, name=finding.name))
    status = (
        f" <span class='verdict {verdict[0]}' title='{escape(verdict[1], quote=True)}'>{escape(verdict[0].replace('_', ' '))}</span>"
        if verdict
        else ""
    )
    lines = [
        f"<p><b class={finding.level}>{finding.level}</b> <a href='{url}'>{finding.code} {escape(finding.name)}</a>{status}"
        f" <code>{escape(where(finding.span))}</code><br>{escape(finding.message)}</p>"
    ]
    if finding.formula is not None:
        update, meant = mathml(finding.formula.effective), mathml(finding.formula.intended)
        lines.append(f"<table class=pair><tr><th>update<td>{update}<tr><th>meant<td>{meant}</table>")
    if finding.help is not None:
        lines.append(f"<p class=help>{escape(finding.help)}</p>")
    return f"<section class=finding>{''.join(lines)}</section>"


def _plots(rows: tuple[Row, ...]) -> str:
    """What each parameter gets, by depth: its place in the order of the parameters."""
    decays = [Point(index, row.decay, row.name, row.role) for index, row in enumerate(rows, 1) if row.decay is not None]
    updates = [Point(index, row.update, row.name, row.role) for index, row in enumerate(rows, 1) if row.update is not None]
    made = ""
    if decays:
        made += "<h2>Effective decay by depth</h2>" + plot(decays, "in front of w", len(rows))
    if updates:
        made += "<h2>Size of the update by depth</h2>" + plot(updates, "‖Δw‖ / ‖w‖", len(rows))
    return made


def _table(rows: tuple[Row, ...]) -> str:
    if not rows:
        return ""
    measured = any(row.update is not None for row in rows)
    heads = ["#", "parameter", "role", "optimizer", "group", "η", "coupled", "decoupled", "L2 penalty", "effective decay"]
    head = "".join(f"<th><button>{name}</button>" for name in [*heads, *(["‖Δw‖/‖w‖"] if measured else [])])
    body = "\n".join(_cells(index, row, measured) for index, row in enumerate(rows, 1))
    search = "<input type=search placeholder='filter: bias, layer1, 0.01 …' aria-label='filter the parameters'>"
    table = f"<table id=parameters><thead><tr>{head}</thead><tbody>\n{body}\n</tbody></table>"
    return f"<h2>Parameters <small id=shown>{len(rows)}</small></h2>{search}\n<div class=scroll>{table}</div>"


def _cells(index: int, row: Row, measured: bool) -> str:
    texts = [str(index), row.name, row.role, row.step, str(row.group)]
    numbers = [row.lr, *(_pull(row, kind) for kind in ("coupled_decay", "decoupled_decay", "l2_penalty")), row.decay]
    numbers += [row.update] if measured else []
    cells = "".join(f"<td>{escape(text)}" for text in texts)
    cells += "".join("<td class=number data-value=-1>?" if n is None else f"<td class=number data-value={n!r}>{n:.4g}" for n in numbers)
    return f"<tr>{cells}"


def _pull(row: Row, kind: str) -> float | None:
    values = [value for name, value in row.pulls if name == kind]
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _remarks(remarks: tuple[str, ...]) -> str:
    items = "".join(f"<li>{escape(remark)}" for remark in remarks)
    return f"<h2>Remarks</h2><ul>{items}</ul>" if items else ""
