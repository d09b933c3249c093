"""Takes OTLP documents apart, in SQL: attributes are lists of `{key, value: {stringValue}}`."""

from __future__ import annotations


def inside(place: str, path: str) -> str:
    """Return SQL for what lies at a path of a JSON value."""
    return f"json_extract({place}, '$.{path}')"


def _members(place: str) -> str:
    kinds = ("string", "int", "double", "bool")
    # Each JSON function parses the attribute: one for all five.
    paths = ["$.key", *(f"$.value.{kind}Value" for kind in kinds)]
    read = f"""list_transform(
        json_extract({place}, '$.attributes[*]'), lambda one: json_extract(one, {paths})
    )"""
    member = """case when starts_with(cast(read[1] as varchar), '"') then
        cast(read[1] as varchar) || ':'
        || cast(coalesce(read[2], read[3], read[4], read[5]) as varchar)
    end"""
    return f"""list_filter(
        list_transform({read}, lambda read: {member}), lambda text: text is not null
    )"""


def attributes(place: str) -> str:
    """Return SQL for the attributes as one object; nested values, where messages are, are left out.

    Of a key that stands twice the first value counts.
    """
    return f"cast('{{' || array_to_string({_members(place)}, ',') || '}}' as json)"


def identity(place: str) -> str:
    """Return SQL for a text that is the same for the same attributes, in whatever order."""
    return f"array_to_string(list_sort({_members(place)}), ',')"
