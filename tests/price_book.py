"""Builds the price book alone, by the real sources and models, and prices usage by it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

import pipelines.sources.genai_prices
import pipelines.sources.litellm_prices
from pipelines.config import load_settings
from pipelines.lake import Lake, write_manifest
from pipelines.load import load_source
from tests.dbt_runs import run_dbt

ROOT = Path(__file__).resolve().parent.parent
MODELS = [
    "path:models/staging/genai_prices",
    "path:models/staging/litellm_prices",
    "path:models/intermediate/prices",
    "stg_lake__price_loads",
    "service_providers",
    "price_precedence",
    "model_aliases",
    "dim_prices",
    "dim_price_disputes",
    "dim_price_versions",
    "dim_ai_models",
]
TOKEN_CLASSES = [
    "input_uncached",
    "cache_read",
    "cache_read_audio",
    "cache_read_image",
    "cache_write_5m",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "input_video",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
    "output_video",
]
UNITS = ["web_search", "audio_second", "citation_token", "page"]
USAGE = pa.schema(
    [
        ("usage_id", pa.int64()),
        ("service_provider_name", pa.string()),
        ("model_name", pa.string()),
        ("service_tier", pa.string()),
        ("region_id", pa.string()),
        ("started_at", pa.timestamp("us")),
        *[(f"{token_class}_tokens", pa.int64()) for token_class in TOKEN_CLASSES],
        *[(f"{unit}_count", pa.decimal128(38, 12)) for unit in UNITS],
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
ALIASES = pa.schema(
    [
        ("service_provider_name", pa.string()),
        ("alias", pa.string()),
        ("stands_for", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)
DISCOUNTS = pa.schema(
    [
        ("service_provider_name", pa.string()),
        ("model_name", pa.string()),
        ("token_class", pa.string()),
        ("service_tier", pa.string()),
        ("discount_percent", pa.decimal128(38, 12)),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)
PRICING = """
select
    usages.usage_id,
    coalesce(rates.ai_model_id, names.ai_model_id) as ai_model_id,
    names.resolved_by,
    coalesce(rates.price_match, 'none') as price_match,
    rates.price_book,
    rates.price_version,
    coalesce(rates.is_disputed, false) as is_disputed,
    rates.price_id,
    rates.currency,
    coalesce(rates.is_tier_assumed, false) as is_tier_assumed,
    coalesce(rates.is_list_tier_assumed, false) as is_list_tier_assumed,
    {{ estimated_cost('usages', 'rates', 'list', request_units()) }} as list_cost,
    {{ estimated_cost('usages', 'rates', 'contracted', request_units()) }}
        as contracted_cost
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


def is_map_installed() -> bool:
    """Return whether the second book is there; `make install` brings it."""
    settings = load_settings("unused").source("litellm_prices")
    return pipelines.sources.litellm_prices.is_configured(settings)


def build_price_book(
    home: Path,
    names: list[tuple[str, ...]],
    overrides: list[dict] | None = None,
    *,
    aliases: list[dict] | None = None,
    discounts: list[dict] | None = None,
    books: tuple[str, ...] = ("genai_prices", "litellm_prices"),
) -> PriceBook:
    """Load the books and build their models for these names (provider, model[, region])."""
    settings = load_settings(home)
    assert "litellm_prices" not in books or is_map_installed(), "run `make install`: no price map"
    for book in books:
        report = load_source(settings, getattr(pipelines.sources, book), lambda *_: None)
        assert not report.faults, report.faults
    write_manifest(Lake(settings.lake_url), settings.warehouse / "lake_files.jsonl")
    # The models that other sources feed are given as tables: dbt finds and does not build them.
    given = {
        "intermediate.int_model_names": pa.table(
            {
                "service_provider_name": pa.array([name[0] for name in names], pa.string()),
                "model_name": pa.array([name[1] for name in names], pa.string()),
                "region_id": pa.array(
                    [name[2] if len(name) > 2 else "" for name in names], pa.string()
                ),
            }
        ),
        "staging.stg_org__price_overrides": pa.Table.from_pylist(overrides or [], schema=OVERRIDES),
        "staging.stg_org__price_aliases": pa.Table.from_pylist(aliases or [], schema=ALIASES),
        "staging.stg_org__price_discounts": pa.Table.from_pylist(discounts or [], schema=DISCOUNTS),
    }
    with duckdb.connect(str(settings.build_path)) as connection:
        connection.execute("create schema intermediate; create schema staging")
        for table, rows in given.items():
            connection.register("given", rows)
            connection.execute(f"create table {table} as select distinct * from given")
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
