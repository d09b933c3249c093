"""A trial of a price version: rates built beside a home, and all its requests priced by them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import PROJECT_ROOT, Settings, SettingsError
from pipelines.dbt_call import code_fingerprint, dbt_command, dbt_environment, target_folder
from pipelines.engines import DUCKDB, open_engine
from pipelines.lake import Lake, write_manifest
from pipelines.load import Progress
from pipelines.price_versions import PriceVersion, hold

PRICE_MODELS = (
    "path:models/staging/genai_prices", "path:models/staging/litellm_prices",
    "stg_org__price_overrides", "stg_org__price_aliases", "stg_org__price_discounts",
    "stg_lake__price_loads", "path:models/intermediate/prices",
    "service_providers", "price_precedence", "model_aliases",
)  # fmt: skip
# Relations are found where both files are attached: `build` is the home's, `trial` the other.
REPRICE = """
with requests as (

    select * from {{ ref('fct_requests') }}
    where not is_cache_hit

),

teams as (

    select distinct team_id from {{ ref('dim_teams') }} where is_registered

),

priced as (

    select
        coalesce(
            credential_owner.team_id, user_owner.team_id, gateway_team_owner.team_id,
            teams.team_id, 'unallocated'
        ) as team_id,
        {{ month_of('requests.usage_date') }} as usage_month,
        requests.service_provider_name,
        requests.estimated_cost_currency as currency_now,
        coalesce(rates.currency, 'USD') as currency_then,
        requests.estimated_contracted_cost as cost_now,
        {{ estimated_cost('requests', 'rates', 'contracted', request_units()) }} as cost_then,
        requests.unpriced_tokens as unpriced_now,
        {{ unpriced_tokens('requests', 'rates') }} as unpriced_then
    from requests
    {{ join_owner('credential_owner', 'credential', 'requests.gateway_name', 'requests.credential_id', 'requests.usage_date') }}
    {{ join_owner('user_owner', 'user', 'requests.gateway_name', 'requests.user_id', 'requests.usage_date') }}
    {{ join_owner('gateway_team_owner', 'gateway_team', 'requests.gateway_name', 'requests.gateway_team_id', 'requests.usage_date') }}
    left join teams
        on requests.gateway_team_id = teams.team_id
    left join trial.intermediate.int_price_rates as rates
        on {{ price_rate_join('requests', 'rates') }}

)

select
    team_id,
    usage_month,
    service_provider_name,
    currency_now,
    currency_then,
    count(*) as request_count,
    count(*) filter (where cost_now is distinct from cost_then) as changed_request_count,
    sum(cost_now) as cost_now,
    sum(cost_then) as cost_then,
    coalesce(sum(cost_then), 0) - coalesce(sum(cost_now), 0) as difference,
    cast(sum(unpriced_now) as bigint) as unpriced_tokens_now,
    cast(sum(unpriced_then) as bigint) as unpriced_tokens_then
from priced
group by all
having changed_request_count > 0
order by all
"""  # noqa: E501 - a macro's call stands on one line


def try_version(
    settings: Settings, version: PriceVersion, report: Progress
) -> list[dict[str, Any]]:
    """Return what a version changes for each team, month and provider; the home stays as it is."""
    trial = _trial_settings(settings)
    try:
        return _try(settings, trial, version, report)
    finally:
        shutil.rmtree(trial.home, ignore_errors=True)


def _try(
    settings: Settings, trial: Settings, version: PriceVersion, report: Progress
) -> list[dict[str, Any]]:
    """Build the prices of a version beside the home, and price all its requests by them."""
    trial.warehouse.mkdir(parents=True)
    hold(trial, version)
    write_manifest(Lake(trial.lake_url), trial.warehouse / "lake_files.jsonl")
    with duckdb.connect(str(trial.build_path)) as connection:
        connection.execute(f"attach '{quoted(settings.build_path)}' as held (read_only)")
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_model_names as "
            "select * from held.intermediate.int_model_names"
        )
    report(1, 3, f"prices: version {version.price_version}")
    kinds = ("test", "unit_test")
    excluded = [part for kind in kinds for part in ("--exclude-resource-type", kind)]
    _dbt(trial, "build", *excluded, "--select", *PRICE_MODELS)
    report(2, 3, "prices: requests")
    _dbt(trial, "compile", "--no-introspect", "--inline", REPRICE)
    statement = _compiled(trial)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{quoted(settings.build_path)}' as build (read_only)")
        connection.execute(f"attach '{quoted(trial.build_path)}' as trial (read_only)")
        found = connection.execute(statement)
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _trial_settings(settings: Settings) -> Settings:
    home = settings.home / "scratch" / "prices"
    shutil.rmtree(home, ignore_errors=True)
    return Settings(home=home, overrides={**settings.overrides, "bursar.lake": settings.lake_url})


def _dbt(settings: Settings, *arguments: str) -> None:
    engine = open_engine(settings, DUCKDB)
    done = subprocess.run(
        [*dbt_command(settings, engine, code_fingerprint(engine)), *arguments],
        env=dbt_environment(settings, engine), cwd=PROJECT_ROOT,
        capture_output=True, text=True, check=False, close_fds=False,
    )  # fmt: skip
    if done.returncode:
        said = " ".join((done.stdout[-600:] + done.stderr[-300:]).split())
        raise SettingsError(f"dbt could not build the prices: {said}")


def _compiled(settings: Settings) -> str:
    results = json.loads((target_folder(settings) / "run_results.json").read_text())["results"]
    return results[0]["compiled_code"]


def quoted(path: str | Path) -> str:
    """Return a path as it stands in a text of SQL."""
    return str(path).replace("'", "''")
