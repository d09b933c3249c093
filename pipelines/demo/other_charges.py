"""Everything on the bills that is not tokens: tools, images, seats, refunds, corrections, tax."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from pipelines.demo.company import (
    ACCOUNTS,
    ANTHROPIC,
    CURRENCIES,
    GATEWAY_KEYS,
    MICROSOFT,
    OPENAI,
    UNALLOCATED,
    VENDOR,
)
from pipelines.demo.window import Window

TAX_RATE = Decimal("0.20")
SEAT_COST = Decimal("49.00")
WEB_SEARCH_COST = Decimal("0.01")
CODE_EXECUTION_COST = Decimal("0.05")
SESSION_COST = Decimal("0.0008")
IMAGE_COST = Decimal("0.04")
IMAGE_MODEL = "dall-e-3"
MARKETPLACE_COST = Decimal("12.345678")

_INSERT = """
insert into charges by name
with counted as ({rows})
select
    day, coalesce(billed_in, date_trunc('month', day)::date) as billing_month,
    $provider as provider, $account as account, $currency as currency,
    sub_account, credential, team_id, model, category, kind, quantity, cost,
from counted
"""

# Searches are in the usage report too; what ran code or a session is on the bill alone.
_TOOLS = """
    select
        day, null::date as billed_in, sub_account, credential, 'platform' as team_id,
        null::varchar as model, 'Usage' as category, $kind as kind,
        cast(1 + floor(chance(epoch(day)::bigint, 40) * sum(requests) / 40) as decimal(38, 12))
            as quantity,
        quantity::decimal(19, 0) * $price::decimal(18, 12) as cost,
    from cells inner join streams using (stream_no)
    where provider = $provider and is_gateway and dayofyear(day) % $every = 0
    group by day, sub_account, credential
"""

_IMAGES = """
    select
        day, null::date as billed_in, sub_account, credential, cells.team_id, $model as model,
        'Usage' as category, 'images' as kind, sum(requests)::decimal(38, 12) as quantity,
        quantity::decimal(19, 0) * $price::decimal(18, 12) as cost,
    from cells inner join streams using (stream_no)
    where provider = $provider and sub_account = 'proj_marketing_site'
        and (dayofyear(day) % 3 = 0 or day = $event)
    group by day, sub_account, credential, cells.team_id
"""

# The refund and the correction are a share of what was used, rounded to a millionth.
_SHARE_OF_USAGE = """
    select
        $day::date as day, $month::date as billed_in, sub_account, null as credential, team_id,
        null as model, $category as category, $kind as kind, null as quantity,
        cast(-1 * sum(cost) * $share::decimal(4, 2) as decimal(30, 6))::decimal(37, 12) as cost,
    from charges
    where provider = $provider and billing_month = $month and sub_account = $sub_account
    group by sub_account, team_id
"""

# One rate on all usage: each team's tax is exactly the rate times its usage.
_TAX = """
    select
        billing_month as day, null::date as billed_in, null as sub_account, null as credential,
        team_id, null as model, 'Tax' as category, 'tax' as kind, null as quantity,
        cast(sum(cost) * $rate::decimal(4, 2) as decimal(37, 12)) as cost,
    from charges
    where provider = $provider and category = 'Usage'
    group by billing_month, team_id
"""

_SEATS = """
    select
        unnest($months::date[]) as day, null::date as billed_in, null as sub_account,
        null as credential, $team as team_id, null as model, 'Purchase' as category,
        'subscription' as kind, 1::decimal(38, 12) as quantity, $cost::decimal(37, 12) as cost
"""


_MARKETPLACE = """
    select
        $day::date as day, null::date as billed_in, 'sub-data' as sub_account, null as credential,
        'data-science' as team_id, null as model, 'Purchase' as category, 'marketplace' as kind,
        null as quantity, $cost::decimal(37, 12) as cost
"""


def add_other_charges(connection: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Append the charges without tokens; amounts are exact, currencies the provider's."""

    def insert(rows: str, provider: str, **values: object) -> None:
        shared = {
            "provider": provider,
            "account": ACCOUNTS[provider],
            "currency": CURRENCIES[provider],
        }
        connection.execute(_INSERT.format(rows=rows), shared | values)

    for provider in GATEWAY_KEYS:
        insert(_TOOLS, provider, kind="web_search", every=2, price=WEB_SEARCH_COST)
    insert(_TOOLS, ANTHROPIC, kind="code_execution", every=3, price=CODE_EXECUTION_COST)
    insert(_TOOLS, ANTHROPIC, kind="session_usage", every=3, price=SESSION_COST)
    insert(_IMAGES, OPENAI, price=IMAGE_COST, model=IMAGE_MODEL, event=window.busy_days[1])
    month = window.event_month
    insert(
        _SHARE_OF_USAGE,
        MICROSOFT,
        day=window.busy_days[1],
        month=month,
        sub_account="sub-data",
        category="Credit",
        kind="refund",
        share=Decimal("0.05"),
    )
    # billed in the event month for a day of the month before it
    insert(
        _SHARE_OF_USAGE,
        MICROSOFT,
        day=month.replace(day=1).fromordinal(month.toordinal() - 1),
        month=month,
        sub_account="sub-support",
        category="Usage",
        kind="correction",
        share=Decimal("0.10"),
    )
    insert(_TAX, MICROSOFT, rate=TAX_RATE)
    insert(_MARKETPLACE, MICROSOFT, day=window.busy_days[1], cost=MARKETPLACE_COST)
    insert(_SEATS, VENDOR, months=window.months, team=UNALLOCATED, cost=SEAT_COST)
