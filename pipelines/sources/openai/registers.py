"""Snapshots of OpenAI's projects and API keys: what ids are called, also after they are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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
)
from pipelines.sources.rest import (
    Api,
    ApiError,
    CursorPaginator,
    KeyRefusedError,
    unreadable,
)

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

PROJECTS = pa.schema(
    [
        ("organization_id", pa.string()),
        ("project_id", pa.string()),
        ("project_name", pa.string()),
        ("status", pa.string()),
        ("created_at", pa.timestamp("us")),
        ("archived_at", pa.timestamp("us")),
    ]
)
API_KEYS = pa.schema(
    [
        ("organization_id", pa.string()),
        ("api_key_id", pa.string()),
        ("api_key_name", pa.string()),
        ("project_id", pa.string()),
        ("owner_type", pa.string()),
        ("owner_id", pa.string()),
        ("created_at", pa.timestamp("us")),
        ("last_used_at", pa.timestamp("us")),
    ]
)
_PROJECT_FIELDS = (
    Field("object_id", path="id", is_required=True),
    Field("project_name", path="name"),
    Field("status"),
    Field("created_at", "epoch"),
    Field("archived_at", "epoch"),
)
_KEY_FIELDS = (
    Field("object_id", path="id", is_required=True),
    Field("api_key_name", path="name"),
    Field("owner_type", path="owner.type"),
    Field("owner_user_id", path="owner.user.id", is_personal=True),
    Field("owner_service_account_id", path="owner.service_account.id", is_personal=True),
    Field("created_at", "epoch"),
    Field("last_used_at", "epoch"),
)
_PAGE_OBJECTS = 100
_CLOSED = (400, 403, 404)


def extract(
    context: LoadContext, api: Api, organization_id: str, known: dict[str, KnownUnit]
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the list of projects and each project's keys, where they changed; raise ApiError."""
    with context.connection() as connection:
        lists = _Lists(context, connection, organization_id, "projects", _PROJECT_FIELDS)
        parameters = {"limit": _PAGE_OBJECTS, "include_archived": "true"}
        lists.read(
            "projects",
            "/organization/projects",
            None,
            _ask(api, "/organization/projects", parameters),
        )
        yield from lists.changed(known, PROJECTS, "object_id as project_id, *")
        projects = connection.execute(
            "select object_id, status = 'archived' or archived_at is not null "
            "from typed where reason is null and not is_repeated order by object_id"
        ).fetchall()
    with context.connection() as connection:
        lists = _Lists(context, connection, organization_id, "api_keys", _KEY_FIELDS)
        for number, (project_id, is_archived) in enumerate(projects):
            context.progress(number, len(projects), f"API keys of {project_id}")
            path = f"/organization/projects/{quote(project_id, safe='')}/api_keys"
            try:
                pages = list(_ask(api, path, {"limit": _PAGE_OBJECTS}))
            except KeyRefusedError:
                raise
            except ApiError as failure:
                if is_archived and failure.status in _CLOSED:
                    continue
                context.fail_later(str(failure))
                if failure.status in _CLOSED:
                    continue
                break
            lists.read(f"api_keys:{project_id}", path, project_id, pages)
        yield from lists.changed(
            known,
            API_KEYS,
            "of_project_id as project_id, object_id as api_key_id, "
            "coalesce(owner_user_id, owner_service_account_id) as owner_id, *",
        )


def _ask(api: Api, path: str, parameters: dict[str, Any]) -> Iterator[str]:
    paginator = CursorPaginator(cursor_path="last_id", cursor_param="after")
    return api.pages(path, params=parameters, paginator=paginator)


class _Lists:
    """Lists of objects, one load unit each, inside one DuckDB connection."""

    def __init__(
        self,
        context: LoadContext,
        connection: duckdb.DuckDBPyConnection,
        organization_id: str,
        table: str,
        fields: Sequence[Field],
    ) -> None:
        self.context, self.connection, self.fields = context, connection, fields
        self.constants = [organization_id, table, context.now.astimezone(UTC).replace(tzinfo=None)]
        self.table = table
        connection.execute(
            "create table constants (organization_id varchar, table_name varchar, now timestamp)"
        )
        connection.execute("insert into constants values (?, ?, ?)", self.constants)
        connection.execute(
            "create table pages (load_unit_id varchar, location varchar, of_project_id varchar, "
            "page_number integer, body varchar)"
        )

    def read(
        self, unit_id: str, location: str, project_id: str | None, pages: Iterator[str] | list[str]
    ) -> None:
        """Keep the pages of one unit."""
        for number, body in enumerate(pages):
            row = [unit_id, location, project_id, number, body]
            self.connection.execute("insert into pages values (?, ?, ?, ?, ?)", row)

    def changed(
        self, known: dict[str, KnownUnit], schema: pa.Schema, select_list: str
    ) -> Iterator[tuple[str, pa.Table]]:
        """Yield records, quarantine and accounts of the lists that changed."""
        try:
            self.connection.execute(f"create table typed as {self._typed_sql()}")
        except duckdb.Error as failure:
            raise unreadable(f"the list of {self.table}", failure) from None
        self.connection.execute(f"create table units as {self._units_sql()}")
        same = [
            unit_id
            for unit_id, content in self.connection.execute(
                "select load_unit_id, content_sha256 from units"
            ).fetchall()
            if unit_id in known and known[unit_id].content_sha256 == content
        ]
        outputs = {
            self.table: (
                f"select {select_list} from typed, constants "
                "where reason is null and not is_repeated",
                pa.schema([*COMMON, *schema]),
            ),
            "quarantine": (
                f"select *, {remedy_sql()} as remedy, now as quarantined_at "
                "from typed, constants where reason is not null and not is_repeated",
                BOOKKEEPING["quarantine"],
            ),
            "load_units": ("select * from units", BOOKKEEPING["load_units"]),
        }
        for table, (query, columns) in outputs.items():
            order = "load_unit_id" if table == "load_units" else "load_unit_id, source_line"
            chosen = (
                f"select * from ({query}) "
                f"where not list_contains($1, load_unit_id) order by {order}"
            )
            for rows in batches(self.connection.sql(chosen, params=[same]), columns):
                yield table, rows

    def _typed_sql(self) -> str:
        fields = self.fields
        page = literal({"data": [record_shape(fields)]})
        texts = literal(record_shape(fields, as_text=True))
        return f"""
            with split as (
                select load_unit_id, location, of_project_id, page_number,
                    unnest(json_transform(body, {page}).data) as item,
                    unnest(json_extract(body, '$.data[*]')) as raw,
                    generate_subscripts(json_extract(body, '$.data[*]'), 1) as position
                from pages
            ),
            checked as (
                select *, json_transform(raw, {texts}) as texts
                from split
            )
            select load_unit_id, location, of_project_id,
                {reason_sql(fields)} as reason,
                row_number() over (
                    partition by load_unit_id order by page_number, position
                ) as source_line,
                -- A list that moves while it is paged shows an object twice; the later one counts.
                item.id is not null and row_number() over (
                    partition by load_unit_id, item.id order by page_number desc, position desc
                ) > 1 as is_repeated,
                {columns_sql(fields, self.context.pseudonym_sql)},
                {content_sql(fields, self.context.pseudonym_sql, with_json=False)} as content
            from checked
        """

    def _units_sql(self) -> str:
        return """
            with counts as (
                select load_unit_id,
                    count(*) as records_read,
                    count(*) filter (where reason is null and not is_repeated) as records_loaded,
                    count(*) filter (where reason is not null and not is_repeated)
                        as records_quarantined,
                    count(*) filter (where is_repeated) as records_duplicate,
                    string_agg(content, chr(10) order by content)
                        filter (where not is_repeated) as content
                from typed
                group by load_unit_id
            ),
            lists as (
                select load_unit_id, location from pages group by load_unit_id, location
            )
            select lists.load_unit_id, 'api' as unit_kind, lists.location, table_name,
                null as size_bytes, null as modified_at,
                sha256(organization_id || '|' || coalesce(content, '')) as content_sha256,
                coalesce(records_read, 0) as records_read,
                coalesce(records_loaded, 0) as records_loaded,
                coalesce(records_quarantined, 0) as records_quarantined,
                coalesce(records_duplicate, 0) as records_duplicate,
                null as covers_from, null as covers_to, true as is_complete, now as pulled_at
            from lists
            cross join constants
            left join counts on counts.load_unit_id = lists.load_unit_id
        """
