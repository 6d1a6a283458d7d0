"""StepModel → UpdateFormula → text (unicode, ascii, LaTeX) and JSON, the same for predicted and measured steps."""

from __future__ import annotations
