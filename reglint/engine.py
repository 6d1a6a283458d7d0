"""A run: find files, read them, run the rules, drop what is suppressed or not selected, and sort what is left."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

from reglint.cache import Recorder, digest, listing
from reglint.checks import Rule, all_rules
from reglint.config import Config, Overrides, Resolver
from reglint.discovery import Target, discover
from reglint.findings import Report
from reglint.loading import load, shown_path, source_from_bytes
from reglint.pool import Progress, run_all
from reglint.selection import Selections
from reglint.settle import Loaded, gather, settle
from reglint.source import SourceFile, Span
from reglint.step.model import StepModel
from reglint.survey import Survey, survey_files
from reglint.work import Covered, Job, Outcome, ProjectLike, Sources, Task

if TYPE_CHECKING:
    from reglint.units import Units

MakeProject = Callable[[Sources, Callable[[str], SourceFile]], ProjectLike]  # second: opens other files, by absolute path
SECONDS_PER_FILE = 10.0  # what the budgets of the reader do not stop
_WORTH_A_POOL = 60_000  # bytes of relevant source below which starting workers costs more than it brings


@dataclass(frozen=True, slots=True)
class Request:
    """What to check and how. `stdin` is the content of standard input for the path `-`, called `stdin_filename`.

    `overlay`: what files hold instead of what is on disk, by absolute path: unsaved in an editor, or about to be written.
    """

    paths: tuple[str, ...] = (".",)
    overrides: Overrides = field(default_factory=Overrides)
    working_directory: str = ""
    stdin: bytes | None = None
    stdin_filename: str | None = None
    seconds_per_file: float = SECONDS_PER_FILE
    triage: bool = True
    progress: Progress = field(default=lambda done, total: None)
    overlay: Mapping[str, bytes] = field(default_factory=dict)


def check(request: Request, *, rules: tuple[Rule, ...] | None = None, make_project: MakeProject | None = None) -> Report:
    """Check what the request asks for. Raises UsageError and ConfigError; everything else ends up in the report."""
    began = time.perf_counter()
    run = _prepare(request, all_rules() if rules is None else rules)
    outcomes = _read(run, make_project or _project)
    asked = {target.path: target for target in run.targets}
    found, errors = gather(outcomes, run.survey, asked)
    sources = Loaded(run.survey.sources, partial(_open, run.working, run.request.overlay))
    kept, suppressed = settle(found, asked, run.survey.marked, run.selections, sources)
    pointed = {span.path for f in kept for span in (f.span, *(r.span for r in f.related))}
    broken = {error.path for error in errors}
    return Report(
        findings=tuple(kept),
        errors=tuple(errors),
        files=len(run.targets),
        analysed=sum(path not in broken for path in run.survey.relevant),
        seconds=time.perf_counter() - began,
        suppressed=suppressed,
        crashed=any(f.code == "RGL902" for f in found),
        sources={path: source for path in sorted(pointed) if (source := sources.get(path)) is not None},
    )


def predict_steps(request: Request, *, make_project: MakeProject | None = None) -> tuple[StepModel, ...]:
    """The step models of the files asked for, by place; a step of one optimizer that was read several times is shown once."""
    from reglint.step.formula import render

    run = _prepare(request, ())
    asked = {target.path for target in run.targets}
    best: dict[tuple[Span, Span], tuple[int, str, StepModel]] = {}
    for _, outcome in _read(run, make_project or _project, keep_steps=True):
        for step in outcome.steps:
            if step.span.path not in asked:
                continue  # seen on the way, but nobody asked
            key = (step.span, step.optimizer.span)
            found = (_known(step), render(step), step)
            if key not in best or found[:2] > best[key][:2]:
                best[key] = found
    return tuple(best[key][2] for key in sorted(best, key=lambda spans: [_order(span) for span in spans]))


def _order(span: Span) -> tuple[str, int, int, int]:
    return span.path, -1 if span.cell is None else span.cell, span.row, span.column


def _known(step: StepModel) -> int:
    """How much of a step is understood; of two readings of one step the better one is shown."""
    addends = sum(len(objective.data) + sum(p.coefficient.value != 0.0 for p in objective.penalties) for objective in step.objectives)
    return addends - sum(len(objective.unknown) for objective in step.objectives)


@dataclass(frozen=True, slots=True)
class _Run:
    """A request with everything that is known before the first file is parsed."""

    request: Request
    working: str
    targets: tuple[Target, ...]
    survey: Survey
    selections: Selections
    jobs: int
    caching: bool = True

    def rules(self) -> tuple[Rule, ...]:
        return self.selections.running({os.path.dirname(target.absolute) for target in self.targets})


def _prepare(request: Request, rules: tuple[Rule, ...]) -> _Run:
    working = os.path.realpath(request.working_directory or os.getcwd())
    resolver = Resolver(request.overrides, working)
    selections = Selections(resolver, rules)
    if rules:
        selections.of(working)  # a mistyped rule is an error even where no file is found
    targets = _targets(request, resolver)
    survey = survey_files(targets, stdin=request.stdin if "-" in request.paths else None, overlay=request.overlay)
    config = resolver.at(working)
    return _Run(request, working, targets, survey, selections, config.jobs or os.cpu_count() or 1, _may_keep(config))


def _may_keep(config: Config) -> bool:
    """Is the cache wanted? A baseline is read elsewhere: what it says is not part of what a run is known to depend on."""
    return config.cache and config.baseline is None


def _project(sources: Sources, open_file: Callable[[str], SourceFile]) -> ProjectLike:
    from reglint.reader.project import Project  # the reader is only loaded when something is read

    return Project(sources, open_file)


def _targets(request: Request, resolver: Resolver) -> tuple[Target, ...]:
    files = discover([path for path in request.paths if path != "-"], resolver)
    if "-" not in request.paths:
        return files
    absolute = os.path.normpath(os.path.join(resolver.working_directory, request.stdin_filename or "stdin.py"))
    path = shown_path(absolute, resolver.working_directory) if request.stdin_filename else "-"
    return (Target(path, absolute, named=True), *(target for target in files if target.absolute != absolute))


def _open(working: str, overlay: Mapping[str, bytes], absolute: str) -> SourceFile:
    path = shown_path(absolute, working)
    return source_from_bytes(overlay[absolute], path, absolute) if absolute in overlay else load(path, absolute)


def _read(run: _Run, make_project: MakeProject, *, keep_steps: bool = False) -> list[tuple[Task, Outcome]]:
    """Evaluate every root that matters, then what of the files no root reached; parse the rest, to report what is broken."""
    survey, request = run.survey, run.request
    relevant = {path: survey.sources[path] for path in survey.relevant}
    project = make_project(relevant, partial(_open, run.working, run.request.overlay))
    project.steps_only, project.triage = keep_steps, request.triage
    job = Job(project, survey.sources, () if keep_steps else run.rules(), keep_steps)
    jobs = run.jobs if sum(survey.sizes.values()) >= _WORTH_A_POOL else 1
    done: dict[Task, Outcome] = {}
    units = None if keep_steps else _units(run)

    def carry_out(tasks: list[Task], covered: Covered, more: int) -> None:
        known = {} if units is None else {task: found for task in tasks if (found := units.known(task, covered)) is not None}
        left = [task for task in tasks if task not in known]
        left.sort(key=lambda task: (-survey.sizes[task.path], task))  # the largest first, so that none is left alone at the end
        progress = partial(_advance, request.progress, len(done) + len(known), len(done) + len(tasks) + more)
        new = run_all(job, left, covered, jobs=jobs, seconds=request.seconds_per_file, progress=progress)
        if units is not None:
            units.add(new, covered)
        done.update({**known, **new})

    carry_out([Task("scan" if path in relevant else "parse", path) for path in survey.sources], frozenset(), len(relevant))
    project.learn({task.path: outcome.outline for task, outcome in done.items() if task.kind == "scan"})
    rest = [Task("rest", path) for path in project.rest() if path in relevant]
    carry_out([Task("read", path) for path in project.roots() if path in relevant], frozenset(), len(rest))
    carry_out(rest, frozenset[tuple[str, str]]().union(*(outcome.covered for outcome in done.values())), 0)
    if units is not None:
        units.save(stay=all(target.named for target in run.targets))
        _note_inputs(run, done.values(), project)
    return sorted(done.items())


def _units(run: _Run) -> Units | None:
    """The cache of this run; None where nothing may be kept: text from an editor or from standard input, a caller in Python."""
    inputs = Recorder.inputs
    if inputs is None or run.request.overlay or run.request.stdin is not None or not run.caching or not run.request.triage:
        if inputs is not None:
            inputs.valid = False
        return None
    from reglint.units import Units

    def content_of(path: str) -> str:
        known = run.survey.contents.get(path)
        return digest(os.path.join(run.working, path)) if known is None else known

    above = [run.working]
    while not os.path.exists(os.path.join(above[-1], ".git")) and os.path.dirname(above[-1]) != above[-1]:
        above.append(os.path.dirname(above[-1]))
    names = hashlib.sha1("\n".join([*sorted(t.path for t in run.targets), *map(listing, above)]).encode(), usedforsecurity=False)
    return Units(inputs.directory, [rule.code for rule in run.rules()], names.hexdigest(), cache(content_of))


def _note_inputs(run: _Run, outcomes: Iterable[Outcome], project: ProjectLike) -> None:
    """Tell the recorder what this run depended on."""
    inputs = Recorder.inputs
    assert inputs is not None
    absolute = {target.path: target.absolute for target in run.targets}
    inputs.valid = inputs.valid and bool(absolute)
    inputs.files.update(absolute.values())
    inputs.contents.update((absolute[path], content) for path, content in run.survey.contents.items())
    inputs.looked_for(project.lookups())
    for outcome in outcomes:
        inputs.files.update(absolute.get(path) or os.path.normpath(os.path.join(run.working, path)) for path in outcome.files)
        inputs.looked_for(outcome.lookups)


def _advance(progress: Progress, before: int, total: int, done: int, _tasks: int) -> None:
    progress(before + done, total)
