"""The pages of the rule book: found in `rules/` of a checkout or inside the installed package, and shown."""

from __future__ import annotations

import json
import os
import re
from functools import cache

from reglint.checks import Rule, all_rules
from reglint.config import did_you_mean
from reglint.errors import UsageError

_HERE = os.path.dirname(os.path.abspath(__file__))
# In a checkout the pages stand beside the package; a wheel carries a copy inside it.
_PLACES = (os.path.join(os.path.dirname(_HERE), "rules"), os.path.join(_HERE, "_rules"))


@cache
def page_text(rule: Rule) -> str | None:
    """The Markdown page of a rule, None where there is none (rules about reglint's own run have none)."""
    for place in _PLACES:
        path = os.path.join(place, f"{rule.code}-{rule.name}", "README.md")
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except OSError:
            continue  # not in this place
    return None


def find_rule(code_or_name: str) -> Rule:
    """The rule with this code or name. Raises UsageError with the nearest one where there is none."""
    rules = all_rules()
    for rule in rules:
        if code_or_name.upper() == rule.code or code_or_name.lower() == rule.name:
            return rule
    known = [word for rule in rules for word in (rule.code, rule.name)]
    hint = did_you_mean(code_or_name.upper(), known) or did_you_mean(code_or_name.lower(), known)
    raise UsageError(f"unknown rule `{code_or_name}`{hint}; `reglint rules` lists them")


def render_rule(code_or_name: str, output_format: str, *, colour: bool = False) -> str:
    """A rule's page as text for the terminal, as its Markdown, or as JSON with its metadata."""
    rule = find_rule(code_or_name)
    page = page_text(rule) or f"# {rule.code} {rule.name}\n\n{rule.summary[:1].upper()}{rule.summary[1:]}.\n"
    if output_format == "json":
        return json.dumps({**rule_dict(rule), "page": page}, indent=2, ensure_ascii=False) + "\n"
    return page if output_format == "markdown" else for_terminal(page, colour=colour)


def render_rules(output_format: str) -> str:
    """The table of all rules."""
    rules = all_rules()
    if output_format == "json":
        return json.dumps([rule_dict(rule) for rule in rules], indent=2, ensure_ascii=False) + "\n"
    width = max(len(rule.name) for rule in rules)
    lines = []
    for rule in rules:
        fix = f"{rule.fix} fix" if rule.fix else ""
        preview = "" if rule.default else " (off by default)"
        lines.append(f"{rule.code}  {rule.name:<{width}}  {rule.level:<7}  {fix:<10}  {rule.summary}{preview}\n")
    return "".join(lines)


def rule_dict(rule: Rule) -> dict[str, object]:
    """A rule's metadata as plain data."""
    return {
        "code": rule.code,
        "name": rule.name,
        "level": rule.level.value,
        "summary": rule.summary,
        "fix": rule.fix.value if rule.fix else None,
        "default": rule.default,
        "since": rule.since,
        "url": rule.url,
    }


def for_terminal(markdown: str, *, colour: bool) -> str:
    """Markdown without its marks: headings stand out, code is indented, links show where they lead."""
    lines: list[str] = []
    in_code = False
    for line in markdown.split("\n"):
        if line.startswith("```"):
            in_code = not in_code
            continue
        if in_code:
            lines.append(f"    {line}".rstrip())
        elif heading := re.match(r"(#+)\s+(.*)", line):
            title = heading[2].replace("`", "")
            if colour:
                lines.append(f"\x1b[1m{title}\x1b[0m")
            else:
                lines += [title, ("=" if len(heading[1]) == 1 else "-") * len(title)]
        else:
            text = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"\1 (\2)", line)
            text = re.sub(r"\*\*([^*]+)\*\*", "\x1b[1m\\1\x1b[0m" if colour else r"\1", text)
            lines.append(text)
    return "\n".join(lines)
