"""`python -m tests.system.keep_home VERSION`: keeps a small home of a release for later ones.

What cannot be made again is kept (lake, format), and what that release made of it. Run it once for
a release and commit the file; `test_upgrade.py` opens every one that is there.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.system.world import END, bursar, link, query

HOMES = Path(__file__).with_name("homes")
KEPT = ("lake", "home.json", "expected.json")
COSTS = """
    select billing_month, team_id, service_provider_name, billing_currency,
        sum(billed_cost)::varchar as billed_cost, sum(request_count)::bigint as request_count,
        sum(total_tokens)::bigint as total_tokens
    from cost_per_team_month group by all order by all
"""


def costs(home: Path) -> list[dict[str, object]]:
    """Return what a home's publication says of each team's month, as JSON holds it."""
    return json.loads(json.dumps(query(link(home), COSTS), default=str))


def keep(version: str) -> Path:
    """Write the home of a release; return its path."""
    HOMES.mkdir(exist_ok=True)
    path = HOMES / f"{version}.tar.gz"
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        size = ("--days", "8", "--requests", "500", "--seed", "2", "--end", END)
        bursar("demo", *size, home=home)
        (home / "expected.json").write_text(json.dumps(costs(home)))
        with tarfile.open(path, "w:gz") as archive:
            for name in KEPT:
                archive.add(home / name, name)
    return path


if __name__ == "__main__":
    print(keep(sys.argv[1]))
