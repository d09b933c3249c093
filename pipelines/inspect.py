"""Read-only looks at a home: its publication, its accounts, what it refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipelines.build import read_state
from pipelines.config import Settings, SettingsError
from pipelines.machine import READING
from pipelines.publish import require_publication

_STATUS = """
    select
        source_name,
        max(last_load_at) as last_load_at,
        min(complete_to) as complete_to,
        sum(records_read)::bigint as records_read,
        sum(records_loaded)::bigint as records_loaded,
        sum(records_quarantined)::bigint as records_quarantined,
        sum(records_duplicate)::bigint as records_duplicate,
        coalesce((
            select sum(tokens)
            from unpriced_usage
            where unpriced_usage.source_name = source_freshness.source_name
        ), 0)::bigint as unpriced_tokens
    from source_freshness
    group by source_name
    order by source_name
"""
_DECISIONS = """
    select
        decision_line, problem, ai_service_id, team_id, plan_name,
        coalesce((
            select max(location) from load_unit_accounts
            where source_name = 'org' and load_unit_id = 'file:ai_service_decisions.csv'
        ), 'ai_service_decisions.csv') as location
    from dim_ai_service_decisions
    where problem is not null
    order by decision_line
"""
_ACCEPTANCES = """
    select
        acceptance_line, team_id, billing_month, billing_currency,
        coalesce((
            select max(location) from load_unit_accounts
            where source_name = 'org' and load_unit_id = 'file:statement_acceptances.csv'
        ), 'statement_acceptances.csv') as location
    from dim_statement_acceptances
    where problem is not null
    order by acceptance_line
"""
# What a decision names that nobody knows: its column, and what to do.
_UNKNOWN = {
    "unknown_service": (
        "ai_service_id",
        "is no service of seeds/reference/ai_services.csv, nor a provider of bills and usage "
        "(lower case, _ for blanks): mend ai_service_id",
    ),
    "unknown_team": ("team_id", "is no team of teams.csv or owners.csv: mend team_id, or add it"),
    "unknown_plan": (
        "plan_name",
        "is no plan of a list of seats or of seat_prices.csv: mend plan_name, or add it there",
    ),
}


@dataclass(frozen=True)
class Rows:
    """A query's answer."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return each row by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def query_publication(
    settings: Settings, query: str, parameters: dict[str, Any] | None = None
) -> Rows:
    """Return a query's rows; raise SettingsError where nothing is published or it is wrong."""
    path = require_publication(settings)
    # Read-only is not enough: without external access a query can neither read nor write files.
    with duckdb.connect(str(path), read_only=True, config=READING) as connection:
        try:
            cursor = connection.execute(query, parameters)
            if cursor is None:
                raise SettingsError("The query is empty: give one select statement.")
            columns = [column[0] for column in cursor.description or []]
            return Rows(columns, cursor.fetchall())
        except duckdb.Error as error:
            raise SettingsError(f"The query failed: {' '.join(str(error).split())}") from None


def read_status(settings: Settings) -> dict[str, Any]:
    """Return the accounts per source, the last build and the last publication."""
    about = query_publication(settings, "select * from publication").as_dicts()[0]
    age = datetime.now(tz=UTC).replace(tzinfo=None) - about["published_at"]
    return {
        "sources": query_publication(settings, _STATUS).as_dicts(),
        "publication": {**about, "age_hours": round(age.total_seconds() / 3600, 1)},
        "last_build": {
            "publication_id": read_state(settings).get("publication"),
            "home": str(settings.home),
        },
    }


def decision_warnings(settings: Settings) -> list[str]:
    """Return a sentence for each line of the policy folder's files that decides nothing."""
    if not settings.publication_path.exists():
        return []
    of_services = [
        f"{row['location']} line {row['decision_line']} decides nothing: {row[column]!r} {what}."
        for row in _told(settings, _DECISIONS)
        for column, what in [_UNKNOWN[row["problem"]]]
    ]
    return of_services + [
        f"{row['location']} line {row['acceptance_line']} decides nothing: {row['team_id']!r} has "
        f"no statement of {row['billing_month']:%Y-%m} in {row['billing_currency']!r}: mend it, or "
        "wait for the bill."
        for row in _told(settings, _ACCEPTANCES)
    ]


def _told(settings: Settings, query: str) -> list[dict[str, Any]]:
    """Return a query's rows; a publication of an earlier version does not tell."""
    try:
        return query_publication(settings, query).as_dicts()
    except SettingsError:
        return []
