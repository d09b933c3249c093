"""LiteLLM's own PostgreSQL table, read from a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from typer.testing import CliRunner

from pipelines.cli import SOURCE_FAILED, app
from pipelines.config import SettingsError
from tests.litellm_logs import PLAIN_KEY, PROMPT, Home, parquet_bytes
from tests.servers import free_port

# As Prisma creates it from LiteLLM's schema.prisma (formats.md 7).
SCHEMA = """
    drop schema public cascade;
    create schema public;
    create table "LiteLLM_SpendLogs" (
        "request_id" text primary key, "call_type" text not null,
        "api_key" text not null default '',
        "spend" double precision not null default 0.0, "total_tokens" integer not null default 0,
        "prompt_tokens" integer not null default 0, "completion_tokens" integer not null default 0,
        "startTime" timestamp(3) not null, "endTime" timestamp(3) not null,
        "request_duration_ms" integer, "completionStartTime" timestamp(3),
        "model" text not null default '', "model_id" text default '', "model_group" text default '',
        "custom_llm_provider" text default '', "api_base" text default '', "user" text default '',
        "metadata" jsonb default '{}', "cache_hit" text default '', "cache_key" text default '',
        "request_tags" jsonb default '[]', "team_id" text, "organization_id" text, "end_user" text,
        "requester_ip_address" text, "messages" jsonb default '{}', "response" jsonb default '{}',
        "session_id" text, "status" text, "mcp_namespaced_tool_name" text, "agent_id" text,
        "proxy_server_request" jsonb default '{}'
    );
    create index on "LiteLLM_SpendLogs" ("startTime");
"""
DETAILS = {
    "user_api_key_alias": "search",
    "prompt": PROMPT,
    "usage_object": {"prompt_tokens_details": {"cached_tokens": 4}},
}


class Proxy:
    """The proxy's side: writes rows into the table."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True

    def run(self, sql: str, parameters: Any = None) -> None:
        """Run one statement."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)

    def log(self, request_id: str, start: str, **changes: Any) -> None:
        """Write one row as the proxy does."""
        row = {
            "request_id": request_id, "call_type": "acompletion", "api_key": PLAIN_KEY,
            "spend": 0.00022500000000000002, "total_tokens": 30, "prompt_tokens": 10,
            "completion_tokens": 20, "startTime": start, "endTime": start, "model": "gpt-4o",
            "user": "ann@example.com", "metadata": json.dumps(DETAILS), "cache_hit": "None",
            "messages": json.dumps([PROMPT]), "response": json.dumps({"text": PROMPT}),
            "requester_ip_address": "10.1.2.3", **changes,
        }  # fmt: skip
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(["%s"] * len(row))
        sql = f'insert into "LiteLLM_SpendLogs" ({names}) values ({places})'
        self.run(sql, list(row.values()))


@pytest.fixture
def proxy(postgres) -> Iterator[Proxy]:
    proxy = Proxy(postgres.url)
    proxy.run(SCHEMA)
    yield proxy
    proxy.connection.close()


def days(home: Home) -> list[tuple[date, int]]:
    """Return day and records read of each load of a unit, oldest load first."""
    columns = "cast(covers_from as date), records_read"
    return home.rows(columns, "load_units", "pulled_at, load_unit_id")


def test_a_row_loads_as_a_log_line_does_and_secrets_stay_behind(home, proxy):
    proxy.log("a", "2026-01-24 09:20:46.847", request_tags=json.dumps(["prod"]), team_id="")
    report = home.load(database_url=proxy.url)
    assert report.faults == []
    columns = (
        "cast(spend as varchar), prompt_tokens, cache_read_tokens, credential_alias, request_tags, "
        "cache_hit, team_id, cast(cast(started_at as timestamp) as varchar), reasoning_tokens"
    )
    moment = "2026-01-24 09:20:46.847"
    assert home.first(columns) == (
        "0.000225000000", 10, 4, "search", '["prod"]', "None", None, moment, None,
    )  # fmt: skip
    stored = parquet_bytes(home.folder / "lake")
    for secret in (PROMPT, PLAIN_KEY, "ann@example.com", "10.1.2.3", "proxy@"):
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    ("written", "cached"),
    [(json.dumps(json.dumps(DETAILS)), 4), ("null", None), ("[]", None), (None, None)],
)
def test_metadata_reads_the_same_when_it_is_json_inside_a_text(home, proxy, written, cached):
    proxy.log("a", "2026-01-24 09:20:46", metadata=written)
    assert home.load(database_url=proxy.url).faults == []
    assert home.first("cache_read_tokens") == (cached,)


def test_a_day_is_utc_and_a_unit_whatever_zone_the_server_is_in(home, proxy):
    for name, moment in [
        ("a", "2026-01-24 00:00:00"),
        ("b", "2026-01-24 23:59:59.999"),
        ("c", "2026-01-25 00:00:00"),
    ]:
        proxy.log(name, moment)
    home.load(database_url=proxy.url)
    assert days(home) == [(date(2026, 1, 24), 2), (date(2026, 1, 25), 1)]
    columns = "right(load_unit_id, 10), request_id, cast(cast(started_at as timestamp) as varchar)"
    assert home.rows(columns) == [
        ("2026-01-24", "a", "2026-01-24 00:00:00"),
        ("2026-01-24", "b", "2026-01-24 23:59:59.999"),
        ("2026-01-25", "c", "2026-01-25 00:00:00"),
    ]


def test_a_moment_with_a_zone_is_read_as_utc(home, proxy):
    proxy.run('alter table "LiteLLM_SpendLogs" alter "startTime" type timestamptz')
    proxy.log("a", "2026-01-24 23:30:00+00")
    home.load(database_url=proxy.url)
    assert days(home) == [(date(2026, 1, 24), 1)]
    assert home.first("cast(cast(started_at as timestamp) as varchar)") == ("2026-01-24 23:30:00",)


def test_only_days_with_new_or_restated_rows_load_again(home, proxy):
    for day in (20, 21, 22, 23, 24):
        proxy.log(f"call-{day}", f"2026-01-{day} 10:00:00")
    assert home.load(database_url=proxy.url).units == 5
    assert home.load(database_url=proxy.url).units == 0
    proxy.log("late", "2026-01-22 23:00:00")
    proxy.run("""update "LiteLLM_SpendLogs" set spend = 9 where request_id = 'call-23'""")
    proxy.log("next", "2026-01-25 00:00:01")
    report = home.load(database_url=proxy.url)
    assert (report.units, report.records_loaded) == (3, 4)
    assert days(home)[5:] == [
        (date(2026, 1, 22), 2),
        (date(2026, 1, 23), 1),
        (date(2026, 1, 25), 1),
    ]


def test_the_day_that_is_not_over_is_read_to_its_end_the_next_time(home, proxy):
    proxy.run("create view now_utc as select timezone($$utc$$, now()) as moment")
    proxy.run(
        """insert into "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime")
        select 'first', 'x', moment, moment from now_utc"""
    )
    home.load(database_url=proxy.url)
    assert home.rows("is_complete", "load_units") == [(False,)]
    proxy.run(
        """insert into "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime")
        select 'earlier', 'x', date_trunc('day', moment), moment from now_utc"""
    )
    home.load(database_url=proxy.url)
    counts = [count for _, count in days(home)]
    assert counts == [1, 2]
    assert home.rows("count(distinct load_unit_id)", order="1") == [(1,)]


def test_late_rows_are_found_wherever_they_lie_and_changed_ones_within_the_window(home, proxy):
    proxy.log("old", "2026-01-10 10:00:00")
    proxy.log("a", "2026-01-24 10:00:00")
    home.load(database_url=proxy.url)
    proxy.log("too-late", "2026-01-10 11:00:00")
    proxy.log("later-still", "2025-12-24 10:00:00")
    assert home.load(database_url=proxy.url).records_loaded == 3
    assert days(home)[2:] == [(date(2025, 12, 24), 1), (date(2026, 1, 10), 2)]
    assert home.load(database_url=proxy.url).units == 0
    proxy.run("""update "LiteLLM_SpendLogs" set spend = 9 where request_id = 'old'""")
    assert home.load(database_url=proxy.url).units == 0
    assert home.load(database_url=proxy.url, restate_days=20).records_loaded == 2


def test_a_row_dated_ahead_does_not_end_the_loading(home, proxy):
    proxy.log("clock", "2031-01-01 10:00:00")
    proxy.log("a", "2026-01-24 10:00:00")
    home.load(database_url=proxy.url)
    proxy.run("""update "LiteLLM_SpendLogs" set spend = 9 where request_id = 'a'""")
    proxy.log("b", "2026-01-25 10:00:00")
    assert home.load(database_url=proxy.url).records_loaded == 2
    assert days(home)[2:] == [(date(2026, 1, 24), 1), (date(2026, 1, 25), 1)]
    assert home.load(database_url=proxy.url).units == 0


def test_an_old_day_with_refused_rows_is_not_read_again(home, proxy, monkeypatch):
    from pipelines.sources.litellm import postgres as module

    proxy.log("", "2026-01-10 10:00:00")
    proxy.log("a", "2026-01-24 10:00:00")
    home.load(database_url=proxy.url)
    read_day, seen = module._read_day, []
    monkeypatch.setattr(
        module, "_read_day", lambda *given: (seen.append(given[2].day), read_day(*given))[1]
    )
    home.load(database_url=proxy.url)
    assert seen == [24]


def test_rows_that_the_retention_job_deletes_stay_in_the_lake(home, proxy):
    for name in ("a", "b"):
        proxy.log(name, "2026-01-24 10:00:00")
    home.load(database_url=proxy.url)
    proxy.run("""delete from "LiteLLM_SpendLogs" where request_id = 'a'""")
    assert home.load(database_url=proxy.url).units == 0
    proxy.run("""delete from "LiteLLM_SpendLogs" """)
    assert home.load(database_url=proxy.url).units == 0
    assert home.accounts() == [(2, 2, 0, 0)]


def test_an_unusable_row_is_refused_and_the_day_loads(home, proxy):
    proxy.log("a", "2026-01-24 10:00:00")
    proxy.log("", "2026-01-24 10:00:00")
    proxy.log("b", "2026-01-24 10:00:00", prompt_tokens=-5)
    home.load(database_url=proxy.url)
    assert home.accounts() == [(3, 1, 2, 0)]
    assert sorted(reason for _, reason in home.reasons()) == ["bad_number", "missing_request_id"]


def test_an_older_table_without_newer_columns_loads(home, proxy):
    for column in ("session_id", "status", "agent_id", "model_group"):
        proxy.run(f'alter table "LiteLLM_SpendLogs" drop column {column}')
    proxy.log("a", "2026-01-24 10:00:00")
    assert home.load(database_url=proxy.url).faults == []
    assert home.first("session_id, status, model_group") == (None, None, None)


def test_an_empty_table_loads_nothing(home, proxy):
    report = home.load(database_url=proxy.url)
    assert (report.units, report.faults) == (0, [])


def test_litellms_own_address_with_prismas_words_is_understood(home, proxy):
    proxy.run("""create schema gateway; alter table "LiteLLM_SpendLogs" set schema gateway""")
    proxy.run("set search_path = gateway")
    proxy.log("a", "2026-01-24 10:00:00")
    url = f"{proxy.url}?schema=gateway&connection_limit=10&pool_timeout=20&pgbouncer=true"
    assert home.load(database_url=url).faults == []
    assert home.rows("request_id") == [("a",)]


def test_a_long_day_comes_in_chunks_and_whole(home, proxy, monkeypatch):
    monkeypatch.setattr("pipelines.sources.litellm.postgres.ROWS_A_CHUNK", 700)
    proxy.run(
        """insert into "LiteLLM_SpendLogs" (request_id, call_type, "startTime", "endTime", spend)
        select 'call-' || n, 'x', timestamp '2026-01-24' + n * interval '1 second',
            timestamp '2026-01-24', n * 1e-6 from generate_series(1, 5000) as n"""
    )
    assert home.load(database_url=proxy.url).records_loaded == 5000
    totals = home.rows("count(distinct request_id), cast(sum(spend) as varchar)", order="1")
    assert totals == [(5000, "12.502500000000")]


def test_files_and_the_database_load_together_and_a_lost_database_costs_only_itself(
    home, proxy, logs
):
    path = logs("a.jsonl", json.dumps({"request_id": "x", "startTime": "2026-01-24 10:00:00"}))
    gone = f"postgresql://proxy:hush@127.0.0.1:{free_port()}/litellm"
    report = home.load(path, database_url=gone)
    assert report.records_loaded == 1
    [fault] = report.faults
    assert "hush" not in fault
    proxy.log("y", "2026-01-24 10:00:00")
    assert home.load(path, database_url=proxy.url).faults == []
    assert home.rows("request_id", order="1") == [("x",), ("y",)]


def run_load(home: Home, url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Run `bursar load litellm` and return its exit code and what it said of errors."""
    monkeypatch.setenv("SOURCES__LITELLM__DATABASE_URL", url)
    result = CliRunner().invoke(app, ["load", "litellm", "--home", str(home.folder)])
    return result.exit_code, result.stderr


@pytest.mark.parametrize("wrong", ["server", "database", "table", "password_file"])
def test_a_database_that_cannot_be_read_is_one_sentence_and_exit_code_3(
    home, proxy, monkeypatch, wrong
):
    url = proxy.url
    if wrong == "server":
        url = f"postgresql://proxy:hush@127.0.0.1:{free_port()}/litellm"
    elif wrong == "database":
        url = url.replace("/litellm", "/nothing")
    elif wrong == "table":
        proxy.run('drop table "LiteLLM_SpendLogs"')
    else:
        url += "?no_such_word=1"
    code, said = run_load(home, url, monkeypatch)
    assert code == SOURCE_FAILED
    [line] = said.strip().splitlines()
    assert "cannot read LiteLLM_SpendLogs at 127.0.0.1" in line
    assert "check SOURCES__LITELLM__DATABASE_URL" in line
    assert "hush" not in said


def test_an_address_that_is_none_is_a_wrong_setting(home):
    with pytest.raises(SettingsError, match="DATABASE_URL is not an address"):
        home.load(database_url="localhost")


def test_a_server_that_goes_away_between_days_loses_and_doubles_nothing(
    home, proxy, postgres, monkeypatch
):
    from pipelines.sources.litellm import postgres as module

    for day in (20, 21, 22):
        proxy.log(f"call-{day}", f"2026-01-{day} 10:00:00")
    proxy.connection.close()
    read_day, seen = module._read_day, []

    def stop_before_the_third(connection, database, day):
        seen.append(day)
        if len(seen) == 3:
            postgres.stop()
        return read_day(connection, database, day)

    monkeypatch.setattr(module, "_read_day", stop_before_the_third)
    try:
        report = home.load(database_url=proxy.url)
    finally:
        postgres.start()
    assert len(report.faults) == 1
    assert report.records_loaded == 2
    monkeypatch.undo()
    assert home.load(database_url=proxy.url).records_loaded == 1
    assert home.rows("request_id", order="1") == [("call-20",), ("call-21",), ("call-22",)]


def test_the_address_in_units_tells_no_user_and_no_secret(home, proxy):
    proxy.log("a", "2026-01-24 10:00:00")
    home.load(database_url=proxy.url.replace("proxy@", "proxy:hush@"))
    [(unit, location)] = home.rows("load_unit_id, location", "load_units")
    assert unit == location
    port = proxy.connection.info.port
    assert unit == f"postgres:127.0.0.1:{port}/litellm:2026-01-24"
    assert not list(Path(home.folder).rglob("*.tmp"))
