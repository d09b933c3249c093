-- What is stated, the other way round, and over a third currency, in this order; where a month has none
-- of them, the newest rate of an earlier month, marked as carried. Closed months keep theirs.
with kept as (

    select * from {{ ref('stg_ledger__fx_rates') }}

),

-- What fx_rates.csv says now of a closed month's rate is passed over: neither that month nor one that
-- carries its rate may change.
stated as (

    select
        {{ month_of('fx_rates.rate_month') }} as stated_month,
        fx_rates.from_currency,
        fx_rates.to_currency,
        fx_rates.rate,
        fx_rates.rate_date,
        fx_rates.rate_source,
        row_number() over (
            partition by {{ month_of('fx_rates.rate_month') }}, fx_rates.from_currency, fx_rates.to_currency
            order by fx_rates.source_line desc
        ) as place
    from {{ ref('stg_org__fx_rates') }} as fx_rates
    left join kept
        on {{ month_of('fx_rates.rate_month') }} = kept.rate_month
        and fx_rates.from_currency = kept.from_currency
        and fx_rates.to_currency = kept.to_currency
    where kept.rate_month is null

),

months as (

    select distinct calendar_month as rate_month from {{ ref('dim_dates') }}
    union
    select distinct billing_month as rate_month from {{ ref('int_billed_charges') }}
    union
    select distinct stated_month as rate_month from stated
    union
    select distinct rate_month from kept

),

currencies as (

    select distinct billing_currency as currency from {{ ref('int_billed_charges') }}
    union
    select distinct currency from {{ ref('dim_prices') }}
    union
    select from_currency as currency from stated
    union
    select to_currency as currency from stated
    union
    select from_currency as currency from kept
    union
    select to_currency as currency from kept
    union
    select {{ reporting_currency() }} as currency

),

direct as (

    select
        stated_month,
        from_currency,
        to_currency,
        cast(rate as decimal(38, 18)) as fx_rate,
        1 as preference,
        'stated' as fx_rate_kind,
        rate_date,
        rate_source
    from stated
    where place = 1
    union all
    select
        stated_month,
        to_currency as from_currency,
        from_currency as to_currency,
        {{ inverse_rate('rate') }} as fx_rate,
        2 as preference,
        'inverse' as fx_rate_kind,
        rate_date,
        rate_source
    from stated
    where place = 1
    union all
    select
        rate_month as stated_month,
        from_currency,
        to_currency,
        fx_rate,
        0 as preference,
        fx_rate_kind,
        rate_date,
        rate_source
    from kept
    where not is_carried
        and fx_rate_kind in ('stated', 'inverse')

),

best_direct as (

    select
        *,
        row_number() over (partition by stated_month, from_currency, to_currency order by preference) as place
    from direct

),

crossed as (

    select
        first_leg.stated_month,
        first_leg.from_currency,
        second_leg.to_currency,
        {{ cross_rate('first_leg.fx_rate', 'second_leg.fx_rate') }} as fx_rate,
        3 as preference,
        'cross' as fx_rate_kind,
        least(first_leg.rate_date, second_leg.rate_date) as rate_date,
        -- Over which currency: the first by name, so that every build takes the same.
        concat_ws(', ', first_leg.rate_source, 'over ' || first_leg.to_currency) as rate_source,
        row_number() over (
            partition by first_leg.stated_month, first_leg.from_currency, second_leg.to_currency
            order by first_leg.to_currency
        ) as place
    from best_direct as first_leg
    inner join best_direct as second_leg
        on first_leg.stated_month = second_leg.stated_month
        and first_leg.to_currency = second_leg.from_currency
        and first_leg.from_currency <> second_leg.to_currency
    where first_leg.place = 1
        and second_leg.place = 1

),

candidates as (

    select * from best_direct
    where place = 1
    union all
    select * from crossed
    where place = 1
        -- Two large rates together may be larger than an amount can be multiplied by.
        and fx_rate < 10000000

),

ranked as (

    select
        *,
        row_number() over (partition by stated_month, from_currency, to_currency order by preference) as rank_in_month
    from candidates

),

-- One rate a month and pair, before any is carried. A closed month hands on what it was closed with,
-- also where that was carried into it.
known as (

    select
        ranked.stated_month as known_month,
        ranked.from_currency,
        ranked.to_currency,
        ranked.fx_rate,
        ranked.fx_rate_kind,
        ranked.stated_month,
        ranked.rate_date,
        ranked.rate_source
    from ranked
    left join kept
        on ranked.stated_month = kept.rate_month
        and ranked.from_currency = kept.from_currency
        and ranked.to_currency = kept.to_currency
    where ranked.rank_in_month = 1
        and kept.rate_month is null
    union all
    select
        rate_month as known_month,
        from_currency,
        to_currency,
        fx_rate,
        fx_rate_kind,
        stated_month,
        rate_date,
        rate_source
    from kept
    where fx_rate_kind <> 'same'

),

pairs as (

    select distinct from_currency, to_currency
    from known

),

-- For each month the newest one with a rate, itself or earlier.
newest as (

    select
        months.rate_month,
        pairs.from_currency,
        pairs.to_currency,
        max(known.known_month) over (
            partition by pairs.from_currency, pairs.to_currency
            order by months.rate_month
            rows between unbounded preceding and current row
        ) as known_month
    from months
    cross join pairs
    left join known
        on months.rate_month = known.known_month
        and pairs.from_currency = known.from_currency
        and pairs.to_currency = known.to_currency

),

computed as (

    select
        newest.rate_month,
        newest.from_currency,
        newest.to_currency,
        known.fx_rate,
        known.fx_rate_kind,
        known.stated_month < newest.rate_month as is_carried,
        known.stated_month,
        known.rate_date,
        known.rate_source
    from newest
    inner join known
        on newest.known_month = known.known_month
        and newest.from_currency = known.from_currency
        and newest.to_currency = known.to_currency
    union all
    select
        months.rate_month,
        currencies.currency as from_currency,
        currencies.currency as to_currency,
        cast(1 as decimal(38, 18)) as fx_rate,
        'same' as fx_rate_kind,
        false as is_carried,
        months.rate_month as stated_month,
        cast(null as date) as rate_date,
        cast(null as {{ dbt.type_string() }}) as rate_source
    from months
    cross join currencies
    where currencies.currency is not null

),

final as (

    select
        rate_month,
        from_currency,
        to_currency,
        fx_rate,
        fx_rate_kind,
        is_carried,
        stated_month,
        rate_date,
        rate_source
    from kept
    union all
    select computed.*
    from computed
    left join kept
        on computed.rate_month = kept.rate_month
        and computed.from_currency = kept.from_currency
        and computed.to_currency = kept.to_currency
    where kept.rate_month is null

)

select * from final
