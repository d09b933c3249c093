"""What a monitor reads at /metrics: the publication's age and each source's accounts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from notebooks.lib import publication

OUTCOMES = ("loaded", "quarantined", "duplicate")
_SOURCES = """
    select
        source_name,
        epoch(max(last_load_at)) as last_load,
        epoch(min(complete_to)) as complete_to,
        sum(records_loaded) as loaded,
        sum(records_quarantined) as quarantined,
        sum(records_duplicate) as duplicate
    from source_freshness
    group by source_name
    order by source_name
"""


def render(home: Path, *, now: datetime | None = None) -> bytes:
    """Return the metrics of a home in Prometheus's text format; UTC, seconds since 1970."""
    registry = CollectorRegistry()
    published = Gauge("bursar_published", "1 where something is published.", registry=registry)
    try:
        _, connection = publication.connect(publication.published_path(home))
    except publication.PublicationMissingError:
        published.set(0)
        return generate_latest(registry)
    with connection:
        current = publication.read_publication(connection)
        sources = connection.execute(_SOURCES).fetchall()
        [(unpriced,)] = connection.execute("select sum(tokens) from unpriced_usage").fetchall()
    published.set(1)
    stale = publication.stale_reasons(current, now=now or datetime.now(UTC))
    _gauge(registry, "published_at_seconds", "When it was published.", _epoch(current.published_at))
    _gauge(
        registry,
        "data_complete_to_seconds",
        "To when every source is complete.",
        _epoch(current.data_complete_to),
    )
    _gauge(registry, "stale", "1 where the apps show a warning.", float(bool(stale)))
    _gauge(registry, "unpriced_tokens", "Tokens that no price covers.", float(unpriced or 0))
    last_load = _by_source(registry, "source_last_load_seconds", "When a source last loaded.")
    complete = _by_source(registry, "source_complete_to_seconds", "To when it is complete.")
    records = _by_source(registry, "source_records", "Records as they stand.", "outcome")
    for name, loaded_at, complete_to, *counts in sources:
        last_load.labels(name).set(loaded_at)
        if complete_to is not None:
            complete.labels(name).set(complete_to)
        for outcome, count in zip(OUTCOMES, counts, strict=True):
            records.labels(name, outcome).set(count)
    return generate_latest(registry)


def _gauge(registry: CollectorRegistry, name: str, text: str, value: float | None) -> None:
    if value is not None:
        Gauge(f"bursar_{name}", text, registry=registry).set(value)


def _by_source(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"bursar_{name}", text, ["source", *labels], registry=registry)


def _epoch(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None
