-- One line a source that tells who allowed which application what: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'int_okta__app_grants',
    'stg_google_workspace__app_grants',
    'int_entra__app_grants',
], app_grant_shape()) }}
