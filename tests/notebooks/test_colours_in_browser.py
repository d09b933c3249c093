"""A real headless Chromium that prefers light or dark reads the page: grounds, texts, charts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from published import WAIT, Site

pytestmark = pytest.mark.browser
CONTRASTS = (Path(__file__).parent / "contrast.js").read_text()
FADE = 200
GROUND = """() => {
    const parts = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
    return Math.max(...parts.slice(0, 3));
}"""
Prefer = Callable[[str], Page]


@pytest.fixture
def prefer(page: Page) -> Prefer:
    """Return the page of a reader who prefers a scheme."""

    def of(scheme: str) -> Page:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        return page

    return of


def open_budgets(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/budgets/")
    expect(page.locator("svg.marks")).to_have_count(5, timeout=WAIT)
    expect(page.locator("marimo-table")).to_have_count(8, timeout=WAIT)
    page.get_by_role("button", name="How this is computed").first.click()
    expect(page.get_by_role("region", name="How this is computed")).to_be_visible(timeout=WAIT)


def expect_ground(page: Page, scheme: str) -> None:
    brightest = page.evaluate(GROUND)
    assert brightest < 40 if scheme == "dark" else brightest > 240


def weak(page: Page) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return everything written or drawn on the page, and what of it has too little contrast."""
    found = page.evaluate(CONTRASTS)
    return found, [one for one in found if one["contrast"] < one["needed"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_app_reads_as_the_reader_prefers(prefer: Prefer, site: Site, scheme: str) -> None:
    page = prefer(scheme)
    open_budgets(page, site)
    expect_ground(page, scheme)
    page.locator("svg.marks .mark-rect.role-mark path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_be_visible()
    found, too_weak = weak(page)
    said = {one["said"] for one in found if one["kind"] == "text"}
    # A card, a table's head and cell, a chart's title, axis, legend and tooltip, a folded note.
    for text in ("Left of the budget", "Budget of", "within", "USD per day", "billed", "Part"):
        assert text in said, text
    assert sum(one["kind"] == "mark" for one in found) > 20
    assert not too_weak


def test_an_open_app_follows_when_the_reader_changes(prefer: Prefer, site: Site) -> None:
    open_budgets(prefer("light"), site)
    expect_ground(prefer("light"), "light")
    page = prefer("dark")
    expect(page.locator("body.dark")).to_be_visible()
    expect(page.locator("svg.marks")).to_have_count(5, timeout=WAIT)
    expect_ground(page, "dark")
    # Texts fade into their new colours, in the trees of web components too.
    for _ in range(WAIT // FADE):
        if not weak(page)[1]:
            break
        page.wait_for_timeout(FADE)
    assert not weak(page)[1]


def test_a_chart_that_is_saved_is_light(prefer: Prefer, site: Site, tmp_path: Path) -> None:
    page = prefer("dark")
    open_budgets(page, site)
    page.locator(".vega-embed summary").first.click()
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Save as SVG").first.click()
    target = tmp_path / "chart.svg"
    downloaded.value.save_as(target)
    saved = target.read_text()
    assert 'fill="#1b2333"' in saved
    assert "var(" not in saved
    assert "#fff" not in saved.replace("#ffffff", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_landing_page_reads_as_the_reader_prefers(
    prefer: Prefer, site: Site, scheme: str
) -> None:
    page = prefer(scheme)
    page.goto(site.address)
    expect_ground(page, scheme)
    found, too_weak = weak(page)
    assert {"AI budgets", "What AI costs, and who pays for it"} <= {one["said"] for one in found}
    assert not too_weak
