# ruff: noqa: E501  # each program stands in one line, to be read as a table
"""Settings: where a number comes from, and what it is by default."""

from __future__ import annotations

import pytest

from reglint.step.values import Const
from tests.reader.reading import Read, origin, plain

HEADER = "import argparse, sys, os, json, yaml\nimport torch\nfrom dataclasses import dataclass, field\nfrom somewhere import unknown\nshow = torch.nn.Dropout\n"
PARSER = "p = argparse.ArgumentParser()\n"
# name: (program, value, origin, whether whoever runs the program can set it)
SETTINGS: dict[str, tuple[str, object, str, bool]] = {
    "literal": ("show(0.5)", 0.5, "literal", False),
    "module constant": ("WD = 0.5\nshow(WD)", 0.5, "WD", False),
    "computed": ("A = 0.25\nshow(A * 2)", 0.5, "A", False),
    "parameter": ("def f(wd=0.5):\n    show(wd)\nf()", 0.5, "default of wd", False),
    "parameter given": ("def f(wd=0.1):\n    show(wd)\nf(0.5)", 0.5, "literal", False),
    "option": (PARSER + "p.add_argument('--wd', default=0.5)\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "option with text": (PARSER + "p.add_argument('--wd', type=float, default='5e-1')\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "option with text of unknown type": (PARSER + "p.add_argument('--wd', type=unknown, default='0.5')\nshow(p.parse_args().wd)", "?", "", False),
    "two flags": (PARSER + "p.add_argument('-w', '--weight-decay', type=float, default=0.5)\nshow(p.parse_args().weight_decay)", 0.5, "default of --weight-decay", True),
    "dest": (PARSER + "p.add_argument('--wd', dest='decay', default=0.5)\nshow(p.parse_args().decay)", 0.5, "default of --wd", True),
    "no default": (PARSER + "p.add_argument('--wd', type=float)\nshow(p.parse_args().wd)", "?", "", False),
    "required": (PARSER + "p.add_argument('--wd', type=float, required=True)\nshow(p.parse_args().wd)", "?", "", False),
    "positional": (PARSER + "p.add_argument('wd', type=float)\nshow(p.parse_args().wd)", "?", "", False),
    "flag": (PARSER + "p.add_argument('--no-wd', action='store_true')\nshow(p.parse_args().no_wd)", False, "default of --no-wd", True),
    "group": (PARSER + "g = p.add_argument_group('g')\ng.add_argument('--wd', default=0.5)\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "exclusive group": (PARSER + "g = p.add_mutually_exclusive_group()\ng.add_argument('--wd', default=0.5)\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "set_defaults": (PARSER + "p.add_argument('--wd', default=0.1)\np.set_defaults(wd=0.5)\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "known args": (PARSER + "p.add_argument('--wd', default=0.5)\nargs, rest = p.parse_known_args()\nshow(args.wd)", 0.5, "default of --wd", True),
    "known args by item": (PARSER + "p.add_argument('--wd', default=0.5)\nargs = p.parse_known_args()[0]\nshow(args.wd)", 0.5, "default of --wd", True),
    "subparser": (PARSER + "s = p.add_subparsers()\na = s.add_parser('a')\na.add_argument('--wd', default=0.5)\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "subparsers that differ": (
        PARSER + "s = p.add_subparsers()\na = s.add_parser('a')\nb = s.add_parser('b')\na.add_argument('--wd', default=0.5)\n"
        "b.add_argument('--wd', default=0.1)\nshow(p.parse_args().wd)", "?", "", False,
    ),
    "parents": (PARSER + "p.add_argument('--wd', default=0.5)\nq = argparse.ArgumentParser(parents=[p])\nshow(q.parse_args().wd)", 0.5, "default of --wd", True),
    "suppressed": (PARSER + "p.add_argument('--wd', default=argparse.SUPPRESS)\nshow(p.parse_args().wd)", "?", "", False),
    "options in a function": ("def get():\n    p = argparse.ArgumentParser()\n    p.add_argument('--wd', default=0.5)\n    return p.parse_args()\nshow(get().wd)", 0.5, "default of --wd", True),
    "options added by a function": (PARSER + "def add(q):\n    q.add_argument('--wd', default=0.5)\n    return q\np = add(p)\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "overwritten option": (PARSER + "p.add_argument('--wd', default=0.1)\nargs = p.parse_args()\nargs.wd = 0.5\nshow(args.wd)", 0.5, "literal", False),
    "vars": (PARSER + "p.add_argument('--wd', default=0.5)\nshow(vars(p.parse_args())['wd'])", 0.5, "default of --wd", True),
    "vars as keywords": (PARSER + "p.add_argument('--wd', default=0.5)\ndef f(wd=0.1, **rest):\n    show(wd)\nf(**vars(p.parse_args()))", 0.5, "default of --wd", True),
    "default in a loop": (PARSER + "for n, d in [('--lr', 0.1), ('--wd', 0.5)]:\n    p.add_argument(n, default=d)\nshow(p.parse_args().wd)", 0.5, "default of --wd", True),
    "minimum with an option": (PARSER + "p.add_argument('--wd', default=0.5, type=float)\nshow(min(p.parse_args().wd, 0.9))", 0.5, "default of --wd", True),
    "option times a constant": (PARSER + "p.add_argument('--wd', default=0.25, type=float)\nshow(2 * p.parse_args().wd)", 0.5, "default of --wd", True),
    "dataclass": ("@dataclass\nclass C:\n    lr: float = 0.1\n    wd: float = 0.5\nshow(C().wd)", 0.5, "default of C.wd", True),
    "dataclass given": ("@dataclass\nclass C:\n    wd: float = 0.1\nshow(C(wd=0.5).wd)", 0.5, "literal", False),
    "dataclass field": ("@dataclass\nclass C:\n    wd: float = field(default=0.5)\nshow(C().wd)", 0.5, "default of C.wd", True),
    "nested dataclass": ("@dataclass\nclass D:\n    wd: float = 0.5\n@dataclass\nclass C:\n    d: D = field(default_factory=D)\nshow(C().d.wd)", 0.5, "default of D.wd", True),
    "inherited dataclass": ("@dataclass\nclass D:\n    wd: float = 0.1\n@dataclass\nclass C(D):\n    wd: float = 0.5\nshow(C().wd)", 0.5, "default of C.wd", True),
    "post init": ("@dataclass\nclass C:\n    wd: float = 0.1\n    def __post_init__(self):\n        self.wd = 0.5\nshow(C().wd)", 0.5, "literal", False),
    "class of settings": ("class C:\n    wd = 0.5\nshow(C.wd)", 0.5, "literal", False),
    "dict": ("cfg = {'opt': {'wd': 0.5}}\nshow(cfg['opt']['wd'])", 0.5, "literal", False),
    "keywords known": ("def f(**kw):\n    show(kw['wd'])\nf(wd=0.5)", 0.5, "literal", False),
    "keywords with a default": ("def f(**kw):\n    show(kw.get('wd', 0.5))\nf()", 0.5, "literal", False),
    "keywords not known": ("def f(wd=0.1):\n    show(wd)\nf(**unknown())", "?", "", False),
    "or a default": ("def f(wd=None):\n    wd = wd or 0.5\n    show(wd)\nf()", 0.5, "literal", False),
    "None tested": ("def f(wd=None):\n    if wd is None:\n        wd = 0.5\n    show(wd)\nf()", 0.5, "literal", False),
    "None by conditional expression": ("def f(wd=None):\n    show(0.5 if wd is None else wd)\nf()", 0.5, "literal", False),
    "click": ("import click\n@click.command()\n@click.option('--wd', default=0.5)\ndef main(wd):\n    show(wd)\nmain()", 0.5, "default of --wd", True),
    "click with a name": ("import click\n@click.command()\n@click.option('--weight-decay', 'wd', default=0.5)\ndef main(wd):\n    show(wd)\nmain()", 0.5, "default of --weight-decay", True),
    "fire": ("import fire\ndef main(wd=0.5):\n    show(wd)\nfire.Fire(main)", 0.5, "default of wd", True),
    "namespace": ("args = argparse.Namespace(wd=0.5)\nshow(args.wd)", 0.5, "literal", False),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_settings(name: str, read: Read) -> None:
    """A setting has its default value, its source, and is adjustable where whoever runs the program can set it."""
    program, value, source, adjustable = SETTINGS[name]
    found = read(HEADER + program).shown[0]
    assert plain(found) == value
    if isinstance(found, Const):
        assert (origin(found), found.adjustable) == (source, adjustable)


FILES = {
    "yaml": ("conf.yaml", "opt:\n  wd: 0.5\n", "show(yaml.safe_load(open('conf.yaml'))['opt']['wd'])", 0.5),
    "yaml in a with block": ("conf.yaml", "wd: 0.5\n", "with open('conf.yaml') as f:\n    c = yaml.load(f, Loader=yaml.FullLoader)\nshow(c['wd'])", 0.5),
    "yaml number as text": ("conf.yaml", "wd: 5e-1\n", "show(float(yaml.safe_load(open('conf.yaml'))['wd']))", 0.5),
    "json": ("conf.json", '{"opt": {"wd": 0.5}}', "show(json.load(open('conf.json'))['opt']['wd'])", 0.5),
    "json text": ("conf.json", '{"wd": 0.5}', "show(json.loads(open('conf.json').read())['wd'])", "?"),
    "absent": ("other.yaml", "wd: 0.5\n", "show(yaml.safe_load(open('conf.yaml'))['wd'])", "?"),
    "broken": ("conf.yaml", "wd: [0.5\n", "show(yaml.safe_load(open('conf.yaml'))['wd'])", "?"),
    "path by option": ("conf.yaml", "wd: 0.5\n", PARSER + "p.add_argument('--conf', default='conf.yaml')\nshow(yaml.safe_load(open(p.parse_args().conf))['wd'])", 0.5),
    "omegaconf": ("conf.yaml", "opt:\n  wd: 0.5\n", "from omegaconf import OmegaConf\nshow(OmegaConf.load('conf.yaml').opt.wd)", 0.5),
    "hydra": ("conf/config.yaml", "opt:\n  wd: 0.5\n", "import hydra\n@hydra.main(config_path='conf', config_name='config')\ndef main(cfg):\n    show(cfg.opt.wd)\nmain()", 0.5),
}


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, read: Read) -> None:
    """Configuration files of the project are read where their path is known; their numbers are adjustable."""
    path, text, program, value = FILES[name]
    found = read({path: text, "main.py": HEADER + program}).shown[0]
    assert plain(found) in (value, "?") if value == "?" else plain(found) == value
    assert not isinstance(found, Const) or found.adjustable


def test_hydra_defaults(read: Read) -> None:
    """The groups that a hydra configuration chooses are read from their own files."""
    files = {
        "conf/config.yaml": "defaults:\n  - opt: adam\nlr: 0.1\n",
        "conf/opt/adam.yaml": "wd: 0.5\n",
        "main.py": HEADER + "import hydra\n@hydra.main(config_path='conf', config_name='config')\ndef main(cfg):\n    show(cfg.opt.wd)\nmain()",
    }
    assert plain(read(files).value) == 0.5


def test_constructor_not_evaluated_keeps_what_it_is_given(read: Read) -> None:
    """Where patience with a constructor is lost, its object still has what the constructor merely keeps of its arguments."""
    prepared = "\n".join(f"        self.table[{n}] = source.column({n}) * {n}" for n in range(400))
    found = read(
        f"""
from torch import nn

class Table:
    def __init__(self, source, rate, width):
        self.table = {{}}
        self.rate = rate
        self.width = width
        width = source.width()
        self.width = min(width, self.width)
{prepared}

def show(source):
    first, second = Table(source, 0.25, 3), Table(source, 0.5, 4)
    nn.Dropout(first.rate), nn.Dropout(second.rate), nn.Dropout(second.width)

if __name__ == "__main__":
    show(open("table"))
"""
    )
    assert [plain(value) for value in found.shown] == [0.25, 0.5, "?"]
