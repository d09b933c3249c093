"""API Management's logs in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_logs(world: World) -> None:
    [plant] = world.plants("azure_apim_logs")
    rows = query(
        world.home / "warehouse" / "build.duckdb",
        "select coalesce(credential_id, 'unknown') as subscription, service_provider_name, "
        "count(*) as calls, sum(total_tokens) as tokens "
        "from core.fct_requests where source_name = 'azure_apim' group by all",
    )
    assert {row["subscription"]: row["tokens"] for row in rows} == plant["tokens"]
    assert sum(row["calls"] for row in rows) == plant["request_count"]
    # The backend is known by the callers' log alone; a model without one is taken for Azure's.
    providers = {(row["subscription"] == "unknown", row["service_provider_name"]) for row in rows}
    assert providers == {(False, "Perplexity"), (True, "Microsoft")}
    for name, count in (("llm", "request_count"), ("gateway", "caller_count")):
        account = world.account(f"azure_apim/{name}.jsonl")
        assert account["records_read"] == account["records_loaded"] == plant[count]


CHECKS = {"azure_apim_logs": check_logs}
