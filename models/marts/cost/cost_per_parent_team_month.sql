-- The ledger along the tree of teams. A row is a way from a root down to a team, as it was on the day of
-- the charge: a team that moved within a month has a row under each of its parents, and what is below a
-- row is told by the way, so that nothing is rolled up twice.
{% set most_levels = most_team_levels() %}
{% set costs = ['billed_cost', 'effective_cost'] %}

with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

team_paths as (

    select * from {{ ref('dim_team_paths') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

placed as (

    select
        allocated_charges.billing_month,
        allocated_charges.billing_currency,
        coalesce(team_paths.level_1_team_id, allocated_charges.team_id) as level_1_team_id,
        {% for level in range(2, most_levels + 1) -%}
        team_paths.level_{{ level }}_team_id,
        {% endfor -%}
        coalesce(team_paths.team_level, 1) as own_level,
        allocated_charges.billed_cost,
        allocated_charges.effective_cost,
        allocated_charges.reporting_billed_cost
    from allocated_charges
    left join team_paths
        on allocated_charges.team_id = team_paths.team_id
        and allocated_charges.charge_date >= team_paths.valid_from
        and allocated_charges.charge_date < team_paths.valid_to

),

summed as (

    select
        billing_month,
        billing_currency,
        {% for level in range(1, most_levels + 1) -%}
        level_{{ level }}_team_id,
        {% endfor -%}
        own_level,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost
    from placed
    group by
        billing_month,
        billing_currency,
        {% for level in range(1, most_levels + 1) -%}
        level_{{ level }}_team_id,
        {% endfor -%}
        own_level

),

-- Each way counts for every team on it.
on_the_way as (

    {% for level in range(1, most_levels + 1) -%}
    select
        billing_month,
        billing_currency,
        {% for upper in range(1, most_levels + 1) -%}
        {{ 'level_' ~ upper ~ '_team_id' if upper <= level else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as level_{{ upper }}_team_id,
        {% endfor -%}
        cast({{ level }} as integer) as team_level,
        level_{{ level }}_team_id as team_id,
        {{ 'level_' ~ (level - 1) ~ '_team_id' if level > 1 else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as parent_team_id,
        own_level = {{ level }} as is_own,
        billed_cost,
        effective_cost,
        reporting_billed_cost
    from summed
    where level_{{ level }}_team_id is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

rolled_up as (

    select
        billing_month,
        billing_currency,
        {{ team_path() }} as team_path,
        level_1_team_id as root_team_id,
        team_level,
        team_id,
        parent_team_id,
        {% for cost in costs -%}
        cast(sum(case when is_own then {{ cost }} end) as decimal(38, 12)) as own_{{ cost }},
        cast(sum({{ cost }}) as decimal(38, 12)) as rolled_up_{{ cost }},
        {% endfor -%}
        {{ sum_of_known('case when is_own then reporting_billed_cost end', 'case when is_own then billed_cost end') }} as own_reporting_billed_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as rolled_up_reporting_billed_cost
    from on_the_way
    group by
        billing_month,
        billing_currency,
        {% for level in range(1, most_levels + 1) -%}
        level_{{ level }}_team_id,
        {% endfor -%}
        team_level,
        team_id,
        parent_team_id

),

final as (

    select
        rolled_up.billing_month,
        rolled_up.team_path,
        rolled_up.team_id,
        coalesce(teams.team_name, rolled_up.team_id) as team_name,
        rolled_up.parent_team_id,
        rolled_up.root_team_id,
        rolled_up.team_level,
        rolled_up.billing_currency,
        rolled_up.own_billed_cost,
        rolled_up.rolled_up_billed_cost,
        rolled_up.own_effective_cost,
        rolled_up.rolled_up_effective_cost,
        {{ reporting_currency() }} as reporting_currency,
        rolled_up.own_reporting_billed_cost,
        rolled_up.rolled_up_reporting_billed_cost
    from rolled_up
    left join teams
        on rolled_up.team_id = teams.team_id
        and rolled_up.billing_month >= teams.valid_from
        and rolled_up.billing_month < teams.valid_to

)

select * from final
