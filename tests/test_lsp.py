"""The language server, spoken to by a client of its own as an editor would."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

pytest_lsp = pytest.importorskip("pytest_lsp")
pytest.importorskip("pygls")

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

pytestmark = pytest.mark.asyncio
BAD = "import torch.nn as nn\né = '😀'; loss = nn.MSELoss(size_average=False)\n"
TRAIN = """\
import torch
from torch import nn

model = nn.Linear(3, 1)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.5)
for x, y in data:
    loss = criterion(model(x), y)
    loss = loss + 0.5 * sum((p ** 2).sum() for p in model.parameters())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
SECONDS = 60  # until a missing answer fails the test; an answer takes a fraction of a second


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-m", "reglint", "lsp", "--stdio"]))  # type: ignore[untyped-decorator]
async def client(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[LanguageClient]:
    """A client that has said hello, with the working directory of the test as its workspace."""
    capabilities = pytest_lsp.client_capabilities("visual-studio-code")
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "test")
    await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities, root_uri=tmp_path.as_uri(), workspace_folders=[folder])
    )
    yield lsp_client
    await lsp_client.shutdown_session()


async def published(client: LanguageClient) -> None:
    """Wait for the next diagnostics."""
    await asyncio.wait_for(client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), SECONDS)


async def opened(client: LanguageClient, path: Path, text: str) -> str:
    """Open a document and wait for what is found in it."""
    uri = path.as_uri()
    waiting = asyncio.ensure_future(published(client))
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text)))
    await waiting
    return uri


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """A text after edits in UTF-16 units, as the editor makes them."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
        start, end = edit.range.start, edit.range.end
        assert start.line == end.line
        raw = lines[start.line].encode("utf-16-le")
        lines[start.line] = (raw[: 2 * start.character] + edit.new_text.encode("utf-16-le") + raw[2 * end.character :]).decode("utf-16-le")
    return "\n".join(lines)


async def test_diagnostics_and_quick_fixes(client: LanguageClient, tmp_path: Path) -> None:
    """Unsaved text is read; the fix and the comment are offered in the units of the editor; what is fixed is taken back."""
    path = tmp_path / "a.py"
    path.write_text("")
    uri = await opened(client, path, BAD)
    (found,) = client.diagnostics[uri]
    assert (found.code, found.source, found.severity) == ("RGL201", "reglint", types.DiagnosticSeverity.Warning)
    assert found.range.start == types.Position(1, 17) and found.code_description is not None
    context = types.CodeActionContext([found])
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), found.range, context)
    fix, ignore, every = await client.text_document_code_action_async(params)
    assert fix.title.startswith("RGL201: ") and fix.is_preferred and ignore.title == "RGL201: ignore it here"
    fixed = BAD.replace("size_average=False", 'reduction="sum"')
    assert applied(BAD, fix.edit.changes[uri]) == applied(BAD, every.edit.changes[uri]) == fixed
    assert applied(BAD, ignore.edit.changes[uri]).endswith(")  # reglint: ignore[RGL201]\n")
    only = types.CodeActionContext([], only=["source.fixAll"])
    everything = await client.text_document_code_action_async(
        types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(types.Position(0, 0), types.Position(0, 0)), only)
    )
    assert [action.kind for action in everything] == ["source.fixAll.reglint"]
    waiting = asyncio.ensure_future(published(client))
    whole = types.TextDocumentContentChangeWholeDocument(fixed)
    client.text_document_did_change(types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(2, uri), [whole]))
    await waiting
    assert not client.diagnostics[uri]


async def test_related_places_and_hover(client: LanguageClient, tmp_path: Path) -> None:
    """A finding points at its second place; hovering over a step shows its formula, over a finding its page."""
    path = tmp_path / "train.py"
    path.write_text(TRAIN)
    uri = await opened(client, path, TRAIN)
    found = next(d for d in client.diagnostics[uri] if d.code == "RGL101")
    assert found.related_information and found.related_information[0].location.uri == uri and "\nupdate: w ← " in found.message
    hover = await client.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(11, 6)))
    assert hover is not None and "w ← w − 0.1·(∇L_data + 1·w" in hover.contents.value
    here = types.HoverParams(types.TextDocumentIdentifier(uri), found.range.start)
    hover = await client.text_document_hover_async(here)
    assert hover is not None and "double-l2" in hover.contents.value
    nothing = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(0, 0))
    assert await client.text_document_hover_async(nothing) is None


async def test_settings(client: LanguageClient, tmp_path: Path) -> None:
    """The settings of the project hold, excluded files are silent, and a mistake in the settings is said once."""
    (tmp_path / "reglint.toml").write_text('ignore = ["RGL201"]\nexclude = ["vendor"]\n')
    (tmp_path / "vendor").mkdir()
    for path in (tmp_path / "a.py", tmp_path / "vendor" / "b.py"):
        path.write_text(BAD)
        assert client.diagnostics[await opened(client, path, BAD)] == ()
    (tmp_path / "reglint.toml").write_text("ignroe = []\n")
    saved = asyncio.ensure_future(asyncio.wait_for(client.wait_for_notification(types.WINDOW_SHOW_MESSAGE), SECONDS))
    client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier((tmp_path / "a.py").as_uri())))
    await saved
    assert [message.message for message in client.messages] == [
        f"reglint: {tmp_path / 'reglint.toml'}: unknown key `ignroe`; did you mean `ignore`?"
    ]


async def test_notebooks(client: LanguageClient, tmp_path: Path) -> None:
    """Cells get their own diagnostics and fixes; imports of one cell hold in the next."""
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4}))
    texts = ["text about it", "import torch.nn as nn", "loss = nn.MSELoss(size_average=False)"]
    uris = [f"vscode-notebook-cell:{path}#{index}" for index in range(3)]
    kinds = [types.NotebookCellKind.Markup, types.NotebookCellKind.Code, types.NotebookCellKind.Code]
    cells = [types.NotebookCell(kind, uri) for kind, uri in zip(kinds, uris, strict=True)]
    book = types.NotebookDocument(path.as_uri(), "jupyter-notebook", 1, cells)
    documents = [types.TextDocumentItem(uri, "python", 1, text) for uri, text in zip(uris, texts, strict=True)]
    client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(book, documents))
    while uris[2] not in client.diagnostics:
        await published(client)
    (found,) = client.diagnostics[uris[2]]
    assert found.code == "RGL201" and found.range.start.line == 0
    params = types.CodeActionParams(types.TextDocumentIdentifier(uris[2]), found.range, types.CodeActionContext([found]))
    fix, *_ = await client.text_document_code_action_async(params)
    assert applied(texts[2], fix.edit.changes[uris[2]]) == 'loss = nn.MSELoss(reduction="sum")'
