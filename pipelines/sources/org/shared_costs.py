"""shared_costs.csv: how a cost that nobody owns alone is shared, and by what."""

from __future__ import annotations

from pipelines.sources.limits import LARGEST_AMOUNT
from pipelines.sources.org.columns import PERIOD, Column, Fault, OrgFile

METHODS = ("proportional", "even", "fixed", "tiered")
DRIVERS = ("cost", "tokens", "requests")
# Weights only count beside each other. Up to 1, no sum of them is larger than its driver.
LARGEST_WEIGHT = 1

SHARED_COSTS = OrgFile(
    "shared_costs",
    "shared_costs.csv",
    (
        Column("service_provider_name"),
        Column("charge_category"),
        Column("sub_account_id"),
        Column("method", is_required=True, values=METHODS),
        Column("allocation_driver", values=DRIVERS),
        Column("team_id"),
        Column("share", "number", largest=1),
        Column("tier_start", "number", largest=LARGEST_AMOUNT),
        Column("tier_weight", "number", largest=LARGEST_WEIGHT),
        *PERIOD,
    ),
    faults=(
        Fault(
            "method = 'fixed' and (team_id is null or share is null)",
            "missing_value",
            "A fixed share needs team_id and share.",
        ),
        Fault(
            "method in ('even', 'fixed') and allocation_driver is not null",
            "bad_value",
            "allocation_driver is for proportional and tiered: leave it empty.",
        ),
        Fault(
            "method = 'tiered' and (tier_start is null or tier_weight is null)",
            "missing_value",
            "A tier needs tier_start and tier_weight.",
        ),
        Fault(
            "method <> 'tiered' and (tier_start is not null or tier_weight is not null)",
            "bad_value",
            "tier_start and tier_weight are for tiered: leave them empty.",
        ),
        Fault(
            "tier_start <> round(tier_start, 6) or tier_weight <> round(tier_weight, 6)",
            "bad_number",
            "Write tier_start and tier_weight with six decimals at most.",
        ),
    ),
)
