-- One line a source of charges on cards or in expense reports: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'stg_card_transactions__card_charges',
    'stg_expenses__card_charges',
], card_charge_shape()) }}
