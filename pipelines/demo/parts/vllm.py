"""Engines of the company's own: counters by the page, restarts, a gap, and engines nobody pays."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window, week_of

NAME = "vllm"
POOL, MACHINES, STRAY = "demo-h100", ("node-1", "node-2"), "desk-7"
MODEL = "qwen3-32b"
STEP_MINUTES, STEPS, IDLE_STEPS = 10, 18, 6
RESTART_AT, GAP_AT, GAP_STEPS = 8, 13, 3


def write(folder: Path, window: Window) -> Truths:
    """Write pages of each engine for every ten minutes of a morning; a file a machine and week."""
    folder.mkdir(parents=True)
    plants = []
    # Of the second machine nobody sees an engine; the stray one stands in no list of costs.
    for instance in (MACHINES[0], STRAY):
        chance = random.Random(f"{NAME}{window.seed}{instance}")
        engine = _Engine(chance)
        for number, day in enumerate(window.days):
            pages = engine.morning(instance, day, is_first=number == 0)
            with (folder / f"{instance}_{week_of(day)}.prom").open("a") as file:
                file.write(pages)
            counted = dict(engine.counted)
            plants.append(
                {"kind": "engine_morning", "instance": instance, "day": day.isoformat(), **counted}
            )
    return {"plants": plants}


class _Engine:
    """One process after another, each with counters from zero, and what was really counted."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.counters = Counter(prompt=7_000_000, generation=900_000, cached=100_000, requests=40)
        self.started = 1_700_000_000.25
        self.counted: Counter[str] = Counter()

    def morning(self, instance: str, day: date, *, is_first: bool) -> str:
        """Return the pages of one morning: idle, busy, a restart, a gap, busy again."""
        self.counted = Counter(prompt=0, generation=0, cached=0, requests=0, restarts=0)
        self.counted["earlier"] = (
            self.counters["prompt"] + self.counters["generation"] if is_first else 0
        )
        pages, begin = [], datetime.combine(day, time(6), tzinfo=UTC)
        for step in range(STEPS):
            moment = begin + timedelta(minutes=STEP_MINUTES * step)
            if step == RESTART_AT:
                self.counters.clear()
                self.started = moment.timestamp() - 60
                self.counted["restarts"] += 1
            if step >= IDLE_STEPS:
                self._serve(large=step == RESTART_AT)
            if not GAP_AT <= step < GAP_AT + GAP_STEPS:
                pages.append(self._page(instance, moment))
        return "".join(pages)

    def _serve(self, *, large: bool) -> None:
        # After a restart more than ever before: only the start of the process tells of it.
        factor = 1000 if large else 1
        prompt = self.chance.randint(9_000, 60_000) * factor
        served = {
            "prompt": prompt,
            "generation": self.chance.randint(500, 9_000) * factor,
            "cached": prompt // 3,
            "requests": self.chance.randint(1, 30),
        }
        self.counters.update(served)
        self.counted.update(served)

    def _page(self, instance: str, moment: datetime) -> str:
        labels = f'engine="0",model_name="/models/{MODEL.upper()}"'
        own = self.counters
        return (
            f"# scraped_at {moment:%Y-%m-%dT%H:%M:%SZ} instance={instance}:8000 pool={POOL}\n"
            "# TYPE vllm:prompt_tokens_total counter\n"
            f"vllm:prompt_tokens_total{{{labels}}} {float(own['prompt']):.12e}\n"
            f"vllm:generation_tokens_total{{{labels}}} {float(own['generation'])}\n"
            f"vllm:prefix_cache_hits_total{{{labels}}} {float(own['cached'])}\n"
            f'vllm:request_success_total{{{labels},finished_reason="stop"}} {own["requests"]}.0\n'
            f'vllm:time_to_first_token_seconds_bucket{{{labels},le="+Inf"}} {own["requests"]}.0\n'
            f"process_start_time_seconds {self.started!r}\n"
        )


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.vllm.files": str(folder / "*.prom")}
