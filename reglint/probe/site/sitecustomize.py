"""Runs at the start of every Python process of a probed program: waits for torch to be imported, then hooks into it.

Without the environment variable of the probe this does nothing. The user's own sitecustomize is run as well.
"""

# mypy: ignore-errors
# (runs in any Python that the user has, before anything else: no annotations, no imports of ours)

import importlib.machinery
import importlib.util
import json
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


class _TorchWatcher:
    """A finder that lets the others find torch and arms the probe once torch has been imported."""

    def __init__(self, config):
        self.config = config
        self.busy = False

    def find_spec(self, name, path=None, target=None):
        """Wrap the loader of torch; everything else is none of our business."""
        if name != "torch" or self.busy:
            return None
        self.busy = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.busy = False
        if spec is None or spec.loader is None:
            return None
        real = spec.loader.exec_module

        def exec_module(module):
            real(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            try:
                root = self.config["root"]
                if importlib.util.find_spec("reglint") is None:
                    sys.path.append(root)
                from reglint.probe import child

                child.arm(self.config)
            except Exception as error:  # the program must run even where the probe cannot
                with open(os.path.join(self.config["directory"], f"failure-{os.getpid()}.txt"), "w") as file:
                    file.write(f"{type(error).__name__}: {error}")

        spec.loader.exec_module = exec_module
        return spec


def _chain():
    """Run the sitecustomize that ours hides."""
    others = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def _start():
    text = os.environ.get("REGLINT_PROBE")
    if not text:
        return
    config = json.loads(text)
    sys.path[:] = [path for path in sys.path if path != _HERE]
    with open(os.path.join(config["directory"], f"hello-{os.getpid()}"), "w"):
        pass
    if config["timeout"] and "torch" not in sys.modules:
        import faulthandler

        # before torch is there: a program that hangs earlier has a location too
        config["stacks"] = open(os.path.join(config["directory"], f"stacks-{os.getpid()}.txt"), "w")  # noqa: SIM115 (must stay open)
        faulthandler.dump_traceback_later(max(config["timeout"] - 0.7, 0.1), file=config["stacks"])
    sys.meta_path.insert(0, _TorchWatcher(config))


_start()
_chain()
