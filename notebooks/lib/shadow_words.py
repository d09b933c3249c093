"""What the marts' words on shadow AI are called on the page."""

from typing import Any

from notebooks.lib import formats
from notebooks.lib.shadow_queries import ALL_STATES, TO_DECIDE

KINDS = {
    "bypassed_gateway": "Bypassed the gateway",
    "unregistered_key": "Key in no register",
    "retired_key": "Retired key still used",
    "shared_key": "Key used from two systems",
    "tool_without_seat": "Tool without a seat",
    "personal_account": "Personal account",
    "unapproved_service": "Service nobody approved",
    "unapproved_plan": "Plan nobody approved",
}
STATES = {
    "open": "Open",
    "reopened": "Reopened",
    "under_review": "Under review",
    "blocked": "Blocked",
    "tolerated": "Tolerated",
    "sanctioned": "Sanctioned",
}
# Of the inventory alone: among findings it is a kind.
INVENTORY_STATES = {"unapproved_plan": "Plan nobody approved"}
FAMILIES = {
    "provider": "bills and keys",
    "network": "network",
    "identity": "sign-ins and grants",
    "card": "cards and expenses",
    "tool": "developer tools",
}
ROUTES = {
    "gateway": "Gateway",
    "provider_key": "Provider's key",
    "seat": "Seat",
    "card": "Card",
    "network": "Network",
    "identity": "Sign-in or grant",
    "tool": "Developer tool",
}
SPENDS = {"billed": "Billed", "card": "Paid by card", "estimated": "Estimated"}
OWNERS = {
    "credential": "owner of the key",
    "sub_account": "owner of the project",
    "user": "team of the person",
    "department": "team of the department",
    "network": "team of the network",
    "tag": "owner of the tag",
    "gateway_team": "owner of the gateway's team",
    "service_provider": "owner of the provider",
}
ROUTE_OPTIONS = {"All routes": ""} | {name: route for route, name in ROUTES.items()}
KIND_OPTIONS = {"All kinds": ""} | {name: kind for kind, name in KINDS.items()}
STATE_OPTIONS = {"To decide or stop": TO_DECIDE, "All states": ALL_STATES} | {
    name: state for state, name in STATES.items()
}
RISK_OPTIONS = {"Any": ""} | {share: share for share in ("0.1", "0.25", "0.5", "0.75")}
FAMILY_OPTIONS = {"Any": ""} | {str(number): str(number) for number in range(2, len(FAMILIES) + 1)}
FEW = "too few to tell"
SUPPRESSED = "suppressed"
FEW_TEAMS = "Teams of few persons"


def plain(word: str | None) -> str:
    """Return a word of the marts without its underscores."""
    return formats.UNKNOWN if word is None else word.replace("_", " ")


def kind(word: str) -> str:
    """Return what a kind of finding is called."""
    return KINDS.get(word, plain(word))


def state(word: str | None) -> str:
    """Return what a state is called."""
    return (STATES | INVENTORY_STATES).get(word or "", plain(word))


def families(words: str | None) -> str:
    """Return the agreeing families by name."""
    return ", ".join(FAMILIES.get(word, plain(word)) for word in (words or "").split())


def owner(row: dict[str, Any]) -> str:
    """Return by which rule a finding has its team."""
    basis = row["owner_basis"]
    if basis is None:
        return "no rule found anybody"
    return "by several rules" if basis == "several" else f"by the {OWNERS.get(basis, plain(basis))}"


def persons(row: dict[str, Any]) -> str:
    """Return how many persons signals name, and how many devices and addresses beside them."""
    if row["is_small_group"]:
        return FEW
    told = [
        f"{formats.count(row[column])}{what}"
        for column, what in (("person_count", ""), ("address_count", " by device or address"))
        if row[column] is not None
    ]
    return ", ".join(told) or "none named"


def team(row: dict[str, Any]) -> str:
    """Return a team's name; what few persons spent has none."""
    return FEW_TEAMS if row["team_id"] == SUPPRESSED else row["team_name"] or row["team_id"]


def size(count: int | None) -> str:
    """Return a number of bytes in the largest unit that leaves a whole part."""
    if count is None:
        return formats.UNKNOWN
    for number, unit in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= number:
            return f"{count / number:,.1f} {unit}"
    return f"{count} bytes"


def finding_name(row: dict[str, Any]) -> str:
    """Return a finding's name: service, team, kind."""
    team = row["team_name"] or row["team_id"]
    return f"{row['ai_service_name']} · {team} · {kind(row['finding_kind'])}"
