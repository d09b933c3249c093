"""What OpenAI and Anthropic report of the calls they saw, record by record as their APIs would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from pipelines.demo.company import ANTHROPIC, BLOCKED, EMBEDDING, FILE_SEARCHES, MINI, OPENAI
from pipelines.demo.truths import Row, rows_of
from pipelines.demo.window import Window

_OPENAI_COSTS = """
select day, concat(
    '{"object": "organization.costs.result", "amount": {"value": ',
    -- on one day amounts come as texts
    if(day = $day, concat('"', plain(sum(cost)), '"'), plain(sum(cost))),
    ', "currency": "usd"}, "line_item": ', to_json(case kind
        when 'web_search' then 'web search tool calls'
        when 'images' then concat(model, ', 1024x1024')
        else concat(if(tier = 'batch', 'batch | ', ''), model, ', ', case token_class
            when 'input_uncached' then 'input' when 'cache_read' then 'cached input'
            else token_class end)
    end),
    ', "project_id": ', text(sub_account), ', "api_key_id": ', text(credential),
    ', "quantity": ', plain(sum(quantity)), ', "quantity_unit": ',
    case kind when 'tokens' then '"tokens"' when 'images' then '"images"' else 'null' end, '}'
) as result
from charges where provider = $provider and cost is not null
group by day, kind, model, tier, token_class, sub_account, credential
"""

_OPENAI_CELLS = """
with rows as (
    select
        day, sub_account, credential, model, tier,
        if(is_gateway, 'null', concat('"user-', left(md5(concat(credential, user_no)), 24), '"'))
            as user_json,
        sum(requests) as requests, sum(cells.input_uncached) as uncached,
        sum(cells.cache_read) as cached, sum(cells.output) as output,
    from cells inner join streams using (stream_no)
    where provider = $provider and {models}
    group by all
)
select day, concat('{{"object": "organization.usage.', {result}, ', "num_model_requests": ',
    requests, ', "project_id": ', text(sub_account), ', "user_id": ', user_json,
    ', "api_key_id": ', text(credential), ', "model": ', text(model), '}}') as result
from rows
"""

_OPENAI_COMPLETIONS = _OPENAI_CELLS.format(
    models=f"model <> '{EMBEDDING}'",
    result="""concat(
        'completions.result", "input_tokens": ', uncached + cached,
        ', "input_cached_tokens": ', cached, ', "output_tokens": ', output,
        -- on one day the records are as they were in 2024
        if(day = $day, '', concat(', "input_cache_write_tokens": 0',
        ', "input_uncached_tokens": ', uncached,
        ', "input_text_tokens": ', uncached, ', "output_text_tokens": ', output,
        ', "input_cached_text_tokens": ', cached, ', "input_audio_tokens": 0',
        ', "input_cached_audio_tokens": 0, "output_audio_tokens": 0, "input_image_tokens": 0',
        ', "input_cached_image_tokens": 0, "output_image_tokens": 0',
        ', "service_tier": "default"')), ', "batch": ', if(tier = 'batch', 'true', 'false'))""",
)

_OPENAI_EMBEDDINGS = _OPENAI_CELLS.format(
    models=f"model = '{EMBEDDING}'",
    result="""concat('embeddings.result", "input_tokens": ', uncached)""",
)

_OPENAI_IMAGES = """
select day, concat(
    '{"object": "organization.usage.images.result", "images": ', quantity::bigint,
    ', "num_model_requests": ', quantity::bigint,
    ', "source": "image.generation", "size": "1024x1024", "project_id": ', text(sub_account),
    ', "user_id": null, "api_key_id": ', text(credential), ', "model": ', text(model), '}'
) as result
from charges where provider = $provider and kind = 'images'
"""

_OPENAI_WEB_SEARCHES = f"""
select day, concat(
    '{{"object": "organization.usage.web_searches.result", "num_model_requests": ',
    quantity::bigint, ', "num_requests": ', quantity::bigint, ', "project_id": ',
    text(sub_account), ', "user_id": null, "api_key_id": ', text(credential),
    ', "model": "{MINI}", "context_level": "medium"}}'
) as result
from charges where provider = $provider and kind = 'web_search'
"""

_OPENAI_FILE_SEARCHES = f"""
select day, concat(
    '{{"object": "organization.usage.file_searches.result", "num_requests": {FILE_SEARCHES[2]}',
    ', "project_id": "{FILE_SEARCHES[0]}", "user_id": null, "api_key_id": "{FILE_SEARCHES[1]}"',
    ', "vector_store_id": "vs_handbook"}}'
) as result
from (select distinct day from charges where provider = $provider)
"""

_ANTHROPIC_COSTS = """
select day, concat(
    '{"amount": "', plain(sum(cost) * 100), '", "currency": "USD", "cost_type": "', kind,
    '", "description": ', to_json(case kind when 'web_search' then 'Web Search Usage'
        when 'code_execution' then 'Code Execution Usage'
        when 'session_usage' then 'Session Usage' else concat(
        'Claude ', upper(left(split_part(model, '-', 2), 1)), substr(split_part(model, '-', 2), 2),
        ' ', split_part(model, '-', 3), '.', split_part(model, '-', 4),
        if(tier = 'batch', ' Batch', ''), ' Usage - ', case token_class
            when 'input_uncached' then 'Input Tokens' when 'output' then 'Output Tokens'
            when 'cache_read' then 'Input Tokens, Cache Read'
            when 'cache_write_5m' then 'Input Tokens, Cache Write 5m'
            else 'Input Tokens, Cache Write 1h' end,
        if(context_tier = '200k-1M', ', Long Context', '')
    ) end),
    ', "model": ', text(model), ', "service_tier": ', text(tier), ', "context_window": ',
    text(context_tier), ', "token_type": ', text(case token_class
        when 'input_uncached' then 'uncached_input_tokens' when 'output' then 'output_tokens'
        when 'cache_read' then 'cache_read_input_tokens'
        when 'cache_write_5m' then 'cache_creation.ephemeral_5m_input_tokens'
        when 'cache_write_1h' then 'cache_creation.ephemeral_1h_input_tokens' end),
    ', "inference_geo": ', if(kind = 'tokens', '"global"', 'null'),
    ', "workspace_id": ', text(sub_account), '}'
) as result
from charges where provider = $provider and cost is not null
group by day, kind, model, tier, context_tier, token_class, sub_account
"""

# What a classifier blocked has tokens, and no line on the bill.
_ANTHROPIC_USAGE = """
with summed as (
    select
        day, sub_account, credential, model, tier, is_long, sum(requests) as requests,
        sum(cells.input_uncached) as uncached, sum(cells.cache_read) as cache_read,
        sum(cells.cache_write_5m) as write_5m, sum(cells.cache_write_1h) as write_1h,
        sum(cells.output) as output,
    from cells inner join streams using (stream_no)
    where provider = $provider
    group by all
),
rows as (
    select *, row_number() over (
        partition by day, credential order by requests desc, model, tier, is_long
    ) as place
    from summed
),
searches as (
    select day, credential, quantity::bigint as searches
    from charges where provider = $provider and kind = 'web_search'
)
select rows.day, concat(
    '{"uncached_input_tokens": ', uncached, ', "cache_creation": {"ephemeral_1h_input_tokens": ',
    write_1h, ', "ephemeral_5m_input_tokens": ', write_5m, '}, "cache_read_input_tokens": ',
    cache_read, ', "output_tokens": ', output, ', "server_tool_use": {"web_search_requests": ',
    coalesce(searches, 0), '}, "api_key_id": ', text(rows.credential), ', "workspace_id": ',
    text(sub_account), ', "account_id": null, "service_account_id": null, "model": ', text(model),
    ', "service_tier": ', text(tier), ', "context_window": ',
    text(if(is_long, '200k-1M', '0-200k')), ', "inference_geo": "global"}'
) as result
from rows
left join searches
    on rows.day = searches.day and rows.credential = searches.credential and rows.place = 1
union all
select $day::date, $blocked
"""

_OLDER = """
select
    sum(cells.input_uncached)::bigint as input_uncached,
    sum(cells.cache_read)::bigint as cache_read, sum(cells.output)::bigint as output,
from cells inner join streams using (stream_no)
where provider = $name and model <> $embedding and day = $day
"""

_IDLE_DAYS = """
select days.day from (select unnest($days::date[]) as day) as days
where days.day not in (select day from charges where provider = $name and kind = 'images')
order by days.day
"""

_FILES = {
    "openai/costs": (OPENAI, _OPENAI_COSTS),
    "openai/usage_completions": (OPENAI, _OPENAI_COMPLETIONS),
    "openai/usage_embeddings": (OPENAI, _OPENAI_EMBEDDINGS),
    "openai/usage_images": (OPENAI, _OPENAI_IMAGES),
    "openai/usage_web_search_calls": (OPENAI, _OPENAI_WEB_SEARCHES),
    "openai/usage_file_search_calls": (OPENAI, _OPENAI_FILE_SEARCHES),
    "anthropic/cost_report": (ANTHROPIC, _ANTHROPIC_COSTS),
    "anthropic/usage_report": (ANTHROPIC, _ANTHROPIC_USAGE),
}


def _blocked() -> dict[str, Any]:
    """Return the tokens of blocked requests, as the usage report has them."""
    return {
        "uncached_input_tokens": BLOCKED.input_tokens,
        "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
        "cache_read_input_tokens": 0,
        "output_tokens": BLOCKED.output_tokens,
        "server_tool_use": {"web_search_requests": 0},
        "api_key_id": BLOCKED.credential,
        "workspace_id": None,
        "account_id": None,
        "service_account_id": None,
        "model": BLOCKED.model,
        "service_tier": "standard",
        "context_window": "0-200k",
        "inference_geo": "global",
    }


def report_plants(connection: duckdb.DuckDBPyConnection, window: Window) -> list[Row]:
    """Return the day of older records with its tokens, and the days without an image."""
    day = window.busy_days[0]
    older = {"name": OPENAI, "day": day, "embedding": EMBEDDING}
    [tokens] = rows_of(connection, _OLDER, older)
    idle = rows_of(connection, _IDLE_DAYS, {"name": OPENAI, "days": window.days})
    return [
        {"kind": "older_usage_records", "day": day.isoformat(), "tokens": tokens},
        {"kind": "empty_days", "report": "images", "days": [row["day"] for row in idle]},
    ]


def write_api_records(connection: duckdb.DuckDBPyConnection, window: Window, folder: Path) -> None:
    """Write one line per finest-grain result, bucket by bucket; amounts are exact plain numbers."""
    connection.execute(
        "create macro plain(amount) as"
        " if(amount = floor(amount), amount::bigint::varchar, rtrim(amount::varchar, '0'))"
    )
    connection.execute("create macro text(word) as coalesce(to_json(word)::varchar, 'null')")
    for name, (provider, query) in _FILES.items():
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        values: dict[str, object] = {"provider": provider}
        if "$day" in query:
            values["day"] = window.busy_days[0]
        if "$blocked" in query:
            values["blocked"] = json.dumps(_blocked())
        connection.execute(
            "copy (select concat('{\"bucket_start\": \"', strftime(day, '%Y-%m-%dT00:00:00Z'),"
            f" '\", \"result\": ', result, '}}') from ({query}) order by day, result)"
            f" to '{str(path).replace(chr(39), chr(39) * 2)}'"
            " (format csv, header false, quote '', escape '', delimiter e'\\x01')",
            values,
        )
