"""The shape in which traffic out of the network meets: what a record of a proxy or resolver says.

A source writes SQL that makes `TRAFFIC` of its lines; `pipelines/sources/egress.py` does the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from pipelines.sources.limits import LARGEST_COUNT
from pipelines.sources.texts import host_sql

TRAFFIC = {
    "source_line": "bigint",
    "reason": "varchar",
    "seen_at": "timestamp",
    "signal_kind": "varchar",
    "host": "varchar",
    "action": "varchar",
    "user_name": "varchar",
    "device_name": "varchar",
    "address": "varchar",
    "department_name": "varchar",
    "location_name": "varchar",
    "uploaded_bytes": "bigint",
    "downloaded_bytes": "bigint",
    "record_type": "varchar",
    "event_key": "varchar",
}
"""What a record says; `record_type` parts records that one request makes several of (A and AAAA),
`event_key` is the same for a record that a sensor wrote twice."""

EGRESS = pa.schema(
    [
        ("period_start", pa.timestamp("us")),
        ("is_listed", pa.bool_()),
        ("signal_kind", pa.string()),
        ("host_kind", pa.string()),
        ("host", pa.string()),
        ("action", pa.string()),
        ("actor_kind", pa.string()),
        ("actor_id", pa.string()),
        ("department_name", pa.string()),
        ("location_name", pa.string()),
        ("actor_count", pa.int64()),
        ("record_count", pa.int64()),
        ("request_count", pa.int64()),
        ("uploaded_bytes", pa.int64()),
        ("downloaded_bytes", pa.int64()),
        ("first_seen_at", pa.timestamp("us")),
        ("last_seen_at", pa.timestamp("us")),
    ]
)
TABLES = {"egress": EGRESS}

REMEDIES = {
    "malformed_json": "Mend or remove the line in the file and load it again.",
    "not_an_object": "A record is a JSON object; remove the line and load the file again.",
    "wrong_field_count": "The line has not as many fields as the columns named above it; export it "
    "again.",
    "wrong_format": "The line is none of the format that the source's README shows; write the log "
    "in that format, and load it again.",
    "bad_timestamp": "A time is missing, or none that the source's README shows; mend the line and "
    "load the file again.",
    "bad_number": "A count of bytes is no whole number from 0 to 10^12; mend the line and load the "
    "file again.",
    "unreadable_rest": "The file breaks off or is damaged here; deliver it whole and load again.",
}


def traffic_sql(columns: Mapping[str, str], records: str) -> str:
    """Return SQL of TRAFFIC: expressions by column over the SQL of records, null where none."""
    strangers = columns.keys() - TRAFFIC.keys()
    if strangers:
        raise ValueError(f"TRAFFIC has no column {', '.join(sorted(strangers))}")
    select = ",\n".join(
        f"cast({columns.get(name, 'null')} as {kind}) as {name}" for name, kind in TRAFFIC.items()
    )
    return f"select {select} from ({records})"


def json_lines_sql() -> str:
    """Return SQL of the lines as JSON records: source_line, fault and json."""
    return """
        select source_line, fault, case when fault is null then cast(line as json) end as json
        from (
            select
                source_line,
                line,
                case
                    when not json_valid(line) then 'malformed_json'
                    when not starts_with(ltrim(line, ' \t'), '{') then 'not_an_object'
                end as fault
            from lines
            where trim(line) <> ''
        )
    """


def plain_host_sql(address: str) -> str:
    """Return SQL for the host of an address as lists of domains write it; null for what is none.

    DNS logs end names with a point, proxies give ports; neither is part of the name.
    """
    name = f"rtrim(lower({host_sql(f'trim({address})')}), '.')"
    return f"case when regexp_full_match({name}, '[a-z0-9_*.-]{{1,253}}') then {name} end"


def given_sql(text: str) -> str:
    """Return SQL for a text of a log, null for the ways in which logs write that there is none."""
    nothing = "'', '-', 'none', 'na', 'n/a', 'null', '(empty)'"
    return f"case when lower(trim({text})) not in ({nothing}) then trim({text}) end"


def whole_sql(text: str) -> str:
    """Return SQL for a count of bytes that a log gives as text; null for what is none."""
    number = f"try_cast({given_sql(text)} as bigint)"
    return f"case when {number} between 0 and {LARGEST_COUNT} then {number} end"


def bad_number_sql(*texts: str) -> str:
    """Return SQL for whether one of the texts states something that is no count of bytes."""
    return " or ".join(
        f"({given_sql(text)} is not null and {whole_sql(text)} is null)" for text in texts
    )
