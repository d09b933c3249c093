"""Takes Copilot's answers apart, in SQL: bills, seats, and three generations of the metrics."""

from __future__ import annotations

_COMPLETIONS = "copilot_ide_code_completions.editors[*].models[*].languages[*]"


def _sum(day: str, *paths: str) -> str:
    """Return SQL for the sum of a count over all places of a record; NULL where there is none."""
    found = " || ".join(f"json_extract({day}, '$.{path}')" for path in paths)
    return f"list_sum(list_transform({found}, lambda one: try_cast(one as bigint)))"


def _metrics_day(day: str) -> str:
    """Return SQL for a day of the second generation with its nested counts summed up."""
    return f"""json_merge_patch({day}, json_object(
        'generation', 'metrics',
        'total_suggestions_count', {_sum(day, f"{_COMPLETIONS}.total_code_suggestions")},
        'total_acceptances_count', {_sum(day, f"{_COMPLETIONS}.total_code_acceptances")},
        'total_lines_suggested', {_sum(day, f"{_COMPLETIONS}.total_code_lines_suggested")},
        'total_lines_accepted', {_sum(day, f"{_COMPLETIONS}.total_code_lines_accepted")},
        'total_chat_turns', {
        _sum(
            day,
            "copilot_ide_chat.editors[*].models[*].total_chats",
            "copilot_dotcom_chat.models[*].total_chats",
        )
    }
    ))"""


def _told(record: str, document: str) -> str:
    """Return SQL for a record of a report: what the report says of itself stands in it too."""
    names = ("organization_id", "enterprise_id", "report_day")
    patch = ", ".join(f"'{name}', json_extract({document}, '$.{name}')" for name in names)
    return f"""json_merge_patch(
        json_object('generation', 'report', {patch}), {record}
    )"""


def activity_of(document: str) -> str:
    """Return SQL for the list of days, or of persons' days, that one document holds."""

    def within(name: str) -> str:
        return f"""when json_type({document}, '$.{name}') = 'ARRAY' then list_transform(
            json_extract({document}, '$.{name}[*]'), lambda record: {_told("record", document)}
        )"""

    return f"""case
        {within("day_totals")}
        {within("user_totals")}
        when json_type({document}, '$.total_engaged_users') is not null
            or json_type({document}, '$.copilot_ide_code_completions') is not null
            then [{_metrics_day(document)}]
        when json_type({document}, '$.total_suggestions_count') is not null
            then [json_merge_patch({document}, json_object('generation', 'usage'))]
        when json_type({document}) = 'OBJECT'
            then [{_told(document, document)}]
    end"""


ACTIVITY_OF = activity_of("json")
"""SQL of the records that the JSON document `json` of a file holds."""

ACTIVITY_PAGE = f"""cast(json_object('records', case
    when json_type(body) = 'ARRAY' then flatten(list_transform(
        json_extract(body, '$[*]'), lambda page: {activity_of("page")}
    ))
    else {activity_of("cast(body as json)")}
end) as varchar)"""
"""SQL of a page whose `records` are those of whatever generation answered."""

_PERIOD = "json_extract_string(json, '$.timePeriod.{}')"
# The answer says once which period, account and person it is about, its items do not.
BILL_ITEMS_OF = f"""case when json_type(json, '$.usageItems') = 'ARRAY' then list_transform(
    json_extract(json, '$.usageItems[*]'), lambda item: json_merge_patch(
        json_object(
            'date', {_PERIOD.format("year")}
                || '-' || lpad({_PERIOD.format("month")}, 2, '0')
                || '-' || lpad(coalesce({_PERIOD.format("day")}, '1'), 2, '0'),
            'is_month', {_PERIOD.format("day")} is null,
            'organization', json_extract(json, '$.organization'),
            'user', json_extract(json, '$.user')
        ), item
    )
) end"""
SEATS_OF = (
    "case when json_type(json, '$.seats') = 'ARRAY' then json_extract(json, '$.seats[*]') end"
)
# The answer bears no date: the file's name has to.
FILE_DAY = "nullif(regexp_extract(path, '([0-9]{4}-[0-9]{2}-[0-9]{2})[^/]*$', 1), '')"
