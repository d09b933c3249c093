"""Faults of deliveries: each is noted, none takes an alert from others or tells it twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

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
        assert home.send() == {"events": 1, "sent": 1, "failed": 0}
        assert home.send() == {"events": 1, "sent": 0, "failed": 0}
    [(_, recipients, _)] = box.messages
    assert recipients == ["two@example.com"]
    assert home.log[0]["refused_recipients"] == 1
    assert "one@" not in (home.folder / "alerts.jsonl").read_text()


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("1", 1, 1.2),
        ("86400", 60, 60.2),
        (format_datetime(datetime.now(tz=UTC) + timedelta(days=1), usegmt=True), 60, 60.2),
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
