"""Names: imports of every kind, packages, scripts beside each other, circles."""

from __future__ import annotations

import pytest

from tests.reader.reading import Read, plain

SHOW = "import torch\nshow = torch.nn.Dropout\n"
# name: the files beside main.py, what main.py does, what is shown
PROJECTS: dict[str, tuple[dict[str, str], str, object]] = {
    "module": ({"conf.py": "wd = 0.3"}, "import conf\nshow(conf.wd)", 0.3),
    "from": ({"conf.py": "wd = 0.3"}, "from conf import wd\nshow(wd)", 0.3),
    "alias": ({"conf.py": "wd = 0.3"}, "import conf as c\nfrom conf import wd as decay\nshow(c.wd + decay)", 0.6),
    "star": ({"conf.py": "wd = 0.3\n_hidden = 1"}, "from conf import *\nshow(wd)", 0.3),
    "star hides": ({"conf.py": "_hidden = 0.3"}, "from conf import *\nshow(_hidden)", "?"),
    "package": ({"pkg/__init__.py": "", "pkg/conf.py": "wd = 0.3"}, "import pkg.conf\nshow(pkg.conf.wd)", 0.3),
    "package exports": ({"pkg/__init__.py": "from .conf import wd", "pkg/conf.py": "wd = 0.3"}, "from pkg import wd\nshow(wd)", 0.3),
    "package without init": ({"pkg/conf.py": "wd = 0.3"}, "from pkg.conf import wd\nshow(wd)", 0.3),
    "submodule": ({"pkg/__init__.py": "", "pkg/conf.py": "wd = 0.3"}, "from pkg import conf\nshow(conf.wd)", 0.3),
    "deep": ({"a/__init__.py": "", "a/b/__init__.py": "", "a/b/c.py": "wd = 0.3"}, "from a.b.c import wd\nshow(wd)", 0.3),
    "relative": (
        {"pkg/__init__.py": "", "pkg/conf.py": "wd = 0.3", "pkg/use.py": "from .conf import wd\nfrom . import conf\ntotal = wd + conf.wd"},
        "from pkg.use import total\nshow(total)", 0.6,
    ),
    "relative upwards": (
        {"pkg/__init__.py": "", "pkg/conf.py": "wd = 0.3", "pkg/sub/__init__.py": "", "pkg/sub/use.py": "from ..conf import wd\nown = wd"},
        "from pkg.sub.use import own\nshow(own)", 0.3,
    ),
    "src layout": ({"src/pkg/__init__.py": "", "src/pkg/conf.py": "wd = 0.3"}, "from pkg.conf import wd\nshow(wd)", 0.3),
    "circle": (
        {"a.py": "import b\nwd = 0.3\ndef get():\n    return b.double()", "b.py": "import a\ndef double():\n    return a.wd * 2"},
        "import a\nshow(a.get())", 0.6,
    ),
    "circle by from": (
        {"a.py": "from b import double\nwd = 0.3", "b.py": "def double():\n    from a import wd\n    return wd * 2"},
        "from b import double\nshow(double())", 0.6,
    ),
    "reexported star": ({"a.py": "wd = 0.3", "b.py": "from a import *"}, "from b import wd\nshow(wd)", 0.3),
    "unknown module": ({}, "import nowhere\nshow(nowhere.wd)", "?"),
    "unknown name": ({"conf.py": "other = 1"}, "from conf import wd\nshow(wd)", "?"),
    "last binding wins": ({"conf.py": "wd = 0.1\nwd = 0.3"}, "from conf import wd\nshow(wd)", 0.3),
    "changed in place": ({"conf.py": "cfg = {'wd': 0.1}\ncfg['wd'] = 0.3"}, "from conf import cfg\nshow(cfg['wd'])", 0.3),
    "class of another file": ({"conf.py": "class C:\n    wd = 0.3"}, "from conf import C\nshow(C.wd)", 0.3),
    "function of another file": ({"conf.py": "k = 0.1\ndef f(x):\n    return x + k"}, "from conf import f\nshow(f(0.2))", 0.1 + 0.2),
    "import in a function": ({"conf.py": "wd = 0.3"}, "def f():\n    from conf import wd\n    return wd\nshow(f())", 0.3),
    "importlib": ({"conf.py": "wd = 0.3"}, "import importlib\nshow(importlib.import_module('conf').wd)", 0.3),
    "set from outside": ({"conf.py": "wd = 0.1"}, "import conf\nconf.wd = 0.3\nshow(conf.wd)", 0.3),
    "shadowed library": ({"yaml_conf.py": "wd = 0.3"}, "import yaml_conf as yaml\nshow(yaml.wd)", 0.3),
    "guarded import": ({"conf.py": "wd = 0.3"}, "try:\n    import conf\nexcept ImportError:\n    conf = None\nshow(conf.wd)", {0.3, "?"}),
    "broken file": ({"conf.py": "def f(:\n"}, "import conf\nshow(conf.wd)", "?"),
    "main guard of another file": ({"conf.py": "wd = 0.3\nif __name__ == '__main__':\n    wd = 0.9"}, "from conf import wd\nshow(wd)", 0.3),
}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_projects(name: str, read: Read) -> None:
    """A name means what Python's import system would bind it to."""
    files, program, expected = PROJECTS[name]
    assert plain(read({**files, "main.py": SHOW + program}).value) == expected


def test_scripts_beside_each_other(read: Read) -> None:
    """Modules of the same name in several folders: each script sees the one beside it."""
    files = {f"{folder}/conf.py": f"wd = {value}" for folder, value in (("a", 0.1), ("b", 0.2))}
    files |= {f"{folder}/main.py": SHOW + "from conf import wd\nshow(wd)" for folder in ("a", "b")}
    assert plain(read(files, "a/main.py").value) == 0.1
    assert plain(read(files, "b/main.py").value) == 0.2


@pytest.mark.parametrize(
    "spelling",
    [
        "import torch\ntorch.nn.Dropout(0.7)",
        "import torch.nn as nn\nnn.Dropout(0.7)",
        "from torch import nn\nnn.Dropout(0.7)",
        "from torch.nn import Dropout\nDropout(0.7)",
        "from torch.nn import *\nDropout(0.7)",
        "from torch.nn.modules.dropout import Dropout as D\nD(0.7)",
        "import torch as t\nlayers = t.nn\nlayers.Dropout(p=0.7)",
        "from torch import nn\ngetattr(nn, 'Dropout')(0.7)",
        "from torch import nn\n{'d': nn.Dropout}['d'](0.7)",
        "from torch import nn\nD = nn.Dropout if 1 else nn.Identity\nD(0.7)",
        "import importlib\nimportlib.import_module('torch.nn').Dropout(0.7)",
        "from torch import nn\nclass Mine(nn.Dropout):\n    pass\nMine(0.7)\nnn.Dropout(0.7)",
    ],
)
def test_spellings_of_a_library_name(spelling: str, read: Read) -> None:
    """One class of torch, however it is reached."""
    assert plain(read(spelling).shown[-1]) == 0.7


def test_modules_shared_by_several_programs(read: Read) -> None:
    """An open choice in a shared module is not taken for another open choice of the second program that imports it."""
    files = {
        "conf.py": "from somewhere import unknown\nlr = 0.1 if unknown() else 0.2",
        "one.py": SHOW + "from conf import lr\nshow(lr)",
        "main.py": SHOW + "from elsewhere import a, b, c\nimport conf\n"
        "for test in (a(), b(), c(), a() > 1, b() > 1):\n    if test:\n        show(conf.lr)",
    }
    first, *others = read(files, "one.py", "main.py").shown
    assert plain(first) == {0.1, 0.2}
    assert len(others) == 5
    assert all(plain(v) == {0.1, 0.2} for v in others)
