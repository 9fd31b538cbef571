"""A log on one machine, as the main job asks for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from clvcli.core.options import LogOptions
from clvcli.core.progress import METER
from clvcli.engines.buyers import buyers_of
from clvcli.engines.local.customers import customers
from clvcli.engines.people import CustomerAttributes, join_attributes, read_attributes
from clvcli.lifecycle.load import Rules
from clvcli.log.purchases import Purchases
from clvcli.log.read import Log, read_log


def people(path: str | None, rules: Rules, *, group: str | None, margin: str | None) -> CustomerAttributes:
    """See read_attributes."""
    return read_attributes(path, rules, group=group, margin=margin)


def read(options: LogOptions, run_day: date, people: CustomerAttributes, needs: Sequence[str]) -> Log:
    """See read_log."""
    return read_log(options, run_day, keep=people.wanted_of_log, people=people.frame)


def everyone(log: Log, people: CustomerAttributes, needs: Sequence[str]) -> pl.DataFrame:
    """Customers with what is known of them, leads among them; see join_attributes."""
    joined, leads = join_attributes(customers(log.bought, needs), people, log.attributes, log.outside)
    if leads == 0:
        log.quality.refuse_nothing_used()
    if (meter := METER.get()) is not None:
        meter.of = f"{joined.height:,} customers"
    return joined


def first_day(log: Log, customers: pl.DataFrame) -> date | None:
    """Day of the first purchase of all."""
    day: date | None = customers["first_day"].min()  # type: ignore[assignment]
    return day


def bought(log: Log) -> int:
    """Number of purchases."""
    return log.bought.height


def few(log: Log, most: int) -> Purchases:
    """Of every k-th customer by id."""
    n = log.bought.ids.len()
    return log.bought if n <= most else Purchases.of(log.bought.some(np.arange(0, n, -(-n // most))))


def purchased(log: Log, customers: pl.DataFrame, series: Any) -> Any:
    """What a series of buyers and their purchases tells."""
    return series.finish(series.of(buyers_of(customers.select("first_day", "purchases")), log.bought.amounts))


def without_purchases(log: Log) -> Log:
    """Nothing that follows needs them, and they are a tenth of all memory."""
    return replace(log, bought=Purchases.none())
