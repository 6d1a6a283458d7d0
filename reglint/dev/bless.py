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
    under = tuple(path.resolve() for path in paths)
    asked = [page for page in shown.pages() if not under or any(page.is_relative_to(path) for path in under)]
    stale = {page: text for page, text in shown.refresh(asked).items() if text != page.read_text(encoding="utf-8")}
    for page, text in stale.items():
        click.echo(f"{'out of date' if check else 'rewritten'}: {page.relative_to(ROOT).as_posix()}")
        if not check:
            page.write_text(text, encoding="utf-8")
    if check and stale:
        raise click.exceptions.Exit(1)
