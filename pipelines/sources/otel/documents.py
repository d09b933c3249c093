"""Takes OTLP documents apart: resources hold scopes, scopes hold spans, attributes are lists."""

from __future__ import annotations


def _inside(place: str, path: str) -> str:
    return f"json_extract({place}, '$.{path}')"


def _attributes(place: str) -> str:
    """Return SQL for a list of `{key, value: {stringValue}}` as one object; of nested ones none."""
    values = ", ".join(
        _inside("one", f"value.{kind}Value") for kind in ("string", "int", "double", "bool")
    )
    member = f"""case when json_type(one, '$.key') = 'VARCHAR' then
        cast({_inside("one", "key")} as varchar) || ':' || cast(coalesce({values}) as varchar)
    end"""
    members = f"""list_filter(
        list_transform(json_extract({place}, '$.attributes[*]'), lambda one: {member}),
        lambda text: text is not null
    )"""
    # Of a key that stands twice the first value counts.
    return f"cast('{{' || array_to_string({members}, ',') || '}}' as json)"


_SPAN = f"""json_object(
    'traceId', {_inside("span", "traceId")},
    'spanId', {_inside("span", "spanId")},
    'parentSpanId', {_inside("span", "parentSpanId")},
    'name', {_inside("span", "name")},
    'startTimeUnixNano', {_inside("span", "startTimeUnixNano")},
    'endTimeUnixNano', {_inside("span", "endTimeUnixNano")},
    'status', {_inside("span", "status.code")},
    'scope', {_inside("scope", "scope.name")},
    'resource', {_attributes(_inside("resource", "resource"))},
    'attributes', {_attributes("span")}
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
