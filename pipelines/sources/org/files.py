"""The organisation's files: which columns each has, and what makes a line unusable.

What finance keeps is in finance_files.py.
"""

from __future__ import annotations

from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_PRICE_PER_MILLION
from pipelines.sources.org.ai_systems import AI_SYSTEMS
from pipelines.sources.org.columns import IS_GATEWAY, PERIOD, SERVICE_TIERS, Column, OrgFile
from pipelines.sources.org.finance_files import FINANCE_FILES
from pipelines.sources.org.policy_files import POLICY_FILES
from pipelines.sources.org.shared_costs import SHARED_COSTS
from pipelines.sources.org.teams import TEAMS

TOKEN_CLASSES = (
    "input_uncached", "cache_read", "cache_read_audio", "cache_read_image", "cache_write_5m",
    "cache_write_1h", "input_audio", "input_image", "input_video",
    "output", "reasoning", "output_audio", "output_image", "output_video",
)  # fmt: skip
PRICE_CLASSES = (
    *TOKEN_CLASSES, "web_search", "file_search", "audio_second", "image", "character", "page",
    "citation_token",
)  # fmt: skip
OWNER_KINDS = (
    "credential", "sub_account", "user", "tag", "gateway_team", "service_provider",
    "department", "network",
)  # fmt: skip

FILES = (
    TEAMS,
    OrgFile(
        "owners",
        "owners.csv",
        (
            Column("owner_kind", is_required=True, values=OWNER_KINDS),
            Column("service_provider_name"),
            Column(
                "owner_key",
                is_required=True,
                is_hashed_where="lower(text_owner_kind) = 'user' "
                f"or (lower(text_owner_kind) = 'credential' and {IS_GATEWAY})",
            ),
            Column("team_id", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "credentials",
        "credentials.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("credential_id", is_required=True, is_hashed_where=IS_GATEWAY),
            Column("credential_name"),
            Column("route", is_required=True, values=("gateway", "direct")),
            *PERIOD,
        ),
    ),
    SHARED_COSTS,
    AI_SYSTEMS,
    OrgFile(
        "seat_prices",
        "seat_prices.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("plan_name"),
            Column("monthly_price", "number", is_required=True, largest=LARGEST_AMOUNT),
            Column("currency", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "price_overrides",
        "overrides.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("model_name", is_required=True),
            Column("token_class", is_required=True, values=PRICE_CLASSES),
            Column("service_tier", values=SERVICE_TIERS),
            Column("context_tier"),
            Column(
                "unit_price_per_million",
                "number",
                is_required=True,
                largest=LARGEST_PRICE_PER_MILLION,
            ),
            Column("currency", is_required=True),
            *PERIOD,
            Column("reason"),
            Column("source_url"),
        ),
        folder_setting="pricing_folder",
    ),
    OrgFile(
        "price_aliases",
        "aliases.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("alias", is_required=True),
            Column("stands_for", is_required=True),
            *PERIOD,
            Column("reason"),
        ),
        folder_setting="pricing_folder",
    ),
    OrgFile(
        "price_discounts",
        "discounts.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("model_name"),
            Column("token_class", values=PRICE_CLASSES),
            Column("service_tier", values=SERVICE_TIERS),
            Column("discount_percent", "number", is_required=True, largest=100),
            *PERIOD,
            Column("reason"),
            Column("source_url"),
        ),
        folder_setting="pricing_folder",
    ),
    *FINANCE_FILES,
    *POLICY_FILES,
)
