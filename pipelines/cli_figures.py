"""The commands of `bursar` that explain figures and make them final; nothing is decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from pipelines.cli_shared import REFUSED, SOURCE_FAILED, AsJson, Home, exit_codes
from pipelines.config import load_settings
from pipelines.reporting import Console


def trace(
    mart: Annotated[str, typer.Argument(help="A published table, such as cost_per_team_month.")],
    keys: Annotated[
        list[str] | None,
        typer.Argument(help="NAME=VALUE of its columns, such as team_id=search; NAME= is unknown."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many of the largest parts to show.")] = 5,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Walk a figure back: facts, allocation, raw record, load and price; 1 if it disagrees."""
    from pipelines.trace import trace as trace_figure

    console = Console(as_json=as_json)
    with exit_codes(console):
        found = trace_figure(load_settings(home), mart, keys or [], limit, with_records=as_json)
        console.show(found)
        if not found["agrees"]:
            raise typer.Exit(REFUSED)


def close(
    month: Annotated[datetime, typer.Argument(formats=["%Y-%m"], help="Billing month, 2026-10.")],
    force: Annotated[
        bool, typer.Option("--force", help="Although lines are open, or the month is not over.")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="Why it is forced; kept in the close.")] = None,
    by: Annotated[str | None, typer.Option(help="Who closes it [the user].")] = None,
    target: Annotated[str, typer.Option(help="What built it: duckdb, or spark.")] = "duckdb",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Freeze a month: what comes later stands in the open month, as adjustments."""
    from pipelines.ledger.close import CloseRefused, Request
    from pipelines.run import run_close

    console = Console(as_json=as_json)
    with exit_codes(console):
        request = Request(month.date().replace(day=1), force, reason, by, target)
        try:
            with console.progress() as progress:
                done = run_close(load_settings(home), request, progress)
        except CloseRefused as refused:
            console.error(str(refused))
            raise typer.Exit(REFUSED) from None
        console.show(done)
        for fault in done["faults"]:
            console.error(fault)
        if done["faults"]:
            raise typer.Exit(SOURCE_FAILED)


def verify(
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the hashes; make no statement again.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Hold every closed month against its hashes and the lake; 1 if a byte differs."""
    from pipelines.ledger.verify import verify as verify_closes
    from pipelines.run import only_run

    console = Console(as_json=as_json)
    with exit_codes(console):
        settings = load_settings(home)
        with console.progress() as progress, only_run(settings):
            found = verify_closes(settings, progress, quick=quick)
        console.show(found)
        if found["differences"]:
            raise typer.Exit(REFUSED)
