"""Zeek's dns.log and ssl.log: names that were looked up, names that TLS was opened for.

Loads raw_zeek.egress from both, as tab-separated text or JSON lines. Fields and units: README.md.
Guards against: columns in another order (read from #fields), a record that two sensors or one
tapped twice wrote (same uid), TLS without a name (most), one look-up as A and as AAAA.
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

NAME = "zeek"
FIELDS = (
    Field("ts", "moment", is_required=True),
    Field("uid"),
    Field("client", path=("id.orig_h",)),
    Field("query"),
    Field("qtype_name"),
    Field("trans_id"),
    Field("server_name"),
    Field("established"),
    Field("version"),
    Field("cipher"),
    Field("ssl_history"),
    Field("log_kind", path="_path"),
)
WANTED = ("ts", "uid", "id.orig_h", "query", "qtype_name", "trans_id", "server_name", "established")
LOGS_READ = ("dns", "ssl")
SEPARATOR, FIELD_NAMES, LOG_PATH = "#separator", "#fields", "#path"


def read_sql(context: LoadContext, head: Sequence[str]) -> str:
    """Return SQL of the traffic in a log, whichever way it is written."""
    first = next((line for line in head if line.strip()), "")
    if not first.startswith("#"):
        return _json_sql(context)
    return _text_sql(head)


def _json_sql(context: LoadContext) -> str:
    records = json_sql(FIELDS, context, json_lines_sql())
    is_dns = "(coalesce(log_kind, '') = 'dns' or query is not null or qtype_name is not null)"
    is_tls = "(coalesce(log_kind, '') = 'ssl' or server_name is not null or cipher is not null)"
    is_tls = f"({is_tls} or version is not null or ssl_history is not null)"
    known = f"select * replace (coalesce(reason, case when not {is_dns} and not {is_tls} "
    return _of_columns(
        f"{known} then 'wrong_format' end) as reason), {is_dns} as is_dns from ({records})",
        moment="ts",
    )


def _text_sql(head: Sequence[str]) -> str:
    separator = _told(head, SEPARATOR) or r"\x09"
    names = (_told(head, FIELD_NAMES) or "").split("\t")
    path = _told(head, LOG_PATH)
    if separator != r"\x09" or path not in LOGS_READ or "ts" not in names:
        raise ValueError(
            "its header (#separator, #path, #fields) is none of a dns.log or ssl.log that is "
            "separated by tabs; write those logs so, or as JSON."
        )
    texts = ",\n".join(
        f"{_member(names, name)} as {name.replace('id.orig_h', 'client')}" for name in WANTED
    )
    moment = plausible_sql(moment_sql("ts"))
    return _of_columns(
        f"""
        select
            source_line,
            case
                when len(parts) <> {len(names)} then 'wrong_field_count'
                when {moment} is null then 'bad_timestamp'
            end as reason,
            {"true" if path == "dns" else "false"} as is_dns,
            columns(* exclude (source_line, parts))
        from (
            select *, {texts}
            from (
                select source_line, string_split(line, chr(9)) as parts
                from lines
                where not starts_with(line, '#') and trim(line) <> ''
            )
        )
        """,
        moment=moment,
    )


def _told(head: Sequence[str], name: str) -> str | None:
    """Return what a line of the header says."""
    line = next((line for line in head if line.split("\t")[0].split(" ")[0] == name), None)
    return line[len(name) + 1 :] if line else None


def _member(names: Sequence[str], name: str) -> str:
    if name not in names:
        return "cast(null as varchar)"
    return given_sql(f"parts[{names.index(name) + 1}]")


def _of_columns(records: str, moment: str) -> str:
    return traffic_sql(
        {
            "source_line": "source_line",
            "reason": "reason",
            "seen_at": moment,
            "signal_kind": "case when is_dns then 'dns' else 'tls' end",
            "host": plain_host_sql("case when is_dns then query else server_name end"),
            # A sensor sees what passes: that a look-up was made says nothing of what came of it.
            "action": "case when not is_dns and lower(established) in ('t', 'true') "
            "then 'allowed' else 'unknown' end",
            "address": "client",
            "record_type": "case when is_dns then qtype_name end",
            "event_key": "case when is_dns then uid || ':' || coalesce(trans_id, '') else uid end",
        },
        records,
    )


LOGS = EgressLogs(read_sql, header=FIELD_NAMES)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the traffic of files that the lake does not hold yet."""
    yield from extract_egress(context, LOGS)
