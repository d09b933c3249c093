"""What all tests share: dbt's parse of the project is made once, and not in the caller's caches."""

import os

from tests.system.world import CACHES

os.environ["XDG_CACHE_HOME"] = str(CACHES)
