"""The one place that says what of a LiteLLM record is kept, and what makes it unusable."""

from __future__ import annotations

import json

import pyarrow as pa

from pipelines.load import LoadContext
from pipelines.sources.json_files import JsonReader
from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_COUNT
from pipelines.sources.litellm.usage import COUNTS_SQL, METADATA_SHAPE, TIER_SQL
from pipelines.sources.record_files import RecordFiles
from pipelines.sources.texts import host_sql, moment_sql, plausible_sql

MONEY = pa.decimal128(38, 12)
SPEND_LOGS = pa.schema(
    [
        ("request_id", pa.string()),
        ("call_type", pa.string()),
        ("credential_id", pa.string()),
        ("credential_alias", pa.string()),
        ("spend", MONEY),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("total_tokens", pa.int64()),
        ("cache_read_tokens", pa.int64()),
        ("cache_write_5m_tokens", pa.int64()),
        ("cache_write_1h_tokens", pa.int64()),
        ("cache_write_tokens", pa.int64()),
        ("reasoning_tokens", pa.int64()),
        ("input_audio_tokens", pa.int64()),
        ("output_audio_tokens", pa.int64()),
        ("input_image_tokens", pa.int64()),
        ("input_video_tokens", pa.int64()),
        ("output_image_tokens", pa.int64()),
        ("output_video_tokens", pa.int64()),
        ("web_search_count", pa.int64()),
        ("audio_second_count", MONEY),
        ("citation_token_count", pa.int64()),
        ("page_count", pa.int64()),
        ("started_at", pa.timestamp("us")),
        ("ended_at", pa.timestamp("us")),
        ("completion_started_at", pa.timestamp("us")),
        ("model", pa.string()),
        ("model_id", pa.string()),
        ("model_group", pa.string()),
        ("custom_llm_provider", pa.string()),
        ("api_base", pa.string()),
        ("user_id", pa.string()),
        ("team_id", pa.string()),
        ("organization_id", pa.string()),
        ("end_user_id", pa.string()),
        ("session_id", pa.string()),
        ("status", pa.string()),
        ("cache_hit", pa.string()),
        ("service_tier", pa.string()),
        ("inference_geo", pa.string()),
        ("request_tags", pa.string()),
        ("agent_id", pa.string()),
    ]
)

# Everything as text: a value of the wrong type must be seen, not silently turned into null.
FIELDS = [
    "request_id", "call_type", "api_key", "spend", "total_tokens", "prompt_tokens",
    "completion_tokens", "startTime", "endTime", "completionStartTime", "model", "model_id",
    "model_group", "custom_llm_provider", "api_base", "user", "metadata", "cache_hit",
    "request_tags", "team_id", "organization_id", "end_user", "session_id", "status", "agent_id",
]  # fmt: skip

# Where a call has other names as the S3 and GCS loggers write it (StandardLoggingPayload).
PAYLOAD_NAMES = ("id", "response_cost", "trace_id")
PAYLOAD_FIELDS = {
    "request_id": "r.id",
    "api_key": "json_extract_string(json, '$.metadata.user_api_key_hash')",
    "spend": "r.response_cost",
    "user": "json_extract_string(json, '$.metadata.user_api_key_user_id')",
    "team_id": "json_extract_string(json, '$.metadata.user_api_key_team_id')",
    "organization_id": "json_extract_string(json, '$.metadata.user_api_key_org_id')",
    "end_user": """coalesce(
        nullif(r.end_user, ''), json_extract_string(json, '$.metadata.user_api_key_end_user_id')
    )""",
    "session_id": "r.trace_id",
    "api_base": """coalesce(
        nullif(r.api_base, ''), json_extract_string(json, '$.hidden_params.api_base')
    )""",
    # Older ones have the usage in the answer alone; of which nothing else is read.
    "metadata": """case
        when json_type(json, '$.metadata.usage_object') = 'OBJECT'
            or json_type(json, '$.response.usage') is distinct from 'OBJECT' then r.metadata
        else cast(json_merge_patch(
            case when json_type(json, '$.metadata') = 'OBJECT' then json_extract(json, '$.metadata')
                else '{}'::json end,
            json_object('usage_object', json_extract(json, '$.response.usage'))
        ) as varchar)
    end""",
}

RECORD_SHAPE = json.dumps({name: "VARCHAR" for name in (*FIELDS, *PAYLOAD_NAMES)})

REMEDIES = {
    "missing_request_id": "Without request_id or id no repeat can be told; mend the log's writer.",
    "bad_timestamp": "startTime must be a date and time such as 2026-01-24 09:20:46.847371.",
    "bad_number": "Token counts must be whole numbers from 0 to 10^12, and spend up to 10^15.",
    "bad_metadata": "metadata must be a JSON object, or the text of one: it says what was cached.",
}

_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
_DETAILS = (
    "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "cache_write_tokens",
    "reasoning_tokens", "input_audio_tokens", "output_audio_tokens", "input_image_tokens",
    "input_video_tokens", "output_image_tokens", "output_video_tokens", "web_search_count",
    "audio_second_count", "citation_token_count", "page_count",
)  # fmt: skip


def typed_sql(context: LoadContext, lines: str) -> str:
    """Return SQL of typed records, of a relation of lines: source_line, fault, json."""
    own = {name: f'r."{name}"' for name in FIELDS}
    record, payload = (
        ", ".join(f'"{name}" := {value}' for name, value in fields.items())
        for fields in (own, own | PAYLOAD_FIELDS)
    )
    # Only what is a payload is looked at a second time.
    return records_sql(
        context,
        f"""
            select source_line, fault,
                case when r.request_id is null and json_exists(json, '$.response_cost')
                    then struct_pack({payload}) else struct_pack({record}) end as r
            from (
                select source_line, fault, json, json_transform(json, '{RECORD_SHAPE}') as r
                from ({lines})
            )
        """,
    )


def records_sql(context: LoadContext, records: str) -> str:
    """Return SQL that types records: a relation of source_line, fault and r (a struct of FIELDS).

    A fault says why r is no record (NULL = it is one). The columns are those of SPEND_LOGS after
    source_line, then `reason` (NULL = good).
    """
    types = {"audio_second_count": "decimal(38, 12)"}
    counts = ", ".join(
        f"try_cast({name} as {types.get(name, 'bigint')}) as {name}" for name in _DETAILS
    )
    return f"""
        select * exclude (fault) replace (
            case
                when fault is not null then fault
                when coalesce(request_id, '') = '' then 'missing_request_id'
                when started_at is null then 'bad_timestamp'
                when reason is not null then reason
                when least({", ".join(_DETAILS)}) < 0
                    or greatest({", ".join(_DETAILS)}) > {LARGEST_COUNT}
                    then 'bad_number'
            end as reason,
            {counts}
        )
        from ({_columns_sql(context, _moments_sql(records))})
    """


def _moments_sql(records: str) -> str:
    """Return SQL that adds the parsed moments and the parsed metadata (NULL where unreadable)."""
    moments = ", ".join(
        f"{moment_sql(f'r.{field}')} as {name}"
        for field, name in (
            ("startTime", "start_moment"),
            ("endTime", "end_moment"),
            ("completionStartTime", "completion_start_moment"),
        )
    )
    return f"""
        select source_line, fault, r, {moments},
            case
                when json_valid(metadata) then json_transform(metadata, '{METADATA_SHAPE}')
            end as m
        from (
            select *,
                -- Trimming every record would cost as much as parsing what is trimmed.
                case when starts_with(r.metadata, '{{') then r.metadata
                    else coalesce(nullif(trim(r.metadata), ''), '{{}}') end as metadata
            from ({records})
        )
    """


def _columns_sql(context: LoadContext, parsed: str) -> str:
    return f"""
        select
            source_line,
            nullif(r.request_id, '') as request_id,
            nullif(r.call_type, '') as call_type,
            {context.pseudonym_sql("r.api_key")} as credential_id,
            nullif(m.user_api_key_alias, '') as credential_alias,
            try_cast(r.spend as decimal(38, 12)) as spend,
            try_cast(r.prompt_tokens as bigint) as prompt_tokens,
            try_cast(r.completion_tokens as bigint) as completion_tokens,
            try_cast(r.total_tokens as bigint) as total_tokens,
            {COUNTS_SQL},
            {plausible_sql("start_moment")} as started_at,
            {plausible_sql("end_moment")} as ended_at,
            {plausible_sql("completion_start_moment")} as completion_started_at,
            nullif(r.model, '') as model,
            nullif(r.model_id, '') as model_id,
            nullif(r.model_group, '') as model_group,
            nullif(r.custom_llm_provider, '') as custom_llm_provider,
            {host_sql("r.api_base")} as api_base,
            {context.pseudonym_sql("r.user")} as user_id,
            nullif(r.team_id, '') as team_id,
            nullif(r.organization_id, '') as organization_id,
            {context.pseudonym_sql("r.end_user")} as end_user_id,
            nullif(r.session_id, '') as session_id,
            nullif(r.status, '') as status,
            nullif(r.cache_hit, '') as cache_hit,
            {TIER_SQL},
            nullif(m.usage_object.inference_geo, '') as inference_geo,
            {_TAGS} as request_tags,
            nullif(r.agent_id, '') as agent_id,
            fault,
            case
                when {" or ".join(f"({_is_no_count(f'r.{name}')})" for name in _COUNTS)}
                    or (nullif(r.spend, '') is not null and coalesce(
                        abs(try_cast(r.spend as decimal(38, 12))) > {LARGEST_AMOUNT}, true))
                    then 'bad_number'
                when m is null and trim(r.metadata) <> 'null' then 'bad_metadata'
            end as reason
        from ({parsed})
    """


# Text that is no JSON array is one tag: the build reads the column as JSON.
_TAGS = """case
    when coalesce(r.request_tags, '') in ('', '[]', '{}', 'null') then null
    when json_valid(r.request_tags) and starts_with(ltrim(r.request_tags), '[') then r.request_tags
    else cast(json_array(r.request_tags) as varchar)
end"""


def _is_no_count(expression: str) -> str:
    """Return SQL that holds for a stated value that is no whole number from 0 to the largest."""
    return (
        f"nullif({expression}, '') is not null "
        f"and (coalesce(try_cast({expression} as bigint), -1) not between 0 and {LARGEST_COUNT} "
        f"or try_cast({expression} as bigint) <> try_cast({expression} as double))"
    )


LOG_FILES = RecordFiles("spend_logs", "started_at", (JsonReader(typed_sql, REMEDIES),))
