"""AI systems of the demo company: what each is made of, and what it costs."""

from __future__ import annotations

import duckdb

from pipelines.demo.company import ANTHROPIC, MICROSOFT, MOVED_PROVIDER_KEY, OPENAI, VIRTUAL_KEYS
from pipelines.demo.truths import Row, rows_of
from pipelines.demo.window import Window

LITELLM = "LiteLLM"
ASSISTANT, SEARCH, EVALUATION, READER = (
    ("support-assistant", "Support assistant", "support"),
    ("site-search", "Site search", "search"),
    ("model-evaluation", "Model evaluation", "research"),
    ("expense-reader", "Expense reader", "finance"),
)
_ALIAS = "support-bot"
_EVALUATION_KEY = MOVED_PROVIDER_KEY[0]
# Of the first a bill tells only a part: the rest goes through a key of the gateway.
_WHICH = {
    ASSISTANT: f"alias = '{_ALIAS}' or credential = 'apikey_support_agent'",
    SEARCH: "sub_account = 'proj_search'",
    EVALUATION: f"credential = '{_EVALUATION_KEY}'",
    READER: f"provider = '{MICROSOFT}' and tag = 'finance'",
}
_COSTS = """
select billing_month, currency as billing_currency, sum(cost) as billed_cost,
from charges where cost is not null and day < $ends_on and ({which})
group by all order by all
"""


def ai_systems(window: Window) -> list[tuple[object, ...]]:
    """Return the lines of ai_systems.csv: one thing is a system's up to a day only."""
    virtual_key = VIRTUAL_KEYS[_ALIAS].hashed(window.seed)
    moved_on = window.provider_key_move_day
    return [
        (*ASSISTANT, "credential", LITELLM, virtual_key, None, None),
        (*ASSISTANT, "credential", ANTHROPIC, "apikey_support_agent", None, None),
        (*SEARCH, "sub_account", OPENAI, "proj_search", None, None),
        (*EVALUATION, "credential", OPENAI, _EVALUATION_KEY, None, moved_on),
        (*READER, "tag", None, "team=finance", None, None),
    ]


def ai_system_plants(connection: duckdb.DuckDBPyConnection, window: Window) -> list[Row]:
    """Return what each system costs in a month and currency."""
    ends_on = {EVALUATION: window.provider_key_move_day}
    return [
        {
            "kind": "ai_system",
            "ai_system_id": system[0],
            "ai_system_name": system[1],
            "team_id": system[2],
            "is_shared_by_usage": system == ASSISTANT,
            **row,
        }
        for system, which in _WHICH.items()
        for row in rows_of(
            connection,
            _COSTS.format(which=which),
            {"ends_on": ends_on.get(system, window.end)},
        )
    ]
