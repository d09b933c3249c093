"""Microsoft Entra: consents to applications in the audit log, and sign-ins to them.

Loads raw_entra.events from diagnostic settings, the Graph API and the Microsoft 365 feed alike:
JSON lines, arrays, pages. See README.md. Guards against: values that are JSON inside of texts,
names with a point behind them, the resource's id where the application's is looked for, sign-ins
that no person made, addresses and devices (never selected).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.audit_logs import (
    audit_files,
    each,
    first,
    person,
    text,
    words,
)
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "entra"
FIELDS = (
    Field("event_id"),
    Field("event_time", "moment", is_required=True),
    Field("operation_name", is_required=True),
    Field("outcome"),
    Field("correlation_id"),
    Field("user_id", is_personal=True),
    Field("entra_user_id", is_personal=True),
    Field("principal_id", is_personal=True),
    Field("app_object_id"),
    Field("client_id"),
    Field("app_name"),
    Field("is_for_everyone", "flag"),
    Field("scopes"),
)
TABLES = {"events": table_of(FIELDS)}

CONSENT = "Consent to application"
ROLE_OF_PERSON = "Add app role assignment grant to user"
GRANTS = (
    CONSENT, ROLE_OF_PERSON, "Add delegated permission grant", "Add OAuth2PermissionGrant",
    "Add app role assignment to service principal",
)  # fmt: skip
REVOCATIONS = (
    "Remove delegated permission grant", "Remove OAuth2PermissionGrant", "Revoke consent",
    "Remove app role assignment from service principal",
)  # fmt: skip
SIGN_INS = ("Sign-in activity", "UserLoggedIn")
# These sign in without a person, or over and over on one sign-in.
_NOT_A_PERSONS = "('NonInteractiveUserSignInLogs', 'ServicePrincipalSignInLogs', "
_NOT_A_PERSONS += "'ManagedIdentitySignInLogs')"
GUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NIL = "'00000000-0000-0000-0000-000000000000'"

_IS_SIGN_IN = f"operation in {SIGN_INS}"
_NAMES_APP = f"operation in ('{CONSENT}', '{ROLE_OF_PERSON}')"
_M365_NAME = first(each("Target"), "json_extract_string(one, '$.Type') = '1'")
_M365_USER = f"case when contains({text('UserId')}, '@') then {text('UserId')} end"


def _named(members: str, *, name: Sequence[str], value: Sequence[str]) -> str:
    """Return SQL for the names and values of a list's members, each read once."""
    paths = [f"$.{member}" for member in (*name, *value)]
    texts = [f"nullif(trim(read[{place}], ' \"'), '')" for place in range(1, len(paths) + 1)]
    values = ", ".join(f"nullif({text}, 'null')" for text in texts[len(name) :])
    pair = f"{{name: coalesce({', '.join(texts[: len(name)])}), told: coalesce({values})}}"
    read = f"list_transform({members}, lambda one: json_extract_string(one, {paths}))"
    return f"list_transform({read}, lambda read: {pair})"


def _property(name: str) -> str:
    """Return SQL for the new value of a changed property, or the one that it had."""
    return first("properties", f"one.name = '{name}'") + ".told"


def _detail(name: str) -> str:
    """Return SQL for one of the further details, which are keys and values."""
    return first("details", f"one.name = '{name}'") + ".told"


def _guid(found: str) -> str:
    """Return SQL for the first id in a text."""
    return f"nullif(regexp_extract(lower({found}), '{GUID}'), '')"


def _target(kind: str) -> str:
    return first(each("targetResources"), f"{text('type', of='one')} = '{kind}'")


STEPS = (
    {
        "operation": f"""case
            when {text("category")} in {_NOT_A_PERSONS} then {text("category")}
            when json_extract_string(json, '$.isInteractive') = 'false'
                then 'Sign-in without a person'
            when {text("category")} = 'SignInLogs' then 'Sign-in activity'
            else coalesce(
                rtrim(
                    {text("activityDisplayName", "operationName", "operationname", "Operation")},
                    '. '
                ),
                case when {text("appId")} is not null and {text("createdDateTime")} is not null
                    then 'Sign-in activity' end
            )
        end""",
        "properties": _named(
            f"""list_concat(
                flatten(list_transform(
                    {each("targetResources")}, lambda one: {each("modifiedProperties", of="one")}
                )),
                {each("ModifiedProperties")}
            )""",
            name=("displayName", "Name"),
            value=("newValue", "NewValue", "oldValue", "OldValue"),
        ),
        "details": _named(
            f"list_concat({each('additionalDetails')}, {each('ExtendedProperties')})",
            name=("key", "Name"),
            value=("value", "Value"),
        ),
        "service_principal": _target("ServicePrincipal"),
    },
    {
        "permissions": _property("ConsentAction.Permissions"),
        "service_principal_id": _guid(_property("ServicePrincipal.ObjectID")),
    },
    # Before the arrow is what was allowed until then.
    {"allowed": "coalesce(nullif(split_part(permissions, '=>', 2), ''), permissions, '')"},
)
VALUES = {
    "event_id": text("id", "Id"),
    "event_time": text("activityDateTime", "createdDateTime", "time", "CreationTime"),
    "operation_name": "operation",
    "outcome": f"""case
        when {_IS_SIGN_IN} then if(
            coalesce({text("status.errorCode", "resultType", "resulttype")}, '0') = '0'
            and {text("LogonError")} is null, 'success', 'failure'
        )
        else lower({text("result", "ResultStatus")})
    end""",
    "correlation_id": text("correlationId", "correlationid", "InterSystemsId"),
    "user_id": person(
        f"coalesce({text('initiatedBy.user.userPrincipalName', 'userPrincipalName')}, {_M365_USER})"
    ),
    "entra_user_id": f"coalesce({text('initiatedBy.user.id', 'userId')}, "
    f"{_detail('actorObjectId')})",
    "principal_id": f"""nullif(coalesce(
        {_guid(_property("DelegatedPermissionGrant.PrincipalId"))},
        {_guid(_property("User.ObjectID"))},
        {_guid("regexp_extract(allowed, 'PrincipalId: *([^,]*)', 1)")},
        {text("id", of=_target("User"))}
    ), {_NIL})""",
    "app_object_id": f"""case
        when {_NAMES_APP} then coalesce(
            {text("id", of="service_principal")}, {_guid(_detail("targetObjectId"))}
        )
        else service_principal_id
    end""",
    # Of other events the further details name the resource: Microsoft Graph, as a rule.
    "client_id": f"""case
        when {_IS_SIGN_IN} then {text("appId", "ApplicationId")}
        else coalesce(
            {_guid(_property("ServicePrincipal.AppId"))},
            case when {_NAMES_APP} then coalesce(
                {_guid(_detail("AppId"))}, {_guid(_property("TargetId.ServicePrincipalNames"))},
                {_guid(_detail("targetSPN"))}, {_guid(text("ObjectId"))}
            ) end
        )
    end""",
    "app_name": f"""case
        when {_IS_SIGN_IN} then {text("appDisplayName")}
        when {_NAMES_APP} then coalesce(
            {text("displayName", of="service_principal")}, {_detail("targetName")},
            {text("ID", of=_M365_NAME)}
        )
        else {_property("ServicePrincipal.DisplayName")}
    end""",
    "is_for_everyone": f"""(
        lower(coalesce({_property("ConsentContext.OnBehalfOfAll")}, 'false')) = 'true'
        or coalesce({_property("DelegatedPermissionGrant.ConsentType")}, '') = 'AllPrincipals'
        or contains(allowed, 'ConsentType: AllPrincipals')
        or contains(operation, 'service principal')
    )""",
    "scopes": words(
        "array_to_string(regexp_extract_all(allowed, 'Scope: *([^],]*)', 1), ' ')",
        _property("DelegatedPermissionGrant.Scope"),
        f"case when operation <> '{ROLE_OF_PERSON}' then {_property('AppRole.Value')} end",
    ),
}
_MERGED = "case when json_type({0}, '$.properties') = 'OBJECT' "
_MERGED += "then json_merge_patch({0}, json_extract({0}, '$.properties')) else {0} end"
EVENTS = audit_files(
    "events", FIELDS, VALUES,
    steps=STEPS,
    covers="event_time",
    passes_over=f"operation_name not in {GRANTS + REVOCATIONS + SIGN_INS}",
    records_of=f"""case
        when json_type(json, '$.records') = 'ARRAY'
            then list_transform({each("records")}, lambda one: {_MERGED.format("one")})
        when json_type(json, '$.value') = 'ARRAY'
            then list_transform({each("value")}, lambda one: {_MERGED.format("one")})
        when json_type(json) = 'OBJECT' then [{_MERGED.format("json")}]
    end""",
)  # fmt: skip


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the events that the lake does not hold yet."""
    yield from extract_files(context, EVENTS)
