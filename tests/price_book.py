"""Builds the price book alone, by the real source and models, and prices usage by it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

import pipelines.sources.genai_prices
from pipelines.config import load_settings
from pipelines.lake import Lake, write_manifest
from pipelines.load import load_source
from tests.dbt_runs import run_dbt

ROOT = Path(__file__).resolve().parent.parent
MODELS = [
    "path:models/staging/genai_prices",
    "path:models/intermediate/prices",
    "service_providers",
    "dim_prices",
    "dim_ai_models",
]
TOKEN_CLASSES = [
    "input_uncached",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "input_audio",
    "output",
    "reasoning",
    "output_audio",
]
USAGE = pa.schema(
    [
        ("usage_id", pa.int64()),
        ("service_provider_name", pa.string()),
        ("model_name", pa.string()),
        ("service_tier", pa.string()),
        ("started_at", pa.timestamp("us")),
        *[(f"{token_class}_tokens", pa.int64()) for token_class in TOKEN_CLASSES],
    ]
)
OVERRIDES = pa.schema(
    [
        ("service_provider_name", pa.string()),
        ("model_name", pa.string()),
        ("token_class", pa.string()),
        ("service_tier", pa.string()),
        ("context_tier", pa.string()),
        ("unit_price_per_million", pa.decimal128(18, 6)),
        ("currency", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)
PRICING = """
select
    usages.usage_id,
    names.ai_model_id,
    names.resolved_by,
    rates.price_id,
    rates.currency,
    coalesce(rates.is_tier_assumed, false) as is_tier_assumed,
    coalesce(rates.is_list_tier_assumed, false) as is_list_tier_assumed,
    {{ estimated_cost('usages', 'rates', 'list') }} as list_cost,
    {{ estimated_cost('usages', 'rates', 'contracted') }} as contracted_cost
from usages
left join {{ ref('int_model_names_resolved') }} as names
    on usages.service_provider_name = names.service_provider_name
    and usages.model_name = names.model_name
left join {{ ref('int_price_rates') }} as rates
    on {{ price_rate_join('usages', 'rates') }}
order by usages.usage_id
"""


@dataclass(frozen=True)
class PriceBook:
    """A home whose build file holds the price book for some names and overrides."""

    home: Path

    @property
    def build_path(self) -> Path:
        """The file the models are in."""
        return load_settings(self.home).build_path

    def query(self, sql: str) -> list[tuple]:
        """Return the rows of a query on the build file."""
        with duckdb.connect(str(self.build_path), read_only=True) as connection:
            return connection.sql(sql).fetchall()

    def price(self, usages: list[dict]) -> list[dict]:
        """Return one row per usage, priced by the models' own macros in SQL."""
        statement = self.compile(PRICING)
        with duckdb.connect(str(self.build_path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            table = pa.Table.from_pylist(usages, schema=USAGE)
            connection.register("usages", table)
            return connection.sql(statement).to_arrow_table().to_pylist()

    def compile(self, sql: str) -> str:
        """Return SQL with its macros and references filled in."""
        [result] = run_dbt(self.home, "compile", "--no-introspect", "--inline", sql)
        return result["compiled_code"]


def build_price_book(
    home: Path, names: list[tuple[str, str]], overrides: list[dict] | None = None
) -> PriceBook:
    """Load the list and build its models for these names (provider, model) and overrides."""
    settings = load_settings(home)
    report = load_source(settings, pipelines.sources.genai_prices, lambda *_: None)
    assert not report.faults, report.faults
    write_manifest(Lake(settings.lake_url), settings.warehouse / "lake_files.jsonl")
    # The two models that other sources feed are given as tables: dbt finds and does not build them.
    with duckdb.connect(str(settings.build_path)) as connection:
        found = pa.table(
            {
                "service_provider_name": pa.array([name[0] for name in names], pa.string()),
                "model_name": pa.array([name[1] for name in names], pa.string()),
            }
        )
        agreed = pa.Table.from_pylist(overrides or [], schema=OVERRIDES)
        connection.register("found", found)
        connection.register("agreed", agreed)
        connection.execute("create schema intermediate; create schema staging")
        connection.execute(
            "create table intermediate.int_model_names as select distinct * from found"
        )
        connection.execute("create table staging.stg_org__price_overrides as select * from agreed")
    run_dbt(home, "build", "--select", *MODELS)
    return PriceBook(home)


def provider_names() -> dict[str, str]:
    """Return the ledger's name of each provider of the list that our seed knows."""
    with (ROOT / "seeds/reference/service_providers.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {
        row["genai_provider_id"]: row["service_provider_name"]
        for row in rows
        if row["genai_provider_id"]
    }
