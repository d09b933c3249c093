"""Splits, types and accounts for the pages of some days of one report, in DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipelines.lake import BOOKKEEPING, COMMON, batches
from pipelines.sources.records import (
    Field,
    columns_sql,
    content_sql,
    literal,
    reason_sql,
    record_shape,
    remedy_sql,
    result_json_sql,
)
from pipelines.sources.rest import ApiError, unreadable

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

# Fewer that cannot be read are quarantined one by one, and do not keep the others out.
FEWEST_OF_A_SHAPE = 20
POSITIONS = "range(1, 1 + cast(json_array_length(body, '$.data') as bigint))"
# The results of `page` as they came, in the order of those that are typed.
CAME = "select unnest(json_extract(body, '$.data[*].results[*]')) as raw from page"


@dataclass(frozen=True)
class Report:
    """One bucketed endpoint and how its results become rows of one lake table."""

    endpoint: str
    """First part of the load unit's id."""
    table: str
    location: str
    group_by: tuple[str, ...]
    fields: Sequence[Field]
    start_key: str
    end_key: str
    moment_sql: str
    """SQL that makes a timestamp of a bucket's start or end, whose text stands for {}."""


@dataclass
class Window:
    """The pages of some days (end exclusive) inside one DuckDB connection."""

    context: LoadContext
    connection: duckdb.DuckDBPyConnection
    report: Report
    organization_id: str
    begin: date
    end: date

    def read(self, pages: Iterator[str]) -> None:
        """Fill `buckets`, `records` and `units`; raise ApiError for what cannot be split."""
        self.connection.execute("create table page (page_number integer, body varchar)")
        try:
            self._take_page("create table {} as")
            # One at a time: parsed, a page takes many times its size.
            for number, body in enumerate(pages):
                self.connection.execute("truncate page")
                self.connection.execute("insert into page values (?, ?)", [number, body])
                self._take_page("insert into {}")
            self._split()
        except duckdb.OutOfMemoryException:
            name = self.context.settings.environment_name("usage_page_days")
            raise ApiError(
                f"{self.report.location}: a page needs more memory than a load may take: "
                f"ask for fewer days at once with {name}=1."
            ) from None
        except duckdb.Error as failure:
            raise unreadable(self.report.location, failure) from None

    def _take_page(self, action: str) -> None:
        self._run(f"{action.format('page_buckets')} {self._page_buckets_sql()}")
        self._run(f"create or replace table typed as {self._typed_sql()}")
        self._run(f"create or replace table came as {CAME}")
        self._run(f"{action.format('results')} select * from typed positional join came")

    def _split(self) -> None:
        self._run(f"create table buckets as {self._buckets_sql()}").fetchall()
        [(broken,)] = self._run("select count(*) from buckets where not is_whole").fetchall()
        if broken:
            raise ApiError(
                f"{self.report.location} sent a bucket without start or results: "
                "load again later, and ask the provider if it stays so."
            )
        self._run(f"create table records as {self._records_sql()}").fetchall()
        self._refuse_another_shape()
        self._run(f"create table units as {self._units_sql()}").fetchall()

    def _refuse_another_shape(self) -> None:
        """Raise ApiError where no record can be read: nothing must not replace what is known."""
        [(read, readable, reason)] = self._run(
            "select count(*), count(*) filter (where reason is null), min(reason) from records"
        ).fetchall()
        if read >= FEWEST_OF_A_SHAPE and not readable:
            raise ApiError(
                f"{self.context.settings.source} {self.report.location}: none of its {read:,} "
                f"records can be read ({reason}), so its shape has changed, and what was loaded "
                "before stands: update Bursar, or report it."
            )

    def changed(
        self, known: dict[str, KnownUnit], schema: pa.Schema
    ) -> Iterator[tuple[str, pa.Table]]:
        """Yield records, quarantine and accounts of the days that are not known as they are now."""
        found = self._run("select load_unit_id, content_sha256, is_complete from units").fetchall()
        same = [
            unit_id
            for unit_id, content, is_complete in found
            if (unit := known.get(unit_id))
            and (unit.content_sha256, unit.is_complete) == (content, is_complete)
        ]
        self._run("create table same_units as select unnest($same) as load_unit_id", same=same)
        wanted = "load_unit_id not in (select load_unit_id from same_units)"
        outputs = {
            self.report.table: (self._good_records_sql(), pa.schema([*COMMON, *schema])),
            "quarantine": (self._refused_sql(), BOOKKEEPING["quarantine"]),
            "load_units": ("select * from units", BOOKKEEPING["load_units"]),
        }
        for table, (query, columns) in outputs.items():
            order = "load_unit_id" if table == "load_units" else "load_unit_id, source_line"
            ordered = f"select * from ({query}) where {wanted} order by {order}"
            for rows in batches(self._relation(ordered), columns):
                yield table, rows

    def _parameters(self, query: str, **more: Any) -> dict[str, Any]:
        values = {
            "begin": datetime.combine(self.begin, time()),
            "end": datetime.combine(self.end, time()),
            "endpoint": self.report.endpoint,
            "location": self.report.location,
            "table": self.report.table,
            "group_by": ",".join(self.report.group_by),
            "organization_id": self.organization_id,
            "now": self.context.now.astimezone(UTC).replace(tzinfo=None),
            **more,
        }
        used = set(re.findall(r"\$([a-z_]+)", query))
        return {name: value for name, value in values.items() if name in used}

    def _run(self, query: str, **more: Any) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(query, self._parameters(query, **more))

    def _relation(self, query: str) -> duckdb.DuckDBPyRelation:
        return self.connection.sql(query, params=self._parameters(query))

    def _page_buckets_sql(self) -> str:
        """Return SQL of the buckets of `page`, without their results."""
        report = self.report
        ends = {report.start_key: "VARCHAR", report.end_key: "VARCHAR"}
        shape = literal({"data": [ends]})
        return f"""
            with split as (
                select page_number,
                    unnest(json_transform(body, {shape}).data) as bucket,
                    unnest({POSITIONS}) as position,
                    len(list_filter(
                        json_type(body, '$.data[*].results'), lambda kind: kind = 'ARRAY'
                    )) = json_array_length(body, '$.data') as has_results,
                    json_array_length(body, '$.data[*].results') as counts
                from page
            )
            select page_number, position, has_results, counts[position] as result_count,
                {report.moment_sql.format(f"bucket.{report.start_key}")} as bucket_start,
                {report.moment_sql.format(f"bucket.{report.end_key}")} as bucket_end
            from split
        """

    def _typed_sql(self) -> str:
        """Return SQL of the results of `page`, typed from its text: no number becomes a double."""
        shape = literal({"data": [{"results": [record_shape(self.report.fields)]}]})
        return f"""
            with split as (
                select page_number,
                    unnest(json_transform(body, {shape}).data).results as items,
                    unnest({POSITIONS}) as position
                from page
            )
            select page_number, position,
                unnest(items) as item,
                generate_subscripts(items, 1) as result_position
            from split
        """

    def _buckets_sql(self) -> str:
        return """
            select *,
                $endpoint || ':' || strftime(bucket_start, '%Y-%m-%dT00:00:00Z') as load_unit_id,
                date_trunc('day', bucket_start) as day,
                coalesce(sum(result_count) over (
                    partition by date_trunc('day', bucket_start)
                    order by bucket_start, page_number, position
                    rows between unbounded preceding and 1 preceding
                ), 0) as lines_before,
                has_results and bucket_start is not null and bucket_end is not null as is_whole,
                -- A cursor that overlaps sends a bucket twice; the later answer counts.
                row_number() over (
                    partition by bucket_start order by page_number desc, position desc
                ) > 1 as is_repeated
            from page_buckets
            where bucket_start is null or (bucket_start >= $begin and bucket_start < $end)
        """

    def _records_sql(self) -> str:
        fields = self.report.fields
        return f"""
            with split as (
                select load_unit_id, bucket_start, bucket_end, is_repeated, item, raw,
                    cast(lines_before + result_position as bigint) as source_line
                from results
                inner join buckets
                    on results.page_number = buckets.page_number
                    and results.position = buckets.position
            ),
            checked as (
                select *,
                    json_transform(raw, {literal(record_shape(fields, as_text=True))}) as texts
                from split
            )
            select load_unit_id, bucket_start, bucket_end, is_repeated, item, raw, source_line,
                {reason_sql(fields)} as reason
            from checked
        """

    def _good_records_sql(self) -> str:
        return f"""
            select load_unit_id, source_line, bucket_start, bucket_end,
                $organization_id as organization_id,
                $endpoint as endpoint,
                $group_by as group_by,
                {columns_sql(self.report.fields, self.context.pseudonym_sql)},
                {result_json_sql()} as result_json
            from records
            where reason is null and not is_repeated
        """

    def _refused_sql(self) -> str:
        return f"""
            select load_unit_id, source_line, reason, $location as location,
                {remedy_sql()} as remedy,
                $now as quarantined_at
            from records
            where reason is not null and not is_repeated
        """

    def _units_sql(self) -> str:
        line = content_sql(self.report.fields, self.context.pseudonym_sql)
        return f"""
            with counts as (
                select load_unit_id,
                    count(*) as records_read,
                    count(*) filter (where reason is null and not is_repeated) as records_loaded,
                    count(*) filter (where reason is not null and not is_repeated)
                        as records_quarantined,
                    count(*) filter (where is_repeated) as records_duplicate,
                    string_agg({line}, chr(10) order by {line}) filter (where not is_repeated)
                        as content
                from records
                group by load_unit_id
            ),
            days as (
                select load_unit_id, day from buckets group by load_unit_id, day
            )
            select days.load_unit_id, 'api' as unit_kind, $location as location,
                $table as table_name, null as size_bytes, null as modified_at,
                sha256(
                    $organization_id || '|' || $group_by || '|' || coalesce(content, '')
                ) as content_sha256,
                coalesce(records_read, 0) as records_read,
                coalesce(records_loaded, 0) as records_loaded,
                coalesce(records_quarantined, 0) as records_quarantined,
                coalesce(records_duplicate, 0) as records_duplicate,
                day as covers_from,
                day + interval 1 day as covers_to,
                day + interval 1 day <= $now as is_complete,
                $now as pulled_at
            from days
            left join counts on counts.load_unit_id = days.load_unit_id
        """
