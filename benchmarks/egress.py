"""Finds AI services in traffic: the match on labels against bare DuckDB's LIKE and pattern.

Records are made from the real host names of Zeek's logs (shared/data/zeek_wrccdc), as often as they
stand there, with names of the AI list among them. Each way answers the same question, how many
records are of an AI service, and the answers have to agree.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.machine import WORKING
from pipelines.sources.egress_counts import domains_sql, listed_hosts_sql

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "zeek_wrccdc"
LOGS = {"zeek-json_dns.json.gz": "query", "zeek-json_ssl.json.gz": "server_name"}
AI_SHARE = 0.01
# Of how many further hosts a real name is the domain: traffic of many names, as CDNs have them.
SUBDOMAINS = 200
ROWS_A_BATCH = 1_000_000
WAYS = ("labels", "like", "pattern")


def real_names(folder: Path) -> Counter[str]:
    """Return the host names of real traffic, and how often each was asked for."""
    names: Counter[str] = Counter()
    for file_name, key in LOGS.items():
        with gzip.open(folder / file_name, "rt") as file:
            names.update(
                str(name).lower().rstrip(".")
                for line in file
                if (name := json.loads(line).get(key))
            )
    return names


def traffic(names: Counter[str], suffixes: list[str], records: int) -> Iterator[pa.Table]:
    """Yield tables of hosts: real ones as often as they are, a hundredth of AI services."""
    chance = random.Random(17)
    hosts, weights = list(names), list(names.values())
    for start in range(0, records, ROWS_A_BATCH):
        count = min(ROWS_A_BATCH, records - start)
        ai = round(count * AI_SHARE)
        chosen = [
            f"n{chance.randrange(SUBDOMAINS)}.{host}" if chance.random() < 0.5 else host
            for host in chance.choices(hosts, weights, k=count - ai)
        ]
        chosen += [f"n{chance.randrange(SUBDOMAINS)}.{chance.choice(suffixes)}" for _ in range(ai)]
        chance.shuffle(chosen)
        yield pa.table({"host": chosen})


def ways(services: list[str], shared: list[str]) -> dict[str, str]:
    """Return SQL for each way to count the records of AI services."""
    names = f"select domain_suffix from {domains_sql()} where ai_service_id is not null"
    others = f"select domain_suffix from {domains_sql()} where ai_service_id is null"
    like = "hosts.host = s.domain_suffix or hosts.host like '%.' || s.domain_suffix"
    listed = listed_hosts_sql("select distinct host from hosts", domains_sql())
    return {
        "labels": f"select count(*) from hosts where host in ({listed})",
        "like": f"select count(*) from hosts where exists (select 1 from ({names}) s where {like}) "
        f"and not exists (select 1 from ({others}) s where {like})",
        # Written out, so that DuckDB compiles each of them once.
        "pattern": f"select count(*) from hosts where regexp_matches(host, '{_pattern(services)}') "
        f"and not regexp_matches(host, '{_pattern(shared)}')",
    }


def _pattern(suffixes: list[str]) -> str:
    return r"(^|\.)(" + "|".join(re.escape(name) for name in suffixes) + ")$"


def _suffixes(connection: duckdb.DuckDBPyConnection, condition: str) -> list[str]:
    found = connection.sql(f"select domain_suffix from {domains_sql()} where {condition}")
    return [name for (name,) in found.fetchall()]


def main() -> None:
    """Measure each way and print a table; exit 1 where their answers differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    asked = parser.parse_args()
    if not REAL.is_dir():
        sys.exit(f"There are no real logs at {REAL}: unpack them there.")
    with duckdb.connect(config=WORKING) as connection:
        suffixes = _suffixes(connection, "ai_service_id is not null")
        sql = ways(suffixes, _suffixes(connection, "ai_service_id is null"))
        connection.execute("create table hosts (host varchar)")
        for batch in traffic(real_names(REAL), suffixes, asked.records):
            connection.register("batch", batch)
            connection.execute("insert into hosts select host from batch")
        different = connection.sql("select count(distinct host) from hosts").fetchall()[0][0]
        print(f"{asked.records:,} records of {different:,} hosts, {len(suffixes):,} suffixes")
        print(
            "| way | records of AI | seconds | CPU seconds | records a second |\n"
            "|---|---|---|---|---|"
        )
        answers = set()
        for name in asked.ways:
            begun, worked = time.perf_counter(), time.process_time()
            [(answer,)] = connection.sql(sql[name]).fetchall()
            seconds, work = time.perf_counter() - begun, time.process_time() - worked
            answers.add(answer)
            a_second = f"{asked.records / seconds:,.0f}"
            print(f"| {name} | {answer:,} | {seconds:.2f} | {work:.2f} | {a_second} |")
    if len(answers) > 1:
        sys.exit("The ways do not agree.")


if __name__ == "__main__":
    main()
