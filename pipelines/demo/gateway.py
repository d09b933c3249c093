"""What the LiteLLM gateway logs: its own calls, plus everything that goes wrong with logs."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from pipelines.demo.company import VIRTUAL_KEYS
from pipelines.demo.window import Window

# line_kind: call · duplicate (same file) · redelivered (again in the next file) · failure (no
# tokens) · cache_hit (answered by the gateway, never sent) · malformed · missing_request_id
_LOG = """
create table log as
with seen as (
    select
        calls.call_no, calls.day, calls.stream_no, calls.user_no, calls.started_at,
        calls.duration_us, keys.has_cache,
    from calls
    inner join streams on calls.stream_no = streams.stream_no
    inner join keys on streams.alias = keys.alias
),
picked as (
    select call_no, row_number() over (partition by day order by hash(call_no), call_no) as pick
    from seen where day in ($first, $second)
),
gateway_calls as (
    select seen.*, coalesce(picked.pick, 0) as pick
    from seen left join picked on seen.call_no = picked.call_no
),
copies as (
    select
        *, 'call' as line_kind, 0 as copy_no,
        -- late: delivered two files later
        day + if(day = $first and pick between 1 and 5, 2, 0) as file_day,
    from gateway_calls
    union all
    select *, 'duplicate', 1 + unnest(range(if(pick = 1, 2, 1))), day
    from gateway_calls where day = $second and pick <= 3
    union all
    select *, 'redelivered', 1, day + 1
    from gateway_calls where day = $first and pick between 6 and 8
    union all
    select *, 'failure', 1, day
    from gateway_calls where (day = $second and pick between 4 and 6) or chance(call_no, 30) < 0.008
    union all
    select *, 'cache_hit', 1, day
    from gateway_calls
    where has_cache and (
        chance(call_no, 31) < 0.01
        or (day = $second and call_no in (
            select min(call_no) from gateway_calls where day = $second and has_cache
        ))
    )
    union all
    select *, 'malformed', 1, day
    from gateway_calls where day = $first and pick = 9
    union all
    select *, 'missing_request_id', 1, day
    from gateway_calls where day = $second and pick = 7
)
select
    call_no, day, stream_no, user_no, line_kind, copy_no, file_day::date as file_day,
    logged_at(started_at, line_kind) as started_at,
    case line_kind when 'failure' then 900000 when 'cache_hit' then 40000 else duration_us end
        as duration_us,
    row_number() over (
        partition by file_day order by logged_at(started_at, line_kind), call_no, line_kind, copy_no
    ) as line_number,
from copies
order by file_day, line_number
"""

_USAGE = """
    concat(
        '{{"completion_tokens": ', completion_tokens, ', "prompt_tokens": ', prompt_tokens,
        ', "total_tokens": ', total_tokens,
        ', "completion_tokens_details": ', if(provider = 'Anthropic', 'null', concat(
            '{{"accepted_prediction_tokens": 0, "audio_tokens": 0, "reasoning_tokens": ', reasoning,
            ', "rejected_prediction_tokens": 0}}'
        )),
        ', "prompt_tokens_details": {{"audio_tokens": ', if(provider = 'Anthropic', 'null', '0'),
        ', "cached_tokens": ', cache_read,
        if(provider = 'Anthropic', concat(
            ', "cache_creation_tokens": ', cache_write_5m + cache_write_1h,
            ', "cache_creation_token_details": {{"ephemeral_5m_input_tokens": ', cache_write_5m,
            ', "ephemeral_1h_input_tokens": ', cache_write_1h, '}}}}',
            ', "cache_creation_input_tokens": ', cache_write_5m + cache_write_1h,
            ', "cache_read_input_tokens": ', cache_read
        ), '}}'), '}}'
    )
"""

_LINES = """
with priced as (
    select
        stream_no, valid_from, valid_to,
        {pivoted}
    from prices inner join streams using (provider, model, tier)
    where coalesce(context_tier, '0-200k') = '0-200k'
    group by stream_no, valid_from, valid_to
),
sized as (
    select
        log.*, log.line_kind = 'failure' as is_failure, streams.alias, streams.model,
        streams.provider, keys.litellm_team_id, keys.api_key, keys.has_cache,
        if(is_failure, 0, calls.cache_read) as cache_read,
        if(is_failure, 0, calls.cache_write_5m) as cache_write_5m,
        if(is_failure, 0, calls.cache_write_1h) as cache_write_1h,
        if(is_failure, 0, calls.reasoning) as reasoning,
        -- LiteLLM counts cache reads and writes into the prompt, for Anthropic too
        if(is_failure, 0, calls.input_uncached + calls.cache_read + calls.cache_write_5m
            + calls.cache_write_1h) as prompt_tokens,
        if(is_failure, 0, calls.output) as completion_tokens,
        prompt_tokens + completion_tokens as total_tokens,
        -- the noise of adding floats is LiteLLM's own
        if(line_kind in ('failure', 'cache_hit'), 0.0,
            calls.input_uncached * priced.input_uncached
            + calls.cache_read * priced.cache_read
            + calls.cache_write_5m * priced.cache_write_5m
            + calls.cache_write_1h * priced.cache_write_1h
            + calls.output * priced.output
        ) as spend,
        concat('user-', streams.alias, '-', log.user_no, '@demo.example') as user_id,
    from log
    inner join calls on log.call_no = calls.call_no
    inner join streams on log.stream_no = streams.stream_no
    inner join keys on streams.alias = keys.alias
    inner join priced
        on log.stream_no = priced.stream_no
        and log.day >= priced.valid_from and log.day < priced.valid_to
    where log.file_day = $file_day
),
described as (
    select *, {usage} as usage_object, if(litellm_team_id = '', 'null', to_json(litellm_team_id))
        as team_json
    from sized
),
written as (
    select
        line_number, line_kind,
        concat(
            '{{"request_id": "', logged_id(call_no, line_kind), '", "session_id": "',
            md5(request_id(call_no)),
            '", "call_type": "', if(completion_tokens = 0 and not is_failure, 'aembedding',
                'acompletion'),
            '", "api_key": "', api_key,
            '", "cache_hit": "', case when line_kind = 'cache_hit' then 'True'
                when has_cache then 'False' else 'None' end,
            '", "startTime": "', strftime(started_at, '%Y-%m-%d %H:%M:%S.%f'),
            '", "endTime": "', strftime(ended_at, '%Y-%m-%d %H:%M:%S.%f'),
            '", "completionStartTime": "', strftime(ended_at, '%Y-%m-%d %H:%M:%S.%f'),
            '", "model": "', model, '", "user": "', user_id, '", "team_id": "', litellm_team_id,
            '", "organization_id": "", "metadata": ', to_json(concat(
                '{{"applied_guardrails": [], "batch_models": null, "usage_object": ', usage_object,
                ', "model_map_information": null, "user_api_key": "', api_key,
                '", "user_api_key_alias": "', alias, '", "user_api_key_team_id": ', team_json,
                ', "user_api_key_org_id": null, "user_api_key_user_id": "', user_id,
                '", "user_api_key_team_alias": null, "spend_logs_metadata": null, ',
                '"requester_ip_address": null, "user_agent": null, "status": ',
                if(is_failure, '"failure"', 'null'), ', "error_information": ',
                if(is_failure, '{{"error_code": "429", "error_class": "RateLimitError"}}', 'null'),
                ', "attempted_retries": null, "max_retries": null}}'
            )),
            ', "cache_key": "', if(has_cache, md5(concat('cache-', call_no)), 'Cache OFF'),
            '", "spend": ', spend, ', "total_tokens": ', total_tokens,
            ', "prompt_tokens": ', prompt_tokens, ', "completion_tokens": ', completion_tokens,
            ', "request_tags": ', to_json(tags_of(day, call_no)), ', "end_user": "", "api_base": "',
            if(provider = 'Anthropic', 'https://api.anthropic.com', 'https://api.openai.com/v1'),
            '", "model_group": "', model, '", "model_id": "', md5(model),
            '", "requester_ip_address": null, "custom_llm_provider": "', lower(provider),
            '", "messages": "{{}}", "response": "{{}}", "proxy_server_request": "{{}}", ',
            '"status": "',
            if(is_failure, 'failure', 'success'),
            '", "mcp_namespaced_tool_name": null, "agent_id": null}}'
        ) as line,
    from (select *, started_at + to_microseconds(duration_us) as ended_at from described)
)
select if(line_kind = 'malformed', left(line, 240), line) from written order by line_number
"""


def build_log(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Create log: one row per physical line of the gateway's files, in file order."""
    keys = pl.DataFrame(
        [{**vars(key), "api_key": key.hashed(window.seed)} for key in VIRTUAL_KEYS.values()]
    )
    connection.register("keys_frame", keys.to_arrow())
    connection.execute("create table keys as from keys_frame")
    # a failed attempt comes before its retry, a cached answer after the first one
    connection.execute(
        "create macro logged_at(moment, kind) as moment + case kind"
        " when 'failure' then interval (-2) second when 'cache_hit' then interval 4 second"
        " else interval 0 second end"
    )
    connection.execute(
        "create macro request_id(call_no) as"
        f" concat('chatcmpl-', left(md5(concat('{window.seed}/', call_no)), 29))"
    )
    connection.execute(
        "create macro logged_id(call_no, kind) as case kind"
        " when 'failure' then concat('failed-', left(md5(concat(request_id(call_no), kind)), 29))"
        " when 'cache_hit' then concat(request_id(call_no), '_cache_hit', 1.7e9 + call_no / 8)"
        " when 'missing_request_id' then '' else request_id(call_no) end"
    )
    # LiteLLM's own list as text, what a client wrote that is no JSON, and two values of one key.
    connection.execute(
        f"create macro tags_of(day, call_no) as case when day <> date '{window.busy_days[2]}'"
        " then '[]' else case call_no % 4 when 1 then '[\"job:nightly\"]'"
        " when 2 then '[''nightly'']'"
        " when 3 then '[\"env:blue\", \"env:green\"]' else '[]' end end"
    )
    first, second, _ = window.busy_days
    connection.execute(_LOG, {"first": first, "second": second})


def write_log(connection: duckdb.DuckDBPyConnection, window: Window, folder: Path) -> None:
    """Write one gzipped JSONL file per day of delivery."""
    folder.mkdir(parents=True, exist_ok=True)
    known = "prices.origin <> 'bill'"  # LiteLLM logs a spend of 0 for a model it cannot price
    pivoted = ", ".join(
        f"coalesce(max(per_million) filter ({known} and token_class = '{name}'), 0)"
        f"::double / 1e6 as {name}"
        for name in ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    )
    lines = _LINES.format(usage=_USAGE.format(), pivoted=pivoted)
    for day in window.days:
        path = folder / f"{day.isoformat()}.jsonl.gz"
        connection.execute(
            f"copy ({lines}) to '{str(path).replace(chr(39), chr(39) * 2)}' (format csv,"
            " header false, quote '', escape '', delimiter e'\\x01', compression gzip)",
            {"file_day": day},
        )
