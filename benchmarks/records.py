"""Writes made-up LiteLLM spend logs, one file a day; the same numbers give the same bytes.

Every value comes from the md5 of the record's number, so a file does not depend on another file,
on threads, or on DuckDB's own random numbers and hashes, which change between versions.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST_DAY = date(2026, 1, 1)
TEAMS = 20
KEYS = 80
TEAM_COLUMNS = [
    "team_id", "team_name", "cost_center_id", "parent_team_id", "valid_from", "valid_to",
]  # fmt: skip

# (provider, model, dollars per million in and out, weight in percent)
MODELS = [
    ("openai", "gpt-4o-mini-2024-07-18", 0.15, 0.60, 28),
    ("openai", "gpt-5-mini-2025-08-07", 0.25, 2.00, 20),
    ("openai", "gpt-4o-2024-08-06", 2.50, 10.00, 14),
    ("openai", "o3-mini-2025-01-31", 1.10, 4.40, 6),
    ("openai", "text-embedding-3-small", 0.02, 0.00, 7),
    ("anthropic", "claude-3-5-haiku-20241022", 0.80, 4.00, 10),
    ("anthropic", "claude-sonnet-4-20250514", 3.00, 15.00, 12),
    ("anthropic", "claude-opus-4-20250514", 15.00, 75.00, 2),
    ("openai", "internal-finetune-that-no-list-prices", 0.00, 0.00, 1),
]

# Every 200th line repeats the one before, every 1000th one of the day before: retried callbacks.
_RECORDS = """
with lines as (
    select unnest(range($first_line, $first_line + $rows)) as line
),
numbered as (
    select case
        when line % 200 = 199 then line - 1
        when line % 1000 = 0 and line >= $rows then line - $rows
        else line end as record
    from lines
),
drawn as (
    select
        record, concat('bursar/', record) as seed, md5(seed) as digest,
        md5_number_lower(seed) as a, md5_number_upper(seed) as b
    from numbered
),
described as (
    select *,
        {key_number} as key_number,
        $models[list_position($weights, list_filter($weights, lambda w: a % 100 < w)[1])] as m,
        -- four services in five; people use the rest
        if((a >> 16) % 5 = 0, (a >> 20) % 8 + 1, 0) as user_number,
        (a >> 24) % 128 = 0 as is_failure,
        (a >> 32) % 100 = 0 as is_cached_by_gateway,
        {started_at} as started_at,
    from drawn
),
sized as (
    select *,
        m.model like 'text-embedding%' as is_embedding,
        m.provider = 'anthropic' as is_anthropic,
        if(is_failure, 0, 40 + (b >> 8) % 1200 * (1 + (b >> 20) % 9)) as prompt_tokens,
        if(is_failure or is_embedding, 0, 10 + (b >> 28) % 700) as completion_tokens,
        if((b >> 40) % 4 = 0, prompt_tokens // 2, 0) as cache_read,
        if(is_anthropic and (b >> 44) % 8 = 0, prompt_tokens // 4, 0) as cache_write,
        if(m.model like 'gpt-5%' or m.model like 'o3%', completion_tokens // 2, 0) as reasoning,
        started_at + to_microseconds(cast(300000 + (b >> 48) % 20000000 as bigint)) as ended_at,
        sha256(concat('key/', key_number)) as api_key,
        concat('team-', key_number % {teams}) as team_id,
        concat('user-', key_number, '-', user_number, '@bench.example') as user_id,
    from described
),
usage as (
    select *,
        if(
            is_anthropic,
            to_json({{
                completion_tokens: completion_tokens, prompt_tokens: prompt_tokens,
                total_tokens: prompt_tokens + completion_tokens, completion_tokens_details: null,
                prompt_tokens_details: {{
                    audio_tokens: null, cached_tokens: cache_read,
                    cache_creation_tokens: cache_write,
                    cache_creation_token_details:
                        {{ephemeral_5m_input_tokens: cache_write, ephemeral_1h_input_tokens: 0}}
                }},
                cache_creation_input_tokens: cache_write, cache_read_input_tokens: cache_read
            }}),
            to_json({{
                completion_tokens: completion_tokens, prompt_tokens: prompt_tokens,
                total_tokens: prompt_tokens + completion_tokens,
                completion_tokens_details: {{
                    accepted_prediction_tokens: 0, audio_tokens: 0, reasoning_tokens: reasoning,
                    rejected_prediction_tokens: 0
                }},
                prompt_tokens_details: {{audio_tokens: 0, cached_tokens: cache_read}}
            }})
        ) as usage_object,
    from sized
)
select
    concat('chatcmpl-', left(digest, 29)) as request_id,
    md5(digest) as session_id,
    if(is_embedding, 'aembedding', 'acompletion') as call_type,
    api_key,
    if(is_cached_by_gateway, 'True', 'None') as cache_hit,
    strftime(started_at, '%Y-%m-%d %H:%M:%S.%f') as "startTime",
    strftime(ended_at, '%Y-%m-%d %H:%M:%S.%f') as "endTime",
    strftime(ended_at, '%Y-%m-%d %H:%M:%S.%f') as "completionStartTime",
    m.model as model,
    user_id as "user",
    team_id,
    '' as organization_id,
    cast(to_json({{
        applied_guardrails: []::varchar[], usage_object: usage_object, user_api_key: api_key,
        user_api_key_alias: concat('key-', key_number), user_api_key_team_id: team_id,
        user_api_key_user_id: user_id, spend_logs_metadata: null, requester_ip_address: null,
        status: if(is_failure, 'failure', null), attempted_retries: null
    }}) as varchar) as metadata,
    'Cache OFF' as cache_key,
    if(
        is_cached_by_gateway, 0.0,
        prompt_tokens * (m.input_price / 1e6) + completion_tokens * (m.output_price / 1e6)
    ) as spend,
    prompt_tokens + completion_tokens as total_tokens,
    prompt_tokens,
    completion_tokens,
    '[]' as request_tags,
    '' as end_user,
    if(is_anthropic, 'https://api.anthropic.com', 'https://api.openai.com/v1') as api_base,
    m.model as model_group,
    md5(m.model) as model_id,
    m.provider as custom_llm_provider,
    '{{}}' as messages,
    '{{}}' as response,
    if(is_failure, 'failure', 'success') as status,
    null as agent_id
from usage
"""


# The same keys all day long, or those of real clients, each as often and at the hours as there.
_EVEN = {
    "key_number": f"(a >> 8) % {KEYS}",
    "started_at": (
        "$first_moment::timestamp + to_microseconds("
        "cast(record * (86400000000 // $rows) + b % 1000000 as bigint))"
    ),
}
_SKEWED = {
    "key_number": "$keys[cast((a >> 8) % len($keys) as bigint) + 1]",
    "started_at": (
        "$first_moment::timestamp + to_days(cast(record // $rows as integer))"
        " + to_seconds($seconds[cast((b >> 4) % len($seconds) as bigint) + 1])"
        " + to_microseconds(cast(b % 600000000 as bigint))"
    ),
}


@dataclass(frozen=True)
class Skew:
    """How unevenly clients ask: slots of equal chance, each a key or a moment of the day."""

    keys: list[int]
    seconds: list[int]


def read_skew(path: Path, slots: int = 10_000) -> Skew:
    """Return the skew of real clients: their shares, and their ten-minute windows of a day."""

    def shares(what: str) -> list[tuple[int, str, int]]:
        return duckdb.sql(
            f"""
            with rates as (
                select {what} as value, sum(rate_rps) as rate
                from read_parquet('{path}') group by all
            )
            select
                cast(dense_rank() over (order by value) as integer) as number,
                cast(value as varchar) as value,
                cast(ceil({slots} * rate / sum(rate) over ()) as integer) as slots
            from rates order by number
            """
        ).fetchall()

    return Skew(
        keys=[number for number, _, count in shares("(model, client)") for _ in range(count)],
        seconds=[
            int(second)
            for _, second, count in shares("window_start_s % 86400")
            for _ in range(count)
        ],
    )


def write_day(
    folder: Path, *, day: int, rows: int, compressed: bool = False, skew: Skew | None = None
) -> Path:
    """Write the file of one day, 0 being the first; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{FIRST_DAY + timedelta(days=day)}.jsonl{'.gz' if compressed else ''}"
    path = folder / name
    weights, reached = [], 0
    for *_, weight in MODELS:
        reached += weight
        weights.append(reached)
    names = ("provider", "model", "input_price", "output_price", "weight")
    with duckdb.connect(config={"threads": 2}) as connection:
        shape = _SKEWED if skew else _EVEN
        sql = _RECORDS.format(teams=TEAMS, **shape)
        connection.execute(
            f"copy ({sql}) to '{str(path).replace(chr(39), chr(39) * 2)}' "
            f"(format json{', compression gzip' if compressed else ''})",
            {
                "first_line": day * rows,
                "rows": rows,
                "models": [dict(zip(names, model, strict=True)) for model in MODELS],
                "weights": weights,
                "first_moment": FIRST_DAY,
                **(asdict(skew) if skew else {}),
            },
        )
    return path


def write_days(
    folder: Path, *, days: range, rows: int, compressed: bool = False, skew: Skew | None = None
) -> list[Path]:
    """Write one file for each day; return their paths."""
    return [write_day(folder, day=day, rows=rows, compressed=compressed, skew=skew) for day in days]


def write_organisation(folder: Path) -> None:
    """Write the teams that the keys belong to, so that the team marts have work to do."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "teams.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(TEAM_COLUMNS)
        for number in range(TEAMS):
            team = [f"team-{number}", f"Team {number}", f"CC-{number % 5}"]
            rows.writerow([*team, "", "2025-01-01", ""])
