"""An event as a destination takes it; text from outside is escaped, and cannot become a header."""

from __future__ import annotations

import re
from email.message import EmailMessage
from typing import Any

from pipelines.alerts.events import Event

LONGEST_SLACK_TEXT = 2900  # Slack refuses a block of more than 3000
LONGEST_TITLE = 200


def webhook_body(event: Event) -> dict[str, Any]:
    """Return the event as a plain document."""
    return {
        "event_id": event.event_id,
        "kind": event.kind,
        "title": event.title,
        "facts": event.facts,
    }


def slack_body(event: Event) -> dict[str, Any]:
    """Return the event as a Slack message: a text for notifications, and blocks."""
    title = slack_text(event.title)
    lines = "\n".join(f"{slack_text(name)}: {slack_text(text)}" for name, text in _facts(event))
    return {
        "text": _cut(title),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [_section(f"*{title}*"), _section(lines)],
    }


def _section(text: str) -> dict[str, Any]:
    """Return a block; `verbatim` keeps Slack from making links of addresses, channels and users."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text), "verbatim": True}}


def slack_text(text: str) -> str:
    """Return text in which nothing is a mention, a link or formatting.

    Slack's own three escapes keep `<!channel>` from being one; its marks for bold, code and the
    like begin at a letter's edge, which a zero-width space takes away. One also breaks what any
    reader of the text, such as a notification, would make an address of.
    """
    escaped = re.sub(r"(?i)(://|\bwww\.|@)", "\\1\u200b", _one_line(text))
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([*_~`])", "\u200b\\1\u200b", escaped)


def email_message(event: Event, sender: str, recipients: list[str]) -> EmailMessage:
    """Return the event as plain text; one event is one message id, however often it is sent."""
    message = EmailMessage()
    message["Subject"] = f"[bursar] {_one_line(event.title)[:LONGEST_TITLE]}"
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Message-ID"] = f"<{event.event_id}@bursar.invalid>"
    facts = "\n".join(f"{name}: {text}" for name, text in _facts(event))
    message.set_content(f"{_one_line(event.title)}\n\n{facts}\n\nEvent {event.event_id}\n")
    return message


def _facts(event: Event) -> list[tuple[str, str]]:
    return [(name, _one_line(text)) for name, text in event.facts.items() if text != "-"]


def _one_line(text: str) -> str:
    """Return text without control characters, which could begin a header or a line of their own."""
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ", text)


def _cut(text: str) -> str:
    """Return text that Slack takes; an escape that the cut went through is left out."""
    return (
        text if len(text) <= LONGEST_SLACK_TEXT else re.sub(r"&\w*$", "", text[:LONGEST_SLACK_TEXT])
    )
