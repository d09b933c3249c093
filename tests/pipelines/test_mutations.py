"""Whatever a record says, it is loaded or refused: no parser fails, and none loses a record."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import load_settings
from pipelines.load import LoadReport, load_sources, source_modules
from pipelines.sources.org.files import FILES
from tests.pipelines.mutations import MUTATIONS, damaged, mutated, mutated_row
from tests.pipelines.samples import SOURCES, sample
from tests.pipelines.test_aws_cur import LINE as AWS_LINE
from tests.pipelines.test_aws_cur import S3
from tests.pipelines.test_gcp_billing import ROW as GOOGLE_ROW
from tests.pipelines.test_gcp_billing import TAX
from tests.pipelines.test_gcp_billing import row as google_row
from tests.pipelines.test_vllm import exposition
from tests.source_home import SourceHome

FOCUS_ROW = {
    "BilledCost": "1.5", "EffectiveCost": "1.5", "ListCost": "2", "ContractedCost": "1.5",
    "BillingCurrency": "USD", "ChargeCategory": "Usage", "BillingPeriodStart": "2025-04-01",
    "BillingPeriodEnd": "2025-05-01", "ChargePeriodStart": "2025-04-01T00:00:00Z",
    "ChargePeriodEnd": "2025-04-02", "ProviderName": "OpenAI", "BillingAccountId": "a1",
    "ConsumedQuantity": "12", "ConsumedUnit": "tokens", "Tags": '{"team": "search"}',
    "SkuPriceDetails": '{"a": 1}', "x_Own": "1",
}  # fmt: skip


def home_of(source: str, tmp_path: Path) -> SourceHome:
    [table, *_] = source_modules()[source].TABLES
    return SourceHome(tmp_path / "home", source, table)


def hold(home: SourceHome, report: LoadReport, records: int | None = None) -> None:
    """Hold a load to its account, and the account to what the lake has."""
    assert report.faults == []
    assert report.records_read == (
        report.records_loaded + report.records_quarantined + report.records_duplicate
    )
    assert report.records_read == (records or report.records_read) > 0
    assert len(home.rows("1")) == report.records_loaded > 0
    assert len(home.reasons()) == report.records_quarantined > 0


@pytest.mark.parametrize("source", SOURCES)
def test_changed_records_of_a_file_are_loaded_or_refused(source: str, tmp_path: Path) -> None:
    chance = random.Random(5)
    home, records = home_of(source, tmp_path), sample(source)
    changed = [mutated(chance.choice(records), chance) for _ in range(MUTATIONS)]
    lines = [json.dumps(record) for record in changed]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(line + "\n" for line in lines))
    hold(home, home.load(path))


@pytest.mark.parametrize("source", SOURCES)
def test_damaged_lines_of_a_file_are_loaded_or_refused(source: str, tmp_path: Path) -> None:
    chance = random.Random(6)
    home, records = home_of(source, tmp_path), sample(source)
    lines = [json.dumps(chance.choice(records)) for _ in range(MUTATIONS)]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(damaged(line, chance) + "\n" for line in lines))
    hold(home, home.load(path))


@pytest.mark.parametrize("by", ["file", "export_day"])
def test_changed_rows_of_googles_export(tmp_path: Path, by: str) -> None:
    chance = random.Random(5)
    home = home_of("gcp_billing", tmp_path)
    rows = [mutated(chance.choice([GOOGLE_ROW, google_row(1, **TAX)]), chance)
            for _ in range(MUTATIONS)]  # fmt: skip
    path = tmp_path / "a.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    hold(home, home.load(path, services=["*"], restated_by=by), MUTATIONS)


def write_table(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def damage_table(path: Path, chance: random.Random) -> None:
    """Damage one line in twenty, not the header."""
    header, *lines = path.read_text(encoding="utf-8").split("\n")
    lines = [damaged(line, chance) if chance.random() < 0.05 else line for line in lines]
    path.write_text("\n".join([header, *lines]), encoding="utf-8")


TABLES = {"focus": ([FOCUS_ROW], {}), "aws_cur": ([AWS_LINE, AWS_LINE | S3], {"services": ["*"]})}


@pytest.mark.parametrize("source", TABLES)
def test_changed_rows_of_a_bill(source: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    rows, settings = TABLES[source]
    home = home_of(source, tmp_path)
    changed = [mutated_row(chance.choice(rows), chance) for _ in range(MUTATIONS)]
    path = write_table(tmp_path / "a.csv", changed)
    hold(home, home.load(path, **settings), MUTATIONS)
    damage_table(path, chance)
    other = home_of(source, tmp_path / "damaged")
    hold(other, other.load(path, **settings))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.file_name)
def test_changed_rows_of_a_register(file: Any, tmp_path: Path) -> None:
    """A register with wrong rows loads its right ones, or says that it is refused whole."""
    chance = random.Random(8)
    row = {column.name: "" for column in file.columns}
    folders = dict.fromkeys(("bursar.org", "bursar.pricing", "bursar.policy"), str(tmp_path))
    overrides = {**folders, "bursar.salt": "p"}
    settings = load_settings(tmp_path / "home", overrides)
    write_table(tmp_path / file.file_name, [mutated_row(row, chance) for _ in range(MUTATIONS)])
    [report] = load_sources(settings, ["org"], lambda *_: None)
    # A line without any value is a spreadsheet's empty one, and no record.
    assert report.faults or MUTATIONS / 2 < report.records_read <= MUTATIONS
    assert report.records_read == (
        report.records_loaded + report.records_quarantined + report.records_duplicate
    )


def test_changed_pages_of_an_engine(tmp_path: Path) -> None:
    chance = random.Random(9)
    home = home_of("vllm", tmp_path)
    page = exposition(
        "a", [(1763208000 + 15 * n, 1000 + n, 1763200000.0) for n in range(50)], knows_start=True
    )
    lines = page.splitlines() * max(1, MUTATIONS // 150)
    path = tmp_path / "a.prom"
    path.write_text("".join(damaged(line, chance) + "\n" for line in lines))
    hold(home, home.load(path))
