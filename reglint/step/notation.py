"""How a formula is written: the signs of unicode, ascii and LaTeX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Notation:
    """The signs of one style; methods compose them. Templates have one or two `{}`."""

    arrow: str
    minus: str
    dot: str
    eta: str
    weight: str
    direction: str
    signum: str
    gradient_template: str
    derivative_template: str
    clamp_template: str
    symbols: Mapping[str, str]

    def times(self, factor: str, what: str) -> str:
        """`0.1·w`."""
        return f"{factor}{self.dot}{what}"

    def parentheses(self, what: str) -> str:
        """`(…)`."""
        return f"({what})"

    def gradient(self, name: str) -> str:
        """The gradient of a data term: `∇L_data`."""
        return self.gradient_template.format(name)

    def derivative(self, name: str) -> str:
        """The gradient of a penalty without a closed form: `∇orthogonal(w)`."""
        return self.derivative_template.format(name)

    def clamp(self, what: str, bound: str) -> str:
        """`clamp(∇L_data, ±5)`."""
        return self.clamp_template.format(what, bound)

    def symbol(self, name: str) -> str:
        """A letter for a number that is not known."""
        return self.symbols.get(name, name)


NOTATION: Mapping[str, Notation] = MappingProxyType(
    {
        "unicode": Notation("←", " − ", "·", "η", "w", "w/‖w‖", "sign(w)", "∇L_{}", "∇{}(w)", "clamp({}, ±{})", {}),
        "ascii": Notation(
            "<-", " - ", "*", "lr", "w", "w/|w|", "sign(w)", "grad L_{}", "grad {}(w)", "clamp({}, +-{})", {"λ": "lambda", "μ": "mu"}
        ),
        "latex": Notation(
            r"\leftarrow", " - ", r" \cdot ", r"\eta", "w", r"w/\lVert w\rVert", r"\operatorname{sign}(w)",
            r"\nabla L_{{\mathrm{{{}}}}}", r"\nabla \mathrm{{{}}}(w)", r"\operatorname{{clamp}}({}, \pm {})",
            {"λ": r"\lambda", "μ": r"\mu"},
        ),
    }
)  # fmt: skip


def number_text(value: float) -> str:
    """Six significant digits, no more: `0.0005`, `1e-05`, `25`."""
    return f"{value:g}"
