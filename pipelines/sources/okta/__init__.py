"""Okta's System Log: who allowed which application what, and who signed in to it.

Loads raw_okta.events from JSON lines, arrays or pages, of a folder or bucket. See README.md. Guards
against: consents whose actor is Okta itself (the session tells the person), sessions called
`unknown`, scopes that were asked for and not granted, addresses and devices (never selected).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.audit_logs import (
    audit_files,
    each,
    first,
    members,
    person,
    text,
    text_of_list,
    words,
)
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "okta"
FIELDS = (
    Field("event_id", is_required=True),
    Field("published", "moment", is_required=True),
    Field("event_type", is_required=True),
    Field("outcome"),
    Field("actor_type"),
    Field("user_id", is_personal=True),
    Field("okta_user_id", is_personal=True),
    Field("session_id", is_personal=True),
    Field("transaction_id"),
    Field("client_id"),
    Field("app_name"),
    Field("scopes"),
)
TABLES = {"events": table_of(FIELDS)}

_TYPE = text("eventType", "eventtype")
_ACTOR_TYPE = text("actor.type")
# Okta acts for the person in a consent; its address would be the busiest employee's.
_IS_PERSON = f"{_ACTOR_TYPE} = 'User' and lower({text('actor.alternateId')}) <> 'system@okta.com'"
_ACTOR = f"case when {_IS_PERSON} then {text('actor.alternateId')} end"
_ACTOR_ID = f"case when {_ACTOR_TYPE} = 'User' then {text('actor.id')} end"
_USER_NAME, _USER_ID = "person.alternateId", "person.id"
# What an administrator takes back was somebody else's.
_IS_REVOKED = f"contains({_TYPE}, '.revoke')"
_CLIENT = f"case when {_ACTOR_TYPE} like '%ClientApp' then {{}} end"
_DEBUG = ("debugContext.debugData", "debugcontext.debugData")
# A name with blanks is for people, and no scope.
_SCOPE = " ".join(
    [
        "case",
        *(
            f"when regexp_full_match(one.{name}, '\\S+') then one.{name}"
            for name in ("alternateId", "displayName", "id")
        ),
        "end",
    ]
)
STEPS = (
    {"targets": members("target", "type", "id", "alternateId", "displayName")},
    {
        "person": first("targets", "one.type = 'User'"),
        "app": first("targets", "one.type = 'AppInstance' or one.type like '%ClientApp'"),
        "scopes": "list_filter(targets, lambda one: lower(one.type) like '%scope%')",
    },
)
_SESSION = text(
    "authenticationContext.externalSessionId", "authenticationcontext.externalSessionId"
)
VALUES = {
    "event_id": text("uuid"),
    "published": text("published"),
    "event_type": _TYPE,
    "outcome": text("outcome.result"),
    "actor_type": _ACTOR_TYPE,
    "user_id": person(
        f"case when {_IS_REVOKED} then coalesce({_USER_NAME}, {_ACTOR}) "
        f"else coalesce({_ACTOR}, {_USER_NAME}) end"
    ),
    "okta_user_id": f"case when {_IS_REVOKED} then coalesce({_USER_ID}, {_ACTOR_ID}) "
    f"else coalesce({_ACTOR_ID}, {_USER_ID}) end",
    "session_id": f"nullif({_SESSION}, 'unknown')",
    "transaction_id": f"nullif({text('transaction.id')}, 'unknown')",
    "client_id": f"coalesce(app.id, "
    f"{text(*(f'{place}.clientId' for place in _DEBUG), 'client.id')}, "
    f"{_CLIENT.format(text('actor.id'))})",
    "app_name": f"coalesce(nullif(coalesce(app.displayName, app.alternateId), 'unknown'), "
    f"{_CLIENT.format(text('actor.displayName'))})",
    "scopes": words(
        text_of_list("scopes", _SCOPE),
        text(*(f"{place}.{name}" for place in _DEBUG for name in ("grantedScopes", "scopes"))),
    ),
}
CONSENT = r"^app\.oauth2\.(as\.|admin\.)?consent\.(grant|revoke)"
EVENTS = audit_files(
    "events", FIELDS, VALUES,
    covers="published",
    passes_over="event_type not in ('user.session.start', 'user.authentication.sso') "
    f"and not regexp_matches(event_type, '{CONSENT}')",
    records_of=f"""case
        when json_type(json, '$.data.events') = 'ARRAY' then {each("data.events")}
    end""",
    steps=STEPS,
)  # fmt: skip


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the events that the lake does not hold yet."""
    yield from extract_files(context, EVENTS)
