"""The colours hold on light and on dark pages, by the arithmetic of WCAG 2.2."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from notebooks.lib import (
    budget_charts,
    forecast_charts,
    looks,
    palette,
    reconciliation_charts,
    shadow_charts,
    token_charts,
    waterfall,
)
from notebooks.site import landing

NOTEBOOKS = Path(palette.__file__).parents[1]
SCHEMES = {"light": 0, "dark": 1}
# Texts, and what each is written on.
WRITTEN = {
    "ink": ("ground", "paper", "raised"),
    "muted": ("ground", "paper", "raised"),
    "accent": ("ground", "paper"),
    "warn": ("ground", "paper"),
    "bad": ("ground", "paper"),
    "warn-ink": ("warn-ground",),
    "info-ink": ("info-ground",),
}
MARKS = {
    *looks.TEAM_COLOURS,
    looks.UNALLOCATED_GREY,
    looks.OTHER_SLATE,
    *(colour for _, colour in looks.CAUSE_LOOKS.values()),
    *(colour for _, colour in budget_charts.SPENDING.values()),
    *(colour for _, colour in token_charts.CLASS_LOOKS.values()),
    *(colour for _, colour in token_charts.RATIO_LOOKS),
    *token_charts.KIND_COLOURS.values(),
    *forecast_charts.DIRECTIONS.values(),
    *reconciliation_charts.VIEW_COLOURS.values(),
    *shadow_charts.STATE_COLOURS.values(),
    *(colour for _, colour in shadow_charts.TREND_LOOKS.values()),
    *shadow_charts.SPEND_COLOURS.values(),
    reconciliation_charts.PAYS,
    reconciliation_charts.PAYS_NOT,
    waterfall.UP,
    waterfall.DOWN,
    waterfall.TOTAL,
    waterfall.UNKNOWN_GREY,
}
INKS = {
    "ink": looks.INK,
    "muted": looks.MUTED,
    "paper": looks.PAPER,
    "grid": looks.GRID,
    "axis": looks.AXIS,
    "bad": looks.BAD,
}


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour like #1b2333."""
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_arithmetic_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_reads_on_what_it_is_written_on(scheme: str) -> None:
    colours = {name: pair[SCHEMES[scheme]] for name, pair in palette.read().items()}
    weak = {
        (text, ground): round(contrast(colours[text], colours[ground]), 2)
        for text, grounds in WRITTEN.items()
        for ground in grounds
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert not weak


def test_pages_are_dark_where_the_reader_prefers_dark() -> None:
    for name in ("ground", "paper", "raised", "warn-ground", "info-ground"):
        light, dark = palette.read()[name]
        assert luminance(light) > 0.8, name
        assert luminance(dark) < 0.05, name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_mark_of_a_chart_stands_out_from_its_paper(scheme: str) -> None:
    paper = palette.read()["paper"][SCHEMES[scheme]]
    assert not {mark: contrast(mark, paper) for mark in MARKS if contrast(mark, paper) < 3}


def test_teams_beside_each_other_differ_in_lightness() -> None:
    close = [pair for pair in pairwise(looks.TEAM_COLOURS) if contrast(*pair) < 1.4]
    assert not close
    assert len(set(looks.TEAM_COLOURS)) == len(looks.TEAM_COLOURS)


def test_what_charts_are_written_with_is_redrawn_in_the_dark() -> None:
    rules = dict(
        re.findall(
            r'svg\.marks \[(?:fill|stroke)="(#[0-9a-f]{6})"\] '
            r"\{ (?:fill|stroke): var\(--b-([a-z-]+)\); \}",
            palette.STYLE.read_text(encoding="utf-8"),
        )
    )
    assert rules == {light: name for name, light in INKS.items()}
    assert not MARKS & set(INKS.values()), "a mark would be redrawn as an ink"


def test_colours_are_written_in_two_places_only() -> None:
    written = {
        path.name
        for path in NOTEBOOKS.rglob("*")
        if path.suffix in {".py", ".css", ".html"}
        and re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", path.read_text(encoding="utf-8"))
    }
    assert written == {"style.css", "looks.py"}
    body = palette.STYLE.read_text(encoding="utf-8").partition("}")[2]
    assert set(re.findall(r"#[0-9a-f]{6}\b", body)) == set(INKS.values())


def test_the_landing_page_takes_the_same_colours(tmp_path: Path) -> None:
    page = landing.render(tmp_path, landing.find_apps())
    for name, (light, dark) in palette.read().items():
        assert f"--b-{name}: light-dark({light}, {dark});" in page
    assert set(re.findall(r"var\(--b-([a-z-]+)\)", page)) <= set(palette.read())


def test_every_variable_that_the_style_uses_is_a_colour_or_the_font() -> None:
    used = set(re.findall(r"var\(--b-([a-z-]+)\)", palette.STYLE.read_text(encoding="utf-8")))
    assert used == {*palette.read(), "font"}


@pytest.mark.parametrize("app", landing.find_apps(), ids=lambda app: app.name)
def test_every_app_asks_marimo_for_the_readers_theme(app: landing.App) -> None:
    assert '# [tool.marimo.display]\n# theme = "system"\n' in app.path.read_text(encoding="utf-8")
