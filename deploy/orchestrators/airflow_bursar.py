"""Airflow (3, with the standard provider): `bursar run` every hour, one at a time."""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="bursar",
    schedule="@hourly",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
):
    BashOperator(
        task_id="run",
        bash_command="cd /opt/bursar && .venv/bin/bursar run --json",
        env={"BURSAR_HOME": "/var/lib/bursar"},
        append_env=True,
        # A run is idempotent. Exit code 2 (settings) comes again, and does no harm.
        retries=2,
        retry_delay=timedelta(minutes=5),
    )
