-- One line a source of traffic out of the network: the only place to touch when one is added.
{{ union_of_loaded_sources([
    'stg_squid__egress',
    'stg_zeek__egress',
    'stg_zscaler_nss__egress',
    'stg_cloudflare_gateway__egress',
    'stg_netskope__egress',
    'stg_umbrella__egress',
], egress_shape()) }}
