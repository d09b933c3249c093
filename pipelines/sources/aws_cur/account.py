"""Keeps the account of one delivery: loaded, quarantined, duplicate, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipelines.lake import COMMON, LOAD_UNITS
from pipelines.sources.accounts import quarantine_rows
from pipelines.sources.aws_cur.fields import CHARGES, LEFT_OUT
from pipelines.sources.column_files import REMEDIES
from pipelines.sources.records import FILE_REMEDIES

if TYPE_CHECKING:
    from pipelines.load import LoadContext
    from pipelines.sources.aws_cur.deliveries import Delivery, Part

# Lines of a delivery's later files count on from here: no file has as many.
LINES_A_FILE = 10**9
CHARGES_SCHEMA = pa.schema([*COMMON, *CHARGES])
LEFT_OUT_SCHEMA = pa.schema([*COMMON, *LEFT_OUT])
PERIOD = "AWS|' || payer_account_id || '|' || strftime(billing_period_start, '%Y-%m-%d')"
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
TABLES = """
create temp table taken (
    part bigint, load_unit_id varchar, outcome varchar, records bigint, covers_from timestamp,
    covers_to timestamp, billed_to timestamp
);
create temp table refused (part bigint, source_line bigint, reason varchar);
create temp table left_out_lines (
    load_unit_id varchar, payer_account_id varchar, billing_period_start timestamp,
    product_code varchar, product_name varchar, line_type varchar, currency_code varchar,
    charge_count bigint, unblended_cost decimal(38, 12)
);
create temp table replaced (load_unit_id varchar);
"""


class DeliveryAccount:
    """Takes the typed chunks of a delivery's files in and hands out what goes to the lake."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        context: LoadContext,
        delivery: Delivery,
        services: list[str],
        replaced: set[str],
    ) -> None:
        """Begin the account; `replaced` holds billing periods that a newer delivery has."""
        self.connection = connection
        self.context = context
        self.delivery = delivery
        self.services = services
        connection.execute(TABLES)
        if replaced:
            connection.execute("insert into replaced select unnest($1)", [sorted(replaced)])

    def take(self, number: int, records: pa.Table) -> pa.Table:
        """Count a chunk of the delivery's file of this number; return its good rows."""
        self.connection.register("chunk", records)
        self.connection.execute(
            f"create or replace temp table judged as {self._judged_sql()}",
            {"number": number, "services": [name.lower() for name in self.services]},
        )
        self.connection.unregister("chunk")
        self.connection.execute(
            """
            insert into taken
            select
                part, load_unit_id, outcome, count(*), min(usage_start),
                coalesce(max(usage_end) filter (line_type = 'Usage'), max(usage_start)),
                max(billing_period_end)
            from judged
            group by all;
            insert into refused
            select part, file_line, reason from judged where outcome = 'quarantined';
            insert into left_out_lines
            select
                load_unit_id, payer_account_id, billing_period_start, product_code, product_name,
                line_type, currency_code, count(*), sum(unblended_cost)
            from judged
            where outcome = 'left_out'
            group by all;
            """
        )
        names = ", ".join(CHARGES_SCHEMA.names)
        good = self.connection.sql(
            f"select {names} from judged where outcome = 'loaded' order by source_line"
        )
        return good.to_arrow_table().cast(CHARGES_SCHEMA)

    def _judged_sql(self) -> str:
        pseudonym = self.context.pseudonym_sql("entry.value")
        return f"""
            with named as (
                select
                    *,
                    'billing_period:{PERIOD} as load_unit_id,
                    lower(coalesce(product_code, '')) as code,
                    lower(coalesce(product_name, '')) as name,
                    -- A tag may hold an address of a person.
                    cast(to_json(nullif(map_from_entries(list_transform(
                        map_entries(cast(json_merge_patch(
                            coalesce(resource_tags, '{{}}'), coalesce(all_tags, '{{}}')
                        ) as map(varchar, varchar))),
                        lambda entry: {{'k': entry.key, 'v': case
                            when regexp_full_match(entry.value, '{EMAIL}') then {pseudonym}
                            else entry.value
                        end}}
                    )), map {{}})) as varchar) as tags
                from chunk
            )

            select
                * exclude (source_line, load_unit_id),
                $number as part,
                source_line as file_line,
                source_line + cast($number as bigint) * {LINES_A_FILE} as source_line,
                load_unit_id,
                case
                    when reason = 'wrong_field_count' then 'quarantined'
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
        """Yield the sums left out, the quarantine and the load units of files and periods."""
        left_out = self.connection.sql(
            """
            select
                'left_out:' || split_part(load_unit_id, ':', 2) as load_unit_id,
                row_number() over (
                    partition by load_unit_id
                    order by product_code, product_name, line_type, currency_code
                ) as source_line,
                * exclude (load_unit_id)
            from (
                select
                    * exclude (charge_count, unblended_cost),
                    cast(sum(charge_count) as bigint) as charge_count,
                    sum(unblended_cost) as unblended_cost
                from left_out_lines
                where load_unit_id is not null
                group by all
            )
            order by all
            """
        ).to_arrow_table()
        if left_out.num_rows:
            yield "left_out", left_out.cast(LEFT_OUT_SCHEMA)
        remedies = FILE_REMEDIES | REMEDIES
        for number, part in enumerate(parts):
            bad = self.connection.sql(
                "select source_line, reason from refused where part = $part order by source_line",
                params={"part": number},
            ).to_arrow_table()
            if bad.num_rows:
                unit, location = part.file.load_unit_id, part.file.address
                yield "quarantine", quarantine_rows(self.context, unit, location, bad, remedies)
        yield "load_units", self._units(parts)

    def periods(self) -> list[str]:
        """Return the billing periods that the delivery stands for."""
        rows = self.connection.sql(
            "select distinct load_unit_id from taken "
            "where load_unit_id is not null and outcome in ('loaded', 'left_out')"
        )
        return [unit for (unit,) in rows.fetchall()]

    def _units(self, parts: list[Part]) -> pa.Table:
        """Return a row for each file, each billing period, and what was left out of each."""
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
            """
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
                select
                    load_unit_id,
                    count(distinct (product_code, product_name, line_type, currency_code)) as sums
                from left_out_lines
                group by all
            ),

            units as (
                select
                    files.load_unit_id, files.location, 'charges' as table_name, files.size_bytes,
                    files.modified_at, files.content_sha256,
                    0 as records_loaded,
                    coalesce(sum(records) filter (outcome = 'quarantined'), 0)
                        as records_quarantined,
                    coalesce(sum(records) filter (outcome = 'duplicate'), 0) as records_duplicate,
                    null as covers_from, null as covers_to, true as is_complete
                from files left join taken using (part)
                group by all
                union all by name
                select
                    load_unit_id, $location as location, 'charges' as table_name,
                    $modified as modified_at, coalesce(loaded, 0) as records_loaded,
                    0 as records_quarantined, 0 as records_duplicate, covers_from, covers_to,
                    billed_to <= $modified as is_complete
                from counted
                union all by name
                -- A period that leaves nothing out any more says so.
                select
                    'left_out:' || split_part(load_unit_id, ':', 2) as load_unit_id,
                    $location as location, 'left_out' as table_name, $modified as modified_at,
                    coalesce(sums, 0) as records_loaded, 0 as records_quarantined,
                    0 as records_duplicate, true as is_complete
                from counted left join summaries using (load_unit_id)
            )

            select
                *,
                'file' as unit_kind,
                records_loaded + records_quarantined + records_duplicate as records_read,
                cast($now as timestamp) as pulled_at
            from units
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
