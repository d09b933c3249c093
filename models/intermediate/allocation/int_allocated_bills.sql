-- Each charge shared out: every measure's parts sum to the charge, to the last digit. What they are in the
-- reporting currency is computed here, once per part, and summed from here on.
with charges as (

    select * from {{ ref('int_amortised_charges') }}

),

explained as (

    select * from {{ ref('int_charge_shares') }}

),

shared as (

    select * from {{ ref('int_shared_charge_shares') }}

),

shares as (

    select charge_id, team_id, credential_id, allocation_method, allocation_rule, share, place
    from explained
    union all
    select
        charge_id,
        team_id,
        cast(null as {{ dbt.type_string() }}) as credential_id,
        allocation_method,
        allocation_method as allocation_rule,
        share,
        place
    from shared

),

listed as (

    select * from {{ ref('int_charge_list_costs') }}

),

sub_accounts as (

    select * from {{ ref('dim_sub_accounts') }}

),

rounded as (

    select
        charges.*,
        sub_accounts.sub_account_name as current_sub_account_name,
        coalesce(charges.list_cost, listed.list_cost) as known_list_cost,
        shares.team_id,
        coalesce(shares.credential_id, charges.credential_id) as part_credential_id,
        shares.allocation_method,
        shares.allocation_rule,
        shares.share,
        shares.place,
        {{ times_share('charges.billed_cost', 'shares.share') }} as own_billed_cost,
        {{ times_share('charges.effective_cost', 'shares.share') }} as own_effective_cost,
        {{ times_share('coalesce(charges.list_cost, listed.list_cost)', 'shares.share') }} as own_list_cost,
        {{ times_share('charges.contracted_cost', 'shares.share') }} as own_contracted_cost,
        {{ times_share('charges.consumed_quantity', 'shares.share') }} as own_consumed_quantity
    from charges
    inner join shares
        on charges.charge_id = shares.charge_id
    left join listed
        on charges.charge_id = listed.charge_id
    left join sub_accounts
        on charges.service_provider_name = sub_accounts.service_provider_name
        and charges.billing_account_id = sub_accounts.billing_account_id
        and charges.sub_account_id = sub_accounts.sub_account_id

),

parts as (

    select
        md5(concat_ws('|', charge_id, team_id, coalesce(part_credential_id, '-'), allocation_rule)) as allocated_charge_id,
        charge_id,
        source_name,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        current_sub_account_name as sub_account_name,
        billing_month,
        charge_date,
        charge_category,
        charge_class,
        part_credential_id as credential_id,
        ai_model_id,
        token_class,
        service_tier,
        team_id,
        allocation_method,
        allocation_rule,
        share as allocation_share,
        billing_currency,
        {{ with_remainder('own_billed_cost', 'billed_cost', 'charge_id', 'place') }} as billed_cost,
        {{ with_remainder('own_effective_cost', 'effective_cost', 'charge_id', 'place') }} as effective_cost,
        {{ with_remainder('own_list_cost', 'known_list_cost', 'charge_id', 'place') }} as list_cost,
        {{ with_remainder('own_contracted_cost', 'contracted_cost', 'charge_id', 'place') }} as contracted_cost,
        {{ with_remainder('own_consumed_quantity', 'consumed_quantity', 'charge_id', 'place') }} as consumed_quantity,
        consumed_unit
    from rounded

),

final as (

    select
        parts.*,
        {{ reporting_currency() }} as reporting_currency,
        fx_rates.fx_rate,
        {{ convert_currency('parts.billed_cost', 'fx_rates.fx_rate') }} as reporting_billed_cost,
        {{ convert_currency('parts.effective_cost', 'fx_rates.fx_rate') }} as reporting_effective_cost
    from parts
    {{ join_fx_rate('fx_rates', 'parts.billing_month', 'parts.billing_currency', reporting_currency()) }}

)

select * from final
