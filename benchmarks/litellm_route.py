"""The same totals as LiteLLM itself computes them: its PostgreSQL table and its report queries."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg2

from tests.servers import postgres_server

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


@dataclass(frozen=True)
class Route:
    """Seconds of each step, in order."""

    seconds: dict[str, float]


def litellm_route(logs: Path, publication: Path) -> Route:
    """Put the logs into PostgreSQL and ask LiteLLM's reports; ValueError where the two differ."""
    seconds = {}
    with postgres_server() as server, psycopg2.connect(server.url) as connection:
        cursor = connection.cursor()
        cursor.execute("set timezone = 'UTC'")
        cursor.execute(TABLE)
        began = time.perf_counter()
        for path in sorted(logs.iterdir()):
            _insert(cursor, path)
            connection.commit()
        seconds["insert, keyed and indexed"] = time.perf_counter() - began
        for name, sql in REPORTS.items():
            began = time.perf_counter()
            cursor.execute(sql)
            rows = cursor.fetchall()
            seconds[name] = time.perf_counter() - began
        _compare(rows, publication)
    return Route(seconds)


def _insert(cursor: psycopg2.extensions.cursor, path: Path) -> None:
    """Insert one file, a repeated request once, as LiteLLM's writer does."""
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute(
                f"copy (select {names} from read_json('{path}', format = 'newline_delimited', "
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


def _compare(activity: list[tuple], publication: Path) -> None:
    """Hold each day's requests and tokens of both sides against each other."""
    theirs: dict[object, list[int]] = {}
    for day, _, requests, tokens in activity:
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
    if ours != theirs:
        different = [day for day in ours.keys() | theirs.keys() if ours.get(day) != theirs.get(day)]
        raise ValueError(f"Bursar and LiteLLM's table disagree on {sorted(different)[:4]}")
