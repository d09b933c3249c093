"""The SQL that counts traffic: by hour and person on hosts of AI, by day and host elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from pipelines.config import PROJECT_ROOT

DOMAINS = PROJECT_ROOT / "seeds" / "reference" / "ai_domains.csv"


def groups_sql(traffic: str) -> str:
    """Return SQL that counts TRAFFIC by hour, host and actor; a refused record stands alone."""
    return f"""
        select
            reason,
            case when reason is not null then source_line end as refused_line,
            case when reason is null then date_trunc('hour', seen_at) end as seen_hour,
            case when reason is null then host end as host,
            case when reason is null then signal_kind end as signal_kind,
            case when reason is null then coalesce(action, 'unknown') end as action,
            case when reason is null then record_type end as record_type,
            case
                when reason is not null then null
                when user_name is not null then 'user'
                when device_name is not null then 'device'
                when address is not null then 'address'
            end as actor_kind,
            case when reason is null then coalesce(user_name, device_name, address) end as actor,
            case when reason is null then department_name end as department_name,
            case when reason is null then location_name end as location_name,
            count(*) as record_count,
            count(*) - count(event_key) + count(distinct event_key) as event_count,
            min(source_line) as first_line,
            try_cast(sum(uploaded_bytes) as bigint) as uploaded_bytes,
            try_cast(sum(downloaded_bytes) as bigint) as downloaded_bytes,
            min(seen_at) as first_seen_at,
            max(seen_at) as last_seen_at
        from ({traffic})
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    """


def listed_hosts_sql(hosts: str, domains: str) -> str:
    """Return SQL of the hosts of a relation whose longest suffix on the list is a service's.

    An equality on the last labels, as many as a suffix has: no host is compared with every suffix.
    """
    return f"""
        with suffixes as (
            select
                domain_suffix,
                ai_service_id,
                len(string_split(domain_suffix, '.')) as label_count,
                array_to_string(string_split(domain_suffix, '.')[-2:], '.') as last_two
            from {domains}
        ),

        -- Most hosts are out by their last two labels alone, which every suffix has.
        near as (
            select host, labels
            from (select host, string_split(host, '.') as labels from ({hosts}))
            where array_to_string(labels[-2:], '.') in (select last_two from suffixes)
        ),

        candidates as (
            select
                near.host,
                counts.label_count,
                array_to_string(near.labels[-counts.label_count:], '.') as domain_suffix
            from near
            cross join (select distinct label_count from suffixes) as counts
            where len(near.labels) >= counts.label_count
        ),

        matched as (
            select
                candidates.host,
                arg_max(suffixes.ai_service_id is not null, suffixes.label_count) as is_of_service
            from candidates
            inner join suffixes
                on candidates.domain_suffix = suffixes.domain_suffix
                and candidates.label_count = suffixes.label_count
            group by candidates.host
        )

        select host from matched where is_of_service
    """


def domains_sql() -> str:
    """Return SQL for the list of AI domains as the seeds have it."""
    path = str(DOMAINS).replace("'", "''")
    return f"read_csv('{path}', header = true, all_varchar = true, delim = ',', quote = '\"')"


def listed_sql(pseudonym_sql: Callable[[str], str]) -> str:
    """Return SQL of what each person did of AI in each hour.

    One look-up asks for several types of records: the type that was asked for most tells how many.
    """
    return f"""
        select
            min(first_line) as source_line,
            seen_hour as period_start,
            true as is_listed,
            signal_kind,
            'named' as host_kind,
            host,
            action,
            actor_kind,
            {pseudonym_sql("actor")} as actor_id,
            department_name,
            location_name,
            cast(count(distinct actor) as bigint) as actor_count,
            cast(sum(record_count) as bigint) as record_count,
            cast(max(event_count) as bigint) as request_count,
            try_cast(sum(uploaded_bytes) as bigint) as uploaded_bytes,
            try_cast(sum(downloaded_bytes) as bigint) as downloaded_bytes,
            min(first_seen_at) as first_seen_at,
            max(last_seen_at) as last_seen_at
        from traffic_groups
        where reason is null
            and host in (select host from listed_hosts)
        group by seen_hour, signal_kind, host, action, actor_kind, actor, department_name,
            location_name
    """


def other_sql(smallest_group: int) -> str:
    """Return SQL of all other traffic: a count a day and host, of persons nothing but how many."""
    return f"""
        with others as (
            select
                date_trunc('day', seen_hour) as period_start,
                signal_kind,
                host,
                record_count,
                actor,
                first_line
            from traffic_groups
            where reason is null
                and (host is null or host not in (select host from listed_hosts))
        ),

        hosts as (
            select period_start, signal_kind, host, count(distinct actor) as actor_count
            from others
            where host is not null
            group by all
        ),

        kinds as (
            select
                others.*,
                case
                    when others.host is null then 'none'
                    when hosts.actor_count < {int(smallest_group)} then 'seldom'
                    else 'named'
                end as host_kind
            from others
            left join hosts
                on others.period_start = hosts.period_start
                and others.signal_kind = hosts.signal_kind
                and others.host = hosts.host
        )

        select
            min(first_line) as source_line,
            period_start,
            false as is_listed,
            signal_kind,
            host_kind,
            case when host_kind = 'named' then host end as host,
            null as action,
            null as actor_kind,
            null as actor_id,
            null as department_name,
            null as location_name,
            cast(count(distinct actor) as bigint) as actor_count,
            cast(sum(record_count) as bigint) as record_count,
            null as request_count,
            null as uploaded_bytes,
            null as downloaded_bytes,
            null as first_seen_at,
            null as last_seen_at
        from kinds
        group by period_start, signal_kind, host_kind,
            case when host_kind = 'named' then host end
    """
