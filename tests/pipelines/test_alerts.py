"""Alerts: what is told, once per event and destination, to real local servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from typer.testing import CliRunner

from pipelines.alerts.events import Event
from pipelines.alerts.messages import email_message, slack_body, slack_text
from pipelines.alerts.send import send_alerts, show_events
from pipelines.cli import app
from pipelines.config import Settings, SettingsError
from tests.alert_servers import (
    PASSWORD,
    SECRET,
    Home,
    Mailbox,
    Receiver,
    anomaly,
    budget,
    mail,
    mail_server,
    web_server,
)
from tests.certificates import self_signed


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with web_server() as found:
        yield found


def test_each_event_goes_once_to_each_destination(home: Home, receiver: Receiver) -> None:
    home.add("budget_threshold_period", budget("search", 0.5), budget("search", 0.8))
    home.overrides |= {"alerts.webhook_url": receiver.url}
    assert home.send() == {"events": 2, "sent": 2, "failed": 0, "skipped": 0}
    assert home.send() == {"events": 2, "sent": 0, "failed": 0, "skipped": 0}
    home.overrides |= {"alerts.slack_webhook_url": receiver.url.replace("hook", "slack")}
    home.add("anomalies_day", anomaly("e", 19, 19))
    assert home.send() == {"events": 3, "sent": 4, "failed": 0, "skipped": 0}
    assert [path.split("/")[1] for path, _, _ in receiver.got].count("slack") == 3
    ids = [headers["Idempotency-Key"] for path, headers, _ in receiver.got if "hook" in path]
    assert len(ids) == len(set(ids)) == 3
    title = receiver.got[0][2]["title"]
    assert title == "The month budget of team search has reached 50 %"


def test_what_is_told_is_what_is_new_and_matters(home: Home) -> None:
    home.add(
        "budget_threshold_period",
        budget("crossed", 0.5),
        budget("not yet", 0.8, is_crossed=False),
        budget("will be", 1.0, is_crossed=False),
        budget("will not", 1.0, is_crossed=False, forecast=99),
        budget("long ago", 0.5, month=4),
    )
    home.add("anomalies_day", anomaly("new", 18, 18), anomaly("new", 19, 18), anomaly("old", 1, 1))
    home.add(
        "unpriced_usage",
        (date(2026, 5, 1), "P", "odd", 10, date(2026, 5, 2), date(2026, 5, 19)),
        (date(2026, 1, 1), "P", "past", 10, date(2026, 1, 2), date(2026, 1, 3)),
    )
    home.add(
        "invoice_reconciliation_month",
        (date(2026, 5, 1), "P", "open", "USD", 100, 9, True, "open"),
        (date(2026, 5, 1), "P", "closed", "USD", 100, 0.5, True, "open"),
    )
    told = [(row["kind"], row["title"]) for row in show_events(home.settings)["alerts"]]
    assert told == [
        ("budget_crossed", "The month budget of team crossed has reached 50 %"),
        ("budget_forecast", "The month budget of team will be is forecast to reach 100 %"),
        ("anomaly", "Cost of search at OpenAI is far above what was expected"),
        (
            "reconciliation_open",
            "The bill of P, account open, for 2026-05 is not explained by usage",
        ),
        ("unpriced_usage", "No price is known for odd of P, used in 2026-05"),
    ]
    assert not (home.folder / "alerts.jsonl").exists()


def test_a_bill_is_told_by_its_open_lines_and_again_where_they_grew(home: Home) -> None:
    def line(account: str, unexplained: float, status: str = "open") -> tuple[Any, ...]:
        return (date(2026, 5, 1), "P", account, "USD", 50, unexplained, True, status)

    def told() -> set[str]:
        return {row["event_id"] for row in show_events(home.settings)["alerts"]}

    table = "invoice_reconciliation_month"
    home.add(table, line("signed", 9, "signed_off"), line("small", 9, "explained"))
    home.add(table, (date(2026, 5, 1), "P", "no bill", "USD", None, -9, False, "open"))
    assert told() == set()
    home.add(table, line("both ways", 2), line("both ways", -2), line("both ways", 9, "explained"))
    first = told()
    assert len(first) == 1
    home.add(table, line("both ways", -1))
    assert told() == first
    home.add(table, line("both ways", 8))
    second = told()
    assert len(second) == 1
    assert second != first
    home.add(table, line("both ways", -90))
    assert told() & (first | second) == set()
    [event] = show_events(home.settings)["alerts"]
    assert (
        event["title"] == "The bill of P, account both ways, for 2026-05 is not explained by usage"
    )


def test_what_may_pass_is_tried_again_and_what_may_not_is_not(
    home: Home, receiver: Receiver
) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    home.overrides |= {"alerts.webhook_url": receiver.url}
    receiver.answers = [503, (429, {"Retry-After": "0"}), 200]
    assert home.send()["sent"] == 1
    assert home.log[0]["attempts"] == 3
    home.add("budget_threshold_period", budget("search", 0.8))
    receiver.answers = [404]
    assert home.send() == {"events": 2, "sent": 0, "failed": 1, "skipped": 0}
    assert len(receiver.got) == 4
    assert home.log[-1]["reason"] == "HTTP 404"
    assert home.send() == {"events": 2, "sent": 1, "failed": 0, "skipped": 0}


def test_a_redirect_is_not_followed(home: Home, receiver: Receiver) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    home.overrides |= {"alerts.webhook_url": receiver.url}
    receiver.answers = [(307, {"Location": receiver.url.replace("hook", "elsewhere")})]
    assert home.send()["failed"] == 1
    assert [path.split("/")[1] for path, _, _ in receiver.got] == ["hook"]


def test_one_faulty_destination_stops_no_other(home: Home, receiver: Receiver) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    home.overrides |= {
        "alerts.webhook_url": f"http://127.0.0.1:9/{SECRET}",
        "alerts.slack_webhook_url": receiver.url,
    }
    assert home.send() == {"events": 1, "sent": 1, "failed": 1, "skipped": 0}
    assert {row["destination"]: row["state"] for row in home.log} == {
        "webhook": "failed",
        "slack": "sent",
    }


def test_a_log_that_a_crash_cut_off_costs_one_repetition(home: Home, receiver: Receiver) -> None:
    home.add("budget_threshold_period", budget("a", 0.5), budget("b", 0.5))
    home.overrides |= {"alerts.webhook_url": receiver.url}
    home.send()
    path = home.folder / "alerts.jsonl"
    path.write_text(path.read_text()[:-20])
    assert home.send() == {"events": 2, "sent": 1, "failed": 0, "skipped": 0}
    assert home.send() == {"events": 2, "sent": 0, "failed": 0, "skipped": 0}
    assert len({headers["Idempotency-Key"] for _, headers, _ in receiver.got}) == 2


def test_a_mail_goes_out_encrypted_and_signed_in(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    certificate, context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    box, seen = Mailbox(), []

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == PASSWORD.encode())

    box.answers = ["451 later"]
    with mail_server(
        box, tls_context=context, require_starttls=True, auth_required=True, authenticator=check
    ) as port:
        home.overrides |= mail(port) | {
            "alerts.smtp_user": "mailer",
            "alerts.smtp_password": PASSWORD,
        }
        assert home.send() == {"events": 1, "sent": 1, "failed": 0, "skipped": 0}
    [(is_encrypted, recipients, message)] = box.messages
    assert is_encrypted
    assert recipients == ["one@example.com", "two@example.com"]
    assert message["Subject"] == "[bursar] The month budget of team search has reached 50 %"
    assert message.get_content_type() == "text/plain"
    assert "spent, accruals included: 85.00 USD" in message.get_payload()
    assert home.log[0]["attempts"] == 2
    assert seen[0] == (b"mailer", PASSWORD.encode())


def test_a_mail_server_that_cannot_be_trusted_gets_nothing(home: Home, tmp_path: Path) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    _, context = self_signed(tmp_path)
    box = Mailbox()
    with mail_server(box, tls_context=context) as port:
        home.overrides |= mail(port)
        assert home.send()["failed"] == 1
    with mail_server(box) as port:
        home.overrides |= mail(port)
        assert home.send()["failed"] == 1
    assert [row["reason"] for row in home.log] == [
        "SSLCertVerificationError",
        "the mail server offers no STARTTLS or sign-in",
    ]
    assert box.messages == []


def test_no_address_and_no_secret_is_told(
    home: Home, receiver: Receiver, capfd: pytest.CaptureFixture[str], caplog: Any
) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    home.overrides |= mail(9) | {
        "alerts.attempts": 1,
        "alerts.webhook_url": receiver.url,
        "alerts.slack_webhook_url": f"http://127.0.0.1:9/{SECRET}",
        "alerts.smtp_user": "mailer",
        "alerts.smtp_password": PASSWORD,
    }
    receiver.answers = [500]
    with caplog.at_level("DEBUG", logger="pipelines"):
        document = json.dumps(send_alerts(home.settings))
    said = document + "".join(capfd.readouterr()) + caplog.text
    said += (home.folder / "alerts.jsonl").read_text()
    assert json.loads(document)["summary"]["failed"] == 3
    assert not any(text in said for text in (SECRET, PASSWORD, "127.0.0.1", "example.com"))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({}, "nowhere to go"),
        ({"alerts.webhook_url": f"http://example.com/{SECRET}"}, "ALERTS__WEBHOOK_URL is no"),
        ({"alerts.webhook_url": f"file:///{SECRET}"}, "give https://"),
        (mail(25) | {"alerts.smtp_security": "ssl"}, "ALERTS__SMTP_SECURITY is 'ssl'"),
        (mail(25) | {"alerts.email_to": []}, "email_to"),
        (
            mail(25)
            | {
                "alerts.smtp_host": "mail.example.com",
                "alerts.smtp_security": "none",
                "alerts.smtp_user": "mailer",
            },
            "readable on the way",
        ),
    ],
)
def test_wrong_settings_are_told_before_anything_is_sent(
    home: Home, overrides: dict[str, Any], said: str
) -> None:
    home.overrides |= overrides
    with pytest.raises(SettingsError, match=said) as raised:
        home.send()
    assert SECRET not in str(raised.value)
    assert "\n" not in str(raised.value)


ODD = Event("1", "anomaly", "Cost of <!channel> & *x*\r\nBcc: a@b.c", {"who": "<http://x|y>\nz"})


def test_text_from_outside_is_no_mention_no_link_and_no_header() -> None:
    body = json.dumps(slack_body(ODD))
    assert "<" not in body
    assert "&lt;!channel&gt; &amp; " in body
    assert slack_text("`a`") != "`a`"
    message = email_message(ODD, "a@example.com", ["b@example.com"])
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert message.get_content().splitlines()[2] == "who: <http://x|y> z"


def test_an_address_in_a_name_is_no_link_and_is_not_unfolded() -> None:
    name = "https://evil.example/pay"
    event = Event("1", "unpriced_usage", f"No price is known for {name}", {"model": name})
    body = slack_body(event)
    assert (body["unfurl_links"], body["unfurl_media"], body["mrkdwn"]) == (False, False, False)
    assert [block["text"].get("verbatim") for block in body["blocks"]] == [True, True]
    texts = [body["text"], *(block["text"]["text"] for block in body["blocks"])]
    assert all("evil.example/pay" in text and "://e" not in text for text in texts)


def test_a_long_text_is_one_that_slack_takes() -> None:
    body = slack_body(Event("1", "k", "&" * 5000, {"a": "<" * 5000}))
    for block in body["blocks"]:
        text: str = block["text"]["text"]
        assert len(text) <= 3000
        assert text.rstrip("*").endswith(";")


def test_a_second_call_at_the_same_time_is_refused(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    home.overrides |= {"alerts.webhook_url": receiver.url}
    second: list[str] = []

    def meanwhile(then: Callable[..., Any]) -> Callable[..., Any]:
        def read(settings: Settings) -> Any:
            monkeypatch.undo()
            with pytest.raises(SettingsError, match="Another `bursar alerts`") as raised:
                send_alerts(settings)
            second.append(str(raised.value))
            return then(settings)

        return read

    from pipelines.alerts import send

    monkeypatch.setattr(send, "read_events", meanwhile(send.read_events))
    assert home.send() == {"events": 1, "sent": 1, "failed": 0, "skipped": 0}
    assert len(second) == 1


def test_the_command_takes_its_settings_from_the_environment_and_says_how_it_went(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))

    def call(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["alerts", "--home", str(home.folder), *options])
        return result.exit_code, result.output

    code, said = call()
    assert code == 2
    assert "ALERTS__WEBHOOK_URL" in said
    monkeypatch.setenv("ALERTS__WEBHOOK_URL", receiver.url)
    code, said = call("--dry-run", "--json")
    assert (code, [row["kind"] for row in json.loads(said)["alerts"]]) == (0, ["budget_crossed"])
    assert receiver.got == []
    receiver.answers = [403]
    code, said = call()
    assert code == 3
    assert "the next call tries them again" in said
    code, said = call("--json")
    assert (code, json.loads(said)["summary"]["sent"]) == (0, 1)
    assert SECRET not in said
