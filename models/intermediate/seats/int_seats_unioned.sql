-- One line a source that lists seats: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'int_github_copilot__seats',
    'int_enterprise_seats__seats',
], seat_shape()) }}
