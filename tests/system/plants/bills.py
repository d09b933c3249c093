"""Bills of the demo: amounts as texts, tokens that cost nothing, prices of 0, other dates."""

from __future__ import annotations

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


CHECKS = {
    "amounts_as_texts": check_amounts_as_texts,
    "blocked_requests": check_blocked_requests,
    "file_searches_without_a_price": check_file_searches,
    "spreadsheet_bill": check_spreadsheet_bill,
    "marketplace": check_marketplace,
}
