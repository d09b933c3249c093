"""The colours of pages: style.css names each once, for light and for dark; read from there."""

import re
from pathlib import Path

STYLE = Path(__file__).with_name("style.css")
_COLOUR = re.compile(r"--b-([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")


def read() -> dict[str, tuple[str, str]]:
    """Return each colour's value on light and on dark pages."""
    found = _COLOUR.findall(STYLE.read_text(encoding="utf-8"))
    return {name: (light, dark) for name, light, dark in found}


def declarations() -> str:
    """Return the colours as CSS, for a page that follows its reader's system by itself."""
    lines = (f"--b-{name}: light-dark({light}, {dark});" for name, (light, dark) in read().items())
    return ":root { color-scheme: light dark; " + " ".join(lines) + " }"


LIGHT = {name: light for name, (light, _) in read().items()}
