"""A home with made-up marts, and real local servers that alerts go to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from pipelines.alerts.send import send_alerts
from pipelines.config import Settings, load_settings
from tests.servers import free_port

SECRET = "T0KEN-of-the-webhook"
PASSWORD = "pass-of-the-mailer"
TABLES = """
    create table publication as select 1 as publication_id;
    create table accrual_day as select date '2026-05-20' as as_of_date;
    create table budget_threshold_period (
        budget_id varchar, scope_kind varchar, scope_id varchar, budget_period varchar,
        period_start date, period_end date, as_of_date date, contact varchar,
        threshold_ratio decimal(10, 4), threshold_cost decimal(38, 12),
        spent_cost decimal(38, 12), forecast_cost decimal(38, 12), budget_currency varchar,
        crossed_date date, is_crossed boolean, is_forecast_to_cross boolean, is_current boolean);
    create table anomalies_day (
        anomaly_id varchar, episode_id varchar, usage_date date, episode_start_date date,
        team_id varchar, service_provider_name varchar, cost_currency varchar, measure varchar,
        direction varchar, observed_value decimal(38, 12), expected_value decimal(38, 12),
        driver_kind varchar, driver_id varchar, driver_share double);
    create table unpriced_usage (
        usage_month date, service_provider_name varchar, model_name varchar, tokens bigint,
        first_seen_date date, last_seen_date date);
    create table invoice_reconciliation_month (
        billing_month date, service_provider_name varchar, billing_account_id varchar,
        billing_currency varchar, invoice_cost decimal(38, 12), unexplained_cost decimal(38, 12),
        is_billed boolean, reconciliation_status varchar);
"""


def budget(
    scope: str, ratio: float, *, is_crossed: bool = True, month: int = 5, forecast: float = 130
) -> tuple[Any, ...]:
    """Return a row of budget_threshold_period for a budget of 100."""
    start, end = date(2026, month, 1), date(2026, month, 28)
    return (
        f"b-{scope}", "team", scope, "month", start, end, date(2026, 5, 20), "leads", ratio,
        100 * ratio, 85, forecast, "USD", date(2026, month, 9) if is_crossed else None,
        is_crossed, forecast >= 100 * ratio, month == 5,
    )  # fmt: skip


def anomaly(episode: str, day: int, start: int) -> tuple[Any, ...]:
    """Return a row of anomalies_day."""
    return (
        f"{episode}{day}", episode, date(2026, 5, day), date(2026, 5, start), "search", "OpenAI",
        "USD", "cost", "above", 90, 10, "ai_model", "big-model", 0.9,
    )  # fmt: skip


class Home:
    """A home with a publication of made-up marts, and the settings of alerts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.overrides: dict[str, Any] = {"alerts.backoff_ms": 1}
        (folder / "warehouse").mkdir(parents=True)
        path = folder / "warehouse" / "bursar_one.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(TABLES)
        (folder / "warehouse" / "bursar.duckdb").symlink_to(path.name)

    def add(self, table: str, *rows: tuple[Any, ...]) -> None:
        """Add rows to a mart of the publication."""
        with duckdb.connect(str(self.folder / "warehouse" / "bursar_one.duckdb")) as connection:
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(f"insert into {table} values ({marks})", row)

    @property
    def settings(self) -> Settings:
        return load_settings(self.folder, self.overrides)

    @property
    def log(self) -> list[dict[str, Any]]:
        lines = (self.folder / "alerts.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def send(self) -> dict[str, Any]:
        return send_alerts(self.settings)["summary"]


class Receiver:
    """A web server that keeps what it gets, and answers as it is told."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook/{SECRET}"
        self.got: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: list[int | tuple[int, dict[str, str]]] = []


@contextmanager
def web_server() -> Iterator[Receiver]:
    """Yield a receiver that listens."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            here.got.append((self.path, dict(self.headers), body))
            answer = here.answers.pop(0) if here.answers else 200
            code, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(code)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


class Mailbox:
    """Keeps messages; refuses as often as it is told."""

    def __init__(self) -> None:
        self.messages: list[tuple[bool, list[str], EmailMessage]] = []
        self.answers: list[str] = []

    async def handle_DATA(  # noqa: N802 - the name that the server calls
        self, server: SMTP, session: Any, envelope: Any
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes(envelope.content)
        self.messages.append((session.ssl is not None, envelope.rcpt_tos, message))
        return "250 taken"


@contextmanager
def mail_server(box: Mailbox, **options: Any) -> Iterator[int]:
    """Yield the port of a mail server."""
    # It knocks on its own port to see whether it listens, so it cannot take any that is free.
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mail(port: int) -> dict[str, Any]:
    """Return settings of a mail server on this machine."""
    return {
        "alerts.smtp_host": "127.0.0.1",
        "alerts.smtp_port": port,
        "alerts.email_from": "bursar@example.com",
        "alerts.email_to": ["one@example.com", "two@example.com"],
    }
