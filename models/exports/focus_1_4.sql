-- sqlfluff:rules:capitalisation.identifiers:unquoted_identifiers_policy:none
{# The Cost and Usage dataset of FOCUS 1.4. Unit prices are the bill's own amounts of the whole charge by
   its quantity: a part of a charge has the charge's price. #}
with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

measured as (

    select
        *,
        coalesce(contracted_cost, effective_cost) as stated_contracted_cost,
        case when charge_category in ('Usage', 'Purchase') then
                case when consumed_unit = 'Tokens' then cast(cast(consumed_quantity as decimal(32, 12)) * 0.000001 as decimal(38, 18))
                    else cast(cast(coalesce(pricing_quantity, consumed_quantity) as decimal(32, 12)) as decimal(38, 18))
                end
        end as whole_pricing_quantity,
        case when charge_category in ('Usage', 'Purchase') then
                case when consumed_unit = 'Tokens' then '1000000 Tokens'
                    else {{ focus_unit('case when pricing_quantity is null then consumed_unit else coalesce(pricing_unit, consumed_unit) end') }}
                end
        end as focus_pricing_unit
    from charges

),

parts as (

    select
        allocated_charges.*,
        measured.invoice_id,
        measured.invoice_issuer_name,
        measured.host_provider_name,
        measured.billing_account_name,
        measured.billing_period_start,
        measured.billing_period_end,
        measured.charge_period_start,
        measured.charge_period_end,
        measured.charge_description,
        coalesce(measured.service_category, 'AI and Machine Learning') as service_category,
        coalesce(measured.service_name, measured.service_provider_name) as service_name,
        measured.sku_id,
        measured.sku_meter,
        measured.sku_price_id,
        measured.context_tier,
        measured.region_id,
        measured.resource_id,
        measured.resource_name,
        measured.pricing_unit,
        measured.focus_pricing_unit,
        measured.tags,
        measured.commitment_discount_id,
        measured.commitment_discount_name,
        measured.commitment_discount_category,
        measured.commitment_discount_type,
        measured.commitment_discount_status,
        measured.commitment_discount_quantity,
        measured.commitment_discount_unit,
        cast({{ times_share('measured.commitment_discount_quantity', 'allocated_charges.allocation_share') }} as decimal(38, 12))
            as own_commitment_quantity,
        measured.whole_pricing_quantity,
        measured.list_cost as billed_list_cost,
        sum(allocated_charges.list_cost) over (partition by allocated_charges.charge_id) as known_list_cost,
        coalesce(allocated_charges.contracted_cost, allocated_charges.effective_cost) as focus_contracted_cost,
        coalesce(allocated_charges.list_cost, allocated_charges.contracted_cost, allocated_charges.effective_cost) as focus_list_cost,
        measured.stated_contracted_cost as whole_contracted_cost,
        teams.team_name,
        teams.cost_center_id,
        case when allocated_charges.consumed_unit = 'Tokens'
                then cast(cast(allocated_charges.consumed_quantity as decimal(32, 12)) * 0.000001 as decimal(38, 18))
            else cast({{ times_share('measured.whole_pricing_quantity', 'allocated_charges.allocation_share') }} as decimal(38, 18))
        end as own_pricing_quantity,
        row_number() over (
            partition by allocated_charges.charge_id
            order by allocated_charges.allocation_share desc, allocated_charges.allocated_charge_id
        ) as part_place,
        count(*) over (partition by allocated_charges.charge_id) as part_count
    from allocated_charges
    inner join measured
        on allocated_charges.charge_id = measured.charge_id
    left join teams
        on allocated_charges.team_id = teams.team_id
        and allocated_charges.charge_date >= teams.valid_from
        and allocated_charges.charge_date < teams.valid_to

),

{# A price is stated where the quantity has at most six decimals: as many as its division is exact for. #}
priced as (

    select
        *,
        cast(
            {{ with_remainder('cast(allocation_share as decimal(20, 18))', 'cast(1 as decimal(20, 18))', 'charge_id', 'part_place') }}
            as decimal(19, 18)
        ) as part_ratio,
        cast(coalesce(known_list_cost, whole_contracted_cost) as decimal(38, 12)) as whole_list_cost,
        cast(case when whole_pricing_quantity is null then null
            when focus_pricing_unit = '1000000 Tokens' then own_pricing_quantity
            else {{ with_remainder('own_pricing_quantity', 'whole_pricing_quantity', 'charge_id', 'part_place') }}
        end as decimal(38, 18)) as part_pricing_quantity,
        cast(
            {{ with_remainder('own_commitment_quantity', 'commitment_discount_quantity', 'charge_id', 'part_place') }}
            as decimal(38, 12)
        ) as part_commitment_quantity,
        {# FOCUS: a use of a commitment says whether it was one; where nobody knows it is not told of. #}
        commitment_discount_id is not null
        and (
            charge_category = 'Purchase'
            or charge_category = 'Usage' and coalesce(lower(commitment_discount_status) in ('used', 'unused'), false)
        ) as is_of_commitment,
        charge_category in ('Usage', 'Purchase') and charge_class is null
        and whole_pricing_quantity > 0
        and whole_pricing_quantity = cast(whole_pricing_quantity as decimal(24, 6))
        and coalesce(known_list_cost, whole_contracted_cost) >= 0
        and whole_contracted_cost >= 0 as has_price
    from parts

),

skus as (

    select
        *,
        case when has_price then coalesce(sku_id, service_name) end as focus_sku_id,
        case when has_price then {{ rate_of('whole_list_cost', 'whole_pricing_quantity * 1000000', times=1000000) }} end as list_unit_price,
        case when has_price then {{ rate_of('whole_contracted_cost', 'whole_pricing_quantity * 1000000', times=1000000) }} end
            as contracted_unit_price
    from priced

),

final as (

    select
        case when part_count > 1 then allocation_rule end as AllocatedMethodId,
        case when part_count > 1 then '{"Elements": [{"AllocatedRatio": ' || cast(part_ratio as {{ dbt.type_string() }}) || '}]}' end
            as AllocatedMethodDetails,
        case when part_count > 1 and team_id <> 'unallocated' then team_id end as AllocatedResourceId,
        case when part_count > 1 and team_id <> 'unallocated' then coalesce(team_name, team_id) end as AllocatedResourceName,
        case when part_count > 1 and team_id <> 'unallocated'
                then {{ object_as_json({'team_id': 'team_id', 'cost_center_id': 'cost_center_id'}) }}
        end as AllocatedTags,
        cast(null as {{ dbt.type_string() }}) as AvailabilityZone,
        billed_cost as BilledCost,
        billing_account_id as BillingAccountId,
        coalesce(billing_account_name, billing_account_id) as BillingAccountName,
        'Billing account' as BillingAccountType,
        billing_currency as BillingCurrency,
        billing_period_end as BillingPeriodEnd,
        billing_period_start as BillingPeriodStart,
        cast(null as {{ dbt.type_string() }}) as CapacityReservationId,
        cast(null as {{ dbt.type_string() }}) as CapacityReservationStatus,
        charge_category as ChargeCategory,
        charge_class as ChargeClass,
        coalesce(charge_description, service_name) as ChargeDescription,
        case when charge_category = 'Usage' then 'Usage-Based' when consumed_unit = 'Seats' then 'Recurring' else 'One-Time' end
            as ChargeFrequency,
        charge_period_end as ChargePeriodEnd,
        charge_period_start as ChargePeriodStart,
        case when not is_of_commitment then null
            when lower(commitment_discount_category) = 'spend' then 'Spend'
            when lower(commitment_discount_category) = 'usage' then 'Usage'
            when commitment_discount_unit = billing_currency then 'Spend'
            else 'Usage'
        end as CommitmentDiscountCategory,
        case when is_of_commitment then commitment_discount_id end as CommitmentDiscountId,
        case when is_of_commitment then commitment_discount_name end as CommitmentDiscountName,
        case when is_of_commitment then part_commitment_quantity end as CommitmentDiscountQuantity,
        case when is_of_commitment and charge_category = 'Usage'
                then case when lower(commitment_discount_status) = 'used' then 'Used' else 'Unused' end
        end as CommitmentDiscountStatus,
        case when is_of_commitment then coalesce(commitment_discount_type, 'Commitment') end as CommitmentDiscountType,
        case when is_of_commitment and part_commitment_quantity is not null then coalesce(commitment_discount_unit, 'Units') end
            as CommitmentDiscountUnit,
        cast(null as {{ dbt.type_string() }}) as CommitmentProgramEligibilityDetails,
        case when charge_category = 'Usage' then consumed_quantity end as ConsumedQuantity,
        case when charge_category = 'Usage' and consumed_quantity is not null then coalesce({{ focus_unit('consumed_unit') }}, 'Units') end as ConsumedUnit,
        cast(null as {{ dbt.type_string() }}) as ContractApplied,
        focus_contracted_cost as ContractedCost,
        contracted_unit_price as ContractedUnitPrice,
        effective_cost as EffectiveCost,
        host_provider_name as HostProviderName,
        case when invoice_id is not null then md5(concat_ws(
                    '|', coalesce(invoice_issuer_name, service_provider_name), invoice_id, billing_account_id, billing_currency, charge_category, service_name,
                    cast(billing_period_start as {{ dbt.type_string() }})
                ))
        end as InvoiceDetailId,
        invoice_id as InvoiceId,
        coalesce(invoice_issuer_name, service_provider_name) as InvoiceIssuerName,
        focus_list_cost as ListCost,
        list_unit_price as ListUnitPrice,
        case when charge_category in ('Usage', 'Purchase') then
                case when is_of_commitment and charge_category = 'Usage' then 'Committed'
                    when coalesce(service_tier, 'standard') = 'standard' then 'Standard'
                    else 'Other'
                end
        end as PricingCategory,
        billing_currency as PricingCurrency,
        contracted_unit_price as PricingCurrencyContractedUnitPrice,
        effective_cost as PricingCurrencyEffectiveCost,
        list_unit_price as PricingCurrencyListUnitPrice,
        part_pricing_quantity as PricingQuantity,
        case when part_pricing_quantity is not null then coalesce(focus_pricing_unit, 'Units') end as PricingUnit,
        region_id as RegionId,
        region_id as RegionName,
        resource_id as ResourceId,
        case when resource_id is not null then coalesce(resource_name, resource_id) end as ResourceName,
        case when resource_id is not null then 'AI resource' end as ResourceType,
        service_category as ServiceCategory,
        service_name as ServiceName,
        service_provider_name as ServiceProviderName,
        {{ focus_service_subcategory('service_category') }} as ServiceSubcategory,
        focus_sku_id as SkuId,
        case when has_price then coalesce(sku_meter, focus_sku_id) end as SkuMeter,
        case when has_price then {{ object_as_json({
            'x_AiModelId': 'ai_model_id',
            'x_TokenClass': 'token_class',
            'x_ServiceTier': 'service_tier',
            'x_ContextTier': 'context_tier',
        }) }} end as SkuPriceDetails,
        case when has_price then coalesce(sku_price_id, md5(concat_ws(
                    '|', service_provider_name, focus_sku_id, coalesce(sku_meter, '-'), billing_currency, coalesce(service_tier, '-'),
                    coalesce(context_tier, '-'), coalesce(region_id, '-'), focus_pricing_unit
                )))
        end as SkuPriceId,
        sub_account_id as SubAccountId,
        case when sub_account_id is not null then coalesce(sub_account_name, sub_account_id) end as SubAccountName,
        case when sub_account_id is not null then 'Project' end as SubAccountType,
        coalesce({{ object_without('tags', 'user') }}, '{}') as Tags,
        allocated_charge_id as x_AllocatedChargeId,
        charge_id as x_ChargeId,
        billing_month as x_BillingMonth,
        source_name as x_SourceName,
        team_id as x_TeamId,
        coalesce(team_name, team_id) as x_TeamName,
        cost_center_id as x_CostCenterId,
        credential_id as x_CredentialId,
        ai_model_id as x_AiModelId,
        token_class as x_TokenClass,
        service_tier as x_ServiceTier,
        allocation_method as x_AllocationMethod,
        allocation_rule as x_AllocationRule,
        allocation_share as x_AllocationShare,
        case when billed_list_cost is not null then 'bill' when list_cost is not null then 'estimate' else 'unknown' end as x_ListCostOrigin,
        case when contracted_cost is not null then 'bill' else 'unknown' end as x_ContractedCostOrigin,
        pricing_unit as x_BilledPricingUnit,
        consumed_unit as x_BilledConsumedUnit
    from skus

)

select * from final
