"""The format of a home: which version of Bursar may work in it."""

from __future__ import annotations

import json

from pipelines.config import Settings, SettingsError

# Raised when lake or state change in a way that an older Bursar would misread; what brings a home
# of an older format up to date then runs where `run.py` checks it.
HOME_FORMAT = 1


def check_format(found: int, where: object) -> None:
    """Raise SettingsError for a home that a newer Bursar made."""
    if found > HOME_FORMAT:
        raise SettingsError(
            f"{where} was made by a newer Bursar (format {found}, this one knows {HOME_FORMAT}): "
            "upgrade Bursar, or give another --home."
        )


def read_format(settings: Settings) -> int:
    """Return the format of a home; a new home has this version's."""
    path = settings.home / "home.json"
    try:
        return int(json.loads(path.read_text())["home_format"])
    except FileNotFoundError:
        return HOME_FORMAT
    except (ValueError, KeyError, TypeError):
        raise SettingsError(
            f'{path} is damaged: write {{"home_format": {HOME_FORMAT}}} into it.'
        ) from None


def write_format(settings: Settings) -> None:
    """Note this version's format in a home."""
    path = settings.home / "home.json"
    if not path.exists():
        path.write_text(json.dumps({"home_format": HOME_FORMAT}) + "\n")
