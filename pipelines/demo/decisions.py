"""What the demo company decided about AI services: its API by the gateway, and no more."""

from __future__ import annotations

from pipelines.demo.window import Window

BOARD = "AI board"
SANCTIONED = (
    "openai_api", "anthropic_api", "azure_openai", "amazon_bedrock", "vertex_ai", "gemini_api",
)  # fmt: skip


def decisions(window: Window) -> list[tuple[object, ...]]:
    """Return the lines of ai_service_decisions.csv."""
    return [
        (service, None, None, None, "sanctioned", None, None, BOARD, window.start, "by the gateway")
        for service in SANCTIONED
    ]
