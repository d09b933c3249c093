"""A purge: nobody is left in any byte of the home, accounts hold, and a kill leaves no half."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.backup import back_up
from pipelines.compact import compact_lake
from pipelines.config import SettingsError
from pipelines.doctor import examine
from pipelines.lake import read_units
from pipelines.load import source_modules
from pipelines.privacy.audit import audit_path, broken_line
from pipelines.privacy.journal import begin
from pipelines.privacy.purge import Request, purge
from pipelines.privacy.retention import files_of, older_than, overdue, retention_days
from pipelines.privacy.rewriting import _kept_sql, rewrite
from pipelines.privacy.tables import JOURNAL, PERSON_TABLES, TRAFFIC, PersonTable
from pipelines.run import only_run
from pipelines.sources.egress_shape import TABLES as EGRESS_TABLES
from tests.pipelines.egress_samples import AI_HOST, ENDINGS, PERSON, VISITS, Visit, squid, text_of
from tests.source_home import SourceHome

SAMPLES = Path(__file__).with_name("samples")
TOMORROW = datetime.now(tz=UTC).date() + timedelta(days=1)
EVERYTHING = Request(before=TOMORROW)
FAMILY = {table.source_name: table for table in PERSON_TABLES}
# Told by APIs or other files than the samples, or these name nobody: held by their columns below.
WITHOUT_SAMPLE = {"claude_code_analytics", "codex", "cursor", "enterprise_seats", "github_copilot"}


def quiet(done: int, total: int | None, what: str) -> None:
    """Report nothing."""


class PersonHome(SourceHome):
    """A home of a source of persons."""

    def __init__(self, folder: Path, source: str) -> None:
        super().__init__(folder, source, FAMILY[source].table_name)

    @property
    def known(self) -> PersonTable:
        return FAMILY[self.source]

    def purge(self, request: Request = EVERYTHING, **settings: Any) -> dict[str, Any]:
        found = self.settings()
        given = {f"privacy.{name}": value for name, value in settings.items()}
        found = type(found)(found.home, {**found.overrides, **given})
        with only_run(found):
            return purge(found, request, quiet)

    def persons(self) -> set[str]:
        """Return every pseudonym that the table has."""
        return {
            value
            for row in self.rows(", ".join(self.known.persons))
            for value in row
            if value is not None
        }

    def held(self) -> dict[str, int]:
        """Return how many records the table has of each unit and load."""
        what = "sum(record_count)" if self.known.is_traffic else "count(*)"
        counts: dict[str, int] = {}
        for file in files_of(self.lake, self.known):
            own = "_compacted_load_id" if file.is_compacted else f"'{file.load_ids[0]}'"
            for unit, number in duckdb.execute(
                f"select {own} || ' ' || load_unit_id, {what}::bigint "
                "from read_parquet(?, hive_partitioning = false) group by 1",
                [file.path],
            ).fetchall():
                counts[unit] = counts.get(unit, 0) + number
        return counts


def bytes_with(folder: Path, texts: set[str]) -> list[str]:
    """Return the files in which one of the texts stands, read as bytes and as rows."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix == ".parquet":
            rows = duckdb.execute(
                "select * from read_parquet(?, hive_partitioning = false)", [str(path)]
            ).fetchall()
            content += repr(rows).encode()
        found += [f"{path}: {text}" for text in texts if text.encode() in content]
    return found


@pytest.fixture
def okta(tmp_path: Path) -> PersonHome:
    home = PersonHome(tmp_path / "home", "okta")
    home.load(SAMPLES / "okta.jsonl")
    return home


@pytest.fixture(params=sorted(FAMILY.keys() - WITHOUT_SAMPLE))
def home(request: pytest.FixtureRequest, tmp_path: Path) -> PersonHome:
    found = PersonHome(tmp_path / "home", request.param)
    deliver(found, tmp_path)
    return found


def deliver(home: PersonHome, folder: Path) -> None:
    if home.source in TRAFFIC:
        path = folder / f"traffic.{ENDINGS[home.source]}"
        path.write_text(text_of(home.source))
    else:
        path = SAMPLES / f"{home.source}.jsonl"
    assert home.load(path).records_loaded or home.rows()


def test_every_source_of_persons_is_known_with_its_columns() -> None:
    modules = source_modules()
    traffic = {name for name, module in modules.items() if module.TABLES is EGRESS_TABLES}
    assert traffic == set(TRAFFIC)
    for table in PERSON_TABLES:
        module = modules[table.source_name]
        if table.is_traffic:
            assert table.persons == ("actor_id",)
            continue
        if table.is_kept:
            names = module.TABLES[table.table_name].names
            assert {table.moment, *table.persons, *table.series} <= set(names)
            continue
        fields = {field.name: field for field in module.FIELDS}
        assert {name for name, field in fields.items() if field.is_personal} == set(table.persons)
        assert fields[table.told].is_required, "what is forgotten is told by this column"
        assert fields[table.moment].kind == "moment"
    staging = Path(__file__).parents[2] / "models"
    identity = {path.name.split("__")[0][4:] for path in staging.rglob("int_*__app_*.sql")}
    identity |= {path.name.split("__")[0][4:] for path in staging.rglob("stg_*__app_*.sql")}
    cards = {path.name.split("__")[0][4:] for path in staging.rglob("stg_*__card_charges.sql")}
    tools = {path.name.split("__")[0][4:] for path in staging.rglob("int_*__tool_usage.sql")}
    # These tell single calls, which are requests or charges too.
    tools |= {"claude_code", "codex", "cursor"}
    assert tools == {name for name, table in FAMILY.items() if table.family == "tool"}
    assert identity == {name for name, table in FAMILY.items() if table.family == "identity"}
    assert cards == {name for name, table in FAMILY.items() if table.family == "card"}


def test_nobody_is_left_and_every_account_holds(home: PersonHome, tmp_path: Path) -> None:
    planted, held, accounts = home.persons(), home.held(), home.accounts()
    units = read_units(home.lake, home.source)
    assert planted
    assert bytes_with(home.folder, planted)
    done = home.purge()
    assert [row["source_name"] for row in done["purged"]] == [home.source]
    assert bytes_with(home.folder, planted | {PERSON}) == []
    assert home.persons() == set()
    # Nothing vanished: as many records of each unit and load as it said that it loaded.
    assert home.held() == held
    assert home.accounts() == accounts
    assert read_units(home.lake, home.source) == units
    deliver(home, tmp_path)
    assert home.persons() == set(), "what was forgotten came again"
    assert home.purge()["purged"] == []


@pytest.mark.parametrize("name", sorted(n for n, one in FAMILY.items() if one.is_kept))
def test_of_a_tool_s_record_nothing_but_the_person_is_forgotten(name: str) -> None:
    table = FAMILY[name]
    schema = source_modules()[name].TABLES[table.table_name]
    names = [one for one in schema.names if one not in ("load_unit_id", "source_line")]
    with duckdb.connect() as connection:
        filled = ", ".join(
            f"cast({_value(schema.field(one).type)} as {_kind(schema.field(one).type)}) as {one}"
            for one in names
        )
        rows = connection.sql(f"select 'u' as load_unit_id, 1 as source_line, {filled}")
        [before] = rows.to_arrow_table().to_pylist()
        sql = _kept_sql(table, rows, table.still_told)
        [after] = rows.query("rows", sql).to_arrow_table().to_pylist()
        kept = rows.query("rows", f"select {table.still_told} from rows").fetchall()
    changed = {one for one in before if before[one] != after[one]}
    assert kept == [(True,)]
    assert changed == {*table.persons, *table.series}
    assert {after[one] for one in table.persons} == {None}


def _value(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "false"
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "timestamp '2026-05-01 10:00:00'"
    return "7"


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "timestamp"
    return "varchar" if pa.types.is_string(kind) else "decimal(18, 3)"


def test_an_event_that_may_be_charged_keeps_its_person() -> None:
    [cursor] = [one for one in PERSON_TABLES if one.source_name == "cursor"]
    rows = "('p', true), ('p', false), ('p', null), (null, false)"
    sql = f"select list({cursor.still_told}) from (values {rows}) as t (user_id, is_chargeable)"
    assert duckdb.sql(sql).fetchall() == [([False, True, False, False],)]


def test_what_is_young_enough_stays_as_it_was(home: PersonHome) -> None:
    before = home.rows(order="source_line")
    assert home.purge(Request(before=date(2020, 1, 1)))["purged"] == []
    assert home.rows(order="source_line") == before
    assert not audit_path(home.settings()).exists()


def test_of_a_file_only_what_is_too_old_is_forgotten(tmp_path: Path) -> None:
    home = PersonHome(tmp_path / "home", "expenses")
    home.load(SAMPLES / "expenses.jsonl")
    columns = "cast(expensed_at as date), merchant_name, user_id, amount_cents"
    before = home.rows(columns, order="source_line")
    last = max(row[0] for row in before)
    assert min(row[0] for row in before) < last
    home.purge(Request(before=last))
    assert home.rows(columns, order="source_line") == [
        row if row[0] >= last else (row[0], None, None, None) for row in before
    ]


def test_traffic_is_counted_by_day_and_host_without_persons(tmp_path: Path) -> None:
    home = PersonHome(tmp_path / "home", "squid")
    more = [
        Visit("bob@example.com", AI_HOST, "23:59:59"),
        Visit("bob@example.com", AI_HOST, "00:00:01"),
    ]
    log = tmp_path / "traffic.log"
    log.write_text("".join(squid(visit) + "\n" for visit in (*VISITS, *more)))
    home.load(log)
    of_others = "is_listed, source_line, period_start, host, record_count, actor_count"
    others = [row for row in home.rows(of_others, order="source_line") if not row[0]]
    assert others
    home.purge()
    columns = (
        "host, action, actor_kind, actor_id, actor_count, record_count, request_count, "
        "cast(period_start as varchar)[12:19], cast(first_seen_at as varchar)[12:19]"
    )
    rows = home.rows(f"is_listed, {columns}", order="action")
    assert [row[1:] for row in rows if row[0]] == [
        (AI_HOST, "allowed", "forgotten", None, 2, 4, 4, "00:00:00", "00:00:00"),
        (AI_HOST, "blocked", "forgotten", None, 1, 1, 1, "00:00:00", "00:00:00"),
    ]
    assert [row for row in home.rows(of_others, order="source_line") if not row[0]] == others


def test_the_settings_say_how_long_and_nothing_is_for_good(okta: PersonHome) -> None:
    def days(**given: Any) -> dict[str, int]:
        settings = okta.settings()
        given = {f"privacy.{name}": value for name, value in given.items()}
        return retention_days(type(settings)(settings.home, {**settings.overrides, **given}))

    assert days() == {"network": 180, "identity": 730, "card": 400, "tool": 400}
    assert days(identity_days="", card_days=30, tool_days="") == {"network": 180, "card": 30}
    for wrong in ("soon", "0", "-3", "1.5"):
        with pytest.raises(SettingsError, match="PRIVACY__IDENTITY_DAYS"):
            days(identity_days=wrong)
    assert okta.purge(Request(), identity_days="")["purged"] == []
    age = (datetime.now(tz=UTC).date() - date(2026, 3, 2)).days
    assert okta.purge(Request(), identity_days=str(age + 1))["purged"] == []
    assert okta.purge(Request(dry_run=True), identity_days="1")["would_be_purged"]
    assert okta.persons()
    okta.purge(Request(), identity_days="1")
    assert okta.persons() == set()


def test_the_doctor_says_what_is_overdue(okta: PersonHome) -> None:
    def said() -> list[tuple[str, str]]:
        settings = okta.settings()
        settings = type(settings)(
            settings.home, {**settings.overrides, "privacy.identity_days": "1"}
        )
        return [
            (one.state, one.remedy)
            for one in examine(settings)
            if one.check in ("retention", "audit log")
        ]

    assert said() == [("warning", "`bursar purge` forgets who it was.")]
    okta.purge()
    assert said() == []
    log = audit_path(okta.settings())
    okta.load(SAMPLES / "okta.jsonl")
    okta.purge(Request(persons=("nobody@example.com",), reason="asked for"))
    log.write_text(log.read_text().replace("retention", "resistance") + log.read_text())
    assert [state for state, _ in said()] == ["error"]


def test_a_purge_killed_before_its_journal_changes_nothing_and_leaves_nothing(
    okta: PersonHome,
) -> None:
    before, planted = okta.rows(order="source_line"), okta.persons()
    [one] = overdue(okta.settings(), TOMORROW)
    rewrite(okta.lake, one.table, one.file, older_than(one.table, TOMORROW, one.file), 0)
    assert okta.rows(order="source_line") == before
    okta.purge(Request(before=date(2020, 1, 1)))
    assert len(list(Path(okta.lake.dataset("okta"), "events").rglob("*.parquet"))) == 1
    assert okta.persons() == planted


@pytest.mark.parametrize("steps", ["journal", "record", "removed"])
def test_a_purge_killed_behind_its_journal_is_finished_by_whatever_runs_next(
    okta: PersonHome, steps: str
) -> None:
    settings, planted, held = okta.settings(), okta.persons(), okta.held()
    settings.warehouse.mkdir(parents=True)
    settings.build_path.write_text(" ".join(planted))
    (settings.warehouse / "build_state.json").write_text("{}")
    [one] = overdue(settings, TOMORROW)
    record = rewrite(okta.lake, one.table, one.file, older_than(one.table, TOMORROW, one.file), 0)
    begin(settings, [record], {"kind": "retention"})
    if steps != "journal":
        place = Path(okta.lake.dataset("okta"), "_compactions")
        place.mkdir()
        (place / record["record"]).write_text(json.dumps(record))
    if steps == "removed":
        Path(one.file.path).unlink()
    assert [f.state for f in examine(settings) if f.check == "retention"][:1] == ["error"]
    with only_run(settings):
        assert not (settings.home / JOURNAL).exists()
    assert bytes_with(okta.folder, planted) == []
    assert not settings.build_path.exists()
    assert not (settings.warehouse / "build_state.json").exists()
    assert okta.held() == held
    [line] = [json.loads(line) for line in audit_path(settings).read_text().splitlines()]
    assert (line["action"], line["kind"]) == ("purge", "retention")


def test_files_that_no_load_finished_are_removed_where_they_hold_what_is_too_old(
    okta: PersonHome,
) -> None:
    planted = okta.persons()
    [record] = Path(okta.lake.dataset("okta"), "_dlt_loads").iterdir()
    record.unlink()
    assert files_of(okta.lake, okta.known) == []
    okta.purge(Request(before=date(2020, 1, 1)))
    assert bytes_with(okta.folder, planted)
    okta.purge()
    assert bytes_with(okta.folder, planted) == []


def test_compaction_before_and_after_a_purge(tmp_path: Path) -> None:
    home = PersonHome(tmp_path / "home", "squid")
    for number in range(5):
        (tmp_path / f"{number}.log").write_text(squid(VISITS[number % 3]) + "\n" * (number + 1))
        home.load(tmp_path / "*.log")
    planted, held = home.persons(), home.held()
    compact_lake(home.settings())
    # What a compaction replaced stays a day, unless it must not.
    home.purge()
    assert bytes_with(home.folder, planted) == []
    assert home.held() == held
    for number in range(5, 10):
        (tmp_path / f"{number}.log").write_text(squid(VISITS[number % 3]) + "\n" * (number + 1))
        home.load(tmp_path / "*.log")
    held = home.held()
    compact_lake(home.settings())
    assert home.held() == held
    home.purge()
    assert home.held() == held
    assert bytes_with(home.folder, planted) == []


def test_a_backup_made_after_a_purge_holds_nobody_either(okta: PersonHome, tmp_path: Path) -> None:
    planted = okta.persons()
    back_up(okta.settings(), str(tmp_path / "kept"), quiet)
    assert bytes_with(tmp_path / "kept", planted)
    okta.purge()
    back_up(okta.settings(), str(tmp_path / "kept"), quiet)
    assert bytes_with(tmp_path / "kept", planted) == []


def test_one_person_is_forgotten_and_the_others_stay(tmp_path: Path) -> None:
    home = PersonHome(tmp_path / "home", "squid")
    log = tmp_path / "traffic.log"
    log.write_text(
        "".join(
            squid(Visit(name, AI_HOST, "09:00:00")) + "\n" for name in (PERSON, "bob@example.com")
        )
    )
    home.load(log)
    held = home.held()
    with pytest.raises(SettingsError, match="--reason"):
        home.purge(Request(persons=(PERSON,)))
    done = home.purge(Request(persons=(PERSON.upper(),), reason="asked for on 3 March"))
    assert [row["rows"] for row in done["purged"]] == [1]
    [(kept,)] = home.rows("actor_id", order="1 nulls last")[:1]
    kinds = home.rows("actor_kind, actor_id is null")
    assert kinds == [("forgotten", True), ("user", False)]
    assert home.held() == held
    log_text = audit_path(home.settings()).read_text()
    assert "asked for on 3 March" in log_text
    assert PERSON not in log_text.lower()
    assert kept


def test_a_person_is_forgotten_by_ids_that_are_theirs_alone(okta: PersonHome) -> None:
    ann = okta.rows("user_id, okta_user_id, session_id", order="source_line")[0]
    assert None not in ann
    done = okta.purge(Request(persons=("ann@example.com",), reason="asked for"))
    assert done["purged"]
    assert not set(ann) & okta.persons()
    assert bytes_with(okta.folder, set(ann)) == []
    assert broken_line(okta.settings()) is None


def test_a_damaged_file_is_named_and_nothing_is_forgotten(okta: PersonHome) -> None:
    [file] = files_of(okta.lake, okta.known)
    Path(file.path).write_bytes(b"PAR1 was here")
    with pytest.raises(SettingsError, match="`bursar doctor` says how to mend it"):
        okta.purge()
    assert not (okta.folder / JOURNAL).exists()
    checks = [one.check for one in examine(okta.settings()) if one.state != "ok"]
    assert "lake" in checks
    assert "retention" not in checks
