"""Takes OTLP documents apart: resources hold scopes, scopes hold spans, attributes are lists."""

from __future__ import annotations

from pipelines.sources.otlp import attributes, inside

_SPAN = f"""json_object(
    'traceId', {inside("span", "traceId")},
    'spanId', {inside("span", "spanId")},
    'parentSpanId', {inside("span", "parentSpanId")},
    'name', {inside("span", "name")},
    'startTimeUnixNano', {inside("span", "startTimeUnixNano")},
    'endTimeUnixNano', {inside("span", "endTimeUnixNano")},
    'status', {inside("span", "status.code")},
    'scope', {inside("scope", "scope.name")},
    'resource', {attributes(inside("resource", "resource"))},
    'attributes', {attributes("span")}
)"""

SPANS_OF = f"""
    case when json_type(json, '$.resourceSpans') = 'ARRAY' then flatten(list_transform(
        json_extract(json, '$.resourceSpans[*]'), lambda resource: flatten(list_transform(
            json_extract(resource, '$.scopeSpans[*]'), lambda scope: list_transform(
                json_extract(scope, '$.spans[*]'), lambda span: {_SPAN}
            )
        ))
    )) end
"""
"""SQL of the spans that the document `json` holds; what is no document stays one record."""
