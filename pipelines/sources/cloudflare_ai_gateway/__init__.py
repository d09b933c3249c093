"""Cloudflare's AI Gateway: what the gateway logged, from its API, saved answers and Logpush files.

Loads raw_cloudflare_ai_gateway.logs: `GET …/ai-gateway/gateways/{gateway}/logs`, a UTC day of one
gateway a unit; files, a file a unit. Units and token semantics: README.md.
Guards against: prompts, responses and encrypted metadata (never selected), people in metadata that
is JSON inside a text, Logpush rows without a moment (that of the file).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain
from urllib.parse import quote

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth

from pipelines.config import SettingsError, SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.days import Daily, load_days, read_first_day
from pipelines.sources.json_files import ENDINGS, JsonReader
from pipelines.sources.json_places import read_once, with_members
from pipelines.sources.record_files import RecordFiles, extract_files
from pipelines.sources.records import FILE_REMEDIES, REMEDIES, Field, json_sql, table_of
from pipelines.sources.rest import (
    Api,
    ApiError,
    KeyRefusedError,
    NumberPaginator,
    read_admin_key,
    read_base_url,
    read_retries,
)

NAME = "cloudflare_ai_gateway"
DEFAULT_BASE_URL = "https://api.cloudflare.com/client/v4"
LARGEST_PAGE = 50
FIELDS = (
    Field("log_id", path="id"),
    Field("created_at", "moment", also=("bursar_file_moment",), is_required=True),
    Field("gateway_id"),
    Field("provider"),
    Field("model"),
    Field("model_type"),
    Field("request_type"),
    Field("status_code", "count"),
    Field("is_success", "flag", path="success"),
    Field("is_cached", "flag", path="cached"),
    Field("is_rate_limited", "flag", path="rate_limited"),
    Field("step", "count"),
    Field("tokens_in", "count"),
    Field("tokens_out", "count"),
    Field("cost", "decimal"),
    Field("has_custom_cost", "flag", path="custom_cost"),
    Field("duration_ms", "decimal", path="duration"),
    Field(
        "user_id",
        path="metadata.user_id",
        also=("metadata.userId", "metadata.user", "metadata.user_email", "metadata.email"),
        is_personal=True,
    ),
    Field("metadata", "json"),
)
TABLES = {"logs": table_of(FIELDS)}
Rows = Iterator[tuple[str, pa.Table]]

# Logpush names a file after its first and last moment: 20260418T000210Z_20260418T000240Z_…log.gz.
FILE_MOMENT = """strftime(
    try_strptime(regexp_extract(path, '[0-9]{8}T[0-9]{6}Z'), '%Y%m%dT%H%M%SZ'), '%Y-%m-%d %H:%M:%S'
)"""
# Names that differ in their capitals alone are one name to DuckDB.
LOGPUSH_NAMES = {
    "created_at": "Datetime",
    "gateway_id": "Gateway",
    "provider": "Provider",
    "model": "Model",
    "status_code": "StatusCode",
    "cached": "Cached",
    "rate_limited": "RateLimited",
}
RESULTS = (
    "case when json_type(json, '$.result') = 'ARRAY' then json_extract(json, '$.result[*]') end"
)


def typed_sql(context: LoadContext, lines: str, *, moment: str = "null") -> str:
    """Return SQL of typed records, of a relation of source_line, fault, json and perhaps path."""
    # Metadata is JSON inside a text; what is none (encrypted, say) is not kept.
    text = "json_extract_string(json, '$.metadata')"
    plain = f"case when json_valid({text}) and json_type({text}) = 'OBJECT' then {text}::json end"
    pairs = [
        f"'{name}', coalesce(json_extract(json, '$.{name}'), json_extract(json, '$.{word}'))"
        for name, word in LOGPUSH_NAMES.items()
    ]
    told = f"json_object({', '.join(pairs)}, 'metadata', {plain}, 'bursar_file_moment', {moment})"
    read, (told,) = read_once([told])
    return json_sql(
        FIELDS,
        context,
        f"""
            select source_line, fault,
                case when fault is null then {with_members(told)} else json end as json
            from (select *, {read} from ({lines}))
        """,
    )


FILES = RecordFiles(
    "logs",
    "created_at",
    (
        JsonReader(
            partial(typed_sql, moment=FILE_MOMENT),
            FILE_REMEDIES,
            records_of=RESULTS,
            endings=(*ENDINGS, ".log", ".log.gz"),
        ),
    ),
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files or gateways are named."""
    return bool(settings.get_list("files") or settings.get_list("gateways"))


def extract(context: LoadContext) -> Rows:
    """Yield what the lake does not hold yet; a gateway that fails does not keep the others out."""
    parts: list[Rows] = []
    if context.settings.get_list("files"):
        parts.append(extract_files(context, FILES))
    if gateways := context.settings.get_list("gateways"):
        parts.append(_extract_gateways(context, _api(context.settings), gateways))
    yield from chain.from_iterable(parts)


def _api(settings: SourceSettings) -> Api:
    if not settings.get("account_id"):
        raise SettingsError(
            f"{NAME} has gateways and no account: set SOURCES__CLOUDFLARE_AI_GATEWAY__ACCOUNT_ID."
        )
    return Api(
        name="Cloudflare",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=BearerTokenAuth(read_admin_key(settings)),
        key_remedy="set SOURCES__CLOUDFLARE_AI_GATEWAY__ADMIN_KEY to a token with AI Gateway Read.",
        retries=read_retries(settings),
    )


def _extract_gateways(context: LoadContext, api: Api, gateways: list[str]) -> Rows:
    for gateway in gateways:
        try:
            yield from _extract_gateway(context, api, gateway)
        except KeyRefusedError as failure:
            context.fail_later(str(failure))
            return
        except ApiError as failure:
            context.fail_later(str(failure))


def _extract_gateway(context: LoadContext, api: Api, gateway: str) -> Rows:
    settings = context.settings
    account = str(settings.get("account_id"))
    path = f"/accounts/{quote(account, safe='')}/ai-gateway/gateways/{quote(gateway, safe='')}/logs"
    parts = max(1, settings.get_int("questions_a_day", 4))
    kind = Daily(
        endpoint=f"logs/{gateway}",
        table="logs",
        location=path,
        records="$.result[*]",
        moment="created_at",
        columns=TABLES["logs"],
        typed_sql=typed_sql,
        given={"gateway_id": gateway},
        remedies=REMEDIES,
    )

    def ask(day: date) -> Iterator[str]:
        begin = datetime.combine(day, time(), tzinfo=UTC)
        for number in range(parts):
            start, end = (begin + timedelta(1) * n / parts for n in (number, number + 1))
            params = {
                "start_date": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                "end_date": f"{end:%Y-%m-%dT%H:%M:%SZ}",
                "order_by": "created_at",
                "order_by_direction": "asc",
            }
            paginator = NumberPaginator(records="result", size=LARGEST_PAGE, page_size="per_page")
            yield from api.pages(path, params=params, paginator=paginator, records="result")

    yield from load_days(context, kind, ask, first=read_first_day(settings, context.now))
