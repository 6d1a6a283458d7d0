"""Report → text in one of the output formats. Nothing else formats findings; each module holds one format."""

from __future__ import annotations

import importlib
from collections import Counter

from reglint.findings import Report


def render(report: Report, output_format: str, *, colour: bool = False, quiet: bool = False, hint: bool = False) -> str:
    """The report in a format of the command line; ends with a line break unless empty. `hint`: say what --fix would do, for people."""
    if output_format in ("full", "concise"):
        from reglint.report import text

        if output_format == "full":
            return text.render_full(report, colour=colour, quiet=quiet, hint=hint)
        return text.render_concise(report, colour=colour, hint=hint and not quiet)
    rendered: str = importlib.import_module(f"reglint.report.{output_format}").render(report)
    return rendered


def render_statistics(report: Report, output_format: str) -> str:
    """How often each rule speaks, most often first, as a table or as JSON."""
    counts = Counter((f.code, f.name) for f in report.findings)
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if output_format in ("json", "jsonl"):
        import json

        return json.dumps([{"code": code, "name": name, "count": count} for (code, name), count in rows], indent=2) + "\n"
    width = max((len(str(count)) for _, count in rows), default=0)
    return "".join(f"{count:>{width}}  {code}  {name}\n" for (code, name), count in rows)
