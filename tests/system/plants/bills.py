"""Bills of the demo: amounts as texts, tokens that cost nothing, prices of 0, other dates."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from tests.system.plant_checks import World, check_bill_line
from tests.system.world import query


def check_amounts_as_texts(world: World) -> None:
    [plant] = world.plants("amounts_as_texts")
    written = [
        result["amount"]["value"]
        for day, result in world.demo.results("openai/costs")
        if day == plant["day"]
    ]
    assert {type(value) for value in written} == {str}
    [row] = query(
        world.home / "warehouse" / "build.duckdb",
        "select count(*) as lines, sum(billed_cost) as cost from core.fct_charges "
        "where source_name = 'openai' and charge_date = ?",
        plant["day"],
    )
    assert row == {"lines": len(written), "cost": Decimal(plant["billed_cost"])}


def check_blocked_requests(world: World) -> None:
    """Expect tokens that the provider reports, under its key, and no cost anywhere."""
    [plant] = world.plants("blocked_requests")
    build = world.home / "warehouse" / "build.duckdb"
    who = (plant["service_provider_name"], plant["model_name"])
    used = query(
        build,
        "select token_class, usage_date, credential_id, consumed_quantity as tokens "
        "from core.fct_provider_usage where service_provider_name = ? and model_name = ? "
        "and consumed_quantity > 0",
        *who,
    )
    assert {row["token_class"]: row["tokens"] for row in used} == plant["tokens"]
    assert {(row["usage_date"].isoformat(), row["credential_id"]) for row in used} == {
        (plant["day"], plant["credential_id"])
    }
    billed = "select 1 from core.fct_charges where service_provider_name = ? and model_name = ?"
    assert query(build, billed, *who) == []
    lines = world.query(
        "select provider_usage_tokens, metered_tokens, invoice_cost "
        "from invoice_reconciliation_month where ai_model_id = ? and provider_usage_tokens > 0",
        "anthropic/claude-opus-4-1",
    )
    assert {row["provider_usage_tokens"] for row in lines} == set(plant["tokens"].values())
    assert {(row["metered_tokens"], row["invoice_cost"]) for row in lines} == {(None, None)}


def check_spreadsheet_bill(world: World) -> None:
    """Expect a file with a byte order mark, short dates and no last line end to be read whole."""
    [plant] = world.plants("spreadsheet_bill")
    content = (world.demo.folder / plant["file"]).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert not content.endswith(b"\n")
    account = world.account(plant["file"])
    assert (account["records_read"], account["records_loaded"]) == (1, 1)
    [row] = query(
        world.home / "warehouse" / "build.duckdb",
        "select billing_month, charge_date, billed_cost from core.fct_charges "
        "where billing_account_id = ? and billing_month = ?",
        plant["billing_account_id"],
        plant["billing_month"],
    )
    assert row.pop("billed_cost") == Decimal(plant["billed_cost"])
    assert {value.isoformat() for value in row.values()} == {plant["billing_month"]}


def check_newer_version(world: World) -> None:
    """Expect a bill without ProviderName to be its vendor's all the same."""
    [plant] = world.plants("bill_of_a_newer_version")
    header = (world.demo.folder / plant["file"]).read_text("utf-8-sig").split("\n")[0].split(",")
    assert not {"ProviderName", "PublisherName"} & set(header)
    found = query(
        world.home / "warehouse" / "build.duckdb",
        "select service_provider_name, billed_cost from core.fct_charges "
        "where ends_with(load_unit_id, ?)",
        plant["file"],
    )
    assert found == [
        {
            "service_provider_name": plant["service_provider_name"],
            "billed_cost": Decimal(plant["billed_cost"]),
        }
    ]
    loaded = f"read_parquet('{world.home}/lake/raw_focus/charges/**/*.parquet')"
    versions = query(
        world.home / "warehouse" / "build.duckdb",
        f"select focus_version from {loaded} where ends_with(load_unit_id, ?)",
        plant["file"],
    )
    assert versions == [{"focus_version": plant["focus_version"]}]


def check_older_usage(world: World) -> None:
    """Expect a day whose records have no uncached tokens to have them all the same."""
    [plant] = world.plants("older_usage_records")
    said = {
        ("input_uncached_tokens" in result, day == plant["day"])
        for day, result in world.demo.results("openai/usage_completions")
    }
    assert said == {(False, True), (True, False)}
    used = query(
        world.home / "warehouse" / "build.duckdb",
        "select token_class, sum(consumed_quantity)::bigint as tokens from core.fct_provider_usage "
        "where source_name = 'openai' and operation_name = 'completions' and usage_date = ? "
        "and consumed_quantity > 0 group by 1",
        plant["day"],
    )
    assert {row["token_class"]: row["tokens"] for row in used if row["token_class"]} == {
        name: tokens for name, tokens in plant["tokens"].items() if tokens
    }


def check_empty_days(world: World) -> None:
    """Expect a day of which a report says nothing as a day that is known to be empty."""
    [plant] = world.plants("empty_days")
    found = world.query(
        "select covers_from::date::varchar as day from load_unit_accounts "
        "where source_name = 'openai' and starts_with(load_unit_id, ?) and records_read = 0 "
        "order by 1",
        f"{plant['report']}:",
    )
    window = world.demo.truths["window"]
    inside = [row["day"] for row in found if window["start"] <= row["day"] < window["end"]]
    assert inside == plant["days"]


def check_marketplace(world: World) -> None:
    """Expect prices that Azure does not know to be unknown, and a name where it gives none."""
    check_bill_line(world, "marketplace", "data-science")
    [plant] = world.plants("marketplace")
    [row] = query(
        world.home / "warehouse" / "build.duckdb",
        "select service_name, list_cost, contracted_cost from core.fct_charges "
        "where charge_description = 'Claude on Foundry' and billed_cost = ?",
        Decimal(plant["billed_cost"]),
    )
    assert row == {"service_name": "SaaS", "list_cost": None, "contracted_cost": None}


def check_file_searches(world: World) -> None:
    """Expect them where usage without a price is shown: no model is named for them."""
    rows = world.query(
        "select usage_month, model_name, tokens, unit_count, request_count, estimated_cost, reason "
        "from unpriced_usage where token_class = 'file_search' order by usage_month"
    )
    expected = {
        plant["billing_month"]: plant["unit_count"]
        for plant in world.plants("file_searches_without_a_price")
    }
    assert {row["usage_month"].isoformat(): row["unit_count"] for row in rows} == expected
    for row in rows:
        told = (row["tokens"], row["request_count"], row["estimated_cost"])
        assert (row["model_name"], row["reason"], *told) == ("none", "no_model", 0, None, None)


def check_web_search(world: World) -> None:
    months: Counter[tuple[str, str]] = Counter()
    accounts = set()
    kinds = ("web_search", "code_execution", "session_usage")
    for plant in [plant for kind in kinds for plant in world.plants(kind)]:
        accounts.add(plant["billing_account_id"])
        key = (plant["service_provider_name"], plant["billing_month"])
        months[key] += Decimal(plant["billed_cost"])
    rows = world.query(
        "select service_provider_name as provider, billing_month, sum(non_token_cost) as cost "
        "from invoice_reconciliation_month where ai_model_id = 'none' "
        "and list_contains(?, billing_account_id) group by all",
        sorted(accounts),
    )
    found = {(row["provider"], row["billing_month"].isoformat()): row["cost"] for row in rows}
    assert found == months


def check_bill_alone(world: World, kind: str) -> None:
    """Expect it on the bill alone: no usage report speaks of it, and it is nobody's tokens."""
    billed = query(
        world.home / "warehouse" / "build.duckdb",
        "select billing_month::varchar as billing_month, sum(billed_cost) as cost, "
        "count(token_class) as token_count from core.fct_charges "
        "where service_provider_name = 'Anthropic' and sku_meter = ? group by 1",
        kind,
    )
    found = {row["billing_month"]: row["cost"] for row in billed}
    expected: Counter[str] = Counter()
    for plant in world.plants(kind):
        expected[plant["billing_month"]] += Decimal(plant["billed_cost"])
    assert found == expected
    assert {row["token_count"] for row in billed} == {0}
    check_web_search(world)


CHECKS = {
    "web_search": check_web_search,
    "code_execution": lambda world: check_bill_alone(world, "code_execution"),
    "session_usage": lambda world: check_bill_alone(world, "session_usage"),
    "amounts_as_texts": check_amounts_as_texts,
    "blocked_requests": check_blocked_requests,
    "file_searches_without_a_price": check_file_searches,
    "spreadsheet_bill": check_spreadsheet_bill,
    "marketplace": check_marketplace,
    "bill_of_a_newer_version": check_newer_version,
    "older_usage_records": check_older_usage,
    "empty_days": check_empty_days,
}
