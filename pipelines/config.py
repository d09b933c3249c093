"""The only reader of settings and environment.

Settings are dlt's own: `.dlt/config.toml`, `.dlt/secrets.toml`, or environment variables such as
`SOURCES__LITELLM__FILES`. The current folder's `.dlt` counts, else that of the checkout. Paths of
the whole run are `BURSAR_HOME`, `BURSAR_ORG`, `BURSAR_PRICING`, `BURSAR_POLICY` and `BURSAR_LAKE`.
A run may lay overrides on top (the demo does), which win over both.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# dlt reads these when it is imported; no record of a run leaves the machine.
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")

import dlt
from dlt.common.configuration.exceptions import ConfigFieldMissingException
from dlt.common.configuration.providers.toml import TomlProviderReadException

from pipelines.setting_values import SettingsError, as_bool, check_lake, wrong

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SETTINGS_FILES = ("config.toml", "secrets.toml")
TRACE_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def choose_settings_folder() -> None:
    """Let dlt read the checkout's `.dlt` where the current folder has none, as under cron."""
    if not any(Path(".dlt", name).is_file() for name in SETTINGS_FILES):
        # dlt's own word for the folder that holds `.dlt`; who set it keeps it.
        os.environ.setdefault("DLT_PROJECT_DIR", str(PROJECT_ROOT))


choose_settings_folder()

DEFAULT_HOME = "data"
KEPT_PUBLICATIONS = 5


def log_format() -> str:
    """Return how messages are written: text for people, json for what collects logs."""
    return _one_of("BURSAR_LOG_FORMAT", "text", "json")


def log_level() -> str:
    """Return from which level on Bursar's own modules log."""
    return _one_of("BURSAR_LOG_LEVEL", "warning", "debug", "info", "error")


def has_trace_endpoint() -> bool:
    """Tell whether somebody takes OpenTelemetry's traces; its own settings are the SDK's."""
    return any(os.environ.get(name) for name in TRACE_ENDPOINTS)


def _one_of(name: str, *choices: str) -> str:
    value = os.environ.get(name, "").lower() or choices[0]
    if value not in choices:
        raise SettingsError(f"{name} is {value!r}: give {' or '.join(choices)}.")
    return value


def _read(key: str, *, secret: bool = False) -> Any | None:
    store = dlt.secrets if secret else dlt.config
    try:
        return store.get(key)
    except (ConfigFieldMissingException, KeyError):
        return None
    except TomlProviderReadException as failure:
        raise SettingsError(_unreadable(failure)) from None


def _unreadable(failure: TomlProviderReadException) -> str:
    """Return the sentence for a settings file that is no TOML; of what it says only the place."""
    paths = [path for path in failure.full_paths if Path(path).is_file()]
    place = re.search(r"at line \d+ col \d+$", str(failure))
    return (
        f"{' or '.join(paths) or failure.file_name} is no TOML{f' {place[0]}' if place else ''}: "
        "mend it; texts stand in quotes, and a name stands in a section once."
    )


@dataclass(frozen=True)
class SourceSettings:
    """The settings of one source, overrides first, then environment, then TOML."""

    source: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    parent: str = "sources."
    """What stands before its name: nothing for a section that is no source."""

    def environment_name(self, name: str) -> str:
        """Return the environment variable that sets one of them."""
        return f"{self.parent}{self.source}.{name}".replace(".", "__").upper()

    def get(self, name: str, default: Any = None) -> Any:
        """Return one setting, or the default where nobody set it."""
        return self._value(name, default, secret=False)

    def get_secret(self, name: str) -> str | None:
        """Return one secret, or None where nobody set it."""
        return self._value(name, None, secret=True)

    def require(self, name: str) -> Any:
        """Return one setting; raise SettingsError where it is missing."""
        value = self.get(name)
        if value in (None, ""):
            raise SettingsError(
                f"{self.source} has no setting `{name}`: set {self.environment_name(name)} "
                f"or [{self.parent}{self.source}] {name} in .dlt/config.toml."
            )
        return value

    def get_list(self, name: str) -> list[str]:
        """Return a setting that is a TOML list or one text split at commas."""
        value = self.get(name)
        if value in (None, ""):
            return []
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return [str(part) for part in value]

    def get_int(self, name: str, default: int) -> int:
        """Return a whole number; raise SettingsError for anything else."""
        value = self.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise self._wrong(name, value, "a whole number") from None

    def get_bool(self, name: str, default: bool) -> bool:
        """Return a yes or no; raise SettingsError for anything else."""
        return as_bool(
            self.get(name, default), lambda value: self._wrong(name, value, "true or false")
        )

    def _wrong(self, name: str, value: Any, expected: str) -> SettingsError:
        return SettingsError(f"{self.environment_name(name)} is {value!r}: give {expected}.")

    def _value(self, name: str, default: Any, *, secret: bool) -> Any:
        key = f"{self.parent}{self.source}.{name}"
        if key in self.overrides:
            return self.overrides[key]
        value = _read(key, secret=secret)
        return default if value is None else value


@dataclass(frozen=True)
class Settings:
    """What one run is given: where it lives and what each source is told."""

    home: Path
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def source(self, name: str) -> SourceSettings:
        """Return the settings of one source."""
        shared = {
            "sources.org.folder": str(self.org_folder),
            "sources.org.pricing_folder": str(self.pricing_folder),
            "sources.org.policy_folder": str(self.policy_folder),
            "sources.ledger.folder": str(self.ledger_folder),
        }
        return SourceSettings(source=name, overrides={**shared, **self.overrides})

    def section(self, name: str) -> SourceSettings:
        """Return the settings of a section that is no source, such as `alerts`."""
        return SourceSettings(source=name, overrides=self.overrides, parent="")

    @property
    def org_folder(self) -> Path:
        """The organisation's own files."""
        return Path(self._global("org", str(PROJECT_ROOT / "seeds" / "org")))

    @property
    def pricing_folder(self) -> Path:
        """The organisation's negotiated prices."""
        return Path(self._global("pricing", str(PROJECT_ROOT / "seeds" / "pricing")))

    @property
    def policy_folder(self) -> Path:
        """What the organisation decided about AI services."""
        return Path(self._global("policy", str(PROJECT_ROOT / "seeds" / "policy")))

    @property
    def lake_url(self) -> str:
        """Folder or bucket of the lake."""
        return str(self._global("lake", str((self.home / "lake").resolve())))

    @property
    def warehouse(self) -> Path:
        """Folder of the build file and of the publications."""
        return self.home / "warehouse"

    @property
    def build_path(self) -> Path:
        """The file dbt builds in; readers never open it."""
        return self.warehouse / "build.duckdb"

    @property
    def publication_path(self) -> Path:
        """The link that readers open."""
        return self.warehouse / "bursar.duckdb"

    @property
    def ledger_folder(self) -> Path:
        """What `bursar close` wrote, a folder a closed month."""
        return self.home / "ledger"

    @property
    def packs(self) -> Path:
        """Folder of the packs that are written for people, one a month; the apps offer them."""
        return self.home / "packs"

    @property
    def demo_folder(self) -> Path:
        """Where the made-up company lives, where there is one."""
        return self.home / "demo"

    @property
    def hash_identifiers(self) -> bool:
        """Whether keys, users and e-mails are pseudonymised on loading."""
        return as_bool(
            self._global("hash_identifiers", True),
            lambda value: wrong("hash_identifiers", value, "true or false"),
        )

    @property
    def kept_publications(self) -> int:
        """How many publications stay beside the current one, for going back."""
        return self._whole_number("kept_publications", KEPT_PUBLICATIONS)

    @property
    def reporting_currency(self) -> str:
        """The currency that everything is also shown in, ISO 4217."""
        value = str(self._global("reporting_currency", "USD"))
        if not re.fullmatch("[A-Z]{3}", value):
            raise wrong("reporting_currency", value, "a code of ISO 4217, such as EUR")
        return value

    @property
    def spark_remote(self) -> str:
        """The Spark Connect server that builds with the target spark, `sc://host:port`."""
        value = self._global("spark_remote", None)
        if not value:
            raise SettingsError(
                "The target spark has no cluster: set BURSAR_SPARK_REMOTE to a Spark Connect "
                "server, such as sc://host:15002."
            )
        return str(value)

    @property
    def spark_lake(self) -> str:
        """How the Spark cluster addresses the lake; empty = as this machine does."""
        return str(self._global("spark_lake", ""))

    @property
    def spark_threads(self) -> int:
        """How many models dbt builds on Spark at a time."""
        return self._whole_number("spark_threads", 4)

    @property
    def spark_partitions(self) -> int:
        """Into how many parts Spark splits what it shuffles, at most."""
        return self._whole_number("spark_partitions", 200)

    def check(self) -> None:
        """Raise SettingsError for what is wrong before a run has done any work."""
        _ = (self.hash_identifiers, self.kept_publications, self.reporting_currency)
        for name, folder in (
            ("ORG", self.org_folder),
            ("PRICING", self.pricing_folder),
            ("POLICY", self.policy_folder),
        ):
            if not folder.is_dir():
                raise wrong(name, str(folder), "a folder")
        check_lake(self.lake_url)
        if self.home.exists() and not self.home.is_dir():
            raise SettingsError(f"The home {self.home} is a file: give a folder as --home.")

    def salt(self) -> str:
        """Return the salt of the pseudonyms: a secret, made once per home where none is set."""
        configured = self._global("salt", None, secret=True)
        if configured:
            return str(configured)
        path = self.home / "salt"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(16))
        return path.read_text().strip()

    def _whole_number(self, name: str, default: int) -> int:
        value = self._global(name, default)
        if not str(value).strip().isdecimal():
            raise wrong(name, value, "a whole number")
        return int(value)

    def _global(self, name: str, default: Any, *, secret: bool = False) -> Any:
        key = f"bursar.{name}"
        if key in self.overrides:
            return self.overrides[key]
        value = os.environ.get(f"BURSAR_{name.upper()}") or _read(key, secret=secret)
        return default if value in (None, "") else value


def load_settings(
    home: str | Path | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Return the settings of a home: the argument, else BURSAR_HOME, else `data/`."""
    chosen = Path(home or os.environ.get("BURSAR_HOME") or DEFAULT_HOME)
    return Settings(home=chosen.resolve(), overrides=dict(overrides or {}))
