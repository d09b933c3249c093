"""Counts the traffic in files of proxies, resolvers and sensors, and keeps persons for AI alone.

Of a host on the list of AI domains, the lake has what each person did in each hour. Of all other
traffic it has a count a day and host without persons, and without the host where fewer than
`smallest_group` persons reached it. Every record is in one of these counts or refused:
docs/decisions/egress.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipelines.sources.accounts import quarantine_rows, unit_row, with_unit
from pipelines.sources.egress_counts import (
    domains_sql,
    groups_sql,
    listed_hosts_sql,
    listed_sql,
    other_sql,
)
from pipelines.sources.egress_shape import EGRESS, REMEDIES
from pipelines.sources.files import (
    FileToLoad,
    changed_files,
    find_files,
    stands_as_it_was,
    unreadable,
)
from pipelines.sources.parallel import side_by_side
from pipelines.sources.text_lines import TextLines

if TYPE_CHECKING:
    from pipelines.load import LoadContext

ENDINGS = tuple(
    kind + packed
    for kind in (".log", ".txt", ".json", ".jsonl", ".ndjson", ".csv")
    for packed in ("", ".gz", ".zst", ".bz2")
)
TABLE = "egress"
SMALLEST_GROUP = 5
ROWS_A_BATCH = 100_000


@dataclass(frozen=True)
class EgressLogs:
    """How the files of a source are read."""

    read_sql: Callable[[LoadContext, list[str]], str]
    """SQL of TRAFFIC over the relation `lines`, given a file's first lines; raises ValueError."""
    header: str = ""
    """How the line begins that names the columns, where the format has one."""
    remedies: Mapping[str, str] = field(default_factory=dict)


def extract_egress(context: LoadContext, logs: EgressLogs) -> Iterator[tuple[str, pa.Table]]:
    """Yield the counts, quarantine and load unit of each file that is new or changed."""
    smallest_group = context.settings.get_int("smallest_group", SMALLEST_GROUP)
    items = changed_files(context, find_files(context, ENDINGS))
    yield from side_by_side(
        partial(_extract_readable, context, logs, smallest_group, item) for item in items
    )


def _extract_readable(
    context: LoadContext, logs: EgressLogs, smallest_group: int, item: FileToLoad
) -> Iterator[tuple[str, pa.Table]]:
    with ExitStack() as opened:
        try:
            path = opened.enter_context(item.file.local_copy())
            path.stat()
        except OSError as failure:
            context.fail_later(unreadable(context, item.file, failure))
            return
        with context.connection() as connection:
            lines = TextLines(path, logs.header)
            try:
                _count_groups(connection, context, logs, lines)
            except ValueError as failure:
                context.fail_later(f"{context.settings.source}: {item.file.address}: {failure}")
                return
            yield from _tables(connection, context, logs, smallest_group, item, lines)


def _count_groups(
    connection: duckdb.DuckDBPyConnection, context: LoadContext, logs: EgressLogs, lines: TextLines
) -> None:
    """Fill the table `traffic_groups` from a file, in one pass over it."""
    sql = logs.read_sql(context, lines.head())
    # Locals are what DuckDB finds the relation by; a registered stream would be kept.
    connection.register("lines", lines.reader())
    try:
        connection.execute(f"create or replace temp table traffic_groups as {groups_sql(sql)}")
    except duckdb.Error as failure:
        # What the stream raises comes wrapped in DuckDB's own error.
        _, is_ours, text = str(failure).partition("ValueError: ")
        if is_ours:
            raise ValueError(text.splitlines()[0]) from None
        raise
    finally:
        connection.unregister("lines")


def _tables(
    connection: duckdb.DuckDBPyConnection,
    context: LoadContext,
    logs: EgressLogs,
    smallest_group: int,
    item: FileToLoad,
    lines: TextLines,
) -> Iterator[tuple[str, pa.Table]]:
    unit_id, location = item.file.load_unit_id, item.file.address
    refused = connection.sql(
        "select refused_line as source_line, reason from traffic_groups "
        "where reason is not null order by refused_line"
    ).to_arrow_table()
    if lines.broken_at:
        context.fail_later(
            f"{context.settings.source}: {location} breaks off at line {lines.broken_at} "
            f"({lines.failure}); deliver it whole."
        )
        rest = pa.table({"source_line": [lines.broken_at], "reason": ["unreadable_rest"]})
        refused = pa.concat_tables([refused, rest.cast(refused.schema)])
    good, first, last = connection.execute(
        "select coalesce(sum(record_count), 0)::bigint, min(first_seen_at), max(last_seen_at) "
        "from traffic_groups where reason is null"
    ).fetchone() or (0, None, None)
    counts = {"records_read": good + refused.num_rows, "records_quarantined": refused.num_rows}
    if item.same_content_as:
        read = counts["records_read"]
        yield "load_units", _unit(context, item, records_read=read, records_duplicate=read)
        return
    if refused.num_rows:
        if stands_as_it_was(context, location, item.known, counts["records_read"], refused):
            return
        remedies = REMEDIES | dict(logs.remedies)
        yield "quarantine", quarantine_rows(context, unit_id, location, refused, remedies)
    for batch in _counted(connection, context, smallest_group):
        yield TABLE, with_unit(batch, unit_id)
    yield "load_units", _unit(context, item, covers_from=first, covers_to=last, **counts)


def _unit(context: LoadContext, item: FileToLoad, **values: Any) -> pa.Table:
    counts = {"records_quarantined": 0, "records_duplicate": 0}
    return unit_row(
        context,
        load_unit_id=item.file.load_unit_id,
        unit_kind="file",
        location=item.file.address,
        table_name=TABLE,
        size_bytes=item.file.size_bytes,
        modified_at=item.file.modified_at,
        content_sha256=item.content_sha256,
        **counts | values,
    )


def _counted(
    connection: duckdb.DuckDBPyConnection, context: LoadContext, smallest_group: int
) -> Iterator[pa.Table]:
    """Yield the lake's rows out of the table `traffic_groups`."""
    hosts = "select distinct host from traffic_groups where host is not null"
    listed = listed_hosts_sql(hosts, domains_sql())
    connection.execute(f"create or replace temp table listed_hosts as {listed}")
    names = ", ".join(["source_line", *EGRESS.names])
    listed_rows = f"select {names} from ({listed_sql(context.pseudonym_sql)})"
    other_rows = f"select {names} from ({other_sql(smallest_group)})"
    relation = connection.sql(f"{listed_rows} union all {other_rows} order by source_line")
    for batch in relation.to_arrow_reader(ROWS_A_BATCH):
        yield pa.Table.from_batches([batch])
