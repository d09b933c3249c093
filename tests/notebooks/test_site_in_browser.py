"""A real headless Chromium opens the app, filters, downloads, and stays on this machine."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect
from published import WAIT, Site, amount, one, publish

pytestmark = pytest.mark.browser
OCTOBER = "billing_currency = 'USD' and billing_month = date '2026-10-01'"


def open_overview(page: Page, site: Site, query: str = "") -> None:
    page.goto(f"{site.address}/cost_overview/{query}")
    expect(page.locator(".b-card").first).to_be_visible(timeout=WAIT)


def card(page: Page, label: str) -> str:
    """Return the figure on the card whose label begins so."""
    found = page.locator(".b-card", has_text=label).locator(".b-value").first
    return found.inner_text()


def billed(site: Site, where: str) -> str:
    total: Decimal = one(
        site.path, f"select sum(billed_cost) from cost_per_team_month where {where}"
    )
    return f"{total:,.2f}"


def expect_billed(page: Page, text: str) -> None:
    expect(page.locator(".b-card .b-value").first).to_have_text(text, timeout=WAIT)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def test_the_page_shows_the_marts_figures_and_nothing_fails(page: Page, site: Site) -> None:
    open_overview(page, site)
    expect_billed(page, f"USD {billed(site, OCTOBER)}")
    nobody = billed(site, f"{OCTOBER} and team_id = 'unallocated'")
    assert card(page, "Unallocated") == f"USD {nobody}"
    for question in ("Who pays?", "Which models?", "Do the bills add up?", "How fresh"):
        expect(page.get_by_role("heading", name=question)).to_be_visible()
    expect(page.locator("canvas, svg.marks")).to_have_count(3, timeout=WAIT)
    expect(page.locator("marimo-table")).to_have_count(8)
    expect(page.get_by_text("internal error")).to_have_count(0)
    expect(page.locator(".b-banner")).to_have_count(0)


def test_a_filter_changes_the_figures_and_stays_in_the_address(page: Page, site: Site) -> None:
    open_overview(page, site)
    choose(page, "Team", "Customer support")
    choose(page, "Month", "September 2026")
    where = "billing_currency = 'USD' and billing_month = date '2026-09-01' and team_id = 'support'"
    expect_billed(page, f"USD {billed(site, where)}")
    assert "team=support" in page.url
    assert "month=2026-09" in page.url
    page.reload()
    expect_billed(page, f"USD {billed(site, where)}")
    expect(page.get_by_label("Team", exact=True)).to_have_value("Customer support")


def test_every_row_of_a_long_table_can_be_reached(page: Page, site: Site) -> None:
    open_overview(page, site)
    keys = page.locator("marimo-table", has_text="Likely owner")
    expect(keys.locator("tbody tr")).to_have_count(10)
    keys.get_by_role("button", name="Next page").click()
    # Of these one is a bill that no key is known of.
    expect(keys.locator("tbody tr")).to_have_count(3)
    keys.get_by_placeholder("Search").fill("key_data_3")
    expect(keys.locator("tbody tr")).to_have_count(2)
    expect(keys.get_by_text("key_data_3").first).to_be_visible()


def test_another_currency_stands_alone(page: Page, site: Site) -> None:
    open_overview(page, site)
    choose(page, "Currency", "EUR")
    where = "billing_currency = 'EUR' and billing_month = date '2026-10-01'"
    expect_billed(page, f"EUR {billed(site, where)}")
    expect(page.get_by_text(f"not included here: USD {billed(site, OCTOBER)}")).to_be_visible()


def test_the_csv_is_the_mart_to_the_last_digit(page: Page, site: Site, tmp_path: Path) -> None:
    open_overview(page, site)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download teams as CSV").click()
    target = tmp_path / "teams.csv"
    downloaded.value.save_as(target)
    assert downloaded.value.suggested_filename == "bursar_cost_per_team_2026-10_USD.csv"
    rows = pl.read_csv(target, schema_overrides={"this_month": pl.String})
    query = f"select sum(billed_cost) from cost_per_team_month where {OCTOBER} and team_id = ?"
    shown = {row["team_id"]: Decimal(row["this_month"]) for row in rows.iter_rows(named=True)}
    assert shown == {team: one(site.path, query, team) for team in shown}
    assert set(shown) == {"search", "support", "data", "unallocated"}


def test_no_request_leaves_the_machine_even_for_hostile_names(
    page: Page, site: Site, tmp_path: Path
) -> None:
    hostile = '=cmd|x <img src="http://evil.example/x.png" onerror="document.title=1">'
    site.publish("hostile", hostile=hostile)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda opened: asked.append(opened.url))
    page.goto(site.address)
    page.get_by_role("link", name="AI cost overview").click()
    expect(page.get_by_text("=cmd|x").first).to_be_visible(timeout=WAIT)
    choose(page, "Over time by", "Day")
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download bypasses as CSV").click()
    target = tmp_path / "bypasses.csv"
    downloaded.value.save_as(target)
    assert set(pl.read_csv(target)["credential_name"].drop_nulls()) == {f"'{hostile}"}
    page.wait_for_timeout(1_000)
    address = site.address.removeprefix("http")
    local = tuple(f"{scheme}{address}" for scheme in ("http", "ws"))
    outside = [url for url in asked if not url.startswith((*local, "blob:", "data:"))]
    assert len(asked) > 20
    assert not outside
    assert page.title() == "AI cost overview"


def test_an_open_page_follows_a_new_publication(page: Page, site: Site) -> None:
    open_overview(page, site, "?team=search")
    before = amount(card(page, "Billed"))
    site.publish("second", factor=5)
    where = f"{OCTOBER} and team_id = 'search'"
    expect_billed(page, f"USD {billed(site, where)}")
    assert amount(card(page, "Billed")) > 4 * before
    expect(page.get_by_label("Team", exact=True)).to_have_value("Search")


def test_a_stale_publication_raises_a_banner(page: Page, site: Site) -> None:
    site.publish("old", published_at=datetime.now(UTC) - timedelta(days=3))
    open_overview(page, site)
    expect(page.get_by_role("alert")).to_contain_text("3 days old")


def test_an_empty_home_says_what_to_run_and_then_follows(
    page: Page, serve: object, tmp_path: Path
) -> None:
    site = serve(tmp_path)  # type: ignore[operator]
    page.goto(f"{site.address}/cost_overview/")
    expect(page.get_by_role("alert")).to_contain_text("bursar demo", timeout=WAIT)
    publish(tmp_path, "first")
    expect_billed(page, f"USD {billed(site, OCTOBER)}")
