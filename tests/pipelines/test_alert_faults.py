"""Faults of deliveries: each is noted, none takes an alert from others or tells it twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.alerts import destinations
from pipelines.alerts.events import Event
from tests.alert_servers import Home, Mailbox, Receiver, budget, mail, mail_server, web_server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with web_server() as found:
        yield found


class ChoosyMailbox(Mailbox):
    """A mailbox without one of the two recipients."""

    async def handle_RCPT(  # noqa: N802 - the name that the server calls
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address.startswith("one@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 known"


def test_a_refused_recipient_does_not_send_the_others_the_same_again(home: Home) -> None:
    home.add("budget_threshold_period", budget("search", 0.5))
    box = ChoosyMailbox()
    with mail_server(box) as port:
        home.overrides |= mail(port) | {"alerts.smtp_security": "none"}
        assert home.send() == {"events": 1, "sent": 1, "failed": 0, "skipped": 0}
        assert home.send() == {"events": 1, "sent": 0, "failed": 0, "skipped": 0}
    [(_, recipients, _)] = box.messages
    assert recipients == ["two@example.com"]
    assert home.log[0]["refused_recipients"] == 1
    assert "one@" not in (home.folder / "alerts.jsonl").read_text()


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("1", 1, 1.2),
        ("86400", 60, 60.2),
        # A name of its own: the workers that collect tests must name them alike.
        pytest.param(
            format_datetime(datetime.now(tz=UTC) + timedelta(days=1), usegmt=True),
            60,
            60.2,
            id="in a day",
        ),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0, 0.2),
        ("soon", 0, 0.2),
        ("9" * 5000, 0, 0.2),
    ],
)
def test_an_answer_that_says_how_long_to_wait_is_waited_for(
    home: Home,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    least: float,
    most: float,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=waits.append))
    home.add("budget_threshold_period", budget("search", 0.5))
    home.overrides |= {"alerts.webhook_url": receiver.url}
    receiver.answers = [(429, {"Retry-After": asked}), 200]
    assert home.send()["sent"] == 1
    [wait] = waits
    assert least <= wait <= most


def test_a_fault_that_nobody_foresaw_is_noted_by_its_kind_and_stops_nothing(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd_body(event: Event) -> dict[str, Any]:
        if "search" in event.title:
            raise UnicodeError(f"cannot write to {receiver.url}")
        return {"title": event.title}

    monkeypatch.setattr(destinations, "webhook_body", odd_body)
    home.add("budget_threshold_period", budget("search", 0.5), budget("ads", 0.8))
    home.overrides |= {"alerts.webhook_url": receiver.url}
    assert home.send() == {"events": 2, "sent": 1, "failed": 1, "skipped": 0}
    assert [row["reason"] for row in home.log if row["state"] == "failed"] == ["UnicodeError"]


def test_a_destination_out_of_order_is_left_alone_and_gets_the_rest_at_the_next_call(
    home: Home, receiver: Receiver
) -> None:
    home.add("budget_threshold_period", *(budget(scope, 0.5) for scope in ("a", "b", "c")))
    home.overrides |= {
        "alerts.attempts": 2,
        "alerts.webhook_url": receiver.url,
        "alerts.slack_webhook_url": receiver.url.replace("hook", "slack"),
    }
    receiver.answers = [503, 503]
    assert home.send() == {"events": 3, "sent": 3, "failed": 1, "skipped": 2}
    assert [path.split("/")[1] for path, _, _ in receiver.got] == ["hook"] * 2 + ["slack"] * 3
    assert home.send() == {"events": 3, "sent": 3, "failed": 0, "skipped": 0}
