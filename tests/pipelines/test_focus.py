"""The FOCUS source: what it takes, what it refuses and where, and that nothing is lost between."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pytest

from pipelines.config import Settings, SettingsError, load_settings
from pipelines.load import LoadReport, load_sources
from pipelines.sources import csv_records
from pipelines.sources.focus.columns import FOCUS_COLUMNS, read_header

DIRTY = Path(__file__).parent / "fixtures" / "focus" / "dirty.csv"
HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,BillingPeriodStart,BillingPeriodEnd,"
    "ChargePeriodStart,ChargePeriodEnd,ProviderName,BillingAccountId"
)


def line(cost: str, *, month: str = "2025-04", account: str = "a1") -> str:
    return f"{cost},{cost},USD,Usage,{month}-01,{month}-28,{month}-01,{month}-02,OpenAI,{account}"


def write(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


class Home:
    """A home of its own, loaded with given files, and what its lake then holds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, *files: Any, **settings: Any) -> LoadReport:
        overrides = {f"sources.focus.{name}": value for name, value in settings.items()}
        overrides["sources.focus.files"] = [str(file) for file in files]
        return load_sources(self.settings(overrides), ["focus"], lambda *_: None)[0]

    def settings(self, overrides: dict[str, Any]) -> Settings:
        return load_settings(self.folder, overrides)

    def rows(self, table: str, columns: str, order: str = "load_unit_id, source_line") -> list[Any]:
        path = f"{self.folder}/lake/raw_focus/{table}/*/*.parquet"
        if not list(self.folder.glob(f"lake/raw_focus/{table}/*/*.parquet")):
            return []
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            query = f"select {columns} from read_parquet(?) order by {order}"
            return connection.sql(query, params=[path]).fetchall()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_the_lake_has_the_57_columns_of_focus_1_2():
    assert len(set(FOCUS_COLUMNS)) == 57


def test_good_rows_of_a_dirty_file_load_and_bad_ones_are_named_by_line(home):
    report = home.load(DIRTY)
    assert home.rows("charges", "source_line, billed_cost, charge_description") == [
        (2, Decimal("1.50"), "plain"),
        (3, Decimal("1234.56"), 'two\nlines, and "quotes"'),
        (7, Decimal("-0.000012"), "sci"),
        (15, Decimal(3), "after the open quote"),
        (17, Decimal(5), "last"),
    ]
    assert home.rows("quarantine", "source_line, reason, split_part(remedy, ' ', 1)") == [
        (6, "wrong_field_count", "The"),
        (8, "bad_number", "BilledCost"),
        (9, "bad_number", "BilledCost"),
        (10, "bad_number", "BilledCost"),
        (11, "bad_timestamp", "ChargePeriodStart"),
        (12, "missing_value", "BillingCurrency"),
        (14, "wrong_field_count", "The"),
        (16, "wrong_field_count", "The"),
    ]
    assert (report.records_read, report.records_loaded, report.records_quarantined) == (13, 5, 8)
    assert report.faults == []


def test_dates_tags_and_other_columns_are_normalised(home):
    home.load(DIRTY)
    times = (
        "cast(charge_period_start as timestamp)::text, cast(charge_period_end as timestamp)::text"
    )
    assert home.rows("charges", f"tags, {times}")[0] == (
        '{"a": "b"}', "2025-04-01 00:00:00", "2025-04-01 22:00:00",
    )  # fmt: skip
    assert [row[0] for row in home.rows("charges", "tags")] == [
        '{"a": "b"}', None, '{"k": "v"}', None, '{"x_unparsed":"notjson"}',
    ]  # fmt: skip
    others = [row[0] for row in home.rows("charges", "x_columns")]
    assert others[1:] == ['{"x_Owner":"bob"}', None, None, '{"x_Owner":"x"}']
    assert "alice" not in others[0]
    assert len(others[0]) == len('{"x_Owner":"') + 32 + len('"}')


def test_a_text_that_is_null_is_none_and_a_column_of_no_version_is_kept_aside(home, tmp_path):
    header = f"{HEADER},Id,ResourceId,AvailabilityZone,Tags"
    rows = (f"{line('1')},17,NULL,NULL,NULL", f'{line("2")},18,i-1,eu-1a,"{{""a"": ""b""}}"')
    home.load(write(tmp_path / "aws.csv", *rows, header=header))
    columns = "resource_id, availability_zone, tags, x_columns"
    assert home.rows("charges", columns) == [
        (None, None, None, '{"Id":"17"}'), ("i-1", "eu-1a", '{"a": "b"}', '{"Id":"18"}'),
    ]  # fmt: skip


def test_records_cut_by_a_chunk_border_stay_whole(home, tmp_path, monkeypatch):
    home.load(DIRTY)
    expected = home.rows("charges", "source_line, billed_cost, charge_description, tags")
    refused = home.rows("quarantine", "source_line, reason")
    monkeypatch.setattr(csv_records, "CHUNK_CHARACTERS", 7)
    other = Home(tmp_path / "other")
    other.load(DIRTY)
    assert other.rows("charges", "source_line, billed_cost, charge_description, tags") == expected
    assert other.rows("quarantine", "source_line, reason") == refused


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.000000000001", "0.000000000001"),
        ("4.9999999999999E-13", "0"),
        ("5e-13", "0.000000000001"),
        ("999999999999999.999999999999", "999999999999999.999999999999"),
        ("-1E15", "-1000000000000000"),
        ("0.1234567890125", "0.123456789013"),
        (" 12.5 ", "12.5"),
        ("$10.00 ", "10"),
        ('"$50,000.00 "', "50000"),
        ('"-1,234.50"', "-1234.50"),
        ("($3.20)", "-3.20"),
        ('"1,234"', None),
        ('"0,125"', None),
        ("1_000", None),
        ("1000000000000000.000000000001", None),
        ("-99999999999999999999999999.999999999999", None),
        ("100000000000000000000000000", None),
        ("1.2.3", None),
        ("NaN", None),
        ("inf", None),
        ("0x10", None),
        ("-", None),
        ("", None),
        ("NULL", None),
    ],
)
def test_a_number_is_read_exactly_or_refused(home, tmp_path, text, value):
    row = line("1").replace("1,1,", f"{text},1,", 1)
    home.load(write(tmp_path / "one.csv", row))
    loaded = [row[0] for row in home.rows("charges", "billed_cost")]
    assert loaded == ([Decimal(value)] if value is not None else [])
    assert len(home.rows("quarantine", "reason")) == (value is None)


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2026-10-01T00:00:00+08:00", "2026-10-01 00:00:00"),
        ("2026-09-30T16:00:00Z", "2026-09-30 16:00:00"),
        ("2026-10-01T00:00:00-0500", "2026-10-01 00:00:00"),
        ("2026-10-01 00:00:00 Asia/Shanghai", "2026-10-01 00:00:00"),
        ("2026-10-01", "2026-10-01 00:00:00"),
        ("10/1/26", "2026-10-01 00:00:00"),
    ],
)
def test_a_billing_period_is_of_the_calendar_that_states_it(home, tmp_path, text, stated):
    row = f"1,1,USD,Usage,{text},2026-12-01,{text},2026-12-01,OpenAI,a1"
    home.load(write(tmp_path / "one.csv", row), restated_by="billing_period")
    period = "strftime(billing_period_start::timestamp, '%Y-%m-%d %H:%M:%S'), load_unit_id"
    day = stated[:10]
    assert home.rows("charges", period) == [(stated, f"billing_period:OpenAI|a1|{day}")]


def test_the_moment_of_a_charge_stays_utc_beside_a_local_billing_period(home, tmp_path):
    begin, end = "2026-10-01T00:00:00+08:00", "2026-11-01T00:00:00+08:00"
    path = write(tmp_path / "one.csv", f"1,1,USD,Usage,{begin},{end},{begin},{end},OpenAI,a1")
    over = datetime(2026, 10, 31, 17, tzinfo=UTC).timestamp()
    os.utime(path, (over, over))
    home.load(path)
    assert home.rows("charges", "charge_period_start::timestamp::text") == [
        ("2026-09-30 16:00:00",)
    ]
    assert home.rows("load_units", "is_complete", "all") == [(True,)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-09-18 23:00:00", "2024-09-18 23:00:00"),
        ("2024-09-18T23:00:00Z", "2024-09-18 23:00:00"),
        ("2024-09-18T23:00:00.5+02:00", "2024-09-18 21:00:00.5"),
        ("2024-09-18", "2024-09-18 00:00:00"),
        ("4/1/25", "2025-04-01 00:00:00"),
        ("12/31/2025", "2025-12-31 00:00:00"),
        ("4/1/25 13:30", "2025-04-01 13:30:00"),
        ("31/12/2025", None),
        ("2025-02-30", None),
        ("infinity", None),
        ("epoch", None),
        ("45383", None),
    ],
)
def test_a_date_is_read_as_utc_or_refused(home, tmp_path, text, moment):
    row = line("1").replace("2025-04-01,2025-04-02", f"{text},2025-04-02")
    home.load(write(tmp_path / "one.csv", row))
    loaded = [
        row[0] for row in home.rows("charges", "cast(charge_period_start as timestamp)::text")
    ]
    assert loaded == ([moment] if moment else [])


def test_a_header_is_found_in_any_spelling_and_the_exact_one_wins():
    header = read_header(
        ["ResourceID", "billed_cost", "SkuPriceid", "x_BilledCost", "ResourceId", "Id"]
    )
    assert header.positions == {"ResourceId": 5, "BilledCost": 2, "SkuPriceId": 3}
    assert header.other_names == ["ResourceID", "x_BilledCost", "Id"]


@pytest.mark.parametrize(
    ("column", "version"),
    [("Tags", "1.0"), ("SkuMeter", "1.1"), ("InvoiceId", "1.2"), ("ServiceProviderName", "1.3"),
     ("InvoiceDetailId", "1.4")],
)  # fmt: skip
def test_the_version_is_the_lowest_that_knows_the_columns(column, version):
    assert read_header(["BilledCost", column]).focus_version == version


def test_files_that_cannot_be_read_are_named_and_leave_nothing_behind(home, tmp_path):
    good = write(tmp_path / "good.csv", line("7"))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    whole = gzip.compress("\n".join([HEADER, *(line(str(n)) for n in range(40_000))]).encode())
    (tmp_path / "cut.csv.gz").write_bytes(whole[:-2000])
    report = home.load(tmp_path / "*.csv", tmp_path / "cut.csv.gz", tmp_path / "broken.parquet")
    assert [row[0] for row in home.rows("charges", "billed_cost")] == [Decimal(7)]
    assert [row[0] for row in home.rows("load_units", "location", "1")] == [str(good)]
    faults = " ".join(sorted(report.faults))
    for expected in ("cut.csv.gz was not loaded", "empty.csv was not loaded: it is empty",
                     "broken.parquet was not loaded", "copy or export it again",
                     "other.csv was not loaded: it lacks BilledCost"):  # fmt: skip
        assert expected in faults
    assert len(report.faults) == 4


def test_the_same_content_is_loaded_once_whatever_its_path(home, tmp_path):
    write(tmp_path / "a.csv", line("7"), line("8"))
    write(tmp_path / "b.csv", line("7"), line("8"))
    report = home.load(tmp_path / "*.csv")
    assert (report.records_loaded, report.records_duplicate, report.records_read) == (2, 2, 4)
    assert home.load(tmp_path / "*.csv").units == 0
    assert len(home.rows("charges", "billed_cost")) == 2


def test_a_changed_file_comes_whole_again_under_its_unit(home, tmp_path):
    path = write(tmp_path / "a.csv", line("7"), line("8"))
    home.load(path)
    write(path, line("7"), line("9"), line("10"))
    home.load(path)
    counts = home.rows("load_units", "load_unit_id, records_loaded", "pulled_at")
    assert counts == [(f"file:{path}", 2), (f"file:{path}", 3)]


def test_a_bill_of_which_nothing_can_be_read_any_more_stands_as_it_was(home, tmp_path):
    path = write(tmp_path / "a.csv", line("1.5"))
    home.load(path)
    write(path, line("one and a half"), line("two"))
    report = home.load(path)
    [fault] = report.faults
    assert f"{path}: none of its 2 records can be read (line 2: bad_number)" in fault
    assert (report.units, home.rows("quarantine", "reason")) == (0, [])
    write(path, line("one and a half"), line("2"))
    assert home.load(path).records_loaded == 1


def test_a_billing_period_is_restated_by_the_newest_file(home, tmp_path):
    old = write(tmp_path / "old.csv", line("1"), line("2", month="2025-05"), "x,y")
    new = write(tmp_path / "new.csv", line("3", month="2025-05"), line("4", month="2025-06"))
    os.utime(old, (1_000_000, 1_000_000))
    report = home.load(old, new, restated_by="billing_period")
    assert home.rows("charges", "load_unit_id, billed_cost") == [
        ("billing_period:OpenAI|a1|2025-04-01", Decimal(1)),
        ("billing_period:OpenAI|a1|2025-05-01", Decimal(3)),
        ("billing_period:OpenAI|a1|2025-06-01", Decimal(4)),
    ]
    assert (report.records_read, report.records_loaded) == (5, 3)
    assert (report.records_duplicate, report.records_quarantined) == (1, 1)
    assert home.load(old, new, restated_by="billing_period").units == 0


def test_an_unknown_way_to_restate_is_a_settings_error(home, tmp_path):
    with pytest.raises(SettingsError, match="SOURCES__FOCUS__RESTATED_BY"):
        home.load(write(tmp_path / "a.csv", line("1")), restated_by="month")


def test_parquet_gives_the_figures_of_the_csv(home, tmp_path):
    path = tmp_path / "bill [1].parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            """
            copy (
                select
                    cast(0.1 as decimal(20, 4)) as BilledCost,
                    cast(1.5e-9 as double) as EffectiveCost,
                    'USD' as BillingCurrency,
                    'Usage' as ChargeCategory,
                    date '2025-04-01' as BillingPeriodStart,
                    timestamp '2025-05-01' as BillingPeriodEnd,
                    timestamptz '2025-04-01 02:00:00+02' as ChargePeriodStart,
                    timestamp '2025-04-02' as ChargePeriodEnd,
                    map {'team': 'a"b'} as Tags,
                    {'rate': 1} as x_Details
            ) to '"""
            + str(path)
            + "'"
        )
    home.load(str(tmp_path / "*.parquet"))
    start = "cast(charge_period_start as timestamp)::text"
    columns = f"source_line, billed_cost, effective_cost, {start}, tags, x_columns"
    assert home.rows("charges", columns) == [
        (1, Decimal("0.1"), Decimal("0.0000000015"), "2025-04-01 00:00:00",
         '{"team":"a\\"b"}', '{"x_Details":"{\\"rate\\":1}"}'),
    ]  # fmt: skip


def test_files_in_a_bucket_are_read_like_local_ones(home):
    store = fsspec.filesystem("memory")
    store.pipe_file("/bills/a.csv.gz", gzip.compress("\n".join([HEADER, line("7.25")]).encode()))
    report = home.load("memory://bills/*.csv.gz")
    assert report.faults == []
    assert [row[0] for row in home.rows("charges", "billed_cost")] == [Decimal("7.25")]


def test_what_a_bill_covers_is_its_usage_not_its_prepayments(home, tmp_path):
    prepaid = (
        line("9")
        .replace("Usage", "Purchase")
        .replace("2025-04-01,2025-04-02", "2025-04-01,2026-04-01")
    )
    home.load(write(tmp_path / "a.csv", line("1"), prepaid))
    covers = home.rows("load_units", "cast(covers_to as timestamp)::text, is_complete", "1")
    assert covers == [("2025-04-02 00:00:00", True)]
