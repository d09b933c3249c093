"""How the command speaks: rich on a terminal, plain lines otherwise, JSON for machines."""

from __future__ import annotations

import csv
import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import rich.console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pipelines.config import log_format, log_level

SECONDS_A_LINE = 10


class Format(StrEnum):
    """How `bursar sql` prints."""

    table = "table"
    csv = "csv"
    json = "json"


class Console:
    """Reports go to standard output, progress and errors to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        """Choose between people and machines."""
        self.as_json = as_json
        self._as_lines = log_format() == "json"
        self._out = rich.console.Console(soft_wrap=True)
        self._err = rich.console.Console(stderr=True, soft_wrap=True)

    def say(self, text: str) -> None:
        """Tell people what goes on."""
        if self._as_lines:
            log_line("info", text)
        elif not self.as_json:
            self._err.print(escape(text), highlight=False)

    def warn(self, text: str) -> None:
        """Tell what went on and deserves a look, in one line."""
        if self._as_lines:
            log_line("warning", text)
            return
        self._err.print(f"[yellow]warning:[/yellow] {escape(text)}", highlight=False)

    def log_run(self, document: dict[str, Any], warnings: Sequence[str] = ()) -> None:
        """Say what was quarantined or does nothing; a line a source and the build, if wanted."""
        for text in warnings:
            self.warn(text)
        for load in document.get("loaded", ()):
            if refused := load["records_quarantined"]:
                self.warn(
                    f"{load['source_name']}: {refused:,} of {load['records_read']:,} records "
                    "quarantined: `bursar quarantine` says which, why, and what to do."
                )
        if not self._as_lines:
            return
        for load in document.get("loaded", ()):
            log_line("info", "loaded", **load)
        if "build" in document:
            log_line("info", "built", **document["build"])

    def error(self, text: str) -> None:
        """Tell what went wrong, in one line."""
        if self._as_lines:
            log_line("error", text)
            return
        self._err.print(f"[red]error:[/red] {escape(text)}", highlight=False)

    @contextmanager
    def progress(self) -> Iterator[Any]:
        """Yield a function (done, total, what): a bar on a terminal, a line elsewhere."""
        if self.as_json and not self._as_lines:
            yield lambda done, total, what: None
        elif self._as_lines or not self._err.is_terminal:
            yield _PlainProgress(self)
        else:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            with Progress(*columns, console=self._err, transient=True) as bars:
                task = bars.add_task("", total=None)

                def update(done: int, total: int | None, what: str) -> None:
                    bars.update(task, completed=done, total=total, description=escape(what[-60:]))

                yield update

    def show(self, document: dict[str, Any]) -> None:
        """Print a document: JSON, or a table a list and a line a value."""
        if self.as_json:
            print(json.dumps(document, default=_jsonable))
            return
        for title, content in document.items():
            if isinstance(content, list):
                self._print_table(title, content)
            elif isinstance(content, dict):
                for name, value in content.items():
                    self._out.print(
                        f"{title.replace('_', ' ')} {name.replace('_', ' ')}: {_text(value)}",
                        markup=False,
                    )
            else:
                self._out.print(f"{title.replace('_', ' ')}: {_text(content)}", markup=False)

    def print_rows(self, columns: list[str], rows: list[tuple[Any, ...]], output: str) -> None:
        """Print a query's rows as table, csv or json."""
        if output == "csv":
            writer = csv.writer(sys.stdout)
            writer.writerow(columns)
            writer.writerows([_cell(value) for value in row] for row in rows)
        elif output == "json":
            documents = [dict(zip(columns, row, strict=True)) for row in rows]
            print(json.dumps(documents, default=_jsonable))
        else:
            self._print_table("", [dict(zip(columns, row, strict=True)) for row in rows], columns)

    def _print_table(
        self, title: str, rows: list[dict[str, Any]], columns: list[str] | None = None
    ) -> None:
        names = columns or (list(rows[0]) if rows else [])
        if not names:
            self._out.print(f"{title.replace('_', ' ')}: none", markup=False)
            return
        if not self._out.is_terminal:
            print("\t".join(names))
            for row in rows:
                print("\t".join(_text(value) for value in row.values()))
            return
        table = Table(*names, title=title.replace("_", " ") or None)
        for row in rows:
            table.add_row(*(escape(_text(value)) for value in row.values()))
        self._out.print(table)


def log_line(level: str, message: str, **fields: Any) -> None:
    """Write one line of JSON to standard error: time in UTC, level, message, fields."""
    now = datetime.now(tz=UTC).isoformat(timespec="milliseconds")
    line = {"time": now, "level": level, "message": message, **fields}
    print(json.dumps(line, default=_jsonable), file=sys.stderr, flush=True)


class _LineHandler(logging.Handler):
    """Writes what modules log as such lines; of a failure its kind and place."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        fields = {"logger": record.name}
        if record.exc_info and record.exc_info[0]:
            fields["failure"] = record.exc_info[0].__name__
        log_line(record.levelname.lower(), record.getMessage(), **fields)


def configure_logging() -> None:
    """Let Bursar's own modules log from the wanted level on; as lines of JSON where wanted."""
    if log_format() == "json":
        logging.basicConfig(handlers=[_LineHandler()], force=True)
    for name in ("pipelines", "notebooks"):
        logging.getLogger(name).setLevel(log_level().upper())


class _PlainProgress:
    """A line when a topic begins, and every few seconds while it lasts."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._topic = ""
        self._said_at = 0.0

    def __call__(self, done: int, total: int | None, what: str) -> None:
        topic = what.split(":")[0]
        now = time.monotonic()
        if topic != self._topic or now - self._said_at > SECONDS_A_LINE:
            self._topic, self._said_at = topic, now
            self._console.say(f"{what} ({done} of {total})" if total else what)


def describe_run(report: Any) -> dict[str, Any]:
    """Return a run's report as a document."""
    document: dict[str, Any] = {}
    if report.loads:
        document["loaded"] = [
            {
                name: value
                for name, value in asdict(load).items()
                if name not in ("faults", "is_configured")
            }
            for load in report.loads
        ]
    built = report.build
    if built is None:
        return document
    if not built.was_needed:
        document["build"] = {"state": "nothing new; the publication stands"}
        return document
    document["build"] = {
        "state": "published",
        "models": built.models,
        "tests": built.tests,
        "new_loads": built.new_loads,
        "rebuilt_everything": built.is_full,
        "publication": built.publication.path.name,
        "publication_bytes": built.publication.size_bytes,
    }
    return document


def print_failures(console: Console, failures: list[Any]) -> None:
    """Say which checks refused, with rows, and that the last publication still stands."""
    if console.as_json:
        print(json.dumps({"refused": [asdict(failure) for failure in failures]}, default=_jsonable))
    for failure in failures:
        console.error(f"{failure.name}: {failure.message}")
        if not console.as_json and failure.rows:
            console.print_rows(list(failure.columns), list(failure.rows), "table")
    console.error(f"{len(failures)} checks refused; the last publication still stands.")


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _cell(value: Any) -> Any:
    """Return a CSV cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else _text(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Path):
        return str(value)
    return str(value)
