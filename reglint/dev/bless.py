"""`python -m reglint.dev bless`: write the outputs of today into the READMEs that show them."""

from __future__ import annotations

from pathlib import Path

import click

from reglint.dev import ROOT, shown


@click.command("bless", help="Regenerate the outputs shown in the READMEs (all, or those under PATHS).")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; fail where an output is out of date.")
def command(paths: tuple[Path, ...], check: bool) -> None:
    """Refresh every page that shows outputs, and say which ones changed."""
    stale = 0
    under = tuple(path.resolve() for path in paths)
    for page in shown.pages():
        if under and not any(page.is_relative_to(path) for path in under):
            continue  # not asked for
        new = shown.refresh(page)
        if new != page.read_text(encoding="utf-8"):
            stale += 1
            click.echo(f"{'out of date' if check else 'rewritten'}: {page.relative_to(ROOT).as_posix()}")
            if not check:
                page.write_text(new, encoding="utf-8")
    if check and stale:
        raise click.exceptions.Exit(1)
