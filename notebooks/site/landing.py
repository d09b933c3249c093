"""The landing page: what apps there are, over which publication."""

import ast
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from notebooks.lib import formats, palette, publication
from notebooks.lib.formats import words

APPS = Path(__file__).parent.parent / "apps"
PAGE = Template((Path(__file__).parent / "landing.html").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class App:
    """One notebook: its address below the site, its title, and what it answers in a sentence."""

    name: str
    title: str
    summary: str
    path: Path


def find_apps(folder: Path = APPS) -> list[App]:
    """Return the apps of a folder by title, read without running them."""
    files = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    return sorted((_read_app(path) for path in files), key=lambda app: app.title)


def _read_app(path: Path) -> App:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    titles = [
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "app_title" and isinstance(keyword.value, ast.Constant)
    ]
    title = str(titles[0]) if titles else path.stem.replace("_", " ").capitalize()
    summary = (ast.get_docstring(tree) or "").partition("\n")[0]
    return App(name=path.stem, title=title, summary=summary, path=path)


def state(home: Path, *, now: datetime | None = None) -> dict[str, object]:
    """Return what is published under a home, for people and for monitors."""
    try:
        _, connection = publication.connect(publication.published_path(home))
    except publication.PublicationMissingError:
        return {"status": "nothing_published", "remedy": "Run `bursar demo` or `bursar run`."}
    with connection:
        current = publication.read_publication(connection)
    reasons = publication.stale_reasons(current, now=now or datetime.now(UTC))
    return {
        "status": "stale" if reasons else "ok",
        "reasons": reasons,
        "publication_id": current.publication_id,
        "published_at": current.published_at,
        "data_complete_to": current.data_complete_to,
        "code_version": current.code_version,
    }


def render(home: Path, apps: list[App]) -> str:
    """Return the landing page as HTML."""
    cards = "".join(
        f'<a class="app" href="{words(app.name)}/"><h2>{words(app.title)}</h2>'
        f"<p>{words(app.summary)}</p><span>Open</span></a>"
        for app in apps
    )
    return PAGE.substitute(
        colours=palette.declarations(), state=_state_line(state(home)), apps=cards
    )


def _state_line(found: dict[str, object]) -> str:
    if found["status"] == "nothing_published":
        return (
            '<p class="notice">Nothing is published yet. Run <code>bursar demo</code> for a made-up'
            " company, or <code>bursar run</code> on your own sources.</p>"
        )
    published, complete = found["published_at"], found["data_complete_to"]
    line = (
        f"<p>Published <b>{formats.moment(published)}</b>"  # type: ignore[arg-type]
        f" · data complete to <b>{formats.moment(complete)}</b></p>"  # type: ignore[arg-type]
    )
    reasons = "".join(f"<br>{words(str(reason))}" for reason in found["reasons"])  # type: ignore[attr-defined]
    return line + (f'<p class="notice">{reasons.removeprefix("<br>")}</p>' if reasons else "")
