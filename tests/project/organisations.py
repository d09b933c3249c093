"""Organisations that hypothesis draws: bills, registers, rates, usage; what changes later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.project.ledger_chain import Row, Tables, minor_units

MONTHS = tuple(date(2026, month, 1) for month in (1, 2, 3))
TEAMS = tuple("abcdefg")
CURRENCIES = ("USD", "USD", "EUR", "JPY", "KWD", "CLF", "XTS")
"""With 2, 0, 3 and 4 minor digits, and one that the list of minor units does not know."""
PROVIDERS, ACCOUNTS = ("P", "Q"), ("x", "y")
CREDENTIALS, SUB_ACCOUNTS, USERS = ("k", "l"), ("s", "t"), ("u",)
TAGS = ('{"team": "red"}', '{"a b": "1", "team": "blue"}', "{}", "no json")
CATEGORIES = ("Usage", "Usage", "Usage", "Purchase", "Tax", "Credit", "Adjustment")
CLASSES = ("input_uncached", "output", "reasoning", "cache_read")
METHODS = ("proportional", "even", "fixed", "tiered")


def units(number: int) -> Decimal:
    """Return so many millionth millionths, exactly."""
    return Decimal(f"{number}e-12")


def maybe(values: Any) -> st.SearchStrategy[Any]:
    """Draw a value, or that it is not known."""
    return st.none() | (st.sampled_from(values) if isinstance(values, tuple) else values)


def same(key: Row) -> str:
    """Return what two equal keys have in common: hypothesis orders their fields as it likes."""
    return repr(sorted(key.items()))


NASTY = tuple(
    Decimal(text)
    for text in (
        "0", "0.01", "-0.01", "0.005", "-0.005", "0.5", "-2.5", "7", "100", "1e-12", "-1e-12",
        "0.333333333333", "1e13", "-1e13", "9999999999999.999999999999", "1e15",
    )
)  # fmt: skip
AMOUNTS = (
    st.sampled_from(NASTY)
    | st.integers(0, 10**5).map(lambda cents: Decimal(cents) / 100)
    | st.integers(-(10**18), 10**18).map(units)
    | st.integers(-(10**25), 10**25).map(units)
)
COUNTS = st.sampled_from((0, 1, 2, 3, 7, 10**6, 10**12)) | st.integers(0, 1000)
QUANTITIES = COUNTS.map(Decimal) | st.integers(-(10**15), 10**15).map(units)
SHARES = st.sampled_from([Decimal(text) for text in ("0", "0.1", "0.333333", "0.5", "1")])
DAYS = st.sampled_from((1, 2, 28))
DATES = st.builds(lambda month, day: month.replace(day=day), st.sampled_from(MONTHS), DAYS)
RATES = st.integers(10**6, 10**18).map(units) | st.sampled_from(
    [Decimal(text) for text in ("0.000001", "1", "0.0067", "1.1", "1000000")]
)


@dataclass(frozen=True)
class World:
    """What bills, registers and reports say at one time."""

    charges: tuple[Row, ...]
    registers: dict[str, list[Row]]
    reports: dict[str, list[Row]]

    def tables(self) -> Tables:
        """Return the rows of the inputs."""
        return {
            **self.registers,
            **self.reports,
            "int_billed_charges": list(self.charges),
            "int_currency_minor_units": list(minor_units()),
            "dim_dates": [
                {"calendar_date": month, "calendar_month": month}
                for month in sorted({charge["billing_month"] for charge in self.charges})
            ],
        }


@dataclass(frozen=True)
class Organisation:
    """A world, and what it is after some months were closed, more than once."""

    first: World
    later: tuple[tuple[frozenset[date], World], ...]
    """Months that are closed, and what is said after that."""


def _charge(drawn: Row) -> Row:
    """Complete a drawn charge: dates, units and what costs say unless something else is drawn."""
    month = drawn["billing_month"]
    day = drawn.pop("day")
    effective, unit = drawn.pop("other_effective"), drawn["consumed_unit"]
    if drawn["token_class"] is not None:
        drawn |= {"model_name": drawn["model_name"] or "m", "consumed_unit": unit and "Tokens"}
    model = drawn["model_name"]
    return drawn | {
        "charge_date": month.replace(day=day) if day else month.replace(month=12, year=2025),
        "effective_cost": drawn["billed_cost"] if effective is None else effective,
        "consumed_quantity": None if unit is None else drawn["consumed_quantity"],
        "ai_model_id": model or "none",
        "source_name": "focus",
    }


CHARGES = st.fixed_dictionaries(
    {
        "service_provider_name": st.sampled_from(PROVIDERS),
        "billing_account_id": st.sampled_from(ACCOUNTS),
        "sub_account_id": maybe(SUB_ACCOUNTS),
        "invoice_id": maybe(("1", "2")),
        "billing_month": st.sampled_from(MONTHS),
        "day": st.sampled_from((1, 1, 2, 28, 0)),
        "charge_category": st.sampled_from(CATEGORIES),
        "charge_class": st.sampled_from((None, None, None, "Correction")),
        "service_name": maybe(("API",)),
        "credential_id": maybe(CREDENTIALS),
        "model_name": maybe(("m", "n")),
        "token_class": maybe(CLASSES),
        "service_tier": maybe(("standard", "batch")),
        "context_tier_start": st.sampled_from((None, None, 0)),
        "consumed_quantity": QUANTITIES,
        "consumed_unit": maybe(("Tokens", "Requests")),
        "billing_currency": st.sampled_from(CURRENCIES),
        "billed_cost": AMOUNTS,
        "other_effective": maybe(AMOUNTS),
        "list_cost": maybe(AMOUNTS),
        "contracted_cost": maybe(AMOUNTS),
        "tags": maybe(TAGS),
    }
).map(_charge)


@st.composite
def periods(draw: st.DrawFn, key: Row, values: st.SearchStrategy[Row]) -> list[Row]:
    """Draw what holds of a key, at times something else, or nothing, from some day on."""
    cut = draw(st.none() | DATES)
    rows = [key | draw(values) | {"valid_from": None, "valid_to": cut}]
    if cut and draw(st.booleans()):
        rows.append(key | draw(values) | {"valid_from": cut, "valid_to": None})
    return rows


def keyed(keys: st.SearchStrategy[Row], values: st.SearchStrategy[Row], most: int) -> Any:
    """Draw the lines of a register whose periods of one key must not overlap."""
    distinct = st.lists(keys, max_size=most, unique_by=same)
    found = distinct.flatmap(lambda each: st.tuples(*(periods(key, values) for key in each)))
    return found.map(
        lambda lists: [
            row | {"source_line": line}
            for line, row in enumerate((row for rows in lists for row in rows), 2)
        ]
    )


def fields(**values: Any) -> st.SearchStrategy[Row]:
    """Draw a row."""
    return st.fixed_dictionaries(values)


TEAM = st.sampled_from(TEAMS)
TEAM_LINES = keyed(
    fields(team_id=st.sampled_from((*TEAMS, "unallocated"))),
    fields(
        team_name=maybe(("Name",)), cost_center_id=maybe(("1", "2")), parent_team_id=maybe(("z",))
    ),
    4,
)
OWNER_KEYS = st.sampled_from(
    [("credential", key) for key in CREDENTIALS]
    + [("sub_account", key) for key in SUB_ACCOUNTS]
    + [("user", key) for key in USERS]
    + [("service_provider", key) for key in PROVIDERS]
    + [("tag", key) for key in ("team=red", "team=blue", "a b=1")]
)
OWNERS = keyed(
    st.builds(
        lambda key, provider: {
            "owner_kind": key[0], "owner_key": key[1], "service_provider_name": provider,
        },
        OWNER_KEYS,
        maybe(PROVIDERS),
    ),
    fields(team_id=TEAM),
    4,
)  # fmt: skip
CREDENTIAL_LINES = keyed(
    fields(service_provider_name=st.sampled_from(PROVIDERS), credential_id=st.just("k")),
    fields(route=st.sampled_from(("gateway", "direct"))),
    1,
)


@st.composite
def rules(draw: st.DrawFn) -> list[Row]:
    """Draw lines of shared_costs.csv: some reaches, of each a method with its lines."""
    found: list[Row] = []
    reaches = fields(
        service_provider_name=maybe(("P",)),
        charge_category=maybe(("Tax", "Credit", "Usage", "Purchase")),
        sub_account_id=st.sampled_from((None, None, "s")),
    )
    for reach in draw(st.lists(reaches, max_size=3, unique_by=same)):
        teams = draw(st.lists(maybe(TEAMS), min_size=1, max_size=7, unique=True))
        # One method, or one more that a line of the register overlaps it with.
        methods = draw(st.lists(st.sampled_from(METHODS), min_size=1, max_size=2))
        for team in teams:
            found += [reach | {"team_id": team} | line for line in draw(lines_of(team, methods))]
    cut = draw(st.none() | DATES)
    return [row | {"valid_to": cut, "source_line": line} for line, row in enumerate(found, 2)]


@st.composite
def lines_of(draw: st.DrawFn, team: str | None, methods: list[str]) -> list[Row]:
    """Draw the lines of one team, or of all, in one reach."""
    method = draw(st.sampled_from(methods))
    if method == "even" or (method == "fixed" and team is None):
        return [{"method": "even"}]
    if method == "fixed":
        return [{"method": method, "share": draw(SHARES)}]
    driver = draw(st.sampled_from(("cost", "tokens", "requests")))
    if method == "proportional":
        return [{"method": method, "allocation_driver": driver}]
    starts = draw(st.sets(st.sampled_from((0, 1, 1000, 10**9)), min_size=1))
    return [
        {
            "method": method, "allocation_driver": driver, "tier_start": Decimal(start),
            "tier_weight": draw(SHARES),
        }
        for start in sorted(starts)
    ]  # fmt: skip


FEES = keyed(
    fields(fee_name=st.sampled_from(("platform", "support")), team_id=maybe(("a", "b"))),
    st.one_of(
        fields(fee_percent=st.sampled_from([Decimal(x) for x in ("0", "2.5", "0.000001", "100")])),
        fields(
            monthly_amount=st.sampled_from([Decimal(x) for x in ("0", "0.001", "99.995", "1e15")]),
            currency=st.sampled_from(CURRENCIES),
        ),
    ).map(lambda row: row | {"recovery_account": "4711"}),
    3,
)
COMMITMENTS = keyed(
    fields(
        service_provider_name=st.sampled_from(PROVIDERS),
        billing_account_id=st.just("x"),
        commitment_id=st.sampled_from(("c", "d")),
    ),
    fields(
        commitment_kind=st.sampled_from(("prepaid_credit", "committed_spend")),
        ai_model_id=st.sampled_from((None, None, "m")),
        service_tier=st.sampled_from((None, None, "batch")),
        committed_quantity=st.sampled_from([Decimal(x) for x in ("0.3", "70", "1e6", "1e15")]),
        committed_unit=st.sampled_from(("money", "money", "Tokens", "PTU")),
        monthly_cost=st.sampled_from([Decimal(x) for x in ("0.01", "7", "1e6", "9e14")]),
        currency=st.just("USD"),
        purchased_as=st.sampled_from((None, "API", "API", "1")),
        owner_team_id=TEAM,
    )
    .map(
        lambda row: (
            row
            | {
                "committed_unit": row["currency"]
                if row["committed_unit"] == "money"
                else row["committed_unit"],
            }
        )
    )
    # What loading refuses.
    .filter(
        lambda row: (
            row["commitment_kind"] != "prepaid_credit"
            or row["monthly_cost"] <= 9 * row["committed_quantity"]
        )
    ),
    3,
).map(lambda rows: [row | {"valid_from": row["valid_from"] or MONTHS[0]} for row in rows])
FX_LINES = st.lists(
    fields(
        rate_month=st.sampled_from(MONTHS),
        from_currency=st.sampled_from(CURRENCIES),
        to_currency=st.sampled_from(("USD", "USD", "EUR")),
        rate=RATES,
    ).filter(lambda row: row["from_currency"] != row["to_currency"]),
    max_size=5,
).map(lambda rows: [row | {"source_line": line} for line, row in enumerate(rows, 2)])
REGISTERS = fields(
    stg_org__teams=TEAM_LINES,
    stg_org__owners=OWNERS,
    stg_org__credentials=CREDENTIAL_LINES,
    stg_org__shared_costs=rules(),
    stg_org__chargeback_fees=FEES,
    stg_org__fx_rates=FX_LINES,
    stg_org__commitments=COMMITMENTS,
)

USED = {
    "service_provider_name": st.sampled_from(PROVIDERS),
    "usage_date": DATES,
    "ai_model_id": st.sampled_from(("m", "m", "n")),
    "service_tier": st.sampled_from(("standard", "batch")),
    "context_tier_start": st.just(0),
    "estimated_list_cost": maybe(st.integers(0, 10**15).map(units)),
    "estimated_cost_currency": st.just("USD"),
}
PROVIDER_USAGE = fields(
    **USED,
    billing_account_id=st.sampled_from(ACCOUNTS),
    sub_account_id=maybe(SUB_ACCOUNTS),
    credential_id=maybe(CREDENTIALS),
    user_id=maybe(USERS),
    token_class=st.sampled_from(CLASSES),
    consumed_unit=st.sampled_from(("Tokens", "Tokens", "Requests")),
    consumed_quantity=COUNTS.map(Decimal),
)
METERED = fields(
    **USED,
    team_id=st.sampled_from((*TEAMS, "unallocated")),
    observer_kind=st.sampled_from(("gateway", "gateway", "provider")),
    input_uncached_tokens=COUNTS,
    output_tokens=COUNTS,
    request_count=st.integers(1, 9),
    failed_request_count=st.integers(0, 1),
)
UNREPORTED = fields(
    **{name: drawn for name, drawn in USED.items() if name != "estimated_list_cost"},
    team_id=st.sampled_from((*TEAMS, "unallocated")),
    billing_account_id=maybe(ACCOUNTS),
    is_of_requests=st.booleans(),
    output_tokens=COUNTS,
    request_count=st.integers(0, 9),
)
TOKEN_COLUMNS = (
    "input_uncached", "cache_read", "cache_read_audio", "cache_read_image", "cache_write_5m",
    "cache_write_1h", "input_audio", "input_image", "input_video", "output", "reasoning",
    "output_audio", "output_image", "output_video",
)  # fmt: skip
NO_TOKENS = {f"{name}_tokens": 0 for name in TOKEN_COLUMNS}


def reported(rows: st.SearchStrategy[Row], most: int, zeros: Row) -> Any:
    """Draw the rows of a report; what a row does not draw of its counts is zero."""
    return st.lists(rows, max_size=most).map(lambda drawn: [zeros | row for row in drawn])


REPORTS = fields(
    fct_provider_usage=reported(PROVIDER_USAGE, 5, {"source_name": "focus"}),
    int_metered_usage_by_team=reported(METERED, 4, NO_TOKENS),
    int_metered_usage_unreported=reported(UNREPORTED, 2, NO_TOKENS),
)


def named(charges: list[Row], prefix: str) -> tuple[Row, ...]:
    """Give each charge an id."""
    return tuple(row | {"charge_id": f"{prefix}{number}"} for number, row in enumerate(charges))


WORLDS = st.builds(
    World, st.lists(CHARGES, min_size=1, max_size=10).map(lambda c: named(c, "c")), REGISTERS,
    REPORTS,
)  # fmt: skip


@st.composite
def changed(draw: st.DrawFn, world: World, prefix: str) -> World:
    """Draw what a world is later: lines restated, withdrawn, sent again, late; owners changed."""
    charges = []
    for charge in world.charges:
        what = draw(st.sampled_from(("kept", "kept", "restated", "withdrawn", "sent again")))
        if what == "withdrawn":
            continue
        if what == "restated":
            charge = charge | {"billed_cost": draw(AMOUNTS), "effective_cost": draw(AMOUNTS)}
        if what == "sent again":
            charge = charge | {"charge_id": prefix + charge["charge_id"], "ai_model_id": "other"}
        charges.append(charge)
    late = named(draw(st.lists(CHARGES, max_size=3)), f"{prefix}late")
    registers = draw(st.one_of(st.just(world.registers), REGISTERS))
    return replace(world, charges=(*charges, *late), registers=registers)


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    """Draw a world, and up to two closes with what is said after each."""
    first = draw(WORLDS)
    later: list[tuple[frozenset[date], World]] = []
    closed: set[date] = set()
    world = first
    for number in range(draw(st.sampled_from((0, 1, 1, 2)))):
        months = draw(st.frozensets(st.sampled_from(MONTHS), min_size=1)) - closed
        closed |= months
        world = draw(changed(world, f"{number}"))
        later.append((months, world))
    return Organisation(first, tuple(later))
