"""Netskope's transaction events: web traffic as lines of a W3C extended log.

Loads raw_netskope.egress. Columns and units: README.md. Guards against: columns in any order and
number (read from #Fields, or the setting `fields`), values in quotes with blanks inside, `-` for
nothing; of an address only the host is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

NAME = "netskope"
HEADER = "#Fields:"
VALUE = r'"(?:[^"]|"")*"|[^\s"]+'
# Ours, and the names under which the columns may stand; the first that is there counts.
WANTED = {
    "day": ("date",),
    "time_of_day": ("time",),
    "epoch": ("x-cs-timestamp",),
    "person": ("cs-username",),
    "client": ("c-ip", "x-c-local-ip"),
    "device": ("x-c-hostname", "x-c-device"),
    "address": ("cs-host", "x-cs-sni", "cs-dns", "cs-uri", "cs-url"),
    "policy_action": ("x-policy-action", "x-cs-policy-action"),
    "status": ("sc-status",),
    "sent": ("cs-bytes",),
    "received": ("sc-bytes",),
}


def read_sql(context: LoadContext, head: Sequence[str]) -> str:
    """Return SQL of the traffic, by the columns that the file or the setting names."""
    stated = str(context.settings.get("fields", ""))
    told = next((line[len(HEADER) :] for line in head if line.startswith(HEADER)), stated)
    names = told.split()
    if not {"cs-host", "x-cs-sni", "cs-dns", "cs-uri", "cs-url"} & set(names):
        raise ValueError(
            "no line #Fields: names its columns, among them cs-host or cs-uri; deliver it with "
            "that line, or give the columns in the setting `fields`."
        )
    written = moment_sql("day || ' ' || time_of_day")
    moment = plausible_sql(f"coalesce({written}, {moment_sql('epoch')})")
    return traffic_sql(
        {
            "source_line": "source_line",
            "reason": f"""case
                when len(parts) <> {len(names)} then 'wrong_field_count'
                when {moment} is null then 'bad_timestamp'
                when {bad_number_sql("sent", "received")} then 'bad_number'
            end""",
            "seen_at": moment,
            "signal_kind": "'http'",
            "host": plain_host_sql("address"),
            "action": """case
                when starts_with(lower(policy_action), 'block') then 'blocked'
                when policy_action is not null then 'allowed'
                when try_cast(status as integer) between 200 and 399 then 'allowed'
            end""",
            "user_name": "person",
            "device_name": "device",
            "address": "client",
            "uploaded_bytes": whole_sql("sent"),
            "downloaded_bytes": whole_sql("received"),
        },
        f"""
        select source_line, parts,
            {", ".join(f"{_value(names, ways)} as {name}" for name, ways in WANTED.items())}
        from (
            select source_line, regexp_extract_all(line, '{VALUE}') as parts
            from lines
            where trim(line) <> '' and not starts_with(line, '#')
        )
        """,
    )


def _value(names: Sequence[str], ways: Sequence[str]) -> str:
    texts = []
    for way in ways:
        if way in names:
            part = f"parts[{names.index(way) + 1}]"
            inside = f"replace(substr({part}, 2, length({part}) - 2), '\"\"', '\"')"
            texts.append(given_sql(f"if(starts_with({part}, '\"'), {inside}, {part})"))
    return f"coalesce({', '.join(texts)})" if texts else "cast(null as varchar)"


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the traffic of files that the lake does not hold yet."""
    yield from extract_egress(context, EgressLogs(read_sql, header=HEADER))
