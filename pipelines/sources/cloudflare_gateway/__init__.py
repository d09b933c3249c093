"""Cloudflare Gateway's logs of HTTP requests and DNS queries, as Logpush writes them.

Loads raw_cloudflare_gateway.egress from the data sets gateway_http and gateway_dns: JSON lines.
Fields and units: README.md. Guards against: empty texts for nothing, one look-up as A and as AAAA,
times in three ways; file names, URLs and DLP matches are never read.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.egress import EgressLogs, extract_egress
from pipelines.sources.egress_shape import (
    TABLES,
    given_sql,
    json_lines_sql,
    plain_host_sql,
    traffic_sql,
)
from pipelines.sources.records import Field, json_sql

__all__ = ["NAME", "TABLES", "extract", "is_configured"]

NAME = "cloudflare_gateway"
FIELDS = (
    Field("seen_at", "moment", path="Datetime", is_required=True),
    Field("http_host", path="HTTPHost", also=("URL",)),
    Field("http_action", path="Action"),
    Field("query_name", path="QueryName"),
    Field("query_type", path="QueryTypeName", also=("QueryType",)),
    Field("decision", path="ResolverDecision"),
    Field("email", path="Email"),
    Field("user_id", path="UserID"),
    Field("device", path="DeviceID", also=("DeviceName",)),
    Field("address", path="SourceIP", also=("SrcIP",)),
    Field("location", path="Location"),
)
IS_DNS = "(query_name is not null or decision is not null)"
ACTION = f"""case
    when {IS_DNS} and starts_with(lower(decision), 'blocked') then 'blocked'
    when {IS_DNS} and starts_with(lower(decision), 'allowed') then 'allowed'
    when not {IS_DNS} and lower(http_action) = 'block' then 'blocked'
    when not {IS_DNS} and http_action is not null then 'allowed'
end"""
COLUMNS = {
    "source_line": "source_line",
    "reason": "case when reason is null and query_name is null and http_host is null "
    "and decision is null and http_action is null then 'wrong_format' else reason end",
    "seen_at": "seen_at",
    "signal_kind": f"case when {IS_DNS} then 'dns' else 'http' end",
    "host": plain_host_sql(f"case when {IS_DNS} then query_name else http_host end"),
    "action": ACTION,
    "user_name": f"coalesce({given_sql('email')}, {given_sql('user_id')})",
    "device_name": given_sql("device"),
    "address": given_sql("address"),
    "location_name": given_sql("location"),
    "record_type": f"case when {IS_DNS} then query_type end",
}
LOGS = EgressLogs(
    lambda context, _head: traffic_sql(COLUMNS, json_sql(FIELDS, context, json_lines_sql()))
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the traffic of files that the lake does not hold yet."""
    yield from extract_egress(context, LOGS)
