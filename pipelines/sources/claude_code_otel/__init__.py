"""Claude Code's OpenTelemetry metrics: tokens, estimated costs, sessions; see README.md.

Loads raw_claude_code_otel.points from OTLP JSON, as the collector's file exporter writes it.
Guards against: sums since the start taken for increases (staging keeps how they count), the order
of attributes (a series is what they are), people (pseudonyms), other programs' metrics.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.claude_code_otel.documents import POINTS_OF
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "claude_code_otel"
FIELDS = (
    Field("metric_name", path="name", is_required=True),
    Field("temporality"),
    Field("is_monotonic", "flag", path="isMonotonic"),
    # It holds persons, so that it is hashed as they are.
    Field("series_id", path="series", is_required=True, is_personal=True),
    Field("started_at", "moment", path="startTimeUnixNano"),
    Field("observed_at", "moment", path="timeUnixNano", is_required=True),
    Field("value", "decimal", path="asInt", also=("asDouble",), is_required=True),
    Field("unit"),
    Field("session_id", path=("attributes", "session.id")),
    Field(
        "user_id",
        path=("attributes", "user.email"),
        also=(
            ("resource", "user.email"),
            ("attributes", "user.account_uuid"),
            ("attributes", "user.id"),
        ),
        is_personal=True,
    ),
    Field("anthropic_organization_id", path=("attributes", "organization.id")),
    Field("terminal_type", path=("attributes", "terminal.type")),
    Field("model", path=("attributes", "model")),
    Field("point_type", path=("attributes", "type")),
    Field("service_version", path=("resource", "service.version")),
)
TABLES = {"points": table_of(FIELDS)}
POINTS = declared_files("points", FIELDS, covers="observed_at", records_of=POINTS_OF)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the points that the lake does not hold yet."""
    yield from extract_files(context, POINTS)
