"""What the marts say of themselves: the descriptions that lie beside their SQL."""

from functools import cache
from pathlib import Path

import marimo as mo
import yaml

from notebooks.lib import parts

MARTS = Path(__file__).parents[2] / "models" / "marts"


@cache
def description(name: str) -> str:
    """Return a mart's own description in one line; empty where its file is not installed."""
    for path in MARTS.glob(f"*/{name}.yml"):
        models = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        return next(" ".join(model["description"].split()) for model in models)
    return ""


def explained(view: mo.Html, text: str, *names: str) -> mo.Html:
    """Return a view with the folded note on it."""
    return mo.vstack([view, explanation(text, *names)], gap=1)


def explanation(text: str, *names: str) -> mo.Html:
    """Return the folded note on a section: our text, then what its marts say of themselves."""
    said = [f"- `{name}`: {description(name)}".removesuffix(": ") for name in names]
    head = ["", "In the words of the marts:", ""] if said else []
    return parts.explanation("\n".join([text.strip(), *head, *said]))
