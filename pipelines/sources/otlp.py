"""Takes OTLP documents apart, in SQL: attributes are lists of `{key, value: {stringValue}}`."""

from __future__ import annotations


def inside(place: str, path: str) -> str:
    """Return SQL for what lies at a path of a JSON value."""
    return f"json_extract({place}, '$.{path}')"


def _members(place: str) -> str:
    values = ", ".join(
        inside("one", f"value.{kind}Value") for kind in ("string", "int", "double", "bool")
    )
    member = f"""case when json_type(one, '$.key') = 'VARCHAR' then
        cast({inside("one", "key")} as varchar) || ':' || cast(coalesce({values}) as varchar)
    end"""
    return f"""list_filter(
        list_transform(json_extract({place}, '$.attributes[*]'), lambda one: {member}),
        lambda text: text is not null
    )"""


def attributes(place: str) -> str:
    """Return SQL for the attributes as one object; nested values, where messages are, are left out.

    Of a key that stands twice the first value counts.
    """
    return f"cast('{{' || array_to_string({_members(place)}, ',') || '}}' as json)"


def identity(place: str) -> str:
    """Return SQL for a text that is the same for the same attributes, in whatever order."""
    return f"array_to_string(list_sort({_members(place)}), ',')"
