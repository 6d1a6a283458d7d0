"""What is open in the editor as the engine sees it: files by path with their unsaved text, notebooks put together from their cells."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pygls import uris
from pygls.workspace import Workspace

from reglint.config import Overrides, Resolver
from reglint.engine import Request, predict_steps
from reglint.findings import Report
from reglint.loading import encode
from reglint.runs import prepare
from reglint.source import Span
from reglint.step.model import StepModel


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The open documents at one moment. `cells`: of notebooks, the URI of each cell, by path and index over all cells."""

    working: str
    overlay: dict[str, bytes]
    cells: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def uri(self, span: Span) -> str:
        """The document a place is in: a cell of its own in an open notebook, the file elsewhere."""
        absolute = os.path.normpath(os.path.join(self.working, span.path))
        cells = self.cells.get(absolute, ())
        if span.cell is not None and span.cell < len(cells):
            return cells[span.cell]
        return str(uris.from_fs_path(absolute))

    def place(self, uri: str) -> tuple[str, int | None]:
        """The path, as shown, and the cell that a document is."""
        for absolute, cells in self.cells.items():
            if uri in cells:
                return self._shown(absolute), cells.index(uri)
        return self._shown(path_of(uri) or ""), None

    def _shown(self, absolute: str) -> str:
        return os.path.relpath(absolute, self.working).replace(os.sep, "/") if absolute else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one document, and the documents as they were then."""

    snapshot: Snapshot
    report: Report


def path_of(uri: str) -> str | None:
    """The absolute path of a document on disk; None for those that are nowhere yet."""
    path = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return os.path.realpath(path) if path else None


def snapshot(workspace: Workspace, path: str) -> Snapshot:
    """All open documents, with the folder of the workspace that holds `path` as the working directory."""
    overlay: dict[str, bytes] = {}
    cells: dict[str, tuple[str, ...]] = {}
    inside = set[str]()
    for notebook in workspace.notebook_documents.values():
        inside |= {cell.document for cell in notebook.cells}
        if absolute := path_of(notebook.uri):
            cells[absolute] = tuple(cell.document for cell in notebook.cells)
            overlay[absolute] = _notebook(workspace, ((cell.document, cell.kind.value == 2) for cell in notebook.cells))
    for document in list(workspace.text_documents.values()):
        if document.uri not in inside and (absolute := path_of(document.uri)):
            overlay[absolute] = encode(document.source)
    return Snapshot(_working(workspace, path), overlay, cells)


def _notebook(workspace: Workspace, cells: Iterable[tuple[str, bool]]) -> bytes:
    """The cells as an .ipynb file."""
    made = [
        {"cell_type": "code" if code else "markdown", "source": workspace.get_text_document(uri).source.splitlines(keepends=True)}
        for uri, code in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4}, ensure_ascii=False).encode()


def _working(workspace: Workspace, path: str) -> str:
    folders = [uris.to_fs_path(uri) for uri in workspace.folders] + [workspace.root_path]
    around = [os.path.realpath(folder) for folder in folders if folder]
    holding = [folder for folder in around if path.startswith(folder.rstrip(os.sep) + os.sep)]
    return max(holding, key=len, default=os.path.dirname(path))


def read(now: Snapshot, path: str) -> Reading:
    """Check one document. Raises ReglintError for a configuration that cannot be understood."""
    request = _request(now, path)
    config = Resolver(request.overrides, now.working).at(now.working)
    return Reading(now, prepare(request, config).check(now.overlay))


def steps(now: Snapshot, path: str) -> tuple[StepModel, ...]:
    """The predicted training steps of one document."""
    return predict_steps(replace(_request(now, path), overlay=now.overlay))


def _request(now: Snapshot, path: str) -> Request:
    # One process: the server has threads, and one file is read faster than workers are started.
    return Request((path,), Overrides({"jobs": 1, "force_exclude": True}), now.working)
