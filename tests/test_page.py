"""The page of `--report`: what stands in it, and what it looks like and does in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from reglint.cli import main
from reglint.report.mathml import mathml
from reglint.report.plot import Point, plot

TRAIN = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.5)
for step in range(2):
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    loss = criterion(model(x), y)
    loss = loss + 0.5 * sum((p ** 2).sum() for p in model.parameters())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
# Sorts by the last column, twice, filters, and writes into the document what is to be seen then.
DRIVER = """<script>
const heads = [...document.querySelectorAll('#parameters th button')], filter = document.querySelector('input');
const rows = () => [...document.querySelectorAll('#parameters tbody tr')].filter(row => !row.hidden);
const names = () => rows().map(row => row.cells[1].textContent).join(' ');
heads[1].click(); heads[1].click();
const sorted = names();
filter.value = 'norm'; filter.dispatchEvent(new Event('input'));
document.body.innerHTML = `<p id=out>${sorted}|${names()}|${document.getElementById('shown').textContent}</p>`;
</script>"""


@pytest.fixture
def page(folder: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """The page of a small program."""
    (folder / "train.py").write_text(TRAIN)
    assert main(["formula", "--report", "out.html", "train.py"]) == 0
    assert "w ← w − 0.1·" in capfd.readouterr().out
    return (folder / "out.html").read_text()


class Links(HTMLParser):
    """Everything in a page that a browser would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Anything but a link to click on."""
        self.found += [str(value) for name, value in attrs if name in ("src", "href", "data", "action") and tag != "a"]


def test_page(page: str) -> None:
    """Formula, findings, plot and a row for every parameter; nothing is loaded from elsewhere."""
    links = Links()
    links.feed(page)
    assert links.found == [] and "@import" not in page and "url(" not in page
    assert page.count("<tr><td>") == 6 and "0.bias" in page and page.count("<circle") == 6
    assert "RGL101 double-l2" in page and "literal at train.py:6" in page and "<math" in page
    assert "prefers-color-scheme: dark" in page


def test_page_without_steps(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A program without training has a page that says so."""
    (folder / "a.py").write_text("import torch\n")
    assert main(["formula", "--report", "out.html", "a.py"]) == 0
    assert "No training step was found." in (folder / "out.html").read_text() and capfd.readouterr()


def test_text_is_escaped(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Names from the program cannot become part of the page's code."""
    (folder / "<b>&.py").write_text(TRAIN)
    assert main(["formula", "--report", "out.html", "<b>&.py"]) == 0
    text = (folder / "out.html").read_text()
    assert "<b>&" not in text and "&lt;b&gt;&amp;.py" in text and capfd.readouterr()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("w ← w − 0.1·(∇L_data + 1·w)", ["<mi>w</mi>", "<mo>←</mo>", "<mn>0.1</mn>", "<mtext>data</mtext>"]),
        ("w ← 0.9·w − 1e-05·AdamW(∇L_data)", ["<msup><mn>10</mn><mn>−5</mn></msup>", '<mi mathvariant="normal">AdamW</mi>']),
        ("w ← w − η·(c_1·w/‖w‖ + ∇orthogonal(w))", ["<mfrac>", "<msub><mi>c</mi><mtext>1</mtext></msub>", "orthogonal"]),
        ("w ← w − 2.5e+06·clamp(∇L_data, ±5))", ["<mn>2.5</mn><mo>×</mo>", "clamp"]),
        ("w ← w − lr·m̂/√v̂ with m̂ <of> & (", ["&lt;", "&amp;"]),
    ],
)
def test_mathml(text: str, parts: list[str]) -> None:
    """Well formed whatever comes in, with every letter, number and sign of the formula."""
    made = mathml(text)
    ElementTree.fromstring(made)
    assert all(part in made for part in parts)


@pytest.mark.parametrize("values", [[0.0], [0.0, 0.0], [1.0], [1e-7, 1.0, 0.0], [0.1, 0.2, 0.3], [-1.0, 2.0], [1e-300, 1e300], [5.0, 5.0]])
def test_plot(values: list[float]) -> None:
    """Every dot is inside, on a linear axis or on a logarithmic one."""
    made = plot([Point(index, value, f"p{index}", "weight") for index, value in enumerate(values, 1)], "decay", len(values))
    heights = [float(y) for y in re.findall(r"cy=([\d.]+)", made)]
    assert len(heights) == len(values) and all(0 <= y <= 240 for y in heights)
    assert 2 <= made.count("class=tick") <= 8


CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_browser(page: str, folder: Path) -> None:
    """In Chromium the table sorts and filters, and the formula takes up room."""
    (folder / "driven.html").write_text(page.replace("</body>", DRIVER + "</body>"))
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    done = subprocess.run([*command, (folder / "driven.html").as_uri()], capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r"<p id=\"out\">(.*?)\|(.*?)\|(.*?)</p>", done.stdout)
    assert found is not None, done.stdout[-2000:] + done.stderr
    assert found.groups() == ("2.weight 2.bias 1.weight 1.bias 0.weight 0.bias", "1.weight 1.bias", "2 of 6")


def test_measured_page(folder: Path) -> None:
    """A measurement fills the same page, with the size of every update."""
    pytest.importorskip("torch")
    from reglint.probe import probe_script
    from reglint.probe.page import html

    (folder / "train.py").write_text(TRAIN)
    text = html(probe_script(folder / "train.py"), "train.py")
    assert "train.py:6:1, measured" in text and "Size of the update by depth" in text and "‖Δw‖/‖w‖" in text
    assert list(re.findall(r"<tr><td>\d+<td>([\w.]+)", text)) == [f"{i}.{p}" for i in range(3) for p in ("weight", "bias")]


def test_probe_writes_the_page(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """`reglint probe --report` writes it, with verdicts on what was predicted."""
    pytest.importorskip("torch")
    (folder / "train.py").write_text(TRAIN)
    main(["probe", "--report", "out.html", "train.py"])
    assert "verdict confirmed" in (folder / "out.html").read_text() and capfd.readouterr()
    assert main(["probe", "--report", "no/such/out.html", "train.py"]) == 2
    assert "cannot write no/such/out.html" in capfd.readouterr().err
