"""A real headless Chromium opens the budgets app, filters, downloads, and shows text as text."""

from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect
from published import WAIT, Site, one, publish

pytestmark = pytest.mark.browser
STATUS = "select {} from budget_status_period where budget_id = ? and period_start = date '{}'"


def open_budgets(page: Page, site: Site, query: str = "") -> None:
    page.goto(f"{site.address}/budgets/{query}")
    expect(page.locator(".b-card", has_text="Left of the budget")).to_be_visible(timeout=WAIT)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def expect_spent(page: Page, site: Site, budget_id: str, start: str, currency: str) -> None:
    spent = one(site.path, STATUS.format("spent_cost", start), budget_id)
    shown = page.locator(".b-card", has_text="Spent").last.locator(".b-value")
    expect(shown).to_have_text(f"{currency} {spent:,.2f}", timeout=WAIT)


def test_the_page_shows_the_marts_figures_and_nothing_fails(page: Page, site: Site) -> None:
    open_budgets(page, site)
    expect_spent(page, site, "b-anthropic", "2026-10-01", "USD")
    for question in ("Which budgets hold?", "How good is the forecast?", "Which days were odd?"):
        expect(page.get_by_role("heading", name=question)).to_be_visible()
    expect(page.locator("canvas, svg.marks")).to_have_count(5, timeout=WAIT)
    expect(page.locator("marimo-table")).to_have_count(8)
    expect(page.get_by_text("internal error")).to_have_count(0)


def test_a_filter_changes_the_figures_and_stays_in_the_address(page: Page, site: Site) -> None:
    open_budgets(page, site)
    choose(page, "Month", "September 2026")
    choose(page, "Budget", "Search, Sep 2026")
    expect_spent(page, site, "b-search", "2026-09-01", "USD")
    assert "month=2026-09" in page.url
    assert "budget=b-search" in page.url
    page.reload()
    expect_spent(page, site, "b-search", "2026-09-01", "USD")
    expect(page.get_by_label("Budget", exact=True)).to_have_value("Search, Sep 2026")


def test_a_budget_keeps_its_own_currency(page: Page, site: Site) -> None:
    open_budgets(page, site, "?scope=cost_center")
    expect_spent(page, site, "b-data", "2026-10-01", "EUR")
    expect(
        page.locator(".b-card", has_text="Forecast to the period").locator(".b-value")
    ).to_have_text("unknown")


def test_how_it_is_computed_is_the_marts_own_description(page: Page, site: Site) -> None:
    open_budgets(page, site)
    page.get_by_role("button", name="How this is computed").first.click()
    note = page.get_by_role("region", name="How this is computed")
    expect(note.get_by_text("One row per budget and period up to the newest")).to_be_visible()


def test_hostile_text_stays_text_on_the_page_and_in_the_csv(
    page: Page, site: Site, tmp_path: Path
) -> None:
    hostile = '=cmd|x <img src="http://evil.example/x.png" onerror="document.title=1">'
    site.publish("hostile", hostile=hostile)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(site.address)
    page.get_by_role("link", name="AI budgets").click()
    expect(page.get_by_text("=cmd|x").first).to_be_visible(timeout=WAIT)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download budgets as CSV").click()
    target = tmp_path / "budgets.csv"
    downloaded.value.save_as(target)
    assert downloaded.value.suggested_filename == "bursar_budgets_2026-10.csv"
    rows = pl.read_csv(target, schema_overrides={"spent_cost": pl.String})
    contacts = dict(rows.select("budget_id", "contact").rows())
    assert contacts["b-anthropic"] == f"'{hostile}"
    spent = one(site.path, STATUS.format("spent_cost", "2026-10-01"), "b-anthropic")
    assert dict(rows.select("budget_id", "spent_cost").rows())["b-anthropic"] == str(spent)
    page.wait_for_timeout(1_000)
    assert len(asked) > 20
    assert not [url for url in asked if "evil" in url]
    assert page.title() == "AI budgets"


def test_an_empty_home_says_what_to_run_and_then_follows(
    page: Page, serve: object, tmp_path: Path
) -> None:
    site = serve(tmp_path)  # type: ignore[operator]
    page.goto(f"{site.address}/budgets/")
    expect(page.get_by_role("alert")).to_contain_text("bursar demo", timeout=WAIT)
    publish(tmp_path, "first")
    expect_spent(page, site, "b-anthropic", "2026-10-01", "USD")
