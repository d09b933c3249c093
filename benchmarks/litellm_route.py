"""The same totals as LiteLLM itself computes them: its PostgreSQL table and its report queries."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

from benchmarks.records import FIRST_DAY
from tests.servers import postgres_server

INSERT = "insert, keyed and indexed"

# LiteLLM's schema.prisma, its columns that a log file holds, and its indexes.
TABLE = """
    create table "LiteLLM_SpendLogs" (
        request_id text primary key, call_type text not null, api_key text not null default '',
        spend double precision not null default 0, total_tokens integer not null default 0,
        prompt_tokens integer not null default 0, completion_tokens integer not null default 0,
        "startTime" timestamp(3) not null, "endTime" timestamp(3) not null,
        "completionStartTime" timestamp(3), model text not null default '', model_id text,
        model_group text, custom_llm_provider text, api_base text, "user" text,
        metadata jsonb default '{}', cache_hit text, cache_key text,
        request_tags jsonb default '[]', team_id text, organization_id text, end_user text,
        messages jsonb default '{}', response jsonb default '{}', session_id text, status text,
        agent_id text
    );
    create index on "LiteLLM_SpendLogs" ("startTime");
    create index on "LiteLLM_SpendLogs" ("startTime", request_id);
    create index on "LiteLLM_SpendLogs" (end_user);
    create index on "LiteLLM_SpendLogs" (session_id);
"""
COLUMNS = (
    "request_id", "call_type", "api_key", "spend", "total_tokens", "prompt_tokens",
    "completion_tokens", "startTime", "endTime", "completionStartTime", "model", "model_id",
    "model_group", "custom_llm_provider", "api_base", "user", "metadata", "cache_hit", "cache_key",
    "request_tags", "team_id", "organization_id", "end_user", "messages", "response", "session_id",
    "status", "agent_id",
)  # fmt: skip
# Kept to the millisecond: PostgreSQL would round the end of a day into the next one.
MOMENTS = ("startTime", "endTime", "completionStartTime")
# What its spend reports ask: by team and day, by key and model, and activity by model and day.
REPORTS = {
    "spend per team and day": """
        select date_trunc('day', "startTime"), team_id, sum(spend) from "LiteLLM_SpendLogs"
        group by 1, 2
    """,
    "spend per key and model": """
        select api_key, model, sum(spend), sum(prompt_tokens), sum(completion_tokens)
        from "LiteLLM_SpendLogs" group by 1, 2
    """,
    "activity per model and day": """
        select date_trunc('day', "startTime")::date, model, count(*), sum(total_tokens)
        from "LiteLLM_SpendLogs" group by 1, 2
    """,
}


@dataclass
class Route:
    """A database that takes log files in the order of their days, for so many seconds of work."""

    cursor: psycopg2.extensions.cursor
    patience: float
    seconds: dict[str, float] = field(default_factory=lambda: {INSERT: 0.0})
    records: int = 0
    files: int = 0
    is_whole: bool = True
    activity: list[tuple[Any, ...]] = field(default_factory=list)

    def take(self, paths: list[Path]) -> None:
        """Insert files, each in a transaction, until the time is up; report then."""
        for path in paths:
            if self.seconds[INSERT] > self.patience:
                self.is_whole = False
                self.report()
                return
            began = time.perf_counter()
            self.records += _insert(self.cursor, path)
            self.cursor.connection.commit()
            self.seconds[INSERT] += time.perf_counter() - began
            self.files += 1

    def report(self) -> None:
        """Ask LiteLLM's reports, once, and make room: its table takes thrice what its logs do."""
        if self.activity:
            return
        for name, sql in REPORTS.items():
            began = time.perf_counter()
            self.cursor.execute(sql)
            self.activity = self.cursor.fetchall()
            self.seconds[name] = time.perf_counter() - began
        self.cursor.execute('drop table "LiteLLM_SpendLogs"')
        self.cursor.connection.commit()


@contextmanager
def litellm_route(patience: float) -> Iterator[Route]:
    """Run a database with LiteLLM's table; it is gone afterwards, the report stays."""
    with postgres_server() as server, psycopg2.connect(server.url) as connection:
        cursor = connection.cursor()
        cursor.execute("set timezone = 'UTC'")
        cursor.execute(TABLE)
        connection.commit()
        yield Route(cursor, patience)


def _insert(cursor: psycopg2.extensions.cursor, path: Path) -> int:
    """Insert one file, a repeated request once, as LiteLLM's writer does; return its records."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    values = ", ".join(
        f'left("{name}", 23)' if name in MOMENTS else f'"{name}"' for name in COLUMNS
    )
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute(
                f"copy (select {values} from read_json('{path}', format = 'newline_delimited', "
                f"columns = {dict.fromkeys(COLUMNS, 'VARCHAR')})) "
                f"to '{file.name}' (header false, force_quote *, nullstr '')"
            )
        cursor.execute(
            'create temp table arrived (like "LiteLLM_SpendLogs" including defaults) on commit drop'
        )
        with open(file.name) as rows:
            cursor.copy_expert(f"copy arrived ({names}) from stdin (format csv)", rows)
    cursor.execute(
        'insert into "LiteLLM_SpendLogs" select * from arrived on conflict (request_id) do nothing'
    )
    return cursor.rowcount


def compare(route: Route, publication: Path) -> None:
    """Hold requests and tokens of each day that the database has whole against each other."""
    # Some records of a day come with the file of the next one only.
    after = FIRST_DAY + timedelta(days=route.files - 1)
    theirs: dict[date, list[int]] = {}
    for day, _, requests, tokens in route.activity:
        found = theirs.setdefault(day, [0, 0])
        found[0] += requests
        found[1] += tokens
    with duckdb.connect(str(publication), read_only=True) as connection:
        ours = {
            day: [requests, tokens]
            for day, requests, tokens in connection.sql(
                """
                select usage_date, sum(request_count)::bigint, sum(total_tokens)::bigint
                from tokens_per_model_day where observed_by = 'gateway' group by usage_date
                """
            ).fetchall()
        }
    days = {day for day in ours.keys() | theirs.keys() if route.is_whole or day < after}
    different = {
        f"{day}": (ours.get(day), theirs.get(day))
        for day in sorted(days)
        if ours.get(day) != theirs.get(day)
    }
    if different or not days:
        raise ValueError(f"Bursar and LiteLLM's table disagree (ours, theirs): {different}")
