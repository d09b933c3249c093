"""Traces of runs by OpenTelemetry: off, unless OTEL_EXPORTER_OTLP_ENDPOINT says whereto.

Spans: the command, each source's load, the build, each node of dbt, the publication. They carry
names, counts and durations; no record, no setting and no message of a failure.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode

from pipelines.config import SettingsError, has_trace_endpoint

_tracer = trace.get_tracer("bursar", version("bursar"))


def configure() -> None:
    """Send spans where the environment says; SettingsError where the packages are missing."""
    if not has_trace_endpoint():
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and the packages for it are missing: "
            "install bursar[otel], or unset it."
        ) from None
    # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, where set, win over the name.
    resource = Resource({"service.name": "bursar"}).merge(OTELResourceDetector().detect())
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    atexit.register(provider.shutdown)


@contextmanager
def span(name: str, **attributes: Any) -> Iterator[Span]:
    """Measure what is done inside; a failure marks the span, its message stays out of it."""
    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as failure:
            if isinstance(failure, SystemExit) and not failure.code:
                raise
            current.set_status(StatusCode.ERROR, type(failure).__name__)
            raise


def add_nodes(results: Iterable[Mapping[str, Any]]) -> None:
    """Add a span for each node of dbt's `run_results.json`, with the times that it states."""
    for result in results:
        times = {timing["name"]: timing for timing in result.get("timing", ())}
        if "execute" not in times or not times["execute"].get("completed_at"):
            continue
        began, ended = (
            int(datetime.fromisoformat(times["execute"][name]).timestamp() * 1e9)
            for name in ("started_at", "completed_at")
        )
        node = _tracer.start_span(
            f"dbt {result['unique_id'].split('.')[0]}",
            start_time=began,
            attributes={"dbt.unique_id": result["unique_id"], "dbt.status": result["status"]},
        )
        if result["status"] in ("error", "fail"):
            node.set_status(StatusCode.ERROR)
        node.end(end_time=ended)
