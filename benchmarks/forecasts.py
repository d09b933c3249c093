"""`python -m benchmarks.forecasts`: the forecast's own back-test, into FORECASTS.md.

Made-up daily series (quiet weekends, growth, noise, steps, silent days) go through the models'
compiled SQL. The last 28 days are kept from it, and forecast: what the models then say of error and
interval is held against what came.
"""

from __future__ import annotations

import argparse
import random
import time
from datetime import timedelta
from pathlib import Path

import polars as pl

from benchmarks.anomalies import DAYS, FIRST, make_amounts
from benchmarks.compiled import compile_anew, create, open_warehouse
from benchmarks.results import MARKER, table

RESULTS = Path(__file__).with_name("FORECASTS.md")
MODELS = ("int_forecast_weekdays", "int_forecast_errors", "int_forecast_scores")
WINDOW = 28
WHAT_CAME = """
    with winners as (
        select * from build.intermediate.int_forecast_scores where is_winner
    ),
    said as (
        select
            future.series_id, winners.horizon_days, winners.forecast_method,
            sum(future.cost) as actual, sum(weekdays.forecast_cost) as forecast,
            any_value(winners.lower_error_cost) as lower,
            any_value(winners.upper_error_cost) as upper
        from future
        inner join winners
            on future.series_id = winners.series_id
            and future.days_ahead <= winners.horizon_days
        inner join build.intermediate.int_forecast_weekdays as weekdays
            on future.series_id = weekdays.series_id
            and winners.forecast_method = weekdays.forecast_method
            and weekdays.origin_back = 0
            and weekdays.week_place = (141 - future.days_ahead) % 7
        group by all
    )
    select
        horizon_days, count(*), sum(abs(actual - forecast)) / sum(actual),
        avg(cast(actual between forecast + lower and forecast + upper as int))
    from said
    group by all
    order by all
"""
BACK_TEST = """
    select
        horizon_days, forecast_method, sum(absolute_error_cost) / sum(actual_cost),
        avg(cast(is_winner as int)),
        sum(held_interval_count) / nullif(sum(interval_count), 0)
    from build.intermediate.int_forecast_scores
    group by all
    order by horizon_days, 3
"""


def make_frame(series: int, seed: int) -> pl.DataFrame:
    """Return daily costs, the last 28 days of each series marked as those to come."""
    rng = random.Random(seed)
    rows = []
    for number in range(series):
        one = make_amounts("cost", f"s{number}", rng, is_planted=rng.random() < 0.3)
        for day, value in enumerate(one.values):
            rows.append((one.name, FIRST + timedelta(days=day), value, DAYS - WINDOW - day))
    return pl.DataFrame(rows, schema=["series_id", "usage_date", "cost", "days_back"], orient="row")


def measure(series: int, seed: int) -> tuple[list[tuple], list[tuple], float]:
    """Return what came, the back-test, and the seconds of the models' SQL."""
    compiled = compile_anew(*MODELS)
    with open_warehouse() as connection:
        frame = make_frame(series, seed)
        connection.register("frame", frame)
        create(
            connection,
            "intermediate.int_forecast_series_days",
            "select series_id, 'account' as series_kind, 'USD' as cost_currency, "
            "cast(usage_date as date) as usage_date, cast(days_back as integer) as days_back, "
            "cast(days_back % 7 as integer) as week_place, cast(cost as decimal(38, 12)) as cost "
            "from frame where days_back > 0",
        )
        connection.execute(
            "create temp table future as select series_id, cast(cost as decimal(38, 12)) as cost, "
            "1 - days_back as days_ahead from frame where days_back <= 0"
        )
        began = time.perf_counter()
        for name in MODELS:
            create(connection, f"intermediate.{name}", compiled[name])
        seconds = time.perf_counter() - began
        return (
            connection.sql(WHAT_CAME).fetchall(),
            connection.sql(BACK_TEST).fetchall(),
            seconds,
        )


def write(came: list[tuple], tested: list[tuple], seconds: float, series: int) -> None:
    """Write both tables; keep what is written by hand below them."""
    kept = RESULTS.read_text().partition(MARKER)[2] if RESULTS.exists() else "\n"
    future = [
        [str(days), str(count), f"{error:.3f}", f"{held:.2f}"] for days, count, error, held in came
    ]
    methods = [
        [str(days), name, f"{error:.3f}", f"{won:.2f}", "" if held is None else f"{held:.2f}"]
        for days, name, error, won, held in tested
    ]
    RESULTS.write_text(
        "# Forecasts held against what came\n\n"
        f"{series} made-up series of {DAYS} days "
        f"(`benchmarks/forecasts.py`); the SQL of the three models took {seconds:.1f} s. WAPE is "
        "the sum of absolute errors of a period's total to the sum of totals; of an interval nine "
        "in ten are meant to hold.\n\n"
        "The winner per series, on the last 28 days, which it was not shown:\n\n"
        + table(["days", "series", "WAPE", "intervals that held"], future)
        + "\n\nThe back-test before them:\n\n"
        + table(["days", "method", "WAPE", "wins", "intervals that held, of winners"], methods)
        + f"\n\n{MARKER}{kept}"
    )


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    write(*measure(chosen.series, chosen.seed), chosen.series)


if __name__ == "__main__":
    main()
