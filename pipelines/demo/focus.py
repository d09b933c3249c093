"""The bills that arrive as FOCUS files: Microsoft in euro, and one small vendor; dirty as real."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines.demo.company import MICROSOFT, VENDOR
from pipelines.demo.window import Window, next_month

BROKEN_NUMBER = "1O.25"  # a letter in a number, as a hand-edited file has it

# The columns that FOCUS 1.2 has and 1.0 has not.
_ONLY_1_2 = (
    "InvoiceId",
    "ServiceSubcategory",
    "SkuMeter",
    "SkuPriceDetails",
    "PricingCurrency",
    "BillingAccountType",
    "SubAccountType",
)

_METERS = """
with priced as (
    select charges.*, prices.per_million as contracted, prices.list_per_million as listed
    from charges
    left join prices
        on charges.kind = 'tokens' and charges.provider = prices.provider
        and charges.model = prices.model and charges.token_class = prices.token_class
        and charges.tier = prices.tier
    where charges.provider = $provider and charges.billing_month = $month
),
summed as (
    select
        if(category = 'Tax', null, day) as day, sub_account, tag, model, token_class, category,
        kind, account, currency, contracted, listed,
        -- a tax line is one line of the bill, whoever bears it
        sum(cost) as cost, sum(if(kind = 'tokens', quantity, null)) as tokens,
        sum(if(kind = 'tokens', quantity::decimal(19, 0) * 0.000001::decimal(18, 12), null))
            as millions,
    from priced group by all
)
select
    plain(cost) as "BilledCost",
    account as "BillingAccountId",
    if($provider = 'Microsoft', 'Demo Enrolment', 'Demo Company') as "BillingAccountName",
    'Enrolment' as "BillingAccountType",
    currency as "BillingCurrency",
    moment($next_month::date) as "BillingPeriodEnd",
    moment($month::date) as "BillingPeriodStart",
    category as "ChargeCategory",
    if(kind = 'correction', 'Correction', null) as "ChargeClass",
    case kind
        when 'tokens' then concat('Azure OpenAI ', meter)
        when 'refund' then 'Credit for a regional outage'
        when 'correction' then 'Correction of the previous month'
        when 'tax' then 'Value added tax 20 %'
        when 'marketplace' then 'Claude on Foundry'
        else 'Nimbus Notes, team plan'
    end as "ChargeDescription",
    case kind when 'tokens' then 'Usage-Based' when 'subscription' then 'Recurring'
        else 'One-Time' end as "ChargeFrequency",
    moment(if(kind in ('tax', 'subscription'), $next_month::date, (day + 1)::date))
        as "ChargePeriodEnd",
    moment(if(kind in ('tax', 'subscription'), $month::date, day)) as "ChargePeriodStart",
    plain(tokens) as "ConsumedQuantity",
    if(kind = 'tokens', 'Tokens', null) as "ConsumedUnit",
    -- Azure does not know the prices of its marketplace, and writes 0
    if(kind = 'marketplace', '0', plain(cost)) as "ContractedCost",
    plain(contracted) as "ContractedUnitPrice",
    plain(cost) as "EffectiveCost",
    if($provider = 'Microsoft', concat('G', strftime($month::date, '%y%m'), '0417'), null)
        as "InvoiceId",
    $provider as "InvoiceIssuerName",
    if(kind = 'marketplace', '0', plain(coalesce(
        tokens::decimal(19, 0) * (listed * 0.000001::decimal(12, 6))::decimal(18, 12), cost
    ))) as "ListCost",
    plain(listed) as "ListUnitPrice",
    if(kind in ('tokens', 'subscription'), 'Standard', null) as "PricingCategory",
    currency as "PricingCurrency",
    case kind when 'tokens' then plain(millions) when 'subscription' then '1' end
        as "PricingQuantity",
    case kind when 'tokens' then '1000000 Tokens' when 'subscription' then 'Units' end
        as "PricingUnit",
    $provider as "ProviderName",
    $provider as "PublisherName",
    if(kind = 'tokens', 'westeurope', null) as "RegionId",
    if(kind = 'tokens', 'EU West', null) as "RegionName",
    if(kind = 'tokens', concat('/subscriptions/', sub_account, '/accounts/openai-demo'), null)
        as "ResourceId",
    if(kind = 'tokens', 'openai-demo', null) as "ResourceName",
    if(kind = 'tokens', 'Azure OpenAI', null) as "ResourceType",
    'AI and Machine Learning' as "ServiceCategory",
    case when kind = 'marketplace' then null when $provider = 'Microsoft'
        then 'Azure OpenAI Service' else $provider end as "ServiceName",
    'Generative AI' as "ServiceSubcategory",
    if(kind = 'tokens', concat('AOAI-', left(md5(meter), 8)), null) as "SkuId",
    if(kind = 'tokens', meter, null) as "SkuMeter",
    null::varchar as "SkuPriceDetails",
    if(kind = 'tokens', concat('AOAI-', left(md5(meter), 8), '-EUR'), null) as "SkuPriceId",
    sub_account as "SubAccountId",
    if(sub_account is null, null, concat('Subscription ', sub_account)) as "SubAccountName",
    if(sub_account is null, null, 'Subscription') as "SubAccountType",
    if(tag is null, '{}', concat('{"team": "', tag, '"}')) as "Tags",
    case kind when 'tokens' then 'Azure OpenAI' when 'marketplace' then 'SaaS' end
        as "x_SkuMeterCategory",
    if(kind = 'tokens', meter, null) as "x_SkuMeterName",
from (
    select *, concat(
        regexp_replace(model, '-(\\d{4})-(\\d{2})-(\\d{2})$', ' \\2\\3'),
        case token_class when 'output' then ' Outp' when 'cache_read' then ' cached Inp'
            else ' Inp' end, ' glbl Tokens'
    ) as meter from summed
)
order by all
"""


def _rows(
    connection: duckdb.DuckDBPyConnection, provider: str, month: date, next_month: date
) -> pl.DataFrame:
    values = {"provider": provider, "month": month, "next_month": next_month}
    return connection.sql(_METERS, params=values).pl()


def _quote_first_cost(text: str) -> str:
    """Put quotes around the first number of the first record, as spreadsheets do."""
    header, first, rest = text.split("\n", 2)
    number, cells = first.split(",", 1)
    return f'{header}\n"{number}",{cells}\n{rest}'


def _with_broken_record(text: str) -> str:
    """Append a record whose cost is not a number."""
    usage = text.split("\n")[3]
    return f"{text}{BROKEN_NUMBER},{usage.split(',', 1)[1]}\n"


def _of_1_4(bill: pl.DataFrame) -> pl.DataFrame:
    """Return a bill as FOCUS 1.4 has it, which names no ProviderName and no PublisherName."""
    newer = bill.rename({"ProviderName": "ServiceProviderName"}).drop("PublisherName")
    return newer.with_columns(InvoiceDetailId=pl.lit("nimbus-1"))


def _as_spreadsheet(bill: pl.DataFrame) -> str:
    """Return a bill as the specification's own examples are: `4/1/25`, and no end of line last."""
    dates = [name for name in bill.columns if name.endswith(("PeriodStart", "PeriodEnd"))]
    days = pl.col(dates).str.slice(0, 10).str.to_date()
    return bill.with_columns(days.dt.strftime("%-m/%-d/%y")).write_csv().rstrip("\n")


def write_focus(
    connection: duckdb.DuckDBPyConnection, window: Window, folder: Path
) -> tuple[str, int]:
    """Write one file per provider and month; return name and line of the record that is broken."""
    folder.mkdir(parents=True, exist_ok=True)
    connection.execute("create macro moment(day) as strftime(day, '%Y-%m-%dT00:00:00Z')")
    broken = ("", 0)
    for month in window.months:
        azure = _rows(connection, MICROSOFT, month, next_month(month))
        if month != window.event_month and month == window.months[0]:
            azure = azure.drop(_ONLY_1_2)  # the export moved to FOCUS 1.2 after the first month
        text = azure.write_csv(null_value="NULL")
        name = f"microsoft_{month:%Y-%m}.csv"
        if month == window.event_month:
            text = _with_broken_record(_quote_first_cost(text))
            broken = (name, text.count("\n"))
        (folder / name).write_text(text, encoding="utf-8")
        vendor = _rows(connection, VENDOR, month, next_month(month)).drop(_ONLY_1_2)
        path = folder / f"nimbus_{month:%Y-%m}.csv"
        if month == window.event_month:
            path.write_text(_as_spreadsheet(_of_1_4(vendor)), encoding="utf-8-sig")
        else:
            path.write_text(vendor.write_csv(), encoding="utf-8")
    return broken
