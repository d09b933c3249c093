"""The commands of `bursar` that explain figures; nothing is decided here."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli_shared import REFUSED, AsJson, Home, exit_codes
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
