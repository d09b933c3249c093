"""Cisco Umbrella's DNS log: which identity looked up which name, and whether it was let through.

Loads raw_umbrella.egress from the CSV files of its S3 export, or the same as JSON lines. Columns
and units: README.md. Guards against: names that end with a point, an optional header, quotes
inside of values, one look-up as A and as AAAA, identities that are networks and no persons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from pipelines.sources.texts import moment_sql, plausible_sql

__all__ = ["NAME", "TABLES", "extract", "is_configured"]

NAME = "umbrella"
FIELDS = (
    Field("moment", "moment", path="timestamp", is_required=True),
    Field("identity", path="mostGranularIdentity", also=("policyIdentity", "identity")),
    Field("identity_type", path="mostGranularIdentityType", also=("policyIdentityType",)),
    Field("internal_address", path="internalIp"),
    Field("external_address", path="externalIp"),
    Field("action", path="action"),
    Field("query_type", path="queryType"),
    Field("domain", path="domain"),
)
# By position; the type of the identity came with a later version.
CSV = {
    "moment": 1, "identity": 2, "internal_address": 4, "external_address": 5, "action": 6,
    "query_type": 7, "domain": 9, "identity_type": 11,
}  # fmt: skip
FEWEST = 10
VALUE = r',("(?:[^"]|"")*"|[^,"]*)'


def read_sql(context: LoadContext, head: Sequence[str]) -> str:
    """Return SQL of the traffic, whichever way the file is written."""
    first = next((line for line in head if line.strip()), "")
    if first.lstrip().startswith("{"):
        return _of_columns(json_sql(FIELDS, context, json_lines_sql()), moment="moment")
    return _of_columns(_csv_sql(), moment=plausible_sql(moment_sql("moment")))


def _csv_sql() -> str:
    texts = ", ".join(f"{_value(position)} as {name}" for name, position in CSV.items())
    return f"""
        select
            *,
            case
                when not is_whole or len(parts) < {FEWEST} then 'wrong_field_count'
                when {plausible_sql(moment_sql("moment"))} is null then 'bad_timestamp'
            end as reason
        from (
            select *, {texts}
            from (
                select
                    source_line,
                    regexp_extract_all(',' || line, '{VALUE}', 1) as parts,
                    array_to_string(regexp_extract_all(',' || line, '{VALUE}'), '') = ',' || line
                        as is_whole
                from lines
                where trim(line) <> ''
            )
        )
        where not (source_line = 1 and lower(coalesce(moment, '')) = 'timestamp')
    """


def _value(position: int) -> str:
    part = f"parts[{position}]"
    inside = f"replace(substr({part}, 2, length({part}) - 2), '\"\"', '\"')"
    return given_sql(f"if(starts_with({part}, '\"'), {inside}, {part})")


def _of_columns(records: str, moment: str) -> str:
    identity, external = given_sql("identity"), given_sql("external_address")
    kind = "lower(coalesce(identity_type, ''))"
    is_place = f"(contains({kind}, 'network') or contains({kind}, 'site'))"
    is_user = f"(contains({kind}, 'user') and not contains({kind}, 'computer'))"
    return traffic_sql(
        {
            "source_line": "source_line",
            "reason": "reason",
            "seen_at": moment,
            "signal_kind": "'dns'",
            "host": plain_host_sql("domain"),
            "action": """case
                when starts_with(lower(action), 'block') then 'blocked'
                when starts_with(lower(action), 'allow') then 'allowed'
            end""",
            "user_name": f"case when {is_user} then {identity} end",
            # Of an identity without a type nobody knows that it is no person: a pseudonym.
            "device_name": f"case when not {is_user} and not {is_place} then {identity} end",
            "address": f"coalesce({given_sql('internal_address')}, {external})",
            "location_name": f"case when {is_place} then {identity} end",
            "record_type": given_sql("query_type"),
        },
        records,
    )


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the traffic of files that the lake does not hold yet."""
    yield from extract_egress(context, EgressLogs(read_sql))
