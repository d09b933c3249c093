"""The commands of `bursar prices`: arguments in, a document out; nothing is decided here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli_shared import AsJson, Home, exit_codes, look_after
from pipelines.config import Settings, load_settings
from pipelines.reporting import Console

if TYPE_CHECKING:
    from pipelines.load import Progress

prices = typer.Typer(
    no_args_is_help=True, help="The price book: editions, differences, and trials of them."
)
Version = Annotated[int | None, typer.Option(min=1, help="Number of a price version.")]


@prices.command()
def update(home: Home = None, as_json: AsJson = False) -> None:
    """Load new editions of the price books; they count only once `reprice` says so."""
    from pipelines.prices import update as update_prices

    look_after(home, as_json, update_prices)


@prices.command()
def versions(home: Home = None, as_json: AsJson = False) -> None:
    """List the versions of the price book, and say which counts."""
    from pipelines.prices import list_versions

    _look(home, as_json, list_versions)


@prices.command()
def diff(
    earlier: Annotated[
        int | None, typer.Option("--from", min=1, help="Version [the one that counts].")
    ] = None,
    later: Annotated[int | None, typer.Option("--to", min=1, help="Version [the newest].")] = None,
    model: Annotated[str | None, typer.Option(help="A part of a model's name [all].")] = None,
    is_whole: Annotated[
        bool, typer.Option("--all", help="Every change, not the first 200.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say which prices one version has otherwise than another."""
    from pipelines.prices import diff as diff_prices

    def read(settings: Settings) -> dict[str, Any]:
        return diff_prices(settings, earlier, later, model, is_whole=is_whole)

    _look(home, as_json, read)


@prices.command()
def show(
    model: Annotated[str, typer.Argument(help="A model's id, name, or key in a price book.")],
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day [every day].")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show a model's published prices: both books, tiers, regions, and from when to when."""
    from pipelines.prices import show as show_prices

    day = at.date() if at else None
    _look(home, as_json, lambda settings: show_prices(settings, model, day))


@prices.command()
def reprice(
    version: Version = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what it would change.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Let a version of the prices count [the newest], or show first what it changes."""
    from pipelines.prices import reprice as reprice_home

    def action(settings: Settings, progress: Progress) -> dict[str, Any]:
        return reprice_home(settings, version, progress, dry_run=dry_run)

    look_after(home, as_json, action)


def _look(home: Any, as_json: bool, read: Any) -> None:
    """Show something of a home that may be at work."""
    console = Console(as_json=as_json)
    with exit_codes(console):
        console.show(read(load_settings(home)))
