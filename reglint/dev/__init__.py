"""The development kit: `python -m reglint.dev`. Needs a checkout; nothing else in reglint imports it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The root of the checkout, where rules/, tests/ and examples/ stand."""
