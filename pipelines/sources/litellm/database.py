"""The proxy's database: where it is, which days it holds, and the query that reads one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url

from pipelines.config import SettingsError, SourceSettings
from pipelines.sources.litellm.records import FIELDS
from pipelines.sources.litellm.usage import METADATA_FIELDS

TABLE = "LiteLLM_SpendLogs"
# What Prisma adds to an address that libpq does not know; people paste LiteLLM's own DATABASE_URL.
PRISMA_WORDS = (
    "schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "sslaccept",
    "sslidentity", "sslpassword", "statement_cache_size",
)  # fmt: skip
DEFAULT_PORT = 5432


@dataclass
class Database:
    """One proxy's database; `place` names it without secrets."""

    engine: sa.Engine
    place: str
    schema: str | None
    columns: frozenset[str] = frozenset()

    def look(self) -> None:
        """Read which columns the table has; raise SQLAlchemyError where it cannot be read."""
        found = sa.inspect(self.engine).get_columns(TABLE, schema=self.schema)
        self.columns = frozenset(column["name"] for column in found)

    def days(self) -> list[tuple[datetime, int]]:
        """Return the UTC days that have rows, and how many."""
        moment = sa.column("startTime")
        day = sa.func.date_trunc("day", moment).label("day")
        query = sa.select(day, sa.func.count()).select_from(sa.table(TABLE, schema=self.schema))
        with self.engine.connect() as connection:
            rows = connection.execute(query.group_by(day).order_by(day)).all()
        return [(row[0].replace(tzinfo=None), row[1]) for row in rows if row[0]]

    def day_query(self, table: sa.Table, day: datetime) -> sa.Select:
        """Return the query of one day's records as text, with only what is kept of metadata."""
        moment = table.c["startTime"]
        chosen = [self._field(table, name).label(name) for name in FIELDS]
        return sa.select(*chosen).where(moment >= day, moment < day + timedelta(days=1))

    def fault(self, failure: Exception) -> str:
        """Return one sentence for what the database refused."""
        if isinstance(failure, sa.exc.NoSuchTableError):
            reason = f'there is no table "{TABLE}" in schema {self.schema or "public"}'
        else:
            reason = str(getattr(failure, "orig", None) or failure).splitlines()[0]
        return (
            f"cannot read {TABLE} at {self.place} ({reason}); check SOURCES__LITELLM__DATABASE_URL."
        )

    def _field(self, table: sa.Table, name: str) -> sa.ColumnElement:
        if name not in self.columns:
            return sa.cast(sa.null(), sa.Text)
        if name != "metadata":
            return sa.cast(table.c[name], sa.Text)
        # Rows written as text inside JSON keep their text: it is parsed like that of a file.
        parsed = sa.cast(table.c[name], JSONB)
        parts = [part for key in METADATA_FIELDS for part in (key, parsed.op("->")(key))]
        return sa.case(
            (
                sa.func.jsonb_typeof(parsed) == "object",
                sa.cast(sa.func.jsonb_build_object(*parts), sa.Text),
            ),
            else_=parsed.op("#>>")(sa.text("'{}'")),
        )


def open_database(settings: SourceSettings) -> Database:
    """Return the database that the setting names, not yet connected; raise SettingsError."""
    try:
        url = make_url(settings.get_secret("database_url")).set(drivername="postgresql+psycopg2")
    except (sa.exc.ArgumentError, ValueError):
        raise SettingsError(
            "SOURCES__LITELLM__DATABASE_URL is not an address: "
            "give postgresql://user:password@host/database."
        ) from None
    schema = url.query.get("schema")
    url = url.difference_update_query(PRISMA_WORDS)
    host = url.host or "localhost"
    port = f":{url.port}" if url.port and url.port != DEFAULT_PORT else ""
    # Days are UTC whatever the server's own zone is.
    engine = sa.create_engine(
        url, connect_args={"options": "-c timezone=UTC", "connect_timeout": 15}
    )
    return Database(engine, f"{host}{port}/{url.database}", schema if schema != "public" else None)
