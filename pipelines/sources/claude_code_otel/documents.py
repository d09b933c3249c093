"""Takes OTLP metrics apart: resources hold scopes, scopes metrics, metrics points of a sum."""

from __future__ import annotations

from pipelines.sources.otlp import attributes, identity, inside

_SERIES = " || '|' || ".join((
    inside("metric", "name").replace("json_extract", "json_extract_string"),
    identity(inside("resource", "resource")),
    identity("point"),
))  # fmt: skip
_POINT = f"""json_object(
    'name', {inside("metric", "name")},
    'unit', {inside("metric", "unit")},
    'temporality', {inside("metric", "sum.aggregationTemporality")},
    'isMonotonic', {inside("metric", "sum.isMonotonic")},
    'startTimeUnixNano', {inside("point", "startTimeUnixNano")},
    'timeUnixNano', {inside("point", "timeUnixNano")},
    'asInt', {inside("point", "asInt")},
    'asDouble', {inside("point", "asDouble")},
    'series', {_SERIES},
    'resource', {attributes(inside("resource", "resource"))},
    'attributes', {attributes("point")}
)"""

POINTS_OF = f"""
    case when json_type(json, '$.resourceMetrics') = 'ARRAY' then flatten(list_transform(
        json_extract(json, '$.resourceMetrics[*]'), lambda resource: flatten(list_transform(
            json_extract(resource, '$.scopeMetrics[*]'), lambda scope: flatten(list_transform(
                list_filter(
                    json_extract(scope, '$.metrics[*]'),
                    lambda metric: starts_with(
                        json_extract_string(metric, '$.name'), 'claude_code.'
                    )
                ),
                lambda metric: list_transform(
                    json_extract(metric, '$.sum.dataPoints[*]'), lambda point: {_POINT}
                )
            ))
        ))
    )) end
"""
"""SQL of the points of Claude Code's sums in the document `json`; what is none stays one record."""
