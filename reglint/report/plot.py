"""A scatter plot as SVG: one dot per parameter, by depth; colours and signs by role."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 880, 240, 70, 34, 12
_DECADES = 50.0  # a larger spread than this needs a logarithmic axis


@dataclass(frozen=True, slots=True)
class Point:
    """A parameter: its place in the order from 1, a value, and what to call it."""

    depth: int
    value: float
    name: str
    role: str


def plot(points: Sequence[Point], label: str, depth: int) -> str:
    """The plot with its axes and a legend; every dot says on hover what it is."""
    scale = _Scale.of([point.value for point in points])
    lines = [f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role=img aria-label='{escape(label, quote=True)} by depth'>"]
    for tick in scale.ticks():
        y = scale.y(tick)
        lines.append(f"<line class=grid x1={LEFT} x2={WIDTH - 8} y1={y:.1f} y2={y:.1f} />")
        lines.append(f"<text class=tick x={LEFT - 6} y={y + 4:.1f}>{scale.label(tick)}</text>")
    lines.append(f"<text class=axis x={LEFT} y={HEIGHT - 6}>first parameter</text>")
    lines.append(f"<text class='axis end' x={WIDTH - 8} y={HEIGHT - 6}>last of {depth}</text>")
    middle = (HEIGHT - BOTTOM + TOP) / 2
    lines.append(f"<text class='axis middle' transform='translate(12 {middle:.0f}) rotate(-90)'>{escape(label)}</text>")
    for point in points:
        x = LEFT + 8 + (WIDTH - LEFT - 24) * (point.depth - 1) / max(depth - 1, 1)
        title = f"<title>{escape(point.name)} ({escape(point.role)}): {point.value:.4g}</title>"
        lines.append(f"<circle class='dot {_class(point.role)}' cx={x:.1f} cy={scale.y(point.value):.1f} r=4>{title}</circle>")
    roles = "".join(f"<span><i class='{_class(role)}'></i>{escape(role)}</span>" for role in dict.fromkeys(point.role for point in points))
    return "".join(lines) + f"</svg><p class=legend>{roles}</p>"


def _class(role: str) -> str:
    return f"role-{role.replace(' ', '-')}"


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to heights: linear from zero, or logarithmic with zero on the floor."""

    top: float
    bottom: float
    logarithmic: bool
    zero: bool = False  # the floor of a logarithmic axis stands for 0

    @classmethod
    def of(cls, values: Sequence[float]) -> _Scale:
        positive = [value for value in values if value > 0 and math.isfinite(value)]
        if not positive:
            return cls(1.0, min([0.0, *values]), False)
        if min(values) >= 0 and max(positive) / _DECADES > min(positive):
            zero = len(positive) < len(values)
            floor = 10.0 ** (math.floor(math.log10(min(positive))) - (1 if zero else 0))
            return cls(10.0 ** math.ceil(math.log10(max(positive))), floor, True, zero)
        return cls(max(positive) * 1.1, min([0.0, *values]), False)

    def y(self, value: float) -> float:
        if self.logarithmic:
            low, high = math.log(self.bottom), math.log(self.top)
            share = (math.log(max(value, self.bottom)) - low) / (high - low)
        else:
            share = (value - self.bottom) / (self.top - self.bottom)
        return HEIGHT - BOTTOM - min(max(share, 0.0), 1.0) * (HEIGHT - BOTTOM - TOP)

    def label(self, tick: float) -> str:
        """What stands at a tick."""
        return "0" if self.zero and tick == self.bottom else f"{tick:.3g}"

    def ticks(self) -> list[float]:
        if self.logarithmic:
            low, high = round(math.log10(self.bottom)), round(math.log10(self.top))
            return [10.0**power for power in range(low, high + 1, max(math.ceil((high - low) / 6), 1))]
        step = 10.0 ** math.floor(math.log10(self.top - self.bottom))
        step = next(step * part for part in (0.1, 0.2, 0.5, 1.0) if (self.top - self.bottom) / (step * part) <= 6 or part == 1.0)
        first = math.ceil(self.bottom / step)
        return [number * step for number in range(first, math.floor(self.top / step) + 1)]
