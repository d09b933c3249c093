"""dbt-duckdb's way into a lake in a bucket: registers the file systems of the listed lake files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import fsspec
from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Lets a build read what the manifest of lake files names; a local lake needs nothing."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep where the manifest is."""
        self._manifest = Path(plugin_config["manifest"])

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register one file system for each kind of address."""
        if not self._manifest.exists():
            return
        with self._manifest.open() as lines:
            paths = (json.loads(line)["path"] for line in lines)
            protocols = {path.split("://")[0] for path in paths if "://" in path}
        for protocol in sorted(protocols):
            conn.register_filesystem(fsspec.filesystem(protocol))
