-- What the tokens app reads beside the small publication: units, bridges, cuts, stand-in prices.
update cost_per_team_month
set list_cost = cast(billed_cost * cast(1.25 as decimal(3, 2)) as decimal(38, 12))
where service_provider_name = 'Anthropic';

create table unit_cost_month as
with costs as (
    select
        billing_month, team_id, billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        cast(sum(request_count) as bigint) as request_count
    from cost_per_team_month group by all
),
units as (
    select *, false as is_outcome, 'request' as unit_kind, request_count as unit_count, 1 as size
    from costs
    union all select *, false, 'thousand_requests', request_count, 1000 from costs
    union all select *, false, 'user', 17, 1 from costs
    union all select *, false, 'customer', null, 1 from costs
    union all select *, true, 'tickets', 90000, 1 from costs where team_id = 'support'
)
select
    billing_month, team_id, billing_currency, is_outcome, unit_kind,
    cast(unit_count as bigint) as unit_count, billed_cost, effective_cost,
    cast(cast(billed_cost as double) * size / unit_count as decimal(38, 12))
        as billed_cost_per_unit,
    cast(cast(effective_cost as double) * size / unit_count as decimal(38, 12))
        as effective_cost_per_unit,
    'USD' as reporting_currency,
    case when billing_currency = 'USD' then billed_cost end as reporting_billed_cost,
    case when billing_currency = 'USD' then cast(
        cast(billed_cost as double) * size / unit_count as decimal(38, 12)
    ) end as reporting_billed_cost_per_unit
from units;

create table cost_bridge_month as
with scopes as (
    select billing_month, 'team' as bridge_scope, team_id, billing_currency, billed_cost
    from cost_per_team_month
    union all
    select billing_month, 'all', null, billing_currency, billed_cost from cost_per_team_month
),
months as (
    select
        billing_month, bridge_scope, team_id, billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as closing
    from scopes group by all
),
pairs as (
    select months.*, befores.closing as opening
    from months
    inner join months as befores
        on months.billing_month = befores.billing_month + interval 1 month
        and months.bridge_scope = befores.bridge_scope
        and months.team_id is not distinct from befores.team_id
        and months.billing_currency = befores.billing_currency
),
parts as (
    select
        *,
        cast((closing - opening) * cast(0.6 as decimal(2, 1)) as decimal(38, 12)) as volume,
        cast((closing - opening) * cast(0.3333 as decimal(5, 4)) as decimal(38, 12)) as price
    from pairs
)
select
    billing_month, bridge_scope, team_id, billing_currency, bridge_effect,
    cast(effect_place as integer) as effect_place,
    bridge_effect not in ('opening', 'closing') as is_change,
    cast(case bridge_effect
        when 'opening' then opening
        when 'volume' then volume
        when 'price' then price
        when 'one_off' then closing - opening - volume - price
        when 'closing' then closing
        else 0
    end as decimal(38, 12)) as effect_cost,
    'USD' as reporting_currency,
    case when billing_currency = 'USD' then cast(case bridge_effect
        when 'opening' then opening
        when 'volume' then volume
        when 'price' then price
        when 'one_off' then closing - opening - volume - price
        when 'closing' then closing
        else 0
    end as decimal(38, 12)) end as reporting_effect_cost
from parts cross join (values
    ('opening', 0), ('volume', 1), ('price', 2), ('model_mix', 3), ('token_mix', 4), ('cache', 5),
    ('reasoning', 6), ('tier', 7), ('context', 8), ('one_off', 9), ('new', 10), ('gone', 11),
    ('unmeasured', 12), ('fx', 13), ('closing', 14)
) as effects (bridge_effect, effect_place);

create table cost_per_dimension_month as
with cuts as (
    select
        billing_month, billing_currency, 'team' as cost_dimension, 'team' as dimension_key,
        team_id as dimension_value,
        case team_id when 'unallocated' then 'unknown' else 'value' end as value_kind,
        false as is_shared_by_usage, billed_cost, effective_cost
    from cost_per_team_month
    union all
    select
        billing_month, billing_currency, 'token_class', 'token_class',
        case charge_category when 'Tax' then 'none' else 'input_uncached' end,
        'value', charge_category <> 'Tax', billed_cost, effective_cost
    from cost_per_team_month
    union all
    select
        billing_month, billing_currency, 'tag', 'project', $hostile, 'value', false,
        billed_cost, effective_cost
    from cost_per_team_month
    union all
    select
        billing_month, billing_currency, 'ai_system', 'ai_system',
        case team_id when 'support' then 'desk' else 'unknown' end,
        case team_id when 'support' then 'value' else 'unknown' end, team_id <> 'support',
        billed_cost, effective_cost
    from cost_per_team_month
)
select
    billing_month, billing_currency, cost_dimension, dimension_key, dimension_value, value_kind,
    is_shared_by_usage, cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
    cast(sum(effective_cost) as decimal(38, 12)) as effective_cost, 'USD' as reporting_currency,
    case when billing_currency = 'USD' then cast(sum(billed_cost) as decimal(38, 12)) end
        as reporting_billed_cost
from cuts
group by billing_month, billing_currency, cost_dimension, dimension_key, dimension_value,
    value_kind, is_shared_by_usage;

create table fallback_priced_usage as
select
    date '2026-10-01' as usage_month, observed_by, 'litellm' as source_name,
    'OpenAI' as service_provider_name, $hostile as model_name, 'flex' as service_tier, reason,
    cast(tokens as bigint) as tokens, cast(12 as bigint) as request_count,
    cast(cost as decimal(38, 12)) as estimated_cost,
    case when cost is not null then 'USD' end as estimated_cost_currency,
    date '2026-10-03' as first_seen_date, date '2026-10-19' as last_seen_date
from (values
    ('gateway', 'tier_without_price', 5000, 1.250000000001),
    ('provider', 'disputed_price', 7000, null)
) as stand_ins (observed_by, reason, tokens, cost);
