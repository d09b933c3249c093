"""Google Workspace's audit of tokens and of single sign-on: grants of access, and sign-ins.

Loads raw_google_workspace.events from answers of the Reports API or what shippers make of them:
JSON lines, arrays, pages. See README.md. Guards against: several events in one activity, parameters
as a list or an object, addresses of machines (never selected).
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
    words,
)
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "google_workspace"
FIELDS = (
    Field("application", is_required=True),
    Field("event_name", is_required=True),
    Field("event_time", "moment", is_required=True),
    Field("unique_qualifier"),
    Field("user_id", is_personal=True),
    Field("client_id"),
    Field("app_name"),
    Field("client_type"),
    Field("scopes"),
)
TABLES = {"events": table_of(FIELDS)}


def _listed(name: str) -> str:
    """Return SQL for the first parameter of a name, of a list of names and values."""
    return first("listed", f"one.name = '{name}'")


def _parameter(name: str) -> str:
    """Return SQL for a parameter's value: one of a list of names and values, or a member."""
    return f'coalesce({_listed(name)}."value", {text(f"parameters.{name}")})'


_SCOPES = "json_extract(json, '$.parameters.scope')"
_IS_ONE = f"starts_with(cast({_SCOPES} as varchar), '\"')"
_MANY = f"""list_concat(
    scope."multiValue",
    list_transform({each("parameters.scope")}, lambda one: json_extract_string(one, '$'))
)"""
# One text, whether there is one or many.
_SCOPE = f"""concat_ws(
    ' ', array_to_string({_MANY}, ' '),
    coalesce(scope."value", if({_IS_ONE}, {text("parameters.scope")}, ''))
)"""


def _events_of(activity: str) -> str:
    """Return SQL for the events of an activity, with what the activity says of all of them."""
    of_all = ", ".join(
        f"'{name}', json_extract({activity}, '$.{name}')" for name in ("id", "actor")
    )
    return f"""list_transform({each("events", of=activity)}, lambda event: json_object(
        {of_all}, 'name', json_extract(event, '$.name'),
        'parameters', json_extract(event, '$.parameters')
    ))"""


STEPS = (
    {"listed": members("parameters", "name", "value", lists=["multiValue"])},
    {"scope": _listed("scope")},
)
VALUES = {
    "application": text("id.applicationName"),
    "event_name": text("name"),
    "event_time": text("id.time"),
    "unique_qualifier": text("id.uniqueQualifier"),
    "user_id": person(text("actor.email")),
    "client_id": _parameter("client_id"),
    "app_name": f"coalesce({_parameter('app_name')}, {_parameter('application_name')})",
    "client_type": _parameter("client_type"),
    "scopes": words(_SCOPE),
}
EVENTS = audit_files(
    "events", FIELDS, VALUES,
    covers="event_time",
    passes_over="not (application = 'token' and event_name in ('authorize', 'revoke')) "
    "and not (application = 'saml' and event_name = 'login_success')",
    records_of=f"""case
        when json_type(json, '$.items') = 'ARRAY' then flatten(list_transform(
            {each("items")}, lambda activity: {_events_of("activity")}
        ))
        when json_type(json, '$.events') = 'ARRAY' then {_events_of("json")}
        when json_type(json, '$.events') = 'OBJECT'
            then [json_merge_patch(json, json_extract(json, '$.events'))]
    end""",
    steps=STEPS,
)  # fmt: skip


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the events that the lake does not hold yet."""
    yield from extract_files(context, EVENTS)
