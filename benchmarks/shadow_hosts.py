"""Hosts of AI services below what the list has, and hosts that only look like them."""

from __future__ import annotations

import csv
import random
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[1] / "seeds" / "reference"
LABELS = ("www", "app2", "ws7", "eu1", "k3x", "edge", "b.prod", "x9.eu", "tenant-42", "a.b.c")
ENDINGS = ("org", "net", "io", "shop", "co.uk", "info", "xyz", "dev", "app")
# What lies beside an AI service, on its owner's other addresses.
NEIGHBOURS = (
    "mail.google.com", "docs.google.com", "www.google.com", "storage.googleapis.com",
    "www.googleapis.com", "s3.us-east-1.amazonaws.com", "sts.eu-west-1.amazonaws.com",
    "ec2.us-west-2.amazonaws.com", "www.microsoft.com", "teams.microsoft.com", "github.com",
    "raw.githubusercontent.com", "management.azure.com", "www.bing.com", "www.adobe.com",
    "blob.core.windows.net", "developers.cloudflare.com", "www.nvidia.com", "x.com", "www.meta.com",
    "intranet.corp.example", "www.example.com", "cdn.example.net", "pypi.org", "news.example.org",
)  # fmt: skip


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a reference list."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Hosts:
    """Draws hosts; what a host is of is known by the address it was made from."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        rows = read_rows("ai_domains.csv")
        self._listed = {row["domain_suffix"]: row["ai_service_id"] for row in rows}
        self.services = sorted({one for one in self._listed.values() if one})

    def of(self, service: str) -> str:
        """Return a host of a service: an address that it has, or one below it."""
        addresses = sorted(name for name, one in self._listed.items() if one == service)
        address = self._rng.choice(addresses)
        below = f"{self._rng.choice(LABELS)}.{address}"
        is_own = not any(
            one != address and f".{below}".endswith(f".{one}") and len(one) > len(address)
            for one in self._listed
        )
        return below if is_own and self._rng.random() < 0.7 else address

    def look_alike(self) -> str:
        """Return a host of no AI service."""
        while True:
            host = self._mutated()
            if not any(
                service and f".{host}".endswith(f".{name}")
                for name, service in self._listed.items()
            ) or self._is_shared(host):
                return host

    def _is_shared(self, host: str) -> bool:
        fitting = [name for name in self._listed if f".{host}".endswith(f".{name}")]
        return bool(fitting) and not self._listed[max(fitting, key=len)]

    def _mutated(self) -> str:
        rng = self._rng
        address = rng.choice(sorted(name for name, one in self._listed.items() if one))
        first, _, rest = address.partition(".")
        shared = rng.choice(sorted(name for name, one in self._listed.items() if not one))
        return rng.choice(
            (
                f"not{address}", f"{address}.evil.example", f"{address}.corp.example",
                f"{address.replace('.', '-')}.example.com", f"my-{address}", f"{first}s.{rest}",
                f"{first}{first[-1]}.{rest}", f"{address.rpartition('.')[0]}.{rng.choice(ENDINGS)}",
                f"{first}.blog.{rest}" if rest.count(".") else f"{first}.example.{rest}",
                f"x{first}y.example.com", f"www.{first}-fans.{rest}", shared, f"eu.{shared}",
                rng.choice(NEIGHBOURS), rng.choice(NEIGHBOURS), rng.choice(NEIGHBOURS),
            )
        )  # fmt: skip
