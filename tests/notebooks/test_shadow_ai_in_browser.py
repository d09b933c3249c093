"""A real headless Chromium opens the shadow AI app, filters, decides, downloads, reads dark."""

import re
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect
from published import WAIT, Site, one, publish

pytestmark = pytest.mark.browser
CONTRASTS = (Path(__file__).parent / "contrast.js").read_text()
BOARD = ("Plan", "Decided by", "Reason")
AMOUNT = "select {} from shadow_findings where finding_id = ?"


def open_shadow(page: Page, site: Site, query: str = "") -> None:
    page.goto(f"{site.address}/shadow_ai/{query}")
    expect(page.locator(".b-card", has_text="Money seen")).to_be_visible(timeout=WAIT)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).select_option(label=option)


def write(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)
    page.keyboard.press("Enter")


def expect_card(page: Page, label: str, value: str) -> None:
    shown = page.locator(".b-card", has_text=label).first.locator(".b-value")
    expect(shown).to_have_text(value, timeout=WAIT)


def expect_seen(page: Page, site: Site, finding_id: str) -> None:
    seen = one(site.path, AMOUNT.format("reporting_seen_cost"), finding_id)
    expect_card(page, "Money seen", f"USD {seen:,.2f}")


def test_the_page_shows_the_marts_figures_and_nothing_fails(page: Page, site: Site) -> None:
    open_shadow(page, site)
    expect_seen(page, site, "f-chat")
    expect_card(page, "Persons named", "too few to tell")
    for question in (
        "Which AI is used, and by whom?",
        "What did nobody sign off?",
        "What is the evidence?",
        "What became of the findings?",
        "What does it cost?",
    ):
        expect(page.get_by_role("heading", name=question)).to_be_visible()
    expect(page.locator("svg.marks")).to_have_count(4, timeout=WAIT)
    expect(page.locator("marimo-table")).to_have_count(6, timeout=WAIT)
    expect(page.get_by_text("internal error")).to_have_count(0)
    expect(page.get_by_text("bursar persons f-chat")).to_be_visible()


def test_filters_change_the_findings_and_stay_in_the_address(page: Page, site: Site) -> None:
    open_shadow(page, site)
    choose(page, "State", "All states")
    choose(page, "Team", "Customer support")
    expect_seen(page, site, "f-plan")
    expect_card(page, "Findings to decide or stop", "1")
    choose(page, "Finding", "Cursor · Customer support · Tool without a seat")
    expect_card(page, "Money seen", "unknown")
    for part in ("state=all", "team=support", "finding=f-tool"):
        expect(page).to_have_url(re.compile(part), timeout=WAIT)
    page.reload()
    expect_card(page, "Money seen", "unknown")
    choose(page, "Least risk", "0.5")
    expect(page.get_by_text("Nothing to decide for this choice").first).to_be_visible(timeout=WAIT)


def test_a_decision_becomes_a_line_to_copy_and_to_download(
    page: Page, site: Site, tmp_path: Path
) -> None:
    open_shadow(page, site)
    line = page.locator("pre.b-line")
    expect(line).to_have_count(0)
    choose(page, "Decision", "Tolerated until a day")
    write(page, "Decided by", "AI board")
    write(page, "Decided on", "2026-10-21")
    expect(page.get_by_text("what is tolerated has an end")).to_be_visible(timeout=WAIT)
    write(page, "Until, not included", "2027-01-31")
    write(page, "Reason", '=HYPERLINK("x")')
    expect(page.get_by_text("a spreadsheet would run this")).to_be_visible(timeout=WAIT)
    expect(line).to_have_count(0)
    write(page, "Reason", 'Until the contract, "plan B"')
    written = (
        "chatgpt,unapproved_service,search,,tolerated,,2027-01-31,AI board,2026-10-21,"
        '"Until the contract, ""plan B"""'
    )
    expect(line).to_have_text(written, timeout=WAIT)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download the line as CSV").click()
    assert downloaded.value.suggested_filename == "ai_service_decisions.csv"
    target = tmp_path / "line.csv"
    downloaded.value.save_as(target)
    assert target.read_text().splitlines()[1:] == [written]
    # What was written stays when another finding is looked at.
    choose(page, "Finding", "OpenAI API · Unallocated · Key in no register")
    expect(line).to_contain_text("openai_api,unregistered_key,unallocated,,tolerated", timeout=WAIT)


def test_what_is_typed_while_the_page_is_busy_is_kept(page: Page, site: Site) -> None:
    open_shadow(page, site)
    typed = [(page.get_by_label(label, exact=True), label) for label in BOARD]
    choose(page, "State", "All states")
    for field, label in typed:
        field.fill(f"{label} of the board")
    page.keyboard.press("Enter")
    line = page.locator("pre.b-line")
    for label in BOARD:
        expect(line).to_contain_text(f"{label} of the board", timeout=WAIT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_reads_in_light_and_in_dark(page: Page, site: Site, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_shadow(page, site)
    write(page, "Decided by", "AI board")
    write(page, "Reason", "By contract")
    expect(page.locator("pre.b-line")).to_be_visible(timeout=WAIT)
    expect(page.locator("svg.marks")).to_have_count(4, timeout=WAIT)
    found = page.evaluate(CONTRASTS)
    said = {item["said"] for item in found}
    assert {"Findings to decide or stop", "Reopened", "Money seen"} <= said
    assert sum(item["kind"] == "mark" for item in found) > 20
    assert not [item for item in found if item["contrast"] < item["needed"]]


def test_a_narrow_page_does_not_run_over_its_edge(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 430, "height": 8000})
    open_shadow(page, site)
    expect(page.locator("svg.marks")).to_have_count(4, timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= 430


def test_hostile_text_stays_text_on_the_page_and_in_the_csv(
    page: Page, site: Site, tmp_path: Path
) -> None:
    hostile = '=cmd|x <img src="http://evil.example/x.png" onerror="document.title=1">'
    site.publish("hostile", hostile=hostile)
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(site.address)
    page.get_by_role("link", name="Shadow AI").click()
    page.wait_for_load_state()
    expect(page.get_by_text("=cmd|x").first).to_be_visible(timeout=WAIT)
    choose(page, "State", "All states")
    expect(page.get_by_text("of 6 findings")).to_be_visible(timeout=WAIT)
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download findings as CSV").click()
    target = tmp_path / "findings.csv"
    downloaded.value.save_as(target)
    rows = pl.read_csv(target, infer_schema=False)
    names = dict(rows.select("finding_id", "ai_service_name").rows())
    assert names["f-plan"] == f"'{hostile}"
    assert dict(rows.select("finding_id", "person_count").rows())["f-chat"] is None
    page.wait_for_timeout(1_000)
    assert len(asked) > 20
    assert not [url for url in asked if "evil" in url]
    assert page.title() == "Shadow AI"


def test_an_empty_home_says_what_to_run_and_then_follows(
    page: Page, serve: object, tmp_path: Path
) -> None:
    site = serve(tmp_path)  # type: ignore[operator]
    page.goto(f"{site.address}/shadow_ai/")
    expect(page.get_by_role("alert")).to_contain_text("bursar demo", timeout=WAIT)
    publish(tmp_path, "first")
    expect_seen(page, site, "f-chat")
