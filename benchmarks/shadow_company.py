"""A company made up at random: who uses which AI unasked, among ten times as much that is not AI.

`make_company` plans what is true; `benchmarks/shadow_files.py` writes it as logs, statements,
bills and registers.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.shadow_hosts import Hosts
from benchmarks.shadow_names import APPLICATIONS, MERCHANTS, look_alike_merchant, look_alike_name
from benchmarks.shadow_names import statement_text as noisy
from benchmarks.shadow_shapes import (
    ALWAYS,
    NOBODY,
    Charge,
    Company,
    Decision,
    Seen,
    ToolUse,
)

DAYS, LOOK_ALIKES = 8, 10
TEAMS, PERSONS_A_TEAM = 6, 7
OWN_TOOLS = "3b0f5a72-own"
NEWEST = "gpt-4o-2024-08-06"
# Provider, its service, models that its gateway meters, and one that nobody does.
PROVIDERS = (
    ("OpenAI", "openai_api", ("gpt-4o-mini-2024-07-18", NEWEST), "o3-mini-2025-01-31"),
    ("Anthropic", "anthropic_api", ("claude-sonnet-4-20250514",), "claude-3-5-haiku-20241022"),
)


def make_company(seed: int) -> Company:
    """Return a company of a seed."""
    rng = random.Random(f"shadow {seed}")
    first = date(2026, rng.randrange(1, 10), rng.randrange(1, 20))
    company = Company(seed, [first + timedelta(days=day) for day in range(DAYS)])
    _people(company, rng)
    hosts = Hosts(rng)
    for plant in (_traffic, _consents):
        plant(company, rng, hosts)
    _cards(company, rng)
    _plans(company, rng, hosts)
    _decide(company, rng)
    _bills(company, rng)
    _tools(company, rng)
    rng.shuffle(company.seen)
    return company


def _people(company: Company, rng: random.Random) -> None:
    company.teams = [f"team-{number}" for number in range(TEAMS)]
    for number in range(TEAMS * PERSONS_A_TEAM):
        person = f"p{number}.s{company.seed}@example.com"
        company.persons.append(person)
        team, chance = company.teams[number % TEAMS], rng.random()
        if chance < 0.1:
            continue
        if chance < 0.2:
            day, other = rng.choice(company.days[1:]), rng.choice(company.teams)
            company.owners.append(("user", "", person, team, None, day))
            company.owners.append(("user", "", person, other, day, None))
        else:
            company.owners.append(("user", "", person, team, None, None))


def _traffic(company: Company, rng: random.Random, hosts: Hosts) -> None:
    services = rng.sample(hosts.services, 12)
    planted = []
    for service in services:
        source, kind = rng.choice(
            (("squid", "http"), ("squid", "http"), ("zeek", "dns"), ("zeek", "tls"))
        )
        is_use = source != "squid" or rng.random() < 0.85
        for _ in range(rng.randrange(1, 5)):
            who = rng.choice(company.persons)
            if source == "zeek" or rng.random() < 0.1:
                who = f"10.{company.seed % 250}.0.{rng.randrange(2, 250)}"
            planted += [
                Seen(source, kind, rng.choice(company.days), who, hosts.of(service), service,
                     is_use)
                for _ in range(rng.randrange(1, 6))
            ]  # fmt: skip
    company.seen += planted
    for number in range(LOOK_ALIKES * len(planted)):
        like = planted[number % len(planted)]
        who = rng.choice(company.persons) if "@" in like.person else like.person
        company.seen.append(
            Seen(like.source, like.kind, rng.choice(company.days), who, hosts.look_alike())
        )


def _consents(company: Company, rng: random.Random, hosts: Hosts) -> None:
    planted = []
    for service in rng.sample(sorted(APPLICATIONS), 10):
        source, kind = (
            rng.choice(("okta", "google_workspace", "entra")),
            rng.choice(("grant", "sign_in")),
        )
        planted += [
            Seen(source, kind, rng.choice(company.days), who, rng.choice(APPLICATIONS[service]),
                 service)
            for who in rng.sample(company.persons, rng.randrange(1, 4))
        ]  # fmt: skip
    company.seen += planted
    for number in range(LOOK_ALIKES * len(planted)):
        like, name = planted[number % len(planted)], look_alike_name(rng)
        day, who = rng.choice(company.days), rng.choice(company.persons)
        company.seen.append(Seen(like.source, like.kind, day, who, name))


def _cards(company: Company, rng: random.Random) -> None:
    planted = []
    for service in rng.sample(sorted(MERCHANTS), 12):
        for who in rng.sample(company.persons, rng.randrange(1, 3)):
            one = Seen(
                "card_transactions", "charge", rng.choice(company.days), who,
                noisy(rng.choice(MERCHANTS[service]), rng), service,
                amount=Decimal(rng.randrange(500, 20_000)) / 100,
                currency=rng.choice(("USD", "USD", "EUR")),
                category=rng.choice(("5734", "7372", "5817", "5818", "4816", "")),
                status=rng.choice(("posted",) * 8 + ("pending", "reversed")),
                is_reported=rng.random() < 0.2,
            )  # fmt: skip
            planted.append(one if one.status == "posted" else replace(one, is_reported=False))
            if one.status == "posted" and rng.random() < 0.1:
                later = min(one.day + timedelta(days=1), company.days[-1])
                back = replace(one, day=later, amount=-one.amount, is_use=False, is_reported=False)
                planted.append(back)
    company.seen += planted
    for number in range(LOOK_ALIKES * len(planted)):
        like = planted[number % len(planted)]
        company.seen.append(
            Seen(
                like.source, like.kind, rng.choice(company.days), rng.choice(company.persons),
                look_alike_merchant(rng), amount=like.amount, currency=like.currency,
                category=rng.choice(("5812", "5651", "7991", "8021", "5999", "5734", "7372", "")),
            )
        )  # fmt: skip


def _plans(company: Company, rng: random.Random, hosts: Hosts) -> None:
    """Let a team have ChatGPT on a plan, and use it with and without."""
    team = rng.choice(company.teams)
    start = company.days[0] - timedelta(days=40)
    company.decisions.append(Decision("chatgpt", team, "sanctioned", start, plan="enterprise"))
    ours = [who for who in company.persons if company.team_of(who, company.days[0]) == team]
    company.seats = {who: "Enterprise" for who in ours[: len(ours) // 2]}
    company.seen += [
        Seen("squid", "http", rng.choice(company.days), who, hosts.of("chatgpt"), "chatgpt")
        for who in ours
    ]


def _decide(company: Company, rng: random.Random) -> None:
    """Decide about two thirds of what is used: by team, and two services for everybody."""
    before, first = company.days[0] - timedelta(days=60), company.days[0]
    used: dict[tuple[str, str], date] = {}
    for one in company.seen:
        if one.service and one.service != "chatgpt" and one.is_use:
            place = (one.service, company.team_of(one.person, one.day))
            used[place] = max(used.get(place, one.day), one.day)
    services = sorted({service for service, _ in used})
    company.decisions += [
        Decision(service, "", rng.choice(("sanctioned", "blocked")), before)
        for service in rng.sample(services, min(2, len(services)))
    ]
    for (service, team), last in sorted(used.items()):
        what = rng.choice(
            ("", "", "sanctioned", "tolerated", "reopened", "blocked", "under_review")
        )
        if team == NOBODY or not what:
            continue
        ends = {"tolerated": last + timedelta(days=rng.randrange(1, 30)),
                "reopened": last - timedelta(days=rng.randrange(0, 20))}  # fmt: skip
        kind = "tolerated" if what == "reopened" else what
        decided = first - timedelta(days=rng.randrange(31, 60))
        company.decisions.append(
            Decision(service, team, kind, before, ends.get(what, ALWAYS), decided=decided)
        )


def _tools(company: Company, rng: random.Random) -> None:
    """Let half of the company have seats; a few others have none, or a private account too."""
    # The first of all calls by the gateway's keys, and so needs no seat.
    others = rng.sample(company.persons[1:], len(company.persons) - 1)
    company.tool_seats = others[: len(others) // 2]
    without = others[len(others) // 2 :][: rng.randrange(1, 4)]
    private = rng.sample(company.tool_seats, 2)
    strange = {
        (who, day): f"private-{who}" for who in private for day in rng.sample(company.days, 2)
    }
    company.tools = [
        ToolUse(who, day, OWN_TOOLS)
        for who in company.tool_seats
        for day in company.days
        if (who, day) not in strange
    ]
    company.tools += [
        ToolUse(who, day, account, "personal_account") for (who, day), account in strange.items()
    ]
    company.tools += [
        ToolUse(who, day, OWN_TOOLS, "tool_without_seat")
        for who in without
        for day in rng.sample(company.days, rng.randrange(1, 4))
    ]


def _bills(company: Company, rng: random.Random) -> None:
    for provider, service, metered, other in PROVIDERS:
        own = f"{provider.lower()}-own"
        project, team = f"{own}-project", rng.choice(company.teams)
        company.owners.append(("sub_account", provider, project, team, None, None))
        middle = rng.choice(company.days[2:-1])
        for number in range(LOOK_ALIKES):
            key = f"key_{provider.lower()}_gateway{number}"
            company.keys.append((provider, key, "gateway", None, None))
            _charges(company, rng, (provider, own, project, key, metered), NOBODY)
        direct, ended, unknown = (f"key_{provider.lower()}_{n}" for n in ("direct", "old", "new"))
        mine, next_team = rng.sample(company.teams, 2)
        company.keys += [(provider, direct, "direct", None, None),
                         (provider, ended, "gateway", None, middle)]  # fmt: skip
        company.owners += [("credential", provider, direct, mine, None, middle),
                           ("credential", provider, direct, next_team, middle, None)]  # fmt: skip
        for day in company.days:
            whose, is_over = (mine, False) if day < middle else (next_team, True)
            place = (provider, own, project)
            bypass = ("bypassed_gateway",)
            _charge(company, rng, (*place, direct, metered[0]), day, whose, bypass)
            _charge(company, rng, (*place, unknown, other), day, team,
                    (*bypass, "unregistered_key"))  # fmt: skip
            _charge(company, rng, (*place, ended, metered[0]), day, team if is_over else NOBODY,
                    (*bypass, "retired_key") if is_over else ())  # fmt: skip
        # An account of which no gateway is known: a model that some gateway meters is no bypass.
        account, key = f"{provider.lower()}-second", f"key_{provider.lower()}_second"
        company.keys.append((provider, key, "direct", None, None))
        company.owners.append(("credential", provider, key, mine, None, None))
        for day in company.days:
            second = (provider, account, f"{account}-project", key)
            _charge(company, rng, (*second, metered[0]), day, mine)
            _charge(company, rng, (*second, other), day, mine, ("bypassed_gateway",))
        if rng.random() < 0.5:
            last = company.days[-1]
            company.decisions.append(
                Decision(service, mine, "tolerated", company.days[0] - timedelta(days=30),
                         last + timedelta(days=rng.choice((-20, 0, 9))),
                         finding_kind="bypassed_gateway")
            )  # fmt: skip


def _charges(
    company: Company, rng: random.Random, told: tuple[str, str, str, str, tuple[str, ...]],
    team: str,
) -> None:  # fmt: skip
    *place, models = told
    for day in company.days:
        _charge(company, rng, (*place, rng.choice(models)), day, team)


def _charge(
    company: Company, rng: random.Random, told: tuple[str, ...], day: date, team: str,
    findings: tuple[str, ...] = (),
) -> None:  # fmt: skip
    amount = Decimal(rng.randrange(1, 50_000_000)) / 1_000_000
    company.charges.append(Charge(*told, day, amount, team, findings))
