"""A month's pack: what its files hold, what none of them runs, and the same bytes again."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from notebooks.lib.packs import find_pack
from pipelines.cli import app
from pipelines.config import Settings, SettingsError
from pipelines.exports.chargeback import FORMATS, export_chargeback, pack_folder
from pipelines.exports.pack import collect
from pipelines.exports.pdf import describe
from pipelines.exports.texts import method_text, offering_text
from tests.exports import publication
from tests.exports.files import CLOSED, in_publication, rows_of
from tests.exports.publication import FORMULA, MONTH

Publish = Callable[..., Settings]
ALL = list(FORMATS)


def export(settings: Settings, out: Path, *formats: str, teams: list[str] | None = None) -> Path:
    export_chargeback(settings, MONTH, teams or [], list(formats), out)
    return out


def test_the_same_publication_gives_the_same_bytes(publish: Publish, tmp_path: Path) -> None:
    settings = publish()
    first, second = (export(settings, tmp_path / name, *ALL) for name in ("first", "second"))
    names = sorted(path.name for path in first.iterdir())
    assert len(names) == 13
    assert names == sorted(path.name for path in second.iterdir())
    different = [
        name for name in names if (first / name).read_bytes() != (second / name).read_bytes()
    ]
    assert different == []


def test_the_manifest_has_the_hash_of_every_file(publish: Publish, tmp_path: Path) -> None:
    out = export(publish(), tmp_path / "out", *ALL)
    manifest = json.loads((out / "manifest_2026-10.json").read_text())
    listed = {file["name"]: file["sha256"] for file in manifest["files"]}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in out.iterdir()
        if path.name != "manifest_2026-10.json"
    }
    assert listed == found
    assert manifest["period_status"] == "preliminary"
    assert manifest["publication"]["publication_id"] == "20261122T000000000000Z"
    assert manifest["publication"]["price_book_version"] == "0.2.3"
    assert [row["difference_cost"] for row in manifest["invoices"]] == ["0.000000000000"] * 2


def test_an_export_removes_what_only_the_one_before_had(publish: Publish, tmp_path: Path) -> None:
    settings, out = publish(), tmp_path / "out"
    export(settings, out, "csv", "journal")
    others = ("notes_2026-10.txt", "invoices_2026-09.csv")
    for name in others:
        (out / name).write_text("of somebody else")
    export(settings, out, "csv", teams=["search"])
    listed = json.loads((out / "manifest_2026-10.json").read_text())["files"]
    assert {path.name for path in out.iterdir()} == {
        *others, "manifest_2026-10.json", *(file["name"] for file in listed)
    }  # fmt: skip
    assert {"invoices_2026-10.csv", "journal_2026-10.csv"} & set(os.listdir(out)) == set()


@pytest.mark.parametrize(
    "manifest",
    [
        '{"files": [{"name": "../kept_2026-10.csv"}, {"name": "kept.csv"}, {"name": 7}]}',
        '{"files": [{"name": "/kept_2026-10.csv"}, {"name": "kept_2026-09.csv"}]}',
        '{"files": 3}', "[]", "{", "",
    ],
)  # fmt: skip
def test_a_manifest_that_somebody_else_wrote_removes_nothing_of_theirs(
    publish: Publish, tmp_path: Path, manifest: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    kept = [tmp_path / "kept_2026-10.csv", out / "kept.csv", out / "kept_2026-09.csv"]
    for path in kept:
        path.write_text("of somebody else")
    (out / "manifest_2026-10.json").write_text(manifest)
    export(publish(), out, "csv")
    assert [path for path in kept if not path.exists()] == []
    assert json.loads((out / "manifest_2026-10.json").read_text())["document"] == "chargeback"


def test_csv_has_rounded_and_exact_amounts(publish: Publish, tmp_path: Path) -> None:
    out = export(publish(), tmp_path / "out", "csv")
    lines = rows_of(out / "statement_lines_2026-10.csv")
    amounts = {line["statement_line_id"]: line["statement_cost"] for line in lines}
    assert amounts == {"l1": "10.01", "l2": "-2.50", "l3": "3.30", "l4": "700", "l5": "0.19"}
    assert {line["billed_cost"] for line in lines} >= {"10.010000000000", "700.000000000000"}
    heads = rows_of(out / "statements_2026-10.csv")
    assert (
        sum(Decimal(head["statement_cost"]) for head in heads if head["billing_currency"] == "USD")
        == 11
    )
    assert {line["period_status"] for line in lines} == {"preliminary"}


def test_no_text_in_csv_begins_as_a_formula(publish: Publish, tmp_path: Path) -> None:
    out = export(publish(), tmp_path / "out", "csv", "journal")
    cells = [cell for path in out.glob("*.csv") for row in csv.reader(path.open()) for cell in row]
    dangerous = [cell for cell in cells if cell[:1] in "=+-@\t\r|%" and cell[:1]]
    assert dangerous, "amounts below zero are numbers"
    assert [cell for cell in dangerous if not cell.lstrip("+-").replace(".", "").isdigit()] == []
    assert f"'{FORMULA}" in cells


def test_the_workbook_holds_data_as_data(publish: Publish, tmp_path: Path) -> None:
    out = export(publish(), tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(out / "chargeback_2026-10.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    allowed = ("=ROUND(", "=IF(", "=SUMIF(", "=B")
    assert formulas
    assert [formula for formula in formulas if not formula.startswith(allowed)] == []
    assert [formula for formula in formulas if "evil" in formula or "cmd" in formula] == []
    texts = [cell for cell in cells if cell.value == FORMULA]
    assert texts
    assert {cell.data_type for cell in texts} == {"s"}
    assert [cell for cell in cells if cell.hyperlink] == []
    assert [
        sheet.title for sheet in book if sheet.freeze_panes is None and sheet.title != "Read me"
    ] == []
    numbers = [cell for cell in book["Statements"]["K"] if isinstance(cell.value, int | float)]
    assert {cell.number_format.split(";")[0] for cell in numbers} == {"#,##0.00", "#,##0"}


def test_every_sheet_and_page_says_that_the_month_is_open(publish: Publish, tmp_path: Path) -> None:
    out = export(publish(), tmp_path / "out", "xlsx")
    book = openpyxl.load_workbook(out / "chargeback_2026-10.xlsx")
    assert [sheet.title for sheet in book if "PRELIMINARY" not in str(sheet["A2"].value)] == []


def test_a_closed_month_says_so(publish: Publish, tmp_path: Path) -> None:
    settings = publish()
    in_publication(settings, CLOSED)
    out = export(settings, tmp_path / "out", "journal", "csv")
    assert json.loads((out / "manifest_2026-10.json").read_text())["period_status"] == "closed"
    assert {row["reversal_date"] for row in rows_of(out / "journal_2026-10.csv")} == {""}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("tables", [{}, publication.with_fee()], ids=["plain", "with a fee"])
def test_libreoffice_recalculates_to_what_the_workbook_says(
    publish: Publish, tmp_path: Path, tables: dict[str, list[dict[str, Any]]]
) -> None:
    out = export(publish(**tables), tmp_path / "out", "xlsx")
    name = "chargeback_2026-10.xlsx"
    subprocess.run(
        [
            "soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office",
            "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "again"),
            str(out / name),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    formulas = openpyxl.load_workbook(out / name)
    ours = openpyxl.load_workbook(out / name, data_only=True)
    theirs = openpyxl.load_workbook(tmp_path / "again" / name, data_only=True)
    compared, different = 0, []
    for sheet in formulas:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            compared += 1
            here = ours[sheet.title][cell.coordinate].value
            there = theirs[sheet.title][cell.coordinate].value
            same = here == there if isinstance(here, str) else abs(here - there) < 1e-9
            if not same:
                different.append((sheet.title, cell.coordinate, cell.value, here, there))
    assert compared > 10
    assert different == []


def test_the_pdf_is_for_archives_and_takes_texts_as_texts(publish: Publish, tmp_path: Path) -> None:
    hostile = '#eval("1+1") $x$ *b* `c` <d> #set page(fill: red) \\ "'
    lines = [{**row, "service_name": hostile} for row in publication.LINES]
    out = export(publish(team_statement_lines_month=lines), tmp_path / "out", "pdf")
    content = (out / "chargeback_2026-10.pdf").read_bytes()
    assert content.startswith(b"%PDF-1.7")
    assert b"pdfaid:part" in content
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", str(out / "chargeback_2026-10.pdf"), "-"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        assert '#eval("1+1")' in text.replace("\u200b", "")
        pages = [page for page in text.split("\f") if page.strip()]
        assert len(pages) == 1 + len(publication.statements())
        assert [page for page in pages if "PRELIMINARY" not in page] == []


def test_a_pack_of_a_team_has_nothing_of_another(publish: Publish, tmp_path: Path) -> None:
    settings = publish()
    out = export(settings, tmp_path / "out", "csv", "focus", "xlsx", "pdf", teams=["search"])
    assert {path.name for path in out.iterdir()} == {
        "chargeback_2026-10.pdf", "chargeback_2026-10.xlsx", "drivers_2026-10.csv",
        "focus_1_2_2026-10.parquet", "focus_1_4_2026-10.parquet", "manifest_2026-10.json",
        "questions_2026-10.csv", "statement_lines_2026-10.csv", "statements_2026-10.csv",
    }  # fmt: skip
    assert {row["team_id"] for row in rows_of(out / "statement_lines_2026-10.csv")} == {"search"}
    assert {row["team_id"] for row in rows_of(out / "statements_2026-10.csv")} == {"search"}
    teams = duckdb.sql(
        f"select distinct x_TeamId from '{out}/focus_1_4_2026-10.parquet'"
    ).fetchall()
    assert teams == [("search",)]
    book = openpyxl.load_workbook(out / "chargeback_2026-10.xlsx")
    assert "Invoices" not in book.sheetnames
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {11, 10.81, 0.19, 700, 3.3} & {
        cell for cell in cells if isinstance(cell, float | int)
    } == set()
    pack = collect(settings.publication_path, MONTH, ("search",))
    texts = {
        "paper": json.dumps(describe(pack)),
        "workbook": json.dumps([cell for cell in cells if isinstance(cell, str)]),
        **{path.name: path.read_text() for path in out.glob("*.[cj]s*")},
    }
    assert len(texts) == 7
    others = ("JPY", "legal", "HYPERLINK", "11.00", "10.81", "0.19", "3.30", '"invoices": [{')
    found = [(name, word) for name, text in texts.items() for word in others if word in text]
    assert found == [], "what another team or the company as a whole is billed"
    assert "invoices" not in json.loads((out / "manifest_2026-10.json").read_text())


def test_a_pack_of_a_team_has_the_rates_of_its_currencies(publish: Publish) -> None:
    publication_path = publish().publication_path
    rates = describe(collect(publication_path, MONTH, ("legal",)))["rates"]
    assert [(rate["pair"], rate["rate"]) for rate in rates] == [("JPY in USD", "0.0066")]
    assert describe(collect(publication_path, MONTH, ("search",)))["rates"] == []


def test_a_fee_stands_on_its_own_line_and_every_file_ties_out_with_it(
    publish: Publish, tmp_path: Path
) -> None:
    settings = publish(**publication.with_fee())
    out = export(settings, tmp_path / "out", *ALL)
    [fee] = [
        row for row in rows_of(out / "statement_lines_2026-10.csv") if row["line_kind"] == "fee"
    ]
    assert (fee["team_id"], fee["statement_cost"], fee["service_name"]) == (
        "search", "0.52", "'=Platform",
    )  # fmt: skip
    manifest = json.loads((out / "manifest_2026-10.json").read_text())
    assert [fee["fee_cost"] for fee in manifest["fees"]] == ["0.520000000000"]
    [listed] = rows_of(out / "fees_2026-10.csv")
    assert (listed["fee_cost"], listed["exact_fee_cost"]) == ("0.52", "0.520500000000")
    heads = rows_of(out / "statements_2026-10.csv")
    invoices = rows_of(out / "invoices_2026-10.csv")
    for currency in ("USD", "JPY"):
        stated, fees, billed = (
            sum(Decimal(row[name]) for row in rows if row["billing_currency"] == currency)
            for rows, name in (
                (heads, "statement_cost"), (heads, "fee_cost"), (invoices, "invoice_cost"),
            )
        )  # fmt: skip
        assert stated - fees == billed
    journal = rows_of(out / "journal_2026-10.csv")
    recovered = [row for row in journal if row["account"] == "7900"]
    assert [(row["credit"], row["cost_center"]) for row in recovered] == [("0.52", "CC-9")]
    assert recovered[0]["memo"].endswith("recovery")
    book = openpyxl.load_workbook(out / "chargeback_2026-10.xlsx", data_only=True)
    checks = [cell.value for row in book["Statements"].iter_rows() for cell in row]
    assert checks.count("equals invoices and fees") == 2
    assert book["Fees"]["A5"].data_type == "s"
    assert describe(collect(settings.publication_path, MONTH, ()))["fees"] == [
        {
            "name": "=Platform", "account": "7900, CC-9", "currency": "USD", "base": "10.41",
            "fee": "0.52",
        }
    ]  # fmt: skip


def test_shared_costs_stand_beside_the_drivers_that_they_go_by(
    publish: Publish, tmp_path: Path
) -> None:
    shared = {
        "billing_month": MONTH, "service_provider_name": "OpenAI", "billing_account_id": "org-1",
        "charge_category": "Tax", "allocation_method": "shared_tiered_tokens",
        "allocation_driver": "tokens", "driver_source": "metered", "billing_currency": "USD",
        "driver_quantity": Decimal(30), "whole_quantity": Decimal(40),
        "billed_cost": Decimal("2.5"),
    }  # fmt: skip
    rows = [{**shared, "team_id": team} for team in ("legal", "search")]
    settings = publish(shared_costs_month=rows)
    found = rows_of(export(settings, tmp_path / "all", "csv") / "shared_costs_2026-10.csv")
    assert [(row["team_id"], row["driver_quantity"], row["billed_cost"]) for row in found] == [
        ("legal", "30.000000000000", "2.500000000000"),
        ("search", "30.000000000000", "2.500000000000"),
    ]
    out = export(settings, tmp_path / "one", "csv", teams=["search"])
    mine = rows_of(out / "shared_costs_2026-10.csv")
    assert [(row["team_id"], row["whole_quantity"]) for row in mine] == [("search", "")]
    assert {row["whole_quantity"] for row in found} == {"40.000000000000"}


def test_a_pack_of_a_team_has_its_fee_and_not_the_whole_one(
    publish: Publish, tmp_path: Path
) -> None:
    settings = publish(**publication.with_fee())
    out = export(settings, tmp_path / "out", "csv", "xlsx", teams=["search"])
    lines = rows_of(out / "statement_lines_2026-10.csv")
    assert "0.52" in {row["statement_cost"] for row in lines}
    assert not (out / "fees_2026-10.csv").exists()
    assert "Fees" not in openpyxl.load_workbook(out / "chargeback_2026-10.xlsx").sheetnames


@pytest.mark.parametrize(
    ("formats", "teams", "month", "says"),
    [
        (["docx"], [], MONTH, "--format has docx"),
        ([], [], MONTH, "--format is empty"),
        (["journal"], ["search"], MONTH, "would not balance for some teams"),
        (["csv"], ["ghost"], MONTH, "No statement of 2026-10 is for 'ghost'"),
        (
            ["csv"],
            [],
            MONTH.replace(month=9),
            "No bill of 2026-09 is published: choose from 2026-10",
        ),
    ],
)
def test_a_wrong_wish_is_one_sentence(
    publish: Publish, tmp_path: Path, formats: list[str], teams: list[str], month: Any, says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        export_chargeback(publish(), month, teams, formats, tmp_path / "out")


def test_a_pack_goes_into_the_home_and_one_of_some_teams_does_not(publish: Publish) -> None:
    settings = publish()
    folder = pack_folder(settings, MONTH, [])
    assert folder == settings.home / "packs" / "2026-10"
    assert (export(settings, folder, "csv") / "manifest_2026-10.json").is_file()
    with pytest.raises(SettingsError, match="with --out"):
        pack_folder(settings, MONTH, ["search"])


def test_the_command_writes_where_the_app_looks(publish: Publish) -> None:
    settings = publish()
    command = ["export", "chargeback", "--month", "2026-10", "--format", "csv"]
    done = CliRunner().invoke(app, [*command, "--home", str(settings.home)])
    assert done.exit_code == 0, done.output
    found = find_pack(settings.home, MONTH)
    assert found.publication_id == "20261122T000000000000Z"
    assert [file.name for file in found.files if file.agrees] == sorted(
        f"{name}_2026-10.csv"
        for name in ("drivers", "invoices", "questions", "statement_lines", "statements")
    )
    refused = CliRunner().invoke(app, [*command, "--team", "legal", "--home", str(settings.home)])
    assert refused.exit_code == 2


def test_an_offering_is_said_once() -> None:
    line = {"service_provider_name": "OpenAI", "service_name": "OpenAI API"}
    assert offering_text({**line, "ai_model_id": "openai/gpt-4o"}) == "OpenAI API · gpt-4o"
    assert offering_text({**line, "ai_model_id": "none"}) == "OpenAI API"
    assert method_text("usage", "gateway_day") == "use of its keys (gateway day)"
    assert method_text("usage", "unallocated") == "no owner"
