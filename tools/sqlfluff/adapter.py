"""Stands in for dbt's adapter while sqlfluff renders the models: no warehouse is there."""

from collections.abc import Callable


def dispatch(name: str) -> Callable[..., str]:
    """Return a macro that renders as a call of its own name, or as a query where it is one."""
    if name == "days_between":
        return lambda first, last: f"select {first} as calendar_date, {last} as last_date"
    if name == "tag_entries":
        return lambda relation, text: f"select {text}, tag_key, tag_value from {relation}"
    if name == "words_of":
        return lambda relation, columns, _: f"select {', '.join(columns)}, word from {relation}"
    if name == "json_list_count":
        return lambda json, *texts: f"{name}({', '.join([json, *(repr(text) for text in texts)])})"
    return lambda *arguments: f"{name}({', '.join(str(argument) for argument in arguments)})"


def get_relation(**_: str) -> str:
    """Return a relation as if it were there, so that its branch is linted too."""
    return "core.relation"
