"""The language server: what the editor asks, and when documents are read anew."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from reglint import __version__
from reglint.errors import ReglintError
from reglint.lsp import documents, translate
from reglint.lsp.documents import Reading
from reglint.step.model import StepModel

DELAY = 0.2  # seconds without typing until a document is read
T = TypeVar("T")


class Server(LanguageServer):
    """A server with the last reading of every document; keys are URIs of files and notebooks, never of cells."""

    def __init__(self) -> None:
        selector = types.NotebookDocumentFilterWithNotebook(
            notebook="jupyter-notebook", cells=[types.NotebookCellLanguage("python"), types.NotebookCellLanguage("markdown")]
        )
        super().__init__("reglint", __version__, notebook_document_sync=types.NotebookDocumentSyncOptions([selector], save=True))
        self.readings: dict[str, Reading] = {}
        self.predicted: dict[str, tuple[StepModel, ...]] = {}
        self._asked: Counter[str] = Counter()
        self._shown: dict[str, set[str]] = {}
        self._told: set[str] = set()
        self._worker = ThreadPoolExecutor(1)  # one reading after the other: they share caches

    async def refresh(self, key: str, delay: float = 0.0) -> None:
        """Read a document and publish what is found, unless it changes again meanwhile."""
        path = documents.path_of(key)
        if path is None:
            return  # not saved yet: no path, no settings, no neighbours
        self._asked[key] += 1
        turn = self._asked[key]
        self.readings.pop(key, None)
        self.predicted.pop(key, None)
        await asyncio.sleep(delay)
        if turn != self._asked[key]:
            return
        now = documents.snapshot(self.workspace, path)
        try:
            reading = await self._elsewhere(partial(documents.read, now, path))
        except ReglintError as error:
            self._complain(str(error))
            return
        if turn == self._asked[key]:
            self.readings[key] = reading
            self._publish(key, translate.diagnostics(reading, self.workspace.position_codec))

    async def current(self, key: str) -> Reading | None:
        """The reading of a document as it is now."""
        if key not in self.readings:
            await self.refresh(key)
        return self.readings.get(key)

    async def steps(self, key: str, reading: Reading) -> tuple[StepModel, ...]:
        """The predicted steps of a document, worked out when first asked for."""
        if key not in self.predicted:
            path = documents.path_of(key) or ""
            self.predicted[key] = await self._elsewhere(partial(documents.steps, reading.snapshot, path))
        return self.predicted[key]

    def forget(self, key: str) -> None:
        """A document was closed: nothing is said about it any more."""
        self._asked[key] += 1
        self.readings.pop(key, None)
        self.predicted.pop(key, None)
        self._publish(key, {})

    def key(self, uri: str) -> str:
        """The notebook of a cell, or the document itself."""
        book = self.workspace.get_notebook_document(cell_uri=uri)
        return book.uri if book is not None else uri

    def open_keys(self) -> list[str]:
        """All documents that are open."""
        cells = {cell.document for book in self.workspace.notebook_documents.values() for cell in book.cells}
        return [*self.workspace.notebook_documents, *(uri for uri in self.workspace.text_documents if uri not in cells)]

    async def _elsewhere(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def _publish(self, key: str, found: dict[str, list[types.Diagnostic]]) -> None:
        """Say what is found in the document, or its cells, and take back what is not found any more."""
        book = self.workspace.get_notebook_document(notebook_uri=key)
        own = {cell.document for cell in book.cells} if book is not None else {key}
        for uri in sorted(own | self._shown.get(key, set())):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found.get(uri, [])))
        self._shown[key] = own

    def _complain(self, message: str) -> None:
        """Say what is wrong with the settings, once."""
        if message not in self._told:
            self._told.add(message)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"reglint: {message}"))


def build() -> Server:
    """A server with all its features, not started."""
    server = Server()
    _listen(server)
    _answer(server)
    return server


def _listen(server: Server) -> None:
    """Documents that come, change and go."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        await ls.refresh(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
        await ls.refresh(ls.key(params.text_document.uri), DELAY)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
        for key in ls.open_keys():  # others may import what was saved, and settings may have changed
            await ls.refresh(key)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
        ls.forget(params.text_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def book_opened(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
        await ls.refresh(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def book_changed(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
        await ls.refresh(params.notebook_document.uri, DELAY)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    async def book_saved(ls: Server, params: types.DidSaveNotebookDocumentParams) -> None:
        await ls.refresh(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def book_closed(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
        ls.forget(params.notebook_document.uri)


def _answer(server: Server) -> None:
    """What is asked about a place."""
    kinds = [types.CodeActionKind.QuickFix, translate.FIX_ALL]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))
    async def actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        reading = await ls.current(ls.key(uri))
        if reading is None:
            return []
        made = translate.actions(reading, uri, params.range, ls.workspace.position_codec)
        only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
        return [a for a in made if not only or any(str(getattr(a.kind, "value", a.kind)).startswith(kind) for kind in only)]

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        key = ls.key(uri)
        reading = await ls.current(key)
        if reading is None:
            return None
        text = translate.hover(reading, await ls.steps(key, reading), uri, params.position.line + 1)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None
