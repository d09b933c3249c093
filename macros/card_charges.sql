{#
    The shape in which charges on cards and in expense reports meet, as one feed saw them; docs/architecture.md,
    section 3. What a source does not name is null.
#}
{% macro card_charge_shape() %}
    {{ return({
        'source_name': 'text', 'feed_kind': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'transaction_id': 'text', 'user_id': 'text', 'card_id': 'text', 'card_last_four': 'text',
        'merchant_name': 'text', 'merchant_category_code': 'text', 'charge_date': 'date', 'posted_date': 'date',
        'charge_status': 'text', 'charged_cost': 'decimal(38, 12)', 'charge_currency': 'text',
        'original_cost': 'decimal(38, 12)', 'original_currency': 'text', 'is_reimbursable': 'boolean',
        'quarantine_reason': 'text',
    }) }}
{% endmacro %}

{# The select list of a charge: its columns by name, as expressions. #}
{% macro conformed_card_charge(columns) -%}
    {{ conformed('a conformed card charge', card_charge_shape(), columns, {'charge_status': "'posted'"}) }}
{%- endmacro %}

{# A category code of four digits; none where a feed has a 0 for what it does not know. #}
{% macro merchant_category(code) -%}
    nullif(lpad(trim({{ code }}), 4, '0'), '0000')
{%- endmacro %}

{#
    The words of a merchant's text: small letters and digits with a space between. What only says how, by whom or from where
    it was paid is taken off: the name of a processor before a `*`, telephone and other numbers, legal forms and places at
    the end. Only places that vendors of software bill from: with every town, a museum in it would be a name alone.
    A processor that sells AI itself is told by `keeps_processor`: `GOOGLE *GEMINI ADVANCED`.
#}
{% macro merchant_words(text, keeps_processor=false) -%}
    {%- set ways = "^ *((pos|recurring|purchase|card purchase|debit card purchase|checkcard|sp) +)*" -%}
    {%- set processors = "((paypal|pypl|pp|sq|sqc|sqsp|tst|sp|stripe|google|goog|paddle|paddle[.]net|fs|fastspring|py|2co|2co[.]com|dri|cleverbridge"
        ~ "|lemsqzy|lmsqueezy|gumroad|zettle|sumup|xsolla|ebanx|dlo) *[*])? *" -%}
    {%- set taken_off = "'" ~ ways ~ ('' if keeps_processor else processors) ~ "'" -%}
    {%- set endings = "'( (inc|llc|pbc|corp|ltd|limited|gmbh|us|usa|ca|ny|san francisco|san francisc|san fran|south san francisco|south san fran"
        ~ "|new york|palo alto|mountain view|dublin|dublin ie))+ $'" -%}
    {%- set plain = replace_pattern(replace_pattern('lower(' ~ text ~ ')', taken_off, "''"), "'[^a-z0-9]+'", "' '") -%}
    {%- set padded = "' ' || trim(" ~ plain ~ ") || ' '" -%}
    trim({{ replace_pattern(replace_pattern(padded, "'( [0-9]+)+ '", "' '"), endings, "' '") }})
{%- endmacro %}

{#
    Whether the words beside a vendor's name only say what was sold, or who sold it: `CLAUDE MAX PLAN` is no more than Claude. A town
    says so under a category in which software is sold, and elsewhere it is where one dines (`CLAUDE PARIS`).
#}
{% macro only_explains(words, is_digital) -%}
    {%- set sold = "ai|annual|annually|api|app|basic|billing|bot|business|chat|cloud|com|creator|credit|credits|enterprise|extra|gpu|individual|invoice"
        ~ "|llm|max|membership|month|monthly|payment|personal|plan|plus|premium|prepaid|pro|professional|recharge|renewal|seat|seats|standard|starter|sub|subs"
        ~ "|subscr|subscription|subscriptions|team|teams|tier|token|tokens|top up|topup|trial|ultra|unlimited|usage|www|yearly"
        ~ "|chf|eur|gbp|usd"
        ~ "|ab|bv|b v|corp|gmbh|inc|ireland|kk|llc|limited|ltd|oy|pbc|pte|pty|sa|sarl|sas|se|sp z o o|srl" -%}
    {%- set towns = "amsterdam|atlanta|austin|barcelona|bellevue|bengaluru|berlin|boston|boulder|brooklyn|cambridge|chicago|copenhagen|dallas|denver|dublin"
        ~ "|foster city|hamburg|hangzhou|helsinki|hong kong|koeln|cologne|lisbon|london|los angeles|madrid|melbourne|menlo park|miami|milan|montreal|mountain view"
        ~ "|munich|new york|oakland|oslo|palo alto|paris|portland|prague|redwood city|salt lake city|san diego|san francisco|san jose|san mateo|seattle"
        ~ "|singapore|stockholm|sunnyvale|sydney|tallinn|tel aviv|tokyo|toronto|vancouver|vienna|vilnius|warsaw|wilmington|zurich"
        ~ "|au|br|ca|ch|de|dk|ee|es|fi|fr|gb|ie|il|in|jp|lt|ma|nl|no|nz|ny|on|pl|pt|se|sg|tx|uk|us|usa|wa" -%}
    ({{ replace_pattern(words, "'^( (" ~ sold ~ "))+ $'", "' '") }} = ' '
    or ({{ is_digital }} and {{ replace_pattern(words, "'^( (" ~ sold ~ '|' ~ towns ~ "))+ $'", "' '") }} = ' '))
{%- endmacro %}

{# Whether the words beside a vendor's name say another trade, whatever the name: `DEEPL BLUE DIVING`, `X AI YOGA RETREAT`. #}
{% macro tells_another_trade(words) -%}
    {%- set trades = "accountants?|airlines?|airways|antiques|apparel|attorneys?|auto|automobiles|automotive|bakery|bakeshop|bank|bar|barbers?|barbershop|bbq|beauty|bistro"
        ~ "|books|bookshop|bookstore|boulangerie|boutique|brasserie|brewery|brewing|builders|burgers?|cabs?|cafe|caffe|cakes?|canteen|cantina|car wash|carpentry"
        ~ "|catering|chapel|church|cinema|cleaners|clinic|clinique|clothing|coffee|coiffure|construction|cpa|credit union|dance|deli|dental|dentist|diner|dive"
        ~ "|diving|dry cleaning|electric|epicerie|events|farms?|fashions?|festival|fish|fitness|fleurs|flooring|florist|flowers|foods?|fuel|furniture|games"
        ~ "|garage|garden|gas|gifts|golf|gourmet|grill|grille|grocers?|grocery|grooming|gym|hair|hardware|hospital|hostel|hotels?|inn|jewell?ers|jewell?ry"
        ~ "|kitchen|landscaping|laundry|law|legal llp|librairie|library|lighting|limo|lingerie|liquors?|lodge|lounge|lumber|market|massage|medical|menswear"
        ~ "|ministry|motel|motors|movers|museum|nails?|noodles?|nurseries|nursery|opera|optical|optician|paint|painting|parish|park|parking|pediatrics|pets?|pharmacy|photo"
        ~ "|photography|physio|physiotherapy|pilates|pizza|pizzeria|plomberie|plombier|plumbing|pools?|printing|prints|pub|ramen|realty|repairs?|resort"
        ~ "|restaurante?|retreat|roofing|salon|saloon|school|seafood|shoes|signs|smoothies|solicitors|spa|sports|steakhouse|suites|supermarket|support group|surf"
        ~ "|sushi|tacos?|tailors?|tapas|tattoo|tavern|tax|taxi|tea|theater|theatre|therapy|tickets|tires?|tours?|towing|toys|trattoria|travel|tyres?|vet"
        ~ "|veterinary|vineyards?|voyages|wellness|wine|winery|wines|yacht|yoga" -%}
    coalesce(regexp_extract({{ words }}, ' ({{ trades }}) ', 0), '') <> ''
{%- endmacro %}

{# Days from one date to another, as a whole number. #}
{% macro days_from(earlier, later) -%}
    cast(({{ epoch_seconds('cast(' ~ later ~ ' as timestamp)') }} - {{ epoch_seconds('cast(' ~ earlier ~ ' as timestamp)') }}) / 86400 as bigint)
{%- endmacro %}

{#
    Common table expressions that make pairs of candidates, `paired` the last: no left and no right stands in two. The
    candidates have left_id, right_id and place, which is smaller the nearer a pair is and never the same twice. In each round
    those pair who are each other's nearest of what is left; so the nearest of all always do. One scan,
    however many rounds: a pair out of the race has no place any more.
#}
{% macro pairs_of_nearest(candidates, rounds=5) -%}
raced_0 as (

    select
        left_id,
        right_id,
        place,
        0 as is_paired
    from {{ candidates }}

),
{% for round in range(1, rounds + 1) %}
nearest_{{ round }} as (

    select
        *,
        case
            when place = min(place) over (partition by left_id) and place = min(place) over (partition by right_id) then 1
            else 0
        end as is_nearest
    from raced_{{ round - 1 }}

),

taken_{{ round }} as (

    select
        *,
        max(is_nearest) over (partition by left_id) as is_left_taken,
        max(is_nearest) over (partition by right_id) as is_right_taken
    from nearest_{{ round }}

),

raced_{{ round }} as (

    select
        left_id,
        right_id,
        case when is_left_taken = 0 and is_right_taken = 0 then place end as place,
        greatest(is_paired, is_nearest) as is_paired
    from taken_{{ round }}

),
{% endfor %}
paired as (

    select
        left_id,
        right_id
    from raced_{{ rounds }}
    where is_paired = 1

)
{%- endmacro %}
