"""Vertex AI's request-response log: what Google saw of each call, or of a sample of them.

Loads raw_vertex_logs.calls from exports of the log's BigQuery table (JSON lines, Parquet). Units,
tokens and sampling: README.md. Guards against: prompts and answers in the same record (of the
answer only usage, model, id and error are read, of the request nothing), counts of a sample taken
for all (`sampling_weight` says of each row how many calls it stands for).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "vertex_logs"
_ANSWER = "full_response"
FIELDS = (
    Field("request_id", is_required=True),
    Field("logged_at", "moment", path="logging_time", is_required=True),
    Field("endpoint"),
    Field("deployed_model_id"),
    Field("model"),
    Field("model_version"),
    Field("api_method"),
    Field("response_id", path=f"{_ANSWER}.responseId", also=(f"{_ANSWER}.id",)),
    Field("response_model", path=f"{_ANSWER}.modelVersion", also=(f"{_ANSWER}.model",)),
    Field("usage_metadata", "json", path=f"{_ANSWER}.usageMetadata"),
    Field("message_usage", "json", path=f"{_ANSWER}.usage"),
    Field(
        "error_code",
        path=f"{_ANSWER}.error.status",
        also=(f"{_ANSWER}.error.code", f"{_ANSWER}.error.type"),
    ),
)
TABLES = {"calls": table_of(FIELDS).append(pa.field("sampling_weight", pa.decimal128(13, 6)))}
# BigQuery's JSON comes as objects or as texts; of an answer in pieces the last has the usage.
_WHOLE = f"""case json_type(json, '$.{_ANSWER}')
    when 'VARCHAR' then try_cast(json_extract_string(json, '$.{_ANSWER}') as json)
    else json_extract(json, '$.{_ANSWER}')
end"""
RECORDS = f"""case
    when json_type(json, '$.{_ANSWER}') in ('VARCHAR', 'ARRAY') then [json_merge_patch(
        json_object(
            'request_id', json_extract(json, '$.request_id'),
            'logging_time', json_extract(json, '$.logging_time'),
            'endpoint', json_extract(json, '$.endpoint'),
            'deployed_model_id', json_extract(json, '$.deployed_model_id'),
            'model', json_extract(json, '$.model'),
            'model_version', json_extract(json, '$.model_version'),
            'api_method', json_extract(json, '$.api_method')
        ),
        json_object('{_ANSWER}', case
            when json_type({_WHOLE}) = 'ARRAY' then json_extract({_WHOLE}, '$[#-1]') else {_WHOLE}
        end)
    )]
end"""
LOG = declared_files("calls", FIELDS, covers="logged_at", records_of=RECORDS)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the calls that the lake does not hold yet; raise SettingsError for no rate."""
    weight = ("sampling_weight", _weight_sql(context.settings))
    yield from extract_files(context, replace(LOG, adds=(weight,)))


def _weight_sql(settings: SourceSettings) -> str:
    """Return SQL for how many calls a record stands for."""
    otherwise = _weight(settings.get("sampling_rate", "1"), "SAMPLING_RATE")
    whens = []
    for entry in settings.get_list("sampling_rates"):
        pattern, _, rate = entry.rpartition("=")
        quoted = pattern.strip().lower().replace("'", "''")
        weight = _weight(rate, "SAMPLING_RATES")
        whens.append(f"when lower(coalesce(model, '')) glob '{quoted}' then {weight}")
    return f"cast(case {' '.join(whens)} when true then {otherwise} end as decimal(13, 6))"


def _weight(rate: object, name: str) -> Decimal:
    """Return the reciprocal of a rate, with six decimals."""
    try:
        share = Decimal(str(rate).strip())
        if not Decimal("0.000001") <= share <= 1:
            raise InvalidOperation
    except InvalidOperation:
        raise SettingsError(
            f"SOURCES__VERTEX_LOGS__{name} has the rate {str(rate)!r}: give a share of the calls "
            "above 0 and up to 1, as 0.1 (by model: gemini-2.5-flash*=0.1)."
        ) from None
    return (1 / share).quantize(Decimal("0.000001"))
