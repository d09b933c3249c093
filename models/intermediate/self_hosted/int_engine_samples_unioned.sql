-- One line a kind of serving engine: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'stg_vllm__samples',
], {
    'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
    'sampled_at': 'timestamp', 'observer_id': 'text', 'pool_id': 'text', 'instance_id': 'text',
    'host_id': 'text', 'pod_id': 'text', 'node_id': 'text', 'engine_id': 'text', 'model_name': 'text',
    'series_id': 'text', 'measure': 'text', 'value': 'decimal(38, 12)', 'quarantine_reason': 'text',
}) }}
