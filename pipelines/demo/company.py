"""Who works at the demo company, and which steady streams of calls they make."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

OPENAI, ANTHROPIC, MICROSOFT, VENDOR = "OpenAI", "Anthropic", "Microsoft", "Nimbus Notes"
UNALLOCATED = "unallocated"
ACCOUNTS = {
    OPENAI: "org-demo",
    ANTHROPIC: "anthropic-demo",
    MICROSOFT: "azure-enrolment-demo",
    VENDOR: "nimbus-4471",
}
CURRENCIES = {OPENAI: "USD", ANTHROPIC: "USD", MICROSOFT: "EUR", VENDOR: "USD"}

# team_id, team_name, cost_center_id, parent_team_id
TEAMS = (
    ("platform", "Platform Engineering", "CC-100", ""),
    ("search", "Search", "CC-100", ""),
    ("search-ranking", "Search Ranking", "CC-100", "search"),
    ("support", "Customer Support", "CC-200", ""),
    ("finance", "Finance Operations", "CC-200", ""),
    ("marketing", "Marketing", "CC-300", ""),
    ("data-science", "Data Science", "CC-400", ""),
    ("research", "Research", "CC-400", ""),
)

MINI, MINI_4O, FULL_41, NANO = (
    "gpt-4.1-mini-2025-04-14",
    "gpt-4o-mini-2024-07-18",
    "gpt-4.1-2025-04-14",
    "gpt-4.1-nano-2025-04-14",
)
FULL_4O, GPT_5, GPT_5_MINI = "gpt-4o-2024-08-06", "gpt-5-2025-08-07", "gpt-5-mini-2025-08-07"
EMBEDDING, UNPRICED = "text-embedding-3-small", "aurora-lite-preview"
SONNET, HAIKU, OPUS = (
    "claude-sonnet-4-5-20250929",
    "claude-haiku-4-5-20251001",
    "claude-opus-4-5-20251101",
)


@dataclass(frozen=True)
class BlockedUsage:
    """Tokens of requests that the provider blocked: reported as used, and never billed."""

    credential: str
    model: str
    input_tokens: int
    output_tokens: int


# Searches of files a day in a project: counted by OpenAI's report, which names no model for them.
FILE_SEARCHES = ("proj_search", "key_search_direct", 3)
# No other usage is of this model.
BLOCKED = BlockedUsage("apikey_notebook", "claude-opus-4-1-20250805", 4321, 17)


@dataclass(frozen=True)
class VirtualKey:
    """A LiteLLM key: who really uses it, and what LiteLLM believes its team to be."""

    alias: str
    team_id: str
    litellm_team_id: str
    is_registered: bool = True
    has_cache: bool = False

    def hashed(self, seed: int) -> str:
        """Return the hash LiteLLM would log instead of the key."""
        return hashlib.sha256(f"demo-{seed}-{self.alias}".encode()).hexdigest()


VIRTUAL_KEYS = {
    key.alias: key
    for key in (
        VirtualKey("support-bot", "support", "lt-support", has_cache=True),
        VirtualKey("search-prod", "search", "lt-search"),
        VirtualKey("ranking-eval", "search-ranking", "lt-search"),
        VirtualKey("data-notebooks", "data-science", "lt-data"),
        VirtualKey("campaign-writer", "marketing", "lt-marketing"),
        VirtualKey("platform-ci", "platform", ""),
        # owned through the rule for the LiteLLM team, not through the key
        VirtualKey("finance-recon", "finance", "lt-finance", is_registered=False),
        # LiteLLM's own team id is a team of the company
        VirtualKey("research-lab", "research", "research", is_registered=False),
        # nobody knows this team
        VirtualKey("skunkworks", UNALLOCATED, "lt-skunkworks", is_registered=False),
    )
}


@dataclass(frozen=True)
class Stream:
    """A steady flow of calls of one key to one model; token figures are medians or ratios."""

    provider: str
    sub_account: str | None
    credential: str | None
    team_id: str
    model: str
    weight: float
    alias: str | None = None
    tier: str = "standard"
    users: int = 6
    prompt: int = 1200
    output: int = 250
    cached: float = 0.0
    writes_5m: float = 0.0
    writes_1h: float = 0.0
    reasoning: float = 0.0
    has_long_context: bool = False
    tag: str | None = None
    ends_at: float = 1.0


def _gateway(alias: str, model: str, weight: float, **more: float) -> Stream:
    team = VIRTUAL_KEYS[alias].team_id
    provider = ANTHROPIC if model.startswith("claude") else OPENAI
    sub_account, key = GATEWAY_KEYS[provider]
    return Stream(provider, sub_account, key, team, model, weight, alias=alias, **more)  # type: ignore[arg-type]


GATEWAY_KEYS = {
    OPENAI: ("proj_gateway", "key_gateway"),
    ANTHROPIC: ("wrkspc_gateway", "apikey_gateway"),
}
MOVED_VIRTUAL_KEY = ("campaign-writer", "marketing", "research")
MOVED_PROVIDER_KEY = ("key_shared_eval", "research", "data-science")
DELETED_KEY = "key_legacy_bot"
LEGACY_ENDS_AT = 0.6

_CACHED = {"prompt": 2600, "cached": 0.7}
_WRITES = {"prompt": 3200, "cached": 0.5, "writes_5m": 0.2, "writes_1h": 0.1}

STREAMS: tuple[Stream, ...] = (
    _gateway("support-bot", MINI, 22, users=40, **_CACHED),
    _gateway("support-bot", HAIKU, 8, users=25, **_WRITES),
    _gateway("search-prod", MINI_4O, 16, users=3, prompt=900, output=90),
    _gateway("search-prod", EMBEDDING, 9, users=3, prompt=380, output=0),
    _gateway("ranking-eval", GPT_5_MINI, 6, output=700, reasoning=0.6, **_CACHED),
    _gateway("ranking-eval", SONNET, 3, **_WRITES),
    _gateway("data-notebooks", SONNET, 5, users=14, output=600, **_WRITES),
    _gateway("data-notebooks", FULL_41, 4, users=14, **_CACHED),
    _gateway("data-notebooks", UNPRICED, 0.7, users=4),
    _gateway("campaign-writer", MINI, 5, users=9, output=500, **_CACHED),
    _gateway("campaign-writer", HAIKU, 3, users=9, output=500, **_WRITES),
    _gateway("platform-ci", NANO, 4, users=2, output=80),
    _gateway("platform-ci", UNPRICED, 0.5, users=2),
    _gateway("finance-recon", FULL_4O, 2.5, users=5, **_CACHED),
    _gateway("finance-recon", GPT_5_MINI, 2, users=5, output=900, reasoning=0.7, **_CACHED),
    _gateway("research-lab", GPT_5, 2.5, users=8, output=1500, reasoning=0.7, **_CACHED),
    _gateway("research-lab", OPUS, 1.5, users=8, output=700, **_WRITES),
    _gateway("skunkworks", MINI_4O, 1.5, users=2),
    Stream(OPENAI, "proj_search", "key_search_direct", "search", MINI_4O, 5, prompt=900),
    Stream(
        OPENAI,
        "proj_research",
        "key_research_batch",
        "research",
        FULL_41,
        4,
        tier="batch",
        users=2,
        prompt=3000,
        output=500,
    ),
    Stream(
        OPENAI,
        "proj_research",
        "key_shared_eval",
        "research",
        GPT_5_MINI,
        3,
        users=3,
        output=800,
        **_CACHED,
    ),  # type: ignore[arg-type]
    Stream(OPENAI, "proj_marketing_site", "key_site_widget", "marketing", MINI_4O, 3, users=1),
    Stream(OPENAI, "proj_sandbox", "key_sandbox", UNALLOCATED, NANO, 1.5, users=2),
    Stream(
        OPENAI, "proj_legacy", DELETED_KEY, "support", FULL_4O, 2, users=1, ends_at=LEGACY_ENDS_AT
    ),
    Stream(
        ANTHROPIC,
        "wrkspc_apps",
        "apikey_ranking",
        "search-ranking",
        SONNET,
        2.5,
        has_long_context=True,
        **_WRITES,
    ),  # type: ignore[arg-type]
    Stream(
        ANTHROPIC,
        "wrkspc_apps",
        "apikey_support_agent",
        "support",
        SONNET,
        2,
        has_long_context=True,
        **_WRITES,
    ),  # type: ignore[arg-type]
    Stream(ANTHROPIC, "wrkspc_apps", "apikey_ranking", "search-ranking", HAIKU, 1, tier="batch"),
    Stream(ANTHROPIC, "wrkspc_apps", "apikey_support_agent", "support", HAIKU, 2, tier="batch"),
    Stream(ANTHROPIC, None, "apikey_notebook", "data-science", OPUS, 1.2, **_WRITES),  # type: ignore[arg-type]
    # the Workbench has no key; it belongs to whoever owns the provider by default
    Stream(ANTHROPIC, None, None, "platform", OPUS, 0.5),
    # priority is billed elsewhere: usage without a line on this bill
    Stream(ANTHROPIC, None, "apikey_notebook", "data-science", SONNET, 0.5, tier="priority"),
    Stream(MICROSOFT, "sub-data", None, "data-science", FULL_4O, 2.5),
    Stream(MICROSOFT, "sub-support", None, "support", MINI_4O, 3.5),
    Stream(MICROSOFT, "sub-shared", None, "finance", MINI_4O, 1.5, tag="finance"),
    Stream(MICROSOFT, "sub-shared", None, "marketing", FULL_4O, 1, tag="marketing"),
    Stream(MICROSOFT, "sub-shared", None, UNALLOCATED, MINI_4O, 0.5),
)
