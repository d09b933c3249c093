"""Types the texts of a FOCUS file in SQL and says of each row why it cannot be taken."""

from __future__ import annotations

from pipelines.sources.focus.columns import (
    ALL_COLUMNS,
    JSON_OBJECTS,
    LOCAL_TIMES,
    MANDATORY,
    NUMBERS,
    TIMES,
    Header,
    snake_case,
)
from pipelines.sources.limits import LARGEST_AMOUNT


def shape_sql(header: Header, *, unit_sql: str, email_sql: str) -> str:
    """Return SQL from `records` to typed rows with `problem` and `problem_column` (null = good).

    Parameters: $names, $positions (the other columns) and $version.
    """
    typed = ",\n            ".join(
        f"{_typed_sql(name)} as {snake_case(name)}" for name in ALL_COLUMNS
    )
    texts = ",\n            ".join(
        f"bursar_text(fields[{position}]) as text_{snake_case(name)}"
        if (position := header.positions.get(name))
        else f"cast(null as varchar) as text_{snake_case(name)}"
        for name in ALL_COLUMNS
    )
    names = ", ".join(snake_case(name) for name in ALL_COLUMNS)
    return f"""
    with texts as (
        select line_number, fields, {texts}
        from records
    ),

    typed as (
        select *, {typed}
        from texts
    ),

    checked as (
        select *, {_first_problem_sql(header)} as problem_at
        from typed
        where not coalesce(list_bool_and(list_transform(
            fields, lambda field: bursar_text(field) is null
        )), false)
    )

    select
        {unit_sql} as load_unit_id,
        line_number as source_line,
        {names},
        bursar_time(text_billing_period_end) as billed_until,
        $version as focus_version,
        {_others_sql(header, email_sql)} as x_columns,
        split_part(problem_at, ':', 1) as problem,
        split_part(problem_at, ':', 2) as problem_column
    from checked
    """


def _typed_sql(name: str) -> str:
    text = f"text_{snake_case(name)}"
    if name in NUMBERS:
        return f"bursar_number({text})"
    if name in LOCAL_TIMES:
        return f"bursar_stated_time({text})"
    if name in TIMES:
        return f"bursar_time({text})"
    return f"bursar_object({text})" if name in JSON_OBJECTS else text


def _first_problem_sql(header: Header) -> str:
    """Return SQL of `reason:Column` for the first fault of a row."""
    cases = ["when fields is null then 'wrong_field_count:'"]
    cases += [
        f"when text_{snake_case(name)} is null then 'missing_value:{name}'" for name in MANDATORY
    ]
    for names, reason, is_good in (
        (NUMBERS, "bad_number", f"abs({{}}) <= {LARGEST_AMOUNT}"),
        (TIMES, "bad_timestamp", "{} is not null"),
    ):
        cases += [
            f"when text_{snake_case(name)} is not null "
            f"and not coalesce({is_good.format(snake_case(name))}, false) "
            f"then '{reason}:{name}'"
            for name in names
            if name in header.positions
        ]
    return f"case {' '.join(cases)} end"


def _others_sql(header: Header, email_sql: str) -> str:
    if not header.other_positions:
        return "cast(null as varchar)"
    return f"""
        cast(to_json(nullif(map_from_entries(list_filter(
            list_transform($positions, lambda place, number: {{
                'k': $names[number],
                'v': {email_sql.format(field="bursar_text(fields[place])")}
            }}),
            lambda entry: entry.v is not null
        )), map {{}})) as varchar)"""
