"""The settings of a home that holds the demo company: its files, and a server for its APIs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipelines.config import Settings, SettingsError
from pipelines.demo.parts import parts
from pipelines.demo.server import ProviderServer

MARKER = "truths.json"


@contextmanager
def demo_settings(settings: Settings) -> Iterator[Settings]:
    """Yield settings that load the demo company where the home holds one, else those given."""
    folder = settings.demo_folder
    if not (folder / MARKER).exists():
        yield settings
        return
    truths = json.loads((folder / MARKER).read_text())
    start, accounts = truths["window"]["start"], truths["settings"]
    with ProviderServer(folder) as server:
        overrides = {
            "bursar.org": str(folder / "org"),
            "bursar.pricing": str(folder / "pricing"),
            "bursar.policy": str(folder / "policy"),
            "sources.litellm.files": str(folder / "litellm" / "*.jsonl.gz"),
            "sources.litellm.database_url": None,
            "sources.focus.files": str(folder / "focus" / "*.csv"),
            "sources.openai.base_url": server.openai_url,
            "sources.openai.admin_key": "sk-admin-demo",
            "sources.openai.start_date": start,
            "sources.openai.organization_id": accounts["openai"]["organization_id"],
            "sources.anthropic.base_url": server.anthropic_url,
            "sources.anthropic.admin_key": "sk-ant-admin-demo",
            "sources.anthropic.start_date": start,
            "sources.anthropic.organization_id": accounts["anthropic"]["organization_id"],
        }
        for part in parts():
            if (folder / part.NAME).exists():
                overrides |= part.overrides(folder / part.NAME, server.address_of(part.NAME))
        yield replace(settings, overrides={**overrides, **settings.overrides})


def check_home_is_free(settings: Settings) -> None:
    """Raise SettingsError where a home already holds an organisation's own records."""
    holds_records = (settings.home / "lake").exists()
    if holds_records and not (settings.demo_folder / MARKER).exists():
        raise SettingsError(
            f"{settings.home} holds your own records: give the demo a home of its own with --home."
        )
