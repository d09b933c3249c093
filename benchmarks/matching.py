"""`python -m benchmarks.matching`: names of the market's AI services, and names that look alike.

`names/*.csv` hold what statements, networks and consent screens say, by whom it is, or nothing for
what is somebody else's. The compiled models match them; what they say is held against the lists.
Of `held_out.csv` totals are printed and never a name: who mends the matching reads `development`.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.replay import Project, compile_project, make_seeds, relation_of
from benchmarks.results import table
from pipelines.sources.merchants import WORDS_FILE, read_words, words_pattern

NAMES = Path(__file__).with_name("names")
HALVES = ("development", "held_out")
MODELS = ["int_card_merchants_matched", "int_app_services", "dim_egress_hosts"]
RUN = ["int_ai_domain_suffixes", *MODELS]
# As feeds have it, and as expense reports do, which know no category.
KINDS = ("merchant", "merchant without category", "host", "application")


@dataclass(frozen=True)
class Score:
    """Of one kind: names of services, look-alikes, and what the models said of them."""

    kind: str
    planted: int
    innocent: int
    right: int
    wrong: int
    misses: tuple[str, ...]

    @property
    def precision(self) -> float:
        """Share of the matched names that are that vendor's."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        """Share of the vendors' names that were matched to them."""
        return self.right / max(self.planted, 1)


def score(project: Project, half: str) -> list[Score]:
    """Return the scores of one half, by kind."""
    with duckdb.connect() as connection:
        _match(connection, project, NAMES / f"{half}.csv")
        return [_score(connection, kind) for kind in KINDS]


def compile_matching(folder: Path) -> Project:
    """Return the models that match, compiled once for both halves."""
    return compile_project(folder, MODELS, [])


def _match(connection: duckdb.DuckDBPyConnection, project: Project, names: Path) -> None:
    connection.execute("attach ':memory:' as build")
    connection.execute("use build")
    make_seeds(connection, project)
    connection.execute(f"""create table names as
        select *, kind = 'merchant' as is_merchant
        from read_csv('{names}', header = true, all_varchar = true)""")
    # The door lets in what holds the words of a pattern, and nothing else.
    door = words_pattern(read_words(WORDS_FILE))
    (services,) = (one for one in project.seeds if one["name"] == "ai_services")
    connection.execute(f"create view ai_services as from {relation_of(services)}")
    for table_name, sql in {
        "int_card_charges_unioned": f"""select text as merchant_name,
            unnest([merchant_category, null]) as merchant_category_code,
            null::varchar as quarantine_reason
            from names where is_merchant and regexp_matches(lower(text), '{door}')""",
        "int_app_grants_unioned": """select 'okta' as identity_provider,
            'c' || row_number() over () as client_id, text as app_name
            from names where kind = 'application'""",
        "int_app_sign_ins_unioned": """select 'okta' as identity_provider,
            'c' as client_id, 'none' as app_name where false""",
        "fct_egress": "select text as host from names where kind = 'host'",
    }.items():
        (relation,) = (m.relation for m in project.models if m.relation.endswith(f'"{table_name}"'))
        connection.execute(f"create table {relation} as {sql}")
    for model in project.models:
        name = model.relation.rpartition(".")[2].strip('"')
        if name in RUN:
            connection.execute(f"create table {model.relation} as {model.sql}")
            if name in MODELS:
                connection.execute(f"create view {name} as from {model.relation}")
    connection.execute("""create table told as
        select if(merchant_category_code is null, 'merchant without category', 'merchant') as kind,
            merchant_name as text, ai_service_id from int_card_merchants_matched where is_matched
        union all select 'application', app_name, ai_service_id from int_app_services
        union all select 'host', host, ai_service_id from dim_egress_hosts where is_ai""")


def _score(connection: duckdb.DuckDBPyConnection, kind: str) -> Score:
    """Hold what was told against the list: a service is right by its id, its name or its vendor."""
    rows = connection.execute(
        """with asked as (
            select text, coalesce(expected, '') as expected from names where $1 in (kind,
                if(is_merchant, 'merchant without category', kind))
        ), services as (
            select ai_service_id, list_transform([ai_service_id, ai_service_name, vendor_name],
                lambda x: regexp_replace(lower(x), '[^a-z0-9]', '', 'g')) as called
            from ai_services
        )
        select asked.text, expected, told.ai_service_id,
            coalesce(list_has_any(called, list_transform(string_split(expected, '/'),
                lambda x: regexp_replace(lower(x), '[^a-z0-9]', '', 'g'))), false) as is_right
        from asked
        left join told on asked.text = told.text and told.kind = $1
        left join services using (ai_service_id)
        order by all""",
        [kind],
    ).fetchall()
    planted = [row for row in rows if row[1]]
    return Score(
        kind=kind,
        planted=len(planted),
        innocent=len(rows) - len(planted),
        right=sum(is_right for *_, is_right in rows),
        wrong=sum(said is not None and not is_right for *_, said, is_right in rows),
        misses=tuple(
            f"{text} is {expected or 'nobody'}'s, not {said or 'nobody'}'s"
            for text, expected, said, is_right in rows
            if not is_right and (expected or said)
        ),
    )


def report(folder: Path, *, misses: bool = False) -> str:
    """Return the table of both halves; print what the development half missed, if asked."""
    project = compile_matching(folder)
    rows = []
    for half in HALVES:
        for one in score(project, half):
            counts = (one.planted, one.innocent, one.right, one.wrong)
            rows.append([f"{half.replace('_', ' ')}: {one.kind}", *map(str, counts),
                         f"{one.precision:.3f}", f"{one.recall:.3f}"])  # fmt: skip
            if misses and half == "development":
                print(*(f"{one.kind}: {miss}" for miss in one.misses), sep="\n")
    header = ["names", "of services", "look-alikes", "right", "wrong", "precision", "recall"]
    return table(header, rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="of the development half")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(report(Path(folder), misses=asked.misses))


if __name__ == "__main__":
    main()
