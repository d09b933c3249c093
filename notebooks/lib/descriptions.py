"""What the marts say of themselves: the description beside each model, for the folded notes."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

MODELS = Path(__file__).parents[2] / "models" / "marts"
# What a reader asks "how computed?" of: figures, and states that are decided.
FIGURES = ("_cost", "_ratio", "_status", "_quantity", "_rate")


def explained(text: str, *marts: str) -> str:
    """Return our own words on a section and, below, what its marts say of themselves; Markdown."""
    return "\n\n".join([text.strip(), *(_described(mart) for mart in marts)])


@cache
def _described(mart: str) -> str:
    """Return a mart's description and those of its figures; its name alone where it has no file."""
    model = _model(mart)
    lines = [f"**`{mart}`** {' '.join(model.get('description', '').split())}".strip()]
    for column in model.get("columns", []):
        if column["name"].endswith(FIGURES):
            lines.append(f"- `{column['name']}`: {' '.join(column['description'].split())}")
    return "\n".join([lines[0], "", *lines[1:]])


def _model(mart: str) -> dict[str, Any]:
    for path in MODELS.glob(f"*/{mart}.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            if model["name"] == mart:
                return dict(model)
    return {}
