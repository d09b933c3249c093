"""The currency of files that do not say theirs: a setting."""

from __future__ import annotations

import re

from pipelines.config import SettingsError, SourceSettings


def currency_sql(settings: SourceSettings, code: str) -> str:
    """Return SQL of the setting `currency`, NULL where it is empty; SettingsError for no code."""
    if code and not re.fullmatch("[A-Z]{3}", code):
        raise SettingsError(
            f"{settings.environment_name('currency')} is {code!r}: give a code of ISO 4217, such "
            "as EUR."
        )
    return f"cast(nullif('{code}', '') as varchar)"
