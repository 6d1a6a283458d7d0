"""The language server in a real editor: neovim, without a window."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
BAD = "import torch.nn as nn\né = '😀'; loss = nn.MSELoss(size_average=False)\n"
SCRIPT = """
local id = vim.lsp.start_client({ name = 'reglint', cmd = { PYTHON, '-m', 'reglint', 'lsp' }, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, id)
vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end)
local seen = vim.diagnostic.get(0)
local params = vim.lsp.util.make_given_range_params({2, 0}, {2, 5})
params.context = { diagnostics = {} }
local answer = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 60000)[id]
local client = vim.lsp.get_client_by_id(id)
vim.lsp.util.apply_workspace_edit(answer.result[1].edit, client.offset_encoding)
vim.cmd('write')
vim.wait(60000, function() return #vim.diagnostic.get(0) == 0 end)
local out = { seen = seen, left = #vim.diagnostic.get(0), title = answer.result[1].title }
vim.fn.writefile({ vim.fn.json_encode(out) }, 'out.json')
vim.lsp.stop_client(id)
vim.cmd('quitall!')
"""


@pytest.mark.skipif(shutil.which("nvim") is None, reason="neovim is not installed")
def test_neovim(folder: Path) -> None:
    """Open a file, see the finding where it is, take the quick fix, save, and the finding is gone."""
    (folder / "a.py").write_text(BAD)
    (folder / "run.lua").write_text(SCRIPT.replace("PYTHON", json.dumps(sys.executable)))
    command = ["nvim", "--headless", "--clean", "-n", "a.py", "-c", "set fileencoding=utf-8", "-c", "luafile run.lua"]
    environment = {**os.environ, "PYTHONPATH": str(TOP), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert (folder / "out.json").exists(), done.stderr
    out = json.loads((folder / "out.json").read_text())
    (seen,) = out["seen"]
    assert (seen["code"], seen["source"], seen["lnum"]) == ("RGL201", "reglint", 1)
    assert seen["col"] == len("é = '😀'; loss = ".encode())  # neovim counts bytes
    assert out["title"].startswith("RGL201: ") and out["left"] == 0
    assert (folder / "a.py").read_text() == BAD.replace("size_average=False", 'reduction="sum"')
