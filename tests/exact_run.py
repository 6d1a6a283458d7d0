"""Run programs and keep what they train, bit by bit: `python exact_run.py RESULT FILE…`, one process for all of them.

RESULT is written with torch.save: for each file how it ended, the parameters after every step of every optimizer, and
the state of the modules that its global names stand for at the end.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

STEPS = 100


class Enough(BaseException):
    """Not an Exception, so that a program that catches those ends as well."""


def code_of(path: Path) -> str:
    """The text of a module, or the code cells of a notebook in their order."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")


def state_of(modules: dict[str, Any]) -> dict[str, Any]:
    """Parameters, buffers and plain attributes of modules, by name; a retired word is the one it stands for."""
    kept: dict[str, Any] = {}
    for name, module in modules.items():
        kept |= {f"{name}.{key}": value.detach().clone() for key, value in module.state_dict().items()}
        kept |= {f"{name}.{key}": value for key, value in vars(module).items() if isinstance(value, (bool, int, float, str))}
        if kept.get(f"{name}.reduction") == "elementwise_mean":
            kept[f"{name}.reduction"] = "mean"
    return kept


def run(path: Path) -> dict[str, Any]:
    """Execute a file as `__main__` from fixed seeds."""
    steps: list[list[torch.Tensor]] = []

    def after_step(optimizer: torch.optim.Optimizer, *_: object) -> None:
        steps.append([p.detach().clone() for group in optimizer.param_groups for p in group["params"]])
        if len(steps) == STEPS:
            raise Enough

    known = set(sys.modules)
    torch.manual_seed(0)
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
    sys.argv = [str(path)]
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    hook = register_optimizer_step_post_hook(after_step)
    try:
        exec(compile(code_of(path), str(path), "exec"), names)
        end = "ran to its end"
    except Enough:
        end = f"{STEPS} steps"
    except (Exception, SystemExit) as error:
        end = f"{type(error).__name__}: {error}"
    finally:
        hook.remove()
        del sys.path[0]
    for name in set(sys.modules) - known:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(path.parent) + os.sep):
            del sys.modules[name]  # the next program may have a file of the same name
    modules = {name: value for name, value in names.items() if isinstance(value, torch.nn.Module)}
    return {"end": end, "steps": steps, "state": state_of(modules)}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.use_deterministic_algorithms(True)
    result, *files = (Path(name).absolute() for name in sys.argv[1:])
    records = [run(path) for path in files]
    torch.save(records, result)
