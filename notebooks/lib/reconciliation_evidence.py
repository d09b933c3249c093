"""The views of what a cause was computed from, down to files and loads, and of commitments."""

import shlex
from collections.abc import Callable
from typing import Any

import marimo as mo
import polars as pl

from notebooks.lib import formats, parts, reconciliation_charts, tables
from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.evidence_views import CUT
from notebooks.lib.formats import money, month_name
from notebooks.lib.reconciliation_views import cause_names, total
from notebooks.lib.reconciliations import UNEXPLAINED, BillSelection
from notebooks.lib.tables import file_name

LOADS_SHOWN = 200
UNIT_KINDS = {"file": "File", "api": "API page", "table": "Table"}


def evidence_table(
    rows: pl.DataFrame, chosen: BillSelection, *, everything: Callable[[], pl.DataFrame]
) -> mo.Html:
    """Return one line per group of evidence of the chosen cause and line."""
    if rows.is_empty() and chosen.cause == UNEXPLAINED:
        return parts.empty(
            "What is unexplained has no evidence: it is what is left. The lines above say where."
        )
    if rows.is_empty():
        return parts.empty("No evidence for this choice: the cause has no amount here.")
    names = {cause: name for name, cause in cause_names().items()}
    titles = {
        "cause_name": "Cause",
        "evidence_date": "Day",
        "service_provider_name": "Provider",
        "ai_model_id": "Model",
        "token_class": "Token class",
        "evidence_cost": f"Cash, {chosen.currency}",
        "effective_evidence_cost": "Accrual",
        "record_count": "Records",
        "source_name": "Source",
        "first_load_unit_id": "Came in",
        "credential_id": "Key",
        "evidence_tokens": "Tokens",
        "evidence_count": "Groups",
    }
    named = pl.col("cause").replace(names).alias("cause_name")
    return tables.show(
        tables.with_currency(rows.with_columns(named), chosen),
        titles=titles,
        file_name=file_name("reconciliation_evidence", chosen),
        label="Download evidence as CSV",
        everything=lambda: tables.with_currency(everything(), chosen),
        notes="A dash: several days, money without tokens, or a comparison of two counts."
        + (f" {CUT}" if len(rows) == ROW_LIMIT else ""),
        absent=("evidence_date", "evidence_tokens", "record_count"),
    )


def load_options(rows: pl.DataFrame) -> dict[str, str]:
    """Return the loads behind the first rows of evidence: what a reader picks, its address."""
    units = (
        rows.filter(pl.col("first_load_unit_id").is_not_null())
        .select("source_name", "first_load_unit_id")
        .unique(maintain_order=True)
        .head(LOADS_SHOWN)
    )
    options = {"None": ""}
    return options | {f"{source} {unit}": f"{source} {unit}" for source, unit in units.rows()}


def load_view(
    found: pl.DataFrame, refused: pl.DataFrame, chosen: BillSelection, *, load: str
) -> mo.Html:
    """Return where the records of a load lay, what became of them, and how to see one."""
    if not load:
        return parts.empty("Choose above what a row of evidence came in.")
    if found.is_empty():
        return parts.empty(f"No load has the account of {load}.")
    kind = pl.col("unit_kind").replace(UNIT_KINDS).alias("kind")
    shown: list[Any] = [
        tables.show(
            found.with_columns(kind),
            titles={
                "kind": "Kind",
                "location": "Where it lay",
                "load_id": "Load",
                "pulled_at": "Read",
                "records_read": "Records read",
                "records_loaded": "Loaded",
                "records_quarantined": "Refused",
                "records_duplicate": "Duplicate",
                "source_name": "Source",
                "table_name": "Table",
            },
            file_name=f"bursar_load_{chosen.month:%Y-%m}.csv",
            label="Download load as CSV",
        )
    ]
    if not refused.is_empty():
        shown.append(
            tables.show(
                refused,
                titles={
                    "location": "Where",
                    "source_line": "Line",
                    "reason": "Refused because",
                    "remedy": "Remedy",
                },
                file_name=f"bursar_load_refused_{chosen.month:%Y-%m}.csv",
                label="Download refusals as CSV",
            )
        )
    shown.append(parts.note(f"To see the records of this bill themselves, run: {command(chosen)}"))
    return mo.vstack(shown, gap=1)


def command(chosen: BillSelection) -> str:
    """Return the command that walks the chosen bill back to its raw records."""
    keys = {
        "billing_month": f"{chosen.month:%Y-%m}",
        "billing_currency": chosen.currency,
        "service_provider_name": chosen.provider,
        "billing_account_id": chosen.account,
    }
    given = [shlex.quote(f"{name}={value}") for name, value in keys.items() if value]
    return " ".join(["bursar trace cost_per_team_month", *given])


def commitment_view(rows: pl.DataFrame, chosen: BillSelection) -> mo.Html:
    """Return how much of each commitment was used and whether it paid, as chart and table."""
    if rows.is_empty():
        return parts.empty(
            f"No commitment in {chosen.currency} in {month_name(chosen.month)}: none is on a bill"
            " and none in commitments.csv."
        )
    name = pl.coalesce("commitment_name", "commitment_id")
    is_shared = pl.len().over("service_provider_name", name) > 1
    name = pl.when(is_shared).then(pl.format("{} ({})", name, "commitment_id")).otherwise(name)
    ratios = ("utilisation", "break_even", "coverage")
    texts = [
        pl.Series(ratio, [percent(value) for value in rows[f"{ratio}_ratio"]], dtype=pl.String)
        for ratio in ratios
    ]
    shown = rows.with_columns(name.alias("commitment"), *texts)
    table = tables.show(
        tables.with_currency(shown, chosen),
        titles={
            "service_provider_name": "Provider",
            "commitment": "Commitment",
            "commitment_kind": "Kind",
            "utilisation": "Utilisation",
            "break_even": "Pays from",
            "saved_cost": f"Saved, {chosen.currency}",
            "bought_quantity": "Bought",
            "used_quantity": "Used",
            "unused_quantity": "Left",
            "commitment_unit": "Unit",
            "bought_cost": "Paid",
            "unused_cost": "Paid, unused",
            "on_demand_cost": "Used part without it",
            "uncovered_cost": "Not covered",
            "coverage": "Coverage",
            "told_by": "Told by",
            "billing_account_id": "Account",
        },
        file_name=file_name("commitments", chosen),
        label="Download commitments as CSV",
        notes=f"Amounts in {chosen.currency}, parts of the bills and never added to them.",
    )
    unused = total(rows, "unused_cost")
    known = rows["utilisation_ratio"].drop_nulls()
    if known.is_empty():
        return mo.vstack([parts.empty("How much of them was used is unknown."), table], gap=1)
    title = f"{money(unused, chosen.currency)} of commitments went unused"
    chart = parts.panel(reconciliation_charts.commitment_chart(shown, title=title))
    return mo.vstack([chart, table], gap=1)


def percent(ratio: float | None) -> str:
    """Return a ratio in per cent."""
    return formats.UNKNOWN if ratio is None else f"{100 * ratio:,.1f}%".replace("-", formats.MINUS)
