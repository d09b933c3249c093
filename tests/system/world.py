"""Homes for system tests: runs the real command, reads publications, and tells them apart."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[2]
CACHES = ROOT / ".pytest_cache" / "caches"
END = "2026-11-15"
SALT = "salt of the tests"
# When a record was pulled differs between two runs; everything else has to be the same.
TIMES_OF_LOADING = {
    "_dlt_load_id", "pulled_at", "last_load_at", "loaded_at", "quarantined_at",
    "BillingPeriodCreated", "BillingPeriodLastUpdated", "InvoiceDetailCreated",
    "InvoiceDetailLastUpdated",
}  # fmt: skip
COSTS_AND_USAGE = (
    "cost_per_team_day", "cost_per_team_month", "invoice_reconciliation_month",
    "shadow_spend_month", "tokens_per_model_day", "unpriced_usage", "dim_teams",
)  # fmt: skip

Row = dict[str, Any]


def environment(**settings: str) -> dict[str, str]:
    """Return this process's environment without the caller's own settings of Bursar."""
    own = ("BURSAR_", "SOURCES__", "DBT_", "DLT_", "RUNTIME__", "DESTINATION__")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "BURSAR_SALT": SALT,
        "BURSAR_KEPT_PUBLICATIONS": "50",
        # Settings of the current folder only: those of the checkout are its owner's.
        "DLT_PROJECT_DIR": ".",
        "XDG_CACHE_HOME": str(CACHES),
        "COLUMNS": "200",
        **settings,
    }


def command(*arguments: str, home: Path) -> list[str]:
    """Return the command line of `bursar`."""
    return [sys.executable, "-m", "pipelines.cli", *arguments, "--home", str(home)]


def bursar(
    *arguments: str, home: Path, code: int = 0, timeout: float = 300, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run `bursar` where no settings file lies, and hold it to an exit code."""
    done = subprocess.run(
        command(*arguments, home=home),
        env=environment(**settings),
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return the only error of a command that failed without a traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    [sentence] = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    return sentence


def fingerprint(home: Path) -> tuple[str, str]:
    """Return where readers' link points and the hash of what they read."""
    return os.readlink(link(home)), hashlib.sha256(link(home).read_bytes()).hexdigest()


def link(home: Path) -> Path:
    """Return the link that readers open."""
    return home / "warehouse" / "bursar.duckdb"


def query(path: Path, sql: str, *parameters: Any) -> list[Row]:
    """Return the rows of a query on a publication or build file."""
    with duckdb.connect(str(path), read_only=True, config={"threads": 2}) as connection:
        return connection.sql(sql, params=list(parameters)).pl().to_dicts()


def value(path: Path, sql: str, *parameters: Any) -> Any:
    """Return the one value of a query."""
    [row] = query(path, sql, *parameters)
    [found] = row.values()
    return found


def totals(path: Path, sql: str) -> dict[tuple[Any, ...], Decimal]:
    """Return a query's last column by its others, whose dates become text."""
    rows = [list(row.values()) for row in query(path, sql)]
    return {
        tuple(part.isoformat() if hasattr(part, "isoformat") else part for part in row[:-1]): row[
            -1
        ]
        for row in rows
    }


def table_names(path: Path) -> list[str]:
    """Return the tables of a publication."""
    rows = query(path, "select table_name from duckdb_tables() order by table_name")
    return [row["table_name"] for row in rows]


def differences(
    expected: Path, found: Path, tables: tuple[str, ...] | None = None
) -> dict[str, list[tuple[Any, ...]]]:
    """Return rows that only one of two publications has, by table; `tables` None = every one."""
    names = tables or tuple(name for name in table_names(expected) if name != "publication")
    if tables is None:
        assert table_names(expected) == table_names(found)
    with duckdb.connect(config={"threads": 2}) as connection:
        for name, path in (("expected", expected), ("found", found)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        return {
            name: rows for name in names if (rows := connection.sql(_only_in_one(name)).fetchall())
        }


def _only_in_one(name: str) -> str:
    columns = f"columns(lambda c: not list_contains({sorted(TIMES_OF_LOADING)}, c))"
    sides = {side: f"select {columns} from {side}.main.{name}" for side in ("expected", "found")}
    return f"""
        select 'missing' as side, * from ({sides["expected"]} except all {sides["found"]})
        union all
        select 'additional' as side, * from ({sides["found"]} except all {sides["expected"]})
        limit 10
    """
