"""The demo's files, read back independently, say what its truths say."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pipelines.demo.generate import generate
from tests.demo_files import (
    CLASSES,
    GATEWAY_KEYS,
    Demo,
    allocate,
    split_line_item,
    token_classes,
    unit_price,
)

END = date(2026, 11, 21)
# seed, days, requests, end: the default month layout, the smallest sizes, a window over two years
WORLDS = (
    (1, 40, 3000, END),
    (2, 7, 500, END),
    (3, 90, 500, END),
    (4, 35, 800, date(2026, 1, 2)),
)


@pytest.fixture(scope="module", params=WORLDS, ids=lambda world: f"seed{world[0]}-{world[2]}")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return one generated company."""
    seed, days, requests, end = request.param
    folder = tmp_path_factory.mktemp("demo")
    generate(folder, days=days, requests=requests, seed=seed, end=end)
    return Demo(folder)


def test_bills_sum_to_the_invoices(demo: Demo) -> None:
    found: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for day, result in demo.results("openai/costs"):
        found["OpenAI", day[:7], "USD"] += Fraction(result["amount"]["value"])
    for day, result in demo.results("anthropic/cost_report"):
        found["Anthropic", day[:7], "USD"] += Fraction(result["amount"]) / 100
    for row in demo.focus_rows():
        key = (row["ProviderName"], row["BillingPeriodStart"][:7], row["BillingCurrency"])
        found[key] += Fraction(row["BilledCost"])
    for charge in demo.part_charges():
        found[charge.service, charge.day[:7], charge.currency] += charge.amount
    expected: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for row in demo.truths["invoices"]:
        key = (row["service_provider_name"], row["billing_month"][:7], row["billing_currency"])
        expected[key] += Fraction(row["billed_cost"])
    assert found == expected


def test_teams_sum_to_the_invoices(demo: Demo) -> None:
    totals = {}
    for name in ("invoices", "teams"):
        totals[name] = Counter[tuple[str, str]]()
        for row in demo.truths[name]:
            totals[name][row["billing_month"], row["billing_currency"]] += Decimal(
                row["billed_cost"]
            )
    assert totals["teams"] == totals["invoices"]


def test_each_teams_cost_follows_from_files_and_rules(demo: Demo) -> None:
    expected = {
        (row["team_id"], row["billing_month"][:7], row["billing_currency"]): Fraction(
            row["billed_cost"]
        )
        for row in demo.truths["teams"]
    }
    assert allocate(demo) == expected


def test_gateway_log_and_provider_count_the_same_tokens(demo: Demo) -> None:
    logged: Counter[tuple[str, str, str]] = Counter()
    for record in demo.sent_requests():
        for name, tokens in token_classes(record).items():
            logged[record["startTime"][:10], record["model"], name] += tokens
    billed: Counter[tuple[str, str, str]] = Counter()
    for day, usage in demo.results("openai/usage_completions"):
        if usage["api_key_id"] in GATEWAY_KEYS:
            uncached = usage["input_tokens"] - usage["input_cached_tokens"]
            billed[day, usage["model"], "input_uncached"] += uncached
            billed[day, usage["model"], "cache_read"] += usage["input_cached_tokens"]
            billed[day, usage["model"], "output"] += usage["output_tokens"]
            # One day's records are older, and say less.
            assert usage.get("input_uncached_tokens", uncached) == uncached
    for day, usage in demo.results("openai/usage_embeddings"):
        billed[day, usage["model"], "input_uncached"] += usage["input_tokens"]
    for day, usage in demo.results("anthropic/usage_report"):
        if usage["api_key_id"] in GATEWAY_KEYS:
            model, writes = usage["model"], usage["cache_creation"]
            billed[day, model, "input_uncached"] += usage["uncached_input_tokens"]
            billed[day, model, "cache_read"] += usage["cache_read_input_tokens"]
            billed[day, model, "cache_write_5m"] += writes["ephemeral_5m_input_tokens"]
            billed[day, model, "cache_write_1h"] += writes["ephemeral_1h_input_tokens"]
            billed[day, model, "output"] += usage["output_tokens"]
    assert +logged == +billed


def test_price_book_prices_every_line_exactly(demo: Demo) -> None:
    unpriced = set()
    for day, result in demo.results("openai/costs"):
        line = split_line_item(result["line_item"])
        if line is None:
            continue
        model, token_class, tier = line
        price = unit_price(demo, "OpenAI", model, token_class, tier, "", day)
        if price is None:
            unpriced.add(model)
        else:
            assert price * result["quantity"] == Decimal(result["amount"]["value"]), result
    assert unpriced == {plant["model_name"] for plant in demo.plants("unpriced_model")}
    quantities: Counter[tuple[Any, ...]] = Counter()
    dimensions = ("workspace_id", "model", "service_tier", "context_window")
    for day, usage in demo.results("anthropic/usage_report"):
        flat = usage | {f"cache_creation.{k}": v for k, v in usage["cache_creation"].items()}
        for name in (name for name in CLASSES if name in flat):
            quantities[(day, *(usage[n] for n in dimensions), name)] += flat[name]
    for day, result in demo.results("anthropic/cost_report"):
        if result["cost_type"] == "tokens":
            tokens = quantities[(day, *(result[n] for n in dimensions), result["token_type"])]
            price = unit_price(
                demo,
                "Anthropic",
                result["model"],
                CLASSES[result["token_type"]],
                result["service_tier"],
                result["context_window"],
                day,
            )
            assert price is not None
            assert price * tokens * 100 == Decimal(result["amount"]), result


def test_log_holds_its_plants(demo: Demo) -> None:
    everything = Counter(
        json.loads(line)["request_id"]
        for truth in demo.truths["log_files"]
        for line in demo.log_lines(truth["file"][8:18])
        if line.endswith("}") and json.loads(line)["request_id"]
    )
    for truth in demo.truths["log_files"]:
        assert len(demo.log_lines(truth["file"][8:18])) == truth["lines"]
    malformed, *_ = [p for p in demo.plants("malformed_line") if p["file"].startswith("litellm")]
    with pytest.raises(json.JSONDecodeError):
        json.loads(demo.log_lines(malformed["file"][8:18])[malformed["line_number"] - 1])
    (nameless,) = demo.plants("missing_request_id")
    record = demo.log_lines(nameless["file"][8:18])[nameless["line_number"] - 1]
    assert json.loads(record)["request_id"] == ""
    copies = demo.plants("duplicate_lines")
    assert sum(everything.values()) - len(everything) == sum(plant["count"] for plant in copies)
    for plant in copies:
        lines = Counter(demo.log_lines(plant["file"][8:18]))
        original = set(demo.log_lines(plant["repeats_file"][8:18]))
        ids = {json.loads(line)["request_id"] for line in original & set(lines)}
        assert ids >= set(plant["request_ids"])
        if plant["file"] == plant["repeats_file"]:
            assert sum(count - 1 for count in lines.values()) == plant["count"]
    requests = demo.requests()
    for plant in demo.plants("retried_call"):
        failed, answered = (requests[plant[n]] for n in ("failed_request_id", "request_id"))
        assert (failed["status"], failed["total_tokens"], failed["spend"]) == ("failure", 0, 0.0)
        assert (answered["status"], failed["session_id"]) == ("success", answered["session_id"])
    (late,) = demo.plants("late_records")
    delivered = {
        json.loads(line)["request_id"]: json.loads(line)["startTime"][:10]
        for line in demo.log_lines(late["file"][8:18])
    }
    assert {delivered[name] for name in late["request_ids"]} == {late["day"]}
    hits = [record for record in requests.values() if record["cache_hit"] == "True"]
    (plant,) = demo.plants("cache_hit")
    assert plant["request_count"] == len(hits) > 0
    assert plant["tokens_not_sent"] == sum(record["total_tokens"] for record in hits)
    assert {record["spend"] for record in hits} == {0.0}


def test_bills_hold_their_plants(demo: Demo) -> None:
    costs: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for day, result in demo.results("openai/costs"):
        costs[day[:7], result["api_key_id"]] += Decimal(result["amount"]["value"])
    bypassing = demo.plants("bypass_key")
    assert {plant["credential_status"] for plant in bypassing} == {
        "registered",
        "unregistered",
        "deleted",
    }
    for plant in bypassing:
        key = (plant["billing_month"][:7], plant["credential_id"])
        assert costs.pop(key) == Decimal(plant["billed_cost"]) > 0
        assert plant["total_tokens"] > 0
    assert {key for _, key in costs} == {"key_gateway"}
    listed = json.loads((demo.folder / "openai/api_keys.json").read_text())
    deleted = demo.plants("deleted_key")[0]["credential_id"]
    assert deleted not in {key["id"] for keys in listed.values() for key in keys}
    assert deleted in {row["owner_key"] for row in demo.rows("org/owners.csv")}
    rows = list(demo.focus_rows())
    for kind, category in (("refund", "Credit"), ("tax", "Tax")):
        found = sum(Decimal(r["BilledCost"]) for r in rows if r["ChargeCategory"] == category)
        assert found == sum(Decimal(plant["billed_cost"]) for plant in demo.plants(kind)) != 0
    (correction,) = (row for row in rows if row["ChargeClass"] == "Correction")
    assert correction["ChargePeriodEnd"] <= correction["BillingPeriodStart"]
    (broken,) = (p for p in demo.plants("malformed_line") if p["file"].startswith("focus"))
    line = (demo.folder / broken["file"]).read_text().splitlines()[broken["line_number"] - 1]
    assert line.startswith("1O.25,")
    files = [path.read_bytes() for path in (demo.folder / "focus").iterdir()]
    assert sum(content.startswith(b"\xef\xbb\xbf") for content in files) == 1
    assert any(b",NULL," in content for content in files)
    assert sum(content.split(b"\n")[1].startswith(b'"') for content in files) == 1


def test_every_other_plant_is_there(demo: Demo) -> None:
    for plant in demo.plants("moved_key"):
        before, after = plant["teams"]
        assert (before["team_id"], after["team_id"]) == (plant["old_team_id"], plant["new_team_id"])
        assert before["last_date"] < plant["date"] <= after["first_date"]
        assert Decimal(before["billed_cost"]) > 0 < Decimal(after["billed_cost"])
    assert len(demo.plants("moved_key")) == 2
    (change,) = demo.plants("price_change")
    assert change["date"][8:] != "01"
    for name in ("estimated_cost_before", "estimated_cost_after"):
        assert Decimal(change[name]) > 0
    assert change["old_prices"].keys() == change["new_prices"].keys()
    (unknown,) = demo.plants("unregistered_gateway_key")
    assert Decimal(unknown["billed_cost"]) > 0
    assert {plant["service_provider_name"] for plant in demo.plants("batch_tokens")} == {
        "OpenAI",
        "Anthropic",
    }
    cached = {(p["token_class"], p["is_through_gateway"]) for p in demo.plants("cached_tokens")}
    assert len(cached) == 10
    contexts = {result["context_window"] for _, result in demo.results("anthropic/cost_report")}
    assert contexts == {"0-200k", "200k-1M", None}
    for kind in ("unpriced_model", "unbilled_priority_tokens", "no_owner", "web_search"):
        assert demo.plants(kind), kind
    for kind in ("code_execution", "session_usage"):
        assert all(Decimal(plant["billed_cost"]) > 0 for plant in demo.plants(kind))
    [empty] = demo.plants("empty_days")
    assert empty["days"]
    assert [plant["tags"] for plant in demo.plants("tags")] == ['["job:nightly"]', "['nightly']"]
    assert all(plant["tokens"] > 0 for plant in demo.plants("tags"))


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        generate(tmp_path / name, days=8, requests=600, seed=seed, end=END)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        contents.append({str(p.relative_to(tmp_path / name)): p.read_bytes() for p in files})
    assert contents[0] == contents[1]
    assert contents[0].keys() == contents[2].keys()
    assert contents[0]["truths.json"] != contents[2]["truths.json"]


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    generate(tmp_path, days=8, requests=600, end=END)
    generate(tmp_path, days=7, requests=600, end=END)
    assert len(list((tmp_path / "litellm").iterdir())) == 7


@pytest.mark.parametrize("size", [{"days": 6}, {"requests": 499}])
def test_a_window_too_small_for_the_plants_is_refused(tmp_path: Path, size: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 7 days and 500 requests"):
        generate(tmp_path, **size)
