"""A formula as MathML, which browsers typeset without any library: the unicode text of a formula, sign by sign."""

from __future__ import annotations

import re
from html import escape

_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)"
    r"|(?P<direction>w/‖w‖)"
    r"|(?P<gradient>∇L?)_(?P<of>\w+)"
    r"|(?P<derivative>∇)(?P<name>\w+)"
    r"|(?P<word>\w+)"
    r"|(?P<open>\()|(?P<close>\))"
    r"|(?P<sign>[^\s\w])|(?P<space>\s+)"
)


def mathml(text: str) -> str:
    """The MathML of a formula such as `w ← w − 0.1·(∇L_data + 1·w)`; what is no formula comes out as its words."""
    parts: list[str] = []
    open_brackets = 0
    for token in _TOKEN.finditer(text):
        if token["open"]:
            open_brackets += 1
            parts.append('<mrow><mo stretchy="false">(</mo>')
        elif token["close"] and open_brackets:
            open_brackets -= 1
            parts.append('<mo stretchy="false">)</mo></mrow>')
        else:
            parts.append(_one(token))
    inside = "".join(parts) + "</mrow>" * open_brackets
    return f'<math display="block"><mrow>{inside}</mrow></math>'


def _one(token: re.Match[str]) -> str:
    if number := token["number"]:
        return _number(number)
    if token["direction"]:
        return '<mfrac><mi>w</mi><mrow><mo stretchy="false">‖</mo><mi>w</mi><mo stretchy="false">‖</mo></mrow></mfrac>'
    if token["gradient"]:
        base = "<mo>∇</mo><mi>L</mi>" if token["gradient"] == "∇L" else "<mo>∇</mo>"
        return f"<msub><mrow>{base}</mrow><mtext>{escape(token['of'])}</mtext></msub>"
    if token["derivative"]:
        return f"<mrow><mo>∇</mo>{_word(token['name'])}</mrow>"
    if word := token["word"]:
        return _word(word)
    if sign := token["sign"]:
        return f"<mo>{escape(sign)}</mo>"
    return ""


def _number(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return f"<mn>{text}</mn>"
    power = f"<msup><mn>10</mn><mn>{int(exponent)}</mn></msup>".replace("-", "−")
    return f"<mrow><mn>{mantissa}</mn><mo>×</mo>{power}</mrow>" if mantissa != "1" else power


def _word(word: str) -> str:
    """A letter in italics, a word upright, with what follows an underscore below the line."""
    base, _, below = word.partition("_")
    made = f"<mi>{escape(base)}</mi>" if len(base) == 1 else f'<mi mathvariant="normal">{escape(base)}</mi>'
    return f"<msub>{made}<mtext>{escape(below)}</mtext></msub>" if base and below else made
