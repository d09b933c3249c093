"""Keeps the account of one delivery: loaded, quarantined, duplicate, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipelines.lake import COMMON, LOAD_UNITS
from pipelines.sources.accounts import quarantine_rows

if TYPE_CHECKING:
    from pipelines.load import LoadContext
    from pipelines.sources.bill_deliveries import Delivery, Part
    from pipelines.sources.bills import Bill

# Lines of a delivery's later files count on from here: no file has as many.
LINES_A_FILE = 10**9
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
TABLES = """
create temp table taken (
    part bigint, load_unit_id varchar, outcome varchar, records bigint, covers_from timestamp,
    covers_to timestamp, billed_to timestamp
);
create temp table refused (part bigint, source_line bigint, reason varchar);
create temp table replaced (load_unit_id varchar);
"""


class BillAccount:
    """Takes the typed chunks of a delivery's files in and hands out what goes to the lake."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        context: LoadContext,
        bill: Bill,
        delivery: Delivery,
        services: list[str],
        replaced: set[str],
    ) -> None:
        """Begin the account; `replaced` holds units that a newer delivery has."""
        self.connection = connection
        self.context = context
        self.bill = bill
        self.delivery = delivery
        self.services = services
        self.charges_schema = pa.schema([*COMMON, *bill.charges])
        self.left_out_schema = pa.schema([*COMMON, *bill.left_out])
        *words, _, self.cost = bill.left_out.names
        self.words = ", ".join(words)
        connection.execute(TABLES)
        empty = pa.schema([COMMON[0], *bill.left_out]).empty_table()
        connection.register("empty", empty)
        connection.execute("create temp table left_out_lines as from empty")
        connection.unregister("empty")
        if replaced:
            connection.execute("insert into replaced select unnest($1)", [sorted(replaced)])

    def take(self, number: int, part: Part, records: pa.Table) -> pa.Table:
        """Count a chunk of the delivery's file of this number; return its good rows."""
        self.connection.register("chunk", records)
        parameters: dict[str, Any] = {
            "number": number,
            "services": [name.lower() for name in self.services],
        }
        if "$file" in self.bill.unit:
            parameters["file"] = part.file.load_unit_id
        self.connection.execute(
            f"create or replace temp table judged as {self._judged_sql()}", parameters
        )
        self.connection.unregister("chunk")
        bill = self.bill
        self.connection.execute(
            f"""
            insert into taken
            select
                part, load_unit_id, outcome, count(*), {bill.covers_from}, {bill.covers_to},
                {bill.billed_to}
            from judged
            group by all;
            insert into refused
            select part, file_line, reason from judged where outcome = 'quarantined';
            insert into left_out_lines
            select load_unit_id, {self.words}, count(*), sum({self.cost})
            from judged
            where outcome = 'left_out'
            group by all;
            """
        )
        names = ", ".join(self.charges_schema.names)
        good = self.connection.sql(
            f"select {names} from judged where outcome = 'loaded' order by source_line"
        )
        return good.to_arrow_table().cast(self.charges_schema)

    def name_lines(self, number: int, lines: Callable[[list[int]], list[int]]) -> None:
        """Replace the numbers of a file's refused records by their lines."""
        rows = self.connection.execute(
            "select source_line, reason from refused where part = $1 order by source_line",
            [number],
        ).fetchall()
        if rows:
            named = pa.table(
                {
                    "source_line": pa.array(lines([line for line, _ in rows]), pa.int64()),
                    "reason": [reason for _, reason in rows],
                }
            )
            self.connection.register("named", named)
            self.connection.execute("delete from refused where part = $1", [number])
            self.connection.execute(
                "insert into refused select $1, source_line, reason from named", [number]
            )
            self.connection.unregister("named")

    def _judged_sql(self) -> str:
        made = self.bill.made(self.context)
        columns = "".join(f", {sql} as {name}" for name, sql in made.items())
        return f"""
            with made as (
                select *{columns}
                from chunk
            ),

            named as (
                select
                    * exclude (reason),
                    coalesce(reason, {self.bill.refuses}) as reason,
                    {self.bill.unit} as load_unit_id,
                    lower(coalesce({self.bill.service_code}, '')) as code,
                    lower(coalesce({self.bill.service_name}, '')) as name
                from made
            )

            select
                * exclude (source_line, load_unit_id),
                $number as part,
                source_line as file_line,
                source_line + cast($number as bigint) * {LINES_A_FILE} as source_line,
                load_unit_id,
                case
                    when reason in ('wrong_field_count', 'malformed_json', 'not_an_object')
                        then 'quarantined'
                    -- What names no service is nobody else's.
                    when code || name <> '' and not list_bool_or(list_transform(
                        $services, lambda service: code glob service or name glob service
                    )) then if(load_unit_id in (from replaced), 'duplicate', 'left_out')
                    when reason is not null then 'quarantined'
                    when load_unit_id in (from replaced) then 'duplicate'
                    else 'loaded'
                end as outcome
            from named
        """

    def tables(self, parts: list[Part]) -> Iterator[tuple[str, pa.Table]]:
        """Yield the sums left out, the quarantine and the load units."""
        left_out = self.connection.sql(
            f"""
            select
                {_left_out_unit("load_unit_id")} as load_unit_id,
                row_number() over (partition by load_unit_id order by {self.words}) as source_line,
                * exclude (load_unit_id)
            from (
                select
                    * exclude (charge_count, {self.cost}),
                    cast(sum(charge_count) as bigint) as charge_count,
                    sum({self.cost}) as {self.cost}
                from left_out_lines
                where load_unit_id is not null
                group by all
            )
            order by all
            """
        ).to_arrow_table()
        if left_out.num_rows:
            yield "left_out", left_out.cast(self.left_out_schema)
        for number, part in enumerate(parts):
            bad = self.connection.sql(
                "select source_line, reason from refused where part = $part order by source_line",
                params={"part": number},
            ).to_arrow_table()
            if bad.num_rows:
                unit, location = part.file.load_unit_id, part.file.address
                remedies = self.bill.reader_of(location).remedies
                yield "quarantine", quarantine_rows(self.context, unit, location, bad, remedies)
        yield "load_units", self._units(parts)

    def units(self) -> list[str]:
        """Return the units that the delivery stands for."""
        rows = self.connection.sql(
            "select distinct load_unit_id from taken "
            "where load_unit_id is not null and outcome in ('loaded', 'left_out')"
        )
        return [unit for (unit,) in rows.fetchall()]

    def _units(self, parts: list[Part]) -> pa.Table:
        """Return a row for each file, each unit in them, and what was left out of each."""
        files = pa.Table.from_pylist(
            [
                {
                    "part": number,
                    "load_unit_id": part.file.load_unit_id,
                    "location": part.file.address,
                    "size_bytes": part.file.size_bytes,
                    "modified_at": part.file.modified_at,
                    "content_sha256": part.content_sha256,
                }
                for number, part in enumerate(parts)
            ]
        )
        self.connection.register("files", files)
        units = self.connection.sql(
            f"""
            with counted as (
                select
                    load_unit_id,
                    sum(records) filter (outcome = 'loaded') as loaded,
                    min(covers_from) filter (outcome = 'loaded') as covers_from,
                    max(covers_to) filter (outcome = 'loaded') as covers_to,
                    max(billed_to) as billed_to
                from taken
                where load_unit_id is not null and outcome in ('loaded', 'left_out')
                group by all
            ),

            summaries as (
                select load_unit_id, count(distinct ({self.words})) as sums
                from left_out_lines
                group by all
            ),

            -- A file may be a unit itself: its charges and its refused lines are then one account.
            units as (
                select
                    files.load_unit_id, files.location, 'charges' as table_name, files.size_bytes,
                    files.modified_at, files.content_sha256,
                    0 as records_loaded,
                    coalesce(sum(records) filter (outcome = 'quarantined'), 0)
                        as records_quarantined,
                    coalesce(sum(records) filter (outcome = 'duplicate'), 0) as records_duplicate,
                    null::timestamp as covers_from, null::timestamp as covers_to,
                    true as is_complete
                from files left join taken using (part)
                group by all
                union all by name
                select
                    load_unit_id, $location as location, 'charges' as table_name,
                    $modified as modified_at, coalesce(loaded, 0) as records_loaded,
                    0 as records_quarantined, 0 as records_duplicate, covers_from, covers_to,
                    coalesce(billed_to <= $modified, true) as is_complete
                from counted
                union all by name
                -- A unit that leaves nothing out any more says so.
                select
                    {_left_out_unit("load_unit_id")} as load_unit_id,
                    $location as location, 'left_out' as table_name, $modified as modified_at,
                    coalesce(sums, 0) as records_loaded, 0 as records_quarantined,
                    0 as records_duplicate, true as is_complete
                from counted left join summaries using (load_unit_id)
            )

            select
                load_unit_id,
                min(location) as location,
                table_name,
                max(size_bytes) as size_bytes,
                max(modified_at) as modified_at,
                max(content_sha256) as content_sha256,
                sum(records_loaded) as records_loaded,
                sum(records_quarantined) as records_quarantined,
                sum(records_duplicate) as records_duplicate,
                min(covers_from) as covers_from,
                max(covers_to) as covers_to,
                bool_and(is_complete) as is_complete,
                'file' as unit_kind,
                sum(records_loaded + records_quarantined + records_duplicate) as records_read,
                cast($now as timestamp) as pulled_at
            from units
            group by all
            """,
            params=self._parameters(parts),
        ).to_arrow_table()
        self.connection.unregister("files")
        return units.select(LOAD_UNITS.names).cast(LOAD_UNITS)

    def _parameters(self, parts: list[Part]) -> dict[str, Any]:
        return {
            "location": parts[0].file.address,
            "modified": self.delivery.modified_at,
            "now": self.context.now.replace(tzinfo=None),
        }


def _left_out_unit(unit: str) -> str:
    """Return SQL for the unit of what is left out of another one."""
    return f"'left_out:' || regexp_replace({unit}, '^[a-z_]+:', '')"
