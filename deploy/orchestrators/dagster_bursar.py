"""Dagster: the publication as one asset, made by `bursar run` every hour."""

import json
import os
import subprocess

from dagster import (
    AssetExecutionContext,
    Definitions,
    Failure,
    MaterializeResult,
    ScheduleDefinition,
    asset,
    define_asset_job,
)


@asset
def bursar_publication(context: AssetExecutionContext) -> MaterializeResult:
    """Publish anew what the apps read, where something new was loaded."""
    done = subprocess.run(
        [".venv/bin/bursar", "run", "--json"],
        cwd="/opt/bursar",
        env={**os.environ, "BURSAR_HOME": "/var/lib/bursar"},
        capture_output=True,
        text=True,
        check=False,
    )
    context.log.info(done.stderr)
    if done.returncode:
        raise Failure(f"exit code {done.returncode}: {done.stderr.strip().splitlines()[-1]}")
    return MaterializeResult(metadata={"report": json.loads(done.stdout)})


hourly = ScheduleDefinition(
    job=define_asset_job("bursar", selection=[bursar_publication]), cron_schedule="0 * * * *"
)
defs = Definitions(assets=[bursar_publication], schedules=[hourly])
