-- sqlfluff:rules:capitalisation.identifiers:unquoted_identifiers_policy:none
select
    SkuPriceId,
    count(distinct SkuId) as sku_count
from {{ ref('focus_1_4') }}
where SkuPriceId is not null
group by SkuPriceId
having count(distinct SkuId) > 1
