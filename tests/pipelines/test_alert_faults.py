"""Faults of deliveries: each is noted, none takes an alert from others or tells it twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
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
