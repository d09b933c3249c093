"""The `bursar` command: arguments in, a report and an exit code out; nothing is decided here."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines import telemetry
from pipelines.cli_exports import export
from pipelines.cli_figures import close, trace, verify
from pipelines.cli_prices import prices
from pipelines.cli_privacy import persons, purge
from pipelines.cli_shared import (
    REFUSED,
    SOURCE_FAILED,
    WRONG_USAGE,
    AsJson,
    Home,
    exit_codes,
    look_after,
)
from pipelines.config import Settings, SettingsError, load_settings
from pipelines.reporting import Console, Format, configure_logging, describe_run

if TYPE_CHECKING:
    from pipelines.load import Progress

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="AI bills and traffic in one ledger.",
)
app.add_typer(prices, name="prices")
for command in (trace, close, verify, purge, persons):
    app.command()(command)
app.add_typer(export, name="export")

Target = Annotated[str, typer.Option(help="What builds: duckdb, or spark at BURSAR_SPARK_REMOTE.")]
Full = Annotated[bool, typer.Option("--full", help="Build everything again from the lake.")]


def _run(home: Path | None, as_json: bool, action: Callable[[Settings, Console], Any]) -> None:
    console = Console(as_json=as_json)
    with exit_codes(console):
        report = action(load_settings(home), console)
        document = describe_run(report)
        console.log_run(document, report.warnings)
        console.show(document)
        if report.hint:
            console.say(report.hint)
        for fault in report.faults:
            console.error(fault)
        if report.faults:
            raise typer.Exit(SOURCE_FAILED)


@app.command()
def demo(
    home: Home = None,
    days: Annotated[int, typer.Option(min=7)] = 90,
    requests: Annotated[int, typer.Option(min=500)] = 200_000,
    seed: int = 7,
    end: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First day after the period [today, UTC]."),
    ] = None,
    basic: Annotated[
        bool, typer.Option("--basic", help="One gateway and the bills behind it, nothing more.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a made-up company in the providers' own formats, then load, build and publish it."""
    from pipelines.demo.generate import generate
    from pipelines.demo.home import check_home_is_free
    from pipelines.run import run_all

    def action(settings: Settings, console: Console) -> Any:
        check_home_is_free(settings)
        last = end.date() if isinstance(end, datetime) else None
        console.say(f"Writing the demo company to {settings.demo_folder}")
        size = {"days": days, "requests": requests}
        generate(settings.demo_folder, **size, seed=seed, end=last, basic=basic)
        with console.progress() as progress:
            return run_all(settings, progress)

    _run(home, as_json, action)


@app.command()
def load(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Sources to load [all that are configured].")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Load configured sources into the lake."""
    from pipelines.run import run_load

    def action(settings: Settings, console: Console) -> Any:
        with console.progress() as progress:
            return run_load(settings, sources or [], progress)

    _run(home, as_json, action)


@app.command()
def build(
    home: Home = None, full: Full = False, target: Target = "duckdb", as_json: AsJson = False
) -> None:
    """Build with dbt, audit, and publish when every test holds."""
    from pipelines.run import run_build

    def action(settings: Settings, console: Console) -> Any:
        with console.progress() as progress:
            return run_build(settings, progress, full=full, target=target)

    _run(home, as_json, action)


@app.command()
def run(
    home: Home = None, full: Full = False, target: Target = "duckdb", as_json: AsJson = False
) -> None:
    """Load, then build."""
    from pipelines.run import run_all

    def action(settings: Settings, console: Console) -> Any:
        with console.progress() as progress:
            return run_all(settings, progress, full=full, target=target)

    _run(home, as_json, action)


@app.command()
def compact(home: Home = None, as_json: AsJson = False) -> None:
    """Merge the lake's many small files, safe while others read."""
    from pipelines.compact import compact_lake

    look_after(home, as_json, lambda settings, _: compact_lake(settings))


@app.command()
def backup(
    target: Annotated[str, typer.Argument(help="Folder or bucket to copy the home to.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Copy the home: lake, publications, salt; only what changed since the last backup."""
    from pipelines.backup import back_up

    look_after(home, as_json, lambda settings, progress: back_up(settings, target, progress))


@app.command()
def restore(
    source: Annotated[str, typer.Argument(help="Folder or bucket that holds the backup.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring a home to hold all that a backup holds; what is damaged is replaced."""
    from pipelines.backup import restore as restore_home

    look_after(home, as_json, lambda settings, progress: restore_home(settings, source, progress))


@app.command()
def rollback(
    publication: Annotated[
        str | None, typer.Argument(help="Publication id [the one before the current].")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Let readers see an earlier publication; the next build that has news goes forward again."""
    from pipelines.publish import roll_back

    def action(settings: Settings, _: Progress) -> dict[str, Any]:
        left, now = roll_back(settings, publication)
        return {"rollback": {"from": left.name, "to": now.name}}

    look_after(home, as_json, action)


@app.command()
def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Take damaged loads back, to load them again.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Check a home and say what to do; exit code 1 where something is wrong."""
    from pipelines import doctor as checks
    from pipelines.run import only_run

    console = Console(as_json=as_json)
    with exit_codes(console):
        settings = load_settings(home)
        document: dict[str, Any] = {}
        if repair:
            with only_run(settings):
                document["taken_back"] = checks.repair(settings)
        findings = checks.examine(settings)
        console.show({**document, "findings": [asdict(finding) for finding in findings]})
        if any(finding.state == "error" for finding in findings):
            raise typer.Exit(REFUSED)


@app.command()
def serve(
    home: Home = None,
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
) -> None:
    """Serve the apps over the current publication."""
    from notebooks.site.server import AddressError
    from notebooks.site.server import serve as serve_site

    # The server closes its sessions by itself, and then ends by the signal, as stopped.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with exit_codes(Console(as_json=False)):
        try:
            serve_site(home=load_settings(home).home, host=host, port=port)
        except AddressError as error:
            raise SettingsError(str(error)) from None


@app.command()
def status(home: Home = None, as_json: AsJson = False) -> None:
    """Say per source what was loaded and to when it is complete, and what is published."""
    from pipelines.inspect import read_status

    console = Console(as_json=as_json)
    with exit_codes(console):
        console.show(read_status(load_settings(home)))


@app.command()
def quarantine(home: Home = None, as_json: AsJson = False) -> None:
    """List what was refused and why, with file and line."""
    from pipelines.quarantine import read_quarantine

    console = Console(as_json=as_json)
    with exit_codes(console):
        console.show({"quarantined_records": read_quarantine(load_settings(home))})


@app.command()
def alerts(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what there is to tell.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Tell a webhook, Slack or e-mail of budgets and anomalies, each event once."""
    from pipelines.alerts.send import send_alerts, show_events

    console = Console(as_json=as_json)
    with exit_codes(console):
        settings = load_settings(home)
        document = show_events(settings) if dry_run else send_alerts(settings)
        console.show(document)
        summary = document.get("summary", {})
        if undelivered := summary.get("failed", 0) + summary.get("skipped", 0):
            console.error(
                f"{undelivered} alerts were not delivered: the next call tries them again."
            )
            raise typer.Exit(SOURCE_FAILED)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One select statement.")],
    home: Home = None,
    output: Annotated[Format, typer.Option("--format", help="table, csv or json.")] = Format.table,
    as_json: AsJson = False,
) -> None:
    """Query the publication, read-only."""
    from pipelines.inspect import query_publication

    console = Console(as_json=as_json)
    with exit_codes(console):
        relation = query_publication(load_settings(home), query)
        console.print_rows(relation.columns, relation.rows, "json" if as_json else output.value)


def _stop(*_: object) -> None:
    print("error: Stopped by SIGTERM: run again; what was committed stays.", file=sys.stderr)
    sys.exit(128 + signal.SIGTERM)


def main() -> None:
    """Run the command; the entry point of the package."""
    # A service manager stops a run with SIGTERM: what it started has to end with it.
    signal.signal(signal.SIGTERM, _stop)
    try:
        configure_logging()
        telemetry.configure()
    except SettingsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(WRONG_USAGE)
    commands = [command.callback.__name__ for command in app.registered_commands]
    asked = next((word for word in sys.argv[1:] if word in commands), "help")
    with telemetry.span(f"bursar {asked}"):
        app()


if __name__ == "__main__":
    main()
