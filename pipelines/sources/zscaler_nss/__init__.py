"""Zscaler's NSS feeds of web and DNS traffic, as JSON lines.

Loads raw_zscaler_nss.egress. Fields, time zone and units: README.md. Guards against: numbers that
are texts, "None" for nothing, URL-encoded departments, two ways to write a time, a feed whose times
are local (setting `time_zone`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.egress import EgressLogs, extract_egress
from pipelines.sources.egress_shape import (
    TABLES,
    bad_number_sql,
    given_sql,
    json_lines_sql,
    plain_host_sql,
    traffic_sql,
    whole_sql,
)
from pipelines.sources.records import Field, json_sql
from pipelines.sources.texts import plausible_sql

__all__ = ["NAME", "TABLES", "extract", "is_configured"]

NAME = "zscaler_nss"
TIMES = ("%Y-%m-%d %H:%M:%S", "%a %b %d %H:%M:%S %Y")


def _field(name: str, *others: str) -> Field:
    """Return a text that stands below `event`, or beside it where a feed has no envelope."""
    names = [way for each in (name, *others) for way in (f"event.{each}", each)]
    return Field(name.lower(), path=names[0], also=tuple(names[1:]))


FIELDS = (
    _field("datetime", "time"),
    _field("action"),
    _field("reqaction"),
    _field("resaction"),
    _field("user", "login"),
    _field("url", "host"),
    _field("dns_req"),
    _field("reqtype"),
    _field("requestsize"),
    _field("responsesize"),
    _field("department", "dept"),
    _field("location"),
    _field("ClientIP", "cip", "clt_sip"),
    _field("devicehostname", "devicename"),
)
IS_DNS = f"({given_sql('dns_req')} is not null)"


def read_sql(context: LoadContext, _head: Sequence[str]) -> str:
    """Return SQL of the traffic of both feeds."""
    zone = _time_zone(context.settings)
    local = f"try_strptime({given_sql('datetime')}, {list(TIMES)})"
    moment = plausible_sql(f"cast(timezone('{zone}', {local}) as timestamp)")
    said = "lower(concat_ws(' ', action, reqaction, resaction))"
    return traffic_sql(
        {
            "source_line": "source_line",
            "reason": f"""case
                when reason is not null then reason
                when url is null and dns_req is null then 'wrong_format'
                when {moment} is null then 'bad_timestamp'
                when {bad_number_sql("requestsize", "responsesize")} then 'bad_number'
            end""",
            "seen_at": moment,
            "signal_kind": f"case when {IS_DNS} then 'dns' else 'http' end",
            "host": plain_host_sql(f"coalesce({given_sql('dns_req')}, {given_sql('url')})"),
            "action": f"""case
                when contains({said}, 'block') or contains({said}, 'drop') then 'blocked'
                when contains({said}, 'allow') then 'allowed'
            end""",
            "user_name": given_sql("user"),
            "device_name": given_sql("devicehostname"),
            "address": given_sql("clientip"),
            "department_name": given_sql(_decoded_sql("department")),
            "location_name": given_sql(_decoded_sql("location")),
            "uploaded_bytes": whole_sql("requestsize"),
            "downloaded_bytes": whole_sql("responsesize"),
            "record_type": f"case when {IS_DNS} then {given_sql('reqtype')} end",
        },
        json_sql(FIELDS, context, json_lines_sql()),
    )


def _decoded_sql(text: str) -> str:
    """Return SQL for a text without its URL encoding; as it stands where that is broken."""
    return f"coalesce(try(url_decode({text})), {text})"


def _time_zone(settings: SourceSettings) -> str:
    """Return the time zone of the feed; raise SettingsError for none that is known."""
    name = str(settings.get("time_zone", "") or "UTC")
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(
            f"{settings.environment_name('time_zone')} is {name!r}: give the time zone of the NSS "
            "feed, such as UTC or Europe/Berlin."
        ) from None


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the traffic of files that the lake does not hold yet."""
    _time_zone(context.settings)
    yield from extract_egress(context, EgressLogs(read_sql))
