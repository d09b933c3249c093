-- One line a source that tells who signed in to which application: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'int_okta__app_sign_ins',
    'stg_google_workspace__app_sign_ins',
    'int_entra__app_sign_ins',
], app_sign_in_shape()) }}
