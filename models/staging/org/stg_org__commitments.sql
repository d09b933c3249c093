with commitments as (

    select * from {{ source('org', 'commitments') }}

),

final as (

    select
        service_provider_name,
        billing_account_id,
        commitment_id,
        commitment_name,
        commitment_kind,
        ai_model_id,
        service_tier,
        committed_quantity,
        committed_unit,
        monthly_cost,
        currency,
        valid_from,
        valid_to,
        purchased_as,
        owner_team_id,
        load_unit_id,
        source_line,
        _dlt_load_id
    from commitments

)

select * from final
