"""Stands in for dbt's own macros while sqlfluff renders the models."""


def type_string() -> str:
    """Return the name that dbt gives text on DuckDB."""
    return "varchar"
