"""The reconciliation app's causes sum to the bills, and every cause leads down to its records."""

import json
import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
from playwright.sync_api import Page, expect
from published import WAIT, Site, one, publish

from notebooks.apps.reconciliation import app
from notebooks.lib import (
    looks,
    publication,
    reconciliation_charts,
    reconciliation_evidence,
    reconciliation_views,
    reconciliations,
    waterfall,
)
from notebooks.lib.evidence import CAUSES
from notebooks.lib.reconciliations import BillSelection

OCTOBER = BillSelection(month=date(2026, 10, 1), currency="USD")
WHERE = "billing_currency = 'USD' and billing_month = date '2026-10-01'"
INVOICED = "select sum(invoice_cost) from invoice_reconciliation_month where {}"
BASES = ("billed", "effective")


def test_the_app_shows_the_newest_month_of_the_mart(warehouse: Path) -> None:
    _, defined = app.run(defs={"warehouse_path": warehouse})
    expected = one(warehouse, INVOICED.format(WHERE))
    assert defined["chosen"] == OCTOBER
    assert defined["bills"]["invoice_cost"].sum() == expected
    assert defined["causes"]["bill_cost"].sum() == expected
    assert defined["lines"]["invoice_cost"].sum() == expected
    assert defined["found"].is_empty()
    assert len(defined["commitments"]) == 2


def test_the_app_without_a_publication_says_what_to_run(tmp_path: Path) -> None:
    outputs, defined = app.run(defs={"warehouse_path": publication.published_path(tmp_path)})
    assert any("bursar demo" in output.text for output in outputs if output is not None)
    assert "bills" not in defined


def test_the_app_with_nothing_to_reconcile_says_so(warehouse: Path) -> None:
    with duckdb.connect(os.path.realpath(warehouse)) as connection:
        connection.execute("delete from invoice_reconciliation_month")
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    assert any("nothing to reconcile" in output.text for output in outputs if output is not None)
    assert "bills" not in defined


@pytest.mark.parametrize("basis", BASES)
def test_the_causes_lead_from_the_meter_to_the_bill(warehouse: Path, basis: str) -> None:
    _, cursor = publication.connect(warehouse)
    chosen = replace(OCTOBER, basis=basis)
    causes = reconciliations.causes(cursor, chosen)
    column = reconciliations.TOTALS[basis]
    bill = one(
        warehouse,
        f"select sum({column}) from invoice_reconciliation_month where {WHERE} and is_billed",
    )
    assert causes.row(0, named=True)["bill_cost"] == bill
    assert causes.select(pl.sum_horizontal(CAUSES)).item() == bill
    steps = reconciliation_views.cause_steps(causes, chosen)
    bars = waterfall.steps(
        steps,
        label="label",
        value="cost",
        unit="USD",
        totals=(reconciliation_views.METERED, reconciliation_views.BILLS[basis]),
    )
    assert bars["end"].to_list()[-1] == bill
    assert "Unexplained" in steps["label"].to_list()
    assert "Exchange of currencies" not in steps["label"].to_list()


def test_a_month_without_a_bill_explains_nothing(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    waiting = replace(OCTOBER, provider="Mistral AI")
    causes = reconciliations.causes(cursor, waiting)
    assert "No bill for this choice" in reconciliation_views.cause_chart(causes, waiting).text
    shown = reconciliation_views.basis_table(causes, causes, waiting).text
    assert "No bill for this choice" in shown
    bills = reconciliations.bills(cursor, waiting)
    cards = {card.label: card for card in reconciliation_views.headline_cards(bills, waiting)}
    assert cards["Invoiced, October 2026"].value == "unknown"
    assert cards["Metered, estimate"].value == "USD 5.00"
    assert cards["Open lines"].value == "0"
    assert cards["Open lines"].lines == ("1 more wait for a bill",)
    lines = reconciliations.lines(cursor, waiting)
    assert reconciliation_views.with_state(lines)["state"].to_list() == ["No bill yet"]


def test_filters_narrow_every_figure(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    chosen = BillSelection(date(2026, 9, 1), "EUR", provider="Microsoft", account="mca-77")
    where = (
        "billing_currency = 'EUR' and billing_month = date '2026-09-01'"
        " and billing_account_id = 'mca-77'"
    )
    expected = one(warehouse, INVOICED.format(where))
    assert reconciliations.bills(cursor, chosen)["invoice_cost"].sum() == expected
    assert reconciliations.lines(cursor, chosen)["invoice_cost"].sum() == expected
    assert set(reconciliations.evidence_rows(cursor, chosen)["billing_account_id"]) == {"mca-77"}
    assert reconciliations.bills(cursor, replace(chosen, account="' or true --")).is_empty()


@pytest.mark.parametrize("status", reconciliation_views.STATUSES)
def test_a_status_shows_its_lines_alone(warehouse: Path, status: str) -> None:
    _, cursor = publication.connect(warehouse)
    rows = reconciliations.lines(cursor, replace(OCTOBER, status=status))
    where = f"{WHERE} and reconciliation_status = '{status}'"
    count = one(warehouse, f"select count(*) from invoice_reconciliation_month where {where}")
    assert len(rows) == count
    assert set(rows["reconciliation_status"]) <= {status}


def test_a_line_says_who_signed_it_off_and_when_that_lapsed(warehouse: Path) -> None:
    with duckdb.connect(os.path.realpath(warehouse)) as connection:
        connection.execute(
            "update invoice_reconciliation_month set has_lapsed_sign_off = true,"
            " reconciliation_status = 'open' where ai_model_id = 'openai/gpt-5'"
        )
    _, cursor = publication.connect(warehouse)
    rows = reconciliation_views.with_state(reconciliations.lines(cursor, OCTOBER))
    states = dict(rows.select("ai_model_id", "state").rows())
    assert states["openai/gpt-5"] == "Open, sign-off lapsed"
    assert states["none"] == "Signed off"
    [signed] = rows.filter(pl.col("state") == "Signed off").rows(named=True)
    assert (signed["signed_off_by"], signed["signed_off_on"]) == (
        "Lab notebook",
        date(2026, 11, 3),
    )


def test_evidence_of_a_cause_sums_to_the_cause(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    causes = reconciliations.causes(cursor, OCTOBER).row(0, named=True)
    for name in ("metered", "bypassed_gateway", "failed_or_retried"):
        rows = reconciliations.evidence_rows(cursor, replace(OCTOBER, cause=name))
        assert set(rows["cause"]) == {name}
        assert rows["evidence_cost"].sum() == causes[f"{name}_cost"]
    chosen = replace(OCTOBER, cause="metered", line="openai/gpt-5 / none / standard")
    assert set(reconciliations.evidence_rows(cursor, chosen)["ai_model_id"]) == {"openai/gpt-5"}


def test_the_lines_to_choose_from_are_those_of_the_evidence(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    names = reconciliations.line_names(cursor, OCTOBER)
    found = reconciliations.evidence_rows(cursor, OCTOBER).select(
        pl.concat_str("ai_model_id", "token_class", "service_tier", separator=" / ")
    )
    assert set(found.to_series()) <= set(names)


def test_evidence_leads_down_to_a_file_a_load_and_what_was_refused(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    options = reconciliation_evidence.load_options(reconciliations.evidence_rows(cursor, OCTOBER))
    assert list(options) == ["None", "litellm file:logs/a.jsonl.gz"]
    source, _, unit = options["litellm file:logs/a.jsonl.gz"].partition(" ")
    found = reconciliations.loads(cursor, source, unit).row(0, named=True)
    assert (found["unit_kind"], found["load_id"], found["records_read"]) == (
        "file",
        "1795377285.95",
        100,
    )
    refused = reconciliations.refused(cursor, source, unit)
    assert refused["source_line"].to_list() == [3]


def test_what_is_unexplained_says_that_it_has_no_evidence(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    chosen = replace(OCTOBER, cause="unexplained")
    rows = reconciliations.evidence_rows(cursor, chosen)
    shown = reconciliation_evidence.evidence_table(rows, chosen, everything=lambda: rows)
    assert "it is what is left" in shown.text


def test_the_command_to_the_records_runs_no_name() -> None:
    chosen = replace(OCTOBER, provider="Evil; rm -rf /", account="$(id)")
    assert reconciliation_evidence.command(chosen) == (
        "bursar trace cost_per_team_month billing_month=2026-10 billing_currency=USD"
        " 'service_provider_name=Evil; rm -rf /' 'billing_account_id=$(id)'"
    )


def test_unexplained_that_cancels_out_is_seen(warehouse: Path) -> None:
    with duckdb.connect(os.path.realpath(warehouse)) as connection:
        connection.execute(
            "update invoice_reconciliation_month set unexplained_cost ="
            " case ai_model_id when 'openai/gpt-5' then 7 when 'none' then -7 else 0 end"
        )
    _, cursor = publication.connect(warehouse)
    bills = reconciliations.bills(cursor, OCTOBER)
    cards = {card.label: card for card in reconciliation_views.headline_cards(bills, OCTOBER)}
    assert cards["Unexplained, cash"].value == "USD 0.00"
    assert cards["Unexplained, cash"].lines == ("net; USD 14.00 up and down over all lines",)
    assert cards["Unexplained, cash"].tone == "attention"


def test_cash_and_accrual_stand_side_by_side(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = {
        basis: reconciliations.causes(cursor, replace(OCTOBER, basis=basis)).row(0, named=True)
        for basis in BASES
    }
    assert rows["billed"]["non_token_cost"] == 0
    assert rows["effective"]["non_token_cost"] == -300  # a commitment over OpenAI's three lines
    assert rows["billed"]["metered_cost"] == rows["effective"]["metered_cost"]
    assert rows["billed"]["bill_cost"] - rows["effective"]["bill_cost"] == 300


def test_an_unknown_view_has_no_bar_and_says_so(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    bills = reconciliations.bills(cursor, OCTOBER)
    rows = reconciliation_charts.view_rows(bills, "USD")
    waiting = rows.filter(pl.col("account") == "Mistral AI · unknown")
    known = dict(waiting.select("view", "exact").rows())
    assert known[looks.VIEW_LOOKS["invoice_cost"][0]] == "unknown"
    assert known[looks.VIEW_LOOKS["metered_estimated_cost"][0]] == "USD 5.00"
    chart = reconciliation_charts.view_chart(bills, currency="USD", title="t")
    [drawn] = json.loads(chart.to_json())["datasets"].values()
    assert sum(row["cost"] or 0 for row in drawn if row["view"] == "invoice") == pytest.approx(
        float(one(warehouse, INVOICED.format(WHERE)))
    )


def test_a_commitment_of_unknown_use_is_listed_and_not_drawn(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = reconciliations.commitments(cursor, OCTOBER)
    assert rows["utilisation_ratio"].null_count() == 1
    assert reconciliation_evidence.percent(None) == "unknown"
    assert reconciliation_evidence.percent(0.305) == "30.5%"
    shown = reconciliation_evidence.commitment_view(rows, OCTOBER).text
    assert "USD 69.50 of commitments went unused" in shown
    none = reconciliation_evidence.commitment_view(rows.clear(), OCTOBER).text
    assert "No commitment in USD" in none
    unknown = rows.filter(pl.col("utilisation_ratio").is_null())
    assert "is unknown" in reconciliation_evidence.commitment_view(unknown, OCTOBER).text


def test_texts_from_outside_open_no_tag(tmp_path: Path) -> None:
    path = publish(tmp_path, "hostile", hostile='<img src="x" onerror="alert(1)">')
    outputs, _ = app.run(defs={"warehouse_path": path})
    assert not any('<img src="x"' in output.text for output in outputs if output is not None)


def expect_invoiced(page: Page, amount: Decimal) -> None:
    found = page.locator(".b-card .b-value").first
    expect(found).to_have_text(f"USD {amount:,.2f}", timeout=WAIT)


@pytest.mark.browser
def test_the_page_shows_the_marts_figures_and_nothing_fails(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/")
    page.get_by_role("link", name="Reconciliation").click()
    expect_invoiced(page, one(site.path, INVOICED.format(WHERE)))
    for question in ("usage report and meter", "explains the difference", "Cash and accrual"):
        expect(page.get_by_role("heading", name=question)).to_be_visible(timeout=WAIT)
    expect(page.locator("canvas, svg.marks")).to_have_count(3, timeout=WAIT)
    expect(page.locator("marimo-table")).to_have_count(5, timeout=WAIT)
    expect(page.get_by_text("internal error")).to_have_count(0)


@pytest.mark.browser
def test_a_cause_leads_down_to_its_load_and_stays_in_the_address(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/reconciliation/?provider=Anthropic&cause=bypassed_gateway")
    expect_invoiced(
        page, one(site.path, INVOICED.format(f"{WHERE} and service_provider_name = 'Anthropic'"))
    )
    evidence = page.locator("marimo-table", has_text="Came in")
    expect(evidence.get_by_text("Bypassed the gateway")).to_have_count(1, timeout=WAIT)
    page.get_by_label("Cause", exact=True).select_option(label="Seen by the gateway")
    expect(evidence.get_by_text("Seen by the gateway")).to_have_count(1, timeout=WAIT)
    assert "cause=metered" in page.url
    page.get_by_label("Came in", exact=True).select_option(label="litellm file:logs/a.jsonl.gz")
    expect(page.get_by_text("1795377285.95")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Mend line 3.")).to_be_visible()
    expect(page.get_by_text("bursar trace cost_per_team_month")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1795377285.95")).to_be_visible(timeout=WAIT)


@pytest.mark.browser
def test_hostile_names_are_text_on_the_page_and_in_files(
    page: Page, site: Site, tmp_path: Path
) -> None:
    hostile = '=cmd|x <img src="http://evil.example/x.png" onerror="document.title=1">'
    site.publish("hostile", hostile=hostile)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/reconciliation/?load=litellm+file:logs/a.jsonl.gz")
    expect(page.get_by_text("=cmd|x").first).to_be_visible(timeout=WAIT)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download evidence as CSV").click()
    target = tmp_path / "evidence.csv"
    downloaded.value.save_as(target)
    assert set(pl.read_csv(target)["credential_id"]) == {f"'{hostile}"}
    assert page.title() == "Reconciliation"
    assert not [url for url in asked if "evil" in url]
