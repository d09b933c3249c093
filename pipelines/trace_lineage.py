"""What is behind each table, as it is declared beside it: `meta.trace` of its `.yml`.

    trace:
      fct_allocated_charges:                # the table behind: a model of any folder, or a seed
        figures: {billed_cost: billed_cost} # column of this table: what it sums there
        keys: {usage_date: charge_date}     # column of this table: what it is there
        where: charge_category = 'Usage'    # rows there, `facts` is its name
        of: spend_kind = 'billed'           # rows of this table that it is behind

A column of the grain that both have under one name need not be told; null leaves it out. A figure
may be a pair: what it is of this table, and there. A table may be behind another in several ways,
as a list. `trace_end` says what a row is that no record is behind, `trace_persons` that a table
says what persons did: behind it files and lines are told, and no record is shown. `trace_few` is
SQL for the rows of fewer persons than the smallest group: they are not walked at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PUBLISHED = ("marts", "exports")
# A row that has one of these says where it was read; a group of records where its first was.
UNIT_COLUMNS = ("load_unit_id", "first_load_unit_id")


@dataclass(frozen=True)
class Leg:
    """One table behind another: what is summed there, and which rows of it belong to a row."""

    facts: str
    figures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    keys: Mapping[str, str | None] = field(default_factory=dict)
    where: str = "true"
    of: str = "true"


@dataclass(frozen=True)
class Table:
    """A model or seed of the project, and what is behind it."""

    name: str
    relation: str
    columns: tuple[str, ...]
    grain: tuple[str, ...]
    legs: tuple[Leg, ...]
    end: str | None
    is_published: bool
    is_of_persons: bool = False
    few: str = "false"
    # Of staging: the source whose records it has. Of a seed: its file.
    source_name: str | None = None
    seed: Path | None = None

    @property
    def figures(self) -> dict[str, str]:
        """What is walked back, by name, as expressions over its rows."""
        return {name: own for leg in self.legs for name, (own, _) in leg.figures.items()}

    @property
    def is_end(self) -> bool:
        """Whether its rows lead to a record by themselves."""
        return not self.legs and (
            self.seed is not None or any(unit in self.columns for unit in UNIT_COLUMNS)
        )

    @property
    def is_traced(self) -> bool:
        """Whether it is told what is behind it."""
        return self.is_published and bool(self.legs or self.end or self.is_end)


def read_tables(manifest: Mapping[str, Any], root: Path) -> dict[str, Table]:
    """Return the project's models and seeds by name, out of dbt's manifest."""
    grains = dict(_grains(manifest["nodes"].values()))
    found = {}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] not in ("model", "seed"):
            continue
        meta, path = node["config"].get("meta", {}), Path(node["path"])
        is_seed = node["resource_type"] == "seed"
        is_staging = not is_seed and path.parts[0] == "staging"
        name, few = node["name"], meta.get("trace_few", "false")
        found[name] = Table(
            name,
            f"{node['schema']}.{node['alias']}",
            tuple(node["columns"]),
            grains.get(unique_id, ()),
            tuple(
                _leg(facts, few, **leg)
                for facts, several in meta.get("trace", {}).items()
                for leg in (several if isinstance(several, list) else [several or {}])
            ),
            meta.get("trace_end"),
            not is_seed
            and (path.parts[0] in PUBLISHED or (path.parts[0] == "core" and name[:4] == "dim_")),
            bool(meta.get("trace_persons")),
            few,
            path.parts[1] if is_staging else None,
            root / node["original_file_path"] if is_seed else None,
        )
    return found


def _leg(
    facts: str,
    few: str,
    figures: Mapping[str, str | list[str]] | None = None,
    keys: Mapping[str, str | None] | None = None,
    where: str = "true",
    of: str = "true",
) -> Leg:
    pairs = {
        name: (name, there) if isinstance(there, str) else (there[0], there[1])
        for name, there in (figures or {}).items()
    }
    walked = of if few == "false" else f"({of}) and not ({few})"
    return Leg(facts, pairs, keys or {}, where, walked)


def _grains(nodes: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the columns that `one_row_per` holds models to: of several keys the longest last."""
    found = [
        (node["attached_node"], tuple(node["test_metadata"]["kwargs"]["columns"]))
        for node in nodes
        if (node.get("test_metadata") or {}).get("name") == "one_row_per"
    ]
    yield from sorted(found, key=lambda one: len(one[1]))
