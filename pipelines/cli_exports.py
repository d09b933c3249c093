"""The commands of `bursar export`: arguments in, files and a document out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_shared import AsJson, Home, exit_codes
from pipelines.config import load_settings
from pipelines.reporting import Console

export = typer.Typer(no_args_is_help=True, help="Files for finance, out of the publication.")


@export.callback()
def exports() -> None:
    """Files for finance, out of the publication."""


@export.command()
def chargeback(
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Billing month, 2026-10.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into [packs/MONTH in the home].")
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="Of xlsx, pdf, csv, focus, journal; commas between.")
    ] = "xlsx,pdf,csv",
    team: Annotated[
        list[str] | None, typer.Option(help="Id of a team; repeat it for more [all].")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write a month's statements of teams: workbook, PDF, CSV, FOCUS, journal, and a manifest."""
    from pipelines.exports.chargeback import export_chargeback, pack_folder

    console = Console(as_json=as_json)
    with exit_codes(console):
        wanted = [name.strip() for name in formats.split(",") if name.strip()]
        first_day = month.date().replace(day=1)
        settings, teams = load_settings(home), team or []
        folder = out or pack_folder(settings, first_day, teams)
        console.show(export_chargeback(settings, first_day, teams, wanted, folder))
