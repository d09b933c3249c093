"""Squid's access log: which client asked which host, and how much came back.

Loads raw_squid.egress from files of the native format. Format and units: README.md. Guards against:
other formats (refused line by line), CONNECT lines (host and port only), user names of `-`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.egress import EgressLogs, extract_egress
from pipelines.sources.egress_shape import (
    TABLES,
    bad_number_sql,
    given_sql,
    plain_host_sql,
    traffic_sql,
    whole_sql,
)
from pipelines.sources.texts import moment_sql, plausible_sql

__all__ = ["NAME", "TABLES", "extract", "is_configured"]

NAME = "squid"
# time, elapsed, client, result/status, bytes, method, address, user, hierarchy/peer, type
PARTS = ("moment", "client", "result", "bytes", "method", "url", "person")
LINE = (
    r"^\s*(\d+\.\d+)\s+-?\d+\s+(\S+)\s+([A-Z_]+)/\d+\s+(-?\d+)\s+(\S+)\s+(\S+)\s+(\S+)\s+"
    r"[A-Z_0-9]+/\S+(?:\s.*)?$"
)
MOMENT = plausible_sql(moment_sql("parts.moment"))
REASON = f"""case
    when parts.moment = '' then 'wrong_format'
    when {MOMENT} is null then 'bad_timestamp'
    when {bad_number_sql("parts.bytes")} then 'bad_number'
end"""
COLUMNS = {
    "source_line": "source_line",
    "reason": REASON,
    "seen_at": MOMENT,
    "signal_kind": "'http'",
    "host": plain_host_sql("parts.url"),
    # A tunnel that a rule refuses is `TCP_DENIED`, older versions also say `NONE`.
    "action": "case when contains(parts.result, 'DENIED') then 'blocked' else 'allowed' end",
    "user_name": given_sql("parts.person"),
    "address": given_sql("parts.client"),
    "downloaded_bytes": whole_sql("parts.bytes"),
}
LOGS = EgressLogs(
    lambda _context, _head: traffic_sql(
        COLUMNS,
        f"select source_line, regexp_extract(line, '{LINE}', {list(PARTS)}) as parts "
        "from lines where trim(line) <> ''",
    )
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the traffic of files that the lake does not hold yet."""
    yield from extract_egress(context, LOGS)
