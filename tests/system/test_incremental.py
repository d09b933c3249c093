"""However records arrive, the publication is what one build of everything makes of them."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.demo.server import ProviderServer
from tests.system.feeding import Company, make_company, read_log, write_log
from tests.system.world import (
    COSTS_AND_USAGE,
    END,
    differences,
    link,
    query,
    table_names,
    totals,
    value,
)

# Many builds: four minutes to make.
pytestmark = pytest.mark.slow

COSTS = "/v1/organization/costs"
DEAR_MODEL, DEAR_PRICE = "gpt-4o-mini-2024-07-18", Decimal("500")
MOVED_KEY, MOVE_DAY = "key_search_direct", "2026-11-06"


def _repeat(company: Company, names: list[str]) -> None:
    """Deliver records again: as they were, with other tokens, on another day, and within a file."""
    records = [r for r in read_log(company.feed / "litellm" / names[3]) if r["status"] == "success"]
    same, longer, moved, twice = records[:4]
    longer["total_tokens"] += 7
    longer["completion_tokens"] += 7
    moved["startTime"] = moved["startTime"].replace(names[3][:10], names[6][:10])
    again = [same, longer, moved, twice, {**twice, "spend": 0.5}]
    write_log(company.feed / "litellm" / "z-again.jsonl", again)


def _restate(company: Company) -> None:
    """State one OpenAI day anew, empty another, shorten one bill and empty another."""
    lines = (company.demo / "openai" / "costs.jsonl").read_text().splitlines()
    results = [json.loads(line, parse_float=str) for line in lines]
    day = [row["result"] for row in results if row["bucket_start"].startswith("2026-11-12")]
    assert len(day) > 3
    day[0]["amount"]["value"] = "1.25"
    company.restated_cost = sum(Decimal(row["amount"]["value"]) for row in day[:3])
    company.server.replace_day(COSTS, date(2026, 11, 12), day[:3])
    company.server.replace_day(COSTS, date(2026, 11, 13), [])
    company.edit_csv("focus/microsoft_2026-11.csv", lambda rows: rows[: len(rows) // 2])
    company.edit_csv("focus/nimbus_2026-11.csv", lambda rows: [])


def _change_rules(company: Company) -> None:
    """Negotiate a price for the past, and give a key another owner from a day on."""
    price = {
        "service_provider_name": "OpenAI", "model_name": DEAR_MODEL, "token_class": "output",
        "service_tier": "standard", "unit_price_per_million": str(DEAR_PRICE), "currency": "USD",
        "valid_from": "2026-01-01",
    }  # fmt: skip
    owner = {
        "owner_kind": "credential", "service_provider_name": "OpenAI", "owner_key": MOVED_KEY,
        "team_id": "marketing", "valid_from": MOVE_DAY,
    }  # fmt: skip
    company.edit_csv("pricing/overrides.csv", lambda rows: [*rows, price])
    company.edit_csv("org/owners.csv", lambda rows: [*rows, owner])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory):
    """Deliver a company's records over many loads and keep what each stage published."""
    servers = []

    def serve(folder: Path) -> ProviderServer:
        servers.append(ProviderServer(folder))
        return servers[0].__enter__()

    # A folder above the lake may be named as the lake's own are.
    company = make_company(tmp_path_factory.mktemp("raw_incremental"), serve, END)
    names = company.names
    company.deliver(names[:1])
    company.load()
    # Day by day, not in order: late files, and a day that arrives before the one it follows.
    for number in (1, 3, 2, 7, 5, 4):
        company.deliver([names[number]])
        company.load("litellm")
    company.build("half")
    for number in (6, 9, 8, *range(10, len(names))):
        company.deliver([names[number]])
        company.load("litellm")
    company.build("all days")
    _repeat(company, names)
    _restate(company)
    company.load("litellm", "openai", "focus")
    company.build("restated")
    _change_rules(company)
    company.load("org")
    company.build("other rules")
    company.load()
    idle = company.build("nothing new")
    assert not idle.was_needed
    company.load(home="at_once")
    company.build("at once", home="at_once")
    company.edit_csv("pricing/overrides.csv", lambda rows: [])
    company.load("org")
    company.build("no negotiated prices")
    company.build("no negotiated prices, rebuilt", full=True)
    yield company
    servers[0].__exit__(None, None, None)


def by_day(path: Path) -> dict[str, int]:
    return {day: count for (day,), count in totals(path, """
        select usage_date, sum(request_count) from tokens_per_model_day
        where observed_by = 'gateway' group by usage_date
    """).items()}  # fmt: skip


def days_in(company: Company, files: list[str]) -> Counter[str]:
    """Return the requests of each day in some files: the newest record of each id counts."""
    newest = {}
    for name in files:
        for record in read_log(company.feed / "litellm" / name):
            newest[record["request_id"]] = record["startTime"][:10]
    return Counter(newest.values())


def test_many_small_loads_were_made(company: Company) -> None:
    loads = (
        "select count(distinct _dlt_load_id) from load_unit_accounts where source_name = 'litellm'"
    )
    assert value(company.kept["other rules"], loads) == len(company.names) + 1 >= 12


def test_each_stage_holds_what_was_delivered(company: Company) -> None:
    half = [company.names[number] for number in (0, 1, 3, 2, 7, 5, 4)]
    assert by_day(company.kept["half"]) == days_in(company, half)
    assert by_day(company.kept["all days"]) == days_in(company, company.names)


def test_day_by_day_and_all_at_once_come_to_the_same(company: Company) -> None:
    assert differences(company.kept["at once"], company.kept["other rules"], COSTS_AND_USAGE) == {}


def test_prices_that_are_taken_away_price_the_past_no_more(company: Company) -> None:
    found = company.kept["no negotiated prices"]
    assert differences(company.kept["other rules"], found, ("cost_per_team_day",))


def test_a_full_rebuild_changes_nothing(company: Company) -> None:
    found, rebuilt = (company.kept[f"no negotiated prices{end}"] for end in ("", ", rebuilt"))
    assert found != rebuilt
    assert differences(found, rebuilt) == {}


def test_a_run_with_nothing_new_does_nothing(company: Company) -> None:
    assert company.kept["nothing new"] == company.kept["other rules"]


def test_a_repeat_counts_once_with_its_newest_content(company: Company) -> None:
    before, after = company.kept["all days"], company.kept["restated"]
    assert by_day(after) == days_in(company, [*company.names, "z-again.jsonl"])
    tokens = "select sum(total_tokens) from tokens_per_model_day where observed_by = 'gateway'"
    assert value(after, tokens) == value(before, tokens) + 7
    assert sum(by_day(after).values()) == sum(by_day(before).values())
    old_day, new_day = company.names[3][:10], company.names[6][:10]
    assert by_day(after)[new_day] == by_day(before)[new_day] + 1
    assert by_day(after)[old_day] == by_day(before)[old_day] - 1


def test_the_accounts_say_where_each_record_was_seen_first(company: Company) -> None:
    sql = "select * from load_unit_accounts where source_name = 'litellm'"
    rows = query(company.kept["other rules"], sql)
    [again] = [row for row in rows if row["location"].endswith("z-again.jsonl")]
    assert (again["records_read"], again["records_loaded"]) == (5, 0)
    assert again["records_duplicate"] == 5
    files = [company.feed / "litellm" / name for name in [*company.names, "z-again.jsonl"]]
    ids = {record["request_id"] for path in files for record in read_log(path)}
    assert sum(row["records_loaded"] for row in rows) == len(ids)
    for row in rows:
        accounted = row["records_loaded"] + row["records_quarantined"] + row["records_duplicate"]
        assert row["records_read"] == accounted


def _bill(path: Path, provider: str) -> dict[str, Decimal]:
    return {day: cost for (day,), cost in totals(path, f"""
        select usage_date, sum(billed_cost) from cost_per_team_day
        where service_provider_name = '{provider}' and billed_cost is not null group by usage_date
    """).items()}  # fmt: skip


def test_a_restated_day_replaces_what_the_bill_said(company: Company) -> None:
    before, after = (_bill(company.kept[stage], "OpenAI") for stage in ("all days", "restated"))
    assert after["2026-11-12"] == company.restated_cost != before["2026-11-12"]
    assert "2026-11-13" in before
    assert "2026-11-13" not in after
    rest = before.keys() - {"2026-11-12", "2026-11-13"}
    assert {day: after[day] for day in rest} == {day: before[day] for day in rest}


def test_a_shorter_and_an_emptied_bill_replace_the_longer_ones(company: Company) -> None:
    sql = """
        select service_provider_name, billing_month, sum(billed_cost) from cost_per_team_month
        where service_provider_name in ('Microsoft', 'Nimbus Notes') and billed_cost is not null
        group by all
    """
    before, after = (totals(company.kept[stage], sql) for stage in ("all days", "restated"))
    assert ("Nimbus Notes", "2026-11-01") in before
    assert ("Nimbus Notes", "2026-11-01") not in after
    company_file = company.feed / "focus" / "microsoft_2026-11.csv"
    expected = _sum_of_file(company_file)
    assert after["Microsoft", "2026-11-01"] == expected != before["Microsoft", "2026-11-01"]


def _sum_of_file(path: Path) -> Decimal:
    with path.open(newline="") as file:
        return sum((Decimal(row["BilledCost"]) for row in csv.DictReader(file)), Decimal(0))


def test_a_price_that_is_negotiated_later_prices_the_past(company: Company) -> None:
    sql = """
        select usage_date, sum(estimated_cost), sum(output_tokens + reasoning_tokens) as tokens
        from cost_per_team_day where ai_model_id = 'openai/gpt-4o-mini'
            and service_provider_name = 'OpenAI' and total_tokens > 0
        group by usage_date order by usage_date
    """
    before, after = (query(company.kept[stage], sql) for stage in ("restated", "other rules"))
    listed = Decimal("0.60")
    assert len(after) > 10
    for old, new in zip(before, after, strict=True):
        [_, old_cost, tokens], [_, new_cost, _] = old.values(), new.values()
        assert new_cost - old_cost == tokens * (DEAR_PRICE - listed) / 1_000_000


def test_a_new_owner_pays_from_the_day_on_that_the_rule_names(company: Company) -> None:
    sql = f"""
        select team_id, min(first_seen_date), max(last_seen_date) from shadow_spend_month
        where credential_id = '{MOVED_KEY}' group by team_id order by team_id
    """
    [(before_team, *_)] = [tuple(row.values()) for row in query(company.kept["restated"], sql)]
    assert before_team == "search"
    marketing, search = [tuple(row.values()) for row in query(company.kept["other rules"], sql)]
    assert (marketing[0], search[0]) == ("marketing", "search")
    assert search[2].isoformat() < MOVE_DAY <= marketing[1].isoformat()
    assert search[1] < search[2]


def test_every_stage_is_a_publication_of_its_own(company: Company) -> None:
    stages = company.kept.keys() - {"nothing new"}
    assert len({company.kept[stage] for stage in stages}) == len(stages)
    assert len({tuple(table_names(company.kept[stage])) for stage in stages}) == 1
    assert link(company.folder / "home").resolve() == list(company.kept.values())[-1]
