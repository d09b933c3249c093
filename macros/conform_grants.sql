{#
    The shapes in which grants of access to applications and sign-ins to them meet; docs/architecture.md, section 3. What
    a source does not name is null.
#}

{# Column to type of an event of a grant or of a revocation; `text` is the engine's own. #}
{% macro app_grant_shape() %}
    {{ return({
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'identity_provider': 'text', 'event_id': 'text', 'consent_id': 'text', 'event_kind': 'text',
        'event_at': 'timestamp', 'user_id': 'text', 'user_known_by': 'text', 'consent_reach': 'text',
        'client_id': 'text', 'app_name': 'text', 'scopes': 'text',
    }) }}
{% endmacro %}

{# Column to type of a sign-in of a person to an application. #}
{% macro app_sign_in_shape() %}
    {{ return({
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'identity_provider': 'text', 'event_id': 'text', 'signed_in_at': 'timestamp', 'user_id': 'text',
        'client_id': 'text', 'app_name': 'text',
    }) }}
{% endmacro %}

{# The select list of such an event: its columns by name, as expressions. #}
{% macro conformed_app_grant(columns) -%}
    {{ conformed('a conformed grant', app_grant_shape(), columns, {'consent_reach': "'person'"}) }}
{%- endmacro %}

{% macro conformed_app_sign_in(columns) -%}
    {{ conformed('a conformed sign-in', app_sign_in_shape(), columns, {}) }}
{%- endmacro %}

{# One text by which an application is known within its identity provider: its client id, else its name. #}
{% macro application_id(client_id='client_id', app_name='app_name') -%}
    coalesce({{ client_id }}, {{ plain_words(app_name) }}, 'unknown')
{%- endmacro %}

{# How far a tier of scopes reaches, to find the furthest; an unknown scope tells nothing. #}
{% macro scope_tier_rank(tier) -%}
    case {{ tier }}
        {%- for name in scope_tiers() %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
        else 0
    end
{%- endmacro %}

{% macro scope_tier_of(rank) -%}
    case {{ rank }}
        {%- for name in scope_tiers() %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
        else 'unknown'
    end
{%- endmacro %}

{% macro scope_tiers() %}
    {{ return(['identity', 'read', 'write', 'all_content', 'directory']) }}
{% endmacro %}

{# Whether a text is what a pattern means: the same, or its beginning where the pattern ends in an asterisk. #}
{% macro fits_pattern(value, pattern) -%}
    ({{ value }} = {{ pattern }}
    or (
        right({{ pattern }}, 1) = '*'
        and left({{ value }}, length({{ pattern }}) - 1) = left({{ pattern }}, length({{ pattern }}) - 1)
    ))
{%- endmacro %}

{#
    Plain words of an application's name without those at the end that only say what kind of application, plan or connection it is.
    `Perplexity Pro for Chrome` is Perplexity, `Perplexity Games` is not.
#}
{% macro without_kind_of_application(words) -%}
    {%- set kinds = "'( (for (business|enterprise|work|teams|education|chrome|slack|zoom|gmail|outlook|excel|word|google( [a-z]+)?|microsoft( [a-z0-9]+)?|office 365)"
        ~ "|(chrome |browser )?extension|add on|addon|plugin|connector|integration|desktop|mobile|web|ios|android|macos|windows|enterprise|business|team|teams|pro|plus"
        ~ "|premium|edu|education|app|client|login|sso|oauth|bot|assistant|notetaker|note taker|translator|inc|beta"
        ~ "|meeting (notes|assistant|agent|manager|recorder)|conversational ai|agents?|chat|cli|console|discord|editor|hub|ide"
        ~ "|mcp( [a-z]+)?|platform|sidebar|studio|workflows|workspace|write))+ $'" -%}
    nullif(trim({{ replace_pattern("' ' || " ~ words ~ " || ' '", kinds, "' '") }}), '')
{%- endmacro %}

{#
    Plain words of an application's name without those at the end that only an AI service has: what is left may be a word
    that others use too. `Cursor IDE` is Cursor, `Cursor Studio` is not.
#}
{% macro without_kind_of_ai(words) -%}
    {%- set kinds = "'( (ai( [a-z]+)?( [a-z]+)?|agent|chatbot|cli|editor|gpt|ide|llm|mcp( [a-z]+)?|notetaker|note taker|meeting (notes|assistant|agent|manager|recorder)))+ $'" -%}
    nullif(trim({{ replace_pattern("' ' || " ~ words ~ " || ' '", kinds, "' '") }}), '')
{%- endmacro %}

{# What stands before the explanation in a name: `Fathom` of `Fathom - AI Meeting Assistant`, `v0` of `v0 by Vercel`. #}
{% macro name_before_explanation(app_name) -%}
    {{ replace_pattern('lower(' ~ app_name ~ ')', "' by .*$|[(|:].*$| [-–—] .*$'", "''") }}
{%- endmacro %}

{# Whether words say that it is AI, or whose. #}
{% macro speaks_of_ai(words) -%}
    coalesce(regexp_extract({{ words }}, '(^| )(ai|anthropic|chatgpt|claude|copilot|gemini|gpt|llm|mistral|notetaker|openai)( |$)', 0), '') <> ''
{%- endmacro %}

{# The same without `ai` at the end, which makers add to their names or not. #}
{% macro without_ai_at_end(words) -%}
    {{ replace_pattern(words, "' ai$'", "''") }}
{%- endmacro %}

{# Words without the blanks between them: `Eleven Labs` is ElevenLabs. #}
{% macro joined_words(words) -%}
    replace({{ words }}, ' ', '')
{%- endmacro %}
