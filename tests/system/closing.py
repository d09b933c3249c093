"""A company that invoices alone bill, in two currencies, and that closes its months."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.system.world import bursar, link, query, table_names

HEADER = (
    "service_provider_name", "billing_account_id", "invoice_id", "billing_period_start",
    "billing_period_end", "charge_category", "charge_description", "sub_account_id", "billed_cost",
    "tax_amount", "billing_currency",
)  # fmt: skip
TEAMS = ("search", "support")
Line = tuple[str, str, str, str, str]


def after(month: date) -> date:
    """Return the month after one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


@dataclass
class Books:
    """The company's folder: invoices a vendor and month, registers, home."""

    folder: Path
    owners: dict[str, str] = field(default_factory=lambda: {"p-1": "search", "p-2": "support"})
    fee_percent: str = "2.5"

    def __post_init__(self) -> None:
        """Make the folder of policies, which may stay empty."""
        (self.folder / "policy").mkdir(parents=True, exist_ok=True)

    @property
    def home(self) -> Path:
        """The home."""
        return self.folder / "home"

    @property
    def settings(self) -> dict[str, str]:
        """What every command is given."""
        return {
            "SOURCES__INVOICES__FILES": str(self.folder / "invoices" / "*.csv"),
            "BURSAR_ORG": str(self.folder / "org"),
            "BURSAR_PRICING": str(self.folder / "org"),
            "BURSAR_POLICY": str(self.folder / "policy"),
        }

    def write_org(self, rates: dict[str, str]) -> None:
        """Write teams, who owns which project, the fee, and what a euro costs by month."""
        teams = [(name, name.title(), f"cc-{name}", "", "", "") for name in TEAMS]
        self._write(
            "org/teams.csv",
            ("team_id", "team_name", "cost_center_id", "parent_team_id", "valid_from", "valid_to"),
            teams,
        )
        self._write(
            "org/owners.csv",
            (
                "owner_kind",
                "service_provider_name",
                "owner_key",
                "team_id",
                "valid_from",
                "valid_to",
            ),
            [("sub_account", "", key, team, "", "") for key, team in self.owners.items()],
        )
        self._write(
            "org/chargeback_fees.csv",
            (
                "fee_name", "team_id", "fee_percent", "monthly_amount", "currency",
                "recovery_account", "recovery_cost_center_id", "valid_from", "valid_to",
            ),
            [("Platform", "", self.fee_percent, "", "", "7900", "", "", "")],
        )  # fmt: skip
        self._write(
            "org/fx_rates.csv",
            ("rate_month", "from_currency", "to_currency", "rate", "rate_date", "rate_source"),
            [(f"{month}-01", "EUR", "USD", rate, "", "test") for month, rate in rates.items()],
        )

    def say(self, *lines: tuple[str, ...]) -> None:
        """Write what teams said of their statements."""
        self._write(
            "policy/statement_acceptances.csv",
            (
                "billing_month", "team_id", "billing_currency", "acceptance_state",
                "statement_cost", "disputed_cost", "service_name", "decided_by", "decided_on",
                "reason",
            ),
            list(lines),
        )  # fmt: skip

    def bill(self, vendor: str, month: date, lines: list[Line]) -> None:
        """Write a vendor's invoice: category, text, project, net amount, tax of each line."""
        currency = "EUR" if vendor == "Euro Vendor" else "USD"
        period = (month.isoformat(), after(month).isoformat())
        number = f"{vendor[:2].upper()}-{month:%Y%m}"
        self._write(
            f"invoices/{vendor.split()[0].lower()}_{month:%Y-%m}.csv",
            HEADER,
            [
                (vendor, "acct-1", number, *period, category, text, project, amount, tax, currency)
                for category, text, project, amount, tax in lines
            ],
        )

    def bursar(self, *arguments: str, code: int = 0) -> Any:
        """Run a command on the home."""
        return bursar(*arguments, home=self.home, code=code, timeout=1800, **self.settings)

    def ledger(self, sql: str) -> list[dict[str, Any]]:
        """Ask the publication."""
        return query(link(self.home), sql)

    def month(self, month: date) -> dict[str, list[tuple[Any, ...]]]:
        """Return every published row of a month, by table."""
        from pipelines.ledger.frozen import month_column

        path, found = link(self.home), {}
        for table in table_names(path):
            columns = list(query(path, f"describe {table}"))
            names = [column["column_name"] for column in columns]
            if column := month_column(table, names):
                rows = query(
                    path,
                    f"select * from {table} where date_trunc('month', \"{column}\") = "
                    f"date '{month}' order by all",
                )
                found[table] = [tuple(row.values()) for row in rows]
        return found

    def _write(self, name: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.stat().st_mtime if path.exists() else None
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        if before is not None:
            # However fast the test is: a file written again is newer.
            os.utime(path, (before + 1, before + 1))


def cents(amount: Decimal) -> Decimal:
    """Return an amount at two decimals, for sums of statements."""
    return amount.quantize(Decimal("0.01"))
