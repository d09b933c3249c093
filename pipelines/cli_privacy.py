"""The commands of `bursar` about persons; nothing is decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipelines.cli_shared import AsJson, Home, exit_codes, look_after
from pipelines.config import load_settings
from pipelines.reporting import Console


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be forgotten.")
    ] = False,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Forget what is of before this day [as settings say]."
        ),
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option(
            help="Forget one person, by address, user or device; repeat it for more names."
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why; kept in the audit log.")] = None,
    target: Annotated[str, typer.Option(help="What builds: duckdb, or spark.")] = "duckdb",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Forget persons in traffic, identity and card signals whose time is over, and build again."""
    from pipelines.privacy.purge import Request
    from pipelines.privacy.purge import purge as forget

    day = before.date() if before else None
    request = Request(day, tuple(person or ()), reason, dry_run, target)
    look_after(home, as_json, lambda settings, progress: forget(settings, request, progress))


def persons(
    finding: Annotated[str | None, typer.Argument(help="finding_id of shadow_findings.")] = None,
    reason: Annotated[str, typer.Option(help="Why; kept in the audit log.")] = "",
    service: Annotated[str | None, typer.Option(help="Or an ai_service_id, with --team.")] = None,
    team: Annotated[str | None, typer.Option(help="And a team_id.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show whose signals a finding is made of, for who may see it; each look is written down."""
    from pipelines.privacy.persons import Look, show_persons

    console = Console(as_json=as_json)
    with exit_codes(console):
        console.show(show_persons(load_settings(home), Look(reason, finding, service, team)))
