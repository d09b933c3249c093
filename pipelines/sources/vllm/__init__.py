"""vLLM's counters: what engines that the organisation runs itself have served, sample by sample.

Loads raw_vllm.samples from saved pages of `/metrics` or `/federate`, from saved answers of
Prometheus, and from Prometheus' own API, a UTC day a unit. Units and semantics: README.md.
Guards against: samples without an instance (sums over engines hide restarts) and without a time.
What a counter has increased by, restarts included, is worked out in models, not here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import chain

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

from pipelines.config import SettingsError, SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.days import BrokenDayError, Daily, load_days, read_first_day
from pipelines.sources.exposition import ExpositionReader, samples_sql
from pipelines.sources.json_files import JsonReader
from pipelines.sources.record_files import RecordFiles, extract_files
from pipelines.sources.records import FILE_REMEDIES, REMEDIES, Field, json_sql, table_of
from pipelines.sources.rest import Api, ApiError, read_base_url, read_retries

NAME = "vllm"
PATH = "/api/v1/query_range"
FIELDS = (
    Field("metric_name", path="metric.__name__", is_required=True),
    Field("sampled_at", "moment", path="at", is_required=True),
    Field("value", "decimal", is_required=True),
    Field("shape"),
    Field("instance", path="metric.instance", is_required=True),
    Field("engine", path="metric.engine", also=("metric.engine_index",)),
    Field("model_name", path="metric.model_name", also=("metric.model",)),
    Field("token_source", path="metric.source"),
    Field("finished_reason", path="metric.finished_reason"),
    Field("pool", path="metric.pool", also=("metric.node_pool", "metric.nodepool")),
    Field("cluster", path="metric.cluster"),
    Field("job", path="metric.job"),
    Field("pod", path="metric.pod", also=("metric.kubernetes_pod_name",)),
    Field("node", path="metric.node", also=("metric.kubernetes_node", "metric.nodename")),
    Field("replica", path="metric.prometheus_replica", also=("metric.__replica__",)),
)
TABLES = {"samples": table_of(FIELDS)}
COUNTERS = (
    "prompt_tokens", "prompt_tokens_by_source", "prompt_tokens_cached", "prefix_cache_hits",
    "generation_tokens", "request_success",
)  # fmt: skip
STARTED = "process_start_time_seconds"
# Exporters between may write `vllm_`, and leave `_total` away.
TAKEN = rf"vllm[:_]({'|'.join(COUNTERS)}|num_requests_running)(_total)?|{STARTED}"
MENDING = {
    "missing_text": "A sample needs a metric name and an instance label; of a page without one, "
    "say it in a line `# scraped_at <time> instance=<name>` before the page.",
    "bad_timestamp": "A sample needs a time; of a page without one, say it in a line "
    "`# scraped_at <time>` before the page, or in the file's name.",
}
SAMPLES_OF = samples_sql("json")
SAMPLES = RecordFiles(
    "samples",
    "sampled_at",
    (
        JsonReader(partial(json_sql, FIELDS), FILE_REMEDIES | MENDING, records_of=SAMPLES_OF),
        ExpositionReader(partial(json_sql, FIELDS), FILE_REMEDIES | MENDING),
    ),
    passes_over=f"not regexp_full_match(metric_name, '{TAKEN}')",
)
Rows = Iterator[tuple[str, pa.Table]]


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files or a Prometheus are named."""
    return bool(settings.get_list("files") or settings.get("base_url"))


def extract(context: LoadContext) -> Rows:
    """Yield the samples that the lake does not hold yet."""
    parts: list[Rows] = []
    if context.settings.get_list("files"):
        parts.append(extract_files(context, SAMPLES))
    if context.settings.get("base_url"):
        parts.append(_extract_api(context))
    yield from chain.from_iterable(parts)


def questions(selector: str) -> Iterator[str]:
    """Yield a query for each metric; whose process it is says the engine beside it."""
    for name in COUNTERS:
        yield f"vllm:{name}_total{{{selector}}}"
    running = f"vllm:num_requests_running{{{selector}}}"
    yield running
    yield f"{STARTED} and on (instance, job) {running}"


def _extract_api(context: LoadContext) -> Rows:
    settings = context.settings
    step = settings.get_int("step_seconds", 60)
    if not 10 <= step <= 600:
        raise SettingsError(
            f"{settings.environment_name('step_seconds')} is {step}: give 10 to 600 seconds."
        )
    key = settings.get_secret("admin_key")
    tenant = str(settings.get("tenant", "") or "")
    api = Api(
        name="Prometheus",
        base_url=read_base_url(settings, "", has_key=bool(key)),
        auth=BearerTokenAuth(str(key).strip()) if key else None,
        key_remedy="set SOURCES__VLLM__ADMIN_KEY to a token that may query.",
        headers={"X-Scope-OrgID": tenant} if tenant else {},
        retries=read_retries(settings),
    )
    kind = Daily(
        endpoint="samples",
        table="samples",
        location=PATH,
        records="$.samples[*]",
        moment="sampled_at",
        columns=TABLES["samples"],
        typed_sql=partial(json_sql, FIELDS),
        remedies=REMEDIES | MENDING,
    )
    selector = str(settings.get("selector", "") or "")

    def ask(day: date) -> Iterator[str]:
        begin = datetime.combine(day, time(), tzinfo=UTC)
        # Beyond now a Prometheus goes on saying the last value for minutes.
        end = min(begin + timedelta(1) - timedelta(seconds=1), context.now.astimezone(UTC))
        asked = {"start": int(begin.timestamp()), "end": int(end.timestamp()), "step": step}
        for query in questions(selector):
            params = {"query": query, **asked, "partial_response": "false"}
            for page in api.pages(
                PATH, params=params, paginator=SinglePagePaginator(), records="data.result"
            ):
                yield _samples(context, page)

    try:
        yield from load_days(context, kind, ask, first=read_first_day(settings, context.now))
    except ApiError as failure:
        context.fail_later(str(failure))


def _samples(context: LoadContext, page: str) -> str:
    """Return an answer as a list of samples; raise BrokenDayError for what is no answer."""
    with context.connection() as connection:
        is_whole = (
            "json_extract_string(body, '$.status') = 'success' "
            "and json_extract_string(body, '$.data.resultType') = 'matrix' "
            "and coalesce(json_array_length(body, '$.warnings'), 0) = 0"
        )
        [(listed,)] = connection.execute(
            f"select if({is_whole}, cast(to_json({samples_sql('body')}) as varchar), null) "
            "from (select $1::json as body)",
            [page],
        ).fetchall()
    if listed is None:
        said = json.loads(page)
        word = said.get("error") or said.get("warnings") or "no matrix"
        raise BrokenDayError(
            f"{NAME} {PATH}: Prometheus answers {str(word)[:200]!r}, so the day would lack "
            "samples; load again later."
        )
    return f'{{"samples": {listed}}}'
