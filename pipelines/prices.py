"""The price book by hand: new editions, what they change, what a model costs, and a trial of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.inspect import query_publication
from pipelines.lake import Lake
from pipelines.load import Progress, load_sources, source_modules
from pipelines.price_trial import quoted, try_version
from pipelines.price_versions import (
    ORG_TABLES,
    PRICE_BOOKS,
    PriceVersion,
    find_version,
    held_version,
    hold,
    price_versions,
)

# What tells one price of a raw table from another, and the price; what was agreed first.
KEYS = {
    "price_overrides": (
        "price_overrides",
        "concat_ws(' ', service_provider_name, model_name, token_class, service_tier, "
        "context_tier, 'from ' || valid_from, currency)",
        "unit_price_per_million",
    ),
    "price_aliases": (
        "price_aliases",
        "concat_ws(' ', service_provider_name, alias, 'from ' || valid_from)",
        "stands_for",
    ),
    "price_discounts": (
        "price_discounts",
        "concat_ws(' ', service_provider_name, model_name, token_class, service_tier, "
        "'from ' || valid_from)",
        "discount_percent",
    ),
    "genai_prices": (
        "prices",
        "concat_ws(' ', provider_id || '/' || model_id, nullif(price_context, ''), price_key, "
        "'above ' || tier_start, 'from ' || start_date, 'minute ' || minute_of_day_from)",
        "price",
    ),
    "litellm_prices": (
        "prices",
        "concat_ws(' ', map_key, region_id, price_key, 'above ' || tier_start)",
        "price",
    ),
}
SHOWN_CHANGES = 200
# For a million tokens, or one search: both books' prices can be read side by side.
SHOW = """
    select
        service_provider_name, price_model, price_book, region_id, service_tier,
        coalesce(token_class, usage_key) as priced, context_tier_start, minute_of_day_from,
        case
            when unit_price_per_token is null then unit_price
            else cast(unit_price_per_token * per as decimal(38, 12))
        end as price,
        per,
        currency, valid_from, valid_to, price_version, source_version, checked_date
    from (
        select *, case
            when unit_price_per_token is null then unit_size
            when token_class in ('web_search', 'file_search', 'audio_second', 'image', 'page')
                then 1
            else 1000000
        end as per
        from dim_prices
    )
    where lower($model) in (lower(price_model), lower(split_part(price_model, '/', -1)))
        and ($at is null or (valid_from <= $at and coalesce(valid_to, date '9999-12-31') > $at))
    order by all
"""
# Where the books differ, by the length of the input: a price that holds for every length may be
# disputed for long inputs alone.
DISPUTES = """
    select
        service_provider_name, ai_model_id, map_key, service_tier, token_class as priced,
        context_tier_start, minute_of_day_from,
        cast(genai_unit_price * 1000000 as decimal(38, 12)) as genai_price,
        cast(litellm_unit_price * 1000000 as decimal(38, 12)) as litellm_price,
        1000000 as per, currency, preferred_book, is_open, reason
    from dim_price_disputes
    where lower($model) in (
            lower(ai_model_id), lower(split_part(ai_model_id, '/', -1)), lower(map_key),
            lower(split_part(map_key, '/', -1))
        )
        and ($at is null or valid_from <= $at)
    order by all
"""


def update(settings: Settings, report: Progress) -> dict[str, Any]:
    """Load new editions of the books; what counted until now goes on counting."""
    before = price_versions(settings)
    sources = [
        name for name in PRICE_BOOKS if name == PRICE_BOOKS[0] or _is_configured(settings, name)
    ]
    load_sources(settings, sources, report)
    after = price_versions(settings)
    new = after[len(before) :]
    if new and before and held_version(settings) is None:
        hold(settings, before[-1])
    counting = held_version(settings)
    return {
        "new_versions": [_describe(version) for version in new],
        "prices": {"newest_version": len(after), "counting_version": counting or len(after)},
    }


def list_versions(settings: Settings) -> dict[str, Any]:
    """Return every version, and which counts."""
    versions = price_versions(settings)
    return {
        "price_versions": [_describe(version) for version in versions],
        "prices": {
            "newest_version": len(versions),
            "counting_version": held_version(settings) or len(versions),
        },
    }


def diff(
    settings: Settings, earlier: int | None, later: int | None, model: str | None, *, is_whole: bool
) -> dict[str, Any]:
    """Return what a later version says otherwise than an earlier one: prices new, gone, changed.

    What the organisation agreed comes first. Of a model: whatever has the text in its name.
    """
    versions = price_versions(settings)
    later = later or len(versions)
    earlier = earlier or held_version(settings) or max(later - 1, 1)
    first, last = find_version(settings, earlier), find_version(settings, later)
    changes: list[dict[str, Any]] = []
    counts = {"new": 0, "gone": 0, "changed": 0}
    with Lake(settings.lake_url).connection() as connection:
        for name, (table, key, value) in KEYS.items():
            source = "org" if name in ORG_TABLES else name
            old = _rows_of(settings, connection, versions, source, table, first)
            new = _rows_of(settings, connection, versions, source, table, last)
            if old == new:
                continue
            found = connection.sql(
                f"""
                with earlier as (select {key} as what, any_value({value}) as price
                    from ({old}) where {value} is not null group by all),
                later as (select {key} as what, any_value({value}) as price
                    from ({new}) where {value} is not null group by all)
                select coalesce(earlier.what, later.what) as what,
                    case when earlier.what is null then 'new' when later.what is null then 'gone'
                        else 'changed' end as change,
                    cast(earlier.price as varchar) as before, cast(later.price as varchar) as after
                from earlier full join later on earlier.what = later.what
                where earlier.price is distinct from later.price
                    and contains(lower(coalesce(earlier.what, later.what)), lower($model))
                order by change, what
                """,
                params={"model": model or ""},
            ).fetchall()
            for what, change, before, after in found:
                counts[change] += 1
                row = {"book": name, "change": change, "what": what}
                changes.append(row | {"before": before, "after": after})
    shown = changes if is_whole else changes[:SHOWN_CHANGES]
    told = {"from": earlier, "to": later, **counts, "shown": len(shown)}
    if len(shown) < len(changes):
        told["more"] = "--all shows every change, --model those of one model"
    return {"changes": shown, "diff": told}


def show(settings: Settings, model: str, at: date | None) -> dict[str, Any]:
    """Return the published prices of a model, by its id, its key or its name."""
    found = query_publication(settings, SHOW, {"model": model, "at": at})
    if not found.rows:
        raise SettingsError(
            f'No price of {model!r} is published: `bursar sql "select ai_model_id from '
            'dim_ai_models"` lists the models, and unpriced_usage what has no price.'
        )
    disputes = query_publication(settings, DISPUTES, {"model": model, "at": at})
    return {"prices": found.as_dicts(), "disputes": disputes.as_dicts()}


def reprice(
    settings: Settings, number: int | None, report: Progress, *, dry_run: bool
) -> dict[str, Any]:
    """Show what a version changes for each team and month, or let it count from the next build."""
    versions = price_versions(settings)
    version = find_version(settings, number if number is not None else len(versions))
    if not dry_run:
        is_newest = version.price_version == len(versions)
        hold(settings, None if is_newest else version)
        return {"prices": {"counting_version": version.price_version, "next": "bursar build"}}
    if not settings.build_path.exists():
        raise SettingsError(
            f"{settings.home} has no build of DuckDB to try prices on: run `bursar build` first."
        )
    return {
        "differences": try_version(settings, version, report),
        "reprice": {"version": version.price_version, "dry_run": True},
    }


def _rows_of(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    versions: list[PriceVersion],
    source: str,
    table: str,
    version: PriceVersion,
) -> str:
    """Return SQL of a raw table's rows as a version has them: those of its newest load."""
    loads = {
        each.load_id
        for each in versions
        if each.source_name == source and each.price_version <= version.price_version
    }
    lake = Lake(settings.lake_url)
    files = [
        file
        for file in (lake.files(source) if source in lake.sources() else ())
        if file.table_name == table and loads.intersection(file.load_ids)
    ]
    newest = max((load for file in files for load in set(file.load_ids) & loads), default="")
    files = [file for file in files if newest in file.load_ids]
    if not files:
        return f"select * from (select {_nothing(table)}) where false"
    paths = ", ".join(f"'{quoted(file.path)}'" for file in files)
    wanted = f"_compacted_load_id = '{newest}'" if files[0].is_compacted else "true"
    return f"select * from read_parquet([{paths}], union_by_name = true) where {wanted}"


def _nothing(table: str) -> str:
    names = {
        "prices": (
            "provider_id", "model_id", "price_context", "price_key", "tier_start", "start_date",
            "minute_of_day_from", "map_key", "region_id", "price",
        ),
    }.get(
        table,
        (
            "service_provider_name", "model_name", "token_class", "service_tier", "context_tier",
            "valid_from", "currency", "unit_price_per_million", "alias", "stands_for",
            "discount_percent",
        ),
    )  # fmt: skip
    return ", ".join(f"cast(null as varchar) as {name}" for name in names)


def _describe(version: PriceVersion) -> dict[str, Any]:
    return {
        "price_version": version.price_version,
        "source_name": version.source_name,
        "what_changed": version.what_changed,
        "loaded_at": version.loaded_at,
    }


def _is_configured(settings: Settings, name: str) -> bool:
    return source_modules()[name].is_configured(settings.source(name))
