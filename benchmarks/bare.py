"""The yardstick: the same work in bare DuckDB, as one would write it by hand for one occasion.

`python -m benchmarks.bare load|first|more <folder> <prices> <file>...`. It knows that the files
are well-formed and that nothing else exists: no quarantine, no accounts per file, no other source,
no dimensions, no tests. <folder> gets lake/*.parquet, work.duckdb and publication.duckdb; <prices>
holds teams.csv and, for all but `load`, the rates.parquet and models.parquet of a finished build.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

SALT = "benchmark"
CLASSES = (
    "input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "input_audio",
    "output", "reasoning", "output_audio",
)  # fmt: skip
TEXTS = (
    "call_type", "model", "model_id", "model_group", "custom_llm_provider", "team_id",
    "organization_id", "session_id", "status", "agent_id",
)  # fmt: skip
TEAM = "team_id, team_name, cost_center_id, provider, ai_model_id"
MARTS = {
    "tokens_per_model_day": "usage_date, provider, ai_model_id",
    "cost_per_team_day": f"usage_date, {TEAM}",
    "cost_per_team_month": f"date_trunc('month', usage_date) as billing_month, {TEAM}",
}
_SENT = {
    "request_id": "VARCHAR", "api_key": "VARCHAR", "user": "VARCHAR", "end_user": "VARCHAR",
    "spend": "DECIMAL(38,12)", "prompt_tokens": "BIGINT", "completion_tokens": "BIGINT",
    "total_tokens": "BIGINT", "startTime": "TIMESTAMP", "endTime": "TIMESTAMP",
    "completionStartTime": "TIMESTAMP", "api_base": "VARCHAR", "metadata": "VARCHAR",
    "cache_hit": "VARCHAR", "request_tags": "VARCHAR", **dict.fromkeys(TEXTS, "VARCHAR"),
}  # fmt: skip
_TTL = {"ephemeral_5m_input_tokens": "BIGINT", "ephemeral_1h_input_tokens": "BIGINT"}
_METADATA = {
    "user_api_key_alias": "VARCHAR",
    "usage_object": {
        "cache_creation_input_tokens": "BIGINT",
        "cache_read_input_tokens": "BIGINT",
        "service_tier": "VARCHAR",
        "prompt_tokens_details": {
            "cached_tokens": "BIGINT",
            "audio_tokens": "BIGINT",
            "cache_creation_token_details": _TTL,
        },
        "completion_tokens_details": {"reasoning_tokens": "BIGINT", "audio_tokens": "BIGINT"},
    },
}


def _hashed(expression: str) -> str:
    """Return SQL of the pseudonym that Bursar gives with the same salt."""
    return f"left(sha256('{SALT}:' || nullif({expression}, '')), 32)"


def _load(connection: duckdb.DuckDBPyConnection, files: list[str], target: Path) -> None:
    """Write the records of JSONL files to one Parquet file."""
    read, written = "u.prompt_tokens_details", "u.completion_tokens_details"
    ttl = f"{read}.cache_creation_token_details"
    sent = json.dumps(_SENT).replace('"', "'")
    reader = f"{files}, format = 'newline_delimited', columns = {sent}, filename = true"
    connection.execute(
        f"""
        copy (
            select
                filename, request_id, {_hashed("api_key")} as credential_id,
                m.user_api_key_alias as credential_alias,
                spend, prompt_tokens, completion_tokens, total_tokens,
                coalesce({read}.cached_tokens, u.cache_read_input_tokens, 0) as cache_read,
                coalesce({ttl}.ephemeral_1h_input_tokens, 0) as cache_write_1h,
                coalesce(
                    u.cache_creation_input_tokens - cache_write_1h,
                    {ttl}.ephemeral_5m_input_tokens, 0
                ) as cache_write_5m,
                coalesce({read}.audio_tokens, 0) as input_audio,
                coalesce({written}.reasoning_tokens, 0) as reasoning,
                coalesce({written}.audio_tokens, 0) as output_audio,
                "startTime" as started_at, "endTime" as ended_at,
                "completionStartTime" as completion_started_at,
                {", ".join(f"nullif({name}, '') as {name}" for name in TEXTS)},
                regexp_extract(api_base, '^(?:[a-z]+://)?([^/?#:]+)', 1) as api_base,
                {_hashed('"user"')} as user_id, {_hashed("end_user")} as end_user_id,
                cache_hit, coalesce(u.service_tier, 'standard') as service_tier, request_tags
            from (
                select
                    *, json_transform(metadata, '{json.dumps(_METADATA)}') as m,
                    struct_extract(m, 'usage_object') as u
                from read_json({reader})
            )
        ) to '{target}' (format parquet)
        """
    )


def _price(connection: duckdb.DuckDBPyConnection, lake_file: Path, prices: Path) -> None:
    """Create `priced`: the newest delivery of each record of one lake file, with its cost."""
    total = "input_uncached + cache_read + cache_write_5m + cache_write_1h + input_audio"
    unpriced = " or ".join(f"({name} > 0 and list_{name}_price is null)" for name in CLASSES)
    cost = " + ".join(
        f"coalesce({name}::decimal(19, 0) * list_{name}_price::decimal(18, 12), 0)"
        for name in CLASSES
    )
    connection.execute(
        f"""
        create or replace temp table raw as
        select
            *, started_at::date as usage_date, cache_hit = 'True' as is_cache_hit,
            prompt_tokens - cache_read - cache_write_5m - cache_write_1h - input_audio
                as input_uncached,
            completion_tokens - reasoning - output_audio as output,
            case custom_llm_provider when 'openai' then 'OpenAI' else 'Anthropic' end as provider
        from '{lake_file}';

        create or replace temp table priced as
        select
            raw.*, rates.price_id, coalesce(models.ai_model_id, 'unknown') as ai_model_id,
            case when is_cache_hit then 0 when {unpriced} then null else {cost} end::decimal(38, 12)
                as list_cost
        from raw
        semi join (select arg_max(rowid, filename) as kept from raw group by request_id) as newest
            on raw.rowid = newest.kept
        left join '{prices}/models.parquet' as models
            on raw.provider = models.service_provider_name and raw.model = models.model_name
        left join '{prices}/rates.parquet' as rates
            on raw.provider = rates.service_provider_name and raw.model = rates.model_name
            and raw.service_tier = rates.service_tier
            and raw.started_at >= rates.valid_from and raw.started_at < rates.valid_to
            and {total} >= rates.context_tier_start and {total} < rates.context_tier_end;
        """
    )


def _roll_up(where: str) -> str:
    """Return the query of the hours of some requests."""
    keys = (
        "usage_date, provider, model, ai_model_id, service_tier, credential_id, team_id, user_id, "
        "is_cache_hit, price_id"
    )
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in (*CLASSES, "total_tokens"))
    return f"""
        select date_trunc('hour', started_at) as usage_hour, {keys}, {sums},
            count(*) as request_count, sum(list_cost) as list_cost, sum(spend) as spend
        from requests where {where} group by all
    """


def _publish(connection: duckdb.DuckDBPyConnection, folder: Path, prices: Path) -> None:
    """Write the marts, made of the hours, to the file that people read."""
    path = folder / "publication.duckdb"
    path.unlink(missing_ok=True)
    counts = (*CLASSES, "total_tokens", "request_count")
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in counts)
    connection.execute(f"attach '{path}' as publication")
    for mart, keys in MARTS.items():
        connection.execute(
            f"""
            create table publication.{mart} as
            select {keys}, {sums}, sum(list_cost) as list_cost
            from usage_hours left join '{prices}/teams.csv' as teams using (team_id) group by all
            """
        )
    connection.execute("detach publication")


def _first(connection: duckdb.DuckDBPyConnection, lake_file: Path, prices: Path) -> None:
    """Make the requests and hours of a first load."""
    _price(connection, lake_file, prices)
    connection.execute("create table requests as select * from priced")
    connection.execute(f"create table usage_hours as {_roll_up('true')}")


def _more(connection: duckdb.DuckDBPyConnection, lake_file: Path, prices: Path) -> None:
    """Take in more: the newest delivery counts, and every day it touches is rolled up again."""
    _price(connection, lake_file, prices)
    connection.execute(
        """
        create temp table touched as
        select usage_date from priced
        union select requests.usage_date from requests semi join priced using (request_id);
        delete from requests where request_id in (select request_id from priced);
        insert into requests select * from priced;
        delete from usage_hours where usage_date in (select usage_date from touched);
        """
    )
    days = "usage_date in (select usage_date from touched)"
    connection.execute(f"insert into usage_hours {_roll_up(days)}")


def main(step: str, folder: Path, prices: Path, files: list[str]) -> None:
    """Do one step of the same work."""
    (folder / "lake").mkdir(parents=True, exist_ok=True)
    lake_file = folder / "lake" / f"{len(list((folder / 'lake').iterdir()))}.parquet"
    database = ":memory:" if step == "load" else str(folder / "work.duckdb")
    with duckdb.connect(database, config={"threads": 2, "memory_limit": "1200MB"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        _load(connection, files, lake_file)
        if step != "load":
            {"first": _first, "more": _more}[step](connection, lake_file, prices)
            _publish(connection, folder, prices)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
