{# A query of the words of texts, blanks between them: `columns` of each row and `word`; no text has none. #}
{% macro words_of(relation, columns, text) -%}
    {{ return(adapter.dispatch('words_of')(relation, columns, text)) }}
{%- endmacro %}

{% macro duckdb__words_of(relation, columns, text) -%}
    select {{ columns | join(', ') }}, unnest(string_split({{ text }}, ' ')) as word from {{ relation }} where {{ text }} is not null
{%- endmacro %}

{% macro spark__words_of(relation, columns, text) -%}
    select {{ columns | join(', ') }}, explode(split({{ text }}, ' ')) as word from {{ relation }} where {{ text }} is not null
{%- endmacro %}

{# The words of a group's rows, each once and in order, as one text; NULL where there is none. #}
{% macro sorted_words(word) -%}
    {{ return(adapter.dispatch('sorted_words')(word)) }}
{%- endmacro %}

{% macro duckdb__sorted_words(word) -%}
    nullif(string_agg(distinct {{ word }}, ' ' order by {{ word }}), '')
{%- endmacro %}

{% macro spark__sorted_words(word) -%}
    nullif(array_join(array_sort(collect_set({{ word }})), ' '), '')
{%- endmacro %}

{# A name as its words in lower case, without signs between them: how two spellings of a name are the same. #}
{% macro plain_words(name) -%}
    {{ return(adapter.dispatch('plain_words')(name)) }}
{%- endmacro %}

{% macro duckdb__plain_words(name) -%}
    nullif(trim(regexp_replace(lower({{ name }}), '[^a-z0-9]+', ' ', 'g')), '')
{%- endmacro %}

{% macro spark__plain_words(name) -%}
    nullif(trim(regexp_replace(lower({{ name }}), '[^a-z0-9]+', ' ')), '')
{%- endmacro %}
