"""Keeps the account of one FOCUS file: read = loaded + quarantined + duplicate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipelines.lake import COMMON, LOAD_UNITS, QUARANTINE
from pipelines.sources.files import FileToLoad
from pipelines.sources.focus.columns import CHARGES

if TYPE_CHECKING:
    from pipelines.load import LoadContext

REMEDIES = """
case problem
    when 'wrong_field_count'
        then 'The line has not as many fields as the header, or a quote is open; export it again.'
    when 'missing_value' then problem_column || ' is empty; FOCUS wants it on every row.'
    when 'bad_number'
        then problem_column || ' is no number as 1234.56 or 1.2E-5 up to 10^15; correct it.'
    when 'bad_timestamp'
        then problem_column || ' is no date as 2025-04-01T00:00:00Z or 4/1/25; correct it.'
end
"""


class FileAccount:
    """Takes the typed chunks of one file in and hands out what goes to the lake."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        context: LoadContext,
        item: FileToLoad,
        restated: set[str] | None,
    ) -> None:
        """Begin the account; `restated` holds billing periods that newer files delivered."""
        self.connection = connection
        self.item = item
        self.restated = restated
        self.now = context.now.replace(tzinfo=None)
        self.charges_schema = pa.schema([*COMMON, *CHARGES])
        connection.execute(
            "create temp table taken (load_unit_id varchar, outcome varchar, records bigint, "
            "covers_from timestamp, covers_to timestamp, billed_to timestamp)"
        )
        connection.execute(
            "create temp table refused "
            "(source_line bigint, problem varchar, problem_column varchar)"
        )
        connection.execute("create temp table restated (load_unit_id varchar)")
        if restated:
            connection.execute("insert into restated select unnest($1)", [sorted(restated)])

    def take(self) -> pa.Table:
        """Count the chunk in `shaped` and return its good rows."""
        self.connection.execute(
            """
            create or replace temp table judged as
            select
                *,
                case
                    when $is_copy then 'duplicate'
                    when problem is not null then 'quarantined'
                    when load_unit_id in (select load_unit_id from restated) then 'duplicate'
                    else 'loaded'
                end as outcome
            from shaped
            """,
            {"is_copy": self.item.same_content_as is not None},
        )
        # A prepaid purchase reaches a year ahead; what the bill covers is its usage.
        self.connection.execute(
            """
            insert into taken
            select
                case when outcome = 'loaded' then load_unit_id end,
                outcome,
                count(*),
                min(charge_period_start),
                coalesce(
                    max(charge_period_end) filter (where charge_category = 'Usage'),
                    max(charge_period_start)
                ),
                max(billed_until)
            from judged
            group by all
            """
        )
        self.connection.execute(
            "insert into refused select source_line, problem, problem_column "
            "from judged where outcome = 'quarantined'"
        )
        columns = ", ".join(self.charges_schema.names)
        good = self.connection.sql(
            f"select {columns} from judged where outcome = 'loaded' order by source_line"
        )
        return good.to_arrow_table().cast(self.charges_schema)

    def refusals(self) -> tuple[int, pa.Table]:
        """Return how many records were read, and the line and reason of each refused one."""
        [(read,)] = self.connection.sql("select coalesce(sum(records), 0) from taken").fetchall()
        refused = self.connection.sql(
            "select source_line, problem as reason from refused order by source_line"
        )
        return int(read), refused.to_arrow_table()

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield the quarantine and the load units of the file."""
        refused = self.connection.sql(
            f"""
            select
                $unit as load_unit_id, source_line, $location as location, problem as reason,
                {REMEDIES} as remedy, cast($now as timestamp) as quarantined_at
            from refused
            order by source_line
            """,
            params=self._parameters("unit", "location", "now"),
        )
        yield "quarantine", refused.to_arrow_table().cast(QUARANTINE)
        units = self._units()
        if self.restated is not None:
            self.restated.update(units.column("load_unit_id").to_pylist())
        yield "load_units", units

    def _units(self) -> pa.Table:
        """Return one row for the file and, if told apart, one for each billing period in it."""
        units = self.connection.sql(
            """
            with units as (
                select
                    coalesce(load_unit_id, $unit) as load_unit_id,
                    sum(records) as records_read,
                    coalesce(sum(records) filter (where outcome = 'loaded'), 0) as records_loaded,
                    coalesce(sum(records) filter (where outcome = 'quarantined'), 0)
                        as records_quarantined,
                    coalesce(sum(records) filter (where outcome = 'duplicate'), 0)
                        as records_duplicate,
                    min(covers_from) filter (where outcome = 'loaded') as covers_from,
                    max(covers_to) filter (where outcome = 'loaded') as covers_to,
                    max(billed_to) filter (where outcome = 'loaded') as billed_to
                from (
                    from taken
                    union all
                    values ($unit, 'file', 0, null, null, null)
                )
                group by all
            )

            select
                *,
                'file' as unit_kind,
                $location as location,
                'charges' as table_name,
                cast($size as bigint) as size_bytes,
                cast($modified as timestamp) as modified_at,
                case when load_unit_id = $unit then $content end as content_sha256,
                coalesce(billed_to <= cast($modified as timestamp), true) as is_complete,
                cast($now as timestamp) as pulled_at
            from units
            """,
            params=self._parameters("unit", "location", "size", "modified", "content", "now"),
        )
        return units.to_arrow_table().select(LOAD_UNITS.names).cast(LOAD_UNITS)

    def _parameters(self, *names: str) -> dict[str, Any]:
        file = self.item.file
        values = {
            "unit": file.load_unit_id,
            "location": file.address,
            "size": file.size_bytes,
            "modified": file.modified_at,
            "content": self.item.content_sha256,
            "now": self.now,
        }
        return {name: values[name] for name in names}
