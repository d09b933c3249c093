"""The effects of cost_bridge_month are the whole change and prefer neither month."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_runs import compile_models

MODELS = (
    "int_bridge_lines", "int_bridge_usage", "int_bridge_leaves", "int_bridge_pairs",
    "int_bridge_scopes", "int_bridge_values", "cost_bridge_month",
)  # fmt: skip
MONTHS = (date(2026, 1, 1), date(2026, 2, 1))
NEGLIGIBLE = Decimal("0.000000001")
"""What rounding to twelve decimals may move from effect to effect; their sum it never touches."""
MIRRORED = {"new": "gone", "gone": "new", "opening": "closing", "closing": "opening"}
Effects = dict[str, Decimal]


@dataclass(frozen=True)
class Line:
    """A charge of a team: what was bought, in which of the two months, and for how much."""

    month: int
    quantity: int | None
    cost: Decimal
    team: str = "a"
    model: str = "m"
    token_class: str | None = "output"
    tier: str = "standard"
    context: int = 0
    category: str = "Usage"


@dataclass(frozen=True)
class Metered:
    """What a gateway saw of a team's output: how much of it was reasoning."""

    month: int
    reasoning: int
    output: int
    team: str = "a"
    model: str = "m"


@dataclass(frozen=True)
class Ledger:
    """A small ledger with its metering; `name` is its currency, so that many fit into one run."""

    name: str
    lines: tuple[Line, ...]
    metered: tuple[Metered, ...] = ()
    rates: tuple[Decimal | None, Decimal | None] = (Decimal(1), Decimal(1))

    def swapped(self) -> Ledger:
        """Return the same with the months exchanged."""
        return Ledger(
            "swapped",
            tuple(replace(line, month=1 - line.month) for line in self.lines),
            tuple(replace(row, month=1 - row.month) for row in self.metered),
            self.rates[::-1],
        )

    def repeated(self, name: str, *, costs: int = 1, quantities: int = 1) -> Ledger:
        """Return the first month's usage and the same again in the second, times so much."""
        first = [line for line in self.lines if line.month == 0 and line.category == "Usage"]
        again = [
            replace(
                line, month=1, cost=line.cost * costs, quantity=(line.quantity or 1) * quantities
            )
            for line in first
        ]
        known = [replace(line, quantity=line.quantity or 1) for line in first]
        return Ledger(name, (*known, *again))


def converted(cost: Decimal, rate: Decimal | None) -> Decimal | None:
    """Return an amount in the reporting currency, as the ledger rounds it; None without a rate."""
    if rate is None:
        return None
    with localcontext(prec=60):
        return (cost * rate).quantize(Decimal("1e-12"), ROUND_HALF_UP)


class Bridge:
    """The models' own SQL, compiled once, over ledgers that a test makes up."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.sql = compile_models(home, *MODELS)
        shutil.copy(home / "warehouse" / "build.duckdb", folder / "build.duckdb")
        self.connection = duckdb.connect(str(folder / "build.duckdb"))

    def effects(self, *ledgers: Ledger) -> dict[tuple[str, str], Effects]:
        """Return effect by name, by ledger and team (`all` is the scope)."""
        charges, metered = [], []
        for ledger in ledgers:
            for line in ledger.lines:
                charges.append(self._charge(ledger, line, len(charges)))
            metered += [
                (
                    MONTHS[row.month],
                    f"{ledger.name} {row.team}",
                    "P",
                    row.model,
                    row.reasoning,
                    row.output,
                )
                for row in ledger.metered
            ]
        # A line of nothing in both months: the ledger has them, whatever the others are.
        both = Ledger("months", (Line(0, None, Decimal(1)), Line(1, None, Decimal(1))))
        charges += [self._charge(both, line, -number) for number, line in enumerate(both.lines, 1)]
        rates = [
            (month, ledger.name, rate)
            for ledger in (*ledgers, both)
            for month, rate in zip(MONTHS, ledger.rates, strict=True)
            if rate is not None
        ]
        self._fill(charges, metered, rates)
        return self.read("effect_cost")

    def read(self, column: str) -> dict[tuple[str, str], Effects]:
        """Return an amount of what was told last."""
        rows = self.connection.execute(
            f"select billing_currency, bridge_scope, team_id, bridge_effect, {column} "
            "from marts.cost_bridge_month"
        ).fetchall()
        found: dict[tuple[str, str], Effects] = {}
        for name, scope, team, effect, cost in rows:
            key = (name, "all" if scope == "all" else team.removeprefix(f"{name} "))
            found.setdefault(key, {})[effect] = cost
        return found

    def _charge(self, ledger: Ledger, line: Line, number: int) -> tuple[Any, ...]:
        return (
            str(number), MONTHS[line.month], f"{ledger.name} {line.team}", "P", "x", line.model,
            line.token_class, line.tier, line.context, line.category, None, line.quantity,
            "Tokens" if line.quantity else None, ledger.name, line.cost,
            converted(line.cost, ledger.rates[line.month]),
        )  # fmt: skip

    def _fill(
        self,
        charges: list[tuple[Any, ...]],
        metered: list[tuple[Any, ...]],
        rates: list[tuple[Any, ...]],
    ) -> None:
        run = self.connection.execute
        run("delete from core.dim_fx_rates")
        self.connection.executemany(
            "insert into core.dim_fx_rates (rate_month, from_currency, to_currency, fx_rate, "
            "fx_rate_kind, is_carried, stated_month) "
            "values ($1, $2, 'USD', $3, 'stated', false, $1)",
            rates,
        )
        run(
            "create or replace table core.fct_allocated_charges (charge_id text, "
            "billing_month date, team_id text, service_provider_name text, "
            "billing_account_id text, ai_model_id text, token_class text, service_tier text, "
            "context_tier_start bigint, charge_category text, "
            "charge_class text, consumed_quantity decimal(38, 12), consumed_unit text, "
            "billing_currency text, billed_cost decimal(38, 12), "
            "reporting_billed_cost decimal(38, 12))"
        )
        self.connection.executemany(
            f"insert into core.fct_allocated_charges values ({', '.join('?' * 16)})", charges
        )
        run(
            "create or replace table core.fct_charges as "
            "select charge_id, context_tier_start from core.fct_allocated_charges"
        )
        run("delete from intermediate.int_metered_usage_by_team")
        if metered:
            self.connection.executemany(
                "insert into intermediate.int_metered_usage_by_team (usage_date, team_id, "
                "service_provider_name, ai_model_id, reasoning_tokens, output_tokens) "
                "values (?, ?, ?, ?, ?, ?)",
                metered,
            )
        for name, sql in self.sql.items():
            schema = "intermediate" if name.startswith("int_") else "marts"
            run(f"create or replace table {schema}.{name} as {sql}")


@pytest.fixture(scope="module")
def bridge(empty_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """Return the bridge over a copy of an empty build."""
    made = Bridge(empty_build, tmp_path_factory.mktemp("bridge"))
    yield made
    made.connection.close()


MONEY = st.decimals(min_value=0, max_value=100_000, places=12)
LINES = st.builds(
    Line,
    month=st.integers(0, 1),
    quantity=st.one_of(st.none(), st.integers(1, 10**12), st.integers(1, 1000)),
    cost=MONEY,
    team=st.sampled_from("ab"),
    model=st.sampled_from("mn"),
    token_class=st.sampled_from(["input_uncached", "cache_read", "output", "input_audio"]),
    tier=st.sampled_from(["standard", "batch"]),
    context=st.sampled_from([0, 200_000]),
    category=st.sampled_from(["Usage", "Usage", "Usage", "Usage", "Credit"]),
)
METERED = st.builds(
    Metered,
    month=st.integers(0, 1),
    reasoning=st.integers(0, 1000),
    output=st.integers(1, 1000),
    team=st.sampled_from("ab"),
    model=st.sampled_from("mn"),
)
RATES = st.decimals(min_value="0.000001", max_value=1000, places=18)
LEDGERS = st.builds(
    Ledger,
    st.just("given"),
    st.lists(LINES, min_size=1, max_size=25).map(tuple),
    st.lists(METERED, max_size=6).map(tuple),
    st.tuples(RATES, RATES),
)


def changes(effects: Effects) -> Effects:
    """Return the effects without the two months."""
    return {name: cost for name, cost in effects.items() if name not in ("opening", "closing")}


def rounded_with(costs: Effects) -> Decimal:
    """Return what rounding to the last digit may move between effects that were converted."""
    return Decimal("1e-12") * (len(costs) + 30)


def total(ledger: Ledger, month: int, team: str) -> Decimal:
    """Return the cost of a month, of a team or of all."""
    lines = [line for line in ledger.lines if line.month == month and team in ("all", line.team)]
    return sum((line.cost for line in lines), Decimal(0))


def only(effects: Effects, *names: str) -> bool:
    """Whether nothing but the named effects is more than what rounding moves."""
    return all(
        abs(cost) < NEGLIGIBLE for name, cost in changes(effects).items() if name not in names
    )


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(ledger=LEDGERS)
def test_effects_are_the_whole_change_and_prefer_neither_month(
    bridge: Bridge, ledger: Ledger
) -> None:
    dearer = ledger.repeated("dearer", costs=3)
    grown = ledger.repeated("grown", costs=3, quantities=3)
    ledgers = {each.name: each for each in (ledger, ledger.swapped(), dearer, grown)}
    found = bridge.effects(*ledgers.values())
    found_reporting = bridge.read("reporting_effect_cost")
    for (name, team), effects in found.items():
        if name == "months":
            continue
        assert effects["opening"] == total(ledgers[name], 0, team)
        assert effects["closing"] == total(ledgers[name], 1, team)
        assert effects["opening"] + sum(changes(effects).values()) == effects["closing"]
        told = found_reporting[name, team]
        assert told["opening"] + sum(changes(told).values()) == told["closing"]
        if name == "given":
            mirrored = found_reporting["swapped", team]
            for effect, cost in changes(told).items():
                other = mirrored[MIRRORED.get(effect, effect)]
                assert abs(cost + other) <= rounded_with(told)
            mirror = found["swapped", team]
            for effect, cost in changes(effects).items():
                assert mirror[MIRRORED.get(effect, effect)] == -cost
        if name == "dearer":
            assert only(effects, "price")
        if name == "grown":
            assert only(effects, "volume")


def line(month: int, quantity: int, price: str, **fields: Any) -> Line:
    """Return a line of so many tokens at a price for one."""
    return Line(month, quantity, quantity * Decimal(price), **fields)


INPUT, READ = {"token_class": "input_uncached"}, {"token_class": "cache_read"}
ALONE = {
    "model_mix": ({}, {"model": "n"}),
    "token_mix": (INPUT, {}),
    "cache": (INPUT, READ),
    "tier": ({}, {"tier": "batch"}),
    "context": ({}, {"context": 200_000}),
}


@pytest.mark.parametrize("effect", ALONE)
def test_a_shift_at_equal_prices_and_volume_is_that_effect_alone(
    bridge: Bridge, effect: str
) -> None:
    """Ten of a hundred tokens go to what costs two more."""
    cheap, dear = ALONE[effect]
    lines = (
        line(0, 60, "1", **cheap), line(0, 40, "3", **dear),
        line(1, 50, "1", **cheap), line(1, 50, "3", **dear),
    )  # fmt: skip
    found = bridge.effects(Ledger("shift", lines))["shift", "a"]
    assert only(found, effect)
    assert found[effect] == 20


def test_more_reasoning_at_equal_prices_and_volume_is_reasoning(bridge: Bridge) -> None:
    """Output grows by ten, all of it reasoning, and the input is ten less."""
    lines = (
        line(0, 60, "1", **INPUT), line(0, 40, "3"), line(1, 50, "1", **INPUT), line(1, 50, "3"),
    )  # fmt: skip
    metered = (Metered(0, 0, 40), Metered(1, 20, 80))
    found = bridge.effects(Ledger("thought", lines, metered))["thought", "a"]
    # The share of 0 becomes 10 of 100 tokens, each 3 instead of the visible tokens' mean unit cost.
    visible = (Decimal("0.6") + Decimal(50) / 90) / 2 * 1 + (
        Decimal("0.4") + Decimal(40) / 90
    ) / 2 * 3
    assert abs(found["reasoning"] - 10 * (3 - visible)) < NEGLIGIBLE
    assert only(found, "reasoning", "token_mix")


def test_what_cannot_be_told_apart_stands_by_itself(bridge: Bridge) -> None:
    lines = (
        Line(0, None, Decimal(5)), Line(1, 10, Decimal(8)),
        Line(0, 10, Decimal(2), model="old"), Line(1, 10, Decimal(3), model="young"),
        Line(1, None, Decimal(-4), category="Credit"),
    )  # fmt: skip
    found = changes(bridge.effects(Ledger("apart", lines))["apart", "a"])
    expected = {"unmeasured": 3, "gone": -2, "new": 3, "one_off": -4}
    assert {name: cost for name, cost in found.items() if cost} == expected


def test_a_move_between_teams_is_no_change_of_all(bridge: Bridge) -> None:
    lines = (
        line(0, 10, "1"),
        line(0, 30, "1", team="b"),
        line(1, 30, "1"),
        line(1, 10, "1", team="b"),
    )
    found = bridge.effects(Ledger("moved", lines))
    assert found["moved", "a"]["volume"] == 20
    assert found["moved", "b"]["volume"] == -20
    assert only(found["moved", "all"])


def test_a_change_of_rates_alone_is_fx_in_the_reporting_currency(bridge: Bridge) -> None:
    lines = (line(0, 10, "1"), line(1, 10, "1"), line(1, 5, "1", model="young"))
    rates = (Decimal("1.1"), Decimal("1.2"))
    assert only(bridge.effects(Ledger("EUR", lines, rates=rates))["EUR", "a"], "new")
    told = changes(bridge.read("reporting_effect_cost")["EUR", "a"])
    assert {name: cost for name, cost in told.items() if cost} == {"fx": 1, "new": 6}


def test_a_currency_that_comes_or_goes_is_at_its_own_months_rate(bridge: Bridge) -> None:
    """Nobody knows the other month's rate, and none is needed, for a credit or a new purchase."""
    came = (line(1, 10, "1"), Line(1, None, Decimal(-4), category="Credit"))
    left = tuple(replace(each, month=0) for each in came)
    bridge.effects(
        Ledger("EUR", came, rates=(None, Decimal("1.1"))),
        Ledger("GBP", left, rates=(Decimal("1.3"), None)),
        Ledger("CHF", came, rates=(Decimal(9), Decimal("1.2"))),
        Ledger("JPY", (*came, *left), rates=(None, Decimal(2))),
    )
    found = bridge.read("reporting_effect_cost")
    told = {name: changes(found[name, "a"]) for name in ("EUR", "GBP", "CHF")}
    assert {name: cost for name, cost in told["EUR"].items() if cost} == {
        "new": 11, "one_off": Decimal("-4.4"),
    }  # fmt: skip
    assert {name: cost for name, cost in told["GBP"].items() if cost} == {
        "gone": -13, "one_off": Decimal("5.2"),
    }  # fmt: skip
    assert {name: cost for name, cost in told["CHF"].items() if cost} == {
        "new": 12, "one_off": Decimal("-4.8"),
    }  # fmt: skip
    assert found["EUR", "a"]["opening"] == found["GBP", "a"]["closing"] == 0
    assert set(changes(found["JPY", "a"]).values()) == {None}
