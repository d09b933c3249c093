"""Reads a generated demo company with the standard library alone, and works out who pays what."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from genai_prices import Usage, calc_price

GATEWAY_KEYS = {"key_gateway", "apikey_gateway"}
CLASSES = {
    "input": "input_uncached",
    "cached input": "cache_read",
    "output": "output",
    "uncached_input_tokens": "input_uncached",
    "cache_read_input_tokens": "cache_read",
    "output_tokens": "output",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_5m",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h",
}


@dataclass(frozen=True)
class Charge:
    """One charge of a part of the demo, as its own file says."""

    service: str
    amount: Fraction
    day: str
    key: str | None = None
    account: str | None = None
    currency: str = "USD"


class Demo:
    """One generated company and its files."""

    def __init__(self, folder: Path) -> None:
        """Read the truths of a generated folder."""
        self.folder = folder
        self.truths = json.loads((folder / "truths.json").read_text(), parse_float=Decimal)

    def plants(self, kind: str) -> list[dict[str, Any]]:
        """Return the plants of one kind."""
        return [plant for plant in self.truths["plants"] if plant["kind"] == kind]

    def results(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield day and result of every API record in one file."""
        for line in (self.folder / f"{name}.jsonl").read_text().splitlines():
            record = json.loads(line, parse_float=Decimal)
            yield record["bucket_start"][:10], record["result"]

    def rows(self, name: str) -> list[dict[str, str]]:
        """Return the rows of one CSV file as text."""
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def focus_rows(self) -> Iterator[dict[str, str]]:
        """Yield the FOCUS charges of all files, the broken record left out."""
        broken = {(p["file"], p["line_number"]) for p in self.plants("malformed_line")}
        for path in sorted((self.folder / "focus").glob("*.csv")):
            for number, row in enumerate(self.rows(f"focus/{path.name}"), start=2):
                if (f"focus/{path.name}", number) not in broken:
                    provider = row.get("ProviderName") or row["ServiceProviderName"]
                    days = {name: iso_day(row[name]) for name in row if "Period" in name}
                    yield row | days | {"ProviderName": provider}

    def part_charges(self) -> list[Charge]:
        """Return the charges of the parts that bring a bill, each read from its own files."""
        from tests.system.plants import part_charges  # which reads the demo with this module

        return list(part_charges(self))

    def log_lines(self, day: str) -> list[str]:
        """Return the physical lines of one day's gateway file."""
        with gzip.open(self.folder / f"litellm/{day}.jsonl.gz", "rt") as file:
            return file.read().splitlines()

    def requests(self) -> dict[str, dict[str, Any]]:
        """Return the log's good records once each, by request id."""
        found = {}
        for path in sorted((self.folder / "litellm").glob("*.jsonl.gz")):
            for line in self.log_lines(path.name[:10]):
                try:
                    record = json.loads(line)
                except json.JSONDecodeError:
                    continue
                if record["request_id"]:
                    found[record["request_id"]] = record
        return found

    def sent_requests(self) -> Iterator[dict[str, Any]]:
        """Yield the calls that reached a provider and were answered."""
        for record in self.requests().values():
            if record["status"] == "success" and record["cache_hit"] != "True":
                yield record


def iso_day(text: str) -> str:
    """Return a date as `4/1/25` in ISO form, any other text as it is."""
    if "/" not in text:
        return text
    return datetime.strptime(text, "%m/%d/%y").replace(tzinfo=UTC).date().isoformat()


def token_classes(record: dict[str, Any]) -> dict[str, int]:
    """Return the disjoint token classes of one LiteLLM record, reasoning inside output."""
    usage = json.loads(record["metadata"])["usage_object"]
    details = usage["prompt_tokens_details"]
    writes = details.get("cache_creation_token_details") or {}
    found = {
        "cache_read": details["cached_tokens"],
        "cache_write_5m": writes.get("ephemeral_5m_input_tokens", 0),
        "cache_write_1h": writes.get("ephemeral_1h_input_tokens", 0),
        "output": record["completion_tokens"],
    }
    cached = found["cache_read"] + found["cache_write_5m"] + found["cache_write_1h"]
    assert record["prompt_tokens"] >= cached
    assert record["total_tokens"] == record["prompt_tokens"] + record["completion_tokens"]
    return found | {"input_uncached": record["prompt_tokens"] - cached}


def split_line_item(line_item: str) -> tuple[str, str, str] | None:
    """Return model, token class and service tier of an OpenAI line item, None where no tokens."""
    tier, _, rest = line_item.rpartition(" | ")
    model, _, meter = rest.partition(", ")
    return (model, CLASSES[meter], tier or "standard") if meter in CLASSES else None


class Owners:
    """The organisation's rules, read from its files: who owned what on which day."""

    def __init__(self, demo: Demo) -> None:
        """Read the rules and the teams."""
        self.rules = demo.rows("org/owners.csv")
        self.teams = {row["team_id"] for row in demo.rows("org/teams.csv")}

    def find(self, kind: str, service: str, key: str | None, day: str) -> str | None:
        """Return the team that one rule names on a day, None where no rule does."""
        found = [
            rule["team_id"]
            for rule in self.rules
            if (rule["owner_kind"], rule["service_provider_name"], rule["owner_key"])
            == (kind, service, key)
            and rule["valid_from"] <= day < (rule["valid_to"] or "9999")
        ]
        assert len(found) <= 1
        return found[0] if found else None

    def of_charge(
        self, service: str, key: str | None, account: str | None, day: str, tag: str = ""
    ) -> str:
        """Return who pays for a charge: key, then account, tag, provider default."""
        return (
            self.find("credential", service, key, day)
            or self.find("sub_account", service, account, day)
            or self.find("tag", service, tag, day)
            or self.find("service_provider", service, service, day)
            or "unallocated"
        )

    def of_request(self, record: dict[str, Any]) -> str:
        """Return who made a gateway call: key, then the gateway's team, mapped or taken as is."""
        day, team = record["startTime"][:10], record["team_id"]
        return (
            self.find("credential", "LiteLLM", record["api_key"], day)
            or self.find("gateway_team", "LiteLLM", team, day)
            or (team if team in self.teams else "unallocated")
        )


def allocate(demo: Demo) -> dict[tuple[str, str, str], Fraction]:
    """Return the cost of each (team, month, currency), worked out from the files alone."""
    owners = Owners(demo)
    cost: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    shares: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for record in demo.sent_requests():
        for name, tokens in token_classes(record).items():
            line = (record["startTime"][:10], record["model"], name)
            shares[line][owners.of_request(record)] += tokens

    def add(
        amount: Fraction,
        service: str,
        key: str | None,
        account: str | None,
        day: str,
        line: tuple[str, str] | None,
    ) -> None:
        if key in GATEWAY_KEYS and line:
            teams = shares[(day, *line)]
            for team, tokens in teams.items():
                cost[team, day[:7], "USD"] += amount * tokens / teams.total()
        else:
            cost[owners.of_charge(service, key, account, day), day[:7], "USD"] += amount

    for day, result in demo.results("openai/costs"):
        line = split_line_item(result["line_item"])
        add(
            Fraction(result["amount"]["value"]),
            "OpenAI",
            result["api_key_id"],
            result["project_id"],
            day,
            line and line[:2],
        )
    keys: dict[tuple[Any, ...], Counter[str | None]] = defaultdict(Counter)
    for day, usage in demo.results("anthropic/usage_report"):
        flat = usage | {f"cache_creation.{k}": v for k, v in usage["cache_creation"].items()}
        for name in (name for name in CLASSES if name in flat):
            line = tuple(usage[n] for n in ("model", "service_tier", "context_window"))
            keys[(day, usage["workspace_id"], *line, name)][usage["api_key_id"]] += flat[name]
    for day, result in demo.results("anthropic/cost_report"):
        amount, workspace = Fraction(result["amount"]) / 100, result["workspace_id"]
        if result["cost_type"] != "tokens":
            add(amount, "Anthropic", None, workspace, day, None)
            continue
        line = tuple(result[n] for n in ("model", "service_tier", "context_window", "token_type"))
        users = keys[(day, workspace, *line)]
        for key, tokens in users.items():
            add(
                amount * tokens / users.total(),
                "Anthropic",
                key,
                workspace,
                day,
                (result["model"], CLASSES[result["token_type"]]),
            )
    add_focus(demo, owners, cost)
    for charge in demo.part_charges():
        team = owners.of_charge(charge.service, charge.key, charge.account, charge.day)
        cost[team, charge.day[:7], charge.currency] += charge.amount
    return {key: amount for key, amount in cost.items() if amount}


def add_focus(demo: Demo, owners: Owners, cost: dict[tuple[str, str, str], Fraction]) -> None:
    """Add the FOCUS files' charges, tax in proportion to the account's usage of the month."""
    used: dict[tuple[str, str], dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    taxes = []
    for row in demo.focus_rows():
        amount, month = Fraction(row["BilledCost"]), row["BillingPeriodStart"][:7]
        account = (row["BillingAccountId"], month)
        if row["ChargeCategory"] == "Tax":
            taxes.append((account, row["BillingCurrency"], amount))
            continue
        tags = json.loads(row["Tags"])
        tag = f"team={tags['team']}" if tags else ""
        team = owners.of_charge(
            row["ProviderName"], None, row["SubAccountId"], row["ChargePeriodStart"][:10], tag
        )
        cost[team, month, row["BillingCurrency"]] += amount
        if row["ChargeCategory"] == "Usage":
            used[account][team] += amount
    for account, currency, amount in taxes:
        whole = sum(used[account].values())
        for team, part in used[account].items():
            cost[team, account[1], currency] += amount * part / whole


def unit_price(
    demo: Demo, service: str, model: str, token_class: str, tier: str, context: str, day: str
) -> Decimal | None:
    """Return the price per token in an honest price book: overrides, then the packaged list."""
    for row in demo.rows("pricing/overrides.csv"):
        if (
            (
                row["service_provider_name"],
                row["model_name"],
                row["token_class"],
                row["service_tier"],
            )
            == (service, model, token_class, tier)
            and row["context_tier"] in ("", context)
            and row["valid_from"] <= day < (row["valid_to"] or "9999")
        ):
            return Decimal(row["unit_price_per_million"]) / 1_000_000
    size = 300_000 if context == "200k-1M" else 1000
    usage = {
        "input_uncached": Usage(input_tokens=size),
        "cache_read": Usage(input_tokens=size, cache_read_tokens=size),
        "cache_write_5m": Usage(input_tokens=size, cache_write_tokens=size),
        "cache_write_1h": Usage(
            input_tokens=size, cache_write_tokens=size, cache_write_1h_tokens=size
        ),
        "output": Usage(input_tokens=size, output_tokens=size),
    }[token_class]
    try:
        price = calc_price(
            usage,
            model,
            provider_id=service.lower(),
            genai_request_timestamp=datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC),
        )
    except LookupError:
        return None
    return (price.output_price if token_class == "output" else price.input_price) / size
