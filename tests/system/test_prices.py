"""`bursar prices`: versions are added and numbered, and nothing counts before somebody says so."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.config import load_settings
from pipelines.lake import Lake
from pipelines.price_versions import price_cutoff, price_versions
from tests.system.world import bursar, link, totals, value

pytestmark = pytest.mark.slow

COST = """
    select team_id, service_provider_name, sum(estimated_cost) from cost_per_team_month group by all
"""


def asked(*arguments: str, home: Path) -> dict:
    """Return the document that a command of prices prints."""
    return json.loads(bursar("prices", *arguments, "--json", home=home).stdout)


@pytest.fixture
def dearer(copy: Path) -> Path:
    """Return a home whose organisation agreed on another price since the build."""
    path = copy / "demo/pricing/overrides.csv"
    with path.open() as file:
        rows = list(csv.DictReader(file))
    changed = [row for row in rows if row["service_provider_name"] == "OpenAI"]
    assert changed
    for row in changed:
        row["unit_price_per_million"] = str(Decimal(row["unit_price_per_million"]) * 2)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return copy


def test_a_new_version_is_seen_and_tried_before_it_counts_and_taken_back(dearer: Path) -> None:
    versions = asked("versions", home=dearer)
    before = totals(link(dearer), COST)
    first = versions["prices"]["newest_version"]
    assert [row["price_version"] for row in versions["price_versions"]] == [*range(1, first + 1)]

    # Held at what counted before, a build prices by that.
    settings = load_settings(dearer)
    bursar("load", "org", home=dearer)
    assert [version.price_version for version in price_versions(settings)][-1] == first + 1
    asked("reprice", "--version", str(first), home=dearer)
    assert price_cutoff(settings)
    bursar("build", home=dearer)
    assert totals(link(dearer), COST) == before

    difference = asked("diff", home=dearer)
    assert difference["diff"]["from"] == first
    assert difference["diff"]["changed"] == len(difference["changes"]) > 0
    of_one = asked("diff", "--model", difference["changes"][0]["what"].split()[1], home=dearer)
    assert 0 < of_one["diff"]["changed"] <= difference["diff"]["changed"]
    assert not asked("diff", "--model", "never-heard-of", home=dearer)["changes"]
    for row in difference["changes"]:
        assert row["book"] == "price_overrides"
        assert Decimal(row["after"]) == 2 * Decimal(row["before"])

    tried = asked("reprice", "--version", str(first + 1), "--dry-run", home=dearer)["differences"]
    assert tried
    assert {row["service_provider_name"] for row in tried} == {"OpenAI"}
    assert all(Decimal(row["difference"]) > 0 for row in tried)
    assert totals(link(dearer), COST) == before
    assert not (dearer / "scratch/prices").exists()

    asked("reprice", "--version", str(first + 1), home=dearer)
    assert price_cutoff(settings) == ""
    bursar("build", home=dearer)
    assert value(link(dearer), "select max(price_version) from dim_price_versions") == first + 1
    now = requests_cost(dearer)
    asked("reprice", "--version", str(first), home=dearer)
    bursar("build", home=dearer)
    assert totals(link(dearer), COST) == before
    was = requests_cost(dearer)
    assert now - was == sum(Decimal(row["difference"]) for row in tried)


def requests_cost(home: Path) -> Decimal:
    """Return what a build estimates all calls at, as agreed."""
    estimates = "select sum(estimated_contracted_cost) from core.fct_requests"
    return value(load_settings(home).build_path, estimates)


def test_an_update_without_a_new_edition_changes_nothing(copy: Path) -> None:
    versions = asked("versions", home=copy)
    updated = asked("update", home=copy)
    assert updated["new_versions"] == []
    assert asked("versions", home=copy) == versions


def test_an_update_with_a_new_edition_leaves_the_old_one_counting(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repackaged edition is another content: it loads, and the version before is held."""
    from pipelines import prices
    from pipelines.sources import genai_prices

    settings = load_settings(copy)
    before = price_versions(settings)
    monkeypatch.setattr(genai_prices, "package_fingerprint", lambda: "another")
    done = prices.update(settings, lambda *_: None)
    assert [row["source_name"] for row in done["new_versions"]] == ["genai_prices"]
    assert done["prices"] == {
        "newest_version": len(before) + 1,
        "counting_version": len(before),
    }
    assert price_cutoff(settings) == before[-1].load_id
    assert Lake(settings.lake_url).committed_loads("genai_prices")[-1] > before[-1].load_id


def test_a_models_prices_are_shown_for_a_day(copy: Path) -> None:
    rows = asked("show", "gpt-5.6-sol", "--at", "2026-08-20", home=copy)["prices"]
    plain = [
        row for row in rows
        if row["price_book"] == "genai_prices" and row["service_provider_name"] == "OpenAI"
        and row["service_tier"] == "standard" and row["priced"] == "output"
        and row["context_tier_start"] == 0
    ]  # fmt: skip
    assert [(Decimal(row["price"]), row["per"]) for row in plain] == [(Decimal(30), 1_000_000)]
    assert date.fromisoformat(plain[0]["checked_date"]) < date(2026, 11, 1)
    assert plain[0]["price_version"] >= 1


def test_both_books_prices_are_shown_for_the_same_measure(copy: Path) -> None:
    """And where they differ, for which length of input."""
    shown = asked("show", "gpt-4o", home=copy)
    books = {
        row["price_book"]: (Decimal(row["price"]), row["per"])
        for row in shown["prices"]
        if (row["service_provider_name"], row["priced"], row["service_tier"], row["region_id"])
        == ("OpenAI", "output", "standard", "")
    }
    assert books == {
        "genai_prices": (Decimal(10), 1_000_000), "litellm_prices": (Decimal(10), 1_000_000),
    }  # fmt: skip
    disputes = asked("show", "gemini-2.5-pro", home=copy)["disputes"]
    assert all({"genai_price", "litellm_price", "reason"} <= row.keys() for row in disputes)


def test_what_is_not_there_is_told_with_a_remedy(copy: Path) -> None:
    for arguments, said in (
        (("show", "never-heard-of"), "No price of 'never-heard-of' is published"),
        (("reprice", "--version", "99"), "There is no price version 99"),
        (("diff", "--from", "98"), "There is no price version 98"),
    ):
        done = bursar("prices", *arguments, home=copy, code=2)
        assert said in done.stderr
