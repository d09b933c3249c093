"""A closed month does not change: what comes later stands in the open one; tampering is found."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.config import load_settings
from pipelines.ledger.closes import Close
from pipelines.ledger.replay import replay
from pipelines.ledger.verify import verify
from tests.system.closing import Books
from tests.system.feeding import quiet
from tests.system.world import bursar, one_sentence, value

# Several builds: two minutes to make.
pytestmark = pytest.mark.slow

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
SEATS = ("Purchase", "seats", "p-1", "100.10", "19.02")
PAGES = ("Usage", "pages", "p-2", "33.333333", "")
REFUND = ("Credit", "refund", "p-1", "-20.00", "")

# 33.333333 and its fee of 2.5 percent, each rounded to cents.
ACCEPTED = ("2026-08-31", "support", "EUR", "accepted", "34.16", "", "", "Sue", "2026-09-02", "")
DISPUTED = (
    "2026-08-01", "search", "USD", "disputed", "1", "20", "seats", "Ann", "2026-09-02", "unused"
)  # fmt: skip
SAID = (
    "select team_id, billing_currency, acceptance_state, disputed_cost, acceptance_decided_by "
    "from team_statements_month where billing_month = '2026-08-01' "
    "and acceptance_state <> 'open' order by all"
)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Return books of which August is closed; tests do not change them."""
    books = Books(tmp_path_factory.mktemp("books"))
    books.write_org({"2026-08": "1.10", "2026-09": "1.20"})
    for month in (AUGUST, SEPTEMBER):
        books.bill("Dollar Vendor", month, [SEATS, PAGES, REFUND])
        books.bill("Euro Vendor", month, [PAGES])
    books.say(ACCEPTED, DISPUTED, (*ACCEPTED[:4], "1", *ACCEPTED[5:8], "2026-09-01", "too early"))
    books.bursar("run")
    books.bursar("close", "2026-08", "--by", "Finance")
    return books


@pytest.fixture
def books(closed: Books, tmp_path: Path) -> Books:
    """Return a copy of them to spoil; the files that were loaded stay where they are."""
    shutil.copytree(closed.folder, tmp_path / "books", symlinks=True)
    return Books(tmp_path / "books")


def test_a_month_is_closed_once_and_says_so(closed: Books) -> None:
    [row] = closed.ledger("from billing_period_status where billing_month = '2026-08-01'")
    assert (row["billing_period_status"], row["closed_by"]) == ("Closed", "Finance")
    assert (row["close_number"], row["is_forced"], row["close_reason"]) == (1, False, None)
    assert row["previous_close_sha256"] is None
    again = closed.bursar("close", "2026-08", code=2)
    assert "closed already" in one_sentence(again)
    statuses = closed.ledger("select x_BillingMonth as m, BillingPeriodStatus as s "
                             "from focus_1_4_billing_period order by all")  # fmt: skip
    assert {(row["m"].month, row["s"]) for row in statuses} == {(8, "Closed"), (9, "Open")}


def test_a_close_keeps_what_teams_said_before_it(closed: Books) -> None:
    said = [tuple(row.values()) for row in closed.ledger(SAID)]
    assert said == [
        ("search", "USD", "disputed", Decimal(20), "Ann"),
        ("support", "EUR", "accepted", None, "Sue"),
    ]
    folder = closed.home / "ledger" / "2026-08"
    document = json.loads((folder / "close.json").read_text())
    assert document["statement_acceptances"] == {"accepted": 1, "disputed": 1, "open": 1}
    assert ",accepted,34.160000000000," in (folder / "statements.csv").read_text()


def test_what_comes_after_the_close_stands_in_the_open_month(closed: Books) -> None:
    books = closed
    before = books.month(AUGUST)
    assert sum(map(len, before.values())) > 30
    late = ("Usage", "late support", "p-3", "12.345", "")
    # Restated, withdrawn and late, in one bill; a rate, a fee and an owner that were others.
    books.bill(
        "Dollar Vendor", AUGUST, [("Purchase", "seats", "p-1", "150.10", "19.02"), PAGES, late]
    )
    books.owners["p-2"] = "search"
    books.fee_percent = "40"
    books.write_org({"2026-08": "9.99", "2026-09": "1.20"})
    # Said too late: the register has it, the closed month does not.
    settled = (*DISPUTED[:3], "resolved", "1", "", "", "Ann", "2026-11-02", "used after all")
    books.say(ACCEPTED, DISPUTED, settled)
    books.bursar("run")
    assert books.month(AUGUST) == before
    register = "from dim_statement_acceptances where acceptance_state = 'resolved'"
    assert len(books.ledger(register)) == 1
    adjustments = books.ledger(
        "select sum(adjustment_cost) as adjusted, billing_currency from team_statements_month "
        "where billing_month = '2026-09-01' group by all order by all"
    )
    # 50 more for seats, 20 no more given back, 12.345 late; the euro bill moves between teams.
    assert {row["billing_currency"]: row["adjusted"] for row in adjustments} == {
        "EUR": Decimal(0), "USD": Decimal("82.35"),
    }  # fmt: skip
    moved = books.ledger(
        "select august.team_id from team_statements_month as august "
        "join team_statements_month as september using (team_id, billing_currency) "
        "where august.billing_month = '2026-08-01' and september.billing_month = '2026-09-01' "
        "and august.closing_cost <> september.opening_cost"
    )
    assert moved == []
    path = books.home / "warehouse" / "build.duckdb"
    causes = "select count(distinct adjustment_cause) from core.fct_allocated_charges"
    assert value(path, causes) == 4
    total = "select sum(billed_cost) from core.fct_allocated_charges"
    bills = "select sum(billed_cost) from intermediate.int_billed_charges"
    assert value(path, total) == value(path, bills)
    rate = (
        "select fx_rate from core.dim_fx_rates where rate_month = '2026-08-01' "
        "and from_currency = 'EUR' and to_currency = 'USD'"
    )
    assert value(path, rate) == Decimal("1.10")
    books.bursar("verify")
    books.bursar("close", "2026-09")
    books.bill("Dollar Vendor", OCTOBER, [SEATS])
    books.bursar("run")
    # What was adjusted is closed now, and is not adjusted again.
    assert not books.ledger("from team_statements_month where billing_month = '2026-10-01' "
                            "and adjustment_cost <> 0")  # fmt: skip
    verified = json.loads(books.bursar("verify", "--json").stdout)
    assert verified["verified"]["months"] == 2
    assert verified["verified"]["made_again_from_the_lake"] is True


def flipped(path: Path, place: int, bit: int = 1) -> bytes:
    """Write a file with one bit of a byte turned; return what it was."""
    whole = path.read_bytes()
    path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
    return whole


def kinds_of_files(closed: Books) -> tuple[list[Path], list[Path]]:
    """Return the files of the close, its receipt last, and one of each kind of the lake's."""
    folder, lake = closed.home / "ledger" / "2026-08", closed.home / "lake"
    of_close = sorted(path for path in folder.rglob("*") if path.is_file())
    of_close.append(folder.with_name("2026-08.loaded.json"))
    of_lake = [
        # The oldest: what came after the last close, that one does not vouch for.
        min((lake / f"raw_{source}").rglob(pattern))
        for source, pattern in (
            ("invoices", "lines/*/*.parquet"), ("ledger", "charges/*/*.parquet"),
            ("invoices", "load_units/*/*.parquet"), ("org", "owners/*/*.parquet"),
            ("invoices", "_dlt_loads/*"), ("ledger", "closes/*/*.parquet"),
            ("ledger", "files/*/*.parquet"),
        )
    ]  # fmt: skip
    assert len(of_close) > 34
    return of_close, of_lake


def test_tampering_with_any_kind_of_file_is_found(closed: Books) -> None:
    settings = load_settings(closed.home)
    assert verify(settings, quiet, quick=True)["differences"] == []
    of_close, of_lake = kinds_of_files(closed)
    assert len(json.loads(of_close[-1].read_text())["files"]) > 4
    for path in of_close + of_lake:
        place = path.stat().st_size // 2
        whole = flipped(path, place) if path.stat().st_size else b""
        if not whole:
            continue
        try:
            found = verify(settings, quiet, quick=True)["differences"]
        finally:
            path.write_bytes(whole)
        # Nothing else is accused.
        assert {finding["file"] for finding in found} == {str(path)}, (path, found)
        if path in of_close:
            [finding] = found
            assert finding.get("first_byte") == place, finding
            if path.suffix != ".parquet":
                assert finding["line"] == whole[:place].count(b"\n") + 1
    assert verify(settings, quiet, quick=True)["differences"] == []


def test_taking_any_kind_of_file_away_is_found(closed: Books) -> None:
    settings = load_settings(closed.home)
    of_close, of_lake = kinds_of_files(closed)
    for path in of_close + of_lake:
        whole = path.read_bytes()
        path.unlink()
        try:
            found = verify(settings, quiet, quick=True)["differences"]
        finally:
            path.write_bytes(whole)
        problems = [one["problem"] for one in found if one["file"] == str(path)]
        assert len(problems) == 1, (path, found)
        assert problems[0].startswith("is missing")
    assert verify(settings, quiet, quick=True)["differences"] == []


def test_one_change_hides_no_other(closed: Books) -> None:
    settings = load_settings(closed.home)
    folder, lake = closed.home / "ledger" / "2026-08", closed.home / "lake"
    changed = [
        folder / "close.json", folder / "loads.csv", folder / "lake_files.csv",
        folder / "marts" / "team_statements_month.parquet",
        folder.with_name("2026-08.loaded.json"),
        min((lake / "raw_invoices").rglob("_dlt_loads/*")), settings.publication_path.resolve(),
    ]  # fmt: skip
    before = {path: path.read_bytes() for path in changed}
    for path in changed[:-1]:
        flipped(path, path.stat().st_size // 2)
    with duckdb.connect(str(changed[-1])) as connection:
        connection.execute("update team_statements_month set statement_cost = statement_cost + 1")
    try:
        found = verify(settings, quiet)
    finally:
        for path, whole in before.items():
            path.write_bytes(whole)
    assert {finding["file"] for finding in found["differences"]} == set(map(str, changed))
    # All the same, each month was made again, of the loads that the lake's copies name.
    assert found["verified"]["made_again_from_the_lake"] is True
    assert verify(settings, quiet, quick=True)["differences"] == []


def test_a_receipt_that_is_another_is_told_as_itself(closed: Books) -> None:
    settings = load_settings(closed.home)
    [*_, path] = sorted((closed.home / "ledger").glob("*.loaded.json"))
    for place in range(0, path.stat().st_size, 97):
        whole = flipped(path, place, 4)
        try:
            [finding] = verify(settings, quiet, quick=True)["differences"]
        finally:
            path.write_bytes(whole)
        assert (finding["file"], finding["first_byte"]) == (str(path), place)


def test_whatever_byte_of_a_close_is_another_it_is_found(closed: Books) -> None:
    settings, folder = load_settings(closed.home), closed.home / "ledger" / "2026-08"
    for name in ("close.json", "lake_files.csv", "loads.csv"):
        path, whole = folder / name, (folder / name).read_bytes()
        for place in range(0, len(whole), max(1, len(whole) // 40)):
            flipped(path, place, 4)
            try:
                [finding] = verify(settings, quiet, quick=True)["differences"]
            finally:
                path.write_bytes(whole)
            assert (finding["file"], finding["first_byte"]) == (str(path), place)


def test_a_close_that_is_taken_away_is_missed(books: Books) -> None:
    shutil.rmtree(books.home / "ledger")
    done = books.bursar("verify", "--quick", "--json", code=1)
    finding, *_ = json.loads(done.stdout)["differences"]
    assert "missing, though the month is closed" in finding["problem"]


def test_a_statement_that_the_lake_does_not_bear_out_is_named_to_the_byte(books: Books) -> None:
    folder = books.home / "ledger" / "2026-08"
    path = folder / "statement_lines.csv"
    whole = path.read_bytes()
    place = whole.index(b"100.1")
    forged = whole[:place] + b"900.1" + whole[place + 5 :]
    path.write_bytes(forged)
    # The forger makes the close's own document fit, and the lake's copy of it is not at hand.
    document = json.loads((folder / "close.json").read_text())
    document["files"]["statement_lines.csv"]["sha256"] = hashlib.sha256(forged).hexdigest()
    (folder / "close.json").write_text(json.dumps(document, indent=2) + "\n")
    [finding] = replay(load_settings(books.home), Close(folder), quiet)
    assert finding["file"] == str(path)
    assert finding["first_byte"] == place


def test_a_tampered_mart_is_not_published(books: Books) -> None:
    path = books.home / "ledger" / "2026-08" / "marts" / "team_statements_month.parquet"
    path.write_bytes(path.read_bytes()[:-9] + b"tampered!")
    done = books.bursar("build", "--full", code=2)
    assert "team_statements_month.parquet is not what was closed" in one_sentence(done)


def test_a_changed_publication_is_found_and_not_exported(books: Books) -> None:
    publication = load_settings(books.home).publication_path.resolve()
    with duckdb.connect(str(publication)) as connection:
        connection.execute(
            "update team_statements_month set statement_cost = statement_cost + 1000 "
            "where billing_month = '2026-08-01' and team_id = 'search'"
        )
    [finding] = json.loads(books.bursar("verify", "--quick", "--json", code=1).stdout)[
        "differences"
    ]
    assert finding["file"] == str(publication)
    assert "other rows of 2026-08 in team_statements_month" in finding["problem"]
    refused = books.bursar("export", "chargeback", "--month", "2026-08", code=2)
    assert "team_statements_month than were closed" in one_sentence(refused)
    books.bursar("build", "--full")
    assert books.bursar("verify", "--quick").returncode == 0
    assert books.bursar("export", "chargeback", "--month", "2026-08").returncode == 0


def test_what_may_not_be_closed_is_refused(basic_world: Path) -> None:
    refused = bursar("close", "2026-10", home=basic_world, code=1)
    assert "lines of its reconciliation are open" in one_sentence(refused)
    unreasoned = bursar("close", "2026-10", "--force", home=basic_world, code=2)
    assert "--force needs --reason" in one_sentence(unreasoned)
    unknown = bursar("close", "2020-01", home=basic_world, code=2)
    assert "No bill of 2020-01 is published" in one_sentence(unknown)
    assert not (basic_world / "ledger").exists()
