"""dbt's unit tests: what a model makes of made-up rows; `bursar build` audits data, not code."""

from __future__ import annotations

from pathlib import Path

from tests.dbt_runs import run_dbt


def test_every_unit_test_of_a_model_holds(tmp_path: Path) -> None:
    # The inputs of a unit test must be there, empty and typed.
    run_dbt(tmp_path, "seed")
    run_dbt(tmp_path, "run", "--empty")
    results = run_dbt(tmp_path, "test", "--select", "test_type:unit")
    statuses = [row["status"] for row in results if row["unique_id"].startswith("unit_test.")]
    assert len(statuses) > 20
    assert set(statuses) == {"pass"}
