"""Logs for the tests of the backtest: CDNOW as purchases, and a shop whose months differ by a known factor."""

from datetime import date, timedelta
from functools import cache
from importlib import resources

import numpy as np
import polars as pl

MONTHS = (0.6, 0.7, 0.8, 0.9, 1.0, 1.0, 0.9, 0.8, 1.0, 1.1, 1.4, 1.8)
"""Mean 1."""


@cache
def cdnow_purchases(name: str = "CDNOW_sample.txt") -> pl.DataFrame:
    """customer_id, day, amount in minor units; one row per customer and day."""
    text = resources.files("lifetimes").joinpath("datasets", name).read_text()
    rows = [line.split() for line in text.splitlines()]
    good = [(r[-4], r[-3], round(float(r[-1]) * 100)) for r in rows if len(r) >= 4 and r[-4].isdigit()]
    frame = pl.DataFrame(good, schema=["customer_id", "day", "amount"], orient="row")
    dated = frame.with_columns(pl.col("day").str.to_date("%Y%m%d"))
    return dated.group_by("customer_id", "day").agg(pl.col("amount").sum()).sort("customer_id", "day")


@cache
def seasonal_purchases(customers: int = 1500, years: int = 4, start: date = date(2020, 1, 1)) -> pl.DataFrame:
    """Nobody leaves; rates are Gamma(2, 40 days) times the month's factor; first purchases fall in the first year."""
    rng = np.random.default_rng(7)
    days = years * 365
    month = np.array([(start + timedelta(days=int(d))).month - 1 for d in range(days)])
    factor = np.array(MONTHS)[month]
    rates = rng.gamma(2.0, 1 / 40, customers)
    first = rng.integers(0, 365, customers)
    bought = rng.random((customers, days)) < -np.expm1(-rates[:, None] * factor[None, :])
    bought &= np.arange(days)[None, :] > first[:, None]
    bought[np.arange(customers), first] = True
    who, when = np.nonzero(bought)
    amount = np.round(rng.gamma(4.0, 500.0, who.size)).astype(np.int64) + 1
    ids = np.char.add("c", np.char.zfill(who.astype(str), 5))
    frame = pl.DataFrame({"customer_id": ids, "offset": when, "amount": amount})
    dated = frame.with_columns(day=pl.lit(start) + pl.duration(days=pl.col("offset")))
    return dated.select("customer_id", pl.col("day").cast(pl.Date), "amount").sort("customer_id", "day")
