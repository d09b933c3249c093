"""A real headless Chromium opens the tokens app, filters, downloads, and shows text as text."""

import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect
from published import WAIT, Site, one, publish

pytestmark = pytest.mark.browser
CHANGE = """
    select sum(case bridge_effect when 'closing' then effect_cost else -effect_cost end)
    from cost_bridge_month where bridge_effect in ('opening', 'closing')
        and billing_month = date '{}' and billing_currency = '{}' and {}
"""


def open_tokens(page: Page, site: Site, query: str = "") -> None:
    page.goto(f"{site.address}/tokens/{query}")
    expect(page.locator(".b-card").first).to_be_visible(timeout=WAIT)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def expect_change(page: Page, site: Site, month: str, currency: str, where: str) -> None:
    change: Decimal = one(site.path, CHANGE.format(month, currency, where))
    shown = page.locator(".b-card", has_text="Bill against").locator(".b-value")
    sign = "\N{MINUS SIGN}" if change < 0 else ""
    expect(shown).to_have_text(f"{currency} {sign}{abs(change):,.2f}", timeout=WAIT)


def test_the_page_shows_the_marts_figures_and_nothing_fails(page: Page, site: Site) -> None:
    open_tokens(page, site)
    expect_change(page, site, "2026-10-01", "USD", "bridge_scope = 'all'")
    for question in ("Why did the bill change?", "Which tokens?", "What is the bill made of?"):
        expect(page.get_by_role("heading", name=question)).to_be_visible()
    expect(page.get_by_text("the steps sum to the last digit")).to_be_visible()
    expect(page.locator("canvas, svg.marks")).to_have_count(6, timeout=WAIT)
    expect(page.locator("marimo-table")).to_have_count(9)
    expect(page.get_by_text("internal error")).to_have_count(0)


def test_filters_change_the_figures_and_stay_in_the_address(page: Page, site: Site) -> None:
    open_tokens(page, site)
    choose(page, "Team", "Customer support")
    choose(page, "Currency", "EUR")
    choose(page, "Month", "September 2026")
    choose(page, "Tokens by", "Token class")
    choose(page, "Unit", "tickets (outcome)")
    expect_change(page, site, "2026-09-01", "EUR", "team_id = 'support'")
    for part in ("team=support", "currency=EUR", "month=2026-09", "by=class", "unit=tickets"):
        expect(page).to_have_url(re.compile(part), timeout=WAIT)
    page.reload()
    expect_change(page, site, "2026-09-01", "EUR", "team_id = 'support'")
    expect(page.get_by_label("Unit", exact=True)).to_have_value("tickets (outcome)")


def test_a_bridge_without_a_rate_says_that_it_is_unknown(page: Page, site: Site) -> None:
    open_tokens(page, site, "?currency=EUR&amounts=reporting")
    expect(page.get_by_text("the steps cannot be summed in it")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("internal error")).to_have_count(0)


def test_how_it_is_computed_is_the_marts_own_description(page: Page, site: Site) -> None:
    open_tokens(page, site)
    page.get_by_role("button", name="How this is computed").first.click()
    note = page.get_by_role("region", name="How this is computed")
    expect(note.get_by_text("One row per billing month, scope, team, currency")).to_be_visible()


def test_the_bridge_as_csv_is_the_mart_to_the_last_digit(
    page: Page, site: Site, tmp_path: Path
) -> None:
    open_tokens(page, site)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download bridge as CSV").click()
    target = tmp_path / "bridge.csv"
    downloaded.value.save_as(target)
    assert downloaded.value.suggested_filename == "bursar_bridge_2026-10_USD.csv"
    rows = pl.read_csv(target, schema_overrides={"effect_cost": pl.String})
    costs = {row["bridge_effect"]: Decimal(row["effect_cost"]) for row in rows.to_dicts()}
    assert len(costs) == 15
    changes = sum(cost for name, cost in costs.items() if name not in ("opening", "closing"))
    assert costs["opening"] + changes == costs["closing"]
    billed = "select sum(billed_cost) from cost_per_team_month where billing_currency = 'USD' and"
    assert costs["closing"] == one(site.path, f"{billed} billing_month = date '2026-10-01'")


def test_hostile_text_stays_text_on_the_page_and_in_the_csv(
    page: Page, site: Site, tmp_path: Path
) -> None:
    hostile = '=cmd|x <img src="http://evil.example/x.png" onerror="document.title=1">'
    site.publish("hostile", hostile=hostile)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(site.address)
    page.get_by_role("link", name="AI tokens").click()
    choose(page, "Cut by", "tag: project")
    expect(page.get_by_text("=cmd|x").first).to_be_visible(timeout=WAIT)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download stand-in prices as CSV").click()
    target = tmp_path / "prices.csv"
    downloaded.value.save_as(target)
    assert set(pl.read_csv(target)["model_name"]) == {f"'{hostile}"}
    page.wait_for_timeout(1_000)
    assert len(asked) > 20
    assert not [url for url in asked if "evil" in url]
    assert page.title() == "AI tokens"


def test_an_empty_home_says_what_to_run_and_then_follows(
    page: Page, serve: object, tmp_path: Path
) -> None:
    site = serve(tmp_path)  # type: ignore[operator]
    page.goto(f"{site.address}/tokens/")
    expect(page.get_by_role("alert")).to_contain_text("bursar demo", timeout=WAIT)
    publish(tmp_path, "first")
    expect_change(page, site, "2026-10-01", "USD", "bridge_scope = 'all'")
