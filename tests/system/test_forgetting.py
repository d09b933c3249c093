"""A purge of a built home whose months are closed: nobody is left, and the closes still verify."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.pipelines.egress_samples import PERSON, text_of
from tests.system.closing import Books
from tests.system.world import ROOT, SALT, link, one_sentence, query, table_names

# Four builds of a small company.
pytestmark = pytest.mark.slow

SAMPLES = ROOT / "tests" / "pipelines" / "samples"
AUGUST, OCTOBER = date(2026, 8, 1), date(2026, 10, 1)
SEATS = ("Purchase", "seats", "p-1", "100.10", "19.02")
PSEUDONYM = hashlib.sha256(f"{SALT}:{PERSON}".encode()).hexdigest()[:32]


class Company(Books):
    """Books beside which traffic, consents and expenses are loaded."""

    @property
    def settings(self) -> dict[str, str]:
        """What every command is given."""
        return {
            **super().settings,
            "SOURCES__SQUID__FILES": str(self.folder / "logs" / "squid.log"),
            "SOURCES__OKTA__FILES": str(self.folder / "logs" / "okta.jsonl"),
            "SOURCES__EXPENSES__FILES": str(self.folder / "logs" / "expenses.jsonl"),
            "PRIVACY__NETWORK_DAYS": "1",
            "PRIVACY__IDENTITY_DAYS": "1",
            "PRIVACY__CARD_DAYS": "1",
            "SOURCES__CLAUDE_CODE_OTEL__FILES": str(
                self.folder / "logs" / "claude_code_otel.jsonl"
            ),
            "PRIVACY__TOOL_DAYS": "1",
        }


def holds(folder: Path, text: str) -> list[str]:
    """Return the files of a home in which a text stands, as bytes or as a value of a row."""
    found = []
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        if text.encode() in path.read_bytes() or text in values(path):
            found.append(str(path))
    return found


def values(path: Path) -> str:
    """Return all that a table file says, as one text."""
    if path.suffix == ".parquet":
        return repr(
            duckdb.execute(
                "select * from read_parquet(?, hive_partitioning = false)", [str(path)]
            ).fetchall()
        )
    if path.suffix != ".duckdb":
        return ""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            'select format(\'"{}"."{}"\', schema_name, table_name) from duckdb_tables()'
        ).fetchall()
        return "".join(repr(connection.execute(f"from {name}").fetchall()) for (name,) in tables)


def counted(home: Path) -> list[tuple[object, ...]]:
    """Return every unit's account as it is published."""
    sql = (
        "select source_name, load_unit_id, records_read, records_loaded, records_quarantined, "
        "records_duplicate from load_unit_accounts order by all"
    )
    return [tuple(row.values()) for row in query(link(home), sql)]


def test_a_purge_leaves_nobody_and_closed_months_verify(tmp_path: Path) -> None:
    books = Company(tmp_path / "books")
    books.write_org({"2026-08": "1.10", "2026-10": "1.20"})
    for month in (AUGUST, OCTOBER):
        books.bill("Dollar Vendor", month, [SEATS])
    logs = books.folder / "logs"
    logs.mkdir()
    (logs / "squid.log").write_text(text_of("squid"))
    for name in ("okta", "expenses", "claude_code_otel"):
        (logs / f"{name}.jsonl").write_text((SAMPLES / f"{name}.jsonl").read_text())
    books.bursar("run")
    books.bursar("close", "2026-08", "--by", "Finance")
    books.bursar("export", "chargeback", "--month", "2026-08", "--format", "csv")
    build = books.home / "warehouse" / "build.duckdb"
    assert PSEUDONYM in values(build)
    accounts, ledger = counted(books.home), books.month(AUGUST)
    overdue = json.loads(books.bursar("doctor", "--json").stdout)["findings"]
    assert [one["state"] for one in overdue if one["check"] == "retention"] == ["warning"] * 4

    [finding, *_] = query(build, "select finding_id from core.fct_shadow_signals "
                                 "where signal_family = 'network'")  # fmt: skip
    refused = books.bursar("persons", finding["finding_id"], "--reason", "look", code=2)
    assert "person_role" in one_sentence(refused)

    shown = json.loads(books.bursar("purge", "--dry-run", "--json").stdout)
    assert {row["source_name"] for row in shown["would_be_purged"]} == {
        "squid", "okta", "expenses", "claude_code_otel",
    }  # fmt: skip
    assert PSEUDONYM in values(build)
    books.bursar("purge", "--reason", "quarter's end")
    assert build.exists()
    assert holds(books.home, PSEUDONYM) == []
    assert holds(books.home, PERSON) == []
    assert counted(books.home) == accounts
    assert books.month(AUGUST) == ledger
    findings = json.loads(books.bursar("doctor", "--json").stdout)["findings"]
    assert [one for one in findings if one["check"] in ("retention", "audit log")] == []
    verified = json.loads(books.bursar("verify", "--json").stdout)
    assert verified["differences"] == []
    assert verified["verified"]["made_again_from_the_lake"] is True
    # What was forgotten is not loaded again, and counts of traffic are still there.
    books.bursar("run")
    assert holds(books.home, PSEUDONYM) == []
    assert "egress_services_day" in table_names(link(books.home))
    [row] = query(
        link(books.home), "select sum(record_count)::bigint as n from egress_services_day"
    )
    assert row["n"] == 3
