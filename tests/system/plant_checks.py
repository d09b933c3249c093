"""One check a kind of planted event: its figures stand in the mart where a user would look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.demo_files import Demo
from tests.system.world import Row, link, query, value

MODEL_IDS = {
    "gpt-4.1-mini-2025-04-14": "openai/gpt-4.1-mini",
    "gpt-4.1-2025-04-14": "openai/gpt-4.1",
    "gpt-4o-mini-2024-07-18": "openai/gpt-4o-mini",
    "aurora-lite-preview": "openai/aurora-lite-preview",
    "claude-sonnet-4-5-20250929": "anthropic/claude-sonnet-4-5",
    "claude-haiku-4-5-20251001": "anthropic/claude-haiku-4-5",
}
# The only models of the gateway key that moves; its two teams use no others of these.
MODELS_OF_MOVED_KEY = ("openai/gpt-4.1-mini", "anthropic/claude-haiku-4-5")


@dataclass(frozen=True)
class World:
    """A built demo company: its files, its truths, its publication."""

    home: Path

    @cached_property
    def demo(self) -> Demo:
        """The generated files, read by the standard library alone."""
        return Demo(self.home / "demo")

    @property
    def publication(self) -> Path:
        """What users read."""
        return link(self.home)

    def plants(self, kind: str) -> list[Row]:
        """Return the planted events of a kind; raise where there is none."""
        found = self.demo.plants(kind)
        assert found, f"no {kind} is planted"
        return found

    def query(self, sql: str, *parameters: Any) -> list[Row]:
        """Return rows of the publication."""
        return query(self.publication, sql, *parameters)

    def value(self, sql: str, *parameters: Any) -> Any:
        """Return one value of the publication."""
        return value(self.publication, sql, *parameters)

    def requests(self, name: str) -> list[Row]:
        """Return the fact rows of one request, from the build file: no mart shows single calls."""
        sql = "select * from core.fct_requests where request_id = ?"
        return query(self.home / "warehouse" / "build.duckdb", sql, name)

    def others(self, column: str, measure: str) -> Counter[str]:
        """Return what gateways beside LiteLLM metered, by one column's text."""
        return self._metered(column, measure, "observer_kind = 'gateway'")

    def explaining(self, column: str, measure: str) -> Counter[str]:
        """Return what explains a bill, beside LiteLLM: all that no provider reports itself."""
        reporting = "select service_provider_name from core.fct_provider_usage"
        counts = f"(observer_kind = 'gateway' or service_provider_name not in ({reporting}))"
        return self._metered(column, measure, counts)

    def _metered(self, column: str, measure: str, where: str) -> Counter[str]:
        sql = (
            f"select {column}, sum({measure})::bigint as measure from core.fct_usage_hour "
            f"where source_name <> 'litellm' and {where} group by all"
        )
        rows = query(self.home / "warehouse" / "build.duckdb", sql)
        return Counter({str(row[column]): row["measure"] for row in rows})

    def account(self, file: str) -> Row:
        """Return what became of one file's records; a person's path is in the build alone."""
        sql = "select * from marts.load_unit_accounts where ends_with(location, ?)"
        [row] = query(self.home / "warehouse" / "build.duckdb", sql, f"/{file}")
        return row


def amount(text: str | None) -> Decimal | None:
    """Return the money that truths.json writes as text."""
    return None if text is None else Decimal(text)


def check_duplicate_lines(world: World) -> None:
    repeats: Counter[str] = Counter()
    for plant in world.plants("duplicate_lines"):
        repeats[plant["file"]] += plant["count"]
        for name in plant["request_ids"]:
            assert len(world.requests(name)) == 1
    for truth in world.demo.truths["log_files"]:
        account = world.account(truth["file"])
        read, refused, repeated = truth["lines"], truth["quarantined"], repeats[truth["file"]]
        assert account["records_read"] == read
        assert account["records_quarantined"] == refused
        assert account["records_duplicate"] == repeated
        assert account["records_loaded"] == read - refused - repeated


def check_retried_call(world: World) -> None:
    others = world.others("usage_date", "failed_request_count")
    failed = others.copy()
    for record in world.demo.requests().values():
        failed[record["startTime"][:10]] += record["status"] == "failure"
    for plant in world.plants("retried_call"):
        [first], [second] = (
            world.requests(plant[key]) for key in ("failed_request_id", "request_id")
        )
        assert (first["request_status"], second["request_status"]) == ("failure", "success")
        assert first["total_tokens"] == 0 < second["total_tokens"]
        assert failed[plant["day"]] > 0
    found = world.query(
        "select usage_date, sum(failed_request_count) as failures from tokens_per_model_day "
        "where observed_by = 'gateway' group by usage_date having failures > 0"
    )
    assert {row["usage_date"].isoformat(): row["failures"] for row in found} == +failed
    assert (failed - others).total() == world.demo.truths["gateway_requests"]["failed"]


def check_refused_record(world: World, kind: str) -> None:
    """Expect a refused record to be shown with its file, line and reason."""
    for plant in world.plants(kind):
        sql = "select * from quarantined_records where ends_with(location, ?) and source_line = ?"
        [row] = world.query(sql, f"/{plant['file']}", plant["line_number"])
        assert row["reason"] == plant["reason"]
        assert row["remedy"]
        assert world.account(plant["file"])["records_quarantined"] >= 1


def check_late_records(world: World) -> None:
    days = world.others("usage_date", "request_count")
    for record in world.demo.requests().values():
        days[record["startTime"][:10]] += 1
    for plant in world.plants("late_records"):
        assert len(plant["request_ids"]) == plant["count"]
        for name in plant["request_ids"]:
            [row] = world.requests(name)
            assert row["usage_date"].isoformat() == plant["day"]
            assert row["load_unit_id"].endswith(plant["file"])
    found = world.query(
        "select usage_date, sum(request_count) as request_count from tokens_per_model_day "
        "where observed_by = 'gateway' group by usage_date"
    )
    assert {row["usage_date"].isoformat(): row["request_count"] for row in found} == days


def check_cache_hit(world: World) -> None:
    [plant] = world.plants("cache_hit")
    classes = (
        "input_uncached",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "output",
        "reasoning",
    )
    truths = world.demo.truths
    sent = sum(row[f"{name}_tokens"] for row in truths["metered_tokens"] for name in classes)
    assert plant["request_count"] == truths["gateway_requests"]["answered_from_cache"] > 0
    seen = world.value(
        "select sum(total_tokens) from tokens_per_model_day where observed_by = 'gateway'"
    )
    billable = world.value("select sum(metered_tokens) from invoice_reconciliation_month")
    others = world.others("is_cache_hit", "total_tokens")
    assert seen == sent + plant["tokens_not_sent"] + others.total()
    assert billable == sent + world.explaining("is_cache_hit", "total_tokens")["False"]
    counted = "select sum(request_count) from tokens_per_model_day where observed_by = 'gateway'"
    others = world.others("source_name", "request_count")
    assert world.value(counted) == sum(truths["gateway_requests"].values()) + others.total()


def check_bypass_key(world: World, kind: str = "bypass_key") -> None:
    for plant in world.plants(kind):
        rows = world.query(
            "select * from shadow_spend_month where spend_kind = 'billed' and billing_month "
            "= ?::date and service_provider_name = ? and sub_account_id = ? and credential_id = ?",
            plant["billing_month"], plant["service_provider_name"], plant["sub_account_id"],
            plant["credential_id"],
        )  # fmt: skip
        assert sum(row["billed_cost"] for row in rows) == amount(plant["billed_cost"]), plant
        assert sum(row["total_tokens"] for row in rows) == plant["total_tokens"], plant
        assert sorted(row["team_id"] for row in rows) == plant["team_ids"], plant
        status = plant.get("credential_status", "deleted")
        assert {row["credential_status"] for row in rows} == {status}, plant
    if kind == "bypass_key":
        sql = "select * from shadow_spend_month where (service_provider_name, spend_kind) = "
        sql += "('OpenAI', 'billed')"
        found = {row["credential_id"] for row in world.query(sql)}
        assert found == {plant["credential_id"] for plant in world.plants(kind)}


def check_moved_key(world: World) -> None:
    for plant in world.plants("moved_key"):
        old, new = plant["teams"]
        assert (old["team_id"], new["team_id"]) == (plant["old_team_id"], plant["new_team_id"])
        assert old["last_date"] < plant["date"] <= new["first_date"]
        for part in (old, new):
            found = _moved_part(world, plant, part)
            assert found["billed_cost"] == amount(part["billed_cost"]), part
            assert found["total_tokens"] == part["total_tokens"], part
            assert found["first_date"].isoformat() == part["first_date"], part
            assert found["last_date"].isoformat() == part["last_date"], part


def _moved_part(world: World, plant: Row, part: Row) -> Row:
    """Return one team's share of a moved key in a month."""
    if plant["service_provider_name"] == "OpenAI":
        [row] = world.query(
            "select billed_cost, total_tokens, first_seen_date as first_date, "
            "last_seen_date as last_date from shadow_spend_month "
            "where credential_id = ? and team_id = ? and billing_month = ?::date",
            plant["credential_id"], part["team_id"], part["billing_month"],
        )  # fmt: skip
        return row
    [row] = world.query(
        "select sum(billed_cost) as billed_cost, sum(total_tokens) as total_tokens, "
        "min(usage_date) as first_date, max(usage_date) as last_date from cost_per_team_day "
        "where team_id = ? and ai_model_id in (?, ?) and date_trunc('month', usage_date) = ?::date",
        part["team_id"], *MODELS_OF_MOVED_KEY, part["billing_month"],
    )  # fmt: skip
    return row


def check_unregistered_gateway_key(world: World) -> None:
    for plant in world.plants("unregistered_gateway_key"):
        [row] = world.query(
            "select sum(billed_cost) as billed_cost, sum(total_tokens) as total_tokens "
            "from cost_per_team_month where team_id = ? and billing_month = ?::date "
            "and service_provider_name = 'OpenAI' and ai_model_id = 'openai/gpt-4o-mini'",
            plant["team_id"], plant["billing_month"],
        )  # fmt: skip
        assert plant["team_id"] == "unallocated"
        assert row["billed_cost"] == amount(plant["billed_cost"])
        assert row["total_tokens"] == plant["total_tokens"]


def check_price_change(world: World) -> None:
    for plant in world.plants("price_change"):
        model = MODEL_IDS[plant["model_name"]]
        [found] = world.query(
            "select sum(estimated_cost) filter (usage_date < ?::date) as before, "
            "sum(estimated_cost) filter (usage_date >= ?::date) as after from cost_per_team_day "
            "where ai_model_id = ? and date_trunc('month', usage_date) = ?::date",
            plant["date"], plant["date"], model, plant["billing_month"],
        )  # fmt: skip
        assert found["before"] == amount(plant["estimated_cost_before"])
        assert found["after"] == amount(plant["estimated_cost_after"])
        for prices, boundary in (("old_prices", "valid_to"), ("new_prices", "valid_from")):
            rows = world.query(
                "select token_class, unit_price from dim_prices where price_source = 'override' "
                f"and price_model = ? and token_class <> 'reasoning' and {boundary} = ?::date",
                plant["model_name"], plant["date"],
            )  # fmt: skip
            book = {row["token_class"]: row["unit_price"] for row in rows}
            assert book == {name: Decimal(price) for name, price in plant[prices].items()}


def check_unpriced_model(world: World) -> None:
    plants = world.plants("unpriced_model")
    sql = "select * from unpriced_usage where service_provider_name = ? and model_name = ?"
    for observer in ("gateway", "provider"):
        rows = world.query(sql, plants[0]["service_provider_name"], plants[0]["model_name"])
        found = {
            (row["usage_month"].isoformat(), row["token_class"]): row["tokens"]
            for row in rows
            if row["observed_by"] == observer
        }
        assert found == {
            (row["billing_month"], row["token_class"]): row["tokens"] for row in plants
        }
    # The bill knows what it cost, so no team's statement lacks it.
    billed = "select sum(billed_cost) from cost_per_team_month where ai_model_id = ?"
    total = sum(Decimal(plant["billed_cost"]) for plant in plants)
    assert world.value(billed, MODEL_IDS[plants[0]["model_name"]]) == total
    # And the reconciliation says why no estimate explains it.
    explained = (
        "select sum(price_book_cost) from invoice_reconciliation_month where ai_model_id = ?"
    )
    assert world.value(explained, MODEL_IDS[plants[0]["model_name"]]) == total


def check_tokens_of_tier(world: World, kind: str) -> None:
    """Expect the tokens of a model and tier in the reconciliation, class by class."""
    lines: dict[tuple[str, str, str, str], list[Row]] = {}
    for plant in world.plants(kind):
        key = (
            plant["billing_month"],
            plant["model_name"],
            plant["service_tier"],
            plant["token_class"],
        )
        lines.setdefault(key, []).append(plant)
    for (month, model, tier, token_class), plants in lines.items():
        [row] = world.query(
            "select * from invoice_reconciliation_month where billing_month = ?::date "
            "and ai_model_id = ? and service_tier = ? and token_class = ?",
            month, MODEL_IDS[model], tier, token_class,
        )  # fmt: skip
        costs = [amount(plant["billed_cost"]) for plant in plants]
        metered = [plant["tokens"] for plant in plants if plant["is_through_gateway"]]
        assert row["provider_usage_tokens"] == sum(plant["tokens"] for plant in plants), plants
        assert row["invoice_cost"] == (None if None in costs else sum(costs)), plants
        assert row["metered_tokens"] == (sum(metered) if metered else None), plants


def check_cached_tokens(world: World) -> None:
    check_tokens_of_tier(world, "cached_tokens")
    classes = {plant["token_class"] for plant in world.plants("cached_tokens")}
    assert {"cache_read", "cache_write_5m", "cache_write_1h"} <= classes
    for name in classes:
        # Priority is used, though billed elsewhere.
        plants = [
            *world.plants("cached_tokens"),
            *world.plants("unbilled_priority_tokens"),
        ]
        total = sum(plant["tokens"] for plant in plants if plant["token_class"] == name)
        sql = f"select sum({name}_tokens) from cost_per_team_month where ai_model_id = ?"
        assert world.value(sql, "anthropic/claude-sonnet-4-5") == total, name


def check_bill_line(world: World, kind: str, team_id: str | None = None) -> None:
    """Expect a charge in the month it is billed in, on the day it names."""
    for plant in world.plants(kind):
        by_account = (
            plant["service_provider_name"], plant["billing_account_id"],
            plant["billing_currency"], plant["charge_category"],
        )  # fmt: skip
        which = (
            "service_provider_name = ? and billing_account_id = ? and billing_currency = ? "
            "and charge_category = ? and billed_cost is not null"
        )
        day = world.query(
            f"select * from cost_per_team_day where {which} and usage_date = ?::date "
            "and ai_model_id = 'none'",
            *by_account, plant["charge_date"],
        )  # fmt: skip
        cost = amount(plant["billed_cost"])
        assert sum(row["billed_cost"] for row in day) == cost, plant
        if team_id:
            assert {row["team_id"] for row in day} == {team_id}
        month = world.value(
            f"select sum(billed_cost) from cost_per_team_month where {which} "
            "and billing_month = ?::date and ai_model_id = 'none'",
            *by_account, plant["billing_month"],
        )  # fmt: skip
        assert month == cost, plant


def check_tax(world: World) -> None:
    check_bill_line(world, "tax")
    for plant in world.plants("tax"):
        credits = [
            amount(other["billed_cost"])
            for other in world.plants("refund")
            if other["billing_month"] == plant["billing_month"]
        ]
        explained = world.value(
            "select sum(discount_credit_tax_cost) from invoice_reconciliation_month "
            "where billing_account_id = ? and billing_month = ?::date",
            plant["billing_account_id"], plant["billing_month"],
        )  # fmt: skip
        assert explained == amount(plant["billed_cost"]) + sum(credits)


def check_tags(world: World) -> None:
    """Expect each tag with its calls' tokens, and one that is no JSON as it was written."""
    for plant in world.plants("tags"):
        calls = query(
            world.home / "warehouse" / "build.duckdb",
            "select sum(total_tokens)::bigint as tokens from core.fct_caller_usage_day "
            "where usage_date = ?::date and contains(request_tags, ?)",
            plant["day"], "job:nightly" if plant["dimension_key"] == "job" else plant["tags"],
        )  # fmt: skip
        assert calls == [{"tokens": plant["tokens"]}], plant
        cut = world.value(
            "select count(*) from cost_per_dimension_month where cost_dimension = 'tag' "
            "and dimension_key = ? and dimension_value = ? and billed_cost > 0",
            plant["dimension_key"], plant["dimension_value"],
        )  # fmt: skip
        assert cut, plant


CHECKS: dict[str, Callable[[World], None]] = {
    "duplicate_lines": check_duplicate_lines,
    "retried_call": check_retried_call,
    "malformed_line": lambda world: check_refused_record(world, "malformed_line"),
    "missing_request_id": lambda world: check_refused_record(world, "missing_request_id"),
    "late_records": check_late_records,
    "cache_hit": check_cache_hit,
    "bypass_key": check_bypass_key,
    "deleted_key": lambda world: check_bypass_key(world, "deleted_key"),
    "moved_key": check_moved_key,
    "unregistered_gateway_key": check_unregistered_gateway_key,
    "price_change": check_price_change,
    "unpriced_model": check_unpriced_model,
    "cached_tokens": check_cached_tokens,
    "batch_tokens": lambda world: check_tokens_of_tier(world, "batch_tokens"),
    "unbilled_priority_tokens": lambda world: check_tokens_of_tier(
        world, "unbilled_priority_tokens"
    ),
    "refund": lambda world: check_bill_line(world, "refund", "data-science"),
    "correction": lambda world: check_bill_line(world, "correction", "support"),
    "tax": check_tax,
    "no_owner": lambda world: check_bill_line(world, "no_owner", "unallocated"),
    "tags": check_tags,
}
