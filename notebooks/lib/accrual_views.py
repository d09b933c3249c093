"""The view of what is used and not billed yet: estimates, beside the statements."""

import marimo as mo
import polars as pl

from notebooks.lib import formats, parts, tables
from notebooks.lib.chargeback_close import total
from notebooks.lib.formats import money, month_name
from notebooks.lib.statements import TeamsSelection
from notebooks.lib.tables import file_name


def accrual_lead(rows: pl.DataFrame, chosen: TeamsSelection) -> str:
    """Return what the estimates come to, and of how many days nothing is known."""
    if rows.is_empty():
        return "Every day of it is billed."
    said = f"{money(total(rows, 'accrued_cost'), chosen.currency)} by estimate, on no statement"
    if unknown := int(rows["unknown_day_count"].sum()):
        said += f"; of {formats.count(unknown)} days of teams and accounts more may come"
    return f"{said}."


def accrual_table(rows: pl.DataFrame, chosen: TeamsSelection) -> mo.Html:
    """Return one line per team and account, each an estimate."""
    if rows.is_empty():
        return parts.empty(f"Nothing of {month_name(chosen.month)} waits for a bill.")
    titles = {
        "team_name": "Team",
        "service_provider_name": "Provider",
        "billing_account_id": "Account",
        "amount_kind": "Kind",
        "accrued_cost": f"Not billed yet, {chosen.currency}",
        "day_count": "Days",
        "unknown_day_count": "Of them unknown",
        "first_date": "From",
        "last_date": "To",
        "cost_center_id": "Cost center",
        "posting_date": "Post on",
        "reversal_date": "Turn back on",
    }
    return tables.show(
        tables.with_currency(rows, chosen),
        titles=titles,
        file_name=file_name("accruals", chosen),
        label="Download estimates as CSV",
        notes="Estimates of usage, never added to what is billed.",
    )
