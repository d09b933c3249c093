"""Writes the bills and registers of a made-up organisation; the same numbers give the same bytes.

Two providers bill it, one in euro and one in dollars, in a FOCUS file a month: what each project
used of each model by day, and tax, a credit and a support plan that no project owns.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipelines.sources.org.files import FILES

Row = dict[str, object]
FIRST_MONTH = date(2025, 11, 1)
PROJECTS_A_TEAM = 2
UNOWNED_PROJECTS = 4
DEPARTMENTS = 20
# name, currency, account, prefix of its invoices
PROVIDERS = (("Microsoft", "EUR", "enrolment-1", "G"), ("OpenAI", "USD", "org-1", "O"))
# model, token class, price of a million
METERS = [
    ("gpt-4o-mini-2024-07-18", "input", "0.15"),
    ("gpt-4o-mini-2024-07-18", "output", "0.60"),
    ("gpt-4o-2024-08-06", "input", "2.50"),
    ("gpt-4o-2024-08-06", "output", "10.00"),
    ("gpt-4o-2024-08-06", "cache_read", "1.25"),
    ("gpt-4.1-2025-04-14", "input", "2.00"),
    ("gpt-4.1-2025-04-14", "output", "8.00"),
    ("o3-mini-2025-01-31", "input", "1.10"),
    ("o3-mini-2025-01-31", "output", "4.40"),
]
ANY = ""
_CHARGES = """
with numbered as (
    select n, n % $projects as project, n // $projects as turn
    from (select unnest(range($rows)) as n)
    where n % $projects % 2 = $side
),
drawn as (
    select *,
        $meters[turn // $days % len($meters) + 1] as meter,
        cast($month as date) + cast(turn % $days as integer) as day,
        1000 + md5_number_lower(concat($month, '/', n)) % 5000000 as tokens
    from numbered
),
usage as (
    select
        'Usage' as category, concat(meter.model, ' ', meter.token_class) as description,
        cast(day as date) as starts, cast(day as date) + 1 as ends,
        concat('project-', project) as project, meter, tokens,
        cast(tokens as decimal(19, 0)) * cast(meter.price as decimal(9, 6))
            * if($is_corrected and n // 2 % 500 = 7, 1.01, 1.00)::decimal(4, 2)
            * 0.000001::decimal(9, 6) as cost
    from drawn
),
all_lines as (
    select * from usage
    union all by name
    select
        others.category, others.description, cast($month as date) as starts,
        cast($ends as date) as ends,
        cast(sum(cost) * cast(share as decimal(4, 2)) as decimal(38, 12)) as cost
    from usage
    cross join (
        values ('Tax', 'Value added tax', '0.19'), ('Credit', 'Volume credit', '-0.03'),
            ('Purchase', 'Support plan', '0.05')
    ) as others (category, description, share)
    group by others.category, others.description, share
)
select
    cast(cost as decimal(38, 12)) as "BilledCost",
    $account as "BillingAccountId",
    $provider as "BillingAccountName",
    $currency as "BillingCurrency",
    concat($month, 'T00:00:00Z') as "BillingPeriodStart",
    concat($ends, 'T00:00:00Z') as "BillingPeriodEnd",
    category as "ChargeCategory",
    description as "ChargeDescription",
    strftime(starts, '%Y-%m-%dT00:00:00Z') as "ChargePeriodStart",
    strftime(ends, '%Y-%m-%dT00:00:00Z') as "ChargePeriodEnd",
    tokens as "ConsumedQuantity",
    if(tokens is null, null, 'Tokens') as "ConsumedUnit",
    cast(cost as decimal(38, 12)) as "ContractedCost",
    cast(cost as decimal(38, 12)) as "EffectiveCost",
    $invoice as "InvoiceId",
    $provider as "InvoiceIssuerName",
    cast(cost as decimal(38, 12)) as "ListCost",
    $provider as "ProviderName",
    $provider as "PublisherName",
    'AI and Machine Learning' as "ServiceCategory",
    concat($provider, ' models') as "ServiceName",
    meter.model || '-' || meter.token_class as "SkuId",
    meter.model || ' ' || meter.token_class as "SkuMeter",
    if(meter is null, null, to_json(
        {'x_ModelName': meter.model, 'x_TokenClass': meter.token_class}
    )) as "SkuPriceDetails",
    project as "SubAccountId",
    project as "SubAccountName",
from all_lines
order by all
"""


@dataclass(frozen=True)
class Organisation:
    """How large it is."""

    teams: int
    months: int
    charges: int
    """Of a month, over both providers."""

    @property
    def projects(self) -> int:
        """Projects, the last few of which nobody owns."""
        return self.teams * PROJECTS_A_TEAM + UNOWNED_PROJECTS

    def month(self, number: int) -> date:
        """First day of a month, 0 being the first."""
        place = FIRST_MONTH.month - 1 + number
        return date(FIRST_MONTH.year + place // 12, place % 12 + 1, 1)


def write_bills(
    folder: Path, organisation: Organisation, number: int, *, is_corrected: bool = False
) -> None:
    """Write a month's bills; corrected, one charge in five hundred costs a hundredth more."""
    folder.mkdir(parents=True, exist_ok=True)
    month, ends = organisation.month(number), organisation.month(number + 1)
    names = ("model", "token_class", "price")
    for side, (provider, currency, account, prefix) in enumerate(PROVIDERS):
        path = folder / f"{provider.lower()}_{month:%Y-%m}.csv"
        with duckdb.connect(config={"threads": 2}) as connection:
            connection.execute(
                f"copy ({_CHARGES}) to $path (format csv, header)",
                {
                    "path": str(path),
                    "projects": organisation.projects,
                    "rows": organisation.charges,
                    "side": side,
                    "meters": [dict(zip(names, meter, strict=True)) for meter in METERS],
                    "days": (ends - month).days,
                    "month": month.isoformat(),
                    "ends": ends.isoformat(),
                    "is_corrected": is_corrected,
                    "account": account,
                    "provider": provider,
                    "currency": currency,
                    "invoice": f"{prefix}{month:%y%m}0417",
                },
            )


def write_registers(folder: Path, organisation: Organisation) -> None:
    """Write teams below departments, owners, rules, rates, accounts of the ledger and a fee."""
    folder.mkdir(parents=True, exist_ok=True)
    registers = _registers(organisation)
    for file in FILES:
        if rows := registers.get(file.file_name):
            with (folder / file.file_name).open("w", newline="") as stream:
                writer = csv.DictWriter(stream, [column.name for column in file.columns])
                writer.writeheader()
                writer.writerows(rows)


def _registers(organisation: Organisation) -> dict[str, list[Row]]:
    teams, months = range(organisation.teams), range(organisation.months)
    return {
        "teams.csv": [
            {
                "team_id": f"team-{number}",
                "team_name": f"Team {number}",
                "cost_center_id": f"CC-{number % 50}",
                "parent_team_id": f"team-{number % DEPARTMENTS}" if number >= DEPARTMENTS else "",
            }
            for number in teams
        ],
        "owners.csv": [
            {
                "owner_kind": "sub_account",
                "owner_key": f"project-{number * PROJECTS_A_TEAM + place}",
                "team_id": f"team-{number}",
            }
            for number in teams
            for place in range(PROJECTS_A_TEAM)
        ],
        "shared_costs.csv": [
            {"charge_category": "Tax", "method": "proportional"},
            {"charge_category": "Credit", "method": "proportional"},
            {"charge_category": "Purchase", "method": "even"},
        ],
        "fx_rates.csv": [
            {
                "rate_month": organisation.month(number),
                "from_currency": "EUR",
                "to_currency": "USD",
                "rate": f"1.{10 + number}",
            }
            for number in months
        ],
        "gl_accounts.csv": [{"expense_account": "6500", "clearing_account": "1590"}],
        "chargeback_fees.csv": [
            {
                "fee_name": "Platform desk",
                "fee_percent": "2.5",
                "recovery_account": "7900",
                "recovery_cost_center_id": "CC-0",
            }
        ],
        # Nobody meters this company: its months could not be closed without a word on that.
        "reconciliation_tolerances.csv": [
            {"service_provider_name": provider, "tolerance_share": "1", "reason": "not metered"}
            for provider, *_ in PROVIDERS
        ],
    }
