"""Lakes that others have spoilt: nothing vanishes without being seen."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.system.world import bursar, link, query, value

pytestmark = pytest.mark.slow

REPORTS_BEGIN = "2026-10-20"
TOKENS = (
    "select coalesce(sum(total_tokens), 0) from {} "
    "where service_provider_name = 'OpenAI' and usage_date {} date '" + REPORTS_BEGIN + "'"
)


def keep(home: Path, table: str, condition: str) -> int:
    """Take the rows out of a lake table that do not fulfil the condition; return how many."""
    removed = 0
    for path in sorted((home / "lake" / table).rglob("*.parquet")):
        scratch = path.with_suffix(".scratch")
        with duckdb.connect(config={"threads": 2}) as connection:
            rows = connection.read_parquet(str(path))
            kept = rows.filter(condition)
            removed += len(rows) - len(kept)
            kept.write_parquet(str(scratch))
        scratch.replace(path)
    return removed


def test_a_lake_that_lost_rows_is_not_published(copy: Path) -> None:
    before = link(copy).resolve()
    assert keep(copy, "raw_openai/usage", "source_line <> 2") > 0
    done = bursar("build", "--full", home=copy, code=1)
    assert "assert_the_lake_relations_hold_what_was_loaded" in done.stderr
    assert link(copy).resolve() == before


def test_days_before_the_first_usage_report_are_the_gateways(copy: Path) -> None:
    # What the gateway's own cache answered, no provider saw.
    metered = value(
        copy / "warehouse" / "build.duckdb",
        TOKENS.format("core.fct_usage_hour", "<") + " and not is_cache_hit",
    )
    reported = value(link(copy), TOKENS.format("cost_per_team_day", ">="))
    where = f"table_name <> 'usage' or covers_from >= timestamp '{REPORTS_BEGIN}'"
    assert keep(copy, "raw_openai/load_units", where) > 0
    assert keep(copy, "raw_openai/usage", f"bucket_start >= timestamp '{REPORTS_BEGIN}'") > 0
    bursar("build", "--full", home=copy)
    assert value(link(copy), TOKENS.format("cost_per_team_day", "<")) == metered > 0
    assert value(link(copy), TOKENS.format("cost_per_team_day", ">=")) == reported > 0
    rows = query(link(copy), "select distinct billing_account_id from cost_per_team_day "
                 "where service_provider_name = 'OpenAI'")  # fmt: skip
    assert len(rows) == 1
