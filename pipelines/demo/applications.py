"""Who of the demo company allows which application what: some AI services among many others.

The names of the others are written so that a careless comparison takes some for an AI service.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pipelines.demo.window import Window

PEOPLE = ("kim@example.com", "lea@example.com", "max@example.com", "noa@example.com")
ADMINISTRATOR = "root@example.com"
LOOK_ALIKES = (
    "Claude's Calendar", "Perplexity Games", "OpenAIR", "Gemini Horoscopes", "Claudette",
    "Grok Comics Reader", "ChatGPTify Fonts", "Otter Creek Paddling",
)  # fmt: skip
OTHERS = (
    "Zoom", "Slack", "Miro", "Asana", "Trello", "Figma", "Lucidchart", "Calendly", "Doodle",
    "Dropbox", "Box", "DocuSign", "HubSpot", "Zapier", "Loom", "Airtable", "ClickUp", "Todoist",
    "Evernote", "Mailchimp", "Typeform", "Smartsheet",
)  # fmt: skip
INNOCENT = LOOK_ALIKES + OTHERS


@dataclass(frozen=True)
class Consent:
    """A consent to an AI service, and what is true of it."""

    app_name: str
    ai_service_id: str
    person: str
    scopes: tuple[str, ...]
    scope_tier: str
    client_id: str
    is_known_by_id: bool = False
    confidence: str = "medium"
    is_revoked: bool = False
    is_for_everyone: bool = False


def moment(window: Window, number: int, share: float = 0.0) -> datetime:
    """Return a moment of a day of the window, by its place among all days."""
    day = window.days[min(int(share * len(window.days)), len(window.days) - 2)]
    start = datetime.combine(day, time(8), tzinfo=UTC)
    return start + timedelta(minutes=7 * (number % 90))


def revoked_moment(window: Window) -> datetime:
    """Return the moment at which the planted revocations happen: the last day's noon."""
    return datetime.combine(window.days[-1], time(12), tzinfo=UTC)


def innocent(window: Window, name: str) -> list[tuple[str, str, datetime]]:
    """Return application, person and moment of ordinary consents: each application's, once."""
    chance = random.Random(f"{name}{window.seed}")
    return [
        (app, chance.choice(PEOPLE), moment(window, number, chance.random()))
        for number, app in enumerate(INNOCENT)
    ]


def written(at: datetime) -> str:
    """Return a moment as the logs write it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def truth(consent: Consent, at: datetime, window: Window, **told: object) -> dict[str, object]:
    """Return what is true of a consent, as the plants have it."""
    revoked = written(revoked_moment(window)) if consent.is_revoked else None
    return {
        "app_name": consent.app_name,
        "ai_service_id": consent.ai_service_id,
        "person": consent.person,
        "scopes": " ".join(sorted(consent.scopes)),
        "scope_tier": consent.scope_tier,
        "client_id": consent.client_id,
        "matched_by": "client_id" if consent.is_known_by_id else "app_name",
        "match_confidence": "high" if consent.is_known_by_id else consent.confidence,
        "consent_reach": "organisation" if consent.is_for_everyone else "person",
        "granted_at": written(at),
        "revoked_at": revoked,
        **told,
    }


def grants_plant(
    provider: str,
    window: Window,
    grants: list[dict[str, Any]],
    service: str,
    days: Sequence[date],
    sign_in_count: int = 1,
) -> dict[str, Any]:
    """Return what an identity provider's logs hold: the grants, and one person's sign-ins."""
    return {
        "kind": f"{provider}_grants",
        "identity_provider": provider,
        "grants": grants,
        "innocent_count": len(innocent(window, provider)),
        "sign_ins": [
            {
                "day": day.isoformat(),
                "person": PEOPLE[3],
                "ai_service_id": service,
                "sign_in_count": sign_in_count,
            }
            for day in days
        ],
    }
